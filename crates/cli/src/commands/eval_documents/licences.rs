//! Fronts of driver licences against a list of what is printed on them.

use std::path::Path;

use anyhow::Result;
use selfsame_document::{Document, Field, Reader};
use selfsame_evaluation::documents::{FIELDS, Tally, Verdict, compare, read_list};

use super::{Class, Row};
use crate::commands::analyze_id::options;

/// Pictures wider than this show every letter.
const LARGE_PX: u32 = 500;

/// Two classes: all pictures, and the large ones.
pub(super) fn measure(reader: &Reader, directory: &Path) -> Result<Vec<Class>> {
    let list = read_list(&fs_err::read_to_string(directory.join("ground-truth.csv"))?)?;
    let (mut all, mut large) = (Tally::default(), Tally::default());
    let mut wrong = Vec::new();
    for truth in &list {
        let bytes = fs_err::read(directory.join(&truth.file))?;
        let document = reader.read(&bytes, &options(None));
        let width = document.as_ref().map_or(0, |document| document.width_px);
        let read = match &document {
            Ok(document) => values(document),
            Err(error) => {
                wrong.push(format!("{}: {error}", truth.file));
                Default::default()
            }
        };
        for ((field, truth_value), read) in FIELDS.into_iter().zip(truth.values()).zip(&read) {
            if truth_value.is_empty() {
                continue;
            }
            let verdict = compare(truth_value, read.as_deref());
            all.add(field, verdict);
            if width > LARGE_PX {
                large.add(field, verdict);
            }
            if verdict != Verdict::Right {
                let read = read.as_deref().unwrap_or("nothing");
                wrong.push(format!(
                    "{} ({width} px), {field}: {read}, not {truth_value}",
                    truth.file
                ));
            }
        }
    }
    Ok(vec![
        class("US driver licences", &all, wrong),
        class(
            &format!("US driver licences wider than {LARGE_PX} px"),
            &large,
            Vec::new(),
        ),
    ])
}

fn class(name: &str, tally: &Tally, wrong: Vec<String>) -> Class {
    let mut rows: Vec<Row> = FIELDS
        .iter()
        .filter_map(|field| {
            tally
                .fields
                .get(field)
                .map(|counts| Row::new(*field, counts.right, counts.all()))
        })
        .collect();
    let total = tally.total();
    rows.push(Row::new("all fields", total.right, total.all()));
    Class {
        name: name.to_owned(),
        rows,
        wrong,
    }
}

/// What was read, in the order of [`FIELDS`].
pub(super) fn values(document: &Document) -> [Option<String>; 7] {
    let text = |field: Field| {
        document
            .fields
            .get(&field)
            .map(|value| value.reading.text.clone())
    };
    let date = |field: Field| {
        let value = document.fields.get(&field)?;
        Some(
            value
                .reading
                .date
                .map_or_else(|| value.reading.text.clone(), |date| date.to_string()),
        )
    };
    [
        text(Field::LastName),
        given_names(document),
        text(Field::DocumentNumber),
        date(Field::DateOfBirth),
        date(Field::DateOfIssue),
        date(Field::DateOfExpiry),
        text(Field::Sex),
    ]
}

/// First and middle names and the suffix, which licences print in one line.
fn given_names(document: &Document) -> Option<String> {
    let names = [Field::FirstName, Field::MiddleName, Field::Suffix];
    let names: Vec<&str> = names
        .iter()
        .filter_map(|field| document.fields.get(field))
        .map(|value| value.reading.text.as_str())
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}
