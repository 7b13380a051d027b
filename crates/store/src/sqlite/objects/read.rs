//! Reading objects and lists of them.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use sqlx::SqliteConnection;

use super::super::{Inner, Sqlite};
use super::held::Hold;
use super::{buckets, checksum, parse, size};
use crate::objects::{Attributes, Listing, Next, Object, ObjectBytes, OpenObject, Page, RollUp, Tags};
use crate::rules::from_microseconds;
use crate::{Error, Result};

/// How many keys are read at a time at most. Ours: as many as most lists ask for.
const LIST_PAGE: u32 = 1000;

type Columns = (
    i64,
    i64,
    String,
    Option<String>,
    Option<String>,
    String,
    String,
    String,
    i64,
);

/// An object's row and segments.
struct Found {
    object: Object,
    key: i64,
    blobs: Vec<String>,
}

async fn find(connection: &mut SqliteConnection, bucket: &str, name: &str) -> Result<Option<Found>> {
    let bucket = buckets::find(connection, bucket).await?;
    let row: Option<Columns> = sqlx::query_as(
        "SELECT key, size_bytes, etag, checksum_algorithm, checksum, headers, metadata, tags, modified_us
         FROM objects WHERE bucket = ? AND name = ?",
    )
    .bind(bucket)
    .bind(name)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((key, size_bytes, etag, algorithm, value, headers, metadata, tags, modified_us)) = row else {
        return Ok(None);
    };
    let segments: Vec<(String, i64)> =
        sqlx::query_as("SELECT blob, size_bytes FROM segments WHERE object = ? ORDER BY number")
            .bind(key)
            .fetch_all(connection)
            .await?;
    let (blobs, sizes): (Vec<_>, Vec<_>) = segments.into_iter().unzip();
    Ok(Some(Found {
        object: Object {
            key: name.to_owned(),
            size_bytes: size(size_bytes)?,
            etag,
            checksum: checksum(algorithm, value),
            attributes: Attributes {
                headers: parse(&headers)?,
                metadata: parse(&metadata)?,
                tags: parse(&tags)?,
            },
            modified: from_microseconds(modified_us)?,
            segments: sizes.into_iter().map(size).collect::<Result<_>>()?,
        },
        key,
        blobs,
    }))
}

pub(super) async fn get(store: &Sqlite, bucket: &str, key: &str) -> Result<Option<Object>> {
    let mut read = store.inner.read().await?;
    Ok(find(&mut read, bucket, key).await?.map(|found| found.object))
}

pub(super) async fn open(store: &Sqlite, bucket: &str, key: &str) -> Result<Option<OpenObject>> {
    loop {
        let mut read = store.inner.read().await?;
        let Some(found) = find(&mut read, bucket, key).await? else {
            return Ok(None);
        };
        drop(read);
        let hold = Hold::new(&store.inner, found.blobs.clone());
        // Was it erased before its blobs were held? Then they may be gone, and another object is there or none.
        let still: i64 =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM segments WHERE object = ? AND blob = ?)")
                .bind(found.key)
                .bind(found.blobs.first())
                .fetch_one(&store.inner.readers)
                .await?;
        if still > 0 {
            let (inner, sizes) = (Arc::clone(&store.inner), found.object.segments.clone());
            let blobs = found.blobs;
            let read = move |range| read_segments(inner, blobs, &sizes, range, hold);
            return Ok(Some(OpenObject::new(found.object, read)));
        }
    }
}

/// The bytes of a range, segment by segment.
fn read_segments(
    inner: Arc<Inner>,
    blobs: Vec<String>,
    sizes: &[u64],
    range: Range<u64>,
    hold: Hold,
) -> ObjectBytes {
    let wanted = crate::objects::pieces(sizes, &range);
    let wanted: VecDeque<(String, Range<u64>)> = blobs
        .into_iter()
        .zip(wanted)
        .filter(|(_, within)| !within.is_empty())
        .collect();
    stream::try_unfold((inner, wanted, hold), |(inner, mut wanted, hold)| async move {
        let Some((blob, within)) = wanted.pop_front() else {
            return Ok(None);
        };
        let opened = inner.blobs.open(&blob, within).await?;
        let bytes = opened.ok_or(Error::corrupt("the blob of an object is missing"))?;
        Ok::<_, Error>(Some((bytes, (inner, wanted, hold))))
    })
    .try_flatten()
    .boxed()
}

type ListColumns = (String, i64, String, Option<String>, Option<String>, i64);

fn listed((key, size_bytes, etag, algorithm, value, modified_us): ListColumns) -> Result<Object> {
    Ok(Object {
        key,
        size_bytes: size(size_bytes)?,
        etag,
        checksum: checksum(algorithm, value),
        attributes: Attributes::default(),
        modified: from_microseconds(modified_us)?,
        segments: Vec::new(),
    })
}

pub(super) async fn list(store: &Sqlite, bucket: &str, listing: &Listing) -> Result<Page> {
    let mut read = store.inner.read().await?;
    let bucket = buckets::find(&mut read, bucket).await?;
    let mut roll_up = RollUp::new(listing);
    let (mut from, mut included) = roll_up.start();
    let limit = listing.limit.saturating_add(1).min(LIST_PAGE);
    loop {
        let rows = page(&mut read, bucket, (&from, included), limit).await?;
        let complete = rows.len() < limit as usize;
        for row in rows {
            let key = row.0.clone();
            if included && key < from {
                continue;
            }
            match roll_up.take(&key, || listed(row))? {
                Next::Key => (from, included) = (key, false),
                Next::From(next) => (from, included) = (next, true),
                Next::Nowhere => return Ok(roll_up.finish()),
            }
        }
        if complete {
            return Ok(roll_up.finish());
        }
    }
}

async fn page(
    connection: &mut SqliteConnection,
    bucket: i64,
    (from, included): (&str, bool),
    limit: u32,
) -> Result<Vec<ListColumns>> {
    let statement = if included {
        "SELECT name, size_bytes, etag, checksum_algorithm, checksum, modified_us FROM objects
         WHERE bucket = ? AND name >= ? ORDER BY name LIMIT ?"
    } else {
        "SELECT name, size_bytes, etag, checksum_algorithm, checksum, modified_us FROM objects
         WHERE bucket = ? AND name > ? ORDER BY name LIMIT ?"
    };
    Ok(sqlx::query_as(statement)
        .bind(bucket)
        .bind(from)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

impl Inner {
    pub(super) async fn set_object_tags(&self, bucket: &str, key: &str, tags: &Tags) -> Result<bool> {
        let mut write = self.write().await?;
        let bucket = buckets::find(&mut write, bucket).await?;
        let updated = sqlx::query("UPDATE objects SET tags = ? WHERE bucket = ? AND name = ?")
            .bind(super::json(tags)?)
            .bind(bucket)
            .bind(key)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(updated.rows_affected() == 1)
    }
}
