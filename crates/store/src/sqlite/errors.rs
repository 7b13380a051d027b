//! What SQLite says, in our words.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::error::is_disk_full;
use crate::{Error, Result};

// Primary result codes: <https://www.sqlite.org/rescode.html>. The lowest byte of an extended code is its primary one.
const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_disk_full(&error) {
            return Self::DiskFull(error.into());
        }
        match primary_code(&error) {
            Some(BUSY | LOCKED) => Self::Busy(error.into()),
            Some(FULL) => Self::DiskFull(error.into()),
            Some(CORRUPT | NOTADB) => Self::Corrupt {
                what: "the database file",
                source: Some(error.into()),
            },
            Some(PERM | READONLY | CANTOPEN) => Self::Directory(error.into()),
            _ => match error {
                sqlx::Error::PoolTimedOut => Self::Busy(error.into()),
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt {
                    what: "a column has another type",
                    source: Some(error.into()),
                },
                _ => Self::Database(error.into()),
            },
        }
    }
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::NewerSchema,
            other => Self::Database(other.into()),
        }
    }
}

/// Turns "this must be unique" into an error that names the id.
pub(super) fn taken<T>(result: std::result::Result<T, sqlx::Error>, kind: &'static str) -> Result<T> {
    result.map_err(|error| {
        if error
            .as_database_error()
            .is_some_and(DatabaseError::is_unique_violation)
        {
            Error::IdTaken { kind }
        } else {
            error.into()
        }
    })
}
