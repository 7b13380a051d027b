//! `selfsame calibrate`: the similarity scale for the people, cameras and light of one's own. Needs no server.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use selfsame_evaluation::Scores;
use serde::Serialize;

use super::eval::fitted::{Fitted, InSearch};
use super::eval::measure::{self, Measurement};
use super::eval::part::Part;
use crate::arguments::Global;
use crate::encoding::Encoding;
use crate::exit::{Exit, Failure};
use crate::output::talk;

/// Arguments of `calibrate`.
#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    #[command(flatten)]
    source: Source,
    /// The folder that the paths of --pairs are relative to.
    #[arg(long, value_name = "DIR", requires = "pairs")]
    images: Option<PathBuf>,
    /// Whose photos count, of those in one folder per person: what was fitted to one part is judged on the other.
    #[arg(long, value_enum, default_value_t, conflicts_with = "pairs")]
    part: Part,
    /// Leave these photos out, named relative to the folder of people: those that show somebody else.
    #[arg(long, value_name = "PHOTO", value_delimiter = ',', conflicts_with = "pairs")]
    except: Vec<PathBuf>,
    /// Write the calibration as TOML into a file, too: it takes the place of `[roles.embedder.parameters.calibration]` in a
    /// pack's manifest (see --packs).
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    #[command(flatten)]
    encoding: Encoding,
}

/// Whose scores are fitted.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A list of pairs, as for `eval`; only those of two people count. Needs --images.
    #[arg(long, value_name = "FILE", requires = "images")]
    pairs: Option<PathBuf>,
    /// A folder with one folder per person: every photo is compared with every other.
    #[arg(long, value_name = "DIR")]
    identities: Option<PathBuf>,
}

#[derive(Serialize)]
struct Calibrated {
    pack: String,
    face_model_version: String,
    photos: usize,
    photos_without_template: usize,
    /// In searches, by the fitted curve at the shipped thresholds.
    searches: Vec<InSearch>,
    toml: String,
    #[serde(flatten)]
    fitted: Fitted,
}

impl Calibrate {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let encoder;
        let measurement;
        if let Some(directory) = &self.source.identities {
            let photos = self.part.photos_in(directory, &self.except)?;
            encoder = self.encoding.encoder(global)?;
            measurement = measure::identities(&encoder, photos);
        } else {
            let (list, images) = self.listed()?;
            let list = measure::read_pairs(list)?;
            let photos = measure::photos_of(&list, images)?;
            encoder = self.encoding.encoder(global)?;
            measurement = measure::pairs(&encoder, list, photos)?;
        }
        let analyzer = &encoder.analyzer;
        let fitted = fitted(&measurement, analyzer)?;
        let acquisition = measurement.acquisition();
        let calibrated = Calibrated {
            pack: analyzer.pack().to_owned(),
            face_model_version: analyzer.version().to_string(),
            photos: acquisition.photos,
            photos_without_template: acquisition.failed,
            searches: InSearch::fitted(analyzer, &fitted),
            toml: fitted.toml(analyzer),
            fitted,
        };
        if let Some(path) = &self.write {
            fs_err::write(path, format!("{}\n", calibrated.toml))?;
            talk(format_args!("wrote {}", path.display()));
        }
        global.format.emit(&calibrated, |out| {
            calibrated.tell(out)?;
            calibrated.fitted.tell(out, analyzer)
        })?;
        Ok(Exit::Success)
    }

    fn listed(&self) -> Result<(&Path, &Path)> {
        let (list, images) = (self.source.pairs.as_deref(), self.images.as_deref());
        list.zip(images).ok_or_else(|| {
            Failure::usage("nothing to compare")
                .hint("--pairs FILE --images DIR")
                .into()
        })
    }
}

fn fitted(measurement: &Measurement, analyzer: &selfsame_face::Analyzer) -> Result<Fitted> {
    let scores = Scores::new(measurement.outcomes())?;
    let by_person = measurement.by_person()?;
    Fitted::new(scores.impostor(), &by_person, measurement.units(), analyzer).ok_or_else(|| {
        Failure::new(format!("{} impostor pairs are too few for a calibration", scores.impostor().len()))
            .hint("60 are the least; below a rate of 30 in as many pairs the curve is extrapolated, so take 100 000")
            .into()
    })
}

impl Calibrated {
    fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "model     {} (pack {})", self.face_model_version, self.pack)?;
        writeln!(
            out,
            "photos    {}; {} without a template\n",
            self.photos, self.photos_without_template
        )?;
        writeln!(
            out,
            "false alarms at the shipped thresholds, with the false match rates found here"
        )?;
        InSearch::tell(out, &self.searches)?;
        writeln!(out, "\nthe shipped calibration on these photos")
    }
}
