//! The journal: entries beside what executions write, and settling or taking back what they tell of.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::collections;
use super::enrol::{face_id, uuid};
use super::erase::{FaceRow, erase_face, erase_person, face_rows};
use super::users::{self, user_id};
use super::{Inner, Sqlite, Write};
use crate::rules::{json_text, to_microseconds};
use crate::workflows::{Journal, Replaced};
use crate::{Error, Result};

/// What happened to the change logs.
type Changes = BTreeMap<CollectionId, Vec<Change>>;

/// An update, as its entry keeps it.
pub(super) struct Updated<'a> {
    pub(super) face: FaceId,
    pub(super) replaced: &'a Replaced,
    pub(super) now: Timestamp,
    pub(super) max_faces: NonZeroU32,
}

/// Notes a registration, in its transaction.
pub(super) async fn note_registration(
    write: &mut Write,
    execution: Uuid,
    user: i64,
    face: FaceId,
) -> Result<()> {
    sqlx::query("INSERT INTO journal (execution, user, face) VALUES (?, ?, ?)")
        .bind(execution.as_bytes().as_slice())
        .bind(user)
        .bind(face.uuid().as_bytes().as_slice())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Notes an update, in its transaction, before the user's row changes.
pub(super) async fn note_update(
    write: &mut Write,
    execution: Uuid,
    user: i64,
    updated: &Updated<'_>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO journal (execution, user, face, replaced, before_us, after_us, max_faces)
         SELECT ?1, key, ?3, ?4, updated_us, ?5, ?6 FROM users WHERE key = ?2",
    )
    .bind(execution.as_bytes().as_slice())
    .bind(user)
    .bind(updated.face.uuid().as_bytes().as_slice())
    .bind(updated.replaced.to_text()?)
    .bind(to_microseconds(updated.now))
    .bind(updated.max_faces.get())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Gives entries to another execution, in the transaction that starts it.
pub(super) async fn hand_over(write: &mut Write, from: Uuid, to: Uuid) -> Result<()> {
    sqlx::query("UPDATE journal SET execution = ? WHERE execution = ?")
        .bind(to.as_bytes().as_slice())
        .bind(from.as_bytes().as_slice())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// An entry about a user who is there.
#[derive(sqlx::FromRow)]
struct Entry {
    key: i64,
    user: i64,
    user_id: String,
    collection: String,
    face: Vec<u8>,
    replaced: Option<String>,
    before_us: Option<i64>,
    after_us: Option<i64>,
}

/// The newest entry of an execution (`?1`).
pub(super) const NEWEST: &str = "
    SELECT j.key, j.user, u.id AS user_id, c.id AS collection, j.face, j.replaced, j.before_us, j.after_us
    FROM journal j JOIN users u ON u.key = j.user JOIN collections c ON c.key = u.collection
    WHERE j.execution = ?1 ORDER BY j.key DESC LIMIT 1";

/// The faces of a user (`?1`) that no execution can take back, oldest first.
pub(super) const SETTLED: &str = "
    SELECT key, face FROM faces f WHERE user = ?1
        AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.user = ?1 AND j.face = f.face)
    ORDER BY seq";

impl Inner {
    async fn settle(&self, execution: Uuid) -> Result<Changes> {
        let mut write = self.write().await?;
        let entries: Vec<(i64, i64, Option<u32>)> =
            sqlx::query_as("DELETE FROM journal WHERE execution = ? RETURNING key, user, max_faces")
                .bind(execution.as_bytes().as_slice())
                .fetch_all(&mut *write)
                .await?;
        let mut changes = Changes::new();
        let limits = newest_limits(entries);
        for (user, max_faces) in &limits {
            let (collection, erased) = trim(&mut write, *user, *max_faces as usize).await?;
            if !erased.is_empty() {
                changes.entry(collection).or_default().extend(erased);
            }
        }
        write.commit().await?;
        if limits.is_empty() {
            self.truncate_log_if_due().await;
        } else {
            // Old properties and perhaps old faces are in the log.
            self.after_erasure().await;
        }
        Ok(changes)
    }

    async fn undo(&self, execution: Uuid) -> Result<Changes> {
        let mut write = self.write().await?;
        let (mut changes, mut undone) = (Changes::new(), false);
        loop {
            let newest: Option<Entry> = sqlx::query_as(NEWEST)
                .bind(execution.as_bytes().as_slice())
                .fetch_optional(&mut *write)
                .await?;
            let Some(entry) = newest else { break };
            sqlx::query("DELETE FROM journal WHERE key = ?")
                .bind(entry.key)
                .execute(&mut *write)
                .await?;
            let (collection, erased) = take_back(&mut write, entry).await?;
            if !erased.is_empty() {
                changes.entry(collection).or_default().extend(erased);
            }
            undone = true;
        }
        write.commit().await?;
        if undone {
            self.after_erasure().await;
        }
        Ok(changes)
    }
}

/// For each updated user, how many faces the newest entry leaves; in the order of their rows.
fn newest_limits(mut entries: Vec<(i64, i64, Option<u32>)>) -> BTreeMap<i64, u32> {
    entries.sort_unstable_by_key(|(key, ..)| *key);
    let updates = entries.into_iter();
    updates
        .filter_map(|(_, user, max_faces)| Some((user, max_faces?)))
        .collect()
}

/// Erases a user's oldest faces until so many are left, see [`Journal::settle`].
async fn trim(write: &mut Write, user: i64, max_faces: usize) -> Result<(CollectionId, Vec<Change>)> {
    let collection: String = sqlx::query_scalar(
        "SELECT c.id FROM users u JOIN collections c ON c.key = u.collection WHERE u.key = ?",
    )
    .bind(user)
    .fetch_one(&mut **write)
    .await?;
    let collection = collection_id(collection)?;
    let faces = face_rows(sqlx::query_as(SETTLED).bind(user).fetch_all(&mut **write).await?)?;
    let surplus = faces.len().saturating_sub(max_faces);
    let mut row = collections::find(write, &collection).await?;
    let mut erased = Vec::new();
    for face in &faces[..surplus] {
        erased.push(erase_face(write, &mut row, face).await?);
    }
    row.save_seq(write).await?;
    Ok((collection, erased))
}

/// Takes back what an entry tells of.
async fn take_back(write: &mut Write, entry: Entry) -> Result<(CollectionId, Vec<Change>)> {
    let collection = collection_id(entry.collection)?;
    let mut row = collections::find(write, &collection).await?;
    let face = face_of(write, entry.user, face_id(&entry.face)?).await?;
    let erased = match (entry.replaced, face) {
        (None, Some(_)) => erase_person(write, &mut row, entry.user, &user_id(entry.user_id)?).await?,
        (None, None) => Vec::new(),
        (Some(replaced), face) => {
            let times = (entry.before_us, entry.after_us);
            restore(write, entry.user, Replaced::parse(&replaced)?, times).await?;
            match face {
                Some(face) => vec![erase_face(write, &mut row, &face).await?],
                None => Vec::new(),
            }
        }
    };
    row.save_seq(write).await?;
    Ok((collection, erased))
}

/// Gives properties, and the time of the last change, their former values where nobody has changed them since.
async fn restore(
    write: &mut Write,
    user: i64,
    replaced: Replaced,
    (before_us, after_us): (Option<i64>, Option<i64>),
) -> Result<()> {
    let mut properties = users::properties(write, user).await?;
    replaced.take_back(&mut properties);
    // Without the limit: what was there before must come back, even if somebody has filled the room meanwhile.
    sqlx::query(
        "UPDATE users SET properties = ?2, updated_us = CASE WHEN updated_us = ?4 THEN ?3 ELSE updated_us END
         WHERE key = ?1",
    )
    .bind(user)
    .bind(json_text(&properties)?)
    .bind(before_us)
    .bind(after_us)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// A face, if it is this user's.
async fn face_of(connection: &mut SqliteConnection, user: i64, face: FaceId) -> Result<Option<FaceRow>> {
    let key: Option<i64> = sqlx::query_scalar("SELECT key FROM faces WHERE face = ? AND +user = ?")
        .bind(face.uuid().as_bytes().as_slice())
        .bind(user)
        .fetch_optional(connection)
        .await?;
    Ok(key.map(|key| FaceRow { key, face }))
}

fn collection_id(stored: String) -> Result<CollectionId> {
    CollectionId::new(stored).map_err(|_| Error::corrupt("a collection's id"))
}

#[async_trait]
impl Journal for Sqlite {
    async fn journals(&self) -> Result<Vec<Uuid>> {
        let found: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT DISTINCT execution FROM journal ORDER BY execution")
                .fetch_all(&self.inner.readers)
                .await?;
        found.iter().map(|id| uuid(id)).collect()
    }

    async fn settle(&self, execution: Uuid) -> Result<Vec<(CollectionId, Vec<Change>)>> {
        self.carry_through(|inner| async move { Ok(inner.settle(execution).await?.into_iter().collect()) })
            .await
    }

    async fn undo(&self, execution: Uuid) -> Result<Vec<(CollectionId, Vec<Change>)>> {
        self.carry_through(|inner| async move { Ok(inner.undo(execution).await?.into_iter().collect()) })
            .await
    }
}
