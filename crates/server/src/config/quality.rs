//! The thresholds of the quality gate.

use selfsame_face::attributes::{Attribute, AttributeSet};
use serde::{Deserialize, Serialize};

/// What a photo must be like (`DESIGN`: exactly one face, confidence above 90, angles below 45°).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QualityConfig {
    /// A detection counts as a face above this confidence, 0–100.
    pub min_confidence: f32,
    /// Pitch, roll and yaw must stay below this many degrees.
    pub max_angle_degrees: f32,
    /// Brightness of the face, 0–100. Own measurement on 250 photos of people in the wild: the darkest has 20; the same
    /// photos with an eighth of the light have 3 to 9.
    pub min_brightness: f32,
    /// Sharpness of the face, 0–100. Of the same photos the softest has 35. Below 20, one pair of strangers in ten or more
    /// reach similarity 80 (`selfsame eval --quality`): such faces resemble each other.
    pub min_sharpness: f32,
    /// The same at the other end: no photo of those 250 has more than 76; overexposed ones lose matches from 85 on.
    pub max_brightness: f32,
    /// The shorter side of the face's box, in pixels of a photo that is reduced to 1920: what Rekognition asks for. Below 26,
    /// one match in twenty is lost.
    pub min_face_px: f32,
    /// Percent of the face, from hairline to chin and ear to ear, that may lie outside of the photo.
    pub max_cut_off: f32,
    /// How sure it may be, in percent, that the eyes are behind sunglasses; 100 lets everybody pass.
    pub max_sunglasses: f32,
    /// The same for what else covers eyes, nose or mouth: masks, hands, hats.
    pub max_covered: f32,
    /// The same for closed eyes, which are told with less certainty: few photos were at hand to learn them from.
    pub max_closed_eyes: f32,
}

impl QualityConfig {
    /// What has to be told of a face for these thresholds; nothing for one that lets everybody pass.
    #[must_use]
    pub fn attributes(&self) -> AttributeSet {
        [
            (self.max_sunglasses, Attribute::Sunglasses),
            (self.max_covered, Attribute::FaceOccluded),
            (self.max_closed_eyes, Attribute::EyesOpen),
        ]
        .into_iter()
        .filter(|(max, _)| *max < 100.0)
        .map(|(_, attribute)| attribute)
        .collect()
    }
}

impl Default for QualityConfig {
    fn default() -> Self {
        Self {
            min_confidence: 90.0,
            max_angle_degrees: 45.0,
            min_brightness: 10.0,
            min_sharpness: 20.0,
            max_brightness: 85.0,
            min_face_px: 40.0,
            max_cut_off: 12.0,
            max_sunglasses: 80.0,
            max_covered: 80.0,
            max_closed_eyes: 80.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_refuse_somebody_is_asked_for() {
        let all = QualityConfig::default().attributes();
        assert!(all.contains(Attribute::Sunglasses));
        assert!(all.contains(Attribute::FaceOccluded));
        assert!(all.contains(Attribute::EyesOpen));
        let open = QualityConfig {
            max_sunglasses: 100.0,
            max_closed_eyes: 100.0,
            ..QualityConfig::default()
        };
        assert_eq!(
            open.attributes(),
            AttributeSet::NONE.with(Attribute::FaceOccluded)
        );
    }
}
