//! What barcodes and machine readable zones say: bytes through the parsers of AAMVA payloads and of MRZs, with repairs and
//! readings. Nothing panics, every element that was kept is a code with its value, and a repair keeps the lines' lengths. A
//! second parser of zones finds the same check digits to hold.
//!
//! The parsers are compiled as they stand, not through the crate `selfsame-document`: its inference engine takes minutes to
//! build with instrumentation, and no parser needs it.
#![no_main]
#![allow(dead_code, unused_imports, reason = "only the parsers are driven")]

#[path = "../../crates/document/src/aamva/mod.rs"]
mod aamva;
#[path = "../../crates/document/src/field.rs"]
mod field;
#[path = "../../crates/document/src/mrz/mod.rs"]
mod mrz;
#[path = "../../crates/document/src/text.rs"]
mod text;

use field::{Field, Reading};
use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use text::Line;

const TODAY: Date = Date::constant(2026, 11, 26);

fn zone(text: &str) {
    let normal: Vec<String> = text.lines().take(4).map(mrz::normalise).collect();
    let lines: Vec<&str> = normal.iter().map(String::as_str).collect();
    if let Ok(zone) = mrz::Mrz::parse(&lines) {
        assert_eq!(zone.lines.len(), lines.len());
        let again: Vec<&str> = zone.lines.iter().map(String::as_str).collect();
        assert_eq!(mrz::Mrz::parse(&again).as_ref(), Ok(&zone));
        let _ = zone.readings(TODAY);
        compare(&zone, &again);
    }
    if let Ok((zone, corrections)) = mrz::Mrz::correct(&lines) {
        for (corrected, line) in zone.lines.iter().zip(&lines) {
            assert_eq!(corrected.len(), line.trim().len());
        }
        for correction in corrections {
            let corrected = zone.lines[correction.line].as_bytes()[correction.column];
            assert_eq!(char::from(corrected), correction.corrected);
        }
    }
}

/// The second parser takes a filler for the digit 0, and sees more continued numbers than the standard: see
/// `crates/document/tests/zones.rs`, which compares the fields too.
fn compare(zone: &mrz::Mrz, lines: &[&str]) {
    let other = match zone.format {
        mrz::Format::Td1 => second::parse_td1(lines[0], lines[1], lines[2]),
        mrz::Format::Td2 => second::parse_td2(lines[0], lines[1]),
        mrz::Format::Td3 => second::parse_td3(lines[0], lines[1]),
        mrz::Format::MrvA => second::parse_mrv_a(lines[0], lines[1]),
        mrz::Format::MrvB => second::parse_mrv_b(lines[0], lines[1]),
    };
    let Ok(other) = other else { return };
    let (line, column) = if zone.format == mrz::Format::Td1 { (0, 14) } else { (1, 9) };
    let is_continued = lines[line].as_bytes()[column] == b'<';
    for check in zone.checks.iter().filter(|check| check.printed != mrz::FILLER) {
        let holds = match check.which {
            mrz::Which::DocumentNumber if is_continued => continue,
            mrz::Which::DocumentNumber => other.checks.document_number,
            mrz::Which::BirthDate => other.checks.date_of_birth,
            mrz::Which::Expiry => other.checks.date_of_expiry,
            mrz::Which::PersonalNumber => other.checks.personal_number,
            mrz::Which::Composite => other.checks.composite,
        };
        assert_eq!(Some(check.holds), holds, "{:?} in {lines:?}", check.which);
    }
}

fn payload(bytes: &[u8]) {
    let Ok(payload) = aamva::Payload::from_bytes(bytes) else {
        return;
    };
    assert!(!payload.elements.is_empty());
    assert!(payload.elements.keys().all(|code| code.len() == 3));
    for reading in payload.readings().values() {
        assert!(!reading.text.is_empty() && (0.0..=1.0).contains(&reading.confidence));
    }
}

fuzz_target!(|bytes: &[u8]| {
    payload(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        zone(text);
    }
});
