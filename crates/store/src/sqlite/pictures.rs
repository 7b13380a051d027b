//! The blob-intent protocol around pictures, and reading them.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use selfsame_types::{CollectionId, ImageId, UserId};
use sqlx::SqliteConnection;

use super::errors::taken;
use super::{Inner, Sqlite, Write, collections, users};
use crate::blobs::key_of;
use crate::model::{NewFace, Picture};
use crate::repository::Pictures;
use crate::{Error, Result};

/// How many blobs are removed between two commits. Ours: bounds memory, and what a kill makes us do again.
const REMOVAL_PAGE: u32 = 256;

/// A blob that is written but not yet owned by a picture.
pub(super) struct Written {
    key: String,
    content_type: String,
    size_bytes: i64,
}

impl Inner {
    /// Writes the picture of a new face, if it has one. From the first step on, the intent says that the blob belongs
    /// to nobody; [`Written::adopt`] ends that. After a failure nothing is left, or the intent that removes it.
    pub(super) async fn write_picture(&self, face: &mut NewFace) -> Result<Option<Written>> {
        let Some(picture) = face.picture.take() else {
            return Ok(None);
        };
        let written = Written {
            key: key_of(face.image),
            content_type: picture.content_type,
            size_bytes: i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX),
        };
        self.announce(&written.key).await?;
        match self.blobs.put(&written.key, picture.bytes).await {
            Ok(()) => Ok(Some(written)),
            Err(error) => {
                self.abandon(&written).await;
                Err(error)
            }
        }
    }

    /// Commits the intent to write a blob. Refuses a key that is in use: its blob would be overwritten.
    async fn announce(&self, key: &str) -> Result<()> {
        const KIND: &str = "ImageId";
        let insert = sqlx::query(
            "INSERT INTO blob_intents (blob) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM pictures WHERE blob = ?1)",
        );
        let inserted = taken(insert.bind(key).execute(&self.writer).await, KIND)?;
        if inserted.rows_affected() == 0 {
            Err(Error::IdTaken { kind: KIND })
        } else {
            Ok(())
        }
    }

    /// Gives up a blob that was written for nothing. Where the transaction has adopted it after all (a commit may
    /// report a failure and have happened), there is no intent any more and the blob stays.
    pub(super) async fn abandon(&self, written: &Written) {
        self.abandon_blob(&written.key).await;
    }

    /// As [`Inner::abandon`], for any blob with an intent.
    pub(super) async fn abandon_blob(&self, blob: &str) {
        let marked = sqlx::query("UPDATE blob_intents SET erasing = 1 WHERE blob = ?")
            .bind(blob)
            .execute(&self.writer)
            .await;
        match marked {
            Ok(_) => self.remove_erased_blobs().await,
            Err(error) => {
                tracing::warn!(blob, %error, "a blob that nobody owns stays until the next start");
            }
        }
    }

    /// Removes the blobs of all erased pictures and objects, then their intents. A failure is logged; the intents stay, and
    /// with them the duty.
    pub(super) async fn remove_erased_blobs(&self) {
        if let Err(error) = self.try_remove_erased_blobs().await {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "erased files are still on the disk; removal is tried again later");
        }
    }

    async fn try_remove_erased_blobs(&self) -> Result<()> {
        let _one_at_a_time = self.removal.lock().await;
        let mut after = String::new();
        loop {
            let page: Vec<String> = sqlx::query_scalar(
                "SELECT blob FROM blob_intents WHERE erasing = 1 AND blob > ? ORDER BY blob LIMIT ?",
            )
            .bind(&after)
            .bind(REMOVAL_PAGE)
            .fetch_all(&self.writer)
            .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(last);
            // Whoever still reads one of the others has it removed at the end.
            let page = self.readers_of_blobs.unread(page);
            self.blobs.remove(&page).await?;
            sqlx::query("DELETE FROM blob_intents WHERE blob IN (SELECT value FROM json_each(?))")
                .bind(serde_json::json!(page).to_string())
                .execute(&self.writer)
                .await?;
        }
    }

    /// What the last process has left half done: every intent is of a blob that nobody owns.
    pub(super) async fn sweep(&self) -> Result<()> {
        let swept = sqlx::query("UPDATE blob_intents SET erasing = 1")
            .execute(&self.writer)
            .await?;
        if swept.rows_affected() > 0 {
            tracing::info!(
                blobs = swept.rows_affected(),
                "removing what an interrupted process has left"
            );
        }
        self.try_remove_erased_blobs().await?;
        self.truncate_log().await;
        Ok(())
    }

    /// Removes older copies of pages that hold erased rows, see the module's text.
    pub(super) async fn truncate_log(&self) {
        let result: std::result::Result<(i64, i64, i64), _> =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&self.writer)
                .await;
        let done = matches!(result, Ok((0, ..)));
        self.log_holds_erased.store(!done, Ordering::Relaxed);
        if let Err(error) = result {
            tracing::warn!(%error, "the write-ahead log could not be truncated; it is tried again later");
        }
    }

    /// Truncates the log if that did not work after an earlier erasure.
    pub(super) async fn truncate_log_if_due(&self) {
        if self.log_holds_erased.load(Ordering::Relaxed) {
            self.truncate_log().await;
        }
    }
}

impl Written {
    /// Makes the blob a face's picture, in the transaction that enrols the face.
    pub(super) async fn adopt(&self, write: &mut Write, face_key: i64, image: ImageId) -> Result<()> {
        let insert = sqlx::query(
            "INSERT INTO pictures (image, face, blob, content_type, size_bytes) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(image.uuid().as_bytes().as_slice())
        .bind(face_key)
        .bind(&self.key)
        .bind(&self.content_type)
        .bind(self.size_bytes);
        taken(insert.execute(&mut **write).await, "ImageId")?;
        let intent = sqlx::query("DELETE FROM blob_intents WHERE blob = ? AND erasing = 0")
            .bind(&self.key)
            .execute(&mut **write)
            .await?;
        if intent.rows_affected() == 1 {
            Ok(())
        } else {
            Err(Error::corrupt("a blob without its intent"))
        }
    }
}

/// Keeps the encrypted picture of a new user's identity document, if there is one, in the transaction that registers
/// them. It is no blob: small, and gone with the user's row by the database's own rule.
pub(super) async fn keep_card(write: &mut Write, user: i64, card: Option<&[u8]>) -> Result<()> {
    if let Some(sealed) = card {
        sqlx::query("INSERT INTO cards (user, sealed) VALUES (?, ?)")
            .bind(user)
            .bind(sealed)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// Moves the blobs of a face's picture to the intents, in the transaction that erases the face.
pub(super) async fn disown(connection: &mut SqliteConnection, face_key: i64) -> Result<()> {
    sqlx::query("INSERT INTO blob_intents (blob, erasing) SELECT blob, 1 FROM pictures WHERE face = ?")
        .bind(face_key)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM pictures WHERE face = ?")
        .bind(face_key)
        .execute(connection)
        .await?;
    Ok(())
}

/// Where a picture is, and what the database says of it.
async fn locate(
    connection: &mut SqliteConnection,
    collection: &CollectionId,
    image: ImageId,
) -> Result<Option<(String, String, i64)>> {
    let collection = collections::find(connection, collection).await?;
    Ok(sqlx::query_as(
        "SELECT p.blob, p.content_type, p.size_bytes FROM pictures p JOIN faces f ON f.key = p.face
         WHERE p.image = ? AND f.collection = ?",
    )
    .bind(image.uuid().as_bytes().as_slice())
    .bind(collection.key)
    .fetch_optional(connection)
    .await?)
}

#[async_trait]
impl Pictures for Sqlite {
    async fn picture(&self, collection: &CollectionId, image: &ImageId) -> Result<Option<Picture>> {
        let mut connection = self.inner.readers.acquire().await?;
        let Some((key, content_type, size_bytes)) = locate(&mut connection, collection, *image).await? else {
            return Ok(None);
        };
        match self.inner.blobs.get(&key).await? {
            Some(bytes) if i64::try_from(bytes.len()) == Ok(size_bytes) => {
                Ok(Some(Picture { bytes, content_type }))
            }
            // Erased between the two reads?
            _ if locate(&mut connection, collection, *image).await?.is_none() => Ok(None),
            _ => Err(Error::corrupt("a picture is missing or has another length")),
        }
    }

    async fn card(&self, collection: &CollectionId, user: &UserId) -> Result<Option<Vec<u8>>> {
        let mut read = self.inner.read().await?;
        let collection = collections::find(&mut read, collection).await?;
        let Some(user) = users::key(&mut read, collection.key, user).await? else {
            return Ok(None);
        };
        let sealed = sqlx::query_scalar("SELECT sealed FROM cards WHERE user = ?").bind(user);
        Ok(sealed.fetch_optional(&mut *read).await?)
    }
}
