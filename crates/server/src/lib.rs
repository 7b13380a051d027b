//! HTTP: routes, access control, flows, and the mapping between the wire and the domain. Contains no algorithms, no SQL
//! and no inference: it puts the other crates together.
//!
//! [`start`] opens a server from a [`config::Config`]; [`Running`] is it. One request is one pass downwards and back:
//! authorise (headers) → receive the body → take an inference permit → parse → flow → answer.

pub mod access;
mod app;
mod aws;
mod cards;
pub mod config;
mod engine;
mod envelope;
mod error;
mod executions_page;
mod front;
mod gallery;
mod http;
mod metrics;
pub mod reindex;
mod routes;
mod s3;
mod secret;
mod start;
pub mod workflow;

pub use engine::{Error as EngineError, decode_limits, load_analyzer};
pub use gallery::Error as GalleryError;
pub use routes::MAX_PHOTOS;
pub use secret::Secret;
pub use start::{Environment, Error, Running, start, termination};
