//! Collections that change their model.

use selfsame_types::FaceModelVersion;

use super::FaceRecord;

/// Which models the faces of a collection are of. Versions are in the order of their texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The model that is searched with.
    pub current: FaceModelVersion,
    /// Faces of the current model.
    pub faces: u64,
    /// Faces of other models: left behind, found by no search.
    pub left_behind: Vec<(FaceModelVersion, u64)>,
    /// Faces for which a template of this model is prepared.
    pub prepared: Vec<(FaceModelVersion, u64)>,
}

impl Versions {
    /// How many faces no search finds.
    #[must_use]
    pub fn unsearched(&self) -> u64 {
        self.left_behind.iter().map(|(_, faces)| faces).sum()
    }
}

/// A face without a template of a certain model.
#[derive(Debug, Clone, PartialEq)]
pub struct Unprepared {
    /// The face.
    pub record: FaceRecord,
    /// Where it was found, if its image was given by [`crate::FaceStore::enrol`].
    pub place: Option<Place>,
}

/// A face's place in an image that was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// SHA-256 of the image's bytes.
    pub digest: [u8; 32],
    /// The face's number among the image's faces.
    pub ordinal: u32,
}

/// What became of a change of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelChange {
    /// It is done.
    Done {
        /// Faces that have a template of this model now and had another before.
        changed: u64,
        /// Faces of other models that the collection has now.
        left_behind: u64,
    },
    /// Faces that are searched today have no template of this model. Nothing was changed.
    Unprepared {
        /// How many.
        faces: u64,
    },
}
