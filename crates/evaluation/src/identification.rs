//! Open-set identification: a face is searched among people who are enrolled, and may be nobody's.
//!
//! Words follow ISO/IEC 19795-1:2021. A *mated* search has a probe of somebody enrolled; it fails (false negative
//! identification) unless the right person is the best candidate **and** reaches the threshold: FNIR(N, 1, T). A
//! *non-mated* search has a probe of somebody who is not; it fails (false positive identification) where any candidate
//! reaches the threshold: FPIR(N, T). Photos without a template count: enrolled or as a probe of somebody enrolled they
//! are misses, as a probe of nobody they find nothing.

use serde::{Deserialize, Serialize};

use crate::resample::{self, Units};
use crate::{Interval, interval::rule_of_three};

/// False positive identification rates whose FNIR is reported.
const FPIRS: [f64; 3] = [1e-1, 1e-2, 1e-3];

/// What one search among the enrolled gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Who is on the probe, counted from 0.
    pub person: usize,
    /// Whether that person is enrolled.
    pub mated: bool,
    /// Score with the enrolled template of the same person; `None` where there is none or no template.
    pub mate: Option<f64>,
    /// The highest score with anybody else's; `None` where there is none.
    pub stranger: Option<f64>,
}

/// Whose searches are the non-mated ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NonMated {
    /// People who are not enrolled.
    NotEnrolled,
    /// Everybody is enrolled: each probe was searched among the others, as if its person were not.
    LeftOut,
}

/// What searches say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identification {
    /// People in the gallery, N.
    pub enrolled: usize,
    /// Searches with a probe of somebody enrolled.
    pub mated: usize,
    /// Searches with a probe of nobody enrolled.
    pub non_mated: usize,
    /// Whose the latter are.
    pub non_mated_are: NonMated,
    /// Share of mated searches in which the right person is the best candidate, whatever the score.
    pub rank_1: f64,
    /// Its interval, by drawing people.
    pub rank_1_interval: Option<Interval>,
    /// FNIR at false positive identification rates of 1e-1 to 1e-3.
    pub fnir_at_fpir: Vec<AtFpir>,
}

/// FNIR at the lowest threshold that keeps a false positive identification rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AtFpir {
    /// The rate that was asked for.
    pub fpir: f64,
    /// The threshold; this and what follows is `None` where the rate would allow less than one false alarm.
    pub threshold: Option<f64>,
    /// False alarms at the threshold.
    pub false_alarms: Option<usize>,
    /// False negative identification rate.
    pub fnir: Option<f64>,
    /// Its interval, by drawing people.
    pub interval: Option<Interval>,
    /// Whether 30 false alarms stand behind the threshold.
    pub reliable: bool,
}

/// Both rates at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AtThreshold {
    /// The threshold.
    pub threshold: f64,
    /// Share of non-mated searches with a candidate.
    pub fpir: f64,
    /// Its interval, by drawing people; where there is no false alarm, by the rule of three.
    pub fpir_interval: Option<Interval>,
    /// Share of mated searches that fail.
    pub fnir: f64,
    /// Its interval.
    pub fnir_interval: Option<Interval>,
}

/// All searches, sorted out.
pub struct Searches {
    people: usize,
    enrolled: usize,
    mated: Vec<Search>,
    /// Person and highest score, falling.
    alarms: Vec<(usize, f64)>,
    non_mated_are: NonMated,
}

impl Searches {
    /// `people` is how many there are, `enrolled` how many of them are in the gallery. `None` without a mated search or
    /// without a non-mated one.
    #[must_use]
    pub fn new(searches: &[Search], people: usize, enrolled: usize) -> Option<Self> {
        let (mated, strangers): (Vec<Search>, Vec<Search>) = searches.iter().partition(|search| search.mated);
        let (non_mated_are, probes) = if strangers.is_empty() {
            (NonMated::LeftOut, &mated)
        } else {
            (NonMated::NotEnrolled, &strangers)
        };
        let best = |search: &Search| (search.person, search.stranger.unwrap_or(f64::NEG_INFINITY));
        let mut alarms: Vec<(usize, f64)> = probes.iter().map(best).collect();
        alarms.sort_by(|a, b| b.1.total_cmp(&a.1));
        (!mated.is_empty() && enrolled > 1).then_some(Self {
            people,
            enrolled,
            mated,
            alarms,
            non_mated_are,
        })
    }

    /// Everything, with intervals.
    #[must_use]
    pub fn evaluate(&self, draws: usize) -> Identification {
        let units = Units::People(self.people);
        let once = units.once();
        let intervals = resample::intervals(units, draws, |drawn| {
            let at = FPIRS.map(|fpir| self.fnir(self.threshold(fpir, drawn)?, drawn));
            [self.rank_1(drawn)].into_iter().chain(at).collect()
        });
        let at = FPIRS
            .iter()
            .zip(intervals.iter().skip(1))
            .map(|(fpir, interval)| {
                let threshold = self.threshold(*fpir, &once);
                let false_alarms = threshold.map(|threshold| self.alarms_at(threshold));
                AtFpir {
                    fpir: *fpir,
                    threshold,
                    false_alarms,
                    fnir: threshold.and_then(|threshold| self.fnir(threshold, &once)),
                    interval: threshold.and(*interval),
                    reliable: false_alarms.is_some_and(|alarms| alarms >= crate::RELIABLE_ERRORS),
                }
            });
        Identification {
            enrolled: self.enrolled,
            mated: self.mated.len(),
            non_mated: self.alarms.len(),
            non_mated_are: self.non_mated_are,
            rank_1: self.rank_1(&once).unwrap_or(0.0),
            rank_1_interval: intervals.first().copied().flatten(),
            fnir_at_fpir: at.collect(),
        }
    }

    /// Both rates at a given threshold.
    #[must_use]
    pub fn at(&self, threshold: f64, draws: usize) -> AtThreshold {
        let units = Units::People(self.people);
        let once = units.once();
        let intervals = resample::intervals(units, draws, |drawn| {
            vec![self.fpir(threshold, drawn), self.fnir(threshold, drawn)]
        });
        let fpir = self.fpir(threshold, &once).unwrap_or(0.0);
        AtThreshold {
            threshold,
            fpir,
            fpir_interval: if self.alarms_at(threshold) == 0 {
                Some(rule_of_three(self.alarms.len()))
            } else {
                intervals.first().copied().flatten()
            },
            fnir: self.fnir(threshold, &once).unwrap_or(0.0),
            fnir_interval: intervals.get(1).copied().flatten(),
        }
    }

    fn alarms_at(&self, threshold: f64) -> usize {
        self.alarms.partition_point(|(_, score)| *score >= threshold)
    }

    /// The lowest threshold with at most this share of false alarms: just above the first that is one too many.
    fn threshold(&self, fpir: f64, drawn: &[u32]) -> Option<f64> {
        /// So that 0.1 · 30 allows three and not two.
        const ROUNDING: f64 = 1e-9;
        let all: f64 = self
            .alarms
            .iter()
            .map(|(person, _)| f64::from(drawn[*person]))
            .sum();
        let allowed = fpir * all + ROUNDING;
        if allowed < 1.0 {
            return None;
        }
        let mut alarms = 0.0;
        let refused = self.alarms.iter().find(|(person, _)| {
            alarms += f64::from(drawn[*person]);
            alarms > allowed
        });
        Some(refused.map_or(f64::NEG_INFINITY, |(_, score)| score.next_up()))
    }

    fn fpir(&self, threshold: f64, drawn: &[u32]) -> Option<f64> {
        share(
            self.alarms
                .iter()
                .map(|(person, score)| (drawn[*person], *score >= threshold)),
        )
    }

    fn fnir(&self, threshold: f64, drawn: &[u32]) -> Option<f64> {
        share(self.mated.iter().map(|search| {
            let found = search.is_first() && search.mate.is_some_and(|score| score >= threshold);
            (drawn[search.person], !found)
        }))
    }

    fn rank_1(&self, drawn: &[u32]) -> Option<f64> {
        share(
            self.mated
                .iter()
                .map(|search| (drawn[search.person], search.is_first())),
        )
    }
}

impl Search {
    /// Whether the right person is the best candidate; of equal scores the stranger's counts.
    fn is_first(&self) -> bool {
        self.mate
            .is_some_and(|mate| self.stranger.is_none_or(|stranger| mate > stranger))
    }
}

fn share(trials: impl Iterator<Item = (u32, bool)>) -> Option<f64> {
    let (mut events, mut all) = (0u64, 0u64);
    for (weight, event) in trials {
        all += u64::from(weight);
        events += if event { u64::from(weight) } else { 0 };
    }
    (all > 0).then(|| events as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(person: usize, mate: Option<f64>, stranger: f64) -> Search {
        Search {
            person,
            mated: person < 3,
            mate,
            stranger: Some(stranger),
        }
    }

    #[test]
    fn mated_searches_need_the_first_place_and_the_threshold() {
        let searches = [
            search(0, Some(0.9), 0.1),
            search(1, Some(0.3), 0.2),
            search(2, Some(0.3), 0.4),
            search(2, None, 0.1),
            search(3, None, 0.35),
            search(4, None, 0.1),
        ];
        let searches = Searches::new(&searches, 5, 3).unwrap();
        let found = searches.evaluate(50);
        assert_eq!((found.mated, found.non_mated), (4, 2));
        assert_eq!(found.non_mated_are, NonMated::NotEnrolled);
        assert!((found.rank_1 - 0.5).abs() < 1e-12);
        assert!(
            found.fnir_at_fpir.iter().all(|at| at.fnir.is_none()),
            "two probes are too few"
        );
        let at = searches.at(0.32, 50);
        assert!((at.fpir - 0.5).abs() < 1e-12 && (at.fnir - 0.75).abs() < 1e-12);
        assert!(
            searches.at(0.5, 50).fpir_interval.unwrap().high > 0.5,
            "rule of three"
        );
    }

    #[test]
    fn without_strangers_everybody_is_left_out_once() {
        let searches: Vec<_> = (0..20)
            .map(|i| search(i % 3, Some(0.9), f64::from(i as u32) / 100.0))
            .collect();
        let searches = Searches::new(&searches, 3, 3).unwrap();
        let found = searches.evaluate(50);
        assert_eq!((found.non_mated, found.non_mated_are), (20, NonMated::LeftOut));
        // Two of twenty may be alarms: 0.19 and 0.18.
        let at = found.fnir_at_fpir[0];
        assert_eq!(
            (at.threshold, at.false_alarms, at.fnir),
            (Some(0.17f64.next_up()), Some(2), Some(0.0))
        );
    }

    #[test]
    fn nobody_to_search_for_is_no_measurement() {
        assert!(Searches::new(&[], 0, 0).is_none());
        assert!(Searches::new(&[search(3, None, 0.1)], 5, 3).is_none());
    }
}
