//! Elements that have a meaning beyond their text: dates, sex, height, weight.

use jiff::civil::Date;
use serde::Serialize;

use super::{Issuer, Payload, issuer};

/// The sex that a card states (DBC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sex {
    /// `1`, `M`
    Male,
    /// `2`, `F`
    Female,
    /// `9`, `X`: not specified.
    Unspecified,
}

/// A height (DAU, DAV).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Height {
    /// In inches.
    Inches(u16),
    /// In centimetres.
    Centimetres(u16),
}

/// A weight (DAW, DAX, DCE).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Weight {
    /// In pounds.
    Pounds(u16),
    /// In kilograms.
    Kilograms(u16),
    /// One of ten ranges, in kilograms, both ends included; the last has no upper end.
    Range {
        /// The least weight.
        from_kilograms: u16,
        /// The greatest weight.
        to_kilograms: Option<u16>,
    },
}

/// The ranges of DCE, an optional element (annex D, table D.4). Compared with the texts of three readers that quote the
/// standard.
const RANGES: [(u16, Option<u16>); 10] = [
    (0, Some(31)),
    (32, Some(45)),
    (46, Some(59)),
    (60, Some(70)),
    (71, Some(86)),
    (87, Some(100)),
    (101, Some(113)),
    (114, Some(127)),
    (128, Some(145)),
    (146, None),
];

impl Payload {
    /// Who issued the card; nothing if AAMVA's list does not have the number.
    #[must_use]
    pub fn issuer(&self) -> Option<Issuer> {
        issuer(self.issuer_number)
    }

    /// The country: DCG, else that of the issuer.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.element("DCG")
            .or_else(|| self.issuer().map(|issuer| issuer.country))
    }

    /// The date of an element such as DBB, in either order. Canada and versions before 2 have `CCYYMMDD`, US cards
    /// since then `MMDDCCYY`, but some issuers do as they please. No text is a date in both orders: no month is 19 or 20.
    #[must_use]
    pub fn date(&self, code: &str) -> Option<Date> {
        date(self.element(code)?)
    }

    /// Date of birth (DBB; DBL is an alias's).
    #[must_use]
    pub fn birth(&self) -> Option<Date> {
        self.date("DBB")
    }

    /// Date of issue (DBD).
    #[must_use]
    pub fn issue(&self) -> Option<Date> {
        self.date("DBD")
    }

    /// Date of expiry (DBA).
    #[must_use]
    pub fn expiry(&self) -> Option<Date> {
        self.date("DBA")
    }

    /// The sex (DBC).
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        match self.element("DBC")? {
            "1" | "M" | "m" => Some(Sex::Male),
            "2" | "F" | "f" => Some(Sex::Female),
            "9" | "X" | "x" => Some(Sex::Unspecified),
            _ => None,
        }
    }

    /// The height: DAU with its unit, in version 1 feet and two digits of inches; else DAV in centimetres.
    #[must_use]
    pub fn height(&self) -> Option<Height> {
        let canadian = self.country() == Some("CAN");
        let printed = self.element("DAU").and_then(|text| height(text, canadian));
        printed.or_else(|| number(self.element("DAV")?).map(Height::Centimetres))
    }

    /// The weight: DAW in pounds, DAX in kilograms, or the range DCE.
    #[must_use]
    pub fn weight(&self) -> Option<Weight> {
        let pounds = self.element("DAW").and_then(number).map(Weight::Pounds);
        let kilograms = || self.element("DAX").and_then(number).map(Weight::Kilograms);
        let range = || {
            let index = self.element("DCE")?.parse::<usize>().ok()?;
            let (from_kilograms, to_kilograms) = *RANGES.get(index)?;
            Some(Weight::Range {
                from_kilograms,
                to_kilograms,
            })
        };
        pounds.or_else(kilograms).or_else(range)
    }

    /// Whether the holder is marked as a veteran (DDL). Cards without the element say nothing.
    #[must_use]
    pub fn veteran(&self) -> Option<bool> {
        self.element("DDL").map(|value| matches!(value, "1" | "Y"))
    }

    /// Whether the holder is marked as an organ donor: DDK, in version 1 DBH.
    #[must_use]
    pub fn organ_donor(&self) -> Option<bool> {
        self.first_of(&["DDK", "DBH"])
            .map(|value| matches!(value, "1" | "Y" | "DONOR"))
    }
}

fn date(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | '/' | ' ')).collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = if matches!(&digits[..2], "18" | "19" | "20" | "21") {
        (&digits[..4], &digits[4..6], &digits[6..])
    } else {
        (&digits[4..], &digits[..2], &digits[2..4])
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The number at the beginning of a text, unless it is 0.
fn number(text: &str) -> Option<u16> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok().filter(|number| *number > 0)
}

fn height(text: &str, canadian: bool) -> Option<Height> {
    let value = number(text)?;
    let unit = text
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim()
        .to_ascii_lowercase();
    match unit.as_str() {
        "in" | "\"" => Some(Height::Inches(value)),
        "cm" => Some(Height::Centimetres(value)),
        "" if canadian => Some(Height::Centimetres(value)),
        // Feet and inches, `510`; no one is more than eight feet tall.
        "" if (200..=811).contains(&value) && value % 100 < 12 => {
            Some(Height::Inches(value / 100 * 12 + value % 100))
        }
        "" if value <= 99 => Some(Height::Inches(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_either_order() {
        let expected = jiff::civil::date(1985, 7, 4);
        for text in ["07041985", "19850704", "1985-07-04", "07/04/1985"] {
            assert_eq!(date(text), Some(expected), "{text}");
        }
        for text in ["", "00000000", "13321985", "1985070", "٠٧٠٤١٩٨٥", "NONE"] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!(date("12202019"), Some(jiff::civil::date(2019, 12, 20)));
    }

    #[test]
    fn heights_have_units() {
        for (text, canadian, expected) in [
            ("069 in", false, Some(Height::Inches(69))),
            ("72 IN", false, Some(Height::Inches(72))),
            ("175 cm", false, Some(Height::Centimetres(175))),
            ("168", true, Some(Height::Centimetres(168))),
            ("505", false, Some(Height::Inches(65))),
            ("600", false, Some(Height::Inches(72))),
            ("513", false, None),
            ("150", false, None),
            ("NONE", false, None),
        ] {
            assert_eq!(height(text, canadian), expected, "{text}");
        }
    }
}
