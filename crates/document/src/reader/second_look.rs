//! A second look at places where something should stand. Detectors of text pass over a letter that stands alone, and the
//! sex is one: where its label was read and nothing beside or below it, these places are read once more.

use image::RgbImage;
use selfsame_types::Point;

use crate::Error;
use crate::document::Located;
use crate::field::Reading;
use crate::ocr::{Ocr, Text};
use crate::quad::Quad;

/// A lone letter is believed from here on.
const LEAST_CONFIDENCE: f32 = 0.6;
/// What a second look is worth beside a first.
const SURE: f32 = 0.9;

/// The sex, beside or below its label.
pub(super) fn sex(ocr: &Ocr, card: &RgbImage, texts: &[Text]) -> Result<Option<Located>, Error> {
    for text in texts.iter().filter(|text| is_label(&text.line.text)) {
        for place in places(&Quad(text.line.polygon)) {
            // A letter with a piece of the label's last one is still a lone letter.
            let taken = |other: &Text| {
                other.line.text.chars().count() > 2 && place.contains(Quad(other.line.polygon).centre())
            };
            if texts.iter().any(taken) {
                continue;
            }
            if let Some(found) = look(ocr, card, &place)? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Whether a line is nothing but the label of the sex, perhaps with the element's number.
fn is_label(text: &str) -> bool {
    let letters: String = text
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    letters == "SEX" && text.len() <= "15. SEX:".len()
}

/// Beside a label, and below it.
fn places(label: &Quad) -> [Quad; 2] {
    /// In heights of the label: how far the value begins and how far it reaches.
    const BESIDE: (f32, f32) = (0.0, 2.5);
    const BELOW: (f32, f32) = (-0.1, 1.3);
    let [a, b, c, d] = label.0;
    let height = label.height();
    let unit = |from: Point, to: Point| {
        let length = from.distance(to).max(f32::EPSILON);
        ((to.x - from.x) / length, (to.y - from.y) / length)
    };
    let (along, across) = (unit(a, b), unit(a, d));
    let moved = |p: Point, right: f32, down: f32| {
        Point::new(
            p.x + height * (right * along.0 + down * across.0),
            p.y + height * (right * along.1 + down * across.1),
        )
    };
    // Print of values is larger than that of labels.
    let grown = 0.2;
    let beside = Quad([
        moved(b, BESIDE.0, -grown),
        moved(b, BESIDE.1, -grown),
        moved(c, BESIDE.1, grown),
        moved(c, BESIDE.0, grown),
    ]);
    let below = Quad([
        moved(d, 0.0, BELOW.0),
        moved(d, 2.5, BELOW.0),
        moved(d, 2.5, BELOW.1),
        moved(d, 0.0, BELOW.1),
    ]);
    [beside, below]
}

fn look(ocr: &Ocr, card: &RgbImage, place: &Quad) -> Result<Option<Located>, Error> {
    let Some(text) = ocr.read(card, place)? else {
        return Ok(None);
    };
    let letter = text.line.text.trim();
    let is_sex = matches!(letter, "M" | "F" | "X") && text.line.confidence >= LEAST_CONFIDENCE;
    Ok(is_sex.then(|| {
        (
            Reading {
                text: letter.to_owned(),
                date: None,
                confidence: SURE * text.line.confidence,
            },
            place.0,
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_stand_alone() {
        for (text, is) in [
            ("15 SEX", true),
            ("Sex:", true),
            ("SEX F", false),
            ("SEX / SEXE", false),
            ("ESSEX", false),
        ] {
            assert_eq!(is_label(text), is, "{text}");
        }
    }

    #[test]
    fn places_are_beside_and_below() {
        let [beside, below] = places(&Quad::upright(100.0, 50.0, 140.0, 60.0));
        assert_eq!(beside, Quad::upright(140.0, 48.0, 165.0, 62.0));
        assert_eq!(below, Quad::upright(100.0, 59.0, 125.0, 73.0));
    }
}
