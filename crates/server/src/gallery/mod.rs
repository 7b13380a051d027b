//! A collection as the flows see it: the store (the truth) and the index (derived from it) kept together. Owns the
//! order of steps that makes "search, then index" atomic; contains no search and no SQL.

mod snapshot;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selfsame_gallery::{ExactIndex, FaceIndex as _, Hits};
use selfsame_store::{
    Collection, DuplicatePolicy, NewUser, RegisterOutcome, Repository, UpdateOutcome, UpdateUser, User,
};
use selfsame_types::{Change, Clock, CollectionId, FaceId, FaceModelVersion, Seq, Template, UserId};
use tracing::Instrument as _;

use snapshot::Snapshot;

/// How many changes are read from the store at one time: a few megabytes.
const PAGE: u32 = 4096;

/// Why a collection cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] selfsame_store::Error),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] selfsame_gallery::Error),
    /// The snapshot could not be removed, so that an erased template would stay on the disk.
    #[error("the gallery snapshot could not be removed: delete it by hand")]
    Snapshot(#[source] std::io::Error),
    /// The faces were enrolled with another model.
    #[error(
        "the data directory holds faces enrolled with model {stored}, but the model pack is {loaded}: choose the \
         model pack that {stored} came from (models.pack), or another data directory"
    )]
    OtherModel {
        /// The model of the stored templates.
        stored: FaceModelVersion,
        /// The model that was loaded.
        loaded: FaceModelVersion,
    },
    /// A background task ended badly.
    #[error("the task that was to change the gallery did not finish")]
    Task(#[from] tokio::task::JoinError),
}

/// What a search for the same face found.
#[derive(Debug)]
pub(crate) struct Searched {
    /// The best face that belongs to somebody else, if any reached the threshold.
    pub(crate) other: Option<UserId>,
    /// To be handed to the commit, which looks at everything enrolled since.
    pub(crate) policy: DuplicatePolicy,
}

/// One collection.
pub(crate) struct Gallery {
    collection: CollectionId,
    store: Arc<dyn Repository>,
    index: Arc<ExactIndex>,
    /// The highest position of a change made by this process.
    committed: AtomicU64,
    snapshot: Arc<Snapshot>,
}

impl Gallery {
    /// Makes the collection if it does not exist, and brings its index up to date: from the snapshot in `directory`
    /// where that helps, then from the change log.
    pub(crate) async fn open(
        store: Arc<dyn Repository>,
        collection: CollectionId,
        version: &FaceModelVersion,
        directory: &Path,
        clock: &dyn Clock,
    ) -> Result<Self, Error> {
        let last = prepare(store.as_ref(), &collection, version, clock).await?;
        let snapshot = Arc::new(Snapshot::new(directory, &collection));
        let (reader, model) = (Arc::clone(&snapshot), version.clone());
        let index = tokio::task::spawn_blocking(move || reader.read(&model, last)).await?;
        let gallery = Self {
            collection,
            store,
            index: Arc::new(index),
            committed: AtomicU64::new(last.0),
            snapshot,
        };
        gallery.follow().await?;
        Ok(gallery)
    }

    /// Enrolled faces.
    pub(crate) fn faces(&self) -> usize {
        self.index.len()
    }

    /// One user.
    pub(crate) async fn user(&self, user: &UserId) -> Result<Option<User>, Error> {
        Ok(self.store.get_user(&self.collection, user).await?)
    }

    /// Whether a user id is taken.
    pub(crate) async fn exists(&self, user: &UserId) -> Result<bool, Error> {
        Ok(self.store.user_exists(&self.collection, user).await?)
    }

    /// A user's templates; none where nobody has this id.
    pub(crate) async fn templates_of(&self, user: &UserId) -> Result<Vec<(FaceId, Template)>, Error> {
        Ok(self.store.templates_of(&self.collection, user).await?)
    }

    /// The most alike face that is not `own`'s. The watermark is read before the search, so that what is enrolled
    /// meanwhile is either found here or compared by the commit.
    pub(crate) async fn search(
        &self,
        probe: &Template,
        min_cosine: f32,
        own: Option<&UserId>,
        own_faces: usize,
    ) -> Result<Searched, Error> {
        // Another task's commit may not have reached the index yet. Correctness does not need it there, but without
        // this a lost one would never arrive.
        if self.index.complete_through().0 < self.committed.load(Ordering::Acquire) {
            self.follow().await?;
        }
        // Beyond the user's own faces, some hits may have been erased a moment ago.
        let limit = own_faces + 16;
        let (index, template) = (Arc::clone(&self.index), probe.clone());
        let watermark = index.complete_through();
        let search = move || index.search(&template, limit, min_cosine);
        let Hits { hits, .. } = tokio::task::spawn_blocking(search).await??;
        let faces: Vec<FaceId> = hits.iter().map(|hit| hit.face).collect();
        let owners = match faces.as_slice() {
            [] => Vec::new(),
            faces => self.store.owners(&self.collection, faces).await?,
        };
        let other = faces
            .iter()
            .filter_map(|face| owners.iter().find(|(owned, _)| owned == face))
            .map(|(_, user)| user)
            .find(|user| Some(*user) != own);
        Ok(Searched {
            other: other.cloned(),
            policy: DuplicatePolicy {
                checked_through: watermark,
                min_cosine,
            },
        })
    }

    /// Registers a user, or nothing.
    pub(crate) async fn register(
        self: &Arc<Self>,
        new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome, Error> {
        self.committing(|gallery| async move {
            let (face, template) = (new.face.id, new.face.template.clone());
            let outcome = gallery.store.register(&gallery.collection, new, policy).await?;
            if let RegisterOutcome::Registered { seq } = outcome {
                gallery
                    .apply(vec![Change::Enrolled { seq, face, template }])
                    .await?;
            }
            Ok(outcome)
        })
        .await
    }

    /// Adds a face to a user.
    pub(crate) async fn update(
        self: &Arc<Self>,
        update: UpdateUser,
        policy: DuplicatePolicy,
    ) -> Result<UpdateOutcome, Error> {
        self.committing(|gallery| async move {
            let outcome = gallery
                .store
                .update(&gallery.collection, update, Some(policy))
                .await?;
            if let UpdateOutcome::Updated { changes } = &outcome {
                gallery.apply(changes.clone()).await?;
            }
            Ok(outcome)
        })
        .await
    }

    /// Erases a user; `false` where there is none.
    pub(crate) async fn erase(self: &Arc<Self>, user: UserId) -> Result<bool, Error> {
        self.committing(|gallery| async move {
            let changes = gallery.store.delete_user(&gallery.collection, &user).await?;
            let Some(changes) = changes else {
                return Ok(false);
            };
            gallery.apply(changes).await?;
            Ok(true)
        })
        .await
    }

    /// Writes the snapshot if the index has changed since.
    pub(crate) async fn save(&self) -> Result<(), Error> {
        let (snapshot, index) = (Arc::clone(&self.snapshot), Arc::clone(&self.index));
        tokio::task::spawn_blocking(move || snapshot.write(&index)).await?;
        Ok(())
    }

    /// Runs a change to its end, also when the client goes away in its middle: a change that is stored must reach
    /// the index, and an erased template must leave it.
    async fn committing<T, F>(self: &Arc<Self>, work: impl FnOnce(Arc<Self>) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        tokio::spawn(work(Arc::clone(self)).in_current_span()).await?
    }

    /// Brings committed changes into the index; erased templates also leave the disk.
    async fn apply(&self, changes: Vec<Change>) -> Result<(), Error> {
        let last = changes
            .iter()
            .map(|change| change.seq().0)
            .max()
            .unwrap_or_default();
        self.committed.fetch_max(last, Ordering::AcqRel);
        let (snapshot, index) = (Arc::clone(&self.snapshot), Arc::clone(&self.index));
        tokio::task::spawn_blocking(move || {
            index.apply(&changes)?;
            if changes
                .iter()
                .any(|change| matches!(change, Change::Erased { .. }))
            {
                snapshot.discard().map_err(Error::Snapshot)?;
            }
            Ok(())
        })
        .await?
    }

    /// Reads the change log from where the index stands.
    async fn follow(&self) -> Result<(), Error> {
        loop {
            let after = self.index.complete_through();
            let changes = self.store.changes(&self.collection, after, PAGE).await?;
            if changes.is_empty() {
                return Ok(());
            }
            let index = Arc::clone(&self.index);
            tokio::task::spawn_blocking(move || index.catch_up(after, &changes)).await??;
        }
    }
}

/// Makes the collection and returns the end of its change log. A collection without faces may change its model.
async fn prepare(
    store: &dyn Repository,
    collection: &CollectionId,
    version: &FaceModelVersion,
    clock: &dyn Clock,
) -> Result<Seq, Error> {
    let existing = create(store, collection, version, clock).await?;
    if existing.version == *version {
        return Ok(existing.last_seq);
    }
    if !store.list_users(collection, None, 1).await?.is_empty() {
        return Err(Error::OtherModel {
            stored: existing.version,
            loaded: version.clone(),
        });
    }
    tracing::info!(from = %existing.version, to = %version, "the empty collection changes its model");
    store.delete_collection(collection).await?;
    Ok(create(store, collection, version, clock).await?.last_seq)
}

/// The collection, made if it is not there.
async fn create(
    store: &dyn Repository,
    collection: &CollectionId,
    version: &FaceModelVersion,
    clock: &dyn Clock,
) -> selfsame_store::Result<Collection> {
    store.create_collection(collection, version, clock.now()).await?;
    let found = store.get_collection(collection).await?;
    found.ok_or_else(|| selfsame_store::Error::NoSuchCollection(collection.clone()))
}

#[cfg(test)]
mod tests;
