//! `selfsame compare`: are these two photos of one person? Needs no server.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use selfsame_face::{AnalyzeOptions, Analyzer};
use selfsame_types::{Similarity, Template};
use serde::Serialize;

use crate::arguments::{Global, Switch};
use crate::exit::{CODES, Exit, Failure};
use crate::faces::Described;
use crate::inference;
use crate::output::talk;

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Compare {
    /// The first photo.
    a: PathBuf,
    /// The second photo.
    b: PathBuf,
    /// Similarity (0–100) from which it is a match; 95 stands for a false match rate of 1 in 10 000.
    #[arg(long, default_value_t = 95.0, value_parser = parse_threshold)]
    threshold: f32,
    /// Average each face with its mirror image [default: as the pack says].
    #[arg(long, value_enum)]
    flip: Option<Switch>,
}

fn parse_threshold(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err("must be a number from 0 to 100".to_owned()),
    }
}

#[derive(Serialize)]
struct Compared {
    is_match: bool,
    similarity: Similarity,
    threshold: f32,
    cosine: f32,
    /// How often two strangers are as similar.
    false_match_rate: f64,
    face_model_version: String,
    a: Described,
    b: Described,
}

impl Compare {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let analyzer = inference::analyzer(global, 1, self.flip)?;
        let (a, template_a) = largest(&analyzer, &self.a)?;
        let (b, template_b) = largest(&analyzer, &self.b)?;
        let Some(cosine) = template_a.cosine(&template_b) else {
            return Err(Failure::new("the two templates cannot be compared").into());
        };
        let similarity = analyzer.calibration().similarity(cosine);
        let compared = Compared {
            is_match: similarity.value() >= self.threshold,
            similarity,
            threshold: self.threshold,
            cosine,
            false_match_rate: 10f64.powf(f64::from(analyzer.calibration().log10_false_match_rate(cosine))),
            face_model_version: analyzer.version().to_string(),
            a,
            b,
        };
        global.format.emit(&compared, |out| {
            let verdict = if compared.is_match { "match" } else { "no match" };
            writeln!(
                out,
                "{verdict}: similarity {similarity}, threshold {}",
                self.threshold
            )
        })?;
        Ok(Exit::from_match(compared.is_match))
    }
}

fn largest(analyzer: &Analyzer, path: &Path) -> Result<(Described, Template)> {
    let options = AnalyzeOptions {
        encode_largest: 1,
        ..AnalyzeOptions::default()
    };
    let faces = inference::analyze_file(analyzer, path, &options)?.faces;
    if faces.len() > 1 {
        talk(format_args!(
            "{}: {} faces, the largest is compared",
            path.display(),
            faces.len()
        ));
    }
    let face = faces.into_iter().next();
    let found = face.and_then(|face| Some((Described::new(&face, 1.0), face.template?)));
    found.ok_or_else(|| {
        Failure::new(format!("{}: there is no face in this photo", path.display()))
            .hint("`selfsame detect` shows what is found in a photo")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_percentages() {
        assert_eq!(parse_threshold("95"), Ok(95.0));
        for text in ["-1", "101", "NaN", "high"] {
            assert!(parse_threshold(text).is_err(), "{text}");
        }
    }
}
