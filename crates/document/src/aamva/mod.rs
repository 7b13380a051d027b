//! Payloads of the PDF417 barcode on the back of North American driver licences and identification cards, after the AAMVA
//! DL/ID Card Design Standard: versions 1 (2000) to 10 (2020) and the payloads before them (version 0), annex D.
//!
//! A payload is a header, a directory of subfiles and elements, each a code of three letters with its value. Issuers
//! deviate: offsets and lengths of the directory are wrong, separators come and go, scanners trim or add white space.
//! So the directory only names the subfiles; the elements are found by their separators. Every element is kept, and what
//! is none is kept as [`Payload::rest`].
//!
//! Nothing here decodes a barcode, corrects a value, or knows the meaning of the elements that a jurisdiction adds for
//! itself (codes that begin with `Z`).

mod issuer;
mod name;
mod reading;
mod value;

use std::collections::BTreeMap;

use serde::Serialize;

pub use issuer::{Issuer, issuer};
pub use name::{Name, Truncation};
pub use value::{Height, Sex, Weight};

/// Why a text is no payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing but white space.
    #[error("the payload is empty")]
    Empty,
    /// Neither `ANSI ` nor `AAMVA` is followed by digits.
    #[error(
        "there is no AAMVA header (`ANSI ` or `AAMVA` and the issuer's number): this is another kind of barcode"
    )]
    NoHeader,
    /// The issuer's number does not have six digits.
    #[error("the issuer's number in the header has {found} digits where six are due: scan the barcode again")]
    IssuerNumber {
        /// How many digits there are.
        found: usize,
    },
    /// The version is missing after the issuer's number.
    #[error(
        "the header ends after the issuer's number {issuer}: the payload is cut off, scan the barcode again"
    )]
    NoVersion {
        /// The issuer's number.
        issuer: u32,
    },
    /// No element follows the header.
    #[error("no data element follows the header: the payload is cut off, scan the barcode again")]
    NoElements,
}

/// A parsed payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Payload {
    /// The issuer identification number; [`issuer()`] knows whose it is.
    pub issuer_number: u32,
    /// The version of the standard, 0 before 2000.
    pub version: u8,
    /// The version of the jurisdiction's own elements; since version 2.
    pub jurisdiction_version: Option<u8>,
    /// The types of the subfiles in the directory: `DL`, `ID`, `EN`, `ZC` …
    pub subfiles: Vec<String>,
    /// The elements by their codes, without surrounding white space. An element without a value is there and empty.
    pub elements: BTreeMap<String, String>,
    /// What is no element: stray text after the last element, or a second value of a code.
    pub rest: Vec<String>,
}

impl Payload {
    /// Parses the bytes of a barcode: UTF-8, else Latin-1 as the standard has it.
    pub fn from_bytes(payload: &[u8]) -> Result<Self, Error> {
        match std::str::from_utf8(payload) {
            Ok(text) => Self::parse(text),
            Err(_) => Self::parse(&payload.iter().map(|byte| char::from(*byte)).collect::<String>()),
        }
    }

    /// Parses the text of a barcode. What stands before the header (`@`, separators, white space, a byte order mark) is
    /// skipped, in whatever state it is.
    pub fn parse(payload: &str) -> Result<Self, Error> {
        if payload
            .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
            .is_empty()
        {
            return Err(Error::Empty);
        }
        let header = Header::read(payload)?;
        let mut parsed = Self {
            issuer_number: header.issuer_number,
            version: header.version,
            jurisdiction_version: header.jurisdiction_version,
            subfiles: header.subfiles,
            elements: BTreeMap::new(),
            rest: Vec::new(),
        };
        parsed.read_elements(header.body);
        if parsed.elements.is_empty() {
            Err(Error::NoElements)
        } else {
            Ok(parsed)
        }
    }

    /// The value of an element, unless it is empty.
    #[must_use]
    pub fn element(&self, code: &str) -> Option<&str> {
        self.elements
            .get(code)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of the first of several elements that is not empty: the codes of different versions.
    fn first_of(&self, codes: &[&str]) -> Option<&str> {
        codes.iter().find_map(|code| self.element(code))
    }

    fn read_elements(&mut self, body: &str) {
        // Which subfiles have begun: a subfile's type stands before its first element, in some payloads alone.
        let mut begun: Vec<String> = Vec::new();
        for piece in body.split(is_separator) {
            let mut piece = piece.trim();
            let designator = self
                .subfiles
                .iter()
                .find(|kind| piece.starts_with(kind.as_str()) && !begun.contains(kind));
            if let Some(kind) = designator {
                let after = &piece[kind.len()..];
                if after.is_empty() || split_element(after).is_some() {
                    begun.push(kind.clone());
                    piece = after;
                }
            }
            if !piece.is_empty() {
                self.keep(piece);
            }
        }
    }

    fn keep(&mut self, piece: &str) {
        let Some((code, value)) = split_element(piece) else {
            self.rest.push(piece.to_owned());
            return;
        };
        match self.elements.get_mut(code) {
            Some(known) if known.is_empty() => value.clone_into(known),
            Some(known) if known == value || value.is_empty() => {}
            Some(_) => self.rest.push(piece.to_owned()),
            None => {
                self.elements.insert(code.to_owned(), value.to_owned());
            }
        }
    }
}

/// The separators of elements (line feed), records (0x1E) and segments (carriage return), and the ends that scanners add.
fn is_separator(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{1c}'..='\u{1f}' | '\0' | '\u{3}' | '\u{4}'
    )
}

/// An element's code and value. Codes begin with `D`, with `Z` for those of a jurisdiction, or before 2003 with `P` for
/// those of permits.
fn split_element(piece: &str) -> Option<(&str, &str)> {
    let (code, value) = piece.split_at_checked(3)?;
    let mut bytes = code.bytes();
    let begins = bytes
        .next()
        .is_some_and(|first| matches!(first, b'D' | b'P' | b'Z'));
    let follows = bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (begins && follows).then(|| (code, value.trim()))
}

/// The header and the directory, and what follows them.
struct Header<'a> {
    issuer_number: u32,
    version: u8,
    jurisdiction_version: Option<u8>,
    subfiles: Vec<String>,
    body: &'a str,
}

impl<'a> Header<'a> {
    fn read(payload: &'a str) -> Result<Self, Error> {
        let digits_after = |marker: &'static str| {
            payload
                .match_indices(marker)
                .map(move |(at, _)| (at, payload[at + marker.len()..].trim_start()))
                .find(|(_, rest)| rest.starts_with(|next: char| next.is_ascii_digit()))
        };
        let (_, numbers) = [digits_after("ANSI"), digits_after("AAMVA")]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
            .ok_or(Error::NoHeader)?;
        let end = numbers
            .find(|next: char| !next.is_ascii_digit())
            .unwrap_or(numbers.len());
        let (digits, body) = numbers.split_at(end);
        let (issuer, versions) = digits
            .split_at_checked(6)
            .ok_or(Error::IssuerNumber { found: digits.len() })?;
        let issuer_number: u32 = issuer
            .parse()
            .map_err(|_| Error::IssuerNumber { found: digits.len() })?;
        let two = |at: usize| versions.get(at..at + 2).and_then(|two| two.parse::<u8>().ok());
        let version = two(0).ok_or(Error::NoVersion {
            issuer: issuer_number,
        })?;
        // Until version 1 the number of subfiles follows at once; since then the jurisdiction's version stands between.
        let jurisdiction_version = if versions.len() >= 6 { two(2) } else { None };
        let (subfiles, body) = directory(body);
        Ok(Self {
            issuer_number,
            version,
            jurisdiction_version,
            subfiles,
            body,
        })
    }
}

/// The types of the subfiles, whatever number of them the header promises, and what follows the directory.
fn directory(mut text: &str) -> (Vec<String>, &str) {
    let mut subfiles = Vec::new();
    while let Some((entry, after)) = text.split_at_checked(10) {
        let (kind, place) = entry.as_bytes().split_at(2);
        let is_entry = kind.iter().all(u8::is_ascii_alphanumeric)
            && kind[0].is_ascii_uppercase()
            && place.iter().all(u8::is_ascii_digit);
        if !is_entry {
            break;
        }
        subfiles.push(entry[..2].to_owned());
        text = after;
    }
    // A directory that is cut short or missing still has elements of a licence or card after it.
    for kind in ["DL", "ID"] {
        if subfiles.is_empty() && text.trim_start().starts_with(kind) {
            subfiles.push(kind.to_owned());
        }
    }
    (subfiles, text)
}

#[cfg(test)]
mod tests;
