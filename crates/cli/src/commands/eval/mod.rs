//! `selfsame eval`: error rates on labelled photos. Needs no server. Reads, encodes and compares; what the scores say
//! is computed by the `evaluation` crate.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use selfsame_evaluation::pairs::{self, Pair};
use selfsame_evaluation::{Acquisition, Outcome};
use selfsame_face::Analyzer;

use crate::arguments::{Global, Switch};
use crate::encoding::{self, Outcome as Encoded, Subject};
use crate::exit::{Exit, Failure};
use crate::inference;
use crate::progress::{Progress, Unit};

mod detection;
mod part;
mod quality;
mod result;
mod users;

use part::Part;

/// Arguments of `eval`.
#[derive(Debug, Args)]
pub(crate) struct Eval {
    #[command(flatten)]
    source: Source,
    /// The folder that the paths of --pairs are relative to.
    #[arg(long, value_name = "DIR", requires = "pairs")]
    images: Option<PathBuf>,
    /// Write the ROC curve as SVG.
    #[arg(long, value_name = "FILE", conflicts_with_all = NO_PAIRS)]
    roc: Option<PathBuf>,
    /// Write the detection error trade-off curve as SVG.
    #[arg(long, value_name = "FILE", conflicts_with_all = NO_PAIRS)]
    det: Option<PathBuf>,
    /// Write the result as JSON into a file, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Name this many of the worst genuine and impostor pairs: wrong labels are among them.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        conflicts_with_all = NO_PAIRS
    )]
    worst: usize,
    /// Whose photos count, of those in one folder per person: what was chosen on one part is judged on the other.
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["pairs", "detect"])]
    part: Part,
    /// Leave these photos out, named relative to the folder of people: those that show somebody else.
    #[arg(long, value_name = "PHOTO", value_delimiter = ',', conflicts_with_all = ["pairs", "detect"])]
    except: Vec<PathBuf>,
    /// Whose face counts where a photo shows several.
    #[arg(long, value_enum, default_value_t)]
    subject: Subject,
    /// Average each face with its mirror image [default: as the pack says].
    #[arg(long, value_enum)]
    flip: Option<Switch>,
    /// Photos at one time [default: the number of physical cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// What is compared.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A list of pairs: CSV with `a,b,same` (and perhaps `fold`), or LFW's pairs.txt. Needs --images.
    #[arg(long, value_name = "FILE", requires = "images")]
    pairs: Option<PathBuf>,
    /// A folder with one folder per person: every photo is compared with every other, and a calibration is fitted.
    #[arg(long, value_name = "DIR")]
    identities: Option<PathBuf>,
    /// A folder of photos: how many of them show a face?
    #[arg(long, value_name = "DIR")]
    detect: Option<PathBuf>,
    /// A folder with one folder per person: is a user made of several photos recognised better than by the best of them?
    #[arg(long, value_name = "DIR")]
    users: Option<PathBuf>,
    /// A folder with one folder per person: what do darkness, blur, distance and pose cost, and what do the quality
    /// filters refuse? Every photo is analysed 27 times.
    #[arg(long, value_name = "DIR")]
    quality: Option<PathBuf>,
}

/// What has no curves and no pairs to name.
const NO_PAIRS: [&str; 3] = ["detect", "users", "quality"];

/// What was measured, with the photos behind it.
struct Measurement {
    photos: Vec<PathBuf>,
    encoded: Vec<Encoded>,
    /// Positions of the two photos of each outcome.
    compared: Vec<(u32, u32)>,
    outcomes: Vec<Outcome>,
    seconds: f64,
}

impl Eval {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        if let Some(directory) = &self.source.detect {
            return detection::run(directory, &self, global);
        }
        if let Some(directory) = &self.source.users {
            return users::run(directory, &self, global);
        }
        if let Some(directory) = &self.source.quality {
            return quality::run(directory, &self, global);
        }
        let measurement;
        let analyzer;
        if let Some(directory) = &self.source.identities {
            let photos = self.people_in(directory)?;
            analyzer = self.analyzer(global)?;
            measurement = self.measure_identities(&analyzer, photos);
        } else {
            let (list, images) = (self.source.pairs.as_deref(), self.images.as_deref());
            let (Some(list), Some(images)) = (list, images) else {
                return Err(Failure::usage("nothing to compare")
                    .hint("--pairs FILE --images DIR")
                    .into());
            };
            let list = read_pairs(list)?;
            let photos = photos_of(&list, images)?;
            analyzer = self.analyzer(global)?;
            measurement = self.measure_pairs(&analyzer, &list, photos);
        }
        self.tell(global, &analyzer, &measurement)?;
        Ok(Exit::Success)
    }

    /// The photos of the people in a folder, as far as they count.
    fn people_in(&self, directory: &Path) -> Result<Vec<(PathBuf, usize)>> {
        self.part.photos_in(directory, &self.except)
    }

    fn threads(&self) -> usize {
        self.threads
            .map_or_else(selfsame_vision::physical_cores, usize::from)
    }

    fn analyzer(&self, global: &Global) -> Result<Analyzer> {
        inference::analyzer_to_measure(global, self.threads(), self.flip)
    }

    fn measure_pairs(&self, analyzer: &Analyzer, list: &[Pair], photos: Photos) -> Measurement {
        let Photos { paths, positions } = photos;
        let (encoded, seconds) = self.encode(analyzer, &paths);
        let compared: Vec<(u32, u32)> = list
            .iter()
            .map(|pair| (positions[&pair.a], positions[&pair.b]))
            .collect();
        let outcomes = list.iter().zip(&compared).map(|(pair, (a, b))| Outcome {
            same: pair.same,
            score: score(&encoded, *a, *b),
            fold: pair.fold,
        });
        let outcomes = outcomes.collect();
        Measurement {
            photos: paths,
            encoded,
            compared,
            outcomes,
            seconds,
        }
    }

    fn measure_identities(&self, analyzer: &Analyzer, photos: Vec<(PathBuf, usize)>) -> Measurement {
        let (paths, identities): (Vec<PathBuf>, Vec<usize>) = photos.into_iter().unzip();
        let (encoded, seconds) = self.encode(analyzer, &paths);
        let (mut compared, mut outcomes) = (Vec::new(), Vec::new());
        for (a, b, same) in pairs::all_pairs(&identities) {
            let (a, b) = (a as u32, b as u32);
            compared.push((a, b));
            outcomes.push(Outcome {
                same,
                score: score(&encoded, a, b),
                fold: None,
            });
        }
        Measurement {
            photos: paths,
            encoded,
            compared,
            outcomes,
            seconds,
        }
    }

    /// Encodes each photo once; also says how many seconds that took.
    fn encode(&self, analyzer: &Analyzer, photos: &[PathBuf]) -> (Vec<Encoded>, f64) {
        let progress = Progress::start(
            format!("encoding {} photos", photos.len()),
            Unit::Items,
            photos.len() as u64,
        );
        let start = std::time::Instant::now();
        let encoded = encoding::encode_all(analyzer, photos, self.threads(), self.subject, &progress);
        progress.finish();
        (encoded, start.elapsed().as_secs_f64())
    }

    fn tell(&self, global: &Global, analyzer: &Analyzer, measurement: &Measurement) -> Result<()> {
        let result = result::Evaluated::new(
            analyzer,
            measurement,
            self.source.identities.is_some(),
            self.worst,
        )?;
        result.draw(self.roc.as_deref(), self.det.as_deref())?;
        if let Some(path) = &self.json {
            fs_err::write(path, serde_json::to_vec_pretty(&result)?)?;
        }
        global.format.emit(&result, |out| result.tell(out))
    }
}

impl Measurement {
    fn acquisition(&self) -> Acquisition {
        let failed = self
            .encoded
            .iter()
            .filter(|outcome| outcome.template().is_none())
            .count();
        Acquisition::new(self.photos.len(), failed)
    }
}

fn score(encoded: &[Encoded], a: u32, b: u32) -> Option<f64> {
    let (a, b) = (encoded[a as usize].template()?, encoded[b as usize].template()?);
    a.cosine(b).map(f64::from)
}

fn read_pairs(list: &Path) -> Result<Vec<Pair>> {
    let text = fs_err::read_to_string(list)?;
    pairs::parse(&text).with_context(|| format!("{} cannot be read", list.display()))
}

/// Every photo of a list, once.
struct Photos {
    paths: Vec<PathBuf>,
    /// By the name in the list.
    positions: HashMap<String, u32>,
}

/// Checks that all photos are there before hours are spent on the first half of them.
fn photos_of(list: &[Pair], images: &Path) -> Result<Photos> {
    let mut photos = Photos {
        paths: Vec::new(),
        positions: HashMap::new(),
    };
    for name in list.iter().flat_map(|pair| [&pair.a, &pair.b]) {
        if !photos.positions.contains_key(name) {
            photos.positions.insert(name.clone(), photos.paths.len() as u32);
            photos.paths.push(images.join(name));
        }
    }
    let missing: Vec<&PathBuf> = photos.paths.iter().filter(|path| !path.is_file()).collect();
    match missing.first() {
        None => Ok(photos),
        Some(first) => Err(Failure::new(format!(
            "{} of the list's photos are missing: {}",
            missing.len(),
            first.display()
        ))
        .hint("--images names the folder that the list's paths are relative to")
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_photo_is_read_once() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.jpg", "b.jpg", "c.jpg"] {
            fs_err::write(root.path().join(name), b"").unwrap();
        }
        let list = pairs::parse("a.jpg,b.jpg,1\nb.jpg,c.jpg,0\nc.jpg,a.jpg,0\n").unwrap();
        let photos = photos_of(&list, root.path()).unwrap();
        assert_eq!(photos.paths.len(), 3);
        assert_eq!(photos.positions["c.jpg"], 2);
    }

    #[test]
    fn missing_photos_are_counted_and_named() {
        let root = tempfile::tempdir().unwrap();
        let list = pairs::parse("a.jpg,b.jpg,1\n").unwrap();
        let error = photos_of(&list, root.path()).err().expect("refused").to_string();
        assert!(
            error.starts_with("2 of the list's photos are missing: ") && error.ends_with("a.jpg"),
            "{error}"
        );
    }
}
