//! Buckets and objects. Bytes take the same way as pictures: an intent, the file, then the transaction that gives the
//! file an owner and takes the one it replaces.

mod buckets;
mod held;
mod put;
mod read;
#[cfg(test)]
mod tests;
mod uploads;

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

pub(super) use self::held::Readers;
use super::Sqlite;
use crate::objects::{
    Bucket, Checksum, Complete, Completion, Listing, NewObject, NewPart, NewUpload, Object, Objects,
    OpenObject, Page, Part, PutOutcome, Source, Tags, Upload,
};
use crate::{Error, Result};

/// Names and values as the text to store.
fn json(texts: &BTreeMap<String, String>) -> Result<String> {
    // A map of texts can always be written.
    serde_json::to_string(texts).map_err(|source| Error::Database(source.into()))
}

/// Stored text as names and values. The cause is dropped: `serde_json` quotes what it reads.
fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    serde_json::from_str(text).map_err(|_| Error::corrupt("what is kept beside an object"))
}

fn checksum(algorithm: Option<String>, value: Option<String>) -> Option<Checksum> {
    Some(Checksum {
        algorithm: algorithm?,
        value: value?,
    })
}

fn size(stored: i64) -> Result<u64> {
    u64::try_from(stored).map_err(|_| Error::corrupt("a negative size"))
}

#[async_trait]
impl Objects for Sqlite {
    async fn create_bucket(&self, name: &str, location: Option<&str>, now: Timestamp) -> Result<bool> {
        let (name, location) = (name.to_owned(), location.map(str::to_owned));
        self.carry_through(async move |inner| inner.create_bucket(&name, location.as_deref(), now).await)
            .await
    }

    async fn get_bucket(&self, name: &str) -> Result<Option<Bucket>> {
        buckets::get(self, name).await
    }

    async fn list_buckets(&self) -> Result<Vec<Bucket>> {
        buckets::list(self).await
    }

    async fn delete_bucket(&self, name: &str) -> Result<bool> {
        let name = name.to_owned();
        self.carry_through(async move |inner| inner.delete_bucket(&name).await)
            .await
    }

    async fn put_object(&self, bucket: &str, new: NewObject, source: Box<dyn Source>) -> Result<PutOutcome> {
        let bucket = bucket.to_owned();
        self.carry_through(async move |inner| inner.put_object(&bucket, new, source).await)
            .await
    }

    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Object>> {
        read::get(self, bucket, key).await
    }

    async fn open_object(&self, bucket: &str, key: &str) -> Result<Option<OpenObject>> {
        read::open(self, bucket, key).await
    }

    async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<()> {
        let (bucket, keys) = (bucket.to_owned(), keys.to_vec());
        self.carry_through(async move |inner| inner.delete_objects(&bucket, &keys).await)
            .await
    }

    async fn list_objects(&self, bucket: &str, listing: &Listing) -> Result<Page> {
        read::list(self, bucket, listing).await
    }

    async fn set_object_tags(&self, bucket: &str, key: &str, tags: &Tags) -> Result<bool> {
        let (bucket, key, tags) = (bucket.to_owned(), key.to_owned(), tags.clone());
        self.carry_through(async move |inner| inner.set_object_tags(&bucket, &key, &tags).await)
            .await
    }

    async fn create_upload(&self, bucket: &str, new: NewUpload) -> Result<()> {
        let bucket = bucket.to_owned();
        self.carry_through(async move |inner| inner.create_upload(&bucket, new).await)
            .await
    }

    async fn get_upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<Option<Upload>> {
        uploads::get(self, bucket, key, id).await
    }

    async fn put_part(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        new: NewPart,
        source: Box<dyn Source>,
    ) -> Result<Option<Part>> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.carry_through(async move |inner| inner.put_part(&bucket, &key, id, new, source).await)
            .await
    }

    async fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        after: u32,
        limit: u32,
    ) -> Result<Option<Vec<Part>>> {
        uploads::parts(self, bucket, key, id, after, limit).await
    }

    async fn complete_upload(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        complete: Complete,
    ) -> Result<Completion> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.carry_through(async move |inner| inner.complete_upload(&bucket, &key, id, complete).await)
            .await
    }

    async fn abort_upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<bool> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.carry_through(async move |inner| inner.abort_upload(&bucket, &key, id).await)
            .await
    }

    async fn list_uploads(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<(&str, Option<Uuid>)>,
        limit: u32,
    ) -> Result<Vec<Upload>> {
        uploads::list(self, bucket, prefix, after, limit).await
    }
}
