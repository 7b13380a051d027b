//! The bootstrap: what a measurement would say of other people drawn from the same population.
//!
//! Photos of one person are alike, so people are drawn, not pairs, wherever it is known who is on a photo (see
//! [`people`](crate::people)). Where it is not, pairs are drawn; the interval is too narrow then, because photos and people
//! occur in several pairs. Every draw has a generator of its own, so that a result does not depend on the number of threads.

use serde::{Deserialize, Serialize};

use crate::Interval;
use crate::people::{Comparison, SEED, next};

/// How often is drawn: the ends of a 95 % interval rest on 50 draws each.
pub const DRAWS: usize = 2_000;

/// Draws that must have a value for an interval: half. Of fewer, nothing is said.
const NEEDED_SHARE: f64 = 0.5;

/// What is drawn with replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// So many people, with all their photos.
    People(usize),
    /// So many pairs, each by itself.
    Pairs(usize),
}

impl Units {
    /// Everything once: what was measured, without drawing.
    #[must_use]
    pub fn once(self) -> Vec<u32> {
        vec![1; self.len()]
    }

    /// One comparison. Where pairs are drawn, `people` is not looked at and `pair` is the pair's position in its list.
    #[must_use]
    pub fn comparison(self, same: bool, people: [usize; 2], pair: usize, score: f64) -> Comparison {
        let [probe, reference] = match self {
            Self::People(_) => people,
            Self::Pairs(_) if same => [pair, pair],
            // The last unit is always there once, so the product of both is the weight of the pair.
            Self::Pairs(pairs) => [pair, pairs],
        };
        Comparison {
            probe,
            reference,
            score,
        }
    }

    /// What is drawn: "people" or "pairs".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::People(_) => "people",
            Self::Pairs(_) => "pairs",
        }
    }

    /// Length of the list of weights.
    const fn len(self) -> usize {
        match self {
            Self::People(people) => people,
            Self::Pairs(pairs) => pairs + 1,
        }
    }

    /// Draws into `weights`.
    fn draw(self, number: usize, weights: &mut [u32]) {
        let mut state = SEED ^ (number as u64).wrapping_mul(0xD134_2543_DE82_EF95);
        weights.fill(0);
        let units = match self {
            Self::People(people) => people,
            Self::Pairs(pairs) => {
                weights[pairs] = 1;
                pairs
            }
        };
        for _ in 0..units {
            weights[(next(&mut state) % units as u64) as usize] += 1;
        }
    }
}

/// 95 % intervals of several statistics at once: between the 2.5 % and the 97.5 % quantile of what `statistics` says of
/// each draw, given how often each unit was drawn. `None` where it says something of fewer than half of the draws.
///
/// It runs on all cores; `statistics` must give lists of equal length.
pub fn intervals(
    units: Units,
    draws: usize,
    statistics: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
) -> Vec<Option<Interval>> {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(draws.max(1));
    let part = |thread: usize| {
        let mut weights = vec![0; units.len()];
        (thread..draws)
            .step_by(threads)
            .map(|number| {
                units.draw(number, &mut weights);
                statistics(&weights)
            })
            .collect::<Vec<_>>()
    };
    let part = &part;
    let drawn: Vec<Vec<Option<f64>>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || part(thread)))
            .collect();
        // A thread that panicked has nothing to add; its panic was told.
        running
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .flatten()
            .collect()
    });
    let count = drawn.first().map_or(0, Vec::len);
    (0..count)
        .map(|index| between(drawn.iter().filter_map(|values| values[index]).collect(), draws))
        .collect()
}

fn between(mut values: Vec<f64>, draws: usize) -> Option<Interval> {
    if values.is_empty() || (values.len() as f64) < NEEDED_SHARE * draws as f64 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
    Some(Interval {
        low: at(0.025),
        high: at(0.975),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Scores;

    #[test]
    fn drawing_pairs_agrees_with_the_binomial_distribution() {
        // 40 of 400 genuine pairs are missed: the standard error of the rate is √(0.1 · 0.9 / 400) = 0.015.
        let units = Units::Pairs(800);
        let scores = Scores::new((0..800).map(|pair| {
            let same = pair < 400;
            let score = if same && pair % 10 != 0 { 1.0 } else { 0.0 };
            units.comparison(same, [0, 0], pair, score)
        }))
        .unwrap();
        assert_eq!(scores.fnmr(0.5, &units.once()), Some(0.1));
        let found = intervals(units, DRAWS, |drawn| vec![scores.fnmr(0.5, drawn)]);
        let Interval { low, high } = found[0].unwrap();
        assert!((low - (0.1 - 1.96 * 0.015)).abs() < 0.004, "{low}");
        assert!((high - (0.1 + 1.96 * 0.015)).abs() < 0.004, "{high}");
    }

    #[test]
    fn draws_are_repeatable_and_of_full_size() {
        let units = Units::People(7);
        let mut weights = units.once();
        let mut all = Vec::new();
        for number in 0..50 {
            units.draw(number, &mut weights);
            assert_eq!(weights.iter().sum::<u32>(), 7);
            all.push(weights.clone());
        }
        units.draw(3, &mut weights);
        assert_eq!(weights, all[3]);
        all.sort();
        all.dedup();
        assert!(all.len() > 40, "draws differ");
    }

    #[test]
    fn what_is_seldom_defined_has_no_interval() {
        let found = intervals(Units::People(3), 100, |drawn| {
            vec![Some(1.0), (drawn[0] == 3).then_some(1.0)]
        });
        assert!(found[0].is_some() && found[1].is_none());
    }
}
