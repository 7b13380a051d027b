//! The traits that callers see. Each is small and dyn-safe; a backend implements all of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, FaceModelVersion, ImageId, Seq, Template, UserId};
use uuid::Uuid;

use crate::Result;
use crate::model::{
    ApiKey, Association, Collection, Counts, Creation, DuplicatePolicy, Enrolment, FaceDeletion, FaceFilter,
    FaceRecord, Idempotency, ModelChange, NewImage, NewUser, Once, Picture, RegisterOutcome, Unprepared,
    UpdateOutcome, UpdateUser, User, UserCreation, UserSummary, Versions,
};
use crate::objects::Objects;
use crate::workflows::{Executions, Journal, Machines};

/// Everything at once.
pub trait Repository:
    Collections
    + CollectionTags
    + Users
    + FaceStore
    + Models
    + Pictures
    + Keys
    + Secrets
    + Objects
    + Machines
    + Executions
    + Journal
{
}

impl<T> Repository for T where
    T: Collections
        + CollectionTags
        + Users
        + FaceStore
        + Models
        + Pictures
        + Keys
        + Secrets
        + Objects
        + Machines
        + Executions
        + Journal
{
}

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

    /// How much a collection holds; `None` where there is none.
    async fn counts(&self, id: &CollectionId) -> Result<Option<Counts>>;

    /// Erases every user, face, picture and tag of a collection and the collection itself; `false` where there is
    /// none. If the id is used again, its change log goes on and begins with these erasures.
    async fn delete_collection(&self, id: &CollectionId) -> Result<bool>;
}

/// Texts by which applications tell collections apart. Every function fails with
/// [`crate::Error::NoSuchCollection`] where there is none.
#[async_trait]
pub trait CollectionTags: Send + Sync {
    /// The tags of a collection.
    async fn tags(&self, collection: &CollectionId) -> Result<BTreeMap<String, String>>;

    /// Sets the given tags; the others stay. `false`, and nothing is set, where the collection would then have more
    /// than `max` of them.
    async fn set_tags(
        &self,
        collection: &CollectionId,
        tags: &BTreeMap<String, String>,
        max: usize,
    ) -> Result<bool>;

    /// Removes tags; those that are not there count as removed.
    async fn remove_tags(&self, collection: &CollectionId, tags: &[String]) -> Result<()>;
}

/// People. Every function fails with [`crate::Error::NoSuchCollection`] where there is none.
///
/// Those that change something take a token under which a repeated request is answered as before, for eight hours;
/// answer and change are stored together. A request that was refused as a whole leaves no answer behind.
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

    /// Makes a user without faces and with empty properties.
    async fn create_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<UserCreation>>;

    /// Erases a user and their properties; their faces stay, as nobody's. `false` where nobody has this id. (Faces go
    /// too with [`FaceStore::delete_user`].)
    async fn remove_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<bool>>;

    /// Gives faces that are nobody's to a user, as many as [`crate::MAX_FACES_PER_USER`] in all. From then on, they
    /// count in the comparison of [`FaceStore::register`], also for callers who searched before.
    async fn associate(
        &self,
        collection: &CollectionId,
        user: &UserId,
        faces: &[FaceId],
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>>;

    /// Takes faces from a user; they stay, as nobody's.
    async fn disassociate(
        &self,
        collection: &CollectionId,
        user: &UserId,
        faces: &[FaceId],
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>>;
}

/// Enrolment, erasure, and the log an index follows. Every function fails with
/// [`crate::Error::NoSuchCollection`] where there is none.
///
/// A write that has begun is carried through even if its future is dropped.
#[async_trait]
pub trait FaceStore: Send + Sync {
    /// Registers a person with everything, or stores nothing. Under the collection's lock the new template is
    /// compared exactly with every user's face that the caller's search has not seen, so that of many simultaneous
    /// registrations of one person a single one succeeds.
    async fn register(
        &self,
        collection: &CollectionId,
        new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome>;

    /// Adds a face to a person, sets properties, and erases their oldest faces above the limit; all or nothing. With a
    /// journal, the oldest faces stay until [`Journal::settle`].
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

    /// Enrols the faces of an image, as nobody's; all or nothing. A face that the same image had at the same place
    /// under the same external id is not enrolled again: it is given back as it is, and what is new beside it becomes
    /// part of the image it belongs to. Nothing is compared.
    async fn enrol(&self, collection: &CollectionId, new: NewImage) -> Result<Enrolment>;

    /// Erases those of the faces that are nobody's, with their pictures.
    async fn delete_faces(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<FaceDeletion>;

    /// Up to `limit` faces that stand after a position in the change log, in its order.
    async fn list_faces(
        &self,
        collection: &CollectionId,
        filter: &FaceFilter,
        after: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<FaceRecord>>;

    /// These faces. Those that are not enrolled (any more) are left out; the order is not defined.
    async fn face_records(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<FaceRecord>>;

    /// The templates of these faces. Those that are not enrolled (any more) are left out; the order is not defined.
    async fn templates(&self, collection: &CollectionId, faces: &[FaceId])
    -> Result<Vec<(FaceId, Template)>>;

    /// The templates of up to `limit_users` people whose ids follow `after`, each with all of theirs (oldest first),
    /// in the byte order of their ids. People without faces are left out; an empty answer means that `after` is the
    /// last.
    async fn associations(
        &self,
        collection: &CollectionId,
        after: Option<&UserId>,
        limit_users: u32,
    ) -> Result<Vec<(UserId, Vec<Template>)>>;

    /// A person's templates, oldest first; empty where nobody has this id.
    async fn templates_of(&self, collection: &CollectionId, user: &UserId)
    -> Result<Vec<(FaceId, Template)>>;

    /// Whose faces these are. Faces that are nobody's or not enrolled (any more) are left out; the order is not
    /// defined.
    async fn owners(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<(FaceId, UserId)>>;

    /// Up to `limit` entries of the change log after a position, in order. Numbers may be missing: the enrolment of
    /// a face erased since then has left the log. An empty answer means that `after` is the end.
    async fn changes(&self, collection: &CollectionId, after: Seq, limit: u32) -> Result<Vec<Change>>;
}

/// Changing the model of a collection. Every function fails with [`crate::Error::NoSuchCollection`] where there is none.
///
/// Templates of two models mean nothing to each other, so a collection is searched with one model at any time, and
/// changes it in one step: templates of the new model are prepared beside those that are searched, then the change
/// puts them in their places. A face without one is left behind: it stays enrolled with its template and is listed, but
/// templates, logs and comparisons of this trait's siblings know nothing of it until a later change takes it along.
#[async_trait]
pub trait Models: Send + Sync {
    /// How many faces there are of which model.
    async fn versions(&self, collection: &CollectionId) -> Result<Versions>;

    /// Up to `limit` faces, after a position in the change log and in its order, that have neither a template of this
    /// model nor a prepared one.
    async fn unprepared(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        after: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<Unprepared>>;

    /// Prepares templates for faces, all or none; in place of what was prepared for them before. Faces that are not
    /// enrolled (any more) are left out. Gives how many were prepared. Works beside a running server.
    async fn prepare(&self, collection: &CollectionId, templates: &[(FaceId, Template)]) -> Result<u64>;

    /// Changes the model of the collection to `version`: all of it or nothing. Faces that were left behind by earlier
    /// changes and now have a template of this model come back, unless their image was enrolled again meanwhile.
    ///
    /// Where faces would be left behind that are searched today, nothing is changed unless `leave_behind` says so.
    ///
    /// Templates change in their places in the log: whoever follows it must begin anew. So nobody may be following.
    async fn change_model(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        leave_behind: bool,
    ) -> Result<ModelChange>;
}

/// Kept pictures.
#[async_trait]
pub trait Pictures: Send + Sync {
    /// A picture as it was submitted; `None` where it was not kept or is erased.
    async fn picture(&self, collection: &CollectionId, image: &ImageId) -> Result<Option<Picture>>;

    /// The encrypted picture of a user's identity document; `None` where none was kept, or nobody has this id.
    async fn card(&self, collection: &CollectionId, user: &UserId) -> Result<Option<Vec<u8>>>;
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
