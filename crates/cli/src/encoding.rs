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
    in_parallel(photos, threads, progress, |photo| {
        encode(analyzer, photo, subject)
    })
}

/// Does `work` with every photo, on so many threads; the results are in the order of the paths.
pub(crate) fn in_parallel<T: Send>(
    photos: &[PathBuf],
    threads: usize,
    progress: &Progress,
    work: impl Fn(&Path) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<T>>> = Mutex::new(photos.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, photo)) = take(photos, &next) {
                    let result = work(photo);
                    let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    results[index] = Some(result);
                    drop(results);
                    progress.advance(1);
                }
            });
        }
    });
    let results = results
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    results.into_iter().flatten().collect()
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
    subject.among(analysis)?.template.clone()
}

impl Subject {
    /// The face that counts.
    pub(crate) fn among(self, analysis: &Analysis) -> Option<&Face> {
        let center = Point::new(analysis.width_px as f32 / 2.0, analysis.height_px as f32 / 2.0);
        match self {
            Self::Largest => analysis.faces.first(),
            Self::Central => nearest(&analysis.faces, center),
        }
    }
}

/// The face whose centre is nearest to `place`.
pub(crate) fn nearest(faces: &[Face], place: Point) -> Option<&Face> {
    let distance = |face: &Face| face.detection.bounding_box.center().distance(place);
    faces.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}
