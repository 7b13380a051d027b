//! Images, tensors, inference engines, model packs and the inference pool. Never knows what a face is.

pub mod decode;
pub mod engine;
mod import;
mod orientation;
pub mod pack;
pub mod pool;
pub mod preprocess;
pub mod resize;
mod tensor;
pub mod warp;

pub use decode::{Decoded, decode};
pub use engine::{Engine, EngineKind, LoadOptions, Model};
pub use pool::{Pool, PoolOptions, physical_cores};
pub use preprocess::{ChannelOrder, Normalization};
pub use tensor::{InconsistentShape, Tensor};
pub use warp::Similarity2D;
