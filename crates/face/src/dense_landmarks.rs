//! 68 landmarks in the iBUG order (Sagonas et al., *300 Faces in-the-Wild*, ICCVW 2013): jaw 0–16, brows 17–26,
//! nose 27–35, eyes 36–47, mouth 48–67.

use std::sync::Arc;

use image::RgbImage;
use selfsame_types::Point;
use selfsame_vision::warp::warp_antialiased;
use selfsame_vision::{Model, Normalization, Similarity2D};

use crate::parameters::LandmarksParameters;
use crate::{Detection, Error};

pub(crate) const COUNT: usize = 68;

/// Side of the square that the network sees, in heights of the detector's box. Measured on every fourth photo of
/// `faces/identities`: the mean distance to the detector's five points, in eye distances, is 0.079 at a factor of 1.0,
/// 0.077 at 1.1, 0.078 at 1.2 and 1.3, 0.088 at 1.4.
const CROP_FACTOR: f32 = 1.1;

pub(crate) struct DenseLandmarks {
    model: Arc<dyn Model>,
    input_px: u32,
    normalization: Normalization,
}

impl DenseLandmarks {
    pub(crate) fn new(model: Arc<dyn Model>, parameters: &LandmarksParameters) -> Self {
        Self {
            model,
            input_px: parameters.input_px,
            normalization: parameters.pixels,
        }
    }

    /// The points in pixels of `image`. The face is turned upright for the network, which was trained on upright ones.
    pub(crate) fn locate(&self, image: &RgbImage, face: &Detection) -> Result<Vec<Point>, Error> {
        let side_px = self.input_px as f32;
        let scale = face.bounding_box.width.max(face.bounding_box.height) * CROP_FACTOR / side_px;
        let eyes = face.landmarks;
        let angle = (eyes.right_eye.y - eyes.left_eye.y).atan2(eyes.right_eye.x - eyes.left_eye.x);
        let center = face.bounding_box.center();
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        let half = side_px / 2.0;
        let chip_to_image = Similarity2D {
            a,
            b,
            tx: center.x - a * half + b * half,
            ty: center.y - b * half - a * half,
        };
        let chip = warp_antialiased(image, &chip_to_image, self.input_px, self.input_px);
        let outputs = self.model.run(&self.normalization.tensor(&chip))?;
        let values = outputs
            .first()
            .map(|output| output.data.as_slice())
            .unwrap_or_default();
        let (pairs, _) = values.as_chunks::<2>();
        if pairs.len() != COUNT || !values.iter().all(|value| value.is_finite()) {
            return Err(Error::Output {
                role: "landmarks",
                reason: format!("{} values instead of {}", values.len(), 2 * COUNT),
            });
        }
        Ok(pairs
            .iter()
            .map(|[x, y]| chip_to_image.apply(Point::new(x * side_px, y * side_px)))
            .collect())
    }
}

/// The points that dlib's five-point alignment uses: outer and inner corner of the image-left eye, inner and outer
/// corner of the image-right eye, base of the nose.
pub(crate) fn alignment_points(dense: &[Point]) -> Option<[Point; 5]> {
    (dense.len() == COUNT).then(|| [dense[36], dense[39], dense[42], dense[45], dense[33]])
}
