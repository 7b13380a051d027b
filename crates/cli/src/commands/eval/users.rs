//! `selfsame eval --users`: one template for several photos of a person, against the best of their templates.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use selfsame_evaluation::Interval;
use selfsame_evaluation::people::{Comparison, Draws, Scores};
use selfsame_evaluation::users::enrolments;
use selfsame_face::Analyzer;
use selfsame_types::{Similarity, Template};
use serde::Serialize;

use super::Eval;
use crate::arguments::Global;
use crate::exit::Exit;
use crate::output::table;

/// The most photos that are enrolled together.
const MAX_ENROLLED: usize = 10;

const FMRS: [f64; 3] = [1e-2, 1e-3, 1e-4];
const SIMILARITIES: [f32; 3] = [80.0, 90.0, 95.0];

/// How a probe is compared with several templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// With the first of them only.
    OneFace,
    /// With each; the highest cosine counts.
    BestFace,
    /// With what [`Template::aggregate`] makes of them.
    UserVector,
}

const METHODS: [Method; 3] = [Method::OneFace, Method::BestFace, Method::UserVector];

#[derive(Serialize)]
struct Evaluated {
    pack: String,
    face_model_version: String,
    engine: String,
    people: usize,
    photos: usize,
    photos_without_template: usize,
    enrolled: Vec<Enrolled>,
}

/// So many photos enrolled together.
#[derive(Serialize)]
struct Enrolled {
    photos: usize,
    people: usize,
    genuine: usize,
    impostor: usize,
    methods: Vec<Measured>,
    /// How much lower the FNMR of user vectors is than that of the best face, on the same comparisons.
    gains: Vec<Gain>,
}

#[derive(Serialize)]
struct Measured {
    method: Method,
    fnmr_at_fmr: Vec<AtFmr>,
    similarities: Vec<AtSimilarity>,
}

/// What follows is `None` where the comparisons are too few for the rate. Intervals: people drawn with replacement.
#[derive(Serialize)]
struct AtFmr {
    fmr: f64,
    fnmr: Option<f64>,
    interval: Option<Interval>,
}

#[derive(Serialize)]
struct AtSimilarity {
    similarity: f32,
    cosine: f32,
    promised_fmr: f64,
    fmr: Option<f64>,
    fmr_interval: Option<Interval>,
    fnmr: Option<f64>,
}

#[derive(Serialize)]
struct Gain {
    fmr: f64,
    fnmr_difference: Option<f64>,
    interval: Option<Interval>,
}

/// Templates, and whose they are.
struct Known {
    templates: Vec<Template>,
    identities: Vec<usize>,
    people: usize,
}

pub(super) fn run(directory: &Path, arguments: &Eval, global: &Global) -> Result<Exit> {
    let (photos, identities): (Vec<PathBuf>, Vec<usize>) =
        arguments.people_in(directory)?.into_iter().unzip();
    let encoder = arguments.encoding.encoder(global)?;
    let analyzer = &encoder.analyzer;
    let (templates, identities): (Vec<Template>, Vec<usize>) = encoder
        .encode(&photos)
        .outcomes
        .iter()
        .zip(identities)
        .filter_map(|(outcome, person)| Some((outcome.template()?.clone(), person)))
        .unzip();
    let known = Known {
        people: identities.iter().max().map_or(0, |last| last + 1),
        templates,
        identities,
    };
    let evaluated = Evaluated {
        pack: analyzer.pack().to_owned(),
        face_model_version: analyzer.version().to_string(),
        engine: analyzer.engine().describe(),
        people: known.people,
        photos: photos.len(),
        photos_without_template: photos.len() - known.templates.len(),
        enrolled: known.evaluate(analyzer)?,
    };
    if let Some(path) = &arguments.json {
        fs_err::write(path, serde_json::to_vec_pretty(&evaluated)?)?;
    }
    global.format.emit(&evaluated, |out| evaluated.tell(out))?;
    Ok(Exit::Success)
}

impl Known {
    fn evaluate(&self, analyzer: &Analyzer) -> Result<Vec<Enrolled>> {
        let draws = Draws::new(self.people);
        let mut all = Vec::new();
        for photos in 1..=MAX_ENROLLED {
            let enrolments = enrolments(&self.identities, photos);
            if enrolments.is_empty() {
                break;
            }
            let mut comparisons = METHODS.map(|_| Vec::new());
            let mut people = Vec::new();
            for enrolment in &enrolments {
                let templates: Vec<Template> = enrolment
                    .photos
                    .iter()
                    .map(|photo| self.templates[*photo].clone())
                    .collect();
                let user = Template::aggregate(&templates).context("templates of a person cancel out")?;
                people.push(enrolment.person);
                for probe in &enrolment.probes {
                    let cosines = cosines(&self.templates[*probe], &templates, &user);
                    for (comparisons, cosine) in comparisons.iter_mut().zip(cosines) {
                        comparisons.push(Comparison {
                            probe: self.identities[*probe],
                            reference: enrolment.person,
                            score: f64::from(cosine),
                        });
                    }
                }
            }
            people.dedup();
            let scores = comparisons
                .into_iter()
                .map(Scores::new)
                .collect::<Result<Vec<_>, _>>()
                .context("the scores say nothing about error rates")?;
            all.push(enrolled(photos, people.len(), &scores, &draws, analyzer));
        }
        Ok(all)
    }
}

/// In the order of [`METHODS`].
fn cosines(probe: &Template, templates: &[Template], user: &Template) -> [f32; 3] {
    // All templates are of one analyzer, so every two can be compared.
    let cosine = |template: &Template| probe.cosine(template).unwrap_or(-1.0);
    let best = templates.iter().map(cosine).fold(-1.0, f32::max);
    [templates.first().map_or(-1.0, cosine), best, cosine(user)]
}

fn enrolled(photos: usize, people: usize, scores: &[Scores], draws: &Draws, analyzer: &Analyzer) -> Enrolled {
    let once = draws.everybody();
    let measured = METHODS.iter().zip(scores).map(|(method, scores)| Measured {
        method: *method,
        fnmr_at_fmr: FMRS
            .map(|fmr| AtFmr {
                fmr,
                fnmr: scores.fnmr_at_fmr(fmr, &once),
                interval: draws.interval(|drawn| scores.fnmr_at_fmr(fmr, drawn)),
            })
            .into(),
        similarities: SIMILARITIES
            .map(|similarity| at_similarity(Similarity::new(similarity), scores, draws, analyzer))
            .into(),
    });
    let gains = FMRS.map(|fmr| {
        let gain =
            |drawn: &[u32]| Some(scores[1].fnmr_at_fmr(fmr, drawn)? - scores[2].fnmr_at_fmr(fmr, drawn)?);
        Gain {
            fmr,
            fnmr_difference: gain(&once),
            interval: draws.interval(gain),
        }
    });
    Enrolled {
        photos,
        people,
        genuine: scores[0].genuine(),
        impostor: scores[0].impostor(),
        methods: measured.collect(),
        gains: gains.into(),
    }
}

fn at_similarity(
    similarity: Similarity,
    scores: &Scores,
    draws: &Draws,
    analyzer: &Analyzer,
) -> AtSimilarity {
    let cosine = analyzer.calibration().cosine(similarity);
    let threshold = f64::from(cosine);
    AtSimilarity {
        similarity: similarity.value(),
        cosine,
        promised_fmr: 10f64.powf(f64::from(similarity.log10_false_match_rate())),
        fmr: scores.fmr(threshold, &draws.everybody()),
        fmr_interval: draws.interval(|drawn| scores.fmr(threshold, drawn)),
        fnmr: scores.fnmr(threshold, &draws.everybody()),
    }
}

impl Evaluated {
    fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            out,
            "model     {} (pack {}), {}",
            self.face_model_version, self.pack, self.engine
        )?;
        writeln!(
            out,
            "photos    {} of {} people; {} without a template; intervals are of 95 %, by drawing people\n",
            self.photos, self.people, self.photos_without_template
        )?;
        self.tell_rates(out)?;
        writeln!(out)?;
        self.tell_gains(out)?;
        writeln!(out)?;
        self.tell_similarities(out)
    }

    fn tell_rates(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let rows = self.enrolled.iter().flat_map(|enrolled| {
            enrolled.methods.iter().map(|measured| {
                let rates = measured
                    .fnmr_at_fmr
                    .iter()
                    .map(|at| with_interval(at.fnmr, at.interval));
                let first = [
                    format!("{} of {} people", enrolled.photos, enrolled.people),
                    measured.method.name().to_owned(),
                ];
                first.into_iter().chain(rates).collect()
            })
        });
        let rows: Vec<Vec<String>> = rows.collect();
        table(
            out,
            &[
                "photos enrolled",
                "compared with",
                "FNMR at FMR 1e-2, %",
                "1e-3",
                "1e-4",
            ],
            &rows,
        )
    }

    fn tell_gains(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let rows = self.enrolled.iter().skip(1).map(|enrolled| {
            let gains = enrolled
                .gains
                .iter()
                .map(|gain| with_interval(gain.fnmr_difference, gain.interval));
            [enrolled.photos.to_string()].into_iter().chain(gains).collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        table(
            out,
            &[
                "photos enrolled",
                "FNMR of best face less that of user vector at FMR 1e-2, %",
                "1e-3",
                "1e-4",
            ],
            &rows,
        )
    }

    fn tell_similarities(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let rows = self.enrolled.iter().flat_map(|enrolled| {
            enrolled.methods.iter().map(|measured| {
                let rates = measured
                    .similarities
                    .iter()
                    .map(|at| with_interval(at.fmr, at.fmr_interval));
                let first = [enrolled.photos.to_string(), measured.method.name().to_owned()];
                first.into_iter().chain(rates).collect()
            })
        });
        let rows: Vec<Vec<String>> = rows.collect();
        table(
            out,
            &[
                "photos enrolled",
                "compared with",
                "FMR at similarity 80, %",
                "90",
                "95",
            ],
            &rows,
        )
    }
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::OneFace => "one face",
            Self::BestFace => "best face",
            Self::UserVector => "user vector",
        }
    }
}

/// In percent.
fn with_interval(rate: Option<f64>, interval: Option<Interval>) -> String {
    match (rate, interval) {
        (None, _) => "too few".to_owned(),
        (Some(rate), None) => percent(rate),
        (Some(rate), Some(Interval { low, high })) => {
            format!("{} ({} to {})", percent(rate), percent(low), percent(high))
        }
    }
}

/// Three digits, so that 1 in 10 000 and 1 in 100 are both told.
fn percent(rate: f64) -> String {
    let percent = 100.0 * rate;
    if percent.abs() < 0.1 {
        format!("{percent:.3}")
    } else {
        format!("{percent:.2}")
    }
}
