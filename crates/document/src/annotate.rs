//! Draws what was read onto the upright card: lines of text, and the places of fields.

use image::{Rgb, RgbImage};
use imageproc::drawing::draw_line_segment_mut;
use selfsame_types::Point;

use crate::reader::Document;

const LINE: Rgb<u8> = Rgb([90, 170, 255]);
const FIELD: Rgb<u8> = Rgb([80, 220, 100]);
const DISPUTED: Rgb<u8> = Rgb([255, 80, 60]);

/// The card with the outlines of its lines; those of fields are green, or red where two zones disagree.
#[must_use]
pub fn annotate(document: &Document) -> RgbImage {
    let mut picture = document.card.clone();
    for line in &document.card_lines {
        draw(&mut picture, line, 1, LINE);
    }
    for value in document.fields.values() {
        let colour = if value.disagreeing.is_empty() {
            FIELD
        } else {
            DISPUTED
        };
        if let Some(polygon) = &value.polygon {
            draw(&mut picture, polygon, 3, colour);
        }
    }
    picture
}

/// A closed outline, so many pixels thick.
fn draw(picture: &mut RgbImage, polygon: &[Point; 4], thickness: i32, colour: Rgb<u8>) {
    for index in 0..4 {
        let (from, to) = (polygon[index], polygon[(index + 1) % 4]);
        for offset in 0..thickness {
            let off = offset as f32;
            draw_line_segment_mut(
                picture,
                (from.x + off, from.y + off),
                (to.x + off, to.y + off),
                colour,
            );
        }
    }
}
