//! Check digits: ICAO Doc 9303 part 3, section 4.9.

use serde::{Deserialize, Serialize};

/// The weights, repeated along the characters.
pub(super) const WEIGHTS: [u32; 3] = [7, 3, 1];

/// What a check digit protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Which {
    /// The document number.
    DocumentNumber,
    /// The date of birth.
    BirthDate,
    /// The date of expiry.
    Expiry,
    /// The personal number or other optional data of a passport.
    PersonalNumber,
    /// Most of the zone at once; never the names, the nationality and the sex.
    Composite,
}

/// One check digit, as printed and as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What it protects.
    pub which: Which,
    /// The character in its place.
    pub printed: char,
    /// The digit that belongs there.
    pub computed: char,
    /// Whether they agree. An empty personal number may have the filler for its digit (part 4, section 4.2.2.2).
    pub holds: bool,
}

impl Check {
    pub(super) fn new(which: Which, data: &str, printed: char) -> Self {
        let computed = digit(data);
        let empty = which == Which::PersonalNumber
            && printed == super::FILLER
            && data.chars().all(|character| character == super::FILLER);
        Self {
            which,
            printed,
            computed,
            holds: printed == computed || empty,
        }
    }
}

/// The value of a character: digits their own, letters 10 to 35, the filler and everything else 0.
pub(super) fn value(character: char) -> u32 {
    if character == super::FILLER {
        0
    } else {
        character.to_digit(36).unwrap_or(0)
    }
}

/// The check digit of `data`.
///
/// It cannot tell characters whose values differ by a multiple of ten: `1`, `B`, `L` and `V`, or `6`, `G` and `Q`.
#[must_use]
pub fn digit(data: &str) -> char {
    let sum = data
        .chars()
        .zip(WEIGHTS.into_iter().cycle())
        .fold(0, |sum, (character, weight)| {
            (sum + value(character) * weight) % 10
        });
    char::from_digit(sum, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of Doc 9303 part 3, section 4.9 and its appendix A.
    #[test]
    fn the_examples_of_the_standard_hold() {
        for (data, expected) in [
            ("520727", '3'),
            ("AB2134<<<", '5'),
            (
                "HA672242<6YTO5802254M9601086<<<<<<<<<<<<<<0"
                    .replace("YTO", "")
                    .replace('M', "")
                    .as_str(),
                '8',
            ),
            ("D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<<", '2'),
            ("HA672242<658022549601086<<<<<<<<<<<<<<0", '8'),
        ] {
            assert_eq!(digit(data), expected, "{data}");
        }
    }

    #[test]
    fn only_an_empty_personal_number_may_lack_its_digit() {
        assert!(Check::new(Which::PersonalNumber, "<<<<<<<<<<<<<<", '<').holds);
        assert!(Check::new(Which::PersonalNumber, "<<<<<<<<<<<<<<", '0').holds);
        assert!(!Check::new(Which::PersonalNumber, "Z<<<<<<<<<<<<<", '<').holds);
        assert!(!Check::new(Which::BirthDate, "<<<<<<", '<').holds);
    }
}
