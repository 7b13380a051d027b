//! Collections as the rest of the server sees them: the store (the truth) and what is derived from it kept together.
//! Owns the order of steps that makes "search, then index" atomic; contains no search and no SQL.
//!
//! [`Galleries`] knows which collections are in use; a [`Gallery`] is one of them. Its index is loaded by the first
//! search, so that a collection that is only listed or deleted costs nothing.

mod faces;
mod galleries;
mod portal;
mod snapshot;
#[cfg(test)]
mod tests;
mod users;
mod vectors;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selfsame_gallery::{ExactIndex, FaceIndex as _};
use selfsame_store::{Collection, Repository};
use selfsame_types::{Change, CollectionId, FaceModelVersion, Seq};
use tokio::sync::{Mutex, OnceCell, RwLock, RwLockReadGuard};
use tracing::Instrument as _;

pub(crate) use galleries::Galleries;

use snapshot::Snapshot;
use vectors::Vectors;

use crate::start::SNAPSHOTS;

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
    /// A snapshot could not be removed, so that an erased template would stay on the disk.
    #[error("a gallery snapshot could not be removed: delete it by hand")]
    Snapshot(#[source] std::io::Error),
    /// The faces were enrolled with another model.
    #[error(
        "the collection {collection} holds faces enrolled with model {stored}, but the model pack is {loaded}: choose \
         the model pack that {stored} came from (models.pack), or change the collection's model from its stored photos \
         (`selfsame reindex`, docs/MODELS.md)"
    )]
    OtherModel {
        /// Whose faces.
        collection: CollectionId,
        /// The model of the stored templates.
        stored: FaceModelVersion,
        /// The model that was loaded.
        loaded: FaceModelVersion,
    },
    /// A background task ended badly.
    #[error("the task that was to change the gallery did not finish")]
    Task(#[from] tokio::task::JoinError),
}

/// Removes the snapshot of a collection in a data directory without a server, because its templates are about to change
/// in their places.
pub(crate) fn forget_snapshot(data: &Path, collection: &CollectionId) -> std::io::Result<()> {
    Snapshot::new(&data.join(SNAPSHOTS), collection).discard()
}

/// What all galleries of a server have in common.
struct Shared {
    store: Arc<dyn Repository>,
    /// The model that was loaded.
    version: FaceModelVersion,
    /// Enrolled faces of all collections.
    faces: AtomicU64,
}

/// One collection.
pub(crate) struct Gallery {
    shared: Arc<Shared>,
    collection: CollectionId,
    /// The model of its templates.
    version: FaceModelVersion,
    /// Empty until the first search.
    index: OnceCell<Arc<ExactIndex>>,
    /// The highest position of a change made by this process.
    committed: AtomicU64,
    vectors: Vectors,
    /// Held while faces are given to a user, because which may be depends on those they have.
    joining: Mutex<()>,
    snapshot: Arc<Snapshot>,
    /// False once the collection is deleted. Shared by those who change something or write the snapshot; deletion
    /// waits for them, and after it nobody begins.
    alive: Arc<RwLock<bool>>,
}

impl Gallery {
    fn new(shared: Arc<Shared>, collection: Collection, snapshots: &Path) -> Self {
        let Collection {
            id,
            version,
            last_seq,
            ..
        } = collection;
        Self {
            shared,
            snapshot: Arc::new(Snapshot::new(snapshots, &id)),
            collection: id,
            version,
            index: OnceCell::new(),
            committed: AtomicU64::new(last_seq.0),
            vectors: Vectors::default(),
            joining: Mutex::default(),
            alive: Arc::new(RwLock::new(true)),
        }
    }

    /// Refuses what needs templates where the model that is loaded did not make them.
    pub(crate) fn check_model(&self) -> Result<(), Error> {
        if self.version == self.shared.version {
            return Ok(());
        }
        Err(Error::OtherModel {
            collection: self.collection.clone(),
            stored: self.version.clone(),
            loaded: self.shared.version.clone(),
        })
    }

    /// The model of its templates.
    pub(crate) const fn version(&self) -> &FaceModelVersion {
        &self.version
    }

    /// Enrolled faces, as far as searches know.
    pub(crate) async fn faces(&self) -> Result<usize, Error> {
        Ok(self.index().await?.len())
    }

    /// Writes the snapshot if the index is loaded and has changed since.
    pub(crate) async fn save(&self) -> Result<(), Error> {
        if !self.index.initialized() {
            return Ok(());
        }
        let alive = Arc::clone(&self.alive).read_owned().await;
        if !*alive {
            return Ok(());
        }
        let index = Arc::clone(self.index().await?);
        let snapshot = Arc::clone(&self.snapshot);
        tokio::task::spawn_blocking(move || {
            snapshot.write(&index);
            drop(alive);
        })
        .await?;
        Ok(())
    }

    /// Ends this gallery, because its collection is to be deleted: waits for the changes that have begun, lets no
    /// other begin, and removes the snapshot.
    async fn close(&self) -> Result<(), Error> {
        *self.alive.write().await = false;
        self.vectors.forget();
        let snapshot = Arc::clone(&self.snapshot);
        let removed = tokio::task::spawn_blocking(move || snapshot.discard()).await?;
        removed.map_err(Error::Snapshot)
    }

    /// Keeps the collection from being deleted until the guard is dropped. Never asked for by one who has it already:
    /// a deletion that waits in between would let neither go on.
    async fn begin(&self) -> Result<RwLockReadGuard<'_, bool>, Error> {
        let alive = self.alive.read().await;
        if *alive {
            return Ok(alive);
        }
        Err(selfsame_store::Error::NoSuchCollection(self.collection.clone()).into())
    }

    /// Runs a change to its end, also when the client goes away in its middle: a change that is stored must reach
    /// the index, and an erased template must leave it.
    async fn committing<T, F, W>(self: &Arc<Self>, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        W: FnOnce(Arc<Self>) -> F + Send + 'static,
    {
        let gallery = Arc::clone(self);
        let change = async move {
            let _alive = gallery.begin().await?;
            work(Arc::clone(&gallery)).await
        };
        tokio::spawn(change.in_current_span()).await?
    }

    /// Brings committed changes into the index, if it is loaded; erased templates also leave the disk.
    async fn apply(&self, changes: Vec<Change>) -> Result<(), Error> {
        let last = changes.iter().map(|change| change.seq().0).max();
        self.committed
            .fetch_max(last.unwrap_or_default(), Ordering::AcqRel);
        self.shared.count(&changes);
        let erased = changes
            .iter()
            .any(|change| matches!(change, Change::Erased { .. }));
        let (snapshot, index) = (Arc::clone(&self.snapshot), self.index.get().map(Arc::clone));
        tokio::task::spawn_blocking(move || {
            // An index that is just being loaded misses this; the next to use it sees that and follows the log.
            if let Some(index) = index {
                index.apply(&changes)?;
            }
            if erased {
                snapshot.discard().map_err(Error::Snapshot)?;
            }
            Ok(())
        })
        .await?
    }

    /// The index, with every change that this process has committed.
    async fn index(&self) -> Result<&Arc<ExactIndex>, Error> {
        self.check_model()?;
        let index = self.index.get_or_try_init(|| self.load()).await?;
        // Another task's commit may not have reached the index yet. Correctness does not need it there, but without
        // this a lost one would never arrive.
        if index.complete_through().0 < self.committed.load(Ordering::Acquire) {
            self.follow(index).await?;
        }
        Ok(index)
    }

    /// The index from the snapshot where that helps, then from the change log.
    async fn load(&self) -> Result<Arc<ExactIndex>, Error> {
        let last = Seq(self.committed.load(Ordering::Acquire));
        let (snapshot, version) = (Arc::clone(&self.snapshot), self.version.clone());
        let index = Arc::new(tokio::task::spawn_blocking(move || snapshot.read(&version, last)).await?);
        self.follow(&index).await?;
        let (collection, faces) = (&self.collection, index.len());
        tracing::debug!(%collection, faces, "loaded the gallery of {collection}: {faces} faces");
        Ok(index)
    }

    /// Reads the change log from where the index stands.
    async fn follow(&self, index: &Arc<ExactIndex>) -> Result<(), Error> {
        loop {
            let after = index.complete_through();
            let changes = self.shared.store.changes(&self.collection, after, PAGE).await?;
            if changes.is_empty() {
                return Ok(());
            }
            let index = Arc::clone(index);
            tokio::task::spawn_blocking(move || index.catch_up(after, &changes)).await??;
        }
    }
}

impl Shared {
    fn count(&self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Enrolled { .. } => self.add_faces(1),
                Change::Erased { .. } => self.subtract_faces(1),
                _ => {}
            }
        }
    }

    fn add_faces(&self, count: u64) {
        self.faces.fetch_add(count, Ordering::Relaxed);
    }

    fn subtract_faces(&self, count: u64) {
        let less = |faces: u64| Some(faces.saturating_sub(count));
        // The closure never declines.
        let _ = self
            .faces
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}
