//! Lines of invented cards for the tests.

use crate::Line;
use selfsame_types::Point;

/// A line in a type of 20 px whose letters are 11 px wide.
pub(super) fn line(text: &str, x: f32, y: f32) -> Line {
    line_at(text, x, y, 11.0 * text.chars().count() as f32, 20.0)
}

/// A line with a size of its own.
pub(super) fn line_at(text: &str, x: f32, y: f32, width: f32, height: f32) -> Line {
    Line {
        text: text.to_owned(),
        confidence: 0.95,
        polygon: [
            Point::new(x, y),
            Point::new(x + width, y),
            Point::new(x + width, y + height),
            Point::new(x, y + height),
        ],
    }
}
