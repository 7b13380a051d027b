//! `selfsame bench document`: reads an identity document on one thread, by stage; and, with `--peer`, beside RapidOCR on the
//! same models, taking turns.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;
use image::codecs::jpeg::JpegEncoder;
use selfsame_document::silico::{Person, licence};
use selfsame_document::{ReadOptions, Reader};
use selfsame_vision::resize::{Filter, resize};
use serde::{Deserialize, Serialize};

use super::peer::Process;
use crate::arguments::Global;
use crate::commands::analyze_id::options;
use crate::exit::Exit;
use crate::inference;
use crate::output::table;
use crate::statistics::Latency;

/// The peer; it travels in the binary, so that an installed `selfsame` can measure itself, too.
const SCRIPT: &str = include_str!("../../../../../benches/peers/rapidocr_reader.py");
/// The longer side of the specimen.
const LONG_SIDE_PX: u32 = 1500;
/// Readings before anything is measured: the first ones allocate.
const WARM_UP: usize = 2;
/// Turns that we and the peer take.
const TURNS: usize = 5;

/// Arguments of `bench document`.
#[derive(Debug, Args)]
pub(crate) struct Document {
    /// The picture [default: a specimen of a driver licence, 1500 pixels wide].
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Readings.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    iterations: u32,
    /// Compare with RapidOCR on the same models in this Python (see benches/peers).
    #[arg(long, value_name = "PYTHON")]
    peer: Option<PathBuf>,
}

/// The result, as it is printed.
#[derive(Debug, Serialize)]
struct Measured {
    lines: usize,
    stages: Vec<(&'static str, Latency)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<Compared>,
}

/// We and the peer, taking turns.
#[derive(Debug, Serialize)]
struct Compared {
    peer: String,
    lines: usize,
    ours: Latency,
    theirs: Latency,
    /// Our median latency divided by theirs.
    ratio: f64,
}

/// What the peer is.
#[derive(Debug, Deserialize)]
struct About {
    version: String,
    lines: usize,
}

/// How long readings took, by stage.
#[derive(Default)]
struct Taken {
    decode: Vec<Duration>,
    text: Vec<Duration>,
    machine: Vec<Duration>,
    total: Vec<Duration>,
    lines: usize,
}

impl Document {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit> {
        let bytes = match &self.image {
            Some(path) => fs_err::read(path)?,
            None => specimen()?,
        };
        let reader = inference::reader(global, 1)?;
        let options = options(None);
        read(&reader, &bytes, &options, WARM_UP)?;
        let taken = read(&reader, &bytes, &options, self.iterations as usize)?;
        let peer = self
            .peer
            .as_ref()
            .map(|python| self.compare(python, &reader, &bytes))
            .transpose()?;
        let measured = Measured {
            lines: taken.lines,
            stages: vec![
                ("decode", Latency::of(&taken.decode)),
                ("card and text", Latency::of(&taken.text)),
                ("MRZ and barcodes", Latency::of(&taken.machine)),
                ("total", Latency::of(&taken.total)),
            ],
            peer,
        };
        global.format.emit(&measured, |out| tell(out, &measured))?;
        Ok(Exit::Success)
    }

    fn compare(&self, python: &Path, reader: &Reader, bytes: &[u8]) -> Result<Compared> {
        let file = tempfile::Builder::new().suffix(".jpg").tempfile()?;
        fs_err::write(file.path(), bytes)?;
        let (mut peer, about) =
            Process::start::<About>(python, SCRIPT, &["--image".as_ref(), file.path().as_ref()])?;
        let options = options(None);
        let each = (self.iterations as usize).div_ceil(TURNS);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            ours.extend(read(reader, bytes, &options, each)?.total);
            let taken: Vec<f64> = peer.run(each)?;
            theirs.extend(
                taken
                    .into_iter()
                    .map(|milliseconds| Duration::from_secs_f64(milliseconds / 1e3)),
            );
        }
        let (ours, theirs) = (Latency::of(&ours), Latency::of(&theirs));
        Ok(Compared {
            peer: format!("RapidOCR {}", about.version),
            lines: about.lines,
            ratio: ours.median_ms / theirs.median_ms,
            ours,
            theirs,
        })
    }
}

/// A driver licence of somebody who does not exist, as a JPEG file.
fn specimen() -> Result<Vec<u8>> {
    let picture = licence(&Person::example(), None).picture()?;
    let height = picture.height() * LONG_SIDE_PX / picture.width();
    let picture = resize(&picture, LONG_SIDE_PX, height, Filter::Area);
    let mut file = std::io::Cursor::new(Vec::new());
    picture
        .write_with_encoder(JpegEncoder::new_with_quality(&mut file, 90))
        .context("the specimen cannot be encoded")?;
    Ok(file.into_inner())
}

fn read(reader: &Reader, bytes: &[u8], options: &ReadOptions, times: usize) -> Result<Taken> {
    let mut taken = Taken::default();
    for _ in 0..times {
        let begun = Instant::now();
        let document = reader.read(bytes, options)?;
        taken.total.push(begun.elapsed());
        taken.decode.push(document.timings.decode);
        taken.text.push(document.timings.text);
        taken.machine.push(document.timings.machine);
        taken.lines = document.lines.len();
    }
    Ok(taken)
}

fn tell(out: &mut dyn Write, measured: &Measured) -> std::io::Result<()> {
    writeln!(out, "{} lines of text, one thread, milliseconds", measured.lines)?;
    let row = |name: &str, latency: &Latency| {
        vec![
            name.to_owned(),
            format!("{:.1}", latency.median_ms),
            format!("{:.1}", latency.p99_ms),
        ]
    };
    let rows: Vec<Vec<String>> = measured
        .stages
        .iter()
        .map(|(name, latency)| row(name, latency))
        .collect();
    table(out, &["stage", "p50", "p99"], &rows)?;
    if let Some(peer) = &measured.peer {
        writeln!(
            out,
            "\n{} on the same models, {} lines, in turns: ratio {:.2}",
            peer.peer, peer.lines, peer.ratio
        )?;
        let rows = [row("ours", &peer.ours), row("theirs", &peer.theirs)];
        table(out, &["", "p50", "p99"], &rows)?;
    }
    Ok(())
}
