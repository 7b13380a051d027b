//! The score that users see.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How alike two faces are: 0 (nothing in common) to 100 (the same picture), calibrated. A value stands for a false
/// match rate, whatever model produced it: 80 for 1 in 100, 90 for 1 in 1 000, 95 for 1 in 10 000, 99 for 1 in
/// 1 000 000 (how it is measured: `docs/ACCURACY.md`).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Similarity(f32);

/// The scale: (similarity, log10 of the false match rate). Between the anchors it is linear in the logarithm.
/// Ours, chosen so that the usual settings of face APIs (80 "similar", 99 "identity documents") keep their meaning.
const ANCHORS: [(f32, f32); 7] = [
    (0.0, 0.0),
    (50.0, -1.0),
    (80.0, -2.0),
    (90.0, -3.0),
    (95.0, -4.0),
    (99.0, -6.0),
    (100.0, -12.0),
];

impl Similarity {
    /// Nothing in common.
    pub const MIN: Self = Self(0.0);
    /// The same picture.
    pub const MAX: Self = Self(100.0);

    /// From a value 0–100; values outside are clamped, not-a-number becomes 0.
    #[must_use]
    pub fn new(value: f32) -> Self {
        if value.is_nan() {
            Self::MIN
        } else {
            Self(value.clamp(0.0, 100.0))
        }
    }

    /// The value, 0–100.
    #[must_use]
    pub const fn value(self) -> f32 {
        self.0
    }

    /// The similarity that strangers reach with probability `10^log10_rate`; rates above 1 give 0.
    #[must_use]
    pub fn from_log10_false_match_rate(log10_rate: f32) -> Self {
        let decades = ANCHORS.map(|(similarity, log)| (-log, similarity));
        Self::new(interpolate(&decades, -log10_rate))
    }

    /// log10 of the probability that two strangers reach this similarity, 0 to −12.
    #[must_use]
    pub fn log10_false_match_rate(self) -> f32 {
        interpolate(&ANCHORS, self.0)
    }
}

impl fmt::Display for Similarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

/// Piecewise linear through `points`, which ascend in x; constant outside.
fn interpolate(points: &[(f32, f32)], x: f32) -> f32 {
    let Some(upper) = points.iter().position(|(px, _)| *px >= x) else {
        return points[points.len() - 1].1;
    };
    if upper == 0 {
        return points[0].1;
    }
    let ((x0, y0), (x1, y1)) = (points[upper - 1], points[upper]);
    y0 + (y1 - y0) * (x - x0) / (x1 - x0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn anchors_stand_for_their_rates() {
        for (similarity, log) in ANCHORS {
            assert!((Similarity::from_log10_false_match_rate(log).value() - similarity).abs() < 1e-4);
            assert!((Similarity::new(similarity).log10_false_match_rate() - log).abs() < 1e-4);
        }
    }

    #[test]
    fn what_is_no_number_is_no_match() {
        assert_eq!(Similarity::new(f32::NAN), Similarity::MIN);
        assert_eq!(Similarity::new(-3.0), Similarity::MIN);
        assert_eq!(Similarity::new(300.0), Similarity::MAX);
    }

    proptest! {
        #[test]
        fn a_rarer_score_is_a_higher_similarity(a in -12.0f32..0.0, b in -12.0f32..0.0) {
            let (sa, sb) = (Similarity::from_log10_false_match_rate(a), Similarity::from_log10_false_match_rate(b));
            prop_assert_eq!(a < b, sa > sb);
            prop_assert!((sa.log10_false_match_rate() - a).abs() < 1e-3);
        }
    }
}
