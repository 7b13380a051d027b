//! Error versus discard: what a quality score is worth.
//!
//! ISO/IEC 29794-1 (and Grother and Tabassi, *Performance of biometric quality measures*, PAMI 29, 2007) judge a quality
//! score by what happens when comparisons are discarded, the lowest quality first, while the threshold stays: the FNMR of
//! what remains falls fast where low quality foretells misses, and not at all where it says nothing. A comparison is as
//! good as the worse of its two photos.

use serde::{Deserialize, Serialize};

/// The curve is summed up over discards to this share: a system that refuses more photos than that helps nobody.
pub const SUMMED_TO: f64 = 0.2;

/// The curve is drawn to this share.
const DRAWN_TO: f64 = 0.5;

/// Points of the curve are this far apart.
const STEP: f64 = 0.01;

/// A genuine comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The lower of its two qualities; higher is better.
    pub quality: f64,
    /// Whether it falls short of the threshold.
    pub missed: bool,
    /// Whose it is: the position in the list of weights.
    pub unit: usize,
}

/// FNMR over the share that is discarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// `[share discarded, FNMR of the rest]`, from 0 to a half.
    pub points: Vec<[f64; 2]>,
    /// How much lower FNMR is on average while 0 to 20 % are discarded, as a share of what it is without: 0 for a score that
    /// says nothing.
    pub gain: f64,
    /// What the gain would be if exactly the misses were discarded first: nothing can have more.
    pub best_gain: f64,
}

/// Comparisons by rising quality.
#[derive(Debug, Clone, PartialEq)]
pub struct Discard(Vec<Comparison>);

impl Discard {
    /// Sorts them.
    #[must_use]
    pub fn new(mut comparisons: Vec<Comparison>) -> Self {
        comparisons.sort_by(|a, b| a.quality.total_cmp(&b.quality));
        Self(comparisons)
    }

    /// The curve where each unit counts as often as `drawn` says; `None` without any miss.
    #[must_use]
    pub fn curve(&self, drawn: &[u32]) -> Option<Curve> {
        let weight = |c: &Comparison| f64::from(drawn[c.unit]);
        let all: f64 = self.0.iter().map(weight).sum();
        let missed: f64 = self.0.iter().filter(|c| c.missed).map(weight).sum();
        if missed <= 0.0 {
            return None;
        }
        // Weight and misses below each quality; within one quality both rise evenly, as no order is known there.
        let mut below = vec![[0.0, 0.0]];
        let mut start = 0;
        while start < self.0.len() {
            let end = start + self.0[start..].partition_point(|c| c.quality <= self.0[start].quality);
            let [mut weight_below, mut missed_below] = below[below.len() - 1];
            for c in &self.0[start..end.max(start + 1)] {
                weight_below += weight(c);
                missed_below += if c.missed { weight(c) } else { 0.0 };
            }
            below.push([weight_below, missed_below]);
            start = end.max(start + 1);
        }
        let points: Vec<[f64; 2]> = (0..=(DRAWN_TO / STEP).round() as u32)
            .map(|step| f64::from(step) * STEP)
            .map(|share| {
                [
                    share,
                    (missed - interpolate(&below, share * all)) / (all * (1.0 - share)),
                ]
            })
            .collect();
        let rate = missed / all;
        let best = |share: f64| ((rate - share) / (1.0 - share)).max(0.0);
        let ideal: Vec<[f64; 2]> = points.iter().map(|[share, _]| [*share, best(*share)]).collect();
        Some(Curve {
            gain: 1.0 - mean(&points) / rate,
            best_gain: 1.0 - mean(&ideal) / rate,
            points,
        })
    }
}

/// Misses below a weight.
fn interpolate(below: &[[f64; 2]], at: f64) -> f64 {
    let upper = below.partition_point(|point| point[0] < at);
    match (upper.checked_sub(1).map(|lower| below[lower]), below.get(upper)) {
        (Some([x0, y0]), Some([x1, y1])) => y0 + (y1 - y0) * (at - x0) / (x1 - x0),
        (None, Some([_, y])) => *y,
        (Some([_, y]), None) => y,
        (None, None) => 0.0,
    }
}

/// By the trapezoidal rule, up to [`SUMMED_TO`].
fn mean(points: &[[f64; 2]]) -> f64 {
    let inside = points.partition_point(|[share, _]| *share < SUMMED_TO + STEP / 2.0);
    let area: f64 = points[..inside]
        .windows(2)
        .map(|pair| (pair[1][0] - pair[0][0]) * f64::midpoint(pair[0][1], pair[1][1]))
        .sum();
    area / SUMMED_TO
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn comparison(quality: f64, missed: bool) -> Comparison {
        Comparison {
            quality,
            missed,
            unit: 0,
        }
    }

    #[test]
    fn a_perfect_score_gains_all_and_a_constant_nothing() {
        let by = |quality: fn(u32) -> f64| {
            let comparisons = (0..1000).map(|i| comparison(quality(i), i < 100)).collect();
            Discard::new(comparisons).curve(&[1]).unwrap()
        };
        let perfect = by(f64::from);
        assert!((perfect.gain - perfect.best_gain).abs() < 1e-9, "{perfect:?}");
        assert!((perfect.points[0][1] - 0.1).abs() < 1e-12);
        assert!((perfect.points[5][1] - 50.0 / 950.0).abs() < 1e-9);
        assert!(perfect.points[10][1].abs() < 1e-9);
        let constant = by(|_| 1.0);
        assert!(constant.gain.abs() < 1e-9, "{constant:?}");
        assert!(by(|i| -f64::from(i)).gain < 0.0, "the wrong way round");
    }

    #[test]
    fn without_misses_there_is_no_curve() {
        assert_eq!(Discard::new(vec![comparison(1.0, false)]).curve(&[1]), None);
        assert_eq!(Discard::new(Vec::new()).curve(&[]), None);
    }

    proptest! {
        #[test]
        fn nothing_gains_more_than_the_best(
            comparisons in prop::collection::vec((0u32..20, any::<bool>()), 1..200),
        ) {
            let list = comparisons.iter().map(|(quality, missed)| comparison(f64::from(*quality), *missed)).collect();
            if let Some(curve) = Discard::new(list).curve(&[1]) {
                prop_assert!(curve.gain <= curve.best_gain + 1e-9);
                prop_assert!(curve.points.iter().all(|[_, rate]| (-1e-9..=1.0 + 1e-9).contains(rate)));
            }
        }
    }
}
