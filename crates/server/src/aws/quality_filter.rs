//! `QualityFilter`: which faces are good enough. The bars themselves were measured and stand in [`selfsame_face::filter`];
//! here are AWS's names for them.

use selfsame_face::Face;
use selfsame_face::filter::{Flaw, Level};
use selfsame_wire::rekognition::{QualityFilter, Reason, UnsearchedFaceReason};

/// The level behind AWS's word.
pub(super) const fn level(filter: QualityFilter) -> Level {
    match filter {
        QualityFilter::None => Level::None,
        QualityFilter::Auto => Level::Auto,
        QualityFilter::Low => Level::Low,
        QualityFilter::Medium => Level::Medium,
        QualityFilter::High => Level::High,
    }
}

/// Every reason why a face does not pass; none where it does. The face is in pixels of an image with this long side.
pub(super) fn flaws(level: Level, face: &Face, long_side_px: u32) -> Vec<Flaw> {
    level
        .bar()
        .map_or_else(Vec::new, |bar| bar.flaws(face, long_side_px))
}

/// As `UnindexedFace` has it.
pub(super) fn unindexed(flaw: Flaw) -> Reason {
    Reason::from_text(flaw.reason()).unwrap_or(Reason::LowFaceQuality)
}

/// As `UnsearchedFace` has it.
pub(super) fn unsearched(flaw: Flaw) -> UnsearchedFaceReason {
    UnsearchedFaceReason::from_text(flaw.reason()).unwrap_or(UnsearchedFaceReason::LowFaceQuality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_the_same_everywhere() {
        for flaw in [
            Flaw::LowConfidence,
            Flaw::ExtremePose,
            Flaw::LowBrightness,
            Flaw::LowSharpness,
            Flaw::SmallBoundingBox,
        ] {
            assert_eq!(unindexed(flaw).as_str(), flaw.reason());
            assert_eq!(unsearched(flaw).as_str(), flaw.reason());
        }
    }

    #[test]
    fn every_filter_has_a_level() {
        for filter in QualityFilter::ALL {
            assert_eq!(
                level(*filter).bar().is_none(),
                *filter == QualityFilter::None,
                "{filter}"
            );
        }
    }
}
