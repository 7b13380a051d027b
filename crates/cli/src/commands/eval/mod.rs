//! `selfsame eval`: error rates on labelled photos. Needs no server. Reads, encodes and compares; what the scores say
//! is computed by the `evaluation` crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use selfsame_evaluation::Scores;
use selfsame_face::Analyzer;

use crate::arguments::Global;
use crate::encoding::Encoding;
use crate::exit::{Exit, Failure};

mod detection;
mod discard;
mod fairness;
pub(super) mod fitted;
mod identification;
mod labels;
pub(super) mod measure;
pub(super) mod part;
mod quality;
mod report;
mod result;
mod users;
mod worst;

use labels::Labels;
use measure::Measurement;
use part::Part;
use result::{Evaluated, Wanted};

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
    /// Write a report: one HTML file with tables, curves and the worst pairs. It holds their faces: see --no-photos.
    #[arg(long, value_name = "FILE", conflicts_with_all = NO_PAIRS)]
    report: Option<PathBuf>,
    /// Leave the faces out of the report.
    #[arg(long, requires = "report")]
    no_photos: bool,
    /// Compare groups of people: CSV with a column `file` or `identity`, relative to the folder of photos, and a column per
    /// attribute.
    #[arg(long, value_name = "FILE", conflicts_with_all = NO_PAIRS)]
    groups: Option<PathBuf>,
    /// The attributes of --groups that are looked at [default: all].
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "groups")]
    by: Vec<String>,
    /// The photos that are enrolled for identification, one per line, relative to the folder of people [default: the first
    /// of each person].
    #[arg(long, value_name = "FILE", requires = "identities")]
    gallery: Option<PathBuf>,
    /// Name this many of the worst genuine and impostor pairs: wrong labels are among them.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        conflicts_with_all = NO_PAIRS
    )]
    worst: usize,
    /// Write what was measured of every photo and every spoilt form of it as CSV.
    #[arg(long, value_name = "FILE", requires = "quality")]
    samples: Option<PathBuf>,
    /// Whose photos count, of those in one folder per person: what was chosen on one part is judged on the other.
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["pairs", "detect"])]
    part: Part,
    /// Leave these photos out, named relative to the folder of people: those that show somebody else.
    #[arg(long, value_name = "PHOTO", value_delimiter = ',', conflicts_with_all = ["pairs", "detect"])]
    except: Vec<PathBuf>,
    #[command(flatten)]
    encoding: Encoding,
}

/// What is compared.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A list of pairs: CSV with `a,b,same` (and perhaps `fold`, `id_a`, `id_b`, `group:NAME`), or LFW's pairs.txt. Needs
    /// --images.
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
        if let Some(directory) = &self.source.identities {
            return self.run_identities(directory, global);
        }
        let (list, images) = (self.source.pairs.as_deref(), self.images.as_deref());
        let (Some(list), Some(images)) = (list, images) else {
            return Err(Failure::usage("nothing to compare")
                .hint("--pairs FILE --images DIR")
                .into());
        };
        let labels = self.labels()?;
        let list = measure::read_pairs(list)?;
        let photos = measure::photos_of(&list, images)?;
        let encoder = self.encoding.encoder(global)?;
        let mut measurement = measure::pairs(&encoder, list, photos)?;
        if let Some(labels) = labels {
            measurement.label(&labels, images);
        }
        let wanted = Wanted {
            calibration: false,
            gallery: BTreeSet::new(),
            worst: self.worst,
        };
        self.tell(global, &encoder.analyzer, &measurement, &wanted)
    }

    fn run_identities(&self, directory: &Path, global: &Global) -> Result<Exit> {
        let labels = self.labels()?;
        let photos = self.people_in(directory)?;
        let encoder = self.encoding.encoder(global)?;
        let mut measurement = measure::identities(&encoder, photos);
        if let Some(labels) = labels {
            measurement.label(&labels, directory);
        }
        let wanted = Wanted {
            calibration: true,
            gallery: identification::gallery(&measurement, self.gallery.as_deref(), directory)?,
            worst: self.worst,
        };
        self.tell(global, &encoder.analyzer, &measurement, &wanted)
    }

    /// The photos of the people in a folder, as far as they count.
    fn people_in(&self, directory: &Path) -> Result<Vec<(PathBuf, usize)>> {
        self.part.photos_in(directory, &self.except)
    }

    fn labels(&self) -> Result<Option<Labels>> {
        self.groups
            .as_deref()
            .map(|path| Labels::read(path, &self.by))
            .transpose()
    }

    fn tell(
        &self,
        global: &Global,
        analyzer: &Analyzer,
        measurement: &Measurement,
        wanted: &Wanted,
    ) -> Result<Exit> {
        let scores = Scores::new(&measurement.outcomes)?;
        let result = Evaluated::new(analyzer, measurement, &scores, wanted)?;
        result.draw(self.roc.as_deref(), self.det.as_deref())?;
        if let Some(path) = &self.report {
            report::write(path, &result, measurement, &scores, !self.no_photos)?;
        }
        if let Some(path) = &self.json {
            fs_err::write(path, serde_json::to_vec_pretty(&result)?)?;
        }
        global.format.emit(&result, |out| result.tell(out, analyzer))?;
        Ok(Exit::Success)
    }
}
