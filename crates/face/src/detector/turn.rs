//! Turning an image by quarters and places back.

use image::{RgbImage, imageops};
use selfsame_types::{BoundingBox, Landmarks, Point};

/// How an image is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Quarter,
    Half,
    ThreeQuarters,
}

impl Turn {
    /// Every way but upright.
    pub(super) const ALL: [Self; 3] = [Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// How an image has to be turned so that a face in it is upright, give or take half a quarter; `None` if it is.
    pub(super) fn upright(face: &Landmarks) -> Option<Self> {
        let (dx, dy) = (
            face.right_eye.x - face.left_eye.x,
            face.right_eye.y - face.left_eye.y,
        );
        // The line from eye to eye points right in an upright face; its largest component tells the quarter.
        if dx.abs() >= dy.abs() {
            (dx < 0.0).then_some(Self::Half)
        } else if dy > 0.0 {
            Some(Self::ThreeQuarters)
        } else {
            // Not `else if dy < 0.0`: a NaN is no direction.
            (dy < 0.0).then_some(Self::Quarter)
        }
    }

    /// The turned image.
    pub(super) fn apply(self, image: &RgbImage) -> RgbImage {
        match self {
            Self::Quarter => imageops::rotate90(image),
            Self::Half => imageops::rotate180(image),
            Self::ThreeQuarters => imageops::rotate270(image),
        }
    }

    /// Where a point of the turned image was in the image of `size_px` (width, height).
    fn undo(self, point: Point, size_px: (u32, u32)) -> Point {
        let (width, height) = (size_px.0 as f32, size_px.1 as f32);
        match self {
            Self::Quarter => Point::new(point.y, height - point.x),
            Self::Half => Point::new(width - point.x, height - point.y),
            Self::ThreeQuarters => Point::new(width - point.y, point.x),
        }
    }

    /// Where a box was.
    pub(super) fn undo_box(self, found: &BoundingBox, size_px: (u32, u32)) -> BoundingBox {
        let a = self.undo(Point::new(found.left, found.top), size_px);
        let b = self.undo(
            Point::new(found.left + found.width, found.top + found.height),
            size_px,
        );
        BoundingBox {
            left: a.x.min(b.x),
            top: a.y.min(b.y),
            width: (a.x - b.x).abs(),
            height: (a.y - b.y).abs(),
        }
    }

    /// Where landmarks were; the left eye of the face stays its left eye.
    pub(super) fn undo_landmarks(self, found: &Landmarks, size_px: (u32, u32)) -> Landmarks {
        Landmarks::from_points(found.points().map(|point| self.undo(point, size_px)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_face_becomes_upright() {
        let face = |degrees: f32| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let place = |x: f32, y: f32| Point::new(100.0 + x * cos - y * sin, 100.0 + x * sin + y * cos);
            let points = [(-10.0, -8.0), (10.0, -8.0), (0.0, 0.0), (-7.0, 10.0), (7.0, 10.0)];
            Landmarks::from_points(points.map(|(x, y)| place(x, y)))
        };
        for (degrees, turn) in [
            (0.0, None),
            (44.0, None),
            (-44.0, None),
            (90.0, Some(Turn::ThreeQuarters)),
            (50.0, Some(Turn::ThreeQuarters)),
            (-90.0, Some(Turn::Quarter)),
            (180.0, Some(Turn::Half)),
            (140.0, Some(Turn::Half)),
        ] {
            assert_eq!(Turn::upright(&face(degrees)), turn, "{degrees}");
        }
        assert_eq!(
            Turn::upright(&Landmarks::from_points([Point::new(f32::NAN, 0.0); 5])),
            None
        );
    }

    #[test]
    fn a_pixel_is_found_where_it_was() {
        let mut image = RgbImage::new(7, 4);
        image.put_pixel(5, 1, image::Rgb([255; 3]));
        for turn in Turn::ALL {
            let turned = turn.apply(&image);
            let (x, y, _) = turned
                .enumerate_pixels()
                .find(|(_, _, pixel)| pixel.0[0] == 255)
                .unwrap();
            let found = BoundingBox {
                left: x as f32,
                top: y as f32,
                width: 1.0,
                height: 1.0,
            };
            let expected = BoundingBox {
                left: 5.0,
                top: 1.0,
                ..found
            };
            assert_eq!(turn.undo_box(&found, (7, 4)), expected, "{turn:?}");
            let center = Landmarks::from_points([found.center(); 5]);
            assert_eq!(
                turn.undo_landmarks(&center, (7, 4)).nose,
                expected.center(),
                "{turn:?}"
            );
        }
    }
}
