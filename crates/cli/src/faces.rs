//! How a face is written: the same shape in `detect`, `encode` and `compare`.

use selfsame_face::Face;
use selfsame_types::{BoundingBox, Landmarks, Point, Pose, Quality};
use serde::Serialize;

/// A face without its template. Places are in pixels of the upright image.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) bounding_box: BoundingBox,
    pub(crate) confidence: f32,
    pub(crate) landmarks: Landmarks,
    pub(crate) pose: Pose,
    pub(crate) quality: Quality,
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
            dense_landmarks: face
                .dense_landmarks
                .as_ref()
                .map(|points| points.iter().map(enlarge).collect()),
        }
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
