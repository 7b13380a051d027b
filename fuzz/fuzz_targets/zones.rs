//! Machine readable zones through our parser and through an independent one, the crate `mrz`: what both take for a zone they
//! read alike, field by field and check digit by check digit.
//!
//! Compiled as in `identity`, and for the same reason.
#![no_main]
#![allow(dead_code, unused_imports, reason = "only the parser is driven")]

#[path = "../../crates/document/src/field.rs"]
mod field;
#[path = "../../crates/document/src/mrz/mod.rs"]
mod mrz;
#[path = "../../crates/document/tests/second_parser/mod.rs"]
mod second_parser;
#[path = "../../crates/document/src/text.rs"]
mod text;

use ::mrz::MrzError;
use field::{Field, Reading};
use libfuzzer_sys::fuzz_target;
use mrz as ours;
use text::Line;

/// The characters of a zone; bytes choose among them, so that nearly every input is one.
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<<<<<<<<";

/// The first byte chooses the format; where too few follow, fillers do.
fn zone(bytes: &[u8]) -> Option<(ours::Format, Vec<String>)> {
    let (first, rest) = bytes.split_first()?;
    let format = ours::Format::ALL[usize::from(*first) % ours::Format::ALL.len()];
    let character = |index: usize| {
        let byte = rest.get(index).copied().unwrap_or(b'<');
        if ALPHABET.contains(&byte) {
            char::from(byte)
        } else {
            char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
        }
    };
    let line = |line: usize| (0..format.width()).map(|column| character(line * format.width() + column)).collect();
    Some((format, (0..format.line_count()).map(line).collect()))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((format, lines)) = zone(bytes) else { return };
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let parsed = ours::Mrz::parse(&lines).expect("lines of the right shape and alphabet are a zone");
    // The shape leaves it open whether it is a passport or a visa: the first letter says it.
    if parsed.format != format {
        return;
    }
    match second_parser::theirs(format, &lines) {
        Ok(theirs) => second_parser::agree(&parsed, &theirs).unwrap(),
        // Ours reads other document codes, too, and reports what it reads where data does not begin at the left of its field.
        Err(MrzError::BadDocumentCode(_) | MrzError::LeadingFiller { .. }) => {}
        Err(other) => panic!("only the other parser refuses this zone: {other}"),
    }
});
