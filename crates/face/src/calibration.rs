//! From cosine to calibrated similarity and back, through the false match rate that a cosine stands for.

use selfsame_types::Similarity;

/// The rate that stands for certainty: where the same picture is compared with itself.
const CERTAIN_LOG10_RATE: f32 = -12.0;

/// A monotone, piecewise linear map between the cosine of two templates and log10 of the rate at which strangers
/// reach it, measured for one version of one embedder (`docs/ACCURACY.md`).
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    points: Vec<(f32, f32)>,
}

/// Why points are no calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCalibration {
    /// Fewer than two points.
    #[error("a calibration needs two points or more")]
    TooFew,
    /// Cosines must ascend within −1 to 1, rates must descend within 0 to −12.
    #[error("cosines must ascend between -1 and 1 while log10 rates descend between 0 and -12")]
    NotMonotone,
}

impl Calibration {
    /// From (cosine, log10 of the false match rate), ascending in cosine. Beyond the last point the map goes on
    /// straight to the certainty of cosine 1, before the first to rate 1.
    pub fn new(measured: &[(f32, f32)]) -> Result<Self, InvalidCalibration> {
        if measured.len() < 2 {
            return Err(InvalidCalibration::TooFew);
        }
        let mut points = measured.to_vec();
        if points[0].1 < 0.0 {
            points.insert(0, (-1.0, 0.0));
        }
        points.push((1.0, CERTAIN_LOG10_RATE));
        let monotone = points
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1);
        if !monotone || points[0].0 < -1.0 || points[0].1 > 0.0 {
            return Err(InvalidCalibration::NotMonotone);
        }
        Ok(Self { points })
    }

    /// For an embedder that nobody has measured: whatever the cosine, any two strangers may reach it.
    pub(crate) const fn unmeasured() -> Self {
        Self { points: Vec::new() }
    }

    /// Whether somebody has measured it. Where nobody has, all similarities are 0.
    #[must_use]
    pub const fn is_measured(&self) -> bool {
        !self.points.is_empty()
    }

    /// log10 of the rate at which strangers reach this cosine, 0 to −12.
    #[must_use]
    pub fn log10_false_match_rate(&self, cosine: f32) -> f32 {
        interpolate(self.points.iter().copied(), cosine)
    }

    /// The cosine that strangers reach at a rate of `10^log10_rate`.
    #[must_use]
    pub fn cosine_at(&self, log10_rate: f32) -> f32 {
        interpolate(
            self.points.iter().map(|(cosine, rate)| (-rate, *cosine)),
            -log10_rate,
        )
    }

    /// The similarity that users see.
    #[must_use]
    pub fn similarity(&self, cosine: f32) -> Similarity {
        if cosine.is_nan() {
            return Similarity::MIN;
        }
        Similarity::from_log10_false_match_rate(self.log10_false_match_rate(cosine))
    }

    /// The cosine behind a similarity.
    #[must_use]
    pub fn cosine(&self, similarity: Similarity) -> f32 {
        self.cosine_at(similarity.log10_false_match_rate())
    }
}

/// Piecewise linear through points that ascend in x; constant outside.
fn interpolate(points: impl Iterator<Item = (f32, f32)>, x: f32) -> f32 {
    let mut previous: Option<(f32, f32)> = None;
    for (x1, y1) in points {
        match previous {
            _ if x > x1 => previous = Some((x1, y1)),
            Some((x0, y0)) => return y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            None => return y1,
        }
    }
    previous.map_or(0.0, |(_, y)| y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calibration() -> Calibration {
        Calibration::new(&[(0.14, -1.0), (0.25, -2.0), (0.33, -3.0), (0.4, -4.0)]).unwrap()
    }

    #[test]
    fn anchors_and_ends() {
        let calibration = calibration();
        assert!((calibration.similarity(0.25).value() - 80.0).abs() < 0.01);
        assert!((calibration.similarity(0.33).value() - 90.0).abs() < 0.01);
        assert!((calibration.similarity(1.0).value() - 100.0).abs() < 0.01);
        assert!(calibration.similarity(-1.0).value().abs() < 0.01);
        assert!((calibration.cosine_at(-3.0) - 0.33).abs() < 1e-6);
        assert_eq!(
            calibration.similarity(f32::NAN),
            Similarity::MIN,
            "no number is no match"
        );
    }

    #[test]
    fn what_is_not_monotone_is_refused() {
        assert_eq!(Calibration::new(&[(0.1, -1.0)]), Err(InvalidCalibration::TooFew));
        for points in [
            [(0.2, -1.0), (0.1, -2.0)],
            [(0.1, -2.0), (0.2, -1.0)],
            [(0.1, -2.0), (0.2, -13.0)],
        ] {
            assert_eq!(
                Calibration::new(&points),
                Err(InvalidCalibration::NotMonotone),
                "{points:?}"
            );
        }
    }

    #[test]
    fn unmeasured_cosines_mean_nothing() {
        let calibration = Calibration::unmeasured();
        assert!(!calibration.is_measured());
        for cosine in [-1.0, 0.0, 0.5, 1.0] {
            assert_eq!(calibration.similarity(cosine), Similarity::MIN);
        }
    }

    proptest! {
        #[test]
        fn there_and_back(cosine in -0.99f32..0.99) {
            let calibration = calibration();
            let similarity = calibration.similarity(cosine);
            prop_assert!((calibration.cosine(similarity) - cosine).abs() < 2e-3);
        }

        #[test]
        fn higher_cosine_is_higher_similarity(a in -1.0f32..1.0, b in -1.0f32..1.0) {
            let calibration = calibration();
            prop_assert!(a > b || calibration.similarity(a) <= calibration.similarity(b));
        }
    }
}
