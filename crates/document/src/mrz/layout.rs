//! Where the fields of each format stand: ICAO Doc 9303, section 4.2 of parts 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas).
//!
//! Only positions live here, no content. Columns count from 0, ranges exclude their end.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::check::Which;

/// The formats of machine readable zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// Cards of the size of a bank card: three lines of 30.
    Td1,
    /// Larger cards: two lines of 36.
    Td2,
    /// Passports: two lines of 44.
    Td3,
    /// Visas of the size of a passport's page: two lines of 44.
    MrvA,
    /// Smaller visas: two lines of 36.
    MrvB,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Td1, Self::Td2, Self::Td3, Self::MrvA, Self::MrvB];

    /// How many lines it has.
    #[must_use]
    pub const fn line_count(self) -> usize {
        match self {
            Self::Td1 => 3,
            Self::Td2 | Self::Td3 | Self::MrvA | Self::MrvB => 2,
        }
    }

    /// How many characters each line has.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    /// Whether it is a visa's.
    #[must_use]
    pub const fn is_visa(self) -> bool {
        matches!(self, Self::MrvA | Self::MrvB)
    }

    /// The format with so many lines of so many characters, a visa's if the document code says `V`.
    #[must_use]
    pub fn of(line_count: usize, width: usize, visa: bool) -> Option<Self> {
        Self::ALL.into_iter().find(|format| {
            format.line_count() == line_count
                && format.width() == width
                && (line_count == 3 || format.is_visa() == visa)
        })
    }

    /// What may stand in each column of a line.
    #[must_use]
    pub fn classes(self, line: usize) -> Vec<Class> {
        let mut classes = vec![Class::Any; self.width()];
        let layout = Layout::of(self);
        let letters = [
            &layout.document_code,
            &layout.issuer,
            &layout.names,
            &layout.nationality,
        ];
        let numbers = [&layout.birth, &layout.expiry];
        let mut set = |slot: &Slot, class: Class| {
            if slot.line == line {
                classes[slot.columns.clone()].fill(class);
            }
        };
        for slot in letters {
            set(slot, Class::Letter);
        }
        for slot in numbers {
            set(slot, Class::Number);
        }
        set(&layout.sex, Class::Sex);
        for (which, slot) in layout.check_digits() {
            let filler_allowed = match which {
                // The number may go on in the optional data; an empty personal number needs no digit.
                Which::DocumentNumber => matches!(self, Self::Td1 | Self::Td2),
                Which::PersonalNumber => true,
                Which::BirthDate | Which::Expiry | Which::Composite => false,
            };
            set(
                &slot,
                if filler_allowed {
                    Class::Number
                } else {
                    Class::Digit
                },
            );
        }
        classes
    }
}

/// What may stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// A letter or the filler.
    Letter,
    /// A digit or the filler.
    Number,
    /// A digit.
    Digit,
    /// `M`, `F`, the filler, or the `X` that some issuers print against the standard.
    Sex,
    /// The whole alphabet.
    Any,
}

impl Class {
    /// Whether `character` may stand here.
    #[must_use]
    pub const fn allows(self, character: char) -> bool {
        match self {
            Self::Letter => character.is_ascii_uppercase() || character == super::FILLER,
            Self::Number => character.is_ascii_digit() || character == super::FILLER,
            Self::Digit => character.is_ascii_digit(),
            Self::Sex => matches!(character, 'M' | 'F' | 'X' | super::FILLER),
            Self::Any => {
                character.is_ascii_uppercase() || character.is_ascii_digit() || character == super::FILLER
            }
        }
    }
}

/// A piece of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) line: usize,
    pub(super) columns: Range<usize>,
}

impl Slot {
    const fn new(line: usize, columns: Range<usize>) -> Self {
        Self { line, columns }
    }

    /// Its characters; empty where the line is too short.
    pub(super) fn of<'a>(&self, lines: &'a [String]) -> &'a str {
        lines
            .get(self.line)
            .and_then(|line| line.get(self.columns.clone()))
            .unwrap_or_default()
    }

    /// Its places, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let line = self.line;
        self.columns.clone().map(move |column| (line, column))
    }
}

/// The fields of a format.
pub(super) struct Layout {
    pub(super) document_code: Slot,
    pub(super) issuer: Slot,
    pub(super) names: Slot,
    pub(super) number: Slot,
    pub(super) number_check: Slot,
    pub(super) nationality: Slot,
    pub(super) birth: Slot,
    pub(super) birth_check: Slot,
    pub(super) sex: Slot,
    pub(super) expiry: Slot,
    pub(super) expiry_check: Slot,
    /// Optional data: the personal number of a TD3.
    pub(super) optional: Slot,
    /// The second optional data of a TD1.
    pub(super) optional_2: Option<Slot>,
    pub(super) personal_check: Option<Slot>,
    pub(super) composite_check: Option<Slot>,
    /// What the composite check digit covers, in order.
    pub(super) composite: Vec<Slot>,
}

impl Layout {
    pub(super) fn of(format: Format) -> Self {
        match format {
            Format::Td1 => Self::td1(),
            _ => Self::two_lines(format),
        }
    }

    fn td1() -> Self {
        Self {
            document_code: Slot::new(0, 0..2),
            issuer: Slot::new(0, 2..5),
            number: Slot::new(0, 5..14),
            number_check: Slot::new(0, 14..15),
            optional: Slot::new(0, 15..30),
            birth: Slot::new(1, 0..6),
            birth_check: Slot::new(1, 6..7),
            sex: Slot::new(1, 7..8),
            expiry: Slot::new(1, 8..14),
            expiry_check: Slot::new(1, 14..15),
            nationality: Slot::new(1, 15..18),
            optional_2: Some(Slot::new(1, 18..29)),
            personal_check: None,
            composite_check: Some(Slot::new(1, 29..30)),
            composite: vec![
                Slot::new(0, 5..30),
                Slot::new(1, 0..7),
                Slot::new(1, 8..15),
                Slot::new(1, 18..29),
            ],
            names: Slot::new(2, 0..30),
        }
    }

    /// TD2, TD3 and both visas agree up to column 28 of the second line.
    fn two_lines(format: Format) -> Self {
        let width = format.width();
        let (optional, personal_check, composite_check) = match format {
            Format::Td3 => (28..42, Some(Slot::new(1, 42..43)), Some(Slot::new(1, 43..44))),
            Format::Td2 => (28..35, None, Some(Slot::new(1, 35..36))),
            _ => (28..width, None, None),
        };
        let composite = if composite_check.is_some() {
            vec![
                Slot::new(1, 0..10),
                Slot::new(1, 13..20),
                Slot::new(1, 21..width - 1),
            ]
        } else {
            Vec::new()
        };
        Self {
            document_code: Slot::new(0, 0..2),
            issuer: Slot::new(0, 2..5),
            names: Slot::new(0, 5..width),
            number: Slot::new(1, 0..9),
            number_check: Slot::new(1, 9..10),
            nationality: Slot::new(1, 10..13),
            birth: Slot::new(1, 13..19),
            birth_check: Slot::new(1, 19..20),
            sex: Slot::new(1, 20..21),
            expiry: Slot::new(1, 21..27),
            expiry_check: Slot::new(1, 27..28),
            optional: Slot::new(1, optional),
            optional_2: None,
            personal_check,
            composite_check,
            composite,
        }
    }

    /// The check digits and where they stand as long as the number is not continued.
    fn check_digits(&self) -> impl Iterator<Item = (Which, Slot)> {
        [
            (Which::DocumentNumber, Some(self.number_check.clone())),
            (Which::BirthDate, Some(self.birth_check.clone())),
            (Which::Expiry, Some(self.expiry_check.clone())),
            (Which::PersonalNumber, self.personal_check.clone()),
            (Which::Composite, self.composite_check.clone()),
        ]
        .into_iter()
        .filter_map(|(which, slot)| slot.map(|slot| (which, slot)))
    }

    /// What each check digit protects and where it is printed, the composite one last.
    ///
    /// A document number of more than nine characters leaves its check digit's place to a filler and goes on at the start
    /// of the optional data, followed there by its check digit and a filler (parts 5 and 6, sections 4.2.2 and 4.2.4).
    pub(super) fn protected(&self, lines: &[String]) -> Vec<Protected> {
        let mut fields: Vec<Protected> = self
            .check_digits()
            .map(|(which, digit)| {
                let data = match which {
                    Which::DocumentNumber => self.number.places().collect(),
                    Which::BirthDate => self.birth.places().collect(),
                    Which::Expiry => self.expiry.places().collect(),
                    Which::PersonalNumber => self.optional.places().collect(),
                    Which::Composite => self.composite.iter().flat_map(Slot::places).collect(),
                };
                Protected {
                    which,
                    data,
                    digit: (digit.line, digit.columns.start),
                }
            })
            .collect();
        if let Some(length) = self.continuation(lines) {
            let mut rest: Vec<_> = self.optional.places().take(length).collect();
            if let (Some(digit), Some(number)) = (rest.pop(), fields.first_mut()) {
                number.data.extend(rest);
                number.digit = digit;
            }
        }
        fields
    }

    /// How many characters of the optional data belong to a long document number, its check digit included.
    ///
    /// All nine places of the number are taken, its check digit's place has a filler, and a filler ends the continuation
    /// (parts 5 and 6, section 4.2.2, note j). A filler within the number stands for a space, one at its end says that it is
    /// no longer than that.
    pub(super) fn continuation(&self, lines: &[String]) -> Option<usize> {
        let number = self.number.of(lines);
        let continued = self.personal_check.is_none()
            && self.composite_check.is_some()
            && self.number_check.of(lines) == "<"
            && !number.starts_with(super::FILLER)
            && !number.ends_with(super::FILLER);
        let length = self.optional.of(lines).find(super::FILLER)?;
        (continued && length >= 2).then_some(length)
    }
}

/// A check digit's place and the places that it protects, as (line, column).
pub(super) struct Protected {
    pub(super) which: Which,
    pub(super) data: Vec<(usize, usize)>,
    pub(super) digit: (usize, usize),
}
