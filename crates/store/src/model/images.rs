//! Faces enrolled by image, whether or not they are anybody's.

use std::fmt;

use jiff::Timestamp;
use selfsame_types::{Change, FaceId, ImageId, Template, UserId};
use serde::{Deserialize, Serialize};

use super::{FaceRecord, Properties};

/// The faces of one image, to be enrolled without a user.
#[derive(Clone)]
pub struct NewImage {
    /// The image's id, if it is new.
    pub image: ImageId,
    /// SHA-256 of its bytes: with the external id it tells whether the image was given before.
    pub digest: [u8; 32],
    /// What the application calls it.
    pub external_image_id: Option<String>,
    /// Its faces.
    pub faces: Vec<NewImageFace>,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
}

impl fmt::Debug for NewImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewImage")
            .field("image", &self.image)
            .field("faces", &self.faces)
            .finish_non_exhaustive()
    }
}

/// One face of an image.
#[derive(Clone)]
pub struct NewImageFace {
    /// Its place among the image's faces, however many of them are enrolled: the same face of the same image always
    /// has the same.
    pub ordinal: u32,
    /// Its id, if it is new; never used before.
    pub id: FaceId,
    /// Its template.
    pub template: Template,
    /// What is worth keeping of the analysis: box, landmarks, quality. At most [`crate::MAX_METADATA_BYTES`].
    pub metadata: Properties,
}

impl fmt::Debug for NewImageFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewImageFace")
            .field("ordinal", &self.ordinal)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What became of an image's faces.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolment {
    /// All of them, in the order they were given.
    pub faces: Vec<Enrolled>,
    /// What is new, as it stands in the change log.
    pub changes: Vec<Change>,
}

/// A face that is enrolled now.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolled {
    /// The face as it is stored. Where it was enrolled before, this is what was said of it then.
    pub record: FaceRecord,
    /// Whether it was enrolled just now.
    pub new: bool,
}

/// What became of a request to erase faces.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceDeletion {
    /// The faces that are gone.
    pub deleted: Vec<FaceId>,
    /// The faces that were not erased.
    pub refused: Vec<(FaceId, Refusal)>,
    /// What is gone, as it stands in the change log.
    pub changes: Vec<Change>,
}

/// Why nothing was done with a face.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not enrolled, or, where it was to be taken from a user, it is nobody's.
    NotFound,
    /// It is this user's.
    AssociatedTo(UserId),
}

/// Which faces to list. Without a condition, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaceFilter {
    /// Only this user's.
    pub user: Option<UserId>,
    /// Only these.
    pub faces: Option<Vec<FaceId>>,
}

/// How much a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Enrolled faces, with and without users.
    pub faces: u64,
    /// Users.
    pub users: u64,
}
