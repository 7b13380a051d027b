//! What can go wrong, in terms a caller can act on. No text of a property and no template is ever part of it.

use std::path::PathBuf;
use std::sync::Arc;

use selfsame_types::{CollectionId, FaceModelVersion};

/// The cause below an error. Boxed, so that no backend shows through.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No collection has this id.
    #[error("there is no collection \"{0}\": create it first")]
    NoSuchCollection(CollectionId),
    /// No bucket has this name.
    #[error("there is no such bucket: create it first")]
    NoSuchBucket,
    /// No running execution has this id: it has ended, or was erased.
    #[error("there is no such running execution")]
    NoSuchExecution,
    /// The bytes to store did not come, or are not what was announced; the cause is what their source said.
    #[error("the bytes to store did not arrive as announced")]
    Received(#[source] Source),
    /// A template of another model than the collection's. Such templates are never compared.
    #[error(
        "the collection holds templates of \"{collection}\", not of \"{template}\": use the model the collection was made with"
    )]
    VersionMismatch {
        /// What the collection holds.
        collection: FaceModelVersion,
        /// What was given.
        template: FaceModelVersion,
    },
    /// A template of the right model, but of another length than the collection's.
    #[error(
        "the collection holds templates of {collection_values} values, not of {template_values}: two models share one version name"
    )]
    TemplateLength {
        /// What the collection holds.
        collection_values: usize,
        /// What was given.
        template_values: usize,
    },
    /// The properties, serialised, take more room than allowed.
    #[error("the properties take {size_bytes} bytes as JSON, more than the {max_bytes} allowed")]
    PropertiesTooLarge {
        /// What they take.
        size_bytes: usize,
        /// What is allowed ([`crate::MAX_PROPERTIES_BYTES`]).
        max_bytes: usize,
    },
    /// A face's metadata, serialised, takes more room than allowed.
    #[error("the metadata of a face takes {size_bytes} bytes as JSON, more than the {max_bytes} allowed")]
    MetadataTooLarge {
        /// What it takes.
        size_bytes: usize,
        /// What is allowed ([`crate::MAX_METADATA_BYTES`]).
        max_bytes: usize,
    },
    /// The encrypted picture of an identity document takes too much room.
    #[error("a card takes {size_bytes} bytes; at most {max_bytes} are kept: reduce the picture")]
    CardTooLarge {
        /// What it takes.
        size_bytes: usize,
        /// What is allowed ([`crate::MAX_CARD_BYTES`]).
        max_bytes: usize,
    },
    /// JSON nested so deeply that it could not be read again.
    #[error("properties may be nested {max_levels} levels deep at most")]
    NestedTooDeeply {
        /// What is allowed ([`crate::MAX_NESTING`]).
        max_levels: usize,
    },
    /// An id that must be new is already in use.
    #[error("this {kind} is already in use: take a new one")]
    IdTaken {
        /// The kind of id ("FaceId").
        kind: &'static str,
    },
    /// Another server works on this directory.
    #[error("\"{}\" is in use by another server: stop it, or choose another data directory", .0.display())]
    InUse(PathBuf),
    /// This process is only attached: it may read, and manage keys.
    #[error("faces can be changed only by the server that opened the data directory")]
    Attached,
    /// A newer version of the program has written here.
    #[error("the data directory was written by a newer version: update this program")]
    NewerSchema,
    /// A server of an older version works on this directory.
    #[error("the running server is older than this program: restart it with this version")]
    OlderSchema,
    /// The directory or one of its files could not be made or opened.
    #[error("cannot use the data directory: check that it exists, is writable and belongs to this user")]
    Directory(#[source] Source),
    /// Another process or request holds the database for too long. Trying again helps.
    #[error("the database is busy: try again")]
    Busy(#[source] Source),
    /// No room on the disk, or a quota is used up.
    #[error("no room left for the data directory: free some space")]
    DiskFull(#[source] Source),
    /// What is stored contradicts itself or cannot be read.
    #[error("the stored data is damaged ({what}): restore a backup")]
    Corrupt {
        /// What is wrong.
        what: &'static str,
        /// The cause, where there is one.
        source: Option<Source>,
    },
    /// The database failed in another way.
    #[error("the database failed")]
    Database(#[source] Source),
    /// A picture could not be written, read or removed.
    #[error("a picture could not be written, read or removed")]
    Blob(#[source] Source),
    /// The work panicked, or the runtime is shutting down; nothing is left half done.
    #[error("the operation was interrupted")]
    Interrupted(#[source] Source),
}

impl Error {
    pub(crate) const fn corrupt(what: &'static str) -> Self {
        Self::Corrupt { what, source: None }
    }

    /// One failure as the failure of several callers: of the same kind, with the original as the cause.
    pub(crate) fn shared(original: &Arc<Self>) -> Self {
        let source: Source = Box::new(Shared(Arc::clone(original)));
        match **original {
            Self::Busy(_) => Self::Busy(source),
            Self::DiskFull(_) => Self::DiskFull(source),
            Self::Directory(_) => Self::Directory(source),
            Self::Corrupt { what, .. } => Self::Corrupt {
                what,
                source: Some(source),
            },
            Self::Interrupted(_) => Self::Interrupted(source),
            _ => Self::Database(source),
        }
    }
}

/// An error that several others have as their cause.
#[derive(Debug)]
struct Shared(Arc<Error>);

impl std::fmt::Display for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Whether a full disk or a used-up quota is among the causes.
pub(crate) fn is_disk_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(io) = current.downcast_ref::<std::io::Error>()
            && matches!(
                io.kind(),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
            )
        {
            return true;
        }
        cause = current.source();
    }
    false
}
