//! What goes in and comes out. `Debug` shows ids and sizes, never properties, pictures, templates or hashes.

mod images;
mod requests;
mod versions;

use std::fmt;
use std::num::NonZeroU32;

use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, FaceModelVersion, ImageId, Seq, Template, UserId};
use uuid::Uuid;

pub use images::{Counts, Enrolled, Enrolment, FaceDeletion, FaceFilter, NewImage, NewImageFace, Refusal};
pub use requests::{Association, Idempotency, Once, UserCreation};
pub use versions::{ModelChange, Place, Unprepared, Versions};

/// A JSON object that the application keeps with a user.
pub type Properties = serde_json::Map<String, serde_json::Value>;

/// A set of faces searched together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its name.
    pub id: CollectionId,
    /// The model of the templates that are searched. Faces of other models may have been left behind:
    /// [`crate::Models`].
    pub version: FaceModelVersion,
    /// The newest entry of its change log. Read before the index is searched, it is the watermark of
    /// [`DuplicatePolicy`] where the index has applied the log that far.
    pub last_seq: Seq,
    /// When it was made.
    pub created: Timestamp,
}

/// What became of a request to create a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Creation {
    /// It is new.
    Created(Collection),
    /// It was there, and stays as it was; its version may be another than the requested one.
    AlreadyExists(Collection),
}

/// A person, with everything stored about them except templates and picture bytes.
#[derive(Clone, PartialEq)]
pub struct User {
    /// Who, in the application's words.
    pub id: UserId,
    /// What the application keeps with them.
    pub properties: Properties,
    /// When they registered.
    pub created: Timestamp,
    /// When anything about them changed last.
    pub updated: Timestamp,
    /// Their faces, oldest first.
    pub faces: Vec<FaceRecord>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("faces", &self.faces)
            .finish_non_exhaustive()
    }
}

/// A line in a list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// Who, in the application's words.
    pub id: UserId,
    /// When they registered.
    pub created: Timestamp,
    /// When anything about them changed last.
    pub updated: Timestamp,
    /// How many faces they have enrolled.
    pub faces: u32,
}

/// One enrolled face, without its template.
#[derive(Clone, PartialEq)]
pub struct FaceRecord {
    /// Which face.
    pub face: FaceId,
    /// The image it was found in.
    pub image: ImageId,
    /// Whose it is, if anybody's.
    pub user: Option<UserId>,
    /// What the application calls the image.
    pub external_image_id: Option<String>,
    /// Its place in the change log.
    pub seq: Seq,
    /// The model of its template. Where it is not the collection's, the face was left behind when the collection
    /// changed its model, and no search finds it.
    pub version: FaceModelVersion,
    /// When it was enrolled.
    pub created: Timestamp,
    /// The picture, where it was kept.
    pub picture: Option<PictureRecord>,
    /// What was said of it at enrolment: box, landmarks, quality.
    pub metadata: Properties,
}

impl fmt::Debug for FaceRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceRecord")
            .field("face", &self.face)
            .field("image", &self.image)
            .field("user", &self.user)
            .field("seq", &self.seq)
            .field("picture", &self.picture)
            .finish_non_exhaustive()
    }
}

/// What is known of a kept picture without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureRecord {
    /// Its media type ("image/jpeg").
    pub content_type: String,
    /// Its size.
    pub size_bytes: u64,
}

/// A picture as it was submitted.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its media type ("image/jpeg").
    pub content_type: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} bytes, {})", self.bytes.len(), self.content_type)
    }
}

/// A face to enrol.
#[derive(Clone)]
pub struct NewFace {
    /// Its id, never used before.
    pub id: FaceId,
    /// The image it was found in; never used before where a picture is given.
    pub image: ImageId,
    /// Its template.
    pub template: Template,
    /// The picture, if pictures are kept.
    pub picture: Option<Picture>,
    /// What is worth keeping of the analysis: box, landmarks, quality. At most [`crate::MAX_METADATA_BYTES`].
    pub metadata: Properties,
}

impl fmt::Debug for NewFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewFace")
            .field("id", &self.id)
            .field("image", &self.image)
            .field("picture", &self.picture)
            .finish_non_exhaustive()
    }
}

/// A person to register, with their first face.
#[derive(Clone)]
pub struct NewUser {
    /// Who, in the application's words.
    pub user: UserId,
    /// What to keep with them; at most [`crate::MAX_PROPERTIES_BYTES`] as JSON.
    pub properties: Properties,
    /// Their face.
    pub face: NewFace,
    /// The picture of their identity document, if it is kept: encrypted, and no matter of the store's what it shows.
    /// At most [`crate::MAX_CARD_BYTES`]. It goes with the user.
    pub card: Option<Vec<u8>>,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
    /// The execution that may take this back, if any: [`crate::Journal`].
    pub journal: Option<Uuid>,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("user", &self.user)
            .field("face", &self.face)
            .finish_non_exhaustive()
    }
}

/// A new face, and perhaps new properties, for a registered person.
#[derive(Clone)]
pub struct UpdateUser {
    /// Who, in the application's words.
    pub user: UserId,
    /// Keys to set; keys that are not named stay. What results must fit [`crate::MAX_PROPERTIES_BYTES`].
    pub properties: Option<Properties>,
    /// The face to add.
    pub face: NewFace,
    /// How many faces to keep; the oldest above that number are erased with their pictures. With a journal, they are
    /// erased only when it is settled.
    pub max_faces: NonZeroU32,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
    /// The execution that may take this back, if any: [`crate::Journal`].
    pub journal: Option<Uuid>,
}

impl fmt::Debug for UpdateUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateUser")
            .field("user", &self.user)
            .field("face", &self.face)
            .field("max_faces", &self.max_faces)
            .finish_non_exhaustive()
    }
}

/// What counts as the same face, and how far the caller has looked already.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuplicatePolicy {
    /// The index was searched at this position of the change log, and then the owners of what it found were asked; the
    /// store compares with everything newer, and with every face that was given to a user since. `Seq(0)` compares
    /// with every face. Faces that are nobody's do not count.
    pub checked_through: Seq,
    /// Two templates with this cosine or more show the same person.
    pub min_cosine: f32,
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RegisterOutcome {
    /// The person is registered, with everything.
    Registered {
        /// The face's place in the change log.
        seq: Seq,
    },
    /// The user id is taken. Nothing was stored.
    UserExists,
    /// The face is enrolled to somebody else. Nothing was stored.
    Duplicate {
        /// The most alike face.
        face: FaceId,
        /// Whose it is.
        user: UserId,
        /// How alike.
        cosine: f32,
    },
}

/// What became of an update.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum UpdateOutcome {
    /// Done.
    Updated {
        /// The new face, then what was erased to make room, as they stand in the change log.
        changes: Vec<Change>,
    },
    /// Nobody has this id. Nothing was stored.
    NoSuchUser,
    /// The face is enrolled to somebody else. Nothing was stored.
    Duplicate {
        /// The most alike face.
        face: FaceId,
        /// Whose it is.
        user: UserId,
        /// How alike.
        cosine: f32,
    },
}

/// A key that opens the API. The secret itself is not here: only its hash is known.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key in lists and for revocation.
    pub id: Uuid,
    /// What it is for, in its owner's words.
    pub name: String,
    /// What it may do, in the server's words ("admin").
    pub scope: String,
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// What the key calls itself in signatures, if it signs requests.
    pub access_key_id: Option<String>,
    /// The only collections that it may touch; empty where it is not limited.
    pub collections: Vec<String>,
    /// The only buckets that it may touch; empty where it is not limited.
    pub buckets: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it stopped to be valid.
    pub revoked: Option<Timestamp>,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("scope", &self.scope)
            .field("access_key_id", &self.access_key_id)
            .field("collections", &self.collections)
            .field("buckets", &self.buckets)
            .field("created", &self.created)
            .field("revoked", &self.revoked)
            .finish_non_exhaustive()
    }
}
