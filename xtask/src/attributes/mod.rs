//! Fits the heads of `selfsame_face::attributes` on labelled photos and says how good they are on people whom they were
//! not fitted on. `docs/ATTRIBUTES.md` is the model card.
//!
//! The features come from the same code that reads attributes at run time. Everything is reproducible: no chance without
//! a seed, and the committed numbers are rounded.

mod age;
mod data;
mod emotions;
mod logistic;
mod occlusion;
mod report;
mod tasks;
mod validation;

use std::path::Path;

use anyhow::{Context, Result};
use selfsame_face::{Analyzer, AnalyzerOptions};
use selfsame_vision::pack::testing;
use serde::Serialize;

/// Where the numbers are committed.
const HEADS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/attributes/heads.json");

/// Fits on the photos below `data`, prints the figures, and writes the numbers; with `check` it fails instead if they
/// would change.
pub(crate) fn run(data: &Path, check: bool) -> Result<Vec<String>> {
    let analyzer = Analyzer::load(testing::default_models_for_tests(), AnalyzerOptions::default())?;
    let mut reader = data::Reader::new(&analyzer, data)?;
    reader.read().context("reading the labelled photos")?;
    let (heads, figures) = tasks::fit(&reader.samples)?;
    report::print(&figures, reader.without_face);
    let text = json(&heads)?;
    if !check {
        fs_err::write(HEADS, text)?;
        return Ok(Vec::new());
    }
    if fs_err::read_to_string(HEADS)? == text {
        Ok(Vec::new())
    } else {
        Ok(vec!["models/attributes/heads.json would change".to_owned()])
    }
}

/// One line per head, so that a change shows which heads it is about. No head holds objects of its own.
fn json(heads: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(heads)?;
    Ok(text.replace("},\"", "},\n\"") + "\n")
}
