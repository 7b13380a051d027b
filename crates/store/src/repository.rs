//! The traits that callers see. Each is small and dyn-safe; a backend implements all of them.

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, FaceModelVersion, ImageId, Seq, Template, UserId};
use uuid::Uuid;

use crate::Result;
use crate::model::{
    ApiKey, Collection, Creation, DuplicatePolicy, NewUser, Picture, RegisterOutcome, UpdateOutcome,
    UpdateUser, User, UserSummary,
};

/// Everything at once.
pub trait Repository: Collections + Users + FaceStore + Pictures + Keys + Secrets {}

impl<T: Collections + Users + FaceStore + Pictures + Keys + Secrets> Repository for T {}

/// Sets of faces.
#[async_trait]
pub trait Collections: Send + Sync {
    /// Makes a collection for templates of one model; an existing one stays as it is.
    async fn create_collection(
        &self,
        id: &CollectionId,
        version: &FaceModelVersion,
        now: Timestamp,
    ) -> Result<Creation>;

    /// One collection.
    async fn get_collection(&self, id: &CollectionId) -> Result<Option<Collection>>;

    /// All collections, by id.
    async fn list_collections(&self) -> Result<Vec<Collection>>;

    /// Erases every user, face and picture of a collection and the collection itself; `false` where there is none.
    /// If the id is used again, its change log goes on and begins with these erasures.
    async fn delete_collection(&self, id: &CollectionId) -> Result<bool>;
}

/// People. Every function fails with [`crate::Error::NoSuchCollection`] where there is none.
#[async_trait]
pub trait Users: Send + Sync {
    /// One person with their faces.
    async fn get_user(&self, collection: &CollectionId, user: &UserId) -> Result<Option<User>>;

    /// Whether this id is taken.
    async fn user_exists(&self, collection: &CollectionId, user: &UserId) -> Result<bool>;

    /// Up to `limit` people whose ids follow `after`, in the byte order of their ids.
    async fn list_users(
        &self,
        collection: &CollectionId,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<UserSummary>>;
}

/// Enrolment, erasure, and the log an index follows. Every function fails with
/// [`crate::Error::NoSuchCollection`] where there is none.
///
/// A write that has begun is carried through even if its future is dropped.
#[async_trait]
pub trait FaceStore: Send + Sync {
    /// Registers a person with everything, or stores nothing. Under the collection's lock the new template is
    /// compared exactly with every face that the caller's search has not seen, so that of many simultaneous
    /// registrations of one person a single one succeeds.
    async fn register(
        &self,
        collection: &CollectionId,
        new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome>;

    /// Adds a face to a person, sets properties, and erases their oldest faces above the limit; all or nothing.
    /// With a policy, the new face is compared under the lock with the newer faces of all other people.
    async fn update(
        &self,
        collection: &CollectionId,
        update: UpdateUser,
        policy: Option<DuplicatePolicy>,
    ) -> Result<UpdateOutcome>;

    /// Erases a person: faces, pictures, properties. `None` where nobody has this id. If a picture cannot be removed
    /// from the disk at once, that is logged and tried again with the next erasure and at the next start.
    async fn delete_user(&self, collection: &CollectionId, user: &UserId) -> Result<Option<Vec<Change>>>;

    /// Erases every person of a collection, keeps the collection, and returns the end of its change log.
    async fn reset(&self, collection: &CollectionId) -> Result<Seq>;

    /// A person's templates, oldest first; empty where nobody has this id.
    async fn templates_of(&self, collection: &CollectionId, user: &UserId)
    -> Result<Vec<(FaceId, Template)>>;

    /// Whose faces these are. Faces that are not enrolled (any more) are left out; the order is not defined.
    async fn owners(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<(FaceId, UserId)>>;

    /// Up to `limit` entries of the change log after a position, in order. Numbers may be missing: the enrolment of
    /// a face erased since then has left the log. An empty answer means that `after` is the end.
    async fn changes(&self, collection: &CollectionId, after: Seq, limit: u32) -> Result<Vec<Change>>;
}

/// Kept pictures.
#[async_trait]
pub trait Pictures: Send + Sync {
    /// A picture as it was submitted; `None` where it was not kept or is erased.
    async fn picture(&self, collection: &CollectionId, image: &ImageId) -> Result<Option<Picture>>;
}

/// API keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Adds a key; [`crate::Error::IdTaken`] where its id, hash or access key id is known already.
    async fn create_key(&self, key: &ApiKey) -> Result<()>;

    /// The valid key with this SHA-256. A revoked key is not found.
    async fn find_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>>;

    /// The valid key that calls itself so in signatures. A revoked key is not found.
    async fn find_by_access_key_id(&self, access_key_id: &str) -> Result<Option<ApiKey>>;

    /// All keys, revoked ones too, oldest first.
    async fn list_keys(&self) -> Result<Vec<ApiKey>>;

    /// Makes a key invalid; `false` where there is no such valid key.
    async fn revoke_key(&self, id: Uuid, now: Timestamp) -> Result<bool>;
}

/// The secret that others are derived from. It is kept apart from the keys, so that a copy of the database opens
/// nothing.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The stored secret. Where there is none yet, the candidate becomes it: of many candidates at the same time,
    /// also from several processes, one is stored, and all callers get that one.
    async fn root_secret(&self, candidate: [u8; 32]) -> Result<[u8; 32]>;
}
