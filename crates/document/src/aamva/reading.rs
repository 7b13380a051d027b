//! The elements of a payload as the fields of the crate.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Payload, Sex};
use crate::{Field, Reading};

/// PDF417 corrects errors or fails: what it delivers is as it was printed.
const CONFIDENCE: f32 = 0.995;

impl Payload {
    /// The card's fields. Dates are ISO 8601, postal codes of the US as written, everything else is as it stands in the
    /// payload. What the payload does not have, or says by `NONE` where a name would stand, is left out.
    #[must_use]
    pub fn readings(&self) -> BTreeMap<Field, Reading> {
        let mut readings = BTreeMap::new();
        let mut put = |field: Field, text: Option<String>, date: Option<Date>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                readings.insert(
                    field,
                    Reading {
                        text,
                        date,
                        confidence: CONFIDENCE,
                    },
                );
            }
        };
        let name = self.name();
        put(Field::LastName, name.family, None);
        put(Field::FirstName, name.first, None);
        put(Field::MiddleName, name.middle, None);
        put(Field::Suffix, name.suffix, None);
        for (field, date) in [
            (Field::DateOfBirth, self.birth()),
            (Field::DateOfIssue, self.issue()),
            (Field::DateOfExpiry, self.expiry()),
        ] {
            put(field, date.map(|date| date.to_string()), date);
        }
        put(Field::Address, self.street(), None);
        put(Field::PostalCode, self.postal_code(), None);
        let sex = self.sex().map(|sex| match sex {
            Sex::Male => "M",
            Sex::Female => "F",
            Sex::Unspecified => "X",
        });
        put(Field::Sex, sex.map(str::to_owned), None);
        put(
            Field::Issuer,
            self.issuer().map(|issuer| issuer.code.to_owned()),
            None,
        );
        put(Field::Weight, self.weight_text(), None);
        put(
            Field::Veteran,
            self.veteran()
                .and_then(|veteran| veteran.then(|| "VETERAN".to_owned())),
            None,
        );
        for (field, codes) in PLAIN {
            put(field, self.first_of(codes).map(single_spaced), None);
        }
        readings
    }

    /// The street: mailing address, else that of residence (version 1).
    fn street(&self) -> Option<String> {
        let lines = |codes: [&str; 2]| {
            let lines: Vec<String> = codes
                .iter()
                .filter_map(|code| self.element(code))
                .filter(|line| *line != "NONE")
                .map(single_spaced)
                .collect();
            (!lines.is_empty()).then(|| lines.join(" "))
        };
        let mailing = self.element("DAG").and_then(|_| lines(["DAG", "DAH"]));
        mailing.or_else(|| lines(["DAL", "DAM"]))
    }

    /// The postal code. In the US five digits, and four after a hyphen unless they are zeros that fill the element.
    fn postal_code(&self) -> Option<String> {
        let printed = single_spaced(self.first_of(&["DAK", "DAP"])?);
        if self.country() == Some("CAN") {
            return Some(printed);
        }
        let digits: String = printed.chars().filter(char::is_ascii_digit).collect();
        let others = printed
            .chars()
            .any(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '-'));
        let Some((five, rest)) = digits.split_at_checked(5).filter(|_| !others) else {
            return Some(printed);
        };
        let four = rest.get(..4).filter(|four| *four != "0000");
        Some(four.map_or_else(|| five.to_owned(), |four| format!("{five}-{four}")))
    }

    /// The weight with the unit that its element implies; of the ranges only the range.
    fn weight_text(&self) -> Option<String> {
        let with_unit = |code: &str, unit: &str| {
            let text = single_spaced(self.element(code)?);
            Some(if text.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("{text} {unit}")
            } else {
                text
            })
        };
        with_unit("DAW", "lb").or_else(|| with_unit("DAX", "kg"))
    }
}

/// Fields that are an element's text; of several codes the first with a value. Elements of versions before 2 come last.
const PLAIN: [(Field, &[&str]); 11] = [
    (Field::City, &["DAI", "DAN"]),
    (Field::State, &["DAJ", "DAO"]),
    (Field::DocumentNumber, &["DAQ"]),
    (Field::Height, &["DAU", "DAV"]),
    (Field::EyeColour, &["DAY"]),
    (Field::HairColour, &["DAZ"]),
    (Field::Class, &["DCA", "DAR"]),
    (Field::Restrictions, &["DCB", "DAS"]),
    (Field::Endorsements, &["DCD", "DAT"]),
    (Field::PlaceOfBirth, &["DCI"]),
    (Field::Discriminator, &["DCF"]),
];

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
