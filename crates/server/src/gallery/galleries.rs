//! Which collections there are, and their galleries.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use selfsame_store::{Collection, Creation, Repository};
use selfsame_types::{Clock, CollectionId, FaceModelVersion};
use tracing::Instrument as _;

use super::snapshot::{self, Snapshot};
use super::{Error, Gallery, Shared};

/// One collection's gallery, once somebody has asked for it. Locked while it is opened and while its collection is
/// deleted, so that both happen once and never at the same time.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Gallery>>>>;

/// The galleries of one store.
pub(crate) struct Galleries {
    shared: Arc<Shared>,
    snapshots: PathBuf,
    clock: Arc<dyn Clock>,
    portal: CollectionId,
    /// Only of collections that exist or have existed, so it grows no further than the store.
    slots: Mutex<HashMap<CollectionId, Slot>>,
}

impl Galleries {
    /// Prepares the galleries for templates of `version`: what earlier processes left in `snapshots` of collections
    /// that are gone is removed, and the collection named `portal` is loaded if it exists.
    pub(crate) async fn open(
        store: Arc<dyn Repository>,
        snapshots: PathBuf,
        version: FaceModelVersion,
        clock: Arc<dyn Clock>,
        portal: CollectionId,
    ) -> Result<Self, Error> {
        let collections = store.list_collections().await?;
        sweep(&snapshots, &collections).await?;
        let shared = Shared {
            store,
            version,
            faces: AtomicU64::new(0),
        };
        let mut faces = 0;
        for collection in &collections {
            let counts = shared.store.counts(&collection.id).await?;
            faces += counts.map_or(0, |counts| counts.faces);
        }
        shared.add_faces(faces);
        let galleries = Self {
            shared: Arc::new(shared),
            snapshots,
            clock,
            portal,
            slots: Mutex::default(),
        };
        if collections
            .iter()
            .any(|collection| collection.id == galleries.portal)
        {
            galleries.portal().await?.index().await?;
        }
        Ok(galleries)
    }

    /// The collection of the flows, made if it does not exist.
    pub(crate) async fn portal(&self) -> Result<Arc<Gallery>, Error> {
        let slot = self.slot(&self.portal);
        let mut open = slot.lock().await;
        if let Some(gallery) = open.as_ref() {
            return Ok(Arc::clone(gallery));
        }
        let gallery = Arc::new(self.gallery(self.prepare_portal().await?));
        Ok(Arc::clone(open.insert(gallery)))
    }

    /// The collection of the flows, if there is one.
    pub(crate) async fn portal_if_made(&self) -> Result<Option<Arc<Gallery>>, Error> {
        self.get(&self.portal).await
    }

    /// The name of the flows' collection.
    pub(crate) const fn portal_id(&self) -> &CollectionId {
        &self.portal
    }

    /// A collection, if there is one.
    pub(crate) async fn get(&self, id: &CollectionId) -> Result<Option<Arc<Gallery>>, Error> {
        let store = &self.shared.store;
        let slot = match self.known(id) {
            Some(slot) => slot,
            None if store.get_collection(id).await?.is_none() => return Ok(None),
            None => self.slot(id),
        };
        let mut open = slot.lock().await;
        if open.is_none() {
            let found = store.get_collection(id).await?;
            *open = found.map(|collection| Arc::new(self.gallery(collection)));
        }
        Ok(open.clone())
    }

    /// Makes a collection for templates of the loaded model.
    pub(crate) async fn create(&self, id: &CollectionId) -> Result<Creation, Error> {
        let Shared { store, version, .. } = self.shared.as_ref();
        Ok(store.create_collection(id, version, self.clock.now()).await?)
    }

    /// Erases a collection with everything in it, from the disk and from memory; `false` where there is none. Runs to
    /// its end also when the client goes away.
    pub(crate) async fn delete(self: &Arc<Self>, id: &CollectionId) -> Result<bool, Error> {
        let (galleries, id) = (Arc::clone(self), id.clone());
        let deletion = async move { galleries.carry_out_deletion(&id).await };
        tokio::spawn(deletion.in_current_span()).await?
    }

    /// Enrolled faces of all collections.
    pub(crate) fn faces(&self) -> u64 {
        self.shared.faces.load(Ordering::Relaxed)
    }

    /// What an operator should know: the faces that no search finds, because other models than the loaded one have made
    /// their templates. People who have only such faces can register a second time.
    pub(crate) async fn of_other_models(&self) -> Result<Vec<String>, Error> {
        let Shared { store, version, .. } = self.shared.as_ref();
        let mut told = Vec::new();
        for Collection { id, .. } in store.list_collections().await? {
            let found = store.versions(&id).await?;
            let searched = Some((found.current.clone(), found.faces));
            let others = found.left_behind.into_iter().chain(searched);
            for (other, faces) in others.filter(|(other, faces)| other != version && *faces > 0) {
                told.push(format!(
                    "{faces} face(s) in the collection {id} are of model {other} and cannot be found or compared with \
                     {version}: `selfsame reindex --collection {id}` (docs/MODELS.md)"
                ));
            }
        }
        Ok(told)
    }

    /// Writes the snapshots of the galleries that have changed. What goes wrong costs time at the next start, no
    /// faces, so it is only logged.
    pub(crate) async fn save(&self) {
        let slots: Vec<Slot> = self.slots().values().cloned().collect();
        for slot in slots {
            let open = slot.lock().await.clone();
            if let Some(gallery) = open
                && let Err(error) = gallery.save().await
            {
                tracing::warn!(%error, "a gallery was not written; the next start will be slower");
            }
        }
    }

    async fn carry_out_deletion(&self, id: &CollectionId) -> Result<bool, Error> {
        let Some(gallery) = self.get(id).await? else {
            return Ok(false);
        };
        let slot = self.slot(id);
        let mut open = slot.lock().await;
        // The file first: if the process ends in between, the next start is slower, but nothing stays behind.
        let gallery = open.take().unwrap_or(gallery);
        gallery.close().await?;
        let store = &self.shared.store;
        let counts = store.counts(id).await?;
        let deleted = store.delete_collection(id).await?;
        if let Some(counts) = counts
            && deleted
        {
            self.shared.subtract_faces(counts.faces);
        }
        Ok(deleted)
    }

    /// Makes the portal's collection. One without faces and users may change its model.
    async fn prepare_portal(&self) -> Result<Collection, Error> {
        let Shared { store, version, .. } = self.shared.as_ref();
        let existing = self.make_portal().await?;
        if existing.version == *version {
            return Ok(existing);
        }
        let counts = store.counts(&self.portal).await?;
        if counts.is_some_and(|counts| counts.faces > 0 || counts.users > 0) {
            return Err(Error::OtherModel {
                collection: self.portal.clone(),
                stored: existing.version,
                loaded: version.clone(),
            });
        }
        tracing::info!(from = %existing.version, to = %version, "the empty collection changes its model");
        store.delete_collection(&self.portal).await?;
        self.make_portal().await
    }

    async fn make_portal(&self) -> Result<Collection, Error> {
        self.create(&self.portal).await?;
        let found = self.shared.store.get_collection(&self.portal).await?;
        found.ok_or_else(|| selfsame_store::Error::NoSuchCollection(self.portal.clone()).into())
    }

    fn gallery(&self, collection: Collection) -> Gallery {
        Gallery::new(Arc::clone(&self.shared), collection, &self.snapshots)
    }

    fn known(&self, id: &CollectionId) -> Option<Slot> {
        self.slots().get(id).cloned()
    }

    fn slot(&self, id: &CollectionId) -> Slot {
        Arc::clone(self.slots().entry(id.clone()).or_default())
    }

    pub(super) fn slots(&self) -> MutexGuard<'_, HashMap<CollectionId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the snapshots of collections that are gone: they hold templates.
async fn sweep(snapshots: &Path, collections: &[Collection]) -> Result<(), Error> {
    let files: HashSet<PathBuf> = collections
        .iter()
        .map(|collection| Snapshot::new(snapshots, &collection.id).into_path())
        .collect();
    let directory = snapshots.to_owned();
    let swept = tokio::task::spawn_blocking(move || snapshot::sweep(&directory, &files)).await?;
    swept.map_err(Error::Snapshot)
}
