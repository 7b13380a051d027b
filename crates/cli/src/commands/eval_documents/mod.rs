//! `selfsame eval-documents`: how well identity documents are read, on specimens with ground truth. Needs no server.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use selfsame_document::Reader;
use serde::Serialize;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::inference;
use crate::output::table;

mod barcodes;
mod licences;
mod specimens;
mod zones;

/// Arguments of `eval-documents`.
#[derive(Debug, Args)]
pub(crate) struct EvalDocuments {
    /// A folder with one or more of: us-driver-licences/ (pictures and ground-truth.csv), mrz-specimens/ (pictures; names
    /// that begin with 100_ can be read fully), mrz-lines/ (pictures of single lines, and .gt.txt), aamva/ (payloads as text).
    /// Without it, specimens of people who do not exist are printed, photographed in silico and read.
    directory: Option<PathBuf>,
    /// Write the result as JSON into a file, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Name what was read wrong. Shows what documents say: for specimens only.
    #[arg(long)]
    worst: bool,
}

/// A class of documents, as it is printed.
#[derive(Debug, Serialize)]
struct Class {
    /// Its name.
    name: String,
    /// Rows of its table.
    rows: Vec<Row>,
    /// What was read wrong, where asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wrong: Vec<String>,
}

/// One line of a table.
#[derive(Debug, Serialize)]
struct Row {
    what: String,
    right: usize,
    of: usize,
    share: f64,
}

impl Row {
    fn new(what: impl Into<String>, right: usize, of: usize) -> Self {
        Self {
            what: what.into(),
            right,
            of,
            share: if of == 0 { 0.0 } else { right as f64 / of as f64 },
        }
    }
}

impl EvalDocuments {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let reader = inference::reader(global, 1)?;
        let mut classes = match &self.directory {
            Some(directory) => measure(&reader, directory)?,
            None => vec![specimens::measure(&reader)?],
        };
        if !self.worst {
            for class in &mut classes {
                class.wrong.clear();
            }
        }
        if let Some(path) = &self.json {
            fs_err::write(path, serde_json::to_vec_pretty(&classes)?)?;
        }
        global.format.emit(&classes, |out| {
            for (index, class) in classes.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                let rows: Vec<Vec<String>> = class.rows.iter().map(cells).collect();
                table(out, &[&class.name, "right", "of", "share"], &rows)?;
                for wrong in &class.wrong {
                    writeln!(out, "  {wrong}")?;
                }
            }
            Ok(())
        })?;
        Ok(Exit::Success)
    }
}

/// The classes whose folders are there.
fn measure(reader: &Reader, directory: &Path) -> Result<Vec<Class>> {
    let within = |name: &str| Some(directory.join(name)).filter(|path| path.is_dir());
    let mut classes = Vec::new();
    if let Some(directory) = within("us-driver-licences") {
        classes.extend(licences::measure(reader, &directory)?);
    }
    if let Some(directory) = within("mrz-specimens") {
        classes.push(zones::specimens(reader, &directory)?);
    }
    if let Some(directory) = within("mrz-lines") {
        classes.push(zones::lines(reader, &directory)?);
    }
    if let Some(directory) = within("aamva") {
        classes.extend(barcodes::measure(&directory)?);
    }
    if classes.is_empty() {
        return Err(
            Failure::new(format!("there is nothing to measure in {}", directory.display()))
                .hint("it needs us-driver-licences/, mrz-specimens/, mrz-lines/ or aamva/: selfsame eval-documents --help")
                .into(),
        );
    }
    Ok(classes)
}

fn cells(row: &Row) -> Vec<String> {
    vec![
        row.what.clone(),
        row.right.to_string(),
        row.of.to_string(),
        format!("{:.1} %", 100.0 * row.share),
    ]
}

/// The files in a folder with one of these endings, by name.
fn files(directory: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if ending.is_some_and(|ending| endings.contains(&ending.as_str())) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The name of a file, for people.
fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
