//! `selfsame bench pipeline`: decode, detect, align and encode a 640×480 photo, by stage and number of threads, on
//! every engine that runs here; and, with `--peer`, beside the same models under onnxruntime in Python.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use selfsame_face::attributes::AttributeSet;
use selfsame_face::{AnalyzeOptions, Analyzer, TEMPLATE_MAPS};
use selfsame_server::config::QualityConfig;
use selfsame_vision::pack::Resolved;
use serde::Serialize;

use super::peer::{Peer, Work};
use super::photo;
use crate::arguments::{EngineChoice, Global, Switch};
use crate::exit::{Exit, Failure};
use crate::inference;
use crate::output::{table, talk};
use crate::progress::{Progress, Unit};
use crate::statistics::{Latency, quantile};

/// Iterations before anything is measured: the first ones allocate.
const WARM_UP: usize = 3;
/// Turns that we and the peer take; each is short, so that what else the machine does slows both.
const TURNS: usize = 10;
/// The stages in their order.
const STAGES: [&str; 6] = ["decode", "detect", "align", "encode", "gate", "total"];
/// The one of them that only `--gate` asks for.
const GATE: &str = "gate";

/// Arguments of `bench pipeline`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Pipeline {
    /// The photo, cut and resized to 640×480 around its largest face [default: a sample photo].
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Photos per thread.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    iterations: u32,
    /// Numbers of threads [default: 1 to the number of physical cores].
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Vec<u16>,
    /// Average each face with its mirror image [default: as the pack says].
    #[arg(long, value_enum)]
    flip: Option<Switch>,
    /// Look for what the quality gate of the flows asks of a face, too: sunglasses, what covers it, closed eyes.
    #[arg(long, conflicts_with = "peer")]
    gate: bool,
    /// Compare with the same models under onnxruntime in this Python (see benches/peers).
    #[arg(long, value_name = "PYTHON")]
    peer: Option<PathBuf>,
}

/// The result, as it is printed.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pack: String,
    face_model_version: String,
    /// Whether the gate's networks ran, too.
    gate: bool,
    width_px: u32,
    height_px: u32,
    engines: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<Compared>,
}

/// One engine with one number of threads.
#[derive(Debug, Serialize)]
struct Row {
    engine: String,
    threads: usize,
    stages: BTreeMap<&'static str, Latency>,
    photos_per_second: f64,
}

/// We and the peer, one thread each, taking turns.
#[derive(Debug, Serialize)]
struct Compared {
    peer: String,
    engine: String,
    ours: BTreeMap<&'static str, Latency>,
    theirs: BTreeMap<&'static str, Latency>,
    /// Our median latency divided by theirs.
    ratio: f64,
    /// Between our template and theirs: near 1 where both did the same work.
    template_cosine: f32,
}

impl Pipeline {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit> {
        let measured = self.measure(global)?;
        global.format.emit(&measured, |out| tell(out, &measured))?;
        Ok(Exit::Success)
    }

    /// Measures every engine and number of threads.
    pub(crate) fn measure(&self, global: &Global) -> Result<Measured> {
        let resolved = inference::resolve(global)?;
        let threads = self.thread_counts();
        let engines = engines(global, &resolved);
        let first = inference::load(&resolved, engines[0], 1, self.flip)?;
        let photo = photo::prepare(&first, &photo::read(global, self.image.as_deref())?)?;
        let mut rows = Vec::new();
        for engine in &engines {
            let most = threads.iter().copied().max().unwrap_or(1);
            let analyzer = inference::load(&resolved, *engine, most, self.flip)?;
            for count in &threads {
                rows.push(self.measure_threads(&analyzer, &photo, *count)?);
            }
        }
        let peer = self
            .peer
            .as_ref()
            .map(|_| self.compare(&resolved, &first, &photo))
            .transpose()?;
        Ok(Measured {
            pack: resolved.name.clone(),
            face_model_version: first.version().to_string(),
            gate: self.gate,
            width_px: photo::WIDTH_PX,
            height_px: photo::HEIGHT_PX,
            engines: rows,
            peer,
        })
    }

    /// What the gate asks of a face at its defaults.
    fn attributes(&self) -> AttributeSet {
        if self.gate {
            QualityConfig::default().attributes()
        } else {
            AttributeSet::NONE
        }
    }

    fn thread_counts(&self) -> Vec<usize> {
        if self.threads.is_empty() {
            (1..=selfsame_vision::physical_cores()).collect()
        } else {
            self.threads.iter().map(|count| usize::from(*count)).collect()
        }
    }

    fn measure_threads(&self, analyzer: &Analyzer, photo: &[u8], threads: usize) -> Result<Row> {
        let engine = analyzer.engine().kind().to_string();
        let iterations = self.iterations as usize;
        let label = format!("{engine}, {threads} thread(s)");
        let progress = Progress::start(label, Unit::Items, (iterations * threads) as u64);
        let work = || -> Result<Samples> {
            let mut samples = Samples::default();
            for _ in 0..iterations {
                samples.add(analyzer, photo, self.attributes())?;
                progress.advance(1);
            }
            Ok(samples)
        };
        for _ in 0..WARM_UP {
            Samples::default().add(analyzer, photo, self.attributes())?;
        }
        let start = Instant::now();
        let parts: Vec<Result<Samples>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .filter_map(|worker| worker.join().ok())
                .collect()
        });
        let elapsed = start.elapsed();
        progress.finish();
        let mut all = Samples::default();
        for part in parts {
            all.extend(part?);
        }
        Ok(Row {
            engine,
            threads,
            photos_per_second: all.len() as f64 / elapsed.as_secs_f64(),
            stages: all.latencies(),
        })
    }

    fn compare(&self, resolved: &Resolved, analyzer: &Analyzer, photo: &[u8]) -> Result<Compared> {
        let python = self.peer.clone().unwrap_or_default();
        if resolved.name != "standard" {
            return Err(
                Failure::usage("the peer runs the models of the standard pack only")
                    .hint("--pack standard")
                    .into(),
            );
        }
        let directory = tempfile::tempdir()?;
        let maps = directory.path();
        let path = maps.join("photo.jpg");
        fs_err::write(&path, photo)?;
        for (name, text) in TEMPLATE_MAPS {
            fs_err::write(maps.join(format!("{name}.toml")), text)?;
        }
        let work = Work {
            detector: &resolved.role("detector")?.path,
            landmarks: &resolved.role("landmarks")?.path,
            embedder: &resolved.role("embedder")?.path,
            second_embedder: &resolved.role("second-embedder")?.path,
            maps,
            photo: &path,
            flip: self.flip.is_none_or(Switch::is_on),
        };
        let mut peer = Peer::start(&python, &work)?;
        let (ours, theirs) = self.take_turns(&mut peer, analyzer, photo)?;
        let template = Samples::default().add(analyzer, photo, AttributeSet::NONE)?;
        let (ours, theirs) = (ours.latencies(), of_milliseconds(theirs));
        Ok(Compared {
            ratio: ours["total"].median_ms / theirs["total"].median_ms,
            template_cosine: template
                .iter()
                .zip(&peer.about.template)
                .map(|(a, b)| a * b)
                .sum(),
            peer: format!(
                "onnxruntime {} in Python, {}",
                peer.about.onnxruntime, peer.about.decoder
            ),
            engine: analyzer.engine().kind().to_string(),
            ours,
            theirs,
        })
    }

    fn take_turns(
        &self,
        peer: &mut Peer,
        analyzer: &Analyzer,
        photo: &[u8],
    ) -> Result<(Samples, BTreeMap<String, Vec<f64>>)> {
        let each = (self.iterations as usize).div_ceil(TURNS);
        let progress = Progress::start("turns with the peer", Unit::Items, TURNS as u64);
        let (mut ours, mut theirs) = (Samples::default(), BTreeMap::<String, Vec<f64>>::new());
        for _ in 0..TURNS {
            for _ in 0..each {
                ours.add(analyzer, photo, AttributeSet::NONE)?;
            }
            for (stage, values) in peer.run(each)? {
                theirs.entry(stage).or_default().extend(values);
            }
            progress.advance(1);
        }
        progress.finish();
        Ok((ours, theirs))
    }
}

/// The engine that was asked for, or every one that runs here, the faster first.
fn engines(global: &Global, resolved: &Resolved) -> Vec<EngineChoice> {
    match global.engine {
        Some(EngineChoice::Auto) | None => {}
        Some(engine) => return vec![engine],
    }
    match inference::load(resolved, EngineChoice::Ort, 1, None) {
        Ok(_) => vec![EngineChoice::Ort, EngineChoice::Rten],
        Err(error) => {
            talk(format_args!(
                "onnxruntime does not run here ({error}): only the built-in engine is measured"
            ));
            vec![EngineChoice::Rten]
        }
    }
}

/// Durations by stage.
#[derive(Debug, Default)]
struct Samples([Vec<Duration>; STAGES.len()]);

impl Samples {
    /// One photo; returns the template of its largest face.
    fn add(&mut self, analyzer: &Analyzer, photo: &[u8], attributes: AttributeSet) -> Result<Vec<f32>> {
        let options = AnalyzeOptions {
            encode_largest: 1,
            describe_largest: 1,
            attributes,
            ..AnalyzeOptions::default()
        };
        let start = Instant::now();
        let analysis = analyzer.analyze(photo, &options)?;
        let total = start.elapsed();
        let timings = analysis.timings;
        let values = [
            timings.decode,
            timings.detect,
            timings.align,
            timings.encode,
            timings.attributes,
            total,
        ];
        for (samples, value) in self.0.iter_mut().zip(values) {
            samples.push(value);
        }
        let template = analysis.faces.into_iter().find_map(|face| face.template);
        Ok(template
            .map(|template| template.values().to_vec())
            .unwrap_or_default())
    }

    fn extend(&mut self, other: Self) {
        for (all, part) in self.0.iter_mut().zip(other.0) {
            all.extend(part);
        }
    }

    fn len(&self) -> usize {
        self.0[0].len()
    }

    fn latencies(&self) -> BTreeMap<&'static str, Latency> {
        STAGES
            .iter()
            .zip(&self.0)
            .map(|(stage, samples)| (*stage, Latency::of(samples)))
            .collect()
    }
}

/// Those that were measured.
fn stages(gate: bool) -> Vec<&'static str> {
    STAGES
        .into_iter()
        .filter(|stage| gate || *stage != GATE)
        .collect()
}

fn of_milliseconds(mut stages: BTreeMap<String, Vec<f64>>) -> BTreeMap<&'static str, Latency> {
    let latency = |mut values_ms: Vec<f64>| {
        values_ms.sort_by(f64::total_cmp);
        Latency {
            median_ms: quantile(&values_ms, 0.5),
            p99_ms: quantile(&values_ms, 0.99),
        }
    };
    self::stages(false)
        .into_iter()
        .map(|stage| (stage, latency(stages.remove(stage).unwrap_or_default())))
        .collect()
}

/// Writes the tables.
pub(crate) fn tell(out: &mut dyn Write, measured: &Measured) -> std::io::Result<()> {
    writeln!(
        out,
        "{}×{} photo, pack {} ({})\n",
        measured.width_px, measured.height_px, measured.pack, measured.face_model_version
    )?;
    let stages = stages(measured.gate);
    let mut titles = vec!["median / p99 ms", "threads"];
    titles.extend(&stages);
    titles.push("photos/s");
    let rows: Vec<Vec<String>> = measured
        .engines
        .iter()
        .map(|row| {
            let mut cells = vec![row.engine.clone(), row.threads.to_string()];
            cells.extend(stages.iter().map(|stage| cell(row.stages[stage])));
            cells.push(format!("{:.1}", row.photos_per_second));
            cells
        })
        .collect();
    table(out, &titles, &rows)?;
    measured.peer.as_ref().map_or(Ok(()), |peer| tell_peer(out, peer))
}

fn tell_peer(out: &mut dyn Write, compared: &Compared) -> std::io::Result<()> {
    writeln!(out, "\nTaking turns, one thread each:\n")?;
    let shown = stages(false);
    let mut titles = vec!["median / p99 ms"];
    titles.extend(&shown);
    let row = |name: &str, stages: &BTreeMap<&'static str, Latency>| {
        let mut cells = vec![name.to_owned()];
        cells.extend(shown.iter().map(|stage| cell(stages[stage])));
        cells
    };
    let ours = format!("selfsame ({})", compared.engine);
    table(
        out,
        &titles,
        &[row(&ours, &compared.ours), row(&compared.peer, &compared.theirs)],
    )?;
    writeln!(
        out,
        "\nratio {:.2} (ours / theirs); the templates agree to cosine {:.4}",
        compared.ratio, compared.template_cosine
    )
}

fn cell(latency: Latency) -> String {
    format!("{:.1} / {:.1}", latency.median_ms, latency.p99_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_of_the_peer_have_our_names() {
        let stages = BTreeMap::from([("total".to_owned(), vec![3.0, 1.0, 2.0])]);
        let latencies = of_milliseconds(stages);
        assert!((latencies["total"].median_ms - 2.0).abs() < 1e-9);
        assert_eq!(latencies.len(), STAGES.len() - 1);
    }
}
