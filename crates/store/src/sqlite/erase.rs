//! Erasure: rows out, tombstones in, blobs handed to the intents, all in one transaction; then the files.

use selfsame_types::{Change, CollectionId, FaceId, Seq, UserId};
use sqlx::SqliteConnection;

use super::collections::{self, Row, seq};
use super::enrol::face_id;
use super::requests::forget_answers_about;
use super::{Inner, Write, pictures, users};
use crate::Result;

/// A face's row, as erasure needs it.
pub(super) struct FaceRow {
    pub(super) key: i64,
    pub(super) face: FaceId,
}

/// A person's faces, oldest first.
pub(super) async fn faces_of(connection: &mut SqliteConnection, user: i64) -> Result<Vec<FaceRow>> {
    let rows = sqlx::query_as("SELECT key, face FROM faces WHERE user = ? ORDER BY seq")
        .bind(user)
        .fetch_all(connection)
        .await?;
    face_rows(rows)
}

/// Rows of keys and ids.
pub(super) fn face_rows(rows: Vec<(i64, Vec<u8>)>) -> Result<Vec<FaceRow>> {
    rows.into_iter()
        .map(|(key, face)| {
            Ok(FaceRow {
                key,
                face: face_id(&face)?,
            })
        })
        .collect()
}

/// Erases one face within a transaction and leaves its tombstone in the change log.
pub(super) async fn erase_face(write: &mut Write, row: &mut Row, face: &FaceRow) -> Result<Change> {
    pictures::disown(write, face.key).await?;
    sqlx::query("DELETE FROM faces WHERE key = ?")
        .bind(face.key)
        .execute(&mut **write)
        .await?;
    let position = row.next_seq();
    sqlx::query("INSERT INTO erasures (collection, seq, face) VALUES (?, ?, ?)")
        .bind(row.key)
        .bind(position)
        .bind(face.face.uuid().as_bytes().as_slice())
        .execute(&mut **write)
        .await?;
    Ok(Change::Erased {
        seq: seq(position)?,
        face: face.face,
    })
}

/// Erases a person with everything within a transaction; entries of the journal go with the row.
pub(super) async fn erase_person(
    write: &mut Write,
    row: &mut Row,
    key: i64,
    user: &UserId,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for face in faces_of(write, key).await? {
        changes.push(erase_face(write, row, &face).await?);
    }
    sqlx::query("DELETE FROM users WHERE key = ?")
        .bind(key)
        .execute(&mut **write)
        .await?;
    forget_answers_about(write, row.key, user).await?;
    Ok(changes)
}

impl Inner {
    pub(super) async fn erase_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
    ) -> Result<Option<Vec<Change>>> {
        let mut write = self.write().await?;
        let mut row = collections::find(&mut write, collection).await?;
        let Some(key) = users::key(&mut write, row.key, user).await? else {
            return Ok(None);
        };
        let changes = erase_person(&mut write, &mut row, key, user).await?;
        row.save_seq(&mut write).await?;
        write.commit().await?;
        self.after_erasure().await;
        Ok(Some(changes))
    }

    /// Erases everybody in a collection, and the collection itself unless `keep`. Gives the end of its change log.
    pub(super) async fn erase_collection(&self, collection: &CollectionId, keep: bool) -> Result<Seq> {
        let mut write = self.write().await?;
        let mut row = collections::find(&mut write, collection).await?;
        row.last_seq += erase_everybody(&mut write, &row).await?;
        row.save_seq(&mut write).await?;
        sqlx::query("UPDATE collections SET live = ? WHERE key = ?")
            .bind(keep)
            .bind(row.key)
            .execute(&mut *write)
            .await?;
        if !keep {
            sqlx::query("DELETE FROM tags WHERE collection = ?")
                .bind(row.key)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        self.after_erasure().await;
        seq(row.last_seq)
    }

    pub(super) async fn after_erasure(&self) {
        self.remove_erased_blobs().await;
        self.truncate_log().await;
    }
}

/// Erases all faces and users of a collection, in bulk; gives the number of tombstones.
async fn erase_everybody(write: &mut Write, row: &Row) -> Result<i64> {
    let tombstones = sqlx::query(
        "INSERT INTO erasures (collection, seq, face)
         SELECT collection, ?2 + row_number() OVER (ORDER BY seq), face FROM faces WHERE collection = ?1",
    )
    .bind(row.key)
    .bind(row.last_seq)
    .execute(&mut **write)
    .await?;
    for statement in [
        "INSERT INTO blob_intents (blob, erasing)
         SELECT p.blob, 1 FROM faces f JOIN pictures p ON p.face = f.key WHERE f.collection = ?",
        "DELETE FROM pictures WHERE face IN (SELECT key FROM faces WHERE collection = ?)",
        "DELETE FROM faces WHERE collection = ?",
        "DELETE FROM users WHERE collection = ?",
        "DELETE FROM requests WHERE collection = ?",
    ] {
        sqlx::query(statement).bind(row.key).execute(&mut **write).await?;
    }
    Ok(i64::try_from(tombstones.rows_affected()).unwrap_or(i64::MAX))
}
