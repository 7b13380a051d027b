//! Everything in one directory: a SQLite database, a directory of pictures, a file with the root secret, a lock file.
//! Never more than one server per directory, never a network file system (SQLite's locks do not work there).
//!
//! **Durability.** Write-ahead log with `synchronous=FULL`: a commit has reached the disk. Pictures are flushed, file
//! and directory, before the transaction that refers to them commits.
//!
//! **All or nothing.** A blob's key is committed to `blob_intents` before the blob is written, and leaves that table in
//! the transaction that inserts user, face and picture. Erasure moves keys into the table in the transaction that
//! deletes the rows, removes the blobs, then the intents. On open, the blob of every intent left over is removed: no
//! listing of the directory is needed, and a kill at any point leaves a complete user or nothing.
//!
//! **One writer.** One connection writes, each time under `BEGIN IMMEDIATE`. That is the lock of every collection at
//! once, against tasks of this process and against other processes; the comparison of a registration with the faces
//! its search has not seen happens under it.
//!
//! **Group commit.** Starts and steps of executions wait in a queue; whoever finds nobody at work drains it, and
//! everything that waits shares one transaction and one flush of the disk. Each succeeds or fails alone.
//!
//! **Erasure.** `secure_delete` overwrites deleted rows with zeros, and after an erasure the write-ahead log, which
//! holds older copies of pages, is checkpointed and truncated. Where a reader stands in the way the log is truncated
//! with the next write instead. What the file system and the storage medium keep of freed blocks is beyond a
//! database; encrypt the disk against that.

mod associations;
mod collections;
mod directory;
mod enrol;
mod erase;
mod errors;
mod faces;
mod images;
mod journal;
mod keys;
mod models;
mod objects;
mod pictures;
mod records;
mod requests;
mod secret;
mod tags;
#[cfg(test)]
mod tests;
mod update;
mod users;
mod workflows;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sqlx::{SqlitePool, Transaction};
use tracing::{Instrument, Span};

use self::directory::Directory;
use crate::blobs::Blobs;
use crate::{Error, Result};

type Write = Transaction<'static, sqlx::Sqlite>;

/// A repository in a directory. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Sqlite {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: SqlitePool,
    readers: SqlitePool,
    blobs: Blobs,
    /// Held while blobs are removed: two removals of one key could hit a blob written in between.
    removal: tokio::sync::Mutex<()>,
    /// The write-ahead log still holds copies of erased rows.
    log_holds_erased: AtomicBool,
    /// Blobs that stay although their objects are erased.
    readers_of_blobs: objects::Readers,
    /// Starts and steps of executions that wait for the next transaction.
    waiting: workflows::Queue,
    /// The data directory.
    root: PathBuf,
    /// The lock of the directory; `None` where this process is only attached.
    lock: Option<fs_err::File>,
}

impl Sqlite {
    /// Opens a data directory for the server: makes it if it does not exist (readable by this user only), locks it,
    /// brings the schema up to date, and removes what a killed process has left half done.
    ///
    /// Fails with [`Error::InUse`] where another server has it.
    pub async fn open(directory: &Path) -> Result<Self> {
        let directory = Directory::prepare(directory)?;
        let lock = directory.lock_for_server().await?;
        let inner = Inner::connect(&directory, Some(lock), BUSY_TIMEOUT).await?;
        directory::migrate(&inner.writer).await?;
        let store = Self {
            inner: Arc::new(inner),
        };
        store.inner.sweep().await?;
        Ok(store)
    }

    /// Opens a data directory beside a running server, for reading and to manage keys: takes no lock and removes
    /// nothing. Everything that changes faces fails with [`Error::Attached`]; preparing templates of another model does not.
    ///
    /// Makes the directory if it does not exist. Fails with [`Error::OlderSchema`] where the running server is of an
    /// older version.
    pub async fn attach(directory: &Path) -> Result<Self> {
        let directory = Directory::prepare(directory)?;
        let inner = Inner::connect(&directory, None, BUSY_TIMEOUT).await?;
        directory.migrate_beside_server(&inner.writer).await?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Waits for what is running, closes the connections and releases the directory. Dropping the last clone does
    /// the same without waiting.
    pub async fn close(self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }

    /// Runs a write as a task of its own, so that a caller that gives up does not stop it half way.
    async fn carry_through<T, F>(&self, work: impl FnOnce(Arc<Inner>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        if self.inner.lock.is_none() {
            return Err(Error::Attached);
        }
        tokio::spawn(work(self.inner.clone()).instrument(Span::current()))
            .await
            .map_err(|e| Error::Interrupted(e.into()))?
    }
}

/// How long a write waits for another process (`keys create` beside the server). Their writes take milliseconds;
/// this is the default of `sqlx`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Inner {
    async fn connect(
        directory: &Directory,
        lock: Option<fs_err::File>,
        busy_timeout: Duration,
    ) -> Result<Self> {
        Ok(Self {
            writer: directory.writer(busy_timeout).await?,
            readers: directory.readers(busy_timeout),
            blobs: Blobs::in_directory(&directory.blobs())?,
            removal: tokio::sync::Mutex::new(()),
            log_holds_erased: AtomicBool::new(false),
            readers_of_blobs: objects::Readers::default(),
            waiting: workflows::Queue::default(),
            root: directory.root().to_owned(),
            lock,
        })
    }

    /// Begins a transaction that holds the lock of every collection.
    async fn write(&self) -> Result<Write> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction that sees one moment of the database.
    async fn read(&self) -> Result<Write> {
        Ok(self.readers.begin().await?)
    }
}
