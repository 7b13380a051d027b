//! What an evaluation says: for people as text, for programs as JSON, as curves.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use selfsame_evaluation::accuracy::FoldsFrom;
use selfsame_evaluation::calibration::{self, Curve};
use selfsame_evaluation::{Report, Scores, plot};
use selfsame_face::Analyzer;
use selfsame_types::Similarity;
use serde::Serialize;

use super::Measurement;
use crate::encoding::Outcome as Encoded;
use crate::output::{table, talk};

/// The similarities whose error rates users ask for; what each promises stands in `docs/ACCURACY.md`.
const SIMILARITIES: [f32; 4] = [80.0, 90.0, 95.0, 99.0];

#[derive(Serialize)]
pub(super) struct Evaluated {
    pack: String,
    face_model_version: String,
    engine: String,
    photos_per_second: f64,
    photos_without_face: Vec<PathBuf>,
    unreadable_photos: Vec<String>,
    #[serde(flatten)]
    report: Report,
    similarities: Vec<AtSimilarity>,
    /// Fitted to the impostor scores, where every photo was compared with every other and the pairs suffice.
    calibration: Option<Curve>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    worst: Vec<Named>,
}

/// What one similarity as threshold does on these pairs.
#[derive(Serialize)]
struct AtSimilarity {
    similarity: f32,
    /// The cosine behind it.
    cosine: f32,
    /// The false match rate that it stands for.
    promised_fmr: f64,
    fmr: f64,
    fnmr: f64,
}

/// A pair that is judged wrong first.
#[derive(Serialize)]
struct Named {
    same: bool,
    cosine: f64,
    a: PathBuf,
    b: PathBuf,
}

impl Evaluated {
    pub(super) fn new(
        analyzer: &Analyzer,
        measurement: &Measurement,
        calibrate: bool,
        worst: usize,
    ) -> Result<Self> {
        let report = Report::new(&measurement.outcomes, Some(measurement.acquisition()))
            .context("the scores say nothing about error rates")?;
        let scores = Scores::new(&measurement.outcomes)?;
        let mut without_face = Vec::new();
        let mut unreadable = Vec::new();
        for (photo, outcome) in measurement.photos.iter().zip(&measurement.encoded) {
            match outcome {
                Encoded::Encoded { .. } => {}
                Encoded::NoFace => without_face.push(photo.clone()),
                Encoded::Unreadable(reason) => unreadable.push(reason.clone()),
            }
        }
        Ok(Self {
            pack: analyzer.pack().to_owned(),
            face_model_version: analyzer.version().to_string(),
            engine: analyzer.engine().describe(),
            photos_per_second: measurement.photos.len() as f64 / measurement.seconds,
            photos_without_face: without_face,
            unreadable_photos: unreadable,
            report,
            similarities: at_similarities(analyzer, &scores),
            calibration: if calibrate {
                calibration::fit(scores.impostor()).ok()
            } else {
                None
            },
            worst: worst_pairs(measurement, worst),
        })
    }

    /// Writes the plots that are wanted.
    pub(super) fn draw(&self, roc: Option<&Path>, det: Option<&Path>) -> Result<()> {
        let curves = [plot::Curve::of(&self.report, &self.face_model_version)];
        if let Some(path) = roc {
            fs_err::write(path, plot::roc("Receiver operating characteristic", &curves))?;
            talk(format_args!("wrote {}", path.display()));
        }
        if let Some(path) = det {
            fs_err::write(path, plot::det("Detection error trade-off", &curves))?;
            talk(format_args!("wrote {}", path.display()));
        }
        Ok(())
    }

    /// For people.
    pub(super) fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        self.tell_counts(out)?;
        writeln!(out)?;
        self.tell_rates(out)?;
        writeln!(out)?;
        self.tell_similarities(out)?;
        for pair in &self.worst {
            let kind = if pair.same { "genuine" } else { "impostor" };
            writeln!(
                out,
                "{kind} {:.3}: {} {}",
                pair.cosine,
                pair.a.display(),
                pair.b.display()
            )?;
        }
        self.calibration
            .as_ref()
            .map_or(Ok(()), |curve| tell_calibration(out, curve))
    }

    fn tell_counts(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Report {
            pairs,
            acquisition,
            accuracy,
            eer,
            ..
        } = &self.report;
        writeln!(
            out,
            "model     {} (pack {}), {}",
            self.face_model_version, self.pack, self.engine
        )?;
        if let Some(acquisition) = acquisition {
            writeln!(
                out,
                "photos    {} at {:.1} per second; {} without a face, {} unreadable",
                acquisition.photos,
                self.photos_per_second,
                self.photos_without_face.len(),
                self.unreadable_photos.len()
            )?;
        }
        writeln!(
            out,
            "pairs     {} genuine, {} impostor; without a score {} and {}",
            pairs.genuine, pairs.impostor, pairs.genuine_failed, pairs.impostor_failed
        )?;
        match accuracy {
            Some(accuracy) => {
                let from = match accuracy.folds_from {
                    FoldsFrom::List => "of the list",
                    FoldsFrom::Order => "in the list's order",
                };
                let (mean, std, folds) = (100.0 * accuracy.mean, 100.0 * accuracy.std, accuracy.folds.len());
                writeln!(out, "accuracy  {mean:.2} % ± {std:.2} ({folds} folds {from})")?;
            }
            None => writeln!(out, "accuracy  too few pairs")?,
        }
        writeln!(
            out,
            "EER       {:.2} % at cosine {:.3}",
            100.0 * eer.rate,
            eer.threshold
        )
    }

    fn tell_rates(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let measured = self.report.fnmr_at_fmr.iter().filter_map(|point| {
            let (threshold, fnmr, frr) = (point.threshold?, point.fnmr?, point.frr?);
            let interval = point.fnmr_interval?;
            let note = if point.reliable { "" } else { "few" };
            Some(vec![
                format!("{:e}", point.fmr),
                format!("{threshold:.3}"),
                percent(fnmr),
                format!("{} to {}", percent(interval.low), percent(interval.high)),
                percent(frr),
                point.false_matches?.to_string(),
                note.to_owned(),
            ])
        });
        let rows: Vec<Vec<String>> = measured.collect();
        table(
            out,
            &[
                "FMR",
                "cosine",
                "FNMR",
                "95 % interval",
                "FRR",
                "false matches",
                "",
            ],
            &rows,
        )
    }

    fn tell_similarities(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let row = |at: &AtSimilarity| {
            vec![
                format!("{}", at.similarity),
                format!("{:.3}", at.cosine),
                format!("{:.0e}", at.promised_fmr),
                format!("{:.1e}", at.fmr),
                percent(at.fnmr),
            ]
        };
        let rows: Vec<Vec<String>> = self.similarities.iter().map(row).collect();
        table(
            out,
            &["similarity", "cosine", "stands for FMR", "FMR here", "FNMR here"],
            &rows,
        )
    }
}

fn at_similarities(analyzer: &Analyzer, scores: &Scores) -> Vec<AtSimilarity> {
    SIMILARITIES
        .map(|value| {
            let similarity = Similarity::new(value);
            let cosine = analyzer.calibration().cosine(similarity);
            let point = scores.at(f64::from(cosine));
            AtSimilarity {
                similarity: value,
                cosine,
                promised_fmr: 10f64.powf(f64::from(similarity.log10_false_match_rate())),
                fmr: point.fmr,
                fnmr: point.fnmr,
            }
        })
        .into()
}

/// The genuine pairs that are least alike, then the impostor pairs that are most alike.
fn worst_pairs(measurement: &Measurement, count: usize) -> Vec<Named> {
    let mut named = Vec::new();
    if count == 0 {
        return named;
    }
    let name = |photo: u32| measurement.photos[photo as usize].clone();
    for same in [true, false] {
        let mut scored: Vec<(f64, (u32, u32))> = measurement
            .outcomes
            .iter()
            .zip(&measurement.compared)
            .filter(|(outcome, _)| outcome.same == same)
            .filter_map(|(outcome, photos)| Some((outcome.score?, *photos)))
            .collect();
        scored.sort_by(|x, y| {
            if same {
                x.0.total_cmp(&y.0)
            } else {
                y.0.total_cmp(&x.0)
            }
        });
        named.extend(scored.into_iter().take(count).map(|(cosine, (a, b))| Named {
            same,
            cosine,
            a: name(a),
            b: name(b),
        }));
    }
    named
}

/// As it stands in a pack's manifest.
fn tell_calibration(out: &mut dyn Write, curve: &Curve) -> std::io::Result<()> {
    let anchors: Vec<String> = curve
        .anchors
        .iter()
        .map(|[cosine, log10]| format!("[{cosine:.3}, {log10:.2}]"))
        .collect();
    writeln!(
        out,
        "\n# fitted to {} impostor pairs; counted to 10^{:.1}, beyond that extrapolated",
        curve.impostor_pairs, curve.counted_to
    )?;
    writeln!(out, "calibration = [{}]", anchors.join(", "))
}

fn percent(rate: f64) -> String {
    format!("{:.2} %", 100.0 * rate)
}
