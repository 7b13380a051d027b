use proptest::prelude::*;
use selfsame_types::Point;

use super::testing::line;
use super::*;

const SIZE: Size = Size {
    width: 700.0,
    height: 440.0,
};

fn read_all(lines: &[Line]) -> Visual {
    read(lines, SIZE, Kind::Other)
}

fn text(visual: &Visual, field: Field) -> Option<&str> {
    visual
        .readings
        .get(&field)
        .map(|located| located.reading.text.as_str())
}

proptest! {
    #[test]
    fn never_panics(
        texts in prop::collection::vec(("(1|2|8|4d|3|SEX|DOB|EXP|[0-9/]{6,10}|ST|, NV 1|<<)?\\PC{0,24}", prop::num::f32::ANY), 0..8),
        numbers in prop::collection::vec(prop::num::f32::ANY, 64),
    ) {
        let lines: Vec<Line> = texts.into_iter().enumerate().map(|(index, (text, confidence))| {
            let at = |corner: usize| Point::new(numbers[(8 * index + 2 * corner) % 64], numbers[(8 * index + 2 * corner + 1) % 64]);
            Line { text, confidence, polygon: [at(0), at(1), at(2), at(3)] }
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
    assert!(read_all(&[]).readings.is_empty());
    let noise = [line("GROCERIES", 10.0, 10.0), line("2 MILK", 10.0, 40.0)];
    assert!(
        read_all(&noise)
            .readings
            .keys()
            .all(|field| !matches!(field, Field::DateOfBirth | Field::DocumentNumber))
    );
}
