//! Where a piece of text stands. Never panics on coordinates that are not finite: what has no place has no frame.

use selfsame_types::Point;

/// The upright rectangle around a piece of text, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

/// Coordinates beyond this are no pixels of any picture, and would overflow when multiplied.
const FARTHEST: f32 = 1e6;

impl Frame {
    /// The frame around a polygon, if its coordinates are those of a picture.
    pub(super) fn of(polygon: &[Point; 4]) -> Option<Self> {
        let placed = |value: f32| value.is_finite() && value.abs() <= FARTHEST;
        if !polygon.iter().all(|point| placed(point.x) && placed(point.y)) {
            return None;
        }
        let fold = |start: f32, pick: fn(f32, f32) -> f32, of: fn(&Point) -> f32| {
            polygon.iter().map(of).fold(start, pick)
        };
        Some(Self {
            left: fold(f32::INFINITY, f32::min, |point| point.x),
            top: fold(f32::INFINITY, f32::min, |point| point.y),
            right: fold(f32::NEG_INFINITY, f32::max, |point| point.x),
            bottom: fold(f32::NEG_INFINITY, f32::max, |point| point.y),
        })
    }

    /// The frame around both.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Its corners, clockwise from the top left.
    pub(super) fn corners(&self) -> [Point; 4] {
        [
            Point::new(self.left, self.top),
            Point::new(self.right, self.top),
            Point::new(self.right, self.bottom),
            Point::new(self.left, self.bottom),
        ]
    }

    pub(super) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f32 {
        self.bottom - self.top
    }

    pub(super) fn middle_y(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    /// Pixels that both have in common from left to right; 0 when they stand apart.
    pub(super) fn overlap_x(&self, other: &Self) -> f32 {
        (self.right.min(other.right) - self.left.max(other.left)).max(0.0)
    }

    /// The part of the lower one's height that both have in common, 0 to 1.
    pub(super) fn row_overlap(&self, other: &Self) -> f32 {
        let common = (self.bottom.min(other.bottom) - self.top.max(other.top)).max(0.0);
        let lower = self.height().min(other.height());
        if lower > 0.0 { common / lower } else { 0.0 }
    }
}

/// The part of a line's polygon from the fraction `from` to the fraction `to` of its length.
pub(super) fn slice(polygon: &[Point; 4], from: f32, to: f32) -> [Point; 4] {
    let between = |start: Point, end: Point, part: f32| {
        Point::new(
            start.x + (end.x - start.x) * part,
            start.y + (end.y - start.y) * part,
        )
    };
    let [top_left, top_right, bottom_right, bottom_left] = *polygon;
    [
        between(top_left, top_right, from),
        between(top_left, top_right, to),
        between(bottom_left, bottom_right, to),
        between(bottom_left, bottom_right, from),
    ]
}
