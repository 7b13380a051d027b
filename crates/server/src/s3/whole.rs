//! Objects as a whole, for tasks of state machines: read and written in this process, without HTTP.

use std::fmt::Write as _;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use s3s::crypto::{Checksum as _, Md5};
use selfsame_store::{Attributes, Digests, NewObject, PutOutcome, Source, SourceError};

use crate::app::App;

/// The largest object that a task reads: it becomes part of a payload.
const MAX_BYTES: u64 = 15 << 20;

/// An object, read.
pub(crate) struct StoredBytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: String,
    pub(crate) content_type: Option<String>,
}

/// Why there is no object.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WholeError {
    /// There is no such bucket.
    #[error("there is no such bucket")]
    NoSuchBucket,
    /// There is no such object.
    #[error("there is no such object")]
    NoSuchKey,
    /// It is larger than a payload may be.
    #[error("the object is too large")]
    TooLarge,
    /// The name is none that a bucket or an object can have.
    #[error("the name is not valid")]
    InvalidName,
    /// The store failed.
    #[error(transparent)]
    Store(selfsame_store::Error),
}

impl From<selfsame_store::Error> for WholeError {
    fn from(error: selfsame_store::Error) -> Self {
        match error {
            selfsame_store::Error::NoSuchBucket => Self::NoSuchBucket,
            other => Self::Store(other),
        }
    }
}

/// Reads an object.
pub(crate) async fn read_bytes(app: &App, bucket: &str, key: &str) -> Result<StoredBytes, WholeError> {
    let opened = app
        .store
        .open_object(bucket, key)
        .await?
        .ok_or(WholeError::NoSuchKey)?;
    let size_bytes = opened.object.size_bytes;
    if size_bytes > MAX_BYTES {
        return Err(WholeError::TooLarge);
    }
    let etag = opened.object.etag.clone();
    let content_type = opened.object.attributes.headers.get("content-type").cloned();
    let mut bytes = Vec::with_capacity(size_bytes as usize);
    let mut pieces = opened.read(0..size_bytes);
    while let Some(piece) = pieces.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(StoredBytes {
        bytes,
        etag,
        content_type,
    })
}

/// Writes an object and gives its entity tag.
pub(crate) async fn write_bytes(
    app: &App,
    bucket: &str,
    key: &str,
    content_type: Option<&str>,
    bytes: Vec<u8>,
) -> Result<String, WholeError> {
    if !s3s::path::check_bucket_name(bucket) || !s3s::path::check_key(key) {
        return Err(WholeError::InvalidName);
    }
    let mut attributes = Attributes::default();
    if let Some(content_type) = content_type {
        let headers = &mut attributes.headers;
        headers.insert("content-type".to_owned(), content_type.to_owned());
    }
    let new = NewObject {
        key: key.to_owned(),
        blob: app.ids.uuid(),
        attributes,
        condition: None,
        now: app.clock.now(),
    };
    match app
        .store
        .put_object(bucket, new, Box::new(Whole::new(bytes)))
        .await?
    {
        PutOutcome::Stored(object) => Ok(object.etag),
        // There was no condition.
        _ => Err(WholeError::NoSuchKey),
    }
}

/// Bytes that are all there.
struct Whole {
    bytes: Option<Bytes>,
    etag: String,
}

impl Whole {
    fn new(bytes: Vec<u8>) -> Self {
        let mut digest = Md5::new();
        digest.update(&bytes);
        let digest: [u8; 16] = digest.finalize();
        Self {
            etag: digest.iter().fold(String::new(), |mut text, byte| {
                // Writing to a text cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            }),
            bytes: Some(bytes.into()),
        }
    }
}

#[async_trait]
impl Source for Whole {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        Ok(self.bytes.take())
    }

    fn finish(&mut self) -> Result<Digests, SourceError> {
        Ok(Digests {
            etag: std::mem::take(&mut self.etag),
            checksum: None,
        })
    }
}
