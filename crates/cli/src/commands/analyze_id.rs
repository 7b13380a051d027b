//! `selfsame analyze-id`: what does an identity document say? Needs no server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::Offset;
use selfsame_document::{
    Barcode, Document, Field, FieldValue, Finding, Kind, MachineReadableZone, ReadOptions, annotate,
};
use selfsame_types::{Clock as _, SystemClock};
use selfsame_vision::decode::Limits;
use serde::Serialize;

use crate::arguments::Global;
use crate::commands::detect::{parse_picture, save};
use crate::exit::{CODES, Exit};
use crate::inference;
use crate::output::table;

/// Arguments of `analyze-id`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct AnalyzeId {
    /// The picture: JPEG, PNG, WebP, TIFF, or a PDF of one page.
    image: PathBuf,
    /// Draw the card, its lines and its fields into this file (`.png`, `.jpg` or `.webp`).
    #[arg(long, value_name = "OUT", value_parser = parse_picture)]
    annotate: Option<PathBuf>,
    /// The age in full years that the holder must have.
    #[arg(long, value_name = "YEARS")]
    least_age: Option<u8>,
}

/// A document, as it is printed.
#[derive(Serialize)]
struct Analyzed<'a> {
    image: &'a Path,
    kind: Kind,
    kind_confidence: f32,
    fields: &'a BTreeMap<Field, FieldValue>,
    findings: &'a [Finding],
    mrz: Option<&'a MachineReadableZone>,
    barcodes: &'a [Barcode],
    mirrored: bool,
    milliseconds: Milliseconds,
}

/// Where the time went.
#[derive(Serialize)]
struct Milliseconds {
    decode: f64,
    text: f64,
    machine: f64,
    fields: f64,
}

/// What is read and how, today.
pub(super) fn options(least_age_years: Option<u8>) -> ReadOptions {
    let now: Timestamp = SystemClock.now();
    ReadOptions {
        limits: Limits::default(),
        today: Offset::UTC.to_datetime(now).date(),
        least_age_years,
        // The file is the user's own.
        max_pdf_bytes: usize::MAX,
    }
}

impl AnalyzeId {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let bytes = fs_err::read(&self.image)?;
        let reader = inference::reader(global, 1)?;
        let document = reader
            .read(&bytes, &options(self.least_age))
            .with_context(|| self.image.display().to_string())?;
        if let Some(path) = &self.annotate {
            save(&annotate(&document), path)?;
        }
        let analyzed = analyzed(&self.image, &document);
        global.format.emit(&analyzed, |out| {
            writeln!(out, "{} in {}", name(&analyzed.kind), self.image.display())?;
            let rows: Vec<Vec<String>> = analyzed.fields.iter().map(row).collect();
            table(out, &["field", "value", "from", "confidence", "but"], &rows)?;
            for finding in analyzed.findings {
                writeln!(out, "{finding}")?;
            }
            Ok(())
        })?;
        Ok(Exit::from_match(document.kind != Kind::Other))
    }
}

fn analyzed<'a>(image: &'a Path, document: &'a Document) -> Analyzed<'a> {
    let milliseconds = |duration: std::time::Duration| (duration.as_secs_f64() * 1e4).round() / 10.0;
    Analyzed {
        image,
        kind: document.kind,
        kind_confidence: document.kind_confidence,
        fields: &document.fields,
        findings: &document.findings,
        mrz: document.mrz.as_ref(),
        barcodes: &document.barcodes,
        mirrored: document.mirrored,
        milliseconds: Milliseconds {
            decode: milliseconds(document.timings.decode),
            text: milliseconds(document.timings.text),
            machine: milliseconds(document.timings.machine),
            fields: milliseconds(document.timings.fields),
        },
    }
}

/// The name of a value that is written as a word.
pub(super) fn name(value: &impl Serialize) -> String {
    let written = serde_json::to_value(value).unwrap_or_default();
    written.as_str().unwrap_or_default().to_owned()
}

fn row((field, value): (&Field, &FieldValue)) -> Vec<String> {
    let text = match value.reading.date {
        Some(date) if date.to_string() != value.reading.text => format!("{} = {date}", value.reading.text),
        _ => value.reading.text.clone(),
    };
    let others: Vec<String> = value
        .disagreeing
        .iter()
        .map(|other| format!("{} differs", name(other)))
        .collect();
    vec![
        name(field),
        text,
        name(&value.source),
        format!("{:.1}", 100.0 * value.reading.confidence),
        others.join(", "),
    ]
}
