//! Real specimens, which are not part of the project: `shared/data/documents` beside the checkout. Without them these tests
//! say so and measure nothing; `selfsame eval-documents` prints the whole tables.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod support;

use std::path::{Path, PathBuf};

use selfsame_document::aamva::Payload;
use selfsame_document::silico::{Degradation, pdf417};
use selfsame_document::{Document, Field, read_barcodes};
use selfsame_vision::decode::Limits;

use support::{options, reader};

fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/documents")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: shared/data/documents/{folder} is not beside the checkout, so nothing was read");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_zone_that_can_be_read_is_read() {
    let Some(folder) = data("mrz-specimens") else {
        return;
    };
    let reader = reader();
    let readable = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("100_");
    for path in files(&folder).iter().filter(readable) {
        let document = reader.read(&fs_err::read(path).unwrap(), &options()).unwrap();
        let zone = document
            .mrz
            .unwrap_or_else(|| panic!("{}: no zone", path.display()));
        assert!(zone.checks.iter().all(|check| check.holds), "{}", path.display());
    }
}

/// Letters and digits only: how `selfsame eval-documents` compares.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// What a licence was read to say, under the columns of the list.
fn said(document: &Document, column: &str) -> String {
    let text = |field: Field| {
        document
            .fields
            .get(&field)
            .map_or("", |value| value.reading.text.as_str())
    };
    let date = |field: Field| {
        let reading = document.fields.get(&field).map(|value| &value.reading);
        reading
            .and_then(|reading| reading.date)
            .map_or_else(String::new, |date| date.to_string())
    };
    match column {
        "last_name" => text(Field::LastName).to_owned(),
        "given_names_as_printed" => {
            format!(
                "{} {} {}",
                text(Field::FirstName),
                text(Field::MiddleName),
                text(Field::Suffix)
            )
        }
        "number" => text(Field::DocumentNumber).to_owned(),
        "dob" => date(Field::DateOfBirth),
        "issue" => date(Field::DateOfIssue),
        "expiry" => date(Field::DateOfExpiry),
        _ => text(Field::Sex).to_owned(),
    }
}

#[test]
fn licences_are_read() {
    let Some(folder) = data("us-driver-licences") else {
        return;
    };
    let reader = reader();
    let list = fs_err::read_to_string(folder.join("ground-truth.csv")).unwrap();
    let mut lines = list.lines().map(|line| line.split('|').collect::<Vec<_>>());
    let columns = lines.next().unwrap();
    let (mut right, mut all) = (0, 0);
    for truth in lines {
        let document = reader
            .read(&fs_err::read(folder.join(truth[0])).unwrap(), &options())
            .ok();
        for (column, truth_value) in columns.iter().zip(&truth) {
            let is_compared = matches!(
                *column,
                "last_name" | "given_names_as_printed" | "number" | "dob" | "issue" | "expiry" | "sex"
            );
            if !is_compared || truth_value.is_empty() {
                continue;
            }
            let read = document
                .as_ref()
                .map_or_else(String::new, |document| said(document, column));
            let is_right = bare(&read) == bare(truth_value);
            right += usize::from(is_right);
            all += 1;
            if !is_right {
                eprintln!("{}, {column}: {read:?}, not {truth_value}", truth[0]);
            }
        }
    }
    eprintln!("{right} of {all} fields");
    assert!(all >= 150 && right * 100 >= all * 85, "{right} of {all}");
}

/// Characters at the same place in both; lines of another length have none.
fn same(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).filter(|(a, b)| a == b).count();
    if a.len() == b.len() { same } else { 0 }
}

#[test]
fn lines_of_zones_are_read() {
    let Some(folder) = data("mrz-lines") else {
        return;
    };
    let reader = reader();
    let limits = Limits {
        min_side_px: 16,
        ..Limits::default()
    };
    let (mut right, mut all) = (0, 0);
    for path in files(&folder) {
        if path.extension().is_some_and(|ending| ending == "png") {
            let truth = fs_err::read_to_string(path.with_extension("gt.txt")).unwrap();
            let read = reader
                .read_mrz_line(&fs_err::read(&path).unwrap(), &limits)
                .unwrap();
            let read = read.unwrap_or_default();
            if same(truth.trim(), &read) + 1 < truth.trim().len() {
                eprintln!("{read} is not {}", truth.trim());
            }
            right += same(truth.trim(), &read);
            all += truth.trim().len();
        }
    }
    eprintln!("{right} of {all} characters");
    assert!(right * 1000 >= all * 995, "{right} of {all}");
}

/// Every payload in a barcode, photographed: how many are read back, of how many.
fn read_back(folder: &Path, degradation: &Degradation) -> (usize, usize) {
    let (mut right, mut all) = (0, 0);
    for (seed, path) in files(folder).iter().enumerate() {
        let text = String::from_utf8_lossy(&fs_err::read(path).unwrap()).into_owned();
        let text = text.trim_start_matches('\u{feff}');
        // A text that no barcode can hold was never in one.
        let Some(file) = pdf417(text, degradation, seed as u64) else {
            continue;
        };
        let found = read_barcodes(&file).unwrap();
        all += 1;
        let is_read = found.iter().any(|barcode| barcode.text == text);
        right += usize::from(is_read);
        if !is_read {
            eprintln!("not read: {} ({} found)", path.display(), found.len());
        }
    }
    (right, all)
}

#[test]
fn photographed_barcodes_are_read() {
    let Some(folder) = data("aamva") else {
        return;
    };
    for degradation in [Degradation::CLEAN, Degradation::MODERATE] {
        let (right, all) = read_back(&folder, &degradation);
        eprintln!("{degradation:?}: {right} of {all}");
        assert!(
            all >= 35 && right * 100 >= all * 98,
            "{degradation:?}: {right} of {all}"
        );
    }
}

#[test]
fn every_payload_is_parsed() {
    let Some(folder) = data("aamva") else {
        return;
    };
    for path in files(&folder) {
        let text = String::from_utf8_lossy(&fs_err::read(&path).unwrap()).into_owned();
        let payload = Payload::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for line in text.lines().map(str::trim_end) {
            // Before the first element of a subfile stands its kind: `DLDAQ…`, `ZCZCA…`.
            let begun = payload.subfiles.iter().find_map(|kind| {
                let rest = line.strip_prefix(kind.as_str())?;
                let own = if kind.starts_with('Z') { kind.as_str() } else { "D" };
                rest.starts_with(own).then_some(rest)
            });
            let line = begun.unwrap_or(line);
            if is_element(line) {
                let kept = payload.elements.get(&line[..3]).map(String::as_str);
                assert_eq!(kept, Some(line[3..].trim()), "{}: {}", path.display(), &line[..3]);
            }
        }
    }
}

fn is_element(text: &str) -> bool {
    let code = text.as_bytes().get(..3);
    code.is_some_and(|code| {
        (code[0] == b'D' || code[0] == b'Z')
            && code.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}
