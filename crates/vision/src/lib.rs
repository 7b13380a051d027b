//! Images, tensors, inference engines, model packs and the inference pool. Never knows what a face is.

pub mod decode;
pub mod engine;
mod orientation;
mod tensor;

pub use decode::{Decoded, decode};
pub use engine::{Engine, EngineKind, LoadOptions, Model};
pub use tensor::{InconsistentShape, Tensor};
