//! A pure interpreter of the [Amazon States Language](https://states-language.net/spec.html): a definition is parsed and
//! validated once, and an execution is a value that moves on with every event: `step(state, event) → (state, commands)`.
//!
//! This crate never reads a clock, a random number, a file or a socket: moments come with the events, randomness from
//! a [`Random`], and what a task does is somebody else's business. It knows nothing of faces.

mod choice;
pub mod definition;
mod diagnostic;
pub mod execution;
pub mod failure;
mod intrinsic;
mod path;
mod random;
mod scope;
mod template;

pub use choice::Rule;
pub use diagnostic::{Diagnostic, Diagnostics, Location, Severity};
pub use failure::Failure;
pub use intrinsic::{Call, Expression};
pub use path::{Invalid, Path, ReferencePath, Root};
pub use random::Random;
pub use scope::Scope;
pub use template::Template;
