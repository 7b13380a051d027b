//! The fields of a zone as the fields of the crate.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Mrz, Sex, Which};
use crate::{Field, Reading};

/// How sure a field is whose check digit holds.
const CHECKED: f32 = 0.99;
/// How sure a field is that has no check digit, in a zone where all that exist hold, and in one where one fails.
const UNCHECKED: f32 = 0.9;
const UNCHECKED_IN_DOUBT: f32 = 0.7;
/// How sure a field is whose check digit fails: some character of it, or the digit, is wrong.
const FAILED: f32 = 0.3;

impl Mrz {
    /// The zone's fields; empty ones and impossible dates are left out. `today` settles the centuries of dates.
    ///
    /// A date of which only a part is known has no [`Reading::date`] and the text `1974-08` or `1974`.
    #[must_use]
    pub fn readings(&self, today: Date) -> BTreeMap<Field, Reading> {
        let plain = self.plain_confidence();
        let (first, middle) = self.given_names();
        let birth = self.birth.birth_text(today).unwrap_or_default();
        let expiry = self.expiry.expiry_text(today).unwrap_or_default();
        let (personal, personal_confidence) = self.personal(plain).unwrap_or_default();
        let number_confidence = self.confidence(Which::DocumentNumber);
        [
            (Field::LastName, self.names.primary.as_str(), None, plain),
            (Field::FirstName, first, None, plain),
            (Field::MiddleName, middle, None, plain),
            (
                Field::DocumentNumber,
                &self.document_number,
                None,
                number_confidence,
            ),
            (Field::Nationality, code(&self.nationality), None, plain),
            (Field::Issuer, code(&self.issuer), None, plain),
            (Field::Sex, self.sex_text(), None, plain),
            (
                Field::DateOfBirth,
                &birth,
                self.birth.birth(today),
                self.confidence(Which::BirthDate),
            ),
            (
                Field::DateOfExpiry,
                &expiry,
                self.expiry.expiry(today),
                self.confidence(Which::Expiry),
            ),
            (Field::PersonalNumber, personal, None, personal_confidence),
        ]
        .into_iter()
        .filter(|(_, text, _, _)| !text.is_empty())
        .map(|(field, text, date, confidence)| {
            (
                field,
                Reading {
                    text: text.to_owned(),
                    date,
                    confidence,
                },
            )
        })
        .collect()
    }

    fn plain_confidence(&self) -> f32 {
        if self.is_consistent() {
            UNCHECKED
        } else {
            UNCHECKED_IN_DOUBT
        }
    }

    /// The first word of the secondary identifier, and the others.
    fn given_names(&self) -> (&str, &str) {
        let secondary = self.names.secondary.as_deref().unwrap_or_default();
        secondary.split_once(' ').unwrap_or((secondary, ""))
    }

    fn sex_text(&self) -> &'static str {
        match self.sex {
            Some(Sex::Male) => "M",
            Some(Sex::Female) => "F",
            Some(Sex::Unspecified) => "X",
            None => "",
        }
    }

    /// The personal number, or the first optional data that there are. Those of cards are covered by the composite check
    /// digit, those of visas by none.
    fn personal(&self, plain: f32) -> Option<(&str, f32)> {
        if let Some(number) = &self.personal_number {
            return Some((number, self.confidence(Which::PersonalNumber)));
        }
        let confidence = if self.format.is_visa() {
            plain
        } else {
            self.confidence(Which::Composite)
        };
        let optional = self.optional_1.as_ref().or(self.optional_2.as_ref())?;
        Some((optional, confidence))
    }

    fn confidence(&self, which: Which) -> f32 {
        if self.holds(which) { CHECKED } else { FAILED }
    }
}

/// A code of a state, unless it is none: a digit in it was misread, or misprinted.
fn code(text: &str) -> &str {
    if text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        text
    } else {
        ""
    }
}
