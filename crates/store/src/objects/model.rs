//! What goes in and comes out. `Debug` shows keys and sizes, never what was said of an object or its bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use uuid::Uuid;

use crate::Result;

/// Names and values that somebody gave an object to be found by.
pub type Tags = BTreeMap<String, String>;

/// An object's bytes, as they come from the disk.
pub type ObjectBytes = BoxStream<'static, Result<Bytes>>;

/// A set of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where its maker wanted it to be.
    pub location: Option<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// What is kept beside an object's bytes and given back with them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// HTTP headers of its answers ("content-type"), by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// What the application says of it (`x-amz-meta-…`), by name.
    pub metadata: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attributes(…)")
    }
}

/// A checksum over the bytes of an object or a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// How it was computed, in the caller's words ("CRC32").
    pub algorithm: String,
    /// What it is, in the caller's words; for an object of many parts it may be made of theirs.
    pub value: String,
}

/// What the bytes of a [`crate::Source`] turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// Changes when the bytes change; without quotes.
    pub etag: String,
    /// A checksum, where one was asked for.
    pub checksum: Option<Checksum>,
}

/// What must hold for an object to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is no object of this key.
    Absent,
    /// The object of this key has this entity tag.
    Etag(String),
}

/// An object to store.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// Its key.
    pub key: String,
    /// An id for its bytes, never used before.
    pub blob: Uuid,
    /// What to keep beside them.
    pub attributes: Attributes,
    /// What must hold when it is stored.
    pub condition: Option<Condition>,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
}

/// What became of an object to store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutOutcome {
    /// It is stored.
    Stored(Box<Object>),
    /// The condition does not hold. Nothing was stored.
    ConditionFailed {
        /// Whether there is an object of this key.
        exists: bool,
    },
}

/// An object, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// The checksum that its sender asked for.
    pub checksum: Option<Checksum>,
    /// What is kept beside it.
    pub attributes: Attributes,
    /// When it was stored.
    pub modified: Timestamp,
    /// How many bytes each of its segments has. More than one where it was uploaded in parts.
    pub segments: Vec<u64>,
}

/// An object to read from: it stays readable as it is now until this, and what was read from it, is dropped.
pub struct OpenObject {
    /// What is known of it.
    pub object: Object,
    read: Box<dyn FnOnce(Range<u64>) -> ObjectBytes + Send>,
}

impl OpenObject {
    pub(crate) fn new(object: Object, read: impl FnOnce(Range<u64>) -> ObjectBytes + Send + 'static) -> Self {
        Self {
            object,
            read: Box::new(read),
        }
    }

    /// Its bytes in this range, which must lie within the object.
    #[must_use]
    pub fn read(self, range: Range<u64>) -> ObjectBytes {
        (self.read)(range)
    }
}

impl fmt::Debug for OpenObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenObject").field(&self.object).finish()
    }
}

/// How the checksum of an upload's object comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadChecksum {
    /// As in [`Checksum`].
    pub algorithm: String,
    /// Whether it is made of those of the parts, instead of all bytes.
    pub composite: bool,
}

/// An upload to begin.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Its id, never used before.
    pub id: Uuid,
    /// The key of its object.
    pub key: String,
    /// What to keep beside the object.
    pub attributes: Attributes,
    /// Which checksums its parts and its object have.
    pub checksum: Option<UploadChecksum>,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
}

/// An upload that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: Uuid,
    /// The key of its object.
    pub key: String,
    /// What will be kept beside the object.
    pub attributes: Attributes,
    /// Which checksums its parts and its object have.
    pub checksum: Option<UploadChecksum>,
    /// When it was begun.
    pub created: Timestamp,
}

/// A part to store.
#[derive(Debug, Clone, Copy)]
pub struct NewPart {
    /// Its place among the parts.
    pub number: u32,
    /// An id for its bytes, never used before.
    pub blob: Uuid,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
}

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place among the parts.
    pub number: u32,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// Its checksum, where one was asked for.
    pub checksum: Option<Checksum>,
    /// When it was stored.
    pub modified: Timestamp,
}

/// How an upload becomes an object.
#[derive(Debug, Clone)]
pub struct Complete {
    /// The numbers and entity tags of the object's parts, in its order.
    pub parts: Vec<(u32, String)>,
    /// The object's entity tag and checksum.
    pub digests: Digests,
    /// What must hold when it is stored.
    pub condition: Option<Condition>,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
}

/// What became of an upload to complete.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Completion {
    /// It is an object now.
    Stored(Box<Object>),
    /// There is no such upload (any more).
    NoSuchUpload,
    /// A part is missing or has another entity tag. The upload stays as it was.
    OtherParts,
    /// The condition does not hold. The upload stays as it was.
    ConditionFailed {
        /// Whether there is an object of this key.
        exists: bool,
    },
}
