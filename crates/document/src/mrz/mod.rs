//! Machine readable zones: the two or three lines of OCR-B at the foot of passports, visas and identity cards, after ICAO
//! Doc 9303 (8th edition) part 3 for what all have in common and parts 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas).
//!
//! The way from pixels to fields: [`locate`] finds the zone among the lines that a general reader of text has found,
//! [`decode`] reads it again from a model's probabilities as the monospaced print that it is, [`Mrz::correct`] repairs
//! what positions and check digits allow, [`Mrz::parse`] splits it, and [`Mrz::readings`] says it in the fields of the
//! crate.
//!
//! Nothing here sees a pixel, runs a model or asks a clock, and nothing guesses: what two repairs explain equally well
//! stays as it was read, its check digit reported as failing.

mod check;
mod correct;
mod date;
pub mod decode;
mod layout;
mod locate;
mod name;
mod reading;

use serde::{Deserialize, Serialize};

pub use check::{Check, Which, digit};
pub use correct::Correction;
pub use date::ShortDate;
pub use layout::{Class, Format};
pub use locate::{Zone, locate, normalise};
pub use name::Names;

use layout::{Layout, Slot};

/// The filler.
pub const FILLER: char = '<';

/// Why lines are not a machine readable zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There are too few or too many lines.
    #[error(
        "a machine readable zone has two or three lines, these are {found}: pass the lines of one zone, each once"
    )]
    LineCount {
        /// How many there are.
        found: usize,
    },
    /// A line has a length that no format with so many lines has.
    #[error(
        "line {line} has {found} characters where {expected}: pad it with `<`, or read it again, but do not cut it"
    )]
    LineLength {
        /// The line, from 1.
        line: usize,
        /// How many characters it has.
        found: usize,
        /// What would be right, as a clause.
        expected: &'static str,
    },
    /// A character is outside the alphabet.
    #[error(
        "line {line}, column {column} is {found:?}: only A to Z, 0 to 9 and `<` exist; pass OCR text through `normalise`"
    )]
    Alphabet {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The character.
        found: char,
    },
}

/// The sex that a zone states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sex {
    /// `M`
    Male,
    /// `F`
    Female,
    /// The filler: unspecified, printed as X elsewhere on the document.
    Unspecified,
}

/// A machine readable zone, split into its fields. Fillers around and between words are gone, nothing else is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mrz {
    /// Its format.
    pub format: Format,
    /// Its lines as they were given, without surrounding white space.
    pub lines: Vec<String>,
    /// One or two letters: `P`, `PM`, `I`, `ID`, `VC` …
    pub document_code: String,
    /// The issuing state or organisation: three letters, or Germany's `D`.
    pub issuer: String,
    /// The holder's names.
    pub names: Names,
    /// The document's number, a continuation in the optional data included.
    pub document_number: String,
    /// The holder's nationality: three letters, or Germany's `D`.
    pub nationality: String,
    /// Date of birth.
    pub birth: ShortDate,
    /// The sex; absent when the place has another character.
    pub sex: Option<Sex>,
    /// Date of expiry; a visa's last day of validity.
    pub expiry: ShortDate,
    /// The personal number of a passport (TD3), or what its issuer puts in its place.
    pub personal_number: Option<String>,
    /// The optional data of TD1 (first line), TD2 and visas, without a continued document number.
    pub optional_1: Option<String>,
    /// The optional data in the second line of TD1.
    pub optional_2: Option<String>,
    /// Every check digit that the format has, the composite one last.
    pub checks: Vec<Check>,
}

impl Mrz {
    /// Splits the lines of one zone. Strict about lengths and alphabet, as [`decode`] and [`normalise`] deliver them; a
    /// check digit that fails is no error but reported in [`Mrz::checks`].
    pub fn parse(lines: &[&str]) -> Result<Self, Error> {
        let (format, lines) = measure(lines)?;
        Ok(Self::split(format, lines))
    }

    /// Splits lines whose lengths and alphabet are known to be right.
    fn split(format: Format, lines: Vec<String>) -> Self {
        let layout = Layout::of(format);
        let text = |slot: &Slot| present(slot.of(&lines));
        let code = |slot: &Slot| slot.of(&lines).trim_matches(FILLER).to_owned();
        let fields = layout.protected(&lines);
        let continued = layout.continuation(&lines).unwrap_or(0);
        let rest = layout.optional.of(&lines).get(continued..).unwrap_or_default();
        let document_number = match fields.first() {
            Some(number) if continued > 0 => name::words(&characters(&lines, &number.data)),
            _ => name::words(layout.number.of(&lines)),
        };
        let optional = present(rest);
        let (personal_number, optional_1) = if format == Format::Td3 {
            (optional, None)
        } else {
            (None, optional)
        };
        let checks = fields
            .iter()
            .map(|field| {
                Check::new(
                    field.which,
                    &characters(&lines, &field.data),
                    at(&lines, field.digit),
                )
            })
            .collect();
        Self {
            format,
            document_code: code(&layout.document_code),
            issuer: code(&layout.issuer),
            names: Names::read(layout.names.of(&lines)),
            document_number,
            nationality: code(&layout.nationality),
            birth: ShortDate::read(layout.birth.of(&lines)),
            sex: match layout.sex.of(&lines) {
                "M" => Some(Sex::Male),
                "F" => Some(Sex::Female),
                "<" | "X" => Some(Sex::Unspecified),
                _ => None,
            },
            expiry: ShortDate::read(layout.expiry.of(&lines)),
            personal_number,
            optional_1,
            optional_2: layout.optional_2.as_ref().and_then(text),
            checks,
            lines,
        }
    }

    /// Whether every check digit holds.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }

    /// Whether a check digit exists and holds.
    #[must_use]
    pub fn holds(&self, which: Which) -> bool {
        self.checks
            .iter()
            .any(|check| check.which == which && check.holds)
    }
}

/// The words of an optional field, or nothing if it is empty.
fn present(field: &str) -> Option<String> {
    let words = name::words(field);
    (!words.is_empty()).then_some(words)
}

/// The character at (line, column), the filler where there is none.
fn at(lines: &[String], (line, column): (usize, usize)) -> char {
    lines
        .get(line)
        .and_then(|line| line.as_bytes().get(column))
        .map_or(FILLER, |byte| char::from(*byte))
}

/// The characters at several places.
fn characters(lines: &[String], places: &[(usize, usize)]) -> String {
    places.iter().map(|place| at(lines, *place)).collect()
}

/// The format of lines, and the lines without surrounding white space; an error that says which line is wrong and how.
fn measure(lines: &[&str]) -> Result<(Format, Vec<String>), Error> {
    let lines: Vec<String> = lines.iter().map(|line| line.trim().to_owned()).collect();
    let expected = match lines.len() {
        2 => "two lines have 36 or 44 each",
        3 => "three lines have 30 each",
        found => return Err(Error::LineCount { found }),
    };
    for (line, text) in lines.iter().enumerate() {
        if let Some((column, found)) = text
            .chars()
            .enumerate()
            .find(|(_, character)| !Class::Any.allows(*character))
        {
            return Err(Error::Alphabet {
                line: line + 1,
                column: column + 1,
                found,
            });
        }
    }
    // Of lines of different lengths the wrong one is the one that no format has, else the second.
    let known = |length: usize| {
        Format::ALL
            .iter()
            .any(|f| f.line_count() == lines.len() && f.width() == length)
    };
    let wrong = lines
        .iter()
        .position(|line| !known(line.len()))
        .or_else(|| lines.iter().position(|line| line.len() != lines[0].len()));
    if let Some(line) = wrong {
        return Err(Error::LineLength {
            line: line + 1,
            found: lines[line].len(),
            expected,
        });
    }
    let format = Format::of(lines.len(), lines[0].len(), lines[0].starts_with('V'));
    format
        .map(|format| (format, lines.clone()))
        .ok_or(Error::LineLength {
            line: 1,
            found: lines[0].len(),
            expected,
        })
}

#[cfg(test)]
mod tests;
