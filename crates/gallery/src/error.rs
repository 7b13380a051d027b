//! What can be wrong with a template or a search.

use selfsame_types::FaceModelVersion;

/// Why a search or a change was refused. The index is unchanged then.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Made by another model: a cosine would mean nothing.
    #[error(
        "this index holds templates of model `{expected}`, not `{found}`: encode the photo again with `{expected}`, \
         or search a collection made with `{found}`"
    )]
    OtherModel {
        /// The model of the index.
        expected: FaceModelVersion,
        /// The model of the template.
        found: FaceModelVersion,
    },
    /// Of another length than the rest, although of the same model version.
    #[error(
        "this index holds templates of {expected} values, not {found}: give a changed model a new version name"
    )]
    Dimensions {
        /// Values per template in the index.
        expected: usize,
        /// Values in the template.
        found: usize,
    },
    /// Not of unit length (as a template read from damaged storage may be), so that products are no cosines.
    #[error(
        "a template must have length 1, not {length}: the stored template is damaged, enrol the face again"
    )]
    NotUnitLength {
        /// The Euclidean length, possibly infinite or not a number.
        length: f64,
    },
    /// A threshold that is not a number would silently find nothing.
    #[error("`min_cosine` must be a number")]
    Threshold,
    /// A change was interrupted by a panic, so the rows cannot be trusted any more.
    #[error("an earlier change to the index did not finish: rebuild the index from the change log")]
    Interrupted,
}
