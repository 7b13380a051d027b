//! Buckets and objects in the in-memory twin.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Memory, stored};
use crate::blobs::segment_key;
use crate::objects::{
    Bucket, Complete, Completion, Condition, Digests, Listing, NewObject, NewPart, NewUpload, Next, Object,
    Objects, OpenObject, Page, Part, PutOutcome, RollUp, Source, Tags, Upload, pieces,
};
use crate::{Error, Result};

/// What is remembered of buckets.
#[derive(Default)]
pub(super) struct State {
    buckets: BTreeMap<String, BucketState>,
    /// Every blob of an object or part, or that is just being written.
    blobs: HashSet<Uuid>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({} buckets)", self.buckets.len())
    }
}

struct BucketState {
    bucket: Bucket,
    objects: BTreeMap<String, ObjectState>,
    uploads: BTreeMap<(String, Uuid), UploadState>,
}

#[derive(Clone)]
struct ObjectState {
    object: Object,
    blobs: Vec<Uuid>,
}

struct UploadState {
    upload: Upload,
    parts: BTreeMap<u32, (Part, Uuid)>,
}

impl State {
    fn bucket(&self, name: &str) -> Result<&BucketState> {
        self.buckets.get(name).ok_or(Error::NoSuchBucket)
    }

    fn bucket_mut(&mut self, name: &str) -> Result<&mut BucketState> {
        self.buckets.get_mut(name).ok_or(Error::NoSuchBucket)
    }

    fn object(&self, bucket: &str, key: &str) -> Result<Option<&ObjectState>> {
        Ok(self.bucket(bucket)?.objects.get(key))
    }

    fn upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<Option<&UploadState>> {
        Ok(self.bucket(bucket)?.uploads.get(&(key.to_owned(), id)))
    }
}

impl BucketState {
    /// Whether the condition fails, and then whether there is an object.
    fn refuses(&self, key: &str, condition: Option<&Condition>) -> Option<bool> {
        let found = self.objects.get(key).map(|state| &state.object.etag);
        let holds = match condition? {
            Condition::Absent => found.is_none(),
            Condition::Etag(etag) => found == Some(etag),
        };
        (!holds).then_some(found.is_some())
    }

    /// Gives the blobs of what was replaced.
    fn insert(&mut self, object: Object, blobs: Vec<Uuid>) -> Vec<Uuid> {
        let state = ObjectState { object, blobs };
        let replaced = self.objects.insert(state.object.key.clone(), state);
        replaced.map(|state| state.blobs).unwrap_or_default()
    }

    /// Takes the named parts out of an upload, or `None` and leaves everything as it was.
    fn take_parts(&mut self, key: &str, id: Uuid, wanted: &[(u32, String)]) -> Option<Vec<(Part, Uuid)>> {
        let parts = &mut self.uploads.get_mut(&(key.to_owned(), id))?.parts;
        let mut left = parts.clone();
        let mut taken = Vec::new();
        for (number, etag) in wanted {
            taken.push(left.remove(number).filter(|(part, _)| part.etag == *etag)?);
        }
        *parts = left;
        Some(taken)
    }
}

impl Memory {
    async fn receive(&self, blob: Uuid, source: &mut dyn Source) -> Result<(u64, Digests)> {
        if !self.objects().blobs.insert(blob) {
            return Err(Error::IdTaken { kind: "blob id" });
        }
        let written = self.blobs.write(&segment_key(blob), source).await;
        if written.is_err() {
            self.remove_blobs(&[blob]).await?;
        }
        written
    }

    async fn remove_blobs(&self, blobs: &[Uuid]) -> Result<()> {
        let keys: Vec<String> = blobs.iter().map(|blob| segment_key(*blob)).collect();
        self.blobs.remove(&keys).await?;
        let mut state = self.objects();
        for blob in blobs {
            state.blobs.remove(blob);
        }
        Ok(())
    }

    /// Gives the outcome and the blobs that nobody has any more.
    fn insert_object(
        &self,
        bucket: &str,
        new: NewObject,
        size_bytes: u64,
        digests: Digests,
    ) -> Result<(PutOutcome, Vec<Uuid>)> {
        let modified = stored(new.now)?;
        let mut state = self.objects();
        let bucket = state.bucket_mut(bucket)?;
        if let Some(exists) = bucket.refuses(&new.key, new.condition.as_ref()) {
            return Ok((PutOutcome::ConditionFailed { exists }, vec![new.blob]));
        }
        let object = Object {
            key: new.key,
            size_bytes,
            etag: digests.etag,
            checksum: digests.checksum,
            attributes: new.attributes,
            modified,
            segments: vec![size_bytes],
        };
        let replaced = bucket.insert(object.clone(), vec![new.blob]);
        Ok((PutOutcome::Stored(Box::new(object)), replaced))
    }

    /// Gives the part, if the upload is there, and the blobs that nobody has any more.
    fn insert_part(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        new: NewPart,
        (size_bytes, digests): (u64, Digests),
    ) -> Result<(Option<Part>, Vec<Uuid>)> {
        let part = Part {
            number: new.number,
            size_bytes,
            etag: digests.etag,
            checksum: digests.checksum,
            modified: stored(new.now)?,
        };
        let mut state = self.objects();
        let Some(upload) = state.bucket_mut(bucket)?.uploads.get_mut(&(key.to_owned(), id)) else {
            return Ok((None, vec![new.blob]));
        };
        let replaced = upload.parts.insert(new.number, (part.clone(), new.blob));
        Ok((Some(part), replaced.into_iter().map(|(_, blob)| blob).collect()))
    }

    /// Gives the outcome and the blobs that nobody has any more.
    fn complete(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        complete: Complete,
    ) -> Result<(Completion, Vec<Uuid>)> {
        let modified = stored(complete.now)?;
        let mut state = self.objects();
        if state.upload(bucket, key, id)?.is_none() {
            return Ok((Completion::NoSuchUpload, Vec::new()));
        }
        let bucket = state.bucket_mut(bucket)?;
        if let Some(exists) = bucket.refuses(key, complete.condition.as_ref()) {
            return Ok((Completion::ConditionFailed { exists }, Vec::new()));
        }
        let Some(parts) = bucket.take_parts(key, id, &complete.parts) else {
            return Ok((Completion::OtherParts, Vec::new()));
        };
        let Some(done) = bucket.uploads.remove(&(key.to_owned(), id)) else {
            return Ok((Completion::NoSuchUpload, Vec::new()));
        };
        let segments: Vec<u64> = parts.iter().map(|(part, _)| part.size_bytes).collect();
        let object = Object {
            key: key.to_owned(),
            size_bytes: segments.iter().sum(),
            etag: complete.digests.etag,
            checksum: complete.digests.checksum,
            attributes: done.upload.attributes,
            modified,
            segments,
        };
        let blobs = parts.into_iter().map(|(_, blob)| blob).collect();
        let mut left = bucket.insert(object.clone(), blobs);
        left.extend(done.parts.into_values().map(|(_, blob)| blob));
        Ok((Completion::Stored(Box::new(object)), left))
    }
}

#[async_trait]
impl Objects for Memory {
    async fn create_bucket(&self, name: &str, location: Option<&str>, now: Timestamp) -> Result<bool> {
        let created = stored(now)?;
        let mut state = self.objects();
        if state.buckets.contains_key(name) {
            return Ok(false);
        }
        let bucket = BucketState {
            bucket: Bucket {
                name: name.to_owned(),
                location: location.map(str::to_owned),
                created,
            },
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        };
        state.buckets.insert(name.to_owned(), bucket);
        Ok(true)
    }

    async fn get_bucket(&self, name: &str) -> Result<Option<Bucket>> {
        let state = self.objects();
        Ok(state.buckets.get(name).map(|state| state.bucket.clone()))
    }

    async fn list_buckets(&self) -> Result<Vec<Bucket>> {
        let state = self.objects();
        Ok(state.buckets.values().map(|state| state.bucket.clone()).collect())
    }

    async fn delete_bucket(&self, name: &str) -> Result<bool> {
        let blobs: Vec<Uuid> = {
            let mut state = self.objects();
            if !state.bucket(name)?.objects.is_empty() {
                return Ok(false);
            }
            let removed = state.buckets.remove(name);
            let uploads = removed.into_iter().flat_map(|bucket| bucket.uploads);
            uploads
                .flat_map(|(_, upload)| upload.parts)
                .map(|(_, (_, blob))| blob)
                .collect()
        };
        self.remove_blobs(&blobs).await?;
        Ok(true)
    }

    async fn put_object(
        &self,
        bucket: &str,
        new: NewObject,
        mut source: Box<dyn Source>,
    ) -> Result<PutOutcome> {
        let refused = self
            .objects()
            .bucket(bucket)?
            .refuses(&new.key, new.condition.as_ref());
        if let Some(exists) = refused {
            return Ok(PutOutcome::ConditionFailed { exists });
        }
        let blob = new.blob;
        let (size_bytes, digests) = self.receive(blob, source.as_mut()).await?;
        match self.insert_object(bucket, new, size_bytes, digests) {
            Ok((outcome, left)) => {
                self.remove_blobs(&left).await?;
                Ok(outcome)
            }
            Err(error) => {
                self.remove_blobs(&[blob]).await?;
                Err(error)
            }
        }
    }

    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Object>> {
        Ok(self
            .objects()
            .object(bucket, key)?
            .map(|state| state.object.clone()))
    }

    async fn open_object(&self, bucket: &str, key: &str) -> Result<Option<OpenObject>> {
        'again: loop {
            let Some(found) = self.objects().object(bucket, key)?.cloned() else {
                return Ok(None);
            };
            // All of it is in memory anyway; whoever holds it need not fear that it is erased.
            let mut segments = Vec::new();
            for (blob, size_bytes) in found.blobs.iter().zip(&found.object.segments) {
                let Some(bytes) = self.blobs.open(&segment_key(*blob), 0..*size_bytes).await? else {
                    continue 'again;
                };
                segments.push(bytes.try_collect::<Vec<Bytes>>().await?.concat());
            }
            let sizes = found.object.segments.clone();
            let read = move |range| {
                let wanted = pieces(&sizes, &range);
                let bytes = segments.into_iter().map(Bytes::from).zip(wanted);
                let bytes =
                    bytes.map(|(bytes, within)| Ok(bytes.slice(within.start as usize..within.end as usize)));
                stream::iter(bytes.collect::<Vec<_>>()).boxed()
            };
            return Ok(Some(OpenObject::new(found.object, read)));
        }
    }

    async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<()> {
        let blobs: Vec<Uuid> = {
            let mut state = self.objects();
            let bucket = state.bucket_mut(bucket)?;
            let erased = keys.iter().filter_map(|key| bucket.objects.remove(key));
            erased.flat_map(|state| state.blobs).collect()
        };
        self.remove_blobs(&blobs).await
    }

    async fn list_objects(&self, bucket: &str, listing: &Listing) -> Result<Page> {
        let state = self.objects();
        let objects = &state.bucket(bucket)?.objects;
        let mut roll_up = RollUp::new(listing);
        let (start, included) = roll_up.start();
        let mut from = if included {
            Bound::Included(start)
        } else {
            Bound::Excluded(start)
        };
        while let Some((key, found)) = objects.range((from, Bound::Unbounded)).next() {
            let object = || {
                Ok::<_, Error>(Object {
                    attributes: crate::objects::Attributes::default(),
                    segments: Vec::new(),
                    ..found.object.clone()
                })
            };
            from = match roll_up.take(key, object)? {
                Next::Key => Bound::Excluded(key.clone()),
                Next::From(next) => Bound::Included(next),
                Next::Nowhere => break,
            };
        }
        Ok(roll_up.finish())
    }

    async fn set_object_tags(&self, bucket: &str, key: &str, tags: &Tags) -> Result<bool> {
        let mut state = self.objects();
        let found = state.bucket_mut(bucket)?.objects.get_mut(key);
        Ok(found
            .map(|state| state.object.attributes.tags.clone_from(tags))
            .is_some())
    }

    async fn create_upload(&self, bucket: &str, new: NewUpload) -> Result<()> {
        let created = stored(new.now)?;
        let mut state = self.objects();
        let taken = state
            .buckets
            .values()
            .any(|bucket| bucket.uploads.keys().any(|(_, id)| *id == new.id));
        let bucket = state.bucket_mut(bucket)?;
        if taken {
            return Err(Error::IdTaken { kind: "upload id" });
        }
        let upload = UploadState {
            upload: Upload {
                id: new.id,
                key: new.key.clone(),
                attributes: new.attributes,
                checksum: new.checksum,
                created,
            },
            parts: BTreeMap::new(),
        };
        bucket.uploads.insert((new.key, new.id), upload);
        Ok(())
    }

    async fn get_upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<Option<Upload>> {
        let state = self.objects();
        Ok(state.upload(bucket, key, id)?.map(|state| state.upload.clone()))
    }

    async fn put_part(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        new: NewPart,
        mut source: Box<dyn Source>,
    ) -> Result<Option<Part>> {
        if self.objects().upload(bucket, key, id)?.is_none() {
            return Ok(None);
        }
        let written = self.receive(new.blob, source.as_mut()).await?;
        match self.insert_part(bucket, key, id, new, written) {
            Ok((part, left)) => {
                self.remove_blobs(&left).await?;
                Ok(part)
            }
            Err(error) => {
                self.remove_blobs(&[new.blob]).await?;
                Err(error)
            }
        }
    }

    async fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        after: u32,
        limit: u32,
    ) -> Result<Option<Vec<Part>>> {
        let state = self.objects();
        let Some(upload) = state.upload(bucket, key, id)? else {
            return Ok(None);
        };
        let parts = upload.parts.range((Bound::Excluded(after), Bound::Unbounded));
        Ok(Some(
            parts
                .take(limit as usize)
                .map(|(_, (part, _))| part.clone())
                .collect(),
        ))
    }

    async fn complete_upload(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        complete: Complete,
    ) -> Result<Completion> {
        let (completion, left) = self.complete(bucket, key, id, complete)?;
        self.remove_blobs(&left).await?;
        Ok(completion)
    }

    async fn abort_upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<bool> {
        let removed = {
            let mut state = self.objects();
            state.bucket_mut(bucket)?.uploads.remove(&(key.to_owned(), id))
        };
        let Some(upload) = removed else {
            return Ok(false);
        };
        let blobs: Vec<Uuid> = upload.parts.into_values().map(|(_, blob)| blob).collect();
        self.remove_blobs(&blobs).await?;
        Ok(true)
    }

    async fn list_uploads(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<(&str, Option<Uuid>)>,
        limit: u32,
    ) -> Result<Vec<Upload>> {
        let after = after.map(|(key, id)| (key.to_owned(), id.unwrap_or(Uuid::max())));
        let state = self.objects();
        let uploads = &state.bucket(bucket)?.uploads;
        let found = uploads.iter().filter(|(place, _)| {
            place.0.starts_with(prefix) && after.as_ref().is_none_or(|after| *place > after)
        });
        Ok(found
            .take(limit as usize)
            .map(|(_, state)| state.upload.clone())
            .collect())
    }
}
