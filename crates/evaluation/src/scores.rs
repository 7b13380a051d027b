//! Error rates of scores.

use serde::{Deserialize, Serialize};

use crate::interval::wilson;
use crate::normal::quantile;
use crate::{Error, Interval, Outcome};

/// Scores in ascending order, and how many pairs got none.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    genuine: Vec<f64>,
    impostor: Vec<f64>,
    genuine_failed: usize,
    impostor_failed: usize,
}

/// The error rates at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// A pair matches where its score is at least this.
    pub threshold: f64,
    /// False match rate: impostor pairs that match, of those with a score.
    pub fmr: f64,
    /// False non-match rate: genuine pairs that do not match, of those with a score.
    pub fnmr: f64,
}

/// The error rates at the lowest threshold that keeps a false match rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OperatingPoint {
    /// The false match rate that was asked for.
    pub fmr: f64,
    /// The threshold. This and what follows is `None` where the rate cannot be measured: it would allow less than one
    /// false match among the impostor pairs there are.
    pub threshold: Option<f64>,
    /// False matches at the threshold.
    pub false_matches: Option<usize>,
    /// False non-match rate at the threshold.
    pub fnmr: Option<f64>,
    /// Its confidence interval, for independent pairs.
    pub fnmr_interval: Option<Interval>,
    /// False reject rate: as FNMR, with genuine pairs without a score counted as rejected.
    pub frr: Option<f64>,
    /// Whether at least 30 false matches stand behind the threshold (the "rule of 30", ISO/IEC 19795-1: then the rate
    /// is within 30 % of the true one, 9 times of 10).
    pub reliable: bool,
}

/// Where both error rates are equal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EqualError {
    /// The rate.
    pub rate: f64,
    /// The threshold.
    pub threshold: f64,
}

/// Errors that make a rate reliable: the rule of 30.
pub(crate) const RELIABLE_ERRORS: usize = 30;

impl Scores {
    /// Sorts outcomes into genuine and impostor scores.
    pub fn new<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Result<Self, Error> {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        let (mut genuine_failed, mut impostor_failed) = (0, 0);
        for outcome in outcomes {
            match (outcome.same, outcome.score) {
                (_, Some(score)) if score.is_nan() => return Err(Error::NotANumber),
                (true, Some(score)) => genuine.push(score),
                (false, Some(score)) => impostor.push(score),
                (true, None) => genuine_failed += 1,
                (false, None) => impostor_failed += 1,
            }
        }
        if genuine.is_empty() || impostor.is_empty() {
            return Err(Error::TooFewPairs {
                genuine: genuine.len(),
                impostor: impostor.len(),
            });
        }
        genuine.sort_by(f64::total_cmp);
        impostor.sort_by(f64::total_cmp);
        Ok(Self {
            genuine,
            impostor,
            genuine_failed,
            impostor_failed,
        })
    }

    /// Genuine scores, ascending.
    #[must_use]
    pub fn genuine(&self) -> &[f64] {
        &self.genuine
    }

    /// Impostor scores, ascending.
    #[must_use]
    pub fn impostor(&self) -> &[f64] {
        &self.impostor
    }

    /// Genuine pairs without a score.
    #[must_use]
    pub const fn genuine_failed(&self) -> usize {
        self.genuine_failed
    }

    /// Impostor pairs without a score.
    #[must_use]
    pub const fn impostor_failed(&self) -> usize {
        self.impostor_failed
    }

    /// Both error rates at `threshold`.
    #[must_use]
    pub fn at(&self, threshold: f64) -> Point {
        Point {
            threshold,
            fmr: self.false_matches(threshold) as f64 / self.impostor.len() as f64,
            fnmr: self.false_non_matches(threshold) as f64 / self.genuine.len() as f64,
        }
    }

    /// False reject rate at `threshold`: genuine pairs that do not match or have no score, of all genuine pairs.
    #[must_use]
    pub fn frr(&self, threshold: f64) -> f64 {
        let rejected = self.false_non_matches(threshold) + self.genuine_failed;
        rejected as f64 / (self.genuine.len() + self.genuine_failed) as f64
    }

    /// False accept rate at `threshold`: impostor pairs that match, of all impostor pairs, also those without a score.
    #[must_use]
    pub fn far(&self, threshold: f64) -> f64 {
        self.false_matches(threshold) as f64 / (self.impostor.len() + self.impostor_failed) as f64
    }

    fn false_matches(&self, threshold: f64) -> usize {
        self.impostor.len() - self.impostor.partition_point(|score| *score < threshold)
    }

    fn false_non_matches(&self, threshold: f64) -> usize {
        self.genuine.partition_point(|score| *score < threshold)
    }

    /// The lowest threshold with a false match rate of at most `fmr`, and what it costs. Between two scores it lies in
    /// the middle, so that rounding it changes no decision.
    #[must_use]
    pub fn at_fmr(&self, fmr: f64) -> OperatingPoint {
        /// So that 0.1 · 30 allows three and not two.
        const ROUNDING: f64 = 1e-9;
        let allowed = (fmr * self.impostor.len() as f64 + ROUNDING) as usize;
        if allowed == 0 {
            return OperatingPoint {
                fmr,
                threshold: None,
                false_matches: None,
                fnmr: None,
                fnmr_interval: None,
                frr: None,
                reliable: false,
            };
        }
        let threshold = match self.impostor.len().checked_sub(allowed + 1) {
            Some(highest_refused) => self.just_above(self.impostor[highest_refused]),
            None => self.impostor[0].min(self.genuine[0]),
        };
        let (false_matches, misses) = (self.false_matches(threshold), self.false_non_matches(threshold));
        OperatingPoint {
            fmr,
            threshold: Some(threshold),
            false_matches: Some(false_matches),
            fnmr: Some(misses as f64 / self.genuine.len() as f64),
            fnmr_interval: Some(wilson(misses, self.genuine.len())),
            frr: Some(self.frr(threshold)),
            reliable: false_matches >= RELIABLE_ERRORS,
        }
    }

    /// A threshold above `score` and not above the next score.
    fn just_above(&self, score: f64) -> f64 {
        let next = |scores: &[f64]| scores.get(scores.partition_point(|s| *s <= score)).copied();
        match [next(&self.genuine), next(&self.impostor)]
            .into_iter()
            .flatten()
            .reduce(f64::min)
        {
            Some(next) => {
                let middle = f64::midpoint(score, next);
                if middle > score { middle } else { next }
            }
            None => score.next_up(),
        }
    }

    /// The error rates above the highest score and at every score, by falling threshold: FMR rises from 0 to 1, FNMR
    /// falls from 1 to 0. As many points as different scores: millions, where millions of pairs were compared.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        // How many scores are below the threshold.
        let (mut genuine, mut impostor) = (self.genuine.len(), self.impostor.len());
        let highest = self.genuine[genuine - 1].max(self.impostor[impostor - 1]);
        let first = Point {
            threshold: highest.next_up(),
            fmr: 0.0,
            fnmr: 1.0,
        };
        let rest = std::iter::from_fn(move || {
            let last = |scores: &[f64]| scores.last().copied();
            let threshold = [last(&self.genuine[..genuine]), last(&self.impostor[..impostor])]
                .into_iter()
                .flatten()
                .reduce(f64::max)?;
            while genuine > 0 && self.genuine[genuine - 1] >= threshold {
                genuine -= 1;
            }
            while impostor > 0 && self.impostor[impostor - 1] >= threshold {
                impostor -= 1;
            }
            let matched = self.impostor.len() - impostor;
            Some(Point {
                threshold,
                fmr: matched as f64 / self.impostor.len() as f64,
                fnmr: genuine as f64 / self.genuine.len() as f64,
            })
        });
        std::iter::once(first).chain(rest)
    }

    /// [`Scores::points`] without those that a plot cannot show: each is at least `step` normal deviates from the one
    /// before on a DET curve. The first and the last stay.
    #[must_use]
    pub fn thinned_points(&self, step: f64) -> Vec<Point> {
        let mut kept: Vec<Point> = Vec::new();
        let mut at = (f64::NAN, f64::NAN);
        let mut left_out = None;
        for point in self.points() {
            let here = (self.deviate(point.fmr), self.deviate(point.fnmr));
            if (here.0 - at.0).abs() < step && (here.1 - at.1).abs() < step {
                left_out = Some(point);
            } else {
                kept.push(point);
                (at, left_out) = (here, None);
            }
        }
        kept.extend(left_out);
        kept
    }

    /// Normal deviate of a rate, finite: 0 and 1 stand for less than half an error among these pairs.
    fn deviate(&self, rate: f64) -> f64 {
        let floor = 0.5 / self.genuine.len().max(self.impostor.len()) as f64;
        quantile(rate.clamp(floor, 1.0 - floor))
    }

    /// Where the ROC curve, its points joined by straight lines, has FMR = FNMR.
    #[must_use]
    pub fn equal_error(&self) -> EqualError {
        let mut a = Point {
            threshold: f64::NAN,
            fmr: 0.0,
            fnmr: 1.0,
        };
        let mut b = a;
        // FMR − FNMR rises from −1 to 1.
        for point in self.points() {
            (a, b) = (b, point);
            if b.fmr >= b.fnmr {
                break;
            }
        }
        let (before, after) = (a.fnmr - a.fmr, b.fmr - b.fnmr);
        let share = before / (before + after);
        let between = |from: f64, to: f64| from + share * (to - from);
        EqualError {
            rate: between(a.fmr, b.fmr),
            threshold: between(a.threshold, b.threshold),
        }
    }
}
