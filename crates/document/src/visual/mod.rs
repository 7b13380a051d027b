//! The visual zone: what a card says to the eye. Lines of text go in, fields come out, with the place and the
//! confidence of each.
//!
//! Rules are those of the standards (numbers and words of the AAMVA card design standard, numbers of Directive 2006/126/EC,
//! captions of ICAO Doc 9303),
//! of geometry (a value stands right of its label or below it) and of shape (a date is a date). No layout of any issuer
//! is stored. It never reads pixels, machine readable zones or barcodes, and never fills in what was not read: a field
//! without evidence is absent.

mod address;
mod american;
mod dates;
mod european;
mod geometry;
mod international;
mod kind;
mod labels;
mod names;
pub mod order;
mod page;
mod states;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod validity;
mod values;

use std::collections::BTreeMap;

use selfsame_types::Point;

pub use kind::{Classified, classify};

use crate::{Field, Kind, Line, Reading};
use dates::Order;
use page::{Page, Piece};

/// Size of the card in the pixels of its lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: f32,
    /// Pixels from top to bottom.
    pub height: f32,
}

/// A reading and where it stands on the card.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// What was read.
    pub reading: Reading,
    /// The corners of the value in pixels of the card, without its label where the two share a line. Inside a line the
    /// corners are estimated from the count of characters.
    pub polygon: [Point; 4],
}

/// The fields of a visual zone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Visual {
    /// One reading per field that was found.
    pub readings: BTreeMap<Field, Located>,
}

/// Reads the fields of an upright card from its lines, in any order.
///
/// `kind` says which rules apply; with [`Kind::Other`] the words on the card decide, and where they do not, the rules
/// that find more. A page that names no kind and has no date of birth or expiry is not taken for a card.
#[must_use]
pub fn read(lines: &[Line], size: Size, kind: Kind) -> Visual {
    let kind = if kind == Kind::Other {
        classify(lines).kind
    } else {
        kind
    };
    let american = || american::read(&Page::new(lines, size.height), Order::MonthFirst);
    let international = || international::read(lines);
    let european = matches!(kind, Kind::DriverLicenceFront | Kind::Other) && european::is_european(lines);
    let readings = match kind {
        Kind::DriverLicenceFront | Kind::Other if european => european::read(lines, size.height),
        Kind::DriverLicenceFront | Kind::DriverLicenceBack | Kind::IdCardFront | Kind::IdCardBack => {
            american()
        }
        Kind::Passport | Kind::Visa | Kind::IdentityCard => international(),
        Kind::Other => {
            let (one, other) = (american(), international());
            let found = if other.len() > one.len() { other } else { one };
            // Without a heading it takes more than words beside numbers to be a card.
            let holder = found.contains_key(&Field::DateOfBirth) || found.contains_key(&Field::DateOfExpiry);
            if holder { found } else { BTreeMap::new() }
        }
    };
    Visual { readings }
}

impl Located {
    /// A reading of the whole piece; `sure` is how much the rule says.
    fn of(piece: &Piece, text: String, sure: f32) -> Self {
        let confidence = (piece.confidence * sure).clamp(0.0, 1.0);
        Self {
            reading: Reading {
                text,
                date: None,
                confidence,
            },
            polygon: piece.polygon,
        }
    }

    /// Narrows the place to the characters from `start` to `end` of `count`.
    fn narrow(&mut self, start: usize, end: usize, count: usize) {
        let part = |index: usize| index.min(count) as f32 / count.max(1) as f32;
        self.polygon = geometry::slice(&self.polygon, part(start), part(end));
    }

    /// Widens the place to all the pieces, and lowers the confidence to that of the worst.
    fn cover<'a>(&mut self, pieces: impl Iterator<Item = &'a Piece>) {
        let own = self.reading.confidence;
        let mut frame: Option<geometry::Frame> = None;
        let mut count = 0;
        for piece in pieces {
            count += 1;
            self.reading.confidence = self.reading.confidence.min(piece.confidence).min(own);
            frame = Some(frame.map_or(piece.frame, |known| known.with(&piece.frame)));
        }
        if let (Some(frame), true) = (frame, count > 1) {
            self.polygon = frame.corners();
        }
    }
}
