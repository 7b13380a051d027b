//! The data directory: what lies where, who may read it, who holds its lock, and which schema it has.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::{Error, Result};

pub(super) static MIGRATOR: Migrator = sqlx::migrate!();

/// How many requests read at the same time; others wait. Ours: reads take well under a millisecond, so a few
/// connections serve more requests than the inference of a machine can.
const READERS: u32 = 4;

/// How long the write-ahead log may grow, in pages of 4 KB, before it is copied into the database. Ours: executions
/// touch the same pages of the indexes again and again, and each is copied once; SQLite's own 1000 would copy them four
/// times as often.
const CHECKPOINT_PAGES: &str = "4000";

/// How long to wait for the lock: longer than an attaching process holds it to run the migrations (tens of
/// milliseconds; the one that makes the table of faces anew takes 14 s for 200 000 faces, once, and whoever comes
/// meanwhile has to come again), shorter than a person's patience.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// A data directory that exists.
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Makes what is missing. What is made here is for this user only; a directory that was there before keeps its
    /// permissions, because somebody has chosen them, and the blobs and the database inside are private anyway.
    pub(super) fn prepare(root: &Path) -> Result<Self> {
        let directory = Self {
            root: root.to_owned(),
        };
        make_private(root)
            .and_then(|()| make_private(&directory.blobs()))
            .and_then(|()| open_private(&directory.database()).map(drop))
            .map_err(|e| Error::Directory(e.into()))?;
        Ok(directory)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    fn database(&self) -> PathBuf {
        self.root.join("selfsame.db")
    }

    /// Takes the directory's lock, which the operating system releases when the process ends, however it ends.
    pub(super) async fn lock_for_server(&self) -> Result<fs_err::File> {
        for _ in 0..LOCK_PATIENCE.as_millis() / LOCK_RETRY.as_millis() {
            if let Some(lock) = self.try_lock()? {
                return Ok(lock);
            }
            tokio::time::sleep(LOCK_RETRY).await;
        }
        Err(Error::InUse(self.root.clone()))
    }

    fn try_lock(&self) -> Result<Option<fs_err::File>> {
        let file = open_private(&self.root.join("lock")).map_err(|e| Error::Directory(e.into()))?;
        match file.file().try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(Error::Directory(e.into())),
        }
    }

    /// Brings the schema up to date where no server runs; where one runs, checks that both have the same.
    pub(super) async fn migrate_beside_server(&self, writer: &SqlitePool) -> Result<()> {
        let mut found = schema(writer).await?;
        for _ in 0..LOCK_PATIENCE.as_millis() / LOCK_RETRY.as_millis() {
            match found {
                Schema::Current => return Ok(()),
                Schema::Newer => return Err(Error::NewerSchema),
                Schema::Older => {}
            }
            if let Some(_lock) = self.try_lock()? {
                return migrate(writer).await;
            }
            // A server may be starting and migrating right now.
            tokio::time::sleep(LOCK_RETRY).await;
            found = schema(writer).await?;
        }
        Err(Error::OlderSchema)
    }

    /// The one connection that writes.
    pub(super) async fn writer(&self, busy_timeout: Duration) -> Result<SqlitePool> {
        let options = self
            .options(busy_timeout)
            .pragma("secure_delete", "ON")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        Ok(lasting_pool(1).connect_with(options).await?)
    }

    /// The connections that read. They are made when needed, that is after the schema is there.
    pub(super) fn readers(&self, busy_timeout: Duration) -> SqlitePool {
        let options = self.options(busy_timeout).pragma("query_only", "ON");
        lasting_pool(READERS).connect_lazy_with(options)
    }

    fn options(&self, busy_timeout: Duration) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.database())
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(busy_timeout)
            .disable_statement_logging()
    }
}

/// Connections to a local file do not age, so they are kept.
///
/// Except one: where SQLite has ended a transaction by itself (disk full, I/O error:
/// <https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>), `sqlx` 0.9 still counts it as
/// open, and refuses to begin another on this connection for ever. Rollbacks are through before a connection is idle,
/// so an idle one that is in a transaction is such a one, and is replaced.
fn lasting_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// Brings the schema up to date.
pub(super) async fn migrate(writer: &SqlitePool) -> Result<()> {
    Ok(MIGRATOR.run(writer).await?)
}

enum Schema {
    Older,
    Current,
    Newer,
}

async fn schema(writer: &SqlitePool) -> Result<Schema> {
    let latest = MIGRATOR
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(writer)
            .await?;
    if tables == 0 {
        return Ok(Schema::Older);
    }
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(writer)
        .await?;
    Ok(match found.unwrap_or(0).cmp(&latest) {
        std::cmp::Ordering::Less => Schema::Older,
        std::cmp::Ordering::Equal => Schema::Current,
        std::cmp::Ordering::Greater => Schema::Newer,
    })
}

/// Makes a directory that only this user can enter.
fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs_err::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Opens or makes a file that only this user can read. SQLite gives its other files the same permissions.
pub(super) fn open_private(path: &Path) -> io::Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
