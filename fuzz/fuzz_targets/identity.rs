//! What barcodes and machine readable zones say: bytes through the parsers of AAMVA payloads and of MRZs, with repairs and
//! readings. Nothing panics, every element that was kept is a code with its value, and a repair keeps the lines' lengths.
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
