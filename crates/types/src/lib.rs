//! Shared vocabulary of Selfsame: ids, geometry, templates, similarity, changes, clock.
//!
//! Every other crate speaks in these words. Nothing here does I/O, knows a model, a database or a wire
//! protocol. Names follow ISO/IEC 2382-37: a *template* is the stored reference of one face, a *probe* is what is
//! compared with it.

mod change;
mod environment;
mod geometry;
mod ids;
mod quality;
mod similarity;
mod template;

pub use change::{Change, Seq};
pub use environment::{Clock, FixedClock, IdSource, SequentialIds, SystemClock, SystemIds};
pub use geometry::{BoundingBox, Landmarks, Point};
pub use ids::{CollectionId, FaceId, ImageId, InvalidId, UserId};
pub use quality::{Pose, Quality};
pub use similarity::Similarity;
pub use template::{FaceModelVersion, InvalidTemplate, Template};
