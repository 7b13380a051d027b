//! Many photos → templates, each photo once, on several threads. What could not be encoded is told, not dropped:
//! a measurement that forgets failures flatters.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::ValueEnum;
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer, Face};
use selfsame_types::{Point, Template};

use crate::inference;
use crate::progress::Progress;

/// Whose face it is where a photo shows several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Subject {
    /// The largest face.
    #[default]
    Largest,
    /// The face nearest to the centre (LFW and other sets are cut around the person they name).
    Central,
}

/// What became of a photo.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The subject's template, and how many faces there are.
    Encoded { template: Template, faces: usize },
    /// There is no face in it.
    NoFace,
    /// It is no photo that can be read; the reason.
    Unreadable(String),
}

impl Outcome {
    /// The template, where there is one.
    pub(crate) const fn template(&self) -> Option<&Template> {
        match self {
            Self::Encoded { template, .. } => Some(template),
            _ => None,
        }
    }
}

/// Encodes every photo; the outcomes are in the order of the paths.
pub(crate) fn encode_all(
    analyzer: &Analyzer,
    photos: &[PathBuf],
    threads: usize,
    subject: Subject,
    progress: &Progress,
) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![Outcome::NoFace; photos.len()]);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, photo)) = take(photos, &next) {
                    let outcome = encode(analyzer, photo, subject);
                    let mut outcomes = outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    outcomes[index] = outcome;
                    drop(outcomes);
                    progress.advance(1);
                }
            });
        }
    });
    outcomes
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn take<'a>(photos: &'a [PathBuf], next: &AtomicUsize) -> Option<(usize, &'a Path)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    photos.get(index).map(|photo| (index, photo.as_path()))
}

fn encode(analyzer: &Analyzer, photo: &Path, subject: Subject) -> Outcome {
    let options = AnalyzeOptions {
        encode_largest: match subject {
            Subject::Largest => 1,
            Subject::Central => usize::MAX,
        },
        ..AnalyzeOptions::default()
    };
    match inference::analyze_file(analyzer, photo, &options) {
        Ok(analysis) => choose(&analysis, subject).map_or(Outcome::NoFace, |template| Outcome::Encoded {
            template,
            faces: analysis.faces.len(),
        }),
        Err(error) => Outcome::Unreadable(format!("{error:#}")),
    }
}

fn choose(analysis: &Analysis, subject: Subject) -> Option<Template> {
    let center = Point::new(analysis.width_px as f32 / 2.0, analysis.height_px as f32 / 2.0);
    let off_center = |face: &Face| face.detection.bounding_box.center().distance(center);
    let face = match subject {
        Subject::Largest => analysis.faces.first(),
        Subject::Central => analysis
            .faces
            .iter()
            .min_by(|a, b| off_center(a).total_cmp(&off_center(b))),
    };
    face?.template.clone()
}
