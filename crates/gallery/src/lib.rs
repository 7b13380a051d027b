//! Templates in, ranked candidates out: exact 1:N search. Never knows images, tenants or SQL.
//!
//! An [`ExactIndex`] holds one collection's templates of one model version and answers a search by scanning all of
//! them: first 8-bit codes with SIMD ([`kernel`]), then, for every row that the error bound of the codes cannot rule
//! out, the same f32 cosine as [`selfsame_types::Template::cosine`]. The answer is therefore *exactly* that of a brute
//! force scan, order included (see `quantise` for the bound), at a quarter of its memory traffic.
//!
//! The index is derived data: the store's change log is the truth. It follows the log with
//! [`FaceIndex::catch_up`] and [`FaceIndex::apply`], says how far it got ([`FaceIndex::complete_through`]) and can be
//! written to and read from a [`snapshot`] so that a start does not replay years of changes.
//!
//! A [`UserIndex`] searches people instead of faces: the same scan over one aggregated vector per user. [`consistent`]
//! decides which faces may join a user.

mod consistency;
mod error;
mod index;
pub mod kernel;
mod pending;
mod quantise;
mod rows;
mod select;
pub mod snapshot;
#[doc(hidden)]
pub mod testing;
mod users;

pub use consistency::{Consistency, consistent};
pub use error::Error;
pub use index::{ExactIndex, FaceIndex, Hit, Hits};
pub use users::UserIndex;
