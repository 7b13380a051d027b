//! How a face is written: the same shape in `detect`, `encode` and `compare`.

use selfsame_face::attributes::Attributes;
use selfsame_face::{Face, cut_off_percent, unified_quality};
use selfsame_types::{BoundingBox, Landmarks, Point, Pose, Quality};
use selfsame_vision::decode::Decoded;
use serde::Serialize;

/// A face without its template. Places are in pixels of the upright image.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) bounding_box: BoundingBox,
    pub(crate) confidence: f32,
    pub(crate) landmarks: Landmarks,
    pub(crate) pose: Pose,
    pub(crate) quality: Quality,
    /// How well it can be compared, 0–100, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unified_quality: Option<f32>,
    /// Percent of it outside of the picture, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cut_off: Option<f32>,
    /// What it wears and does, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attributes: Option<Attributes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dense_landmarks: Option<Vec<Point>>,
}

impl Described {
    /// Describes a face that was found in an image whose sides are `scale` times those of the original.
    pub(crate) fn new(face: &Face, scale: f32) -> Self {
        let factor = 1.0 / scale;
        let enlarge = |point: &Point| Point::new(point.x * factor, point.y * factor);
        let detection = &face.detection;
        Self {
            bounding_box: detection.bounding_box.scaled(factor),
            confidence: detection.confidence,
            landmarks: Landmarks::from_points(detection.landmarks.points().map(|point| enlarge(&point))),
            pose: face.pose,
            quality: face.quality,
            unified_quality: None,
            cut_off: None,
            attributes: None,
            dense_landmarks: face
                .dense_landmarks
                .as_ref()
                .map(|points| points.iter().map(enlarge).collect()),
        }
    }

    /// With what is judged beyond place and light; `decoded` is the image that it was found in.
    pub(crate) fn with_judgement(mut self, face: &Face, decoded: &Decoded, asked: bool) -> Self {
        if asked {
            let (width_px, height_px) = decoded.image.dimensions();
            self.unified_quality = Some(unified_quality(face, width_px.max(height_px)));
            self.cut_off = Some(cut_off_percent(&face.detection.landmarks, width_px, height_px));
            self.attributes = Some(face.attributes.clone());
        }
        self
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        let Self {
            bounding_box: frame,
            confidence,
            pose,
            quality,
            ..
        } = self;
        format!(
            "{:.0}×{:.0} px at {:.0},{:.0}  confidence {confidence:.1}  pitch {:.0}° roll {:.0}° yaw {:.0}°  \
             brightness {:.0}  sharpness {:.0}",
            frame.width,
            frame.height,
            frame.left,
            frame.top,
            pose.pitch,
            pose.roll,
            pose.yaw,
            quality.brightness,
            quality.sharpness,
        )
    }
}
