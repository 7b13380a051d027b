//! Error rates by group of people: do some get rejected, or taken for others, more often than others?
//!
//! FNMR of a group is that of genuine pairs of its members, FMR that of impostor pairs within it (as in NIST IR 8280: two
//! strangers of one group are more alike than any two). Impostor pairs across groups stand in a line of their own. How far
//! groups are apart is said by two ratios (NIST IR 8429): the highest rate to the lowest, and, less at the mercy of the one
//! group with the fewest errors, the highest to the geometric mean of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::interval::rule_of_three;
use crate::people::{Comparison, Rate, Tally};
use crate::resample::{self, Units};
use crate::{Interval, RELIABLE_ERRORS};

/// One comparison with the groups of its two photos.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grouped<'a> {
    /// Score and who; see [`Units::comparison`].
    pub comparison: Comparison,
    /// The groups of the two photos.
    pub groups: [&'a str; 2],
}

/// How much a rate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// 30 errors or more: within 30 % of the true rate, 9 times of 10, if pairs were independent (the rule of 30).
    Enough,
    /// 1 to 29 errors.
    Few,
    /// No error: the rate is below 3 in as many trials (the rule of three), and no ratio can be formed with it.
    NoError,
}

/// A rate of a group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GroupRate {
    /// Rate, counts and interval.
    #[serde(flatten)]
    pub rate: Rate,
    /// How much it says.
    pub support: Support,
}

/// What was measured of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// False match rate among its members; `None` without impostor pairs.
    pub fmr: Option<GroupRate>,
    /// False non-match rate of its members; `None` without genuine pairs.
    pub fnmr: Option<GroupRate>,
}

/// How far groups are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The highest rate to the lowest.
    pub max_to_min: f64,
    /// Its interval; `None` where fewer than half of the draws have errors in all groups.
    pub max_to_min_interval: Option<Interval>,
    /// The highest rate to the geometric mean of all.
    pub max_to_geometric_mean: f64,
    /// Its interval.
    pub max_to_geometric_mean_interval: Option<Interval>,
}

/// Groups of one attribute at one threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Differential {
    /// What the groups are groups of.
    pub attribute: String,
    /// The threshold.
    pub threshold: f64,
    /// In the order of their names.
    pub groups: Vec<Group>,
    /// Pairs whose photos belong to different groups.
    pub across: Group,
    /// `None` where fewer than two groups have a rate, or one has no error.
    pub fmr_ratio: Option<Ratio>,
    /// The same of FNMR.
    pub fnmr_ratio: Option<Ratio>,
}

/// Judges the groups of `attribute` at `threshold`, intervals by drawing `units`.
pub fn differential<'a>(
    attribute: &str,
    threshold: f64,
    comparisons: impl IntoIterator<Item = Grouped<'a>>,
    units: Units,
    draws: usize,
) -> Differential {
    let counted = Counted::new(comparisons, threshold);
    let found = counted.statistics(&units.once());
    let intervals = resample::intervals(units, draws, |drawn| counted.statistics(drawn));
    let (count, rates) = (counted.names.len(), counted.tallies.len());
    let rate = |index: usize| {
        Some(group_rate(
            &counted.tallies[index],
            found[index]?,
            intervals[index],
        ))
    };
    let group = |index: usize, name: &str| Group {
        name: name.to_owned(),
        fmr: rate(2 * index),
        fnmr: rate(2 * index + 1),
    };
    let ratio = |index: usize| {
        Some(Ratio {
            max_to_min: found[index]?,
            max_to_min_interval: intervals[index],
            max_to_geometric_mean: found[index + 1]?,
            max_to_geometric_mean_interval: intervals[index + 1],
        })
    };
    Differential {
        attribute: attribute.to_owned(),
        threshold,
        groups: (0..count)
            .map(|index| group(index, counted.names[index]))
            .collect(),
        across: group(count, "across groups"),
        fmr_ratio: ratio(rates),
        fnmr_ratio: ratio(rates + 2),
    }
}

/// Errors by group.
struct Counted<'a> {
    names: Vec<&'a str>,
    /// False matches and misses of each group, then those across groups.
    tallies: Vec<Tally>,
}

impl<'a> Counted<'a> {
    fn new(comparisons: impl IntoIterator<Item = Grouped<'a>>, threshold: f64) -> Self {
        let mut groups: BTreeMap<&str, [Tally; 2]> = BTreeMap::new();
        let mut across: [Tally; 2] = Default::default();
        for grouped in comparisons {
            let [a, b] = grouped.groups;
            let [matched, missed] = if a == b {
                groups.entry(a).or_default()
            } else {
                &mut across
            };
            let Comparison {
                probe,
                reference,
                score,
            } = grouped.comparison;
            if probe == reference {
                missed.add(probe, score < threshold);
            } else {
                matched.add_pair(probe, reference, score >= threshold);
            }
        }
        let (names, mut tallies): (Vec<&str>, Vec<[Tally; 2]>) = groups.into_iter().unzip();
        tallies.push(across);
        Self {
            names,
            tallies: tallies.into_iter().flatten().collect(),
        }
    }

    /// The rate of each tally, then both ratios of FMR and both of FNMR.
    fn statistics(&self, drawn: &[u32]) -> Vec<Option<f64>> {
        let mut values: Vec<Option<f64>> = self.tallies.iter().map(|tally| tally.drawn_rate(drawn)).collect();
        for kind in 0..2 {
            let of_groups = values[..2 * self.names.len()].iter().skip(kind).step_by(2);
            let rates: Vec<f64> = of_groups.flatten().copied().collect();
            values.extend(ratios(&rates));
        }
        values
    }
}

fn group_rate(tally: &Tally, rate: f64, interval: Option<Interval>) -> GroupRate {
    let [events, trials] = tally.counts();
    let (support, interval) = match events {
        0 => (Support::NoError, Some(rule_of_three(trials as usize))),
        few if few < RELIABLE_ERRORS as u64 => (Support::Few, interval),
        _ => (Support::Enough, interval),
    };
    GroupRate {
        rate: Rate {
            rate,
            events,
            trials,
            interval,
        },
        support,
    }
}

/// The highest to the lowest, and to the geometric mean; nothing where there are not two rates above 0.
fn ratios(rates: &[f64]) -> [Option<f64>; 2] {
    let lowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
    if rates.len() < 2 || lowest <= 0.0 {
        return [None; 2];
    }
    let highest = rates.iter().copied().fold(0.0, f64::max);
    let mean = (rates.iter().map(|rate| rate.ln()).sum::<f64>() / rates.len() as f64).exp();
    [Some(highest / lowest), Some(highest / mean)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups of 20 people: `a` has 2 of 100 impostor pairs matched, `b` 8; misses 10 and 20 of 100.
    fn comparisons() -> Vec<Grouped<'static>> {
        let mut all = Vec::new();
        for (group, first, matched, missed) in [("a", 0usize, 2usize, 10usize), ("b", 20, 8, 20)] {
            for i in 0..100 {
                let comparison = |probe, reference, high: bool| Comparison {
                    probe: first + probe,
                    reference: first + reference,
                    score: if high { 0.9 } else { 0.1 },
                };
                let person = i % 20;
                let groups = [group; 2];
                all.push(Grouped {
                    comparison: comparison(person, (person + 1 + i / 20) % 20, i < matched),
                    groups,
                });
                all.push(Grouped {
                    comparison: comparison(person, person, i >= missed),
                    groups,
                });
            }
        }
        all.push(Grouped {
            comparison: Comparison {
                probe: 0,
                reference: 20,
                score: 0.9,
            },
            groups: ["a", "b"],
        });
        all
    }

    #[test]
    fn groups_are_counted_apart() {
        let found = differential("sex", 0.5, comparisons(), Units::People(40), 400);
        let rates = |group: &Group| (group.fmr.unwrap().rate.rate, group.fnmr.unwrap().rate.rate);
        assert_eq!(
            found.groups.iter().map(rates).collect::<Vec<_>>(),
            [(0.02, 0.1), (0.08, 0.2)]
        );
        assert!((found.across.fmr.unwrap().rate.rate - 1.0).abs() < 1e-12 && found.across.fnmr.is_none());
        let ratio = found.fmr_ratio.unwrap();
        assert!((ratio.max_to_min - 4.0).abs() < 1e-12);
        assert!((ratio.max_to_geometric_mean - 2.0).abs() < 1e-12);
        let interval = ratio.max_to_min_interval.unwrap();
        assert!(interval.low < 4.0 && interval.high > 4.0, "{interval:?}");
        assert_eq!(found.groups[0].fmr.unwrap().support, Support::Few);
        assert!((found.fnmr_ratio.unwrap().max_to_min - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_group_without_an_error_has_a_bound_and_no_ratio() {
        let found = differential("sex", 0.95, comparisons(), Units::People(40), 100);
        let fmr = found.groups[0].fmr.unwrap();
        assert_eq!(
            (fmr.support, fmr.rate.interval),
            (Support::NoError, Some(rule_of_three(100)))
        );
        assert!(found.fmr_ratio.is_none() && found.fnmr_ratio.is_some());
    }

    #[test]
    fn nothing_is_no_group() {
        let found = differential("sex", 0.5, [], Units::Pairs(0), 10);
        assert!(found.groups.is_empty() && found.across.fmr.is_none() && found.fmr_ratio.is_none());
    }
}
