//! Runs ONNX models: one trait, two engines.
//!
//! [`EngineKind::Ort`] loads `libonnxruntime` at run time and is two to three times as fast; [`EngineKind::Rten`] is compiled
//! in and always works. A model is loaded once and shared; `concurrency` inferences run at the same time, each on
//! one thread, because that gives more images per second than one inference on all cores. This room never knows
//! what the numbers mean, and never fetches a model.

mod envelope;
mod ort;
mod rten;
mod slots;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::tensor::{InconsistentShape, Tensor};

/// Set to 1 before ONNX Runtime is loaded, this variable keeps it from reporting to its maker.
///
/// The official libraries do so by default since version 1.29, and keep an id of the device in the user's cache directory.
/// Telling the loaded library to stop comes too late for the id and the first report
/// ([its description](https://github.com/microsoft/onnxruntime/pull/27379)). A program must set the variable before it has a
/// second thread, so a library cannot; [`Engine`] refuses to load ONNX Runtime without.
pub const TELEMETRY_VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

/// A loaded network with one `f32` input. Shared between threads; each call blocks its thread until it has run.
pub trait Model: Send + Sync {
    /// Runs the network on one input and returns its outputs in the order of the graph.
    ///
    /// Waits while [`LoadOptions::concurrency`] other calls are running. An input of a shape that the network does not
    /// take is an error, never a panic.
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, Error>;

    /// Which engine runs it.
    fn engine(&self) -> EngineKind;

    /// The input's declared sizes, `None` where any size will do; empty if the model declares none.
    fn input_shape(&self) -> &[Option<usize>] {
        &[]
    }
}

/// Which library runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EngineKind {
    /// ONNX Runtime, loaded from a shared library.
    Ort,
    /// The built-in engine.
    Rten,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ort => "onnxruntime",
            Self::Rten => "rten",
        })
    }
}

/// How a model is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOptions {
    /// How many inferences may run at the same time, ≥ 1. Each costs working memory; the inference pool has as many threads.
    pub concurrency: usize,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { concurrency: 1 }
    }
}

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The runtime library is missing, for another platform, or not ONNX Runtime.
    #[error(
        "cannot load ONNX Runtime from {path}: {reason}; fetch the pack's runtime again or use the built-in engine"
    )]
    Library {
        /// The library asked for.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// ONNX Runtime would report to its maker.
    #[error("ONNX Runtime would report to its maker: set {TELEMETRY_VARIABLE}=1 before the process starts")]
    Telemetry,
    /// A process can load one runtime library only.
    #[error("ONNX Runtime is already loaded from {loaded}; restart to load {requested}")]
    AlreadyLoaded {
        /// The library in use.
        loaded: PathBuf,
        /// The library asked for.
        requested: PathBuf,
    },
    /// The model file cannot be read.
    #[error("cannot read the model")]
    Read(#[source] std::io::Error),
    /// The model file has no bytes. (The built-in engine would take it for a network that does nothing.)
    #[error("the model {0} is empty; fetch it again")]
    Empty(PathBuf),
    /// The engine does not understand the file.
    #[error("{engine} cannot load the model {path}")]
    Load {
        /// The engine.
        engine: EngineKind,
        /// The model file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not an ONNX file, or a network without exactly one `f32` tensor as input and at least one output.
    #[error("the model {path} cannot be used: {reason}")]
    Signature {
        /// The model file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The input's values do not fit its shape.
    #[error(transparent)]
    Inconsistent(#[from] InconsistentShape),
    /// The network takes inputs of another shape.
    #[error(
        "the model takes an input of shape {}, not {found:?}",
        display_shape(expected)
    )]
    Shape {
        /// The declared shape, `None` where any size will do.
        expected: Vec<Option<usize>>,
        /// The shape given.
        found: Vec<usize>,
    },
    /// The engine failed while running.
    #[error("{engine} failed to run the model")]
    Run {
        /// The engine.
        engine: EngineKind,
        /// What the engine said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An output is not a tensor of `f32`.
    #[error("output {index} of the model is not a tensor of 32-bit floats")]
    Output {
        /// Its place among the outputs, from 0.
        index: usize,
    },
}

/// A shape for people: `[1, 3, ?, ?]`.
fn display_shape(shape: &[Option<usize>]) -> String {
    let sides: Vec<String> = shape
        .iter()
        .map(|side| side.map_or_else(|| "?".to_owned(), |side| side.to_string()))
        .collect();
    format!("[{}]", sides.join(", "))
}

/// One of the two engines, ready to load models. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Ort(ort::Runtime),
    Rten,
}

impl Engine {
    /// ONNX Runtime from the shared library at `library` (`libonnxruntime.so…`, `.dylib`, `.dll`), version 1.20 or later.
    ///
    /// The library stays loaded until the process ends; a second call with the same path returns the same engine.
    pub fn ort(library: &Path) -> Result<Self, Error> {
        ort::Runtime::load(library).map(|runtime| Self(Kind::Ort(runtime)))
    }

    /// The built-in engine.
    #[must_use]
    pub const fn rten() -> Self {
        Self(Kind::Rten)
    }

    /// Which engine this is.
    #[must_use]
    pub const fn kind(&self) -> EngineKind {
        match self.0 {
            Kind::Ort(_) => EngineKind::Ort,
            Kind::Rten => EngineKind::Rten,
        }
    }

    /// The engine with its version, for people: `onnxruntime 1.32.0 (…/libonnxruntime.so)`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.0 {
            Kind::Ort(runtime) => runtime.describe(),
            Kind::Rten => rten::describe(),
        }
    }

    /// Loads the ONNX model at `path`.
    pub fn load(&self, path: &Path, options: LoadOptions) -> Result<Arc<dyn Model>, Error> {
        let bytes = fs_err::read(path).map_err(Error::Read)?;
        if bytes.is_empty() {
            return Err(Error::Empty(path.to_owned()));
        }
        envelope::check(&bytes).map_err(|reason| Error::Signature {
            path: path.to_owned(),
            reason: reason.to_owned(),
        })?;
        let concurrency = options.concurrency.max(1);
        match &self.0 {
            Kind::Ort(runtime) => Ok(Arc::new(runtime.load_model(path, &bytes, concurrency)?)),
            Kind::Rten => Ok(Arc::new(rten::Network::load(path, bytes, concurrency)?)),
        }
    }
}

/// What an ONNX file says of itself under `key` (its `metadata_props`); `None` where it says nothing.
///
/// Networks that read text carry their alphabet there.
pub fn metadata(path: &Path, key: &str) -> Result<Option<String>, Error> {
    let bytes = fs_err::read(path).map_err(Error::Read)?;
    Ok(envelope::metadata(&bytes, key).map(str::to_owned))
}

/// Refuses an input that the network would refuse, with the same words for both engines.
fn check_input(expected: &[Option<usize>], input: &Tensor) -> Result<(), Error> {
    input.check()?;
    let fits = expected.is_empty()
        || (expected.len() == input.shape.len()
            && expected
                .iter()
                .zip(&input.shape)
                .all(|(expected, found)| expected.is_none_or(|expected| expected == *found)));
    if fits && !input.data.is_empty() {
        Ok(())
    } else {
        Err(Error::Shape {
            expected: expected.to_vec(),
            found: input.shape.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_no_model() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("empty.onnx");
        fs_err::write(&path, b"").unwrap();
        let error = Engine::rten().load(&path, LoadOptions::default()).err().unwrap();
        assert!(matches!(error, Error::Empty(_)), "{error}");
    }

    #[test]
    fn a_missing_model_is_named() {
        let error = Engine::rten()
            .load(Path::new("/nowhere/no.onnx"), LoadOptions::default())
            .err()
            .unwrap();
        let Error::Read(source) = error else {
            panic!("{error}")
        };
        assert!(source.to_string().contains("/nowhere/no.onnx"), "{source}");
    }

    #[test]
    fn garbage_is_no_model() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("garbage.onnx");
        for garbage in [&b"\0"[..], b"<html>not found</html>", &[0xff; 4096], &[8, 7]] {
            fs_err::write(&path, garbage).unwrap();
            let error = Engine::rten().load(&path, LoadOptions::default()).err();
            assert!(
                matches!(error, Some(Error::Signature { .. })),
                "{garbage:?}: {error:?}"
            );
        }
    }

    #[test]
    fn a_missing_library_is_an_error() {
        let error = Engine::ort(Path::new("/nowhere/libonnxruntime.so"))
            .err()
            .unwrap();
        assert!(matches!(error, Error::Library { .. }), "{error}");
        assert!(
            error.to_string().contains("/nowhere/libonnxruntime.so"),
            "{error}"
        );
    }

    #[test]
    fn a_library_that_is_none_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("libonnxruntime.so");
        fs_err::write(&path, b"not a library").unwrap();
        let error = Engine::ort(&path).err().unwrap();
        assert!(matches!(error, Error::Library { .. }), "{error}");
    }

    #[test]
    fn shapes_are_checked_before_the_engine_sees_them() {
        let declared = [None, Some(3), None, Some(112)];
        let fitting = Tensor::zeros([2, 3, 5, 112]);
        assert!(check_input(&declared, &fitting).is_ok());
        for shape in [vec![2, 3, 5, 111], vec![3, 5, 112], vec![0, 3, 5, 112]] {
            let error = check_input(&declared, &Tensor::zeros(shape)).unwrap_err();
            assert!(error.to_string().contains("[?, 3, ?, 112]"), "{error}");
        }
        let broken = Tensor {
            shape: vec![1, 3, 5, 112],
            data: vec![0.0; 3],
        };
        assert!(matches!(
            check_input(&declared, &broken),
            Err(Error::Inconsistent(_))
        ));
    }
}
