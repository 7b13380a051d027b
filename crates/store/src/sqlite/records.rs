//! Faces' rows as records, and lists of ids as parameters.

use std::collections::HashMap;

use selfsame_types::{FaceId, ImageId, Seq};
use sqlx::{QueryBuilder, SqliteConnection};

use super::collections::{seq, stored_seq};
use super::enrol::{face_id, uuid};
use super::users::user_id;
use crate::Result;
use crate::model::{FaceFilter, FaceRecord, PictureRecord};
use crate::ownership::Owners;
use crate::rules::{from_microseconds, parse_object};

const SELECT: &str = "
    SELECT f.face, f.image, u.id AS user, f.external_image_id, f.seq, f.created_us, f.metadata,
           p.content_type, p.size_bytes
    FROM faces f LEFT JOIN users u ON u.key = f.user LEFT JOIN pictures p ON p.face = f.key WHERE ";

#[derive(sqlx::FromRow)]
struct Row {
    face: Vec<u8>,
    image: Vec<u8>,
    user: Option<String>,
    external_image_id: Option<String>,
    seq: i64,
    created_us: i64,
    metadata: String,
    content_type: Option<String>,
    size_bytes: Option<i64>,
}

fn record(row: Row) -> Result<FaceRecord> {
    let picture = row.content_type.zip(row.size_bytes);
    Ok(FaceRecord {
        face: face_id(&row.face)?,
        image: ImageId::new(uuid(&row.image)?),
        user: row.user.map(user_id).transpose()?,
        external_image_id: row.external_image_id,
        seq: seq(row.seq)?,
        created: from_microseconds(row.created_us)?,
        metadata: parse_object(&row.metadata)?,
        picture: picture.map(|(content_type, size_bytes)| PictureRecord {
            content_type,
            size_bytes: size_bytes.unsigned_abs(),
        }),
    })
}

async fn fetch(
    connection: &mut SqliteConnection,
    mut query: QueryBuilder<sqlx::Sqlite>,
) -> Result<Vec<FaceRecord>> {
    let rows: Vec<Row> = query.build_query_as().fetch_all(connection).await?;
    rows.into_iter().map(record).collect()
}

/// Face ids as one parameter, to be read with [`THESE`].
pub(super) fn id_list(faces: &[FaceId]) -> String {
    let ids = faces.iter().map(|face| face.uuid().simple().to_string());
    serde_json::Value::from_iter(ids).to_string()
}

/// A user's faces, oldest first.
pub(super) async fn of_user(connection: &mut SqliteConnection, user: i64) -> Result<Vec<FaceRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push("f.user = ").push_bind(user).push(" ORDER BY f.seq");
    fetch(connection, query).await
}

/// The faces of an image that was given before, by their places in it.
pub(super) async fn of_image(
    connection: &mut SqliteConnection,
    collection: i64,
    digest: &[u8; 32],
    external_image_id: Option<&str>,
) -> Result<HashMap<u32, FaceRecord>> {
    #[derive(sqlx::FromRow)]
    struct Placed {
        ordinal: u32,
        #[sqlx(flatten)]
        row: Row,
    }
    let mut query = QueryBuilder::new(SELECT.replacen("SELECT", "SELECT f.ordinal,", 1));
    query.push("f.collection = ").push_bind(collection);
    query.push(" AND f.image_digest = ").push_bind(digest.as_slice());
    // As the index has it.
    query
        .push(" AND ifnull(f.external_image_id, 0) = ifnull(")
        .push_bind(external_image_id);
    query.push(", 0)");
    let rows: Vec<Placed> = query.build_query_as().fetch_all(connection).await?;
    rows.into_iter()
        .map(|placed| Ok((placed.ordinal, record(placed.row)?)))
        .collect()
}

/// These faces, as far as they are enrolled.
pub(super) async fn these(
    connection: &mut SqliteConnection,
    collection: i64,
    faces: &[FaceId],
) -> Result<Vec<FaceRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query
        .push("f.face IN (SELECT unhex(value) FROM json_each(")
        .push_bind(id_list(faces));
    query.push(")) AND +f.collection = ").push_bind(collection);
    fetch(connection, query).await
}

/// The statement of [`list`]. The plus signs keep SQLite from walking along the log where it is to look ids up.
fn list_query(
    collection: i64,
    user: Option<i64>,
    filter: &FaceFilter,
    after: Seq,
    limit: u32,
) -> QueryBuilder<sqlx::Sqlite> {
    let mut query = QueryBuilder::new(SELECT);
    let after = stored_seq(after);
    let (by_id, by_user) = (filter.faces.is_some(), user.is_some());
    query
        .push(if by_id || by_user {
            "+f.collection = "
        } else {
            "f.collection = "
        })
        .push_bind(collection);
    query
        .push(if by_id { " AND +f.seq > " } else { " AND f.seq > " })
        .push_bind(after);
    if let Some(user) = user {
        query
            .push(if by_id {
                " AND +f.user = "
            } else {
                " AND f.user = "
            })
            .push_bind(user);
    }
    if let Some(faces) = &filter.faces {
        query
            .push(" AND f.face IN (SELECT unhex(value) FROM json_each(")
            .push_bind(id_list(faces))
            .push("))");
    }
    query
        .push(if by_id {
            " ORDER BY +f.seq LIMIT "
        } else {
            " ORDER BY f.seq LIMIT "
        })
        .push_bind(limit);
    query
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
    fetch(connection, list_query(collection, user, filter, after, limit)).await
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
