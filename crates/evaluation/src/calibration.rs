//! From a score to the false match rate it stands for.
//!
//! The curve log₁₀ FMR over score is fitted to impostor scores in two parts:
//!
//! 1. **Counted.** At every quarter decade (10⁰, 10^−0.25, 10^−0.5 …) the score that this share of impostor pairs reaches, as long
//!    as at least 30 pairs reach it: by the rule of 30 (ISO/IEC 19795-1) the rate is then within 30 % of the true one, 9
//!    times of 10, where pairs are independent.
//! 2. **Extrapolated.** Beyond that, excesses over a high threshold follow a generalised Pareto distribution (Pickands, *Annals
//!    of Statistics* 3, 1975). Its shape is set to 0, the exponential distribution, so that log FMR goes on as a straight line; its scale is the
//!    maximum-likelihood one, the mean excess of the highest scores. Straight is what large sets show: on the 29.6 million impostor
//!    pairs of LFW the cosine of the standard pack's model rises by 0.083, 0.070, 0.061 and 0.090 from each rate 10⁻²…10⁻⁶ to
//!    the next. Rates below [`Curve::counted_to`] are an estimate all the same, not a measurement.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Impostor pairs that must reach a score for its rate to count: the rule of 30.
const COUNTED_AT_LEAST: usize = 30;

/// Anchors per factor of ten: enough that straight lines between them differ from the counted curve by less than the
/// uncertainty of the counts.
const ANCHORS_PER_DECADE: i32 = 4;

/// Highest scores whose mean excess gives the slope of the tail: one in a hundred, within these limits. 30 leave 18 % of
/// uncertainty in the slope (1/√n), 300 leave 6 %, and more would reach into the body of the distribution.
const TAIL_SHARE: usize = 100;
const TAIL_AT_LEAST: usize = 30;
const TAIL_AT_MOST: usize = 300;

/// The rarest rate that the curve speaks of: the end of the similarity scale.
const RAREST_LOG10: f64 = -12.0;

/// The score of two identical templates.
const HIGHEST_SCORE: f64 = 1.0;

/// The score of opposite templates.
const LOWEST_SCORE: f64 = -1.0;

/// The last decade of a manifest.
const MANIFEST_DECADES: i32 = 6;

/// A false match rate for every score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// `[score, log10 FMR]`: scores rise, rates fall, both strictly. Between anchors the curve is straight.
    pub anchors: Vec<[f64; 2]>,
    /// log10 of the lowest rate that was counted; what is below is extrapolated.
    pub counted_to: f64,
    /// Impostor pairs it was fitted to.
    pub impostor_pairs: usize,
}

/// How many of the highest scores are taken for the tail.
#[must_use]
pub fn tail_size(impostor_pairs: usize) -> usize {
    (impostor_pairs / TAIL_SHARE).clamp(TAIL_AT_LEAST, TAIL_AT_MOST)
}

/// How often a search among `enrolled` strangers gives at least one of them, if each comparison matches falsely at a rate of
/// 10^`log10_fmr`, independently: 1 − (1 − FMR)^N. It assumes that all comparisons are alike: where people who look alike are
/// enrolled (a region, a family), the true rate is higher.
#[must_use]
pub fn false_alarm_rate(log10_fmr: f64, enrolled: f64) -> f64 {
    -(enrolled * (-10f64.powf(log10_fmr)).ln_1p()).exp_m1()
}

/// Fits the curve to impostor scores in any order, at least 60 of them.
pub fn fit(impostor: &[f64]) -> Result<Curve, Error> {
    if impostor.iter().any(|score| score.is_nan()) {
        return Err(Error::NotANumber);
    }
    let n = impostor.len();
    if n < 2 * COUNTED_AT_LEAST {
        return Err(Error::TooFewPairs {
            genuine: 0,
            impostor: n,
        });
    }
    let mut falling = impostor.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));

    let mut curve = Curve {
        anchors: Vec::new(),
        counted_to: 0.0,
        impostor_pairs: n,
    };
    curve.push(falling[n - 1], 0.0);
    for quarter in 1.. {
        let share = 10f64.powf(-f64::from(quarter) / f64::from(ANCHORS_PER_DECADE));
        let reached_by = (share * n as f64).round() as usize;
        if reached_by < COUNTED_AT_LEAST {
            break;
        }
        curve.push_counted(&falling, reached_by);
    }
    curve.push_counted(&falling, COUNTED_AT_LEAST);
    if let Some([_, log10]) = curve.anchors.last() {
        curve.counted_to = *log10;
    }
    curve.extrapolate(&falling);
    Ok(curve)
}

impl Curve {
    /// log10 of the false match rate at `score`; at scores beyond the anchors that of the nearest anchor.
    #[must_use]
    pub fn log10_fmr(&self, score: f64) -> f64 {
        let upper = self.anchors.partition_point(|anchor| anchor[0] < score);
        let Some(&[x1, y1]) = self.anchors.get(upper) else {
            return self.anchors.last().map_or(0.0, |anchor| anchor[1]);
        };
        match upper.checked_sub(1).map(|lower| self.anchors[lower]) {
            Some([x0, y0]) => y0 + (y1 - y0) * (score - x0) / (x1 - x0),
            None => y1,
        }
    }

    /// The score that stands for a rate; beyond the anchors that of the nearest.
    #[must_use]
    pub fn score_at(&self, log10_fmr: f64) -> f64 {
        let upper = self.anchors.partition_point(|anchor| anchor[1] > log10_fmr);
        let Some(&[x1, y1]) = self.anchors.get(upper) else {
            return self.anchors.last().map_or(HIGHEST_SCORE, |anchor| anchor[0]);
        };
        match upper.checked_sub(1).map(|lower| self.anchors[lower]) {
            Some([x0, y0]) => x0 + (x1 - x0) * (log10_fmr - y0) / (y1 - y0),
            None => x1,
        }
    }

    /// The curve for a pack's manifest: what was counted, then each whole decade down to 10⁻⁶, the rarest rate that a
    /// similarity below "the same picture" stands for. Scores are rounded to four digits, logarithms to two.
    #[must_use]
    pub fn manifest(&self) -> Vec<[f64; 2]> {
        let counted = self
            .anchors
            .iter()
            .copied()
            .filter(|anchor| anchor[1] >= self.counted_to);
        let first_decade = (-self.counted_to).floor() as i32 + 1;
        let extrapolated = (first_decade..=MANIFEST_DECADES).map(|decade| {
            let log10 = -f64::from(decade);
            [self.score_at(log10), log10]
        });
        let mut manifest: Vec<[f64; 2]> = Vec::new();
        for [score, log10] in counted.chain(extrapolated) {
            let anchor = [(score * 1e4).round() / 1e4, (log10 * 1e2).round() / 1e2];
            let rises = manifest
                .last()
                .is_none_or(|last| anchor[0] > last[0] && anchor[1] < last[1]);
            if rises && anchor[0] < HIGHEST_SCORE && anchor[0] >= LOWEST_SCORE {
                manifest.push(anchor);
            }
        }
        manifest
    }

    /// The score of the `reached_by`-th best impostor pair, with the share of pairs that do reach it: more, where
    /// scores are equal.
    fn push_counted(&mut self, falling: &[f64], reached_by: usize) {
        let score = falling[reached_by - 1];
        let reached_by = falling.partition_point(|other| *other >= score);
        self.push(score, (reached_by as f64 / falling.len() as f64).log10());
    }

    /// Adds an anchor if it continues the curve strictly.
    fn push(&mut self, score: f64, log10_fmr: f64) {
        if self
            .anchors
            .last()
            .is_none_or(|last| score > last[0] && log10_fmr < last[1])
        {
            self.anchors.push([score, log10_fmr]);
        }
    }

    fn extrapolate(&mut self, falling: &[f64]) {
        let Some(&[from, log10]) = self.anchors.last() else {
            return;
        };
        let tail = tail_size(falling.len());
        let threshold = falling[tail];
        let mean_excess = falling[..tail].iter().map(|score| score - threshold).sum::<f64>() / tail as f64;
        // FMR ∝ exp(−score / mean excess)
        let slope = -1.0 / (mean_excess * std::f64::consts::LN_10);
        let at_rarest = from + (RAREST_LOG10 - log10) / slope;
        if at_rarest <= HIGHEST_SCORE {
            self.push(at_rarest, RAREST_LOG10);
        } else if from < HIGHEST_SCORE {
            self.push(HIGHEST_SCORE, log10 + slope * (HIGHEST_SCORE - from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_exponential_distribution_gives_its_own_line() {
        // Scores whose rate falls by ten every 0.1, at their exact quantiles.
        let n = 100_000;
        let scores: Vec<f64> = (0..n)
            .map(|i| -0.1 * ((f64::from(i) + 0.5) / f64::from(n)).log10())
            .collect();
        let curve = fit(&scores).unwrap();
        for (score, log10) in [(0.05, -0.5), (0.1, -1.0), (0.3, -3.0), (0.6, -6.0), (0.9, -9.0)] {
            assert!(
                (curve.log10_fmr(score) - log10).abs() < 0.02 * -log10,
                "{score}: {}",
                curve.log10_fmr(score)
            );
        }
        assert!((curve.counted_to - (30.0f64 / f64::from(n)).log10()).abs() < 1e-9);
        assert!((curve.log10_fmr(-1.0)).abs() < 1e-12);
    }

    #[test]
    fn false_alarms_grow_with_the_gallery() {
        assert!((false_alarm_rate(-6.0, 1.0) - 1e-6).abs() < 1e-15);
        assert!((false_alarm_rate(-6.0, 1e6) - (1.0 - (-1f64).exp())).abs() < 1e-6);
        assert!(
            (false_alarm_rate(-12.0, 1e7) - 1e-5).abs() < 1e-9,
            "no digits are lost"
        );
        assert!((false_alarm_rate(0.0, 10.0) - 1.0).abs() < 1e-12);
    }

    /// What a curve says of rates that its own scores are too few to show, against the distribution they come from.
    #[test]
    fn held_out_rates_are_foretold_within_the_uncertainty_of_the_slope() {
        let mut state = 7;
        let mut draw = || {
            let bits = crate::people::next(&mut state) >> 11;
            -0.03 * ((bits as f64 + 0.5) / (1u64 << 53) as f64).ln()
        };
        let mut worst = 0.0f64;
        for _ in 0..20 {
            let scores: Vec<f64> = (0..20_000).map(|_| draw()).collect();
            let curve = fit(&scores).unwrap();
            // The truth is log10 FMR = −score / (0.03 ln 10).
            let score = 0.03 * 6.0 * std::f64::consts::LN_10;
            worst = worst.max((curve.log10_fmr(score) + 6.0).abs());
            assert!(curve.counted_to > -3.2, "10^-6 is extrapolated");
        }
        // 200 scores leave 1/√200 = 7 % in the slope over three decades, plus 18 % (0.08 decades) where it begins:
        // 0.23 decades of standard deviation; the worst of 20 is within three of them.
        assert!(worst > 0.05 && worst < 0.7, "{worst}");
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        assert!(matches!(
            fit(&[0.1; 59]),
            Err(Error::TooFewPairs { impostor: 59, .. })
        ));
        assert_eq!(fit(&[f64::NAN; 100]), Err(Error::NotANumber));
        // Equal scores have no tail; the curve is one point and says nothing.
        assert_eq!(fit(&[0.1; 100]).unwrap().anchors, [[0.1, 0.0]]);
    }

    proptest! {
        #[test]
        fn the_curve_is_strictly_monotone(
            scores in prop::collection::vec(prop_oneof![-1.0f64..1.0, Just(0.25), Just(1.0)], 60..2000),
        ) {
            let curve = fit(&scores).unwrap();
            for pair in curve.anchors.windows(2) {
                prop_assert!(pair[0][0] < pair[1][0] && pair[0][1] > pair[1][1]);
            }
            for anchor in &curve.anchors {
                prop_assert!(anchor[0].is_finite() && anchor[1] <= 0.0 && anchor[1] >= RAREST_LOG10);
                prop_assert!((curve.log10_fmr(anchor[0]) - anchor[1]).abs() < 1e-9);
                prop_assert!((curve.score_at(anchor[1]) - anchor[0]).abs() < 1e-9);
            }
            for pair in curve.manifest().windows(2) {
                prop_assert!(pair[0][0] < pair[1][0] && pair[0][1] > pair[1][1] && pair[1][1] >= -6.0);
            }
            // Where it counts, it tells the share of scores at or above the anchor.
            for anchor in curve.anchors.iter().filter(|anchor| anchor[1] >= curve.counted_to) {
                let share = scores.iter().filter(|s| **s >= anchor[0]).count() as f64 / scores.len() as f64;
                prop_assert!((share.log10() - anchor[1]).abs() < 1e-9);
            }
        }
    }
}
