//! ONNX Runtime through the `ort` crate, loaded from an explicit path.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{TensorElementType, TensorRef, ValueType};

use super::slots::Slots;
use super::{EngineKind, Error, Model, TELEMETRY_VARIABLE, check_input};
use crate::tensor::Tensor;

/// The library, loaded at most once per process and never unloaded: ONNX Runtime allows one environment per
/// process.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// The loaded library.
#[derive(Debug, Clone)]
pub(super) struct Runtime {
    library: PathBuf,
    environment: Environment,
}

impl Runtime {
    pub(super) fn load(library: &Path) -> Result<Self, Error> {
        let failed = |reason: String| Error::Library {
            path: library.to_owned(),
            reason,
        };
        if std::env::var_os(TELEMETRY_VARIABLE).is_none_or(|value| value != "1") {
            return Err(Error::Telemetry);
        }
        // `ort` looks for relative paths beside the executable first, which is not what a caller means.
        let library = fs_err::canonicalize(library).map_err(|error| failed(error.to_string()))?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return if runtime.library == library {
                Ok(runtime.clone())
            } else {
                Err(Error::AlreadyLoaded {
                    loaded: runtime.library.clone(),
                    requested: library,
                })
            };
        }
        let environment = ort::init_from(&library)
            .map_err(|error| failed(error.to_string()))?
            .with_name("selfsame")
            .with_telemetry(false)
            .with_logger(Arc::new(log))
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let runtime = Self { library, environment };
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    pub(super) fn describe(&self) -> String {
        // The library tells its version to nobody but `ort`, which keeps it; the files of releases are named after it.
        let name = self.library.file_name().unwrap_or_default().to_string_lossy();
        let version = name.split_once(".so.").map(|(_, version)| version);
        match version {
            Some(version) => format!("onnxruntime {version} ({})", self.library.display()),
            None => format!("onnxruntime ({})", self.library.display()),
        }
    }

    pub(super) fn load_model(&self, path: &Path, bytes: &[u8], concurrency: usize) -> Result<Network, Error> {
        let failed = |source: ort::Error| Error::Load {
            engine: EngineKind::Ort,
            path: path.to_owned(),
            source: Box::new(source),
        };
        let weights = self.optimize(bytes).map_err(failed)?;
        let mut builder = self.builder().and_then(share_weights).map_err(failed)?;
        let sessions = (0..concurrency)
            .map(|_| builder.commit_from_memory(&weights).map_err(failed))
            .collect::<Result<Vec<_>, _>>()?;
        let input_shape = signature(&sessions[0]).map_err(|reason| Error::Signature {
            path: path.to_owned(),
            reason,
        })?;
        Ok(Network {
            sessions: Slots::new(sessions),
            input_shape,
            _weights: weights,
        })
    }

    /// The model as ONNX Runtime would run it, in its own format, whose weights sessions can use where they lie.
    ///
    /// Sessions made from the ONNX file copy the weights and rearrange the copies for this processor: 7 MB per session for
    /// MobileFaceNet, 12 for CenterFace. (Its prepacked weights container does not help: it holds only what
    /// the caller supplies as shared initialisers.) This way the sessions share all of them, and all but the first load
    /// in a fifth of the time.
    fn optimize(&self, bytes: &[u8]) -> Result<Vec<u8>, ort::Error> {
        let directory = tempfile::tempdir().map_err(ort::Error::wrap)?;
        let path = directory.path().join("optimized.ort");
        let session = self
            .builder()?
            // It warns that the result is for this kind of processor only; it is not kept.
            .with_log_level(LogLevel::Error)?
            .with_config_entry("session.save_model_format", "ORT")?
            .with_optimized_model_path(&path)?
            .commit_from_memory(bytes)?;
        drop(session);
        fs_err::read(&path).map_err(ort::Error::wrap)
    }

    /// One thread per inference: two processes with one thread each have 1.75 to 2.1 times the throughput of one.
    fn builder(&self) -> Result<SessionBuilder, ort::Error> {
        Ok(Session::builder(&self.environment)?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?
            // The plan of one shape's memory would be kept for every shape ever seen; and without plans a run needs less.
            .with_memory_pattern(false)?
            .with_optimization_level(GraphOptimizationLevel::All)?)
    }
}

/// Makes sessions read the weights from the bytes they are made from, which must outlive them.
fn share_weights(builder: SessionBuilder) -> Result<SessionBuilder, ort::Error> {
    Ok(builder
        .with_config_entry("session.use_ort_model_bytes_directly", "1")?
        .with_config_entry("session.use_ort_model_bytes_for_initializers", "1")?)
}

/// Passes what ONNX Runtime says on to `tracing`; it would go to standard error otherwise. Failures also come back as errors,
/// which the caller logs, so nothing here is louder than a warning.
fn log(level: LogLevel, _category: &str, _id: &str, place: &str, message: &str) {
    let message = message.trim_end();
    match level {
        LogLevel::Warning | LogLevel::Error | LogLevel::Fatal => {
            tracing::warn!(place, "onnxruntime: {message}");
        }
        _ => tracing::trace!(place, "onnxruntime: {message}"),
    }
}

/// The declared input shape, if the network has one input and outputs that we can handle.
fn signature(session: &Session) -> Result<Vec<Option<usize>>, String> {
    let [input] = session.inputs() else {
        return Err(format!("it has {} inputs, not one", session.inputs().len()));
    };
    if session.outputs().is_empty() {
        return Err("it has no outputs".to_owned());
    }
    match input.dtype() {
        ValueType::Tensor {
            ty: TensorElementType::Float32,
            shape,
            ..
        } => Ok(shape.iter().map(|&side| usize::try_from(side).ok()).collect()),
        other => Err(format!("its input has the type {other}, not a tensor of f32")),
    }
}

/// One network: as many sessions as inferences at a time, because a session must not run twice at once.
pub(super) struct Network {
    /// Before `_weights`: fields are dropped in order, and the sessions read from it.
    sessions: Slots<Session>,
    input_shape: Vec<Option<usize>>,
    /// The optimised model; neither moved within the heap nor changed while the sessions live.
    _weights: Vec<u8>,
}

impl Model for Network {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, Error> {
        check_input(&self.input_shape, input)?;
        let failed = |source: ort::Error| Error::Run {
            engine: EngineKind::Ort,
            source: Box::new(source),
        };
        let view =
            TensorRef::from_array_view((input.shape.as_slice(), input.data.as_slice())).map_err(failed)?;
        let mut session = self.sessions.take();
        let outputs = session.run(ort::inputs![view]).map_err(failed)?;
        outputs
            .values()
            .enumerate()
            .map(|(index, value)| {
                let (shape, data) = value
                    .try_extract_tensor::<f32>()
                    .map_err(|_| Error::Output { index })?;
                Ok(Tensor {
                    shape: shape.iter().map(|&side| side as usize).collect(),
                    data: data.to_vec(),
                })
            })
            .collect()
    }

    fn engine(&self) -> EngineKind {
        EngineKind::Ort
    }

    fn input_shape(&self) -> &[Option<usize>] {
        &self.input_shape
    }
}
