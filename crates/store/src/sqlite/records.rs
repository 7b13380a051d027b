//! Faces' rows as records, and lists of ids as parameters.

use std::collections::HashMap;

use selfsame_types::{FaceId, FaceModelVersion, ImageId, Seq};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::collections::{seq, stored_seq};
use super::enrol::{face_id, uuid};
use super::users::user_id;
use crate::model::{FaceFilter, FaceRecord, PictureRecord, Place, Unprepared};
use crate::ownership::Owners;
use crate::rules::{from_microseconds, parse_object};
use crate::{Error, Result};

#[derive(sqlx::FromRow)]
struct Row {
    face: Vec<u8>,
    image: Vec<u8>,
    user: Option<String>,
    external_image_id: Option<String>,
    ordinal: Option<u32>,
    seq: i64,
    version: String,
    created_us: i64,
    metadata: String,
    image_digest: Option<Vec<u8>>,
    content_type: Option<String>,
    size_bytes: Option<i64>,
}

// What follows WHERE to read a `Row`. A plus sign keeps SQLite from using a column's index: where ids are given, it
// is to look them up, not to walk along the log.
const OF_USER: &str = "f.user = ?1 ORDER BY f.seq";
const THESE: &str = "f.face IN (SELECT unhex(value) FROM json_each(?2)) AND +f.collection = ?1";
/// The conditions are spelled as in the index. Faces that were left behind do not count as the image's.
pub(super) const OF_IMAGE: &str =
    "f.collection = ?1 AND f.image_digest = ?2 AND ifnull(f.external_image_id, 0) = ifnull(?3, 0)
         AND f.face_model_version IS NULL";
/// The faces of a collection (`?1`) after a position (`?2`), so many (`?3`), without a template of a model (`?4`).
pub(super) const UNPREPARED: &str = "f.collection = ?1 AND f.seq > ?2
         AND ifnull(f.face_model_version, (SELECT face_model_version FROM collections WHERE key = ?1)) <> ?4
         AND NOT EXISTS (SELECT 1 FROM prepared_templates t WHERE t.face = f.key AND t.face_model_version = ?4)
         ORDER BY f.seq LIMIT ?3";

/// What follows WHERE to list faces of a collection (`?1`) after a position (`?2`), so many (`?3`), perhaps only a
/// user's (`?4`) or certain ones (`?5`).
pub(super) const fn listed(by_user: bool, by_id: bool) -> &'static str {
    match (by_user, by_id) {
        (false, false) => "f.collection = ?1 AND f.seq > ?2 ORDER BY f.seq LIMIT ?3",
        (true, false) => "f.user = ?4 AND f.seq > ?2 AND +f.collection = ?1 ORDER BY f.seq LIMIT ?3",
        (_, true) => {
            "f.face IN (SELECT unhex(value) FROM json_each(?5)) AND +f.collection = ?1 AND +f.seq > ?2
                 AND (?4 IS NULL OR +f.user = ?4) ORDER BY +f.seq LIMIT ?3"
        }
    }
}

/// The statement that reads rows under a condition, which is always one of the constants above.
pub(super) fn select(condition: &'static str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT f.face, f.image, u.id AS user, f.external_image_id, f.ordinal, f.seq, f.created_us, f.metadata,
                ifnull(f.face_model_version, (SELECT face_model_version FROM collections WHERE key = f.collection))
                    AS version,
                f.image_digest, p.content_type, p.size_bytes
         FROM faces f LEFT JOIN users u ON u.key = f.user LEFT JOIN pictures p ON p.face = f.key
         WHERE {condition}"
    ))
}

fn record(row: Row) -> Result<FaceRecord> {
    let picture = row.content_type.zip(row.size_bytes);
    Ok(FaceRecord {
        face: face_id(&row.face)?,
        image: ImageId::new(uuid(&row.image)?),
        user: row.user.map(user_id).transpose()?,
        external_image_id: row.external_image_id,
        seq: seq(row.seq)?,
        version: row.version.into(),
        created: from_microseconds(row.created_us)?,
        metadata: parse_object(&row.metadata)?,
        picture: picture.map(|(content_type, size_bytes)| PictureRecord {
            content_type,
            size_bytes: size_bytes.unsigned_abs(),
        }),
    })
}

fn records(rows: Vec<Row>) -> Result<Vec<FaceRecord>> {
    rows.into_iter().map(record).collect()
}

/// Face ids as one parameter: a JSON array of hexadecimal texts.
pub(super) fn id_list(faces: &[FaceId]) -> String {
    let ids = faces.iter().map(|face| face.uuid().simple().to_string());
    ids.collect::<serde_json::Value>().to_string()
}

/// A user's faces, oldest first.
pub(super) async fn of_user(connection: &mut SqliteConnection, user: i64) -> Result<Vec<FaceRecord>> {
    let query = sqlx::query_as(select(OF_USER)).bind(user);
    records(query.fetch_all(connection).await?)
}

/// The faces of an image that was given before, by their places in it.
pub(super) async fn of_image(
    connection: &mut SqliteConnection,
    collection: i64,
    digest: &[u8; 32],
    external_image_id: Option<&str>,
) -> Result<HashMap<u32, FaceRecord>> {
    let rows: Vec<Row> = sqlx::query_as(select(OF_IMAGE))
        .bind(collection)
        .bind(digest.as_slice())
        .bind(external_image_id)
        .fetch_all(connection)
        .await?;
    let placed = rows.into_iter().map(|row| {
        let ordinal = row
            .ordinal
            .ok_or(Error::corrupt("a face without its place in the image"))?;
        Ok((ordinal, record(row)?))
    });
    placed.collect()
}

/// These faces, as far as they are enrolled.
pub(super) async fn these(
    connection: &mut SqliteConnection,
    collection: i64,
    faces: &[FaceId],
) -> Result<Vec<FaceRecord>> {
    let query = sqlx::query_as(select(THESE))
        .bind(collection)
        .bind(id_list(faces));
    records(query.fetch_all(connection).await?)
}

/// A page of the faces that have no template of a model yet.
pub(super) async fn unprepared(
    connection: &mut SqliteConnection,
    collection: i64,
    version: &FaceModelVersion,
    after: Seq,
    limit: u32,
) -> Result<Vec<Unprepared>> {
    let rows: Vec<Row> = sqlx::query_as(select(UNPREPARED))
        .bind(collection)
        .bind(stored_seq(after))
        .bind(limit)
        .bind(version.as_str())
        .fetch_all(connection)
        .await?;
    let found = rows.into_iter().map(|row| {
        let place = match (&row.image_digest, row.ordinal) {
            (Some(digest), Some(ordinal)) => Some(Place {
                digest: digest
                    .as_slice()
                    .try_into()
                    .map_err(|_| Error::corrupt("the digest of an image"))?,
                ordinal,
            }),
            _ => None,
        };
        Ok(Unprepared {
            place,
            record: record(row)?,
        })
    });
    found.collect()
}

/// A page of faces; `user` is the key of the user in the filter.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    collection: i64,
    user: Option<i64>,
    filter: &FaceFilter,
    after: Seq,
    limit: u32,
) -> Result<Vec<FaceRecord>> {
    let query = sqlx::query_as(select(listed(user.is_some(), filter.faces.is_some())))
        .bind(collection)
        .bind(stored_seq(after))
        .bind(limit)
        .bind(user)
        .bind(filter.faces.as_deref().map(id_list));
    records(query.fetch_all(connection).await?)
}

/// Whose these faces are, as far as they are enrolled.
pub(super) async fn owners(
    connection: &mut SqliteConnection,
    collection: i64,
    faces: &[FaceId],
) -> Result<Owners> {
    let found: Vec<(Vec<u8>, Option<String>)> = sqlx::query_as(
        "SELECT f.face, u.id FROM faces f LEFT JOIN users u ON u.key = f.user
         WHERE f.face IN (SELECT unhex(value) FROM json_each(?)) AND +f.collection = ?",
    )
    .bind(id_list(faces))
    .bind(collection)
    .fetch_all(connection)
    .await?;
    found
        .into_iter()
        .map(|(face, user)| Ok((face_id(&face)?, user.map(user_id).transpose()?)))
        .collect()
}
