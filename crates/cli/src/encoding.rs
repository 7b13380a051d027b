//! Many photos → templates, each photo once, on several threads. What could not be encoded is told, not dropped:
//! a measurement that forgets failures flatters.

mod cache;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use clap::{Args, ValueEnum};
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer, Face, Measures};
use selfsame_types::{BoundingBox, Point, Template};
use selfsame_vision::pack::{Digest, Resolved};

use self::cache::Cache;
use crate::arguments::{Global, Switch};
use crate::inference;
use crate::output::talk;
use crate::progress::{Progress, Unit};

/// Whose face it is where a photo shows several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Subject {
    /// The largest face.
    #[default]
    Largest,
    /// The face nearest to the centre (LFW and other sets are cut around the person they name).
    Central,
}

/// How photos are encoded.
#[derive(Debug, Args)]
pub(crate) struct Encoding {
    /// Whose face counts where a photo shows several.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) subject: Subject,
    /// Average each face with its mirror image [default: as the pack says].
    #[arg(long, value_enum)]
    flip: Option<Switch>,
    /// Photos at one time [default: the number of physical cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Keep what was made of each photo in this folder, and use what is there: an evaluation that was interrupted goes
    /// on. It holds templates, which are biometric data: delete it when it has served.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

/// Models, and what was made with them before.
pub(crate) struct Encoder {
    pub(crate) analyzer: Analyzer,
    subject: Subject,
    threads: usize,
    cache: Option<Cache>,
}

/// What became of many photos.
pub(crate) struct Encoded {
    /// In the order of the photos.
    pub(crate) outcomes: Vec<Outcome>,
    /// How many came from the cache.
    pub(crate) resumed: usize,
    /// For all others together.
    pub(crate) seconds: f64,
}

/// What became of a photo.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The subject's template and what else is known of that face, and how many faces there are.
    Encoded {
        template: Template,
        faces: usize,
        seen: Seen,
    },
    /// There is no face in it.
    NoFace,
    /// It is no photo that can be read; the reason.
    Unreadable(String),
}

/// A face without its template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// In pixels of the upright original.
    pub(crate) bounding_box: BoundingBox,
    pub(crate) measures: Measures,
}

impl Outcome {
    /// The template, where there is one.
    pub(crate) const fn template(&self) -> Option<&Template> {
        match self {
            Self::Encoded { template, .. } => Some(template),
            _ => None,
        }
    }

    /// The face, where there is one.
    pub(crate) const fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Encoded { seen, .. } => Some(seen),
            _ => None,
        }
    }
}

impl Encoding {
    pub(crate) fn threads(&self) -> usize {
        self.threads
            .map_or_else(selfsame_vision::physical_cores, usize::from)
    }

    /// Loads the models, and what the cache has.
    pub(crate) fn encoder(&self, global: &Global) -> Result<Encoder> {
        let resolved = inference::resolve(global)?;
        let engine = global.engine.unwrap_or_default();
        let analyzer = inference::load_to_measure(&resolved, engine, self.threads(), self.flip)?;
        let cache = match &self.cache {
            Some(directory) => {
                talk(format_args!(
                    "note: {} holds templates, which are biometric data; delete it when it has served",
                    directory.display()
                ));
                let key = key(&resolved, self.subject);
                Some(Cache::open(directory, &key, analyzer.version())?)
            }
            None => None,
        };
        Ok(Encoder {
            analyzer,
            subject: self.subject,
            threads: self.threads(),
            cache,
        })
    }
}

/// Everything that decides what is made of a photo, but for the engine, whose results differ in the last digits only, and
/// for the embedder's version, which says whether faces are averaged with their mirror images.
fn key(resolved: &Resolved, subject: Subject) -> String {
    let models = resolved.roles.iter().map(|(role, model)| {
        let digests = model.artifact.files.iter().map(|file| file.sha256.to_string());
        format!("{role} {}", digests.collect::<Vec<_>>().join(" "))
    });
    format!("{}\n{subject:?}", models.collect::<Vec<_>>().join("\n"))
}

impl Encoder {
    /// Encodes every photo once, with progress on standard error.
    pub(crate) fn encode(&self, photos: &[PathBuf]) -> Encoded {
        let progress = Progress::start(
            format!("encoding {} photos", photos.len()),
            Unit::Items,
            photos.len() as u64,
        );
        let start = std::time::Instant::now();
        let resumed = AtomicUsize::new(0);
        let outcomes = in_parallel(photos, self.threads, &progress, |photo| {
            let (outcome, known) = self.outcome(photo);
            resumed.fetch_add(usize::from(known), Ordering::Relaxed);
            outcome
        });
        progress.finish();
        let resumed = resumed.into_inner();
        if self.cache.is_some() {
            talk(format_args!(
                "{resumed} of {} photos were in the cache",
                photos.len()
            ));
        }
        Encoded {
            outcomes,
            resumed,
            seconds: start.elapsed().as_secs_f64(),
        }
    }

    /// What becomes of a photo, and whether the cache knew it.
    fn outcome(&self, photo: &Path) -> (Outcome, bool) {
        let bytes = match fs_err::read(photo) {
            Ok(bytes) => bytes,
            Err(error) => return (Outcome::Unreadable(error.to_string()), false),
        };
        let Some(cache) = &self.cache else {
            return (self.encode_bytes(photo, &bytes), false);
        };
        let digest = Digest::of(&bytes);
        if let Some(known) = cache.get(&digest) {
            return (known.clone(), true);
        }
        let outcome = self.encode_bytes(photo, &bytes);
        // A full disk costs the cache, not the measurement.
        if let Err(error) = cache.put(digest, &outcome) {
            talk(format_args!("warning: {error:#}"));
        }
        (outcome, false)
    }

    fn encode_bytes(&self, photo: &Path, bytes: &[u8]) -> Outcome {
        let options = AnalyzeOptions {
            encode_largest: match self.subject {
                Subject::Largest => 1,
                Subject::Central => usize::MAX,
            },
            ..AnalyzeOptions::default()
        };
        match self.analyzer.analyze(bytes, &options) {
            Ok(analysis) => self.subject.outcome(&analysis),
            Err(error) => Outcome::Unreadable(format!("{}: {error}", photo.display())),
        }
    }
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

impl Subject {
    fn outcome(self, analysis: &Analysis) -> Outcome {
        let long_side_px = analysis.width_px.max(analysis.height_px);
        let encoded = self.among(analysis).and_then(|face| {
            Some(Outcome::Encoded {
                template: face.template.clone()?,
                faces: analysis.faces.len(),
                seen: Seen {
                    bounding_box: face.detection.bounding_box,
                    measures: Measures::of(face, long_side_px),
                },
            })
        });
        encoded.unwrap_or(Outcome::NoFace)
    }

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
