//! From the global options to models: which packs are known, where they lie, and an analyzer made of one. Tells warnings
//! and the progress of downloads; downloads nothing by itself.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use selfsame_document::Reader;
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer, AnalyzerOptions};
use selfsame_vision::pack::{self, Mirror, Models, Packs, Resolved, Resolver};

use crate::arguments::{EngineChoice, Global, Switch};
use crate::output::talk;
use crate::progress::{Progress, Unit};

/// The known packs: the embedded ones and those in the directory that was named, or the imported ones.
pub(crate) fn packs(global: &Global) -> Result<Packs> {
    Ok(Packs::load_beside(&directory(global)?, global.packs.as_deref())?)
}

/// The model directory.
pub(crate) fn directory(global: &Global) -> Result<Models> {
    Ok(Models::open(path(global)?))
}

fn path(global: &Global) -> Result<PathBuf> {
    match &global.models {
        Some(path) => Ok(path.clone()),
        None => Ok(Models::default_dir()?),
    }
}

/// What fetches packs, with progress on standard error.
pub(crate) fn resolver(global: &Global) -> Result<Resolver> {
    resolver_of(global, packs(global)?)
}

/// The same for these packs.
pub(crate) fn resolver_of(global: &Global, packs: Packs) -> Result<Resolver> {
    let mirror = global.model_mirror.as_deref().filter(|text| !text.is_empty());
    Ok(Resolver::new(packs, directory(global)?)
        .with_mirror(mirror.map(Mirror::parse).transpose()?)
        .with_progress(Arc::new(Downloads::default())))
}

/// Makes sure that the pack is there.
pub(crate) fn resolve(global: &Global) -> Result<Resolved> {
    let resolved = resolver(global)?.resolve(global.pack())?;
    for warning in &resolved.warnings {
        talk(format_args!("warning: {warning}"));
    }
    Ok(resolved)
}

/// The models of the pack, for as many threads as will call them; `flip` overrides the pack's choice.
pub(crate) fn analyzer(global: &Global, concurrency: usize, flip: Option<Switch>) -> Result<Analyzer> {
    load(
        &resolve(global)?,
        global.engine.unwrap_or_default(),
        concurrency,
        flip,
    )
}

/// Loads a resolved pack for those who measure: also one whose embedder is not calibrated.
pub(crate) fn load_to_measure(
    resolved: &Resolved,
    engine: EngineChoice,
    concurrency: usize,
    flip: Option<Switch>,
) -> Result<Analyzer> {
    let options = AnalyzerOptions {
        uncalibrated: true,
        ..options(engine, concurrency, flip)
    };
    Ok(Analyzer::load(resolved, options)?)
}

/// The engine that was asked for.
pub(crate) const fn engine_choice(engine: EngineChoice) -> selfsame_face::EngineChoice {
    match engine {
        EngineChoice::Auto => selfsame_face::EngineChoice::Auto,
        EngineChoice::Ort => selfsame_face::EngineChoice::Ort,
        EngineChoice::Rten => selfsame_face::EngineChoice::Rten,
    }
}

/// The models of a pack that is there.
pub(crate) fn load(
    resolved: &Resolved,
    engine: EngineChoice,
    concurrency: usize,
    flip: Option<Switch>,
) -> Result<Analyzer> {
    Ok(Analyzer::load(resolved, options(engine, concurrency, flip))?)
}

fn options(engine: EngineChoice, concurrency: usize, flip: Option<Switch>) -> AnalyzerOptions {
    AnalyzerOptions {
        engine: engine_choice(engine),
        concurrency,
        flip_average: flip.map(Switch::is_on),
        uncalibrated: false,
    }
}

/// What reads identity documents, on the engine that the pack of face models brings.
pub(crate) fn reader(global: &Global, concurrency: usize) -> Result<Reader> {
    let engine = selfsame_face::choose_engine(
        &resolve(global)?,
        engine_choice(global.engine.unwrap_or_default()),
    )?;
    let documents = resolver(global)?.resolve("documents")?;
    Ok(Reader::load(&documents, &engine, concurrency)?)
}

/// Analyses the photo in a file; errors name the file.
pub(crate) fn analyze_file(analyzer: &Analyzer, path: &Path, options: &AnalyzeOptions) -> Result<Analysis> {
    let bytes = fs_err::read(path)?;
    analyzer
        .analyze(&bytes, options)
        .with_context(|| path.display().to_string())
}

/// One progress bar per transfer.
#[derive(Default)]
pub(crate) struct Downloads(Mutex<HashMap<String, Progress>>);

impl Downloads {
    fn with(&self, action: impl FnOnce(&mut HashMap<String, Progress>)) {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl pack::Progress for Downloads {
    fn start(&self, name: &str, total_bytes: Option<u64>) {
        let progress = Progress::start(format!("fetching {name}"), Unit::Bytes, total_bytes.unwrap_or(0));
        self.with(|transfers| {
            transfers.insert(name.to_owned(), progress);
        });
    }

    fn advance(&self, name: &str, size_bytes: u64) {
        self.with(|transfers| {
            if let Some(progress) = transfers.get(name) {
                progress.advance(size_bytes);
            }
        });
    }

    fn finish(&self, name: &str) {
        self.with(|transfers| {
            if let Some(progress) = transfers.remove(name) {
                progress.finish();
            }
        });
    }

    fn message(&self, text: &str) {
        talk(format_args!("{text}"));
    }
}
