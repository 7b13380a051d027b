//! Invented cards of invented people in the manners in which cards are laid out.

mod american;
mod european;
mod international;

use proptest::prelude::*;
use selfsame_types::Point;

use super::testing::{line, line_at};
use super::*;

const SIZE: Size = Size {
    width: 700.0,
    height: 440.0,
};

/// Reads lines given as text, left and top, and compares the texts of fields, dates as `YYYY-MM-DD`.
fn check(kind: Kind, lines: &[(&str, f32, f32)], wanted: &[(Field, &str)]) {
    let spaced: Vec<Line> = lines.iter().map(|(text, x, y)| line(text, *x, *y)).collect();
    compare(&read(&spaced, SIZE, kind), wanted);
    // Readers lose spaces: what does not depend on them stays the same.
    let glued = spaced.into_iter().map(|line| Line {
        text: line.text.replace(' ', ""),
        ..line
    });
    let glued = read(&glued.collect::<Vec<_>>(), SIZE, kind);
    let firm = [
        Field::LastName,
        Field::Sex,
        Field::DateOfBirth,
        Field::DateOfIssue,
        Field::DateOfExpiry,
    ];
    let suffix = wanted.iter().any(|(field, _)| *field == Field::Suffix);
    let stays = |field: Field| firm.contains(&field) && !(suffix && field == Field::LastName);
    let firm: Vec<(Field, &str)> = wanted
        .iter()
        .filter(|(field, _)| stays(*field))
        .copied()
        .collect();
    compare(&glued, &firm);
}

fn compare(visual: &Visual, wanted: &[(Field, &str)]) {
    let seen: Vec<(Field, String)> = wanted
        .iter()
        .map(|(field, _)| {
            let reading = visual.readings.get(field).map(|located| &located.reading);
            let text = reading.map_or_else(String::new, |reading| {
                reading
                    .date
                    .map_or_else(|| reading.text.clone(), |date| date.to_string())
            });
            (*field, text)
        })
        .collect();
    let wanted: Vec<(Field, String)> = wanted
        .iter()
        .map(|(field, text)| (*field, (*text).to_owned()))
        .collect();
    assert_eq!(seen, wanted);
}

#[test]
fn confidence_follows_the_reader_and_places_are_those_of_the_values() {
    let mut lines = vec![
        line("DRIVER LICENSE", 0.0, 0.0),
        line_at("DOB 03/04/1971", 100.0, 50.0, 140.0, 20.0),
    ];
    let of =
        |lines: &[Line]| read(lines, SIZE, Kind::DriverLicenceFront).readings[&Field::DateOfBirth].clone();
    let sure = of(&lines);
    assert!(
        (0.8..=0.95).contains(&sure.reading.confidence),
        "{}",
        sure.reading.confidence
    );
    assert!(
        (138.0..=142.0).contains(&sure.polygon[0].x),
        "the label is left out: {:?}",
        sure.polygon
    );
    lines[1].confidence = 0.4;
    assert!(of(&lines).reading.confidence < 0.4);
}

proptest! {
    #[test]
    fn never_panics(
        texts in prop::collection::vec(("(1|2|8|4d|3|SEX|DOB|EXP|[0-9/]{6,10}|ST|, NV 1|<<)?\\PC{0,24}", prop::num::f32::ANY), 0..8),
        numbers in prop::collection::vec(prop::num::f32::ANY, 64),
        near in any::<bool>(),
    ) {
        let lines: Vec<Line> = texts.into_iter().enumerate().map(|(index, (text, confidence))| {
            let at = |corner: usize| {
                let pick = |offset: usize| numbers[(8 * index + 2 * corner + offset) % 64];
                if near { Point::new(pick(0) % 700.0, pick(1) % 440.0) } else { Point::new(pick(0), pick(1)) }
            };
            let polygon = if near && index % 2 == 0 { line("x", 10.0, 24.0 * index as f32).polygon } else { [at(0), at(1), at(2), at(3)] };
            Line { text, confidence, polygon }
        }).collect();
        prop_assert_eq!(order::reading_order(&lines).len(), lines.len());
        for kind in [Kind::Other, Kind::DriverLicenceFront, Kind::Passport] {
            for located in read(&lines, Size { width: numbers[0], height: numbers[1] }, kind).readings.values() {
                prop_assert!((0.0..=1.0).contains(&located.reading.confidence));
                prop_assert!(!located.reading.text.is_empty());
            }
        }
    }
}

#[test]
fn nothing_printed_nothing_read() {
    assert!(read(&[], SIZE, Kind::Other).readings.is_empty());
    let noise = [
        line("GROCERIES", 10.0, 10.0),
        line("2 MILK", 10.0, 40.0),
        line("12 EGGS", 10.0, 70.0),
    ];
    assert!(read(&noise, SIZE, Kind::Other).readings.is_empty());
}
