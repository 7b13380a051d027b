//! Bars for the quality filters of face APIs: which faces are good enough to be compared.
//!
//! The values were chosen by measurement (`selfsame eval --quality`, `docs/ACCURACY.md`) with version 1 of the standard pack at
//! similarity 80, which promises that strangers match one time in 100. Two things count: how many of its matches with good
//! photos a face loses, and how often faces as bad as it match each other though they show strangers.
//! *Low* refuses from one match in four lost, or one stranger in ten matched; *medium* from one match in 25 lost; *high*
//! from one match in 50 lost, or strangers matched noticeably more often than promised. For yaw and pitch, of which there
//! are only photos as nature gave them, misses that double take the place of lost matches.

use crate::Face;

/// How strict a filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// Every face passes.
    #[default]
    None,
    /// The best choice for most: [`Level::Medium`], which refuses faces that spoil a collection and few others.
    Auto,
    /// Only faces that are of no use are refused.
    Low,
    /// Faces that add noticeably to the errors are refused.
    Medium,
    /// Only faces that are as good as any pass.
    High,
}

/// What a face must be like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Confidence of the detection, 0–100.
    pub min_confidence: f32,
    /// Turned left or right, degrees.
    pub max_yaw_degrees: f32,
    /// Nodding, degrees. Strong nods are underestimated, hence less than the other two.
    pub max_pitch_degrees: f32,
    /// Tilted, degrees.
    pub max_roll_degrees: f32,
    /// Brightness, 0–100.
    pub min_brightness: f32,
    /// The same at the other end, with a margin: photos that are bright by nature (up to 76) lose nothing, photos that
    /// are as bright because a camera clipped them do.
    pub max_brightness: f32,
    /// Sharpness, 0–100.
    pub min_sharpness: f32,
    /// The shorter side of the face's box in an image of at most [`FULL_SIDE_PX`].
    pub min_side_px: f32,
}

/// Longer images count as reduced to this: they are before they are looked at, and a box of as many pixels holds less
/// detail in them.
pub const FULL_SIDE_PX: u32 = 1920;

/// Why a face does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// It may be no face.
    LowConfidence,
    /// The head is turned, nodded or tilted too far.
    ExtremePose,
    /// It is too dark.
    LowBrightness,
    /// It is too bright: what was skin is white.
    Overexposed,
    /// It is blurred.
    LowSharpness,
    /// It has too few pixels.
    SmallBoundingBox,
}

impl Level {
    /// The bar of this level; `None` where every face passes.
    #[must_use]
    pub const fn bar(self) -> Option<Bar> {
        match self {
            Self::None => None,
            Self::Low => Some(Bar {
                min_confidence: 80.0,
                max_yaw_degrees: 60.0,
                max_pitch_degrees: 30.0,
                max_roll_degrees: 70.0,
                min_brightness: 6.0,
                max_brightness: 95.0,
                min_sharpness: 20.0,
                min_side_px: 22.0,
            }),
            Self::Auto | Self::Medium => Some(Bar {
                min_confidence: 90.0,
                max_yaw_degrees: 45.0,
                max_pitch_degrees: 20.0,
                max_roll_degrees: 40.0,
                min_brightness: 10.0,
                max_brightness: 85.0,
                min_sharpness: 40.0,
                min_side_px: 30.0,
            }),
            Self::High => Some(Bar {
                min_confidence: 99.0,
                max_yaw_degrees: 40.0,
                max_pitch_degrees: 12.0,
                max_roll_degrees: 30.0,
                min_brightness: 20.0,
                max_brightness: 80.0,
                min_sharpness: 50.0,
                min_side_px: 54.0,
            }),
        }
    }
}

impl Bar {
    /// Every reason why `face` does not pass; none where it does. Its places and `long_side_px` are those of the upright
    /// original. What is no number does not pass.
    #[must_use]
    pub fn flaws(&self, face: &Face, long_side_px: u32) -> Vec<Flaw> {
        let (pose, quality) = (&face.pose, &face.quality);
        let over = |angle: f32, max: f32| angle.is_nan() || angle.abs() > max;
        let below = |value: f32, min: f32| value.is_nan() || value < min;
        let turned = over(pose.yaw, self.max_yaw_degrees)
            || over(pose.pitch, self.max_pitch_degrees)
            || over(pose.roll, self.max_roll_degrees);
        [
            (
                Flaw::LowConfidence,
                below(face.detection.confidence, self.min_confidence),
            ),
            (Flaw::ExtremePose, turned),
            (
                Flaw::LowBrightness,
                below(quality.brightness, self.min_brightness),
            ),
            (Flaw::Overexposed, quality.brightness > self.max_brightness),
            (Flaw::LowSharpness, below(quality.sharpness, self.min_sharpness)),
            (
                Flaw::SmallBoundingBox,
                below(side_px(face, long_side_px), self.min_side_px),
            ),
        ]
        .into_iter()
        .filter_map(|(flaw, present)| present.then_some(flaw))
        .collect()
    }
}

/// The size of a face, as [`Bar::min_side_px`] has it.
#[must_use]
pub fn side_px(face: &Face, long_side_px: u32) -> f32 {
    let area = &face.detection.bounding_box;
    let reduction = (FULL_SIDE_PX as f32 / long_side_px.max(1) as f32).min(1.0);
    // Not `min`, which would drop what is no number.
    let shorter = if area.width.is_nan() || area.width < area.height {
        area.width
    } else {
        area.height
    };
    shorter * reduction
}

impl Flaw {
    /// The word that Rekognition has for it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::LowConfidence => "LOW_CONFIDENCE",
            Self::ExtremePose => "EXTREME_POSE",
            Self::LowBrightness => "LOW_BRIGHTNESS",
            // There is no word of its own.
            Self::Overexposed => "LOW_FACE_QUALITY",
            Self::LowSharpness => "LOW_SHARPNESS",
            Self::SmallBoundingBox => "SMALL_BOUNDING_BOX",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detection;
    use selfsame_types::{BoundingBox, Landmarks, Pose, Quality};

    const LEVELS: [Level; 3] = [Level::Low, Level::Medium, Level::High];

    fn good() -> Face {
        Face {
            detection: Detection {
                bounding_box: BoundingBox {
                    left: 10.0,
                    top: 10.0,
                    width: 100.0,
                    height: 120.0,
                },
                landmarks: Landmarks::default(),
                confidence: 99.9,
            },
            pose: Pose::default(),
            quality: Quality {
                brightness: 52.0,
                sharpness: 73.0,
            },
            dense_landmarks: None,
            template: None,
            attributes: crate::attributes::Attributes::default(),
            embedding_norm: None,
        }
    }

    fn flaws(level: Level, change: impl Fn(&mut Face)) -> Vec<Flaw> {
        let mut face = good();
        change(&mut face);
        level.bar().unwrap().flaws(&face, 1000)
    }

    #[test]
    fn a_good_face_passes_everywhere() {
        assert!(Level::None.bar().is_none());
        assert_eq!(Level::Auto.bar(), Level::Medium.bar());
        for level in LEVELS {
            assert_eq!(flaws(level, |_| ()), [], "{level:?}");
        }
    }

    #[test]
    fn each_flaw_is_named() {
        for level in LEVELS {
            for (flaw, change) in [
                (
                    Flaw::LowConfidence,
                    (|f| f.detection.confidence = 70.0) as fn(&mut Face),
                ),
                (Flaw::ExtremePose, |f| f.pose.yaw = -80.0),
                (Flaw::ExtremePose, |f| f.pose.pitch = 50.0),
                (Flaw::ExtremePose, |f| f.pose.roll = 90.0),
                (Flaw::LowBrightness, |f| f.quality.brightness = 2.0),
                (Flaw::Overexposed, |f| f.quality.brightness = 99.0),
                (Flaw::LowSharpness, |f| f.quality.sharpness = 5.0),
                (Flaw::SmallBoundingBox, |f| {
                    f.detection.bounding_box.width = 15.0;
                }),
            ] {
                assert_eq!(flaws(level, change), [flaw], "{level:?}");
            }
        }
    }

    #[test]
    fn what_is_no_number_does_not_pass() {
        for change in [
            (|f| f.detection.confidence = f32::NAN) as fn(&mut Face),
            |f| f.pose.pitch = f32::NAN,
            |f| f.quality.sharpness = f32::NAN,
            |f| f.quality.brightness = f32::NAN,
            |f| f.detection.bounding_box.width = f32::NAN,
            |f| f.detection.bounding_box.height = f32::NAN,
        ] {
            assert_eq!(flaws(Level::Low, change).len(), 1);
        }
    }

    #[test]
    fn levels_rise() {
        let bars = LEVELS.map(|level| level.bar().unwrap());
        for pair in bars.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            assert!(a.min_confidence < b.min_confidence && a.min_brightness < b.min_brightness);
            assert!(a.max_brightness > b.max_brightness);
            assert!(a.min_sharpness < b.min_sharpness && a.min_side_px < b.min_side_px);
            assert!(a.max_yaw_degrees > b.max_yaw_degrees && a.max_pitch_degrees > b.max_pitch_degrees);
            assert!(a.max_roll_degrees > b.max_roll_degrees);
        }
    }

    #[test]
    fn a_box_counts_less_in_a_longer_image() {
        let face = good();
        assert!((side_px(&face, 1000) - 100.0).abs() < 1e-3);
        assert!((side_px(&face, 1920) - 100.0).abs() < 1e-3);
        assert!((side_px(&face, 3840) - 50.0).abs() < 1e-3);
    }
}
