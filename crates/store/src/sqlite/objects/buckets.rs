//! Buckets: made, listed, removed.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::super::{Inner, Sqlite};
use crate::objects::Bucket;
use crate::rules::{from_microseconds, to_microseconds};
use crate::{Error, Result};

/// The key of a bucket that must exist.
pub(super) async fn find(connection: &mut SqliteConnection, name: &str) -> Result<i64> {
    let found: Option<i64> = sqlx::query_scalar("SELECT key FROM buckets WHERE name = ?")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    found.ok_or(Error::NoSuchBucket)
}

type Columns = (String, Option<String>, i64);

fn bucket((name, location, created_us): Columns) -> Result<Bucket> {
    Ok(Bucket {
        name,
        location,
        created: from_microseconds(created_us)?,
    })
}

pub(super) async fn get(store: &Sqlite, name: &str) -> Result<Option<Bucket>> {
    let found: Option<Columns> =
        sqlx::query_as("SELECT name, location, created_us FROM buckets WHERE name = ?")
            .bind(name)
            .fetch_optional(&store.inner.readers)
            .await?;
    found.map(bucket).transpose()
}

pub(super) async fn list(store: &Sqlite) -> Result<Vec<Bucket>> {
    let rows: Vec<Columns> = sqlx::query_as("SELECT name, location, created_us FROM buckets ORDER BY name")
        .fetch_all(&store.inner.readers)
        .await?;
    rows.into_iter().map(bucket).collect()
}

impl Inner {
    pub(super) async fn create_bucket(
        &self,
        name: &str,
        location: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let insert = sqlx::query(
            "INSERT INTO buckets (name, location, created_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(location)
        .bind(to_microseconds(now));
        Ok(insert.execute(&self.writer).await?.rows_affected() == 1)
    }

    pub(super) async fn delete_bucket(&self, name: &str) -> Result<bool> {
        let mut write = self.write().await?;
        let bucket = find(&mut write, name).await?;
        let objects: i64 = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ?)")
            .bind(bucket)
            .fetch_one(&mut *write)
            .await?;
        if objects > 0 {
            return Ok(false);
        }
        for statement in [
            "INSERT INTO blob_intents (blob, erasing)
             SELECT p.blob, 1 FROM uploads u JOIN parts p ON p.upload = u.key WHERE u.bucket = ?",
            "DELETE FROM parts WHERE upload IN (SELECT key FROM uploads WHERE bucket = ?)",
            "DELETE FROM uploads WHERE bucket = ?",
            "DELETE FROM buckets WHERE key = ?",
        ] {
            sqlx::query(statement).bind(bucket).execute(&mut *write).await?;
        }
        write.commit().await?;
        self.after_erasure().await;
        Ok(true)
    }
}
