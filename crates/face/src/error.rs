//! What can go wrong in the pipeline, told apart by who can mend it.

use selfsame_vision::pack::RoleError;
use selfsame_vision::{decode, engine};

/// Why a photo could not be analysed or the models not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The photo cannot be used; the text says what to send instead and may be shown to the client.
    #[error(transparent)]
    Image(#[from] decode::Error),
    /// The inference engine refused a model or an input.
    #[error("inference failed")]
    Engine(#[from] engine::Error),
    /// The pack lacks a model that is needed, or describes it in terms that are not understood.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// Nobody has measured what the cosines of the pack's embedder stand for.
    #[error(
        "the embedder of model pack `{pack}` is not calibrated, so its scores have no meaning yet\n  hint: measure it with \
         `selfsame calibrate --pack {pack} --write FILE` on labelled photos and give that to `selfsame models import \
         --calibration FILE`"
    )]
    Uncalibrated {
        /// The pack.
        pack: String,
    },
    /// A model file is no embedder, or another one than was said.
    #[error("this model cannot be the embedder: {0}")]
    NoEmbedder(String),
    /// A model answered with a tensor of another shape, or with values that are no numbers.
    #[error("the {role} model does not behave as its manifest says: {reason}")]
    Output {
        /// The role.
        role: &'static str,
        /// What was seen.
        reason: String,
    },
    /// ONNX Runtime was asked for and the pack has none for this platform.
    #[error("the model pack has no ONNX Runtime for this machine; pull it or use the built-in engine")]
    NoRuntime,
}
