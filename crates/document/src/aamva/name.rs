//! The holder's name, which each version of the standard splits in its own way.

use serde::Serialize;

use super::Payload;

/// Pennsylvania prints the full name with the family name last and without commas.
const PENNSYLVANIA: u32 = 636_025;

/// Whether a name was cut to fit (elements DDE, DDF and DDG, since version 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Truncation {
    /// `T`
    Truncated,
    /// `N`
    Complete,
    /// `U`, or not said.
    #[default]
    Unknown,
}

/// The holder's name; a part that is empty or `NONE` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Name {
    /// Family name: DCS, DAB, or of the full name DAA.
    pub family: Option<String>,
    /// First name: DAC, or the first word of the given names DCT, or of DAA.
    pub first: Option<String>,
    /// Middle names: DAD, or the other words of DCT, or of DAA.
    pub middle: Option<String>,
    /// Suffix: DCU, DAE, or of DAA.
    pub suffix: Option<String>,
    /// Whether the family name was cut (DDE).
    pub family_truncation: Truncation,
    /// Whether the first name was cut (DDF).
    pub first_truncation: Truncation,
    /// Whether the middle names were cut (DDG).
    pub middle_truncation: Truncation,
}

impl Payload {
    /// The holder's name. Parts that have elements of their own are taken from these, others from the full name.
    #[must_use]
    pub fn name(&self) -> Name {
        let mut name = Name {
            family_truncation: self.truncation("DDE"),
            first_truncation: self.truncation("DDF"),
            middle_truncation: self.truncation("DDG"),
            family: self.name_part(&["DCS", "DAB"]),
            first: self.name_part(&["DAC"]),
            middle: self.name_part(&["DAD"]),
            suffix: self.name_part(&["DCU", "DAE"]),
        };
        if name.first.is_none()
            && let Some(given) = self.name_part(&["DCT"])
        {
            // Some issuers separate the given names with commas.
            let (first, middle) = first_and_rest(&given.replace(',', " "));
            name.first = first;
            name.middle = name.middle.or(middle);
        }
        if name.family.is_none()
            && name.first.is_none()
            && let Some(full) = self.element("DAA")
        {
            split_full(full, self.issuer_number == PENNSYLVANIA, &mut name);
        }
        name
    }

    fn name_part(&self, codes: &[&str]) -> Option<String> {
        codes.iter().filter_map(|code| self.element(code)).find_map(part)
    }

    fn truncation(&self, code: &str) -> Truncation {
        match self.element(code) {
            Some("T") => Truncation::Truncated,
            Some("N") => Truncation::Complete,
            _ => Truncation::Unknown,
        }
    }
}

/// A part of a name with single spaces; nothing for `NONE`, which stands for none.
fn part(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && text != "NONE").then_some(text)
}

fn first_and_rest(given: &str) -> (Option<String>, Option<String>) {
    let given = given.trim();
    let (first, rest) = given.split_once(char::is_whitespace).unwrap_or((given, ""));
    (part(first), part(rest))
}

/// Splits a full name: `FAMILY,FIRST,MIDDLE,SUFFIX`; or `FAMILY,FIRST MIDDLE`. Without a comma only an issuer that is
/// known for it has `FIRST MIDDLE FAMILY`; of others the parts stay unknown.
fn split_full(full: &str, family_last: bool, name: &mut Name) {
    let parts: Vec<&str> = full.split(',').collect();
    match parts.as_slice() {
        [words] if family_last => {
            let (given, family) = words.trim().rsplit_once(' ').unwrap_or(("", words));
            (name.first, name.middle) = first_and_rest(given);
            name.family = part(family);
        }
        [family, given] => {
            name.family = part(family);
            (name.first, name.middle) = first_and_rest(given);
        }
        [family, first, middle, suffix @ ..] => {
            name.family = part(family);
            name.first = part(first);
            name.middle = part(middle);
            name.suffix = name.suffix.take().or_else(|| part(&suffix.join(" ")));
        }
        _ => {}
    }
}
