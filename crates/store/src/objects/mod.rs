//! Buckets and objects, as S3 has them: what is promised, in the words of every backend.
//!
//! An object's bytes are one or more segments, each a blob. A completed upload in parts is the list of its parts, so
//! nothing is copied.

mod listing;
mod model;

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use crate::Result;

pub use listing::{Entry, Listing, Page};
pub(crate) use listing::{Next, RollUp};
pub use model::{
    Attributes, Bucket, Checksum, Complete, Completion, Condition, Digests, NewObject, NewPart, NewUpload,
    Object, ObjectBytes, OpenObject, Part, PutOutcome, Tags, Upload, UploadChecksum,
};

/// Why a [`Source`] gives nothing any more. It comes back inside [`crate::Error::Received`].
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Bytes on their way in.
#[async_trait]
pub trait Source: Send {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError>;

    /// Called once, after the end: what these bytes are. An error means that they are not what was announced, and
    /// nothing is stored.
    fn finish(&mut self) -> Result<Digests, SourceError>;
}

/// Which part of each segment a range of an object is.
pub(crate) fn pieces(segments: &[u64], range: &Range<u64>) -> Vec<Range<u64>> {
    let mut begin = 0;
    let within = |size: &u64| {
        let (segment, end) = (begin, begin + size);
        begin = end;
        let from = range.start.clamp(segment, end) - segment;
        let to = range.end.clamp(segment, end) - segment;
        from..to
    };
    segments.iter().map(within).collect()
}

/// Buckets, objects and uploads. Every function that names a bucket, except [`Objects::create_bucket`] and
/// [`Objects::get_bucket`], fails with [`crate::Error::NoSuchBucket`] where there is none.
///
/// Names of buckets and keys of objects are compared byte for byte. A write that has begun is carried through even if
/// its future is dropped; where its [`Source`] fails, nothing is left of it. Readers see an object as it was when they
/// opened it, also while it is replaced or erased.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Makes a bucket; `false` where there is one of this name. `location` is kept for those who ask for it.
    async fn create_bucket(&self, name: &str, location: Option<&str>, now: Timestamp) -> Result<bool>;

    /// One bucket.
    async fn get_bucket(&self, name: &str) -> Result<Option<Bucket>>;

    /// All buckets, by name.
    async fn list_buckets(&self) -> Result<Vec<Bucket>>;

    /// Removes an empty bucket with its unfinished uploads; `false` where it holds an object.
    async fn delete_bucket(&self, name: &str) -> Result<bool>;

    /// Stores an object in place of what has its key, all or nothing.
    async fn put_object(&self, bucket: &str, new: NewObject, source: Box<dyn Source>) -> Result<PutOutcome>;

    /// What is known of an object without its bytes.
    async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Object>>;

    /// An object to read from.
    async fn open_object(&self, bucket: &str, key: &str) -> Result<Option<OpenObject>>;

    /// Erases objects, all at once; those that are not there count as erased. If a blob cannot be removed from the
    /// disk at once, that is logged and tried again with the next erasure and at the next start.
    async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<()>;

    /// A page of a bucket's objects, in the byte order of their keys.
    async fn list_objects(&self, bucket: &str, listing: &Listing) -> Result<Page>;

    /// Replaces an object's tags; `false` where there is no such object.
    async fn set_object_tags(&self, bucket: &str, key: &str, tags: &Tags) -> Result<bool>;

    /// Begins an upload in parts.
    async fn create_upload(&self, bucket: &str, new: NewUpload) -> Result<()>;

    /// An upload that is not finished. The key must be the one it was begun with.
    async fn get_upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<Option<Upload>>;

    /// Stores a part in place of what has its number; `None` where there is no such upload (any more).
    async fn put_part(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        new: NewPart,
        source: Box<dyn Source>,
    ) -> Result<Option<Part>>;

    /// Up to `limit` parts whose numbers follow `after`, in order; `None` where there is no such upload.
    async fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        after: u32,
        limit: u32,
    ) -> Result<Option<Vec<Part>>>;

    /// Makes the named parts an object, all or nothing; the other parts are removed.
    async fn complete_upload(
        &self,
        bucket: &str,
        key: &str,
        id: Uuid,
        complete: Complete,
    ) -> Result<Completion>;

    /// Removes an upload and its parts; `false` where there is no such upload.
    async fn abort_upload(&self, bucket: &str, key: &str, id: Uuid) -> Result<bool>;

    /// Up to `limit` unfinished uploads whose keys begin with `prefix` and that follow `after` in the order of keys and
    /// then ids. An `after` without an id stands for the last upload of its key.
    async fn list_uploads(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<(&str, Option<Uuid>)>,
        limit: u32,
    ) -> Result<Vec<Upload>>;
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn ranges_go_across_segments() {
        let of = |range| -> Vec<u64> {
            let pieces = pieces(&[5, 0, 3], &range);
            pieces
                .into_iter()
                .flat_map(|piece| [piece.start, piece.end])
                .collect()
        };
        assert_eq!(of(0..8), [0, 5, 0, 0, 0, 3]);
        assert_eq!(of(4..6), [4, 5, 0, 0, 0, 1]);
        assert_eq!(of(6..7), [5, 5, 0, 0, 1, 2]);
        assert_eq!(of(2..2), [2, 2, 0, 0, 0, 0]);
        assert_eq!(pieces(&[], &(0..0)), []);
    }
}
