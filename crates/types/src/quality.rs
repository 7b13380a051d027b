//! What can be said of a face image beside who it shows.

use serde::{Deserialize, Serialize};

/// Head rotation in degrees, each −180 to 180; 0, 0, 0 looks straight into the camera.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Pose {
    /// Nodding; positive looks up.
    pub pitch: f32,
    /// Tilting towards a shoulder; positive turns the image of the face clockwise.
    pub roll: f32,
    /// Turning left or right; positive looks towards the right border of the image.
    pub yaw: f32,
}

/// How well a face can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// Mean luma of the face, 0 (black) to 100 (white).
    pub brightness: f32,
    /// 0 (no detail) to 100 (crisp).
    pub sharpness: f32,
}
