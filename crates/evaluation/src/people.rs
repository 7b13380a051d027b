//! Rates with the people behind them.
//!
//! Photos of one person are alike, so a hundred comparisons of ten photos say less than a hundred of as many people. An
//! interval that takes comparisons for independent is too narrow then. Here whole people are drawn, with replacement, as
//! ISO/IEC 19795-1 has it and Bolle, Ratha and Pankanti (*Error analysis of pattern recognition systems: the subsets
//! bootstrap*, CVIU 93, 2004) show: a genuine comparison counts as often as its person was drawn, an impostor comparison
//! as often as one person times as often as the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Interval};

/// How often people are drawn: the ends of a 95 % interval rest on 25 draws each.
const DRAWS: usize = 1_000;

/// Where the drawing starts; any number, always the same, so that a measurement can be repeated to the digit.
pub(crate) const SEED: u64 = 19_795;

/// How often each person was drawn, for every draw.
pub struct Draws(Vec<Vec<u32>>);

impl Draws {
    /// Draws `people` of `people`, a thousand times.
    #[must_use]
    pub fn new(people: usize) -> Self {
        let mut state = SEED;
        let draw = |_| {
            let mut counts = vec![0; people];
            for _ in 0..people {
                counts[(next(&mut state) % people as u64) as usize] += 1;
            }
            counts
        };
        Self((0..DRAWS).map(draw).collect())
    }

    /// Everybody, once: what was measured, without drawing.
    #[must_use]
    pub fn everybody(&self) -> Vec<u32> {
        vec![1; self.0.first().map_or(0, Vec::len)]
    }

    /// The interval between the 2.5 % and the 97.5 % quantile of what `statistic` says of each draw; draws of which it
    /// says nothing do not count. `None` where it says something of fewer than half of them.
    pub fn interval(&self, statistic: impl FnMut(&[u32]) -> Option<f64>) -> Option<Interval> {
        let mut values: Vec<f64> = self.0.iter().map(Vec::as_slice).filter_map(statistic).collect();
        values.sort_by(f64::total_cmp);
        if values.len() < DRAWS / 2 {
            return None;
        }
        let at = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
        Some(Interval {
            low: at(0.025),
            high: at(0.975),
        })
    }
}

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One score, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Who is on the probe, counted from 0.
    pub probe: usize,
    /// Whom it is compared with.
    pub reference: usize,
    /// How alike the two are.
    pub score: f64,
}

/// Scores by person.
pub struct Scores {
    /// Ascending.
    genuine: Vec<Comparison>,
    /// Descending.
    impostor: Vec<Comparison>,
    /// How many impostor comparisons two people have.
    impostor_pairs: Vec<((usize, usize), u32)>,
}

impl Scores {
    /// Sorts comparisons by kind and score.
    pub fn new(comparisons: impl IntoIterator<Item = Comparison>) -> Result<Self, Error> {
        let (mut genuine, mut impostor): (Vec<_>, Vec<_>) =
            comparisons.into_iter().partition(|c| c.probe == c.reference);
        if genuine.is_empty() || impostor.is_empty() {
            return Err(Error::TooFewPairs {
                genuine: genuine.len(),
                impostor: impostor.len(),
            });
        }
        if genuine.iter().chain(&impostor).any(|c| c.score.is_nan()) {
            return Err(Error::NotANumber);
        }
        genuine.sort_by(|a, b| a.score.total_cmp(&b.score));
        impostor.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut impostor_pairs = BTreeMap::new();
        for c in &impostor {
            *impostor_pairs.entry((c.probe, c.reference)).or_insert(0) += 1;
        }
        Ok(Self {
            genuine,
            impostor,
            impostor_pairs: impostor_pairs.into_iter().collect(),
        })
    }

    /// Genuine comparisons.
    #[must_use]
    pub fn genuine(&self) -> usize {
        self.genuine.len()
    }

    /// Impostor comparisons.
    #[must_use]
    pub fn impostor(&self) -> usize {
        self.impostor.len()
    }

    /// FNMR at the lowest threshold with a false match rate of at most `fmr`, where each person counts as often as
    /// `drawn` says. `None` where less than one false match would be allowed, or nobody has a genuine comparison.
    #[must_use]
    pub fn fnmr_at_fmr(&self, fmr: f64, drawn: &[u32]) -> Option<f64> {
        self.threshold_at_fmr(fmr, drawn)
            .and_then(|threshold| self.fnmr(threshold, drawn))
    }

    /// That threshold.
    #[must_use]
    pub fn threshold_at_fmr(&self, fmr: f64, drawn: &[u32]) -> Option<f64> {
        /// So that 0.1 · 30 allows three and not two.
        const ROUNDING: f64 = 1e-9;
        let allowed = fmr * self.impostor_weight(drawn) + ROUNDING;
        if allowed < 1.0 {
            return None;
        }
        let mut matched = 0.0;
        let refused = self.impostor.iter().find(|c| {
            matched += f64::from(drawn[c.probe]) * f64::from(drawn[c.reference]);
            matched > allowed
        });
        // The threshold is just above the first score that must be refused.
        Some(refused.map_or(f64::NEG_INFINITY, |c| c.score.next_up()))
    }

    fn impostor_weight(&self, drawn: &[u32]) -> f64 {
        self.impostor_pairs
            .iter()
            .map(|((a, b), count)| f64::from(drawn[*a]) * f64::from(drawn[*b]) * f64::from(*count))
            .sum()
    }

    /// Where FMR and FNMR are equal, with straight lines between the points of the curve. `None` where one of them has no
    /// trial.
    #[must_use]
    pub fn equal_error(&self, drawn: &[u32]) -> Option<f64> {
        let genuine_weight = |c: &Comparison| f64::from(drawn[c.reference]);
        let genuine: f64 = self.genuine.iter().map(genuine_weight).sum();
        let impostor = self.impostor_weight(drawn);
        if genuine <= 0.0 || impostor <= 0.0 {
            return None;
        }
        let (mut left, mut taken) = (self.genuine.len(), 0);
        let (mut found, mut matched) = (0.0, 0.0);
        let mut before = (0.0, 1.0);
        loop {
            let next = [
                left.checked_sub(1).map(|last| self.genuine[last].score),
                self.impostor.get(taken).map(|c| c.score),
            ];
            let threshold = next.into_iter().flatten().reduce(f64::max)?;
            while left > 0 && self.genuine[left - 1].score >= threshold {
                left -= 1;
                found += genuine_weight(&self.genuine[left]);
            }
            while let Some(c) = self.impostor.get(taken).filter(|c| c.score >= threshold) {
                taken += 1;
                matched += f64::from(drawn[c.probe]) * f64::from(drawn[c.reference]);
            }
            let here = (matched / impostor, 1.0 - found / genuine);
            if here.0 >= here.1 {
                let (lead, passed) = (before.1 - before.0, here.0 - here.1);
                return Some(before.0 + lead / (lead + passed) * (here.0 - before.0));
            }
            before = here;
        }
    }

    /// The `count` highest impostor scores, falling, each as often as it was drawn; fewer where there are fewer.
    #[must_use]
    pub fn highest_impostors(&self, count: usize, drawn: &[u32]) -> Vec<f64> {
        let mut highest = Vec::with_capacity(count);
        for c in &self.impostor {
            let times = drawn[c.probe] as usize * drawn[c.reference] as usize;
            highest.extend(std::iter::repeat_n(c.score, times.min(count - highest.len())));
            if highest.len() == count {
                break;
            }
        }
        highest
    }

    /// False non-match rate at `threshold`.
    #[must_use]
    pub fn fnmr(&self, threshold: f64, drawn: &[u32]) -> Option<f64> {
        let weight = |comparisons: &[Comparison]| -> u64 {
            comparisons.iter().map(|c| u64::from(drawn[c.reference])).sum()
        };
        let missed = self.genuine.partition_point(|c| c.score < threshold);
        let (missed, found) = (weight(&self.genuine[..missed]), weight(&self.genuine[missed..]));
        (missed + found > 0).then(|| missed as f64 / (missed + found) as f64)
    }

    /// False match rate at `threshold`.
    #[must_use]
    pub fn fmr(&self, threshold: f64, drawn: &[u32]) -> Option<f64> {
        let all = self.impostor_weight(drawn);
        let matched = self.impostor.partition_point(|c| c.score >= threshold);
        let matched: u64 = self.impostor[..matched]
            .iter()
            .map(|c| u64::from(drawn[c.probe]) * u64::from(drawn[c.reference]))
            .sum();
        (all > 0.0).then(|| matched as f64 / all)
    }
}

/// A rate, and how far it may be from the true one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The rate.
    pub rate: f64,
    /// Events.
    pub events: u64,
    /// Of so many.
    pub trials: u64,
    /// By drawing people; `None` where too few have any trial.
    pub interval: Option<Interval>,
}

/// Events and trials by person, or by two people.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<(usize, usize), [u32; 2]>);

impl Tally {
    /// Counts a trial of one person.
    pub fn add(&mut self, person: usize, event: bool) {
        self.add_pair(person, person, event);
    }

    /// Counts a trial of two people, in any order.
    pub fn add_pair(&mut self, a: usize, b: usize, event: bool) {
        let [events, trials] = self.0.entry((a.min(b), a.max(b))).or_default();
        *events += u32::from(event);
        *trials += 1;
    }

    /// The share of trials with an event; `None` without trials.
    #[must_use]
    pub fn rate(&self, draws: &Draws) -> Option<Rate> {
        let [events, trials] = self.counts();
        (trials > 0).then(|| Rate {
            rate: events as f64 / trials as f64,
            events,
            trials,
            interval: draws.interval(|drawn| self.drawn_rate(drawn)),
        })
    }

    /// Events and trials.
    #[must_use]
    pub fn counts(&self) -> [u64; 2] {
        [0, 1].map(|index| self.0.values().map(|cell| u64::from(cell[index])).sum())
    }

    /// The share where each person counts as often as `drawn` says.
    #[must_use]
    pub fn drawn_rate(&self, drawn: &[u32]) -> Option<f64> {
        let (mut events, mut trials) = (0, 0);
        for ((a, b), cell) in &self.0 {
            let weight = if a == b {
                u64::from(drawn[*a])
            } else {
                u64::from(drawn[*a]) * u64::from(drawn[*b])
            };
            events += weight * u64::from(cell[0]);
            trials += weight * u64::from(cell[1]);
        }
        (trials > 0).then(|| events as f64 / trials as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn comparison(probe: usize, reference: usize, score: f64) -> Comparison {
        Comparison {
            probe,
            reference,
            score,
        }
    }

    #[test]
    fn draws_are_the_same_every_time_and_of_full_size() {
        let (a, b) = (Draws::new(7), Draws::new(7));
        assert_eq!(a.0, b.0);
        assert!(a.0.iter().all(|counts| counts.iter().sum::<u32>() == 7));
        assert!(a.0.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn one_hard_person_widens_the_interval() {
        let (mut spread, mut gathered) = (Tally::default(), Tally::default());
        for person in 0..20 {
            for trial in 0..10 {
                spread.add(person, trial == 0);
                gathered.add(person, person < 2);
            }
        }
        let draws = Draws::new(20);
        let (spread, gathered) = (spread.rate(&draws).unwrap(), gathered.rate(&draws).unwrap());
        assert_eq!((spread.events, spread.trials), (gathered.events, gathered.trials));
        let width = |rate: Rate| rate.interval.map(|i| i.high - i.low).unwrap();
        assert!(width(spread) < 0.01 && width(gathered) > 0.2);
    }

    #[test]
    fn people_count_as_often_as_they_are_drawn() {
        let scores = Scores::new([
            comparison(0, 0, 0.9),
            comparison(1, 1, 0.3),
            comparison(0, 1, 0.5),
            comparison(0, 2, 0.1),
        ])
        .unwrap();
        assert_eq!(scores.fnmr(0.4, &[1, 1, 1]), Some(0.5));
        assert_eq!(scores.fnmr(0.4, &[3, 1, 0]), Some(0.25));
        assert_eq!(scores.fmr(0.4, &[1, 1, 1]), Some(0.5));
        assert_eq!(scores.fmr(0.4, &[1, 1, 3]), Some(0.25));
        assert_eq!(scores.fmr(0.4, &[0, 1, 3]), None);
        assert_eq!(scores.fnmr_at_fmr(0.5, &[1, 1, 1]), Some(0.0));
        assert_eq!(scores.fnmr_at_fmr(0.1, &[1, 1, 1]), None, "less than one");
    }

    #[test]
    fn nothing_is_no_rate() {
        assert!(Scores::new([comparison(0, 0, 0.5)]).is_err());
        assert!(Scores::new([comparison(0, 0, f64::NAN), comparison(0, 1, 0.5)]).is_err());
        assert_eq!(Tally::default().rate(&Draws::new(3)), None);
    }

    proptest! {
        /// With everyone drawn once, rates are those of scores that know no people.
        #[test]
        fn agrees_with_plain_scores(
            scores in prop::collection::vec((0usize..4, 0usize..4, -20i32..20), 2..80),
            fmr in 0.05f64..0.9,
        ) {
            let comparisons: Vec<_> = scores.iter().map(|(a, b, s)| comparison(*a, *b, f64::from(*s) / 20.0)).collect();
            let outcomes: Vec<_> = comparisons
                .iter()
                .map(|c| crate::Outcome { same: c.probe == c.reference, score: Some(c.score), fold: None })
                .collect();
            let (Ok(grouped), Ok(plain)) = (Scores::new(comparisons), crate::Scores::new(&outcomes)) else {
                return Ok(());
            };
            let once = [1; 4];
            prop_assert_eq!(grouped.fnmr_at_fmr(fmr, &once), plain.at_fmr(fmr).fnmr);
            let point = plain.at(0.1);
            prop_assert_eq!(grouped.fmr(0.1, &once), Some(point.fmr));
            prop_assert_eq!(grouped.fnmr(0.1, &once), Some(point.fnmr));
            let equal = grouped.equal_error(&once).unwrap_or(f64::NAN);
            prop_assert!((equal - plain.equal_error().rate).abs() < 1e-9, "{} {}", equal, plain.equal_error().rate);
        }
    }
}
