//! Collections: made, listed, erased.

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceModelVersion, Seq};
use sqlx::SqliteConnection;

use super::{Inner, Sqlite};
use crate::model::{Collection, Counts, Creation};
use crate::repository::Collections;
use crate::rules::{from_microseconds, to_microseconds};
use crate::{Error, Result};

/// A collection's row, as the other parts need it.
pub(super) struct Row {
    pub(super) key: i64,
    pub(super) version: FaceModelVersion,
    pub(super) last_seq: i64,
}

/// The row of a collection that must exist.
pub(super) async fn find(connection: &mut SqliteConnection, id: &CollectionId) -> Result<Row> {
    let found: Option<(i64, String, i64)> =
        sqlx::query_as("SELECT key, face_model_version, last_seq FROM collections WHERE id = ? AND live = 1")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
    let (key, version, last_seq) = found.ok_or_else(|| Error::NoSuchCollection(id.clone()))?;
    Ok(Row {
        key,
        version: version.into(),
        last_seq,
    })
}

impl Row {
    /// The next position of the change log. Kept in memory until [`Row::save_seq`].
    pub(super) const fn next_seq(&mut self) -> i64 {
        self.last_seq += 1;
        self.last_seq
    }

    /// Stores how far the change log has come.
    pub(super) async fn save_seq(&self, connection: &mut SqliteConnection) -> Result<()> {
        sqlx::query("UPDATE collections SET last_seq = ? WHERE key = ?")
            .bind(self.last_seq)
            .bind(self.key)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// A stored position of the change log.
pub(super) fn seq(stored: i64) -> Result<Seq> {
    u64::try_from(stored)
        .map(Seq)
        .map_err(|_| Error::corrupt("a negative position in the change log"))
}

/// A position of the change log as it is stored; positions beyond the largest storable one have no entry.
pub(super) fn stored_seq(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

type Columns = (String, String, i64, i64);

fn collection((id, version, last_seq, created_us): Columns) -> Result<Collection> {
    Ok(Collection {
        id: CollectionId::new(id).map_err(|_| Error::corrupt("a collection's id"))?,
        version: version.into(),
        last_seq: seq(last_seq)?,
        created: from_microseconds(created_us)?,
    })
}

async fn get(connection: &mut SqliteConnection, id: &CollectionId) -> Result<Option<Collection>> {
    let found: Option<Columns> = sqlx::query_as(
        "SELECT id, face_model_version, last_seq, created_us FROM collections WHERE id = ? AND live = 1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    found.map(collection).transpose()
}

impl Inner {
    async fn create_collection(
        &self,
        id: CollectionId,
        version: FaceModelVersion,
        now: Timestamp,
    ) -> Result<Creation> {
        let mut transaction = self.write().await?;
        if let Some(found) = get(&mut transaction, &id).await? {
            return Ok(Creation::AlreadyExists(found));
        }
        sqlx::query(
            "INSERT INTO collections (id, face_model_version, created_us) VALUES (?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET live = 1, face_model_version = excluded.face_model_version,
                                            created_us = excluded.created_us",
        )
        .bind(id.as_str())
        .bind(version.as_str())
        .bind(to_microseconds(now))
        .execute(&mut *transaction)
        .await?;
        let made = get(&mut transaction, &id).await?;
        transaction.commit().await?;
        made.map(Creation::Created)
            .ok_or(Error::corrupt("a new collection is missing"))
    }
}

#[async_trait]
impl Collections for Sqlite {
    async fn create_collection(
        &self,
        id: &CollectionId,
        version: &FaceModelVersion,
        now: Timestamp,
    ) -> Result<Creation> {
        let (id, version) = (id.clone(), version.clone());
        self.carry_through(|inner| async move { inner.create_collection(id, version, now).await })
            .await
    }

    async fn get_collection(&self, id: &CollectionId) -> Result<Option<Collection>> {
        let mut connection = self.inner.readers.acquire().await?;
        get(&mut connection, id).await
    }

    async fn list_collections(&self) -> Result<Vec<Collection>> {
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT id, face_model_version, last_seq, created_us FROM collections WHERE live = 1 ORDER BY id",
        )
        .fetch_all(&self.inner.readers)
        .await?;
        rows.into_iter().map(collection).collect()
    }

    async fn counts(&self, id: &CollectionId) -> Result<Option<Counts>> {
        let mut read = self.inner.read().await?;
        let row = match find(&mut read, id).await {
            Ok(row) => row,
            Err(Error::NoSuchCollection(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (faces, users): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM faces WHERE collection = ?1),
                    (SELECT count(*) FROM users WHERE collection = ?1)",
        )
        .bind(row.key)
        .fetch_one(&mut *read)
        .await?;
        Ok(Some(Counts {
            faces: faces.unsigned_abs(),
            users: users.unsigned_abs(),
        }))
    }

    async fn delete_collection(&self, id: &CollectionId) -> Result<bool> {
        let id = id.clone();
        self.carry_through(|inner| async move {
            match inner.erase_collection(&id, false).await {
                Ok(_) => Ok(true),
                Err(Error::NoSuchCollection(_)) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }
}
