//! The in-memory twin: the same behaviour without a disk, for tests and trials. Never durable.

mod faces;
mod images;
mod journal;
mod models;
mod objects;
mod state;
mod users;
mod workflows;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceModelVersion, ImageId, UserId};
use uuid::Uuid;

use self::state::State;
use crate::blobs::{Blobs, key_of};
use crate::model::{ApiKey, Collection, Counts, Creation, NewFace, Picture};
use crate::repository::{CollectionTags, Collections, Keys, Pictures, Secrets};
use crate::rules::{from_microseconds, to_microseconds};
use crate::{Error, Result};

/// A repository that forgets everything when it is dropped.
#[derive(Debug)]
pub struct Memory {
    /// The lock of every collection. Never held across an await.
    state: Mutex<State>,
    /// The same for buckets.
    objects: Mutex<objects::State>,
    /// The same for machines and executions. Taken before the lock of the collections where both are needed.
    workflows: Mutex<workflows::State>,
    blobs: Blobs,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            objects: Mutex::default(),
            workflows: Mutex::default(),
            blobs: Blobs::in_memory(),
        }
    }
}

impl Memory {
    /// An empty repository.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A panic while the lock was held is a bug of ours; the state is changed in one go at the end of each function,
    /// so it is whole nevertheless.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Memory::state`].
    fn objects(&self) -> MutexGuard<'_, objects::State> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Memory::state`].
    fn workflows(&self) -> MutexGuard<'_, workflows::State> {
        self.workflows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves the image's id and writes the picture, if there is one.
    async fn write_picture(&self, face: &mut NewFace) -> Result<Option<state::Written>> {
        let Some(picture) = face.picture.take() else {
            return Ok(None);
        };
        if !self.state().images.insert(face.image) {
            return Err(Error::IdTaken { kind: "ImageId" });
        }
        let record = state::Written {
            content_type: picture.content_type,
            size_bytes: picture.bytes.len() as u64,
        };
        self.blobs.put(&key_of(face.image), picture.bytes).await?;
        Ok(Some(record))
    }

    /// Removes the pictures of images that nobody has any more, then gives their ids free.
    async fn remove_pictures(&self, images: &[ImageId]) -> Result<()> {
        let keys: Vec<String> = images.iter().map(|image| key_of(*image)).collect();
        self.blobs.remove(&keys).await?;
        let mut state = self.state();
        for image in images {
            state.images.remove(image);
        }
        Ok(())
    }
}

/// To the microsecond, as databases keep it.
fn stored(moment: Timestamp) -> Result<Timestamp> {
    from_microseconds(to_microseconds(moment))
}

#[async_trait]
impl Collections for Memory {
    async fn create_collection(
        &self,
        id: &CollectionId,
        version: &FaceModelVersion,
        now: Timestamp,
    ) -> Result<Creation> {
        let created = stored(now)?;
        let mut state = self.state();
        if let Ok(found) = state.collection(id) {
            return Ok(Creation::AlreadyExists(found.describe(id)));
        }
        let collection = state.collections.entry(id.clone()).or_default();
        collection.live = Some((version.clone(), created));
        Ok(Creation::Created(collection.describe(id)))
    }

    async fn get_collection(&self, id: &CollectionId) -> Result<Option<Collection>> {
        Ok(self.state().collection(id).ok().map(|found| found.describe(id)))
    }

    async fn list_collections(&self) -> Result<Vec<Collection>> {
        let state = self.state();
        Ok(state.live().map(|(id, found)| found.describe(id)).collect())
    }

    async fn counts(&self, id: &CollectionId) -> Result<Option<Counts>> {
        Ok(self.state().collection(id).ok().map(|found| Counts {
            faces: found.faces.len() as u64,
            users: found.users.len() as u64,
        }))
    }

    async fn delete_collection(&self, id: &CollectionId) -> Result<bool> {
        let images = {
            let mut state = self.state();
            let Ok(images) = state.erase_collection(id) else {
                return Ok(false);
            };
            let found = state.collection_mut(id)?;
            found.live = None;
            found.tags.clear();
            images
        };
        self.remove_pictures(&images).await?;
        Ok(true)
    }
}

#[async_trait]
impl CollectionTags for Memory {
    async fn tags(&self, collection: &CollectionId) -> Result<BTreeMap<String, String>> {
        Ok(self.state().collection(collection)?.tags.clone())
    }

    async fn set_tags(
        &self,
        collection: &CollectionId,
        tags: &BTreeMap<String, String>,
        max: usize,
    ) -> Result<bool> {
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        let mut merged = found.tags.clone();
        merged.extend(tags.clone());
        if merged.len() > max {
            return Ok(false);
        }
        found.tags = merged;
        Ok(true)
    }

    async fn remove_tags(&self, collection: &CollectionId, tags: &[String]) -> Result<()> {
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        found.tags.retain(|tag, _| !tags.contains(tag));
        Ok(())
    }
}

#[async_trait]
impl Pictures for Memory {
    async fn picture(&self, collection: &CollectionId, image: &ImageId) -> Result<Option<Picture>> {
        let written = self.state().collection(collection)?.picture(*image);
        let Some(written) = written else {
            return Ok(None);
        };
        let bytes = self.blobs.get(&key_of(*image)).await?;
        Ok(bytes.map(|bytes| Picture {
            bytes,
            content_type: written.content_type,
        }))
    }

    async fn card(&self, collection: &CollectionId, user: &UserId) -> Result<Option<Vec<u8>>> {
        let state = self.state();
        let user = state.collection(collection)?.users.get(user);
        Ok(user.and_then(|user| user.card.clone()))
    }
}

#[async_trait]
impl Keys for Memory {
    async fn create_key(&self, key: &ApiKey) -> Result<()> {
        let key = ApiKey {
            created: stored(key.created)?,
            revoked: key.revoked.map(stored).transpose()?,
            ..key.clone()
        };
        let mut state = self.state();
        let same_signer =
            |known: &ApiKey| known.access_key_id.is_some() && known.access_key_id == key.access_key_id;
        if state
            .keys
            .iter()
            .any(|known| known.id == key.id || known.hash == key.hash || same_signer(known))
        {
            return Err(Error::IdTaken { kind: "API key" });
        }
        state.keys.push(key);
        state.keys.sort_by_key(|key| (key.created, key.id));
        Ok(())
    }

    async fn find_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        let state = self.state();
        Ok(state
            .keys
            .iter()
            .find(|key| key.hash == *hash && key.revoked.is_none())
            .cloned())
    }

    async fn find_by_access_key_id(&self, access_key_id: &str) -> Result<Option<ApiKey>> {
        let state = self.state();
        Ok(state
            .keys
            .iter()
            .find(|key| key.access_key_id.as_deref() == Some(access_key_id) && key.revoked.is_none())
            .cloned())
    }

    async fn list_keys(&self) -> Result<Vec<ApiKey>> {
        Ok(self.state().keys.clone())
    }

    async fn revoke_key(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        let revoked = Some(stored(now)?);
        let mut state = self.state();
        let found = state
            .keys
            .iter_mut()
            .find(|key| key.id == id && key.revoked.is_none());
        Ok(found.map(|key| key.revoked = revoked).is_some())
    }
}

#[async_trait]
impl Secrets for Memory {
    async fn root_secret(&self, candidate: [u8; 32]) -> Result<[u8; 32]> {
        Ok(*self.state().root_secret.get_or_insert(candidate))
    }
}
