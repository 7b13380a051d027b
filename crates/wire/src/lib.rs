//! What travels between an AWS client and this server: shapes, validation, error codes, signatures. Knows nothing of faces,
//! storage or HTTP servers, and depends on none of our crates.
//!
//! The shapes are generated from the service models: `cargo run -p xtask -- codegen` says how.

#[macro_use]
mod macros;

mod check;
mod decode;
mod error;
mod generated;
mod node;
mod operation;
mod pattern;
mod scalar;
mod service;
mod shape;
pub mod sigv2;
pub mod sigv4;
#[cfg(test)]
mod tests;
mod typed;

pub use decode::{decode, decode_value};
pub use error::{Error, ErrorBody, ErrorCode};
pub use generated::{rekognition, ssm, states, textract};
pub use operation::{Operation, Validate};
pub use scalar::{Blob, EpochSeconds};
pub use service::{Service, Target};
pub use shape::Shape;
