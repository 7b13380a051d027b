//! What an evaluation says: for people as text, for programs as JSON, as curves.

mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use selfsame_evaluation::people::Scores as ByPerson;
use selfsame_evaluation::resample::{self, DRAWS};
use selfsame_evaluation::{Interval, Report, Scores, plot};
use selfsame_face::Analyzer;
use selfsame_types::Similarity;
use serde::Serialize;

use super::discard::Discarded;
use super::fairness::ByGroup;
use super::fitted::{Fitted, InSearch};
use super::identification::Identified;
use super::measure::Measurement;
use super::worst::{Named, worst_pairs};
use crate::encoding::Outcome as Photo;
use crate::output::talk;

/// The similarities whose error rates users ask for; what each promises stands in `docs/ACCURACY.md`.
pub(super) const SIMILARITIES: [f32; 4] = [80.0, 90.0, 95.0, 99.0];

/// The similarity that flows decide with, unless told otherwise.
const DEFAULT_SIMILARITY: f32 = 95.0;

/// Groups are compared and low quality is discarded at the first of these false match rates that the pairs can show.
const COMMON_FMRS: [f64; 3] = [1e-3, 1e-2, 1e-1];

/// The rule of 30.
const RELIABLE_FALSE_MATCHES: f64 = 30.0;

#[derive(Serialize)]
pub(super) struct Evaluated {
    pub(super) pack: String,
    pub(super) face_model_version: String,
    pub(super) engine: String,
    /// Of those that were not in the cache; 0 where all were.
    pub(super) photos_per_second: f64,
    pub(super) photos_from_cache: usize,
    pub(super) photos_without_face: Vec<PathBuf>,
    pub(super) unreadable_photos: Vec<String>,
    /// `None` where nobody knows who is on the photos.
    pub(super) people: Option<usize>,
    #[serde(flatten)]
    pub(super) report: Report,
    pub(super) intervals: Intervals,
    pub(super) similarities: Vec<AtSimilarity>,
    /// False alarms in a search, by the shipped calibration.
    pub(super) searches: Vec<InSearch>,
    /// Fitted to the impostor scores, where every photo was compared with every other and the pairs suffice.
    pub(super) calibration: Option<Fitted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identification: Option<Identified>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) discard: Vec<Discarded>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) groups: Vec<ByGroup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) worst: Vec<Named>,
}

/// 95 % intervals by drawing people, or pairs where nobody knows who is on the photos. Those in the report itself take pairs
/// for independent.
#[derive(Serialize)]
pub(super) struct Intervals {
    pub(super) drawn: &'static str,
    draws: usize,
    pub(super) eer: Option<Interval>,
    /// In the order of `fnmr_at_fmr`.
    pub(super) fnmr_at_fmr: Vec<Option<Interval>>,
}

/// What one similarity as threshold does on these pairs.
#[derive(Serialize)]
pub(super) struct AtSimilarity {
    pub(super) similarity: f32,
    /// The cosine behind it.
    pub(super) cosine: f32,
    /// The false match rate that it stands for.
    pub(super) promised_fmr: f64,
    pub(super) fmr: f64,
    pub(super) fmr_interval: Option<Interval>,
    pub(super) fnmr: f64,
    pub(super) fnmr_interval: Option<Interval>,
}

/// A threshold with a name.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Threshold {
    pub(super) name: String,
    pub(super) cosine: f64,
}

impl Threshold {
    pub(super) fn describe(&self) -> String {
        format!("{} (cosine {:.3})", self.name, self.cosine)
    }
}

/// What is wanted beside the rates.
pub(super) struct Wanted {
    pub(super) calibration: bool,
    /// Photos that are enrolled for identification; nobody where it is not wanted.
    pub(super) gallery: BTreeSet<usize>,
    pub(super) worst: usize,
}

impl Evaluated {
    pub(super) fn new(
        analyzer: &Analyzer,
        measurement: &Measurement,
        scores: &Scores,
        wanted: &Wanted,
    ) -> Result<Self> {
        let report = Report::new(&measurement.outcomes, Some(measurement.acquisition()))
            .context("the scores say nothing about error rates")?;
        let (units, by_person) = (measurement.units(), measurement.by_person()?);
        let thresholds = thresholds(analyzer, &by_person, &units.once());
        let mut without_face = Vec::new();
        let mut unreadable = Vec::new();
        for (photo, outcome) in measurement.photos.iter().zip(&measurement.encoded.outcomes) {
            match outcome {
                Photo::Encoded { .. } => {}
                Photo::NoFace => without_face.push(photo.clone()),
                Photo::Unreadable(reason) => unreadable.push(reason.clone()),
            }
        }
        let encoded = &measurement.encoded;
        let fresh = encoded.outcomes.len() - encoded.resumed;
        Ok(Self {
            pack: analyzer.pack().to_owned(),
            face_model_version: analyzer.version().to_string(),
            engine: analyzer.engine().describe(),
            photos_per_second: fresh as f64 / encoded.seconds.max(f64::MIN_POSITIVE),
            photos_from_cache: encoded.resumed,
            photos_without_face: without_face,
            unreadable_photos: unreadable,
            people: measurement.people.as_ref().map(|people| {
                let known: BTreeSet<&usize> = people.iter().collect();
                known.len()
            }),
            intervals: intervals(&report, &by_person, measurement),
            report,
            similarities: at_similarities(analyzer, &by_person, scores, measurement),
            searches: InSearch::promised(analyzer),
            calibration: wanted
                .calibration
                .then(|| Fitted::new(scores.impostor(), &by_person, units, analyzer))
                .flatten(),
            identification: Identified::new(measurement, &wanted.gallery, thresholds[0].cosine),
            discard: Discarded::all(measurement, &thresholds),
            groups: ByGroup::all(measurement, &thresholds),
            worst: worst_pairs(measurement, wanted.worst),
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
}

/// The shipped threshold, and that of a false match rate of these pairs.
fn thresholds(analyzer: &Analyzer, by_person: &ByPerson, once: &[u32]) -> Vec<Threshold> {
    let shipped = Threshold {
        name: format!("similarity {DEFAULT_SIMILARITY}"),
        cosine: f64::from(analyzer.calibration().cosine(Similarity::new(DEFAULT_SIMILARITY))),
    };
    let own = COMMON_FMRS.into_iter().find_map(|fmr| {
        let cosine = by_person.threshold_at_fmr(fmr, once)?;
        let few = if fmr * (by_person.impostor() as f64) < RELIABLE_FALSE_MATCHES {
            ", few"
        } else {
            ""
        };
        Some(Threshold {
            name: format!("FMR {fmr:.0e} of all pairs{few}"),
            cosine,
        })
    });
    match own {
        Some(own) if !analyzer.calibration().is_measured() => vec![own],
        own => std::iter::once(shipped).chain(own).collect(),
    }
}

fn intervals(report: &Report, by_person: &ByPerson, measurement: &Measurement) -> Intervals {
    let found = resample::intervals(measurement.units(), DRAWS, |drawn| {
        let at = report
            .fnmr_at_fmr
            .iter()
            .map(|point| by_person.fnmr_at_fmr(point.fmr, drawn));
        std::iter::once(by_person.equal_error(drawn)).chain(at).collect()
    });
    Intervals {
        drawn: measurement.units().name(),
        draws: DRAWS,
        eer: found.first().copied().flatten(),
        fnmr_at_fmr: found.into_iter().skip(1).collect(),
    }
}

fn at_similarities(
    analyzer: &Analyzer,
    by_person: &ByPerson,
    scores: &Scores,
    measurement: &Measurement,
) -> Vec<AtSimilarity> {
    // Of an embedder that nobody has measured no similarity means anything.
    if !analyzer.calibration().is_measured() {
        return Vec::new();
    }
    let cosines = SIMILARITIES.map(|value| analyzer.calibration().cosine(Similarity::new(value)));
    let intervals = resample::intervals(measurement.units(), DRAWS, |drawn| {
        let rates = |cosine: &f32| {
            let threshold = f64::from(*cosine);
            [by_person.fmr(threshold, drawn), by_person.fnmr(threshold, drawn)]
        };
        cosines.iter().flat_map(rates).collect()
    });
    let rows = SIMILARITIES.iter().zip(cosines).zip(intervals.chunks(2));
    rows.map(|((value, cosine), intervals)| {
        let point = scores.at(f64::from(cosine));
        let none = selfsame_evaluation::interval::rule_of_three(scores.impostor().len());
        AtSimilarity {
            similarity: *value,
            cosine,
            promised_fmr: 10f64.powf(f64::from(Similarity::new(*value).log10_false_match_rate())),
            fmr: point.fmr,
            fmr_interval: if point.fmr > 0.0 { intervals[0] } else { Some(none) },
            fnmr: point.fnmr,
            fnmr_interval: intervals[1],
        }
    })
    .collect()
}

/// In percent.
pub(super) fn percent(rate: f64) -> String {
    format!("{:.2} %", 100.0 * rate)
}

/// In percent.
pub(super) fn with_interval(rate: f64, interval: Option<Interval>) -> String {
    interval.map_or_else(
        || percent(rate),
        |Interval { low, high }| format!("{} ({:.2} to {:.2})", percent(rate), 100.0 * low, 100.0 * high),
    )
}

/// 9.2e-5, or 0.
pub(super) fn power(rate: f64) -> String {
    if rate > 0.0 {
        format!("{rate:.1e}")
    } else {
        "0".to_owned()
    }
}
