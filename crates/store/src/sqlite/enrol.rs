//! Registration: look, write the picture, then lock, look again exactly, insert, commit.

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceId, Template};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::collections::{self, Row, seq, stored_seq};
use super::errors::taken;
use super::pictures::{self, Written};
use super::{Inner, Write, journal, users};
use crate::model::{DuplicatePolicy, NewFace, NewUser, RegisterOutcome};
use crate::rules::{self, Closest, Duplicate, to_microseconds};
use crate::{Error, Result};

impl Inner {
    pub(super) async fn register(
        &self,
        collection: &CollectionId,
        mut new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome> {
        let properties = rules::properties_text(&new.properties)?;
        let metadata = rules::metadata_text(&new.face.metadata)?;
        rules::check_card(new.card.as_deref())?;
        // Most refusals are seen here, before anything is written. What counts is the second look, under the lock.
        let mut read = self.read().await?;
        let found = collections::find(&mut read, collection).await?;
        rules::check_version(&found.version, &new.face.template)?;
        if users::key(&mut read, found.key, &new.user).await?.is_some() {
            return Ok(RegisterOutcome::UserExists);
        }
        drop(read);

        let written = self.write_picture(&mut new.face).await?;
        let outcome = self
            .insert_user(
                collection,
                &new,
                policy,
                (&properties, &metadata),
                written.as_ref(),
            )
            .await;
        if let (Some(written), false) = (
            &written,
            matches!(outcome, Ok(RegisterOutcome::Registered { .. })),
        ) {
            self.abandon(written).await;
        }
        self.truncate_log_if_due().await;
        outcome
    }

    async fn insert_user(
        &self,
        collection: &CollectionId,
        new: &NewUser,
        policy: DuplicatePolicy,
        (properties, metadata): (&str, &str),
        written: Option<&Written>,
    ) -> Result<RegisterOutcome> {
        let mut write = self.write().await?;
        let mut row = collections::find(&mut write, collection).await?;
        check_comparable(&mut write, &row, &new.face.template).await?;
        if users::key(&mut write, row.key, &new.user).await?.is_some() {
            return Ok(RegisterOutcome::UserExists);
        }
        // A new user has no faces, so every face is somebody else's.
        if let Some(Duplicate { face, user, cosine }) =
            closest_of_others(&mut write, &row, None, &new.face.template, policy).await?
        {
            return Ok(RegisterOutcome::Duplicate { face, user, cosine });
        }
        let user = users::insert(&mut write, row.key, &new.user, properties, new.now).await?;
        pictures::keep_card(&mut write, user, new.card.as_deref()).await?;
        let position = insert_face(&mut write, &mut row, user, &new.face, metadata, new.now, written).await?;
        if let Some(execution) = new.journal {
            journal::note_registration(&mut write, execution, user, new.face.id).await?;
        }
        row.save_seq(&mut write).await?;
        write.commit().await?;
        Ok(RegisterOutcome::Registered { seq: seq(position)? })
    }
}

/// Refuses templates that the collection's templates cannot be compared with. All of them were checked in this way,
/// so one of them speaks for all.
pub(super) async fn check_comparable(
    connection: &mut SqliteConnection,
    row: &Row,
    template: &Template,
) -> Result<()> {
    rules::check_version(&row.version, template)?;
    let stored_bytes: Option<i64> = sqlx::query_scalar(A_LENGTH)
        .bind(row.key)
        .fetch_optional(connection)
        .await?;
    let stored_values = stored_bytes.map(|bytes| bytes as usize / size_of::<f32>());
    rules::check_length(stored_values, template)
}

/// The length of a template that is searched; along the log, whose beginning says soon.
pub(super) const A_LENGTH: &str =
    "SELECT length(template) FROM faces WHERE collection = ? AND face_model_version IS NULL LIMIT 1";

/// The faces of users in a collection (`?1`) that a search through a position (`?2`) has not seen, except those of one
/// user (`?3`).
pub(super) const UNSEEN: &str = "
    SELECT f.face, u.id, f.template FROM faces f JOIN users u ON u.key = f.user
    WHERE f.collection = ?1 AND (f.seq > ?2 OR f.owned_since >= ?2) AND f.user IS NOT ?3
      AND f.face_model_version IS NULL";

/// Compares with every user's face that the caller's search has not seen and that is not of the user `except`.
///
/// A face given to a user at the very position the caller has searched through may or may not have been theirs when
/// the caller asked; it is compared.
pub(super) async fn closest_of_others(
    write: &mut Write,
    row: &Row,
    except: Option<i64>,
    probe: &Template,
    policy: DuplicatePolicy,
) -> Result<Option<Duplicate>> {
    let mut closest = Closest::new(probe, policy.min_cosine);
    let mut rows = sqlx::query_as::<_, (Vec<u8>, String, Vec<u8>)>(UNSEEN)
        .bind(row.key)
        .bind(stored_seq(policy.checked_through))
        .bind(except)
        .fetch(&mut **write);
    while let Some((face, user, bytes)) = rows.try_next().await? {
        let candidate = template(&bytes, row)?;
        closest.consider(&candidate, || Ok((face_id(&face)?, users::user_id(user)?)))?;
    }
    Ok(closest.into_found())
}

/// Inserts a face with the picture that was written for it; gives its position in the change log.
pub(super) async fn insert_face(
    write: &mut Write,
    row: &mut Row,
    user: i64,
    face: &NewFace,
    metadata: &str,
    now: Timestamp,
    written: Option<&Written>,
) -> Result<i64> {
    let position = row.next_seq();
    let insert = sqlx::query(
        "INSERT INTO faces (collection, seq, user, face, image, template, metadata, created_us)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(row.key)
    .bind(position)
    .bind(user)
    .bind(face.id.uuid().as_bytes().as_slice())
    .bind(face.image.uuid().as_bytes().as_slice())
    .bind(face.template.to_bytes())
    .bind(metadata)
    .bind(to_microseconds(now));
    let inserted = taken(insert.execute(&mut **write).await, "FaceId")?;
    if let Some(written) = written {
        written
            .adopt(write, inserted.last_insert_rowid(), face.image)
            .await?;
    }
    Ok(position)
}

/// A stored template.
pub(super) fn template(bytes: &[u8], row: &Row) -> Result<Template> {
    Template::from_bytes(bytes, row.version.clone()).map_err(|_| Error::corrupt("a template"))
}

/// A stored UUID.
pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| Error::corrupt("a UUID"))
}

/// A stored face id.
pub(super) fn face_id(bytes: &[u8]) -> Result<FaceId> {
    uuid(bytes).map(FaceId::new)
}
