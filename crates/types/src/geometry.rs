//! Places in an image. Pixels, origin at the top left corner, x to the right, y down; values may lie outside the
//! image, because a face may be cut by its border.

use serde::{Deserialize, Serialize};

/// A point in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Pixels from the left border.
    pub x: f32,
    /// Pixels from the top border.
    pub y: f32,
}

impl Point {
    /// A point from its coordinates in pixels.
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Euclidean distance in pixels.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point halfway to `other`.
    #[must_use]
    pub fn midpoint(self, other: Self) -> Self {
        Self::new(f32::midpoint(self.x, other.x), f32::midpoint(self.y, other.y))
    }
}

/// An upright rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Left edge.
    pub left: f32,
    /// Top edge.
    pub top: f32,
    /// Width, ≥ 0.
    pub width: f32,
    /// Height, ≥ 0.
    pub height: f32,
}

impl BoundingBox {
    /// The right edge.
    #[must_use]
    pub fn right(&self) -> f32 {
        self.left + self.width
    }

    /// The bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.top + self.height
    }

    /// The area in square pixels.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// The centre.
    #[must_use]
    pub fn center(&self) -> Point {
        Point::new(self.left + self.width / 2.0, self.top + self.height / 2.0)
    }

    /// Intersection over union with `other`, 0–1; 0 where both are empty.
    #[must_use]
    pub fn intersection_over_union(&self, other: &Self) -> f32 {
        let width = (self.right().min(other.right()) - self.left.max(other.left)).max(0.0);
        let height = (self.bottom().min(other.bottom()) - self.top.max(other.top)).max(0.0);
        let intersection = width * height;
        let union = self.area() + other.area() - intersection;
        if union > 0.0 { intersection / union } else { 0.0 }
    }

    /// The same box in an image whose sides are `factor` times as long.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self {
            left: self.left * factor,
            top: self.top * factor,
            width: self.width * factor,
            height: self.height * factor,
        }
    }
}

/// The five points that alignment uses. "Left" and "right" are the viewer's, as they lie in the image.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Landmarks {
    /// Centre of the eye on the left of the image.
    pub left_eye: Point,
    /// Centre of the eye on the right of the image.
    pub right_eye: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Corner of the mouth on the left of the image.
    pub left_mouth: Point,
    /// Corner of the mouth on the right of the image.
    pub right_mouth: Point,
}

impl Landmarks {
    /// In the order of the fields.
    #[must_use]
    pub const fn points(&self) -> [Point; 5] {
        [
            self.left_eye,
            self.right_eye,
            self.nose,
            self.left_mouth,
            self.right_mouth,
        ]
    }

    /// From points in the order of the fields.
    #[must_use]
    pub const fn from_points(points: [Point; 5]) -> Self {
        let [left_eye, right_eye, nose, left_mouth, right_mouth] = points;
        Self {
            left_eye,
            right_eye,
            nose,
            left_mouth,
            right_mouth,
        }
    }

    /// Distance between the eye centres in pixels (the field's IED).
    #[must_use]
    pub fn inter_eye_distance(&self) -> f32 {
        self.left_eye.distance(self.right_eye)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_of_boxes() {
        let a = BoundingBox {
            left: 0.0,
            top: 0.0,
            width: 2.0,
            height: 2.0,
        };
        let b = BoundingBox {
            left: 1.0,
            top: 0.0,
            width: 2.0,
            height: 2.0,
        };
        assert!((a.intersection_over_union(&b) - 1.0 / 3.0).abs() < 1e-6);
        assert!((a.intersection_over_union(&a) - 1.0).abs() < 1e-6);
        assert!(
            BoundingBox::default()
                .intersection_over_union(&BoundingBox::default())
                .abs()
                < 1e-6
        );
    }
}
