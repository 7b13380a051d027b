//! The networks that attributes are read with, each loaded when it is needed first.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use image::RgbImage;
use selfsame_vision::pack::{Resolved, RoleError};
use selfsame_vision::{Engine, LoadOptions, Model, Normalization, Tensor};
use serde::Deserialize;

use crate::Error;

/// A network of a pack that may not have it.
pub(super) struct Network {
    pack: String,
    role: &'static str,
    loading: Option<Loading>,
}

struct Loading {
    path: PathBuf,
    engine: Engine,
    concurrency: usize,
    model: OnceLock<Arc<dyn Model>>,
}

impl Network {
    /// The network that plays `role`; nothing is loaded yet.
    pub(super) fn new(resolved: &Resolved, role: &'static str, engine: &Engine, concurrency: usize) -> Self {
        let loading = resolved.roles.get(role).map(|model| Loading {
            path: model.path.clone(),
            engine: engine.clone(),
            concurrency,
            model: OnceLock::new(),
        });
        Self {
            pack: resolved.name.clone(),
            role,
            loading,
        }
    }

    /// Whether the pack has it.
    pub(super) const fn is_there(&self) -> bool {
        self.loading.is_some()
    }

    /// Its outputs, `N` of them, each a whole tensor of finite numbers.
    pub(super) fn run<const N: usize>(&self, input: &Tensor) -> Result<[Tensor; N], Error> {
        let outputs = self.model()?.run(input)?;
        let count = outputs.len();
        let outputs: [Tensor; N] = outputs
            .try_into()
            .map_err(|_| self.unexpected(format!("{count} outputs instead of {N}")))?;
        for output in &outputs {
            let is_whole = output.check().is_ok() && output.data.iter().all(|value| value.is_finite());
            if !is_whole {
                return Err(self.unexpected("an output that is not a tensor of numbers".to_owned()));
            }
        }
        Ok(outputs)
    }

    /// Loads it, if that has not been done.
    pub(super) fn model(&self) -> Result<&Arc<dyn Model>, Error> {
        let loading = self.loading.as_ref().ok_or_else(|| RoleError::Missing {
            pack: self.pack.clone(),
            role: self.role,
        })?;
        if let Some(model) = loading.model.get() {
            return Ok(model);
        }
        let options = LoadOptions {
            concurrency: loading.concurrency,
        };
        let model = loading.engine.load(&loading.path, options)?;
        // two threads may both have loaded it; one of them is kept
        Ok(loading.model.get_or_init(|| model))
    }

    pub(super) fn unexpected(&self, reason: String) -> Error {
        Error::Output {
            role: self.role,
            reason,
        }
    }
}

/// How a network wants its pixels, as the manifest says.
#[derive(Deserialize)]
struct Parameters {
    input_px: u32,
    #[serde(flatten)]
    pixels: Normalization,
}

/// A network whose input is a square image.
pub(super) struct PixelNetwork {
    network: Network,
    /// 0 where the pack has no such network.
    input_px: u32,
    pixels: Normalization,
}

impl PixelNetwork {
    /// The network that plays `role`, with the parameters that the manifest has for it; nothing is loaded yet.
    pub(super) fn new(
        resolved: &Resolved,
        role: &'static str,
        engine: &Engine,
        concurrency: usize,
    ) -> Result<Self, Error> {
        let parameters = match resolved.roles.get(role) {
            None => Parameters {
                input_px: 0,
                pixels: Normalization::RAW_RGB,
            },
            Some(_) => resolved.parameters(role)?,
        };
        Ok(Self {
            network: Network::new(resolved, role, engine, concurrency),
            input_px: parameters.input_px,
            pixels: parameters.pixels,
        })
    }

    /// Side of its input; an error where the pack has no such network.
    pub(super) fn side_px(&self) -> Result<u32, Error> {
        self.load()?;
        Ok(self.input_px)
    }

    /// Its outputs for a chip of [`Self::side_px`].
    pub(super) fn run<const N: usize>(&self, chip: &RgbImage) -> Result<[Tensor; N], Error> {
        self.network.run(&self.pixels.tensor(chip))
    }

    /// Whether the pack has it.
    pub(super) const fn is_there(&self) -> bool {
        self.network.is_there()
    }

    /// Loads it, if that has not been done.
    pub(super) fn load(&self) -> Result<(), Error> {
        self.network.model().map(|_| ())
    }

    pub(super) fn unexpected(&self, reason: String) -> Error {
        self.network.unexpected(reason)
    }
}
