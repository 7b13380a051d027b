//! For tests of any crate that need real models.
//!
//! Not part of the public interface: hidden from the documentation and free to change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{Mirror, Models, Packs, Progress, Resolved, Resolver};

/// Tells what is fetched to whoever runs the tests: a first run may take a minute.
struct Trace;

impl Progress for Trace {
    fn start(&self, name: &str, _total_bytes: Option<u64>) {
        tracing::info!(name, "fetching {name}");
    }
    fn advance(&self, _name: &str, _size_bytes: u64) {}
    fn finish(&self, _name: &str) {}
    fn message(&self, text: &str) {
        tracing::info!("{text}");
    }
}

/// The `standard` pack (or its fallback) in `$SELFSAME_MODELS`, else the platform's cache; the mirror is
/// `$SELFSAME_MODEL_MIRROR`, else a directory `shared/models` beside the checkout where there is one.
///
/// # Panics
///
/// Where the models cannot be had: a test that needs them has failed.
#[must_use]
pub fn default_models_for_tests() -> &'static Resolved {
    static RESOLVED: OnceLock<Resolved> = OnceLock::new();
    RESOLVED.get_or_init(|| {
        resolver_for_tests()
            .resolve("standard")
            .unwrap_or_else(|error| panic!("{error}"))
    })
}

/// A resolver as [`default_models_for_tests`] uses it, for other packs.
///
/// # Panics
///
/// Where the settings make no sense.
#[must_use]
pub fn resolver_for_tests() -> Resolver {
    let packs = Packs::load(None).unwrap_or_else(|error| panic!("{error}"));
    Resolver::new(packs, models_for_tests())
        .with_mirror(mirror_for_tests())
        .with_progress(Arc::new(Trace))
}

/// The model directory of tests.
///
/// # Panics
///
/// Where no place for it is known.
#[must_use]
pub fn models_for_tests() -> Models {
    let directory = setting("SELFSAME_MODELS").map(PathBuf::from);
    Models::open(directory.unwrap_or_else(|| Models::default_dir().unwrap_or_else(|error| panic!("{error}"))))
}

/// The mirror of tests, if there is one.
///
/// # Panics
///
/// Where `SELFSAME_MODEL_MIRROR` makes no sense.
#[must_use]
pub fn mirror_for_tests() -> Option<Mirror> {
    if let Some(text) = setting("SELFSAME_MODEL_MIRROR") {
        return Some(Mirror::parse(&text).unwrap_or_else(|error| panic!("{error}")));
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    beside.is_dir().then_some(Mirror::Directory(beside))
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The sample photos, in a directory beside the models.
///
/// # Panics
///
/// Where they cannot be had: a test that needs them has failed.
#[must_use]
pub fn samples_for_tests() -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY
        .get_or_init(|| {
            let directory = models_for_tests().directory().join("samples");
            let fetched = resolver_for_tests()
                .fetch_files("samples", &directory)
                .unwrap_or_else(|error| panic!("{error}"));
            assert!(fetched.warnings.is_empty(), "{:?}", fetched.warnings);
            directory
        })
        .clone()
}
