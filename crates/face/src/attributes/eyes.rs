//! What the outlines of lids and iris say: how far an eye is open and where it looks.

use image::RgbImage;
use selfsame_types::{Landmarks, Point};
use selfsame_vision::Similarity2D;
use selfsame_vision::preprocess::mirror;
use selfsame_vision::warp::warp_antialiased;

/// Side of the square around an eye, in distances between the eyes: MediaPipe takes 2.3 widths of an eye, which is a
/// little less than half a distance wide. On the photos of `models/attributes/eyes.csv` the openness that nine of ten closed
/// eyes stay below is not reached by 1.4 % of open ones at a factor of 0.8, 0.2 % at 0.95, 0.8 % at 1.1, 5.5 % at 1.3.
const CROP_FACTOR: f32 = 1.0;

/// Points of the network: 71 around the eye, then centre and rim of the iris.
const POINTS: usize = 76;
/// Corners of the eye, away from the nose and next to it.
const CORNERS: (usize, usize) = (0, 8);
/// Points of the lower lid; those of the upper lid follow them by eight.
const LOWER_LID: std::ops::Range<usize> = 2..7;
/// Centre of the iris.
const IRIS: usize = 71;

/// Radius of the eyeball over the width of the eye between its corners: 12 mm (an axial length of 24 mm, Bekerman et al.,
/// *Variations in eyeball diameters of the healthy adults*, J. Ophthalmology 2014) over 30 mm (the palpebral fissure).
const EYEBALL_RADIUS: f32 = 0.4;

/// One eye as the network outlines it, in pixels of the image: the left one of an upright image, or the right one
/// mirrored back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Eye {
    /// Height of the opening over its width: about 0.3 when open, below 0.2 when closed.
    pub(super) openness: f32,
    /// Degrees to the right of the image and up, as far as the iris is off the middle between the corners.
    pub(super) yaw: f32,
    pub(super) pitch: f32,
}

/// Both eyes as the network wants them: the one on the left of the upright face, and the one on the right mirrored.
pub(super) fn chips(image: &RgbImage, landmarks: &Landmarks, side_px: u32) -> [RgbImage; 2] {
    let (left, right) = (landmarks.left_eye, landmarks.right_eye);
    let angle = (right.y - left.y).atan2(right.x - left.x);
    let scale = landmarks.inter_eye_distance() * CROP_FACTOR / side_px as f32;
    let (a, b) = (scale * angle.cos(), scale * angle.sin());
    let half = side_px as f32 / 2.0;
    let chip = |center: Point| {
        let chip_to_image = Similarity2D {
            a,
            b,
            tx: center.x - a * half + b * half,
            ty: center.y - b * half - a * half,
        };
        warp_antialiased(image, &chip_to_image, side_px, side_px)
    };
    [chip(left), mirror(&chip(right))]
}

impl Eye {
    /// Reads the network's answer, x, y and depth of each point; `mirrored` for the eye on the right. `None` where the
    /// points make no eye.
    pub(super) fn read(values: &[f32], mirrored: bool) -> Option<Self> {
        let (points, rest) = values.as_chunks::<3>();
        if points.len() != POINTS || !rest.is_empty() {
            return None;
        }
        let point = |index: usize| {
            let [x, y, _] = points[index];
            Point::new(x, y)
        };
        let (outer, inner) = (point(CORNERS.0), point(CORNERS.1));
        let width = outer.distance(inner);
        if width < 1.0 {
            return None;
        }
        let heights = LOWER_LID.map(|index| point(index).distance(point(index + 8)));
        let openness = heights.sum::<f32>() / LOWER_LID.len() as f32 / width;
        // along the line between the corners, and across it
        let axis = Point::new((inner.x - outer.x) / width, (inner.y - outer.y) / width);
        let center = outer.midpoint(inner);
        let (dx, dy) = (point(IRIS).x - center.x, point(IRIS).y - center.y);
        let (along, below) = (dx * axis.x + dy * axis.y, dy * axis.x - dx * axis.y);
        let degrees = |offset: f32| {
            (offset / (EYEBALL_RADIUS * width))
                .clamp(-1.0, 1.0)
                .asin()
                .to_degrees()
        };
        Some(Self {
            openness,
            yaw: if mirrored { -degrees(along) } else { degrees(along) },
            pitch: -degrees(below),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An eye 40 pixels wide whose lids are `height` apart, with the iris off its middle by `dx`, `dy`.
    fn eye(height: f32, dx: f32, dy: f32) -> Vec<f32> {
        let mut points = vec![[32.0, 32.0, 0.0]; POINTS];
        points[0] = [12.0, 32.0, 0.0];
        points[8] = [52.0, 32.0, 0.0];
        for index in 1..8 {
            let x = 12.0 + 5.0 * index as f32;
            points[index] = [x, 32.0 + height / 2.0, 0.0];
            points[index + 8] = [x, 32.0 - height / 2.0, 0.0];
        }
        points[IRIS] = [32.0 + dx, 32.0 + dy, 0.0];
        points.concat()
    }

    #[test]
    fn openness_is_height_over_width() {
        let open = Eye::read(&eye(12.0, 0.0, 0.0), false).unwrap();
        assert!((open.openness - 0.3).abs() < 1e-6, "{open:?}");
        let closed = Eye::read(&eye(0.0, 0.0, 0.0), false).unwrap();
        assert!(closed.openness.abs() < 1e-6, "{closed:?}");
    }

    #[test]
    fn the_iris_shows_where_the_eye_looks() {
        // half the radius of 0.4 · 40 = 16 pixels: 30 degrees
        let right = Eye::read(&eye(12.0, 8.0, 0.0), false).unwrap();
        assert!(
            (right.yaw - 30.0).abs() < 0.01 && right.pitch.abs() < 0.01,
            "{right:?}"
        );
        let up = Eye::read(&eye(12.0, 0.0, -8.0), false).unwrap();
        assert!((up.pitch - 30.0).abs() < 0.01 && up.yaw.abs() < 0.01, "{up:?}");
        let mirrored = Eye::read(&eye(12.0, 8.0, -8.0), true).unwrap();
        assert!(
            (mirrored.yaw + 30.0).abs() < 0.01 && (mirrored.pitch - 30.0).abs() < 0.01,
            "{mirrored:?}"
        );
    }

    #[test]
    fn no_eye_is_none() {
        assert_eq!(Eye::read(&[0.0; 3 * POINTS], false), None);
        assert_eq!(Eye::read(&[0.0; 10], false), None);
    }

    #[test]
    fn the_right_eye_comes_mirrored() {
        // red at the nose's side of each eye
        let image = RgbImage::from_fn(300, 100, |x, _| {
            image::Rgb(if (100..200).contains(&x) {
                [255, 0, 0]
            } else {
                [0; 3]
            })
        });
        let landmarks = Landmarks {
            left_eye: Point::new(100.0, 50.0),
            right_eye: Point::new(200.0, 50.0),
            ..Landmarks::default()
        };
        for chip in chips(&image, &landmarks, 64) {
            assert_eq!(chip.get_pixel(10, 32).0, [0; 3]);
            assert_eq!(chip.get_pixel(54, 32).0, [255, 0, 0]);
        }
    }
}
