//! 68 landmarks in the iBUG order (Sagonas et al., *300 Faces in-the-Wild*, ICCVW 2013): jaw 0–16, brows 17–26,
//! nose 27–35, eyes 36–47, mouth 48–67.

use std::sync::Arc;

use image::RgbImage;
use selfsame_types::Point;
use selfsame_vision::preprocess::mirror;
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
        let (chip, chip_to_image) = self.chip(image, face);
        let points = self.run(&chip)?;
        Ok(points.into_iter().map(|p| chip_to_image.apply(p)).collect())
    }

    /// As [`Self::locate`], but the network looks at the mirror image; what it sees is mirrored back. Its errors there are others, so the
    /// mean of both looks is closer.
    pub(crate) fn locate_mirrored(&self, image: &RgbImage, face: &Detection) -> Result<Vec<Point>, Error> {
        let (chip, chip_to_image) = self.chip(image, face);
        let points = self.run(&mirror(&chip))?;
        let last = self.input_px as f32 - 1.0;
        Ok(MIRRORED
            .iter()
            .filter_map(|&index| points.get(index))
            .map(|p| chip_to_image.apply(Point::new(last - p.x, p.y)))
            .collect())
    }

    /// What the network sees of a face, and where that lies in `image`.
    fn chip(&self, image: &RgbImage, face: &Detection) -> (RgbImage, Similarity2D) {
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
        (chip, chip_to_image)
    }

    /// The points in pixels of the chip.
    fn run(&self, chip: &RgbImage) -> Result<Vec<Point>, Error> {
        let side_px = self.input_px as f32;
        let outputs = self.model.run(&self.normalization.tensor(chip))?;
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
            .map(|[x, y]| Point::new(x * side_px, y * side_px))
            .collect())
    }
}

/// Which point of the mirror image is a point: left and right are exchanged.
#[rustfmt::skip]
const MIRRORED: [usize; COUNT] = [
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, // jaw
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17, // brows
    27, 28, 29, 30, 35, 34, 33, 32, 31, // nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, // eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, // outer lips
    64, 63, 62, 61, 60, 67, 66, 65, // inner lips
];

/// The points that dlib's five-point alignment uses: outer and inner corner of the image-left eye, inner and outer
/// corner of the image-right eye, base of the nose.
pub(crate) fn dlib_points(dense: &[Point]) -> Option<[Point; 5]> {
    (dense.len() == COUNT).then(|| [dense[36], dense[39], dense[42], dense[45], dense[33]])
}

/// The points that a detector gives: middles of the eyes, tip of the nose, corners of the mouth.
pub(crate) fn detector_points(dense: &[Point]) -> Option<[Point; 5]> {
    (dense.len() == COUNT).then(|| {
        [
            mean(&dense[36..42]),
            mean(&dense[42..48]),
            dense[30],
            dense[48],
            dense[54],
        ]
    })
}

/// The points halfway between two sets of as many.
pub(crate) fn halfway<const N: usize>(a: [Point; N], b: [Point; N]) -> [Point; N] {
    std::array::from_fn(|index| mean(&[a[index], b[index]]))
}

/// The centre of some points.
pub(crate) fn mean(points: &[Point]) -> Point {
    let count = points.len() as f32;
    let sum = points.iter().fold(Point::new(0.0, 0.0), |sum, p| {
        Point::new(sum.x + p.x, sum.y + p.y)
    });
    Point::new(sum.x / count, sum.y / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_twice_changes_nothing() {
        assert!((0..COUNT).all(|index| MIRRORED[MIRRORED[index]] == index));
        let on_the_axis: Vec<usize> = (0..COUNT).filter(|&index| MIRRORED[index] == index).collect();
        assert_eq!(on_the_axis, [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]);
    }

    #[test]
    fn five_of_68() {
        let dense: Vec<Point> = (0..68u8).map(|n| Point::new(f32::from(n), 1.0)).collect();
        let five = detector_points(&dense).unwrap();
        for (point, x) in five.iter().zip([38.5, 44.5, 30.0, 48.0, 54.0]) {
            assert!((point.x - x).abs() < f32::EPSILON, "{point:?}");
        }
        assert_eq!(dlib_points(&dense).unwrap()[4], dense[33]);
        assert_eq!(detector_points(&dense[1..]), None);
        let between = halfway(five, [Point::new(0.5, 3.0); 5]);
        assert_eq!(between[0], Point::new(19.5, 2.0));
    }
}
