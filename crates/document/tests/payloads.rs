//! Our parser of AAMVA payloads against an independent one, the Python package aamva-parser: payloads of people who do not
//! exist, of versions 1 to 10, and what the other made of them (`scripts/reference/aamva.py` writes `tests/data/aamva.json`);
//! and the same of payloads of issuers if somebody has run the script over them.
//!
//! Where the other parser reads nothing, nothing is compared: it reads dates in one order only, and none of version 1. Where it
//! reads something else than ours, [`explanation`] says why.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use selfsame_document::aamva::{Height, Payload, Truncation};
use selfsame_document::{Field, Reading};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    name: String,
    payload: String,
    expected: BTreeMap<String, Value>,
}

/// How the other parser writes what stands in the payload in other words.
const WORDS: [(&str, &str); 18] = [
    ("BLK", "Black"),
    ("BLU", "Blue"),
    ("BRO", "Brown"),
    ("GRY", "Gray"),
    ("GRY", "Grey"),
    ("GRN", "Green"),
    ("HAZ", "Hazel"),
    ("MAR", "Maroon"),
    ("PNK", "Pink"),
    ("DIC", "Dichromatic"),
    ("BAL", "Bald"),
    ("BLN", "Blond"),
    ("RED", "Red"),
    ("SDY", "Sandy"),
    ("WHI", "White"),
    ("JR", "Junior"),
    ("SR", "Senior"),
    ("III", "Third"),
];

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What ours says under the names of the other.
fn ours(payload: &Payload, key: &str, expected: &str) -> Option<String> {
    let readings = payload.readings();
    let text = |field: Field| readings.get(&field).map(|reading: &Reading| reading.text.clone());
    let element = |code: &str| payload.element(code).map(single_spaced);
    let in_words = |code: Option<String>| {
        let code = code?;
        let known = WORDS
            .iter()
            .find(|(ours, theirs)| *ours == code && *theirs == expected);
        Some(known.map_or(code, |(_, theirs)| (*theirs).to_owned()))
    };
    match key {
        "version" => Some(format!("{:02}", payload.version)),
        "last_name" => payload.name().family,
        "first_name" => payload.name().first,
        "middle_name" => payload.name().middle,
        "suffix" => in_words(payload.name().suffix),
        "date_of_birth" => text(Field::DateOfBirth),
        "date_of_issue" => text(Field::DateOfIssue),
        "date_of_expiry" => text(Field::DateOfExpiry),
        "sex" => text(Field::Sex),
        "height_inches" => match payload.height()? {
            Height::Inches(inches) => Some(format!("{inches}")),
            Height::Centimetres(centimetres) => {
                Some(format!("{}", (f64::from(centimetres) * 0.393_701).round()))
            }
        },
        "weight" => element("DAW"),
        "street" => element("DAG"),
        "street_2" => element("DAH"),
        "city" => text(Field::City),
        "state" => text(Field::State),
        "postal_code" => element("DAK"),
        "number" => text(Field::DocumentNumber),
        "discriminator" => text(Field::Discriminator),
        "country" => payload.country().map(str::to_owned),
        "eyes" => in_words(text(Field::EyeColour)),
        "hair" => in_words(text(Field::HairColour)),
        _ => None,
    }
}

fn truncations(payload: &Payload) -> Value {
    let name = payload.name();
    let words = [
        name.family_truncation,
        name.first_truncation,
        name.middle_truncation,
    ]
    .map(|cut| match cut {
        Truncation::Truncated => "Truncated",
        Truncation::Complete => "None",
        Truncation::Unknown => "Unknown",
    });
    serde_json::json!(words)
}

/// What the two read differently in one payload, as (field, ours, theirs).
fn differences(case: &Case) -> Vec<(String, Option<String>, String)> {
    let payload = Payload::parse(&case.payload).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let mut differences = Vec::new();
    for (key, theirs) in &case.expected {
        if key == "truncations" {
            assert_eq!(&truncations(&payload), theirs, "{}", case.name);
            continue;
        }
        let theirs = match theirs {
            Value::String(text) => single_spaced(text),
            Value::Number(number) => number.as_f64().unwrap().to_string(),
            other => panic!("{}: {key} is {other}", case.name),
        };
        let ours = ours(&payload, key, &theirs);
        if ours.as_deref() != Some(theirs.as_str()) {
            differences.push((key.clone(), ours, theirs));
        }
    }
    differences
}

fn cases(json: &str) -> Vec<Case> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn both_parsers_read_the_same() {
    let cases = cases(include_str!("data/aamva.json"));
    assert_eq!(cases.len(), 60);
    let mut compared = 0;
    for case in &cases {
        assert_eq!(differences(case), [], "{}: {}", case.name, case.payload);
        compared += case.expected.len();
    }
    assert!(compared > 1000, "only {compared} values were compared");
}

/// Why the two differ in payloads of issuers, where ours does as it should.
fn explanation(payload: &Payload, key: &str, ours: Option<&str>, theirs: &str) -> Option<&'static str> {
    let own = ours.unwrap_or_default();
    let starts = |whole: &str| whole.starts_with(&format!("{own} "));
    match key {
        "middle_name" if own.is_empty() && theirs == "NONE" => Some("`NONE` stands for no name"),
        "street" if own.strip_suffix('.') == Some(theirs) => Some("the other stops at the last letter"),
        "first_name" if starts(theirs) && payload.name().middle.is_some() => {
            Some("all given names are in one element: ours takes the others for middle names")
        }
        "last_name" if theirs.ends_with(&format!(" {own}")) && payload.issuer_number == 636_025 => {
            Some("Pennsylvania's full name has no commas, and the family name last")
        }
        // DAQ is the number of the licence in every version; the other takes DBJ, which few issuers write, for it.
        "number" if payload.version == 1 && payload.element("DBJ") == Some(theirs) => {
            Some("DBJ is another number")
        }
        _ => None,
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn both_parsers_read_the_same_of_issuers() {
    let Some(path) = std::env::var_os("SELFSAME_AAMVA_REFERENCE") else {
        eprintln!("SKIPPED: SELFSAME_AAMVA_REFERENCE is not set, so no payload of an issuer was compared");
        return;
    };
    let cases = cases(&fs_err::read_to_string(path).unwrap());
    assert!(!cases.is_empty());
    let mut unexplained = Vec::new();
    for case in &cases {
        let payload = Payload::parse(&case.payload).unwrap();
        for (key, ours, theirs) in differences(case) {
            if explanation(&payload, &key, ours.as_deref(), &theirs).is_none() {
                unexplained.push(format!("{}: {key} is {ours:?}, {theirs} to the other", case.name));
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}
