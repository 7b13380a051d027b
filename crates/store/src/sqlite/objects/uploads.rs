//! Uploads in parts: begun, filled, and made objects by handing their parts over.

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::super::errors::taken;
use super::super::{Inner, Sqlite, Write};
use super::put::{self, Check, Received, adopt, erase_object, insert_object, insert_segment, stored_size};
use super::{buckets, checksum, json, parse, size};
use crate::objects::{
    Attributes, Complete, Completion, NewPart, NewUpload, Object, Part, Source, Upload, UploadChecksum,
};
use crate::rules::{from_microseconds, to_microseconds};
use crate::{Error, Result};

type Columns = (
    i64,
    String,
    Vec<u8>,
    Option<String>,
    bool,
    String,
    String,
    String,
    i64,
);

fn upload(
    (key, name, id, algorithm, composite, headers, metadata, tags, created_us): Columns,
) -> Result<(i64, Upload)> {
    let upload = Upload {
        id: super::super::enrol::uuid(&id)?,
        key: name,
        attributes: Attributes {
            headers: parse(&headers)?,
            metadata: parse(&metadata)?,
            tags: parse(&tags)?,
        },
        checksum: algorithm.map(|algorithm| UploadChecksum { algorithm, composite }),
        created: from_microseconds(created_us)?,
    };
    Ok((key, upload))
}

async fn find(
    connection: &mut SqliteConnection,
    bucket: &str,
    name: &str,
    id: Uuid,
) -> Result<Option<(i64, Upload)>> {
    let bucket = buckets::find(connection, bucket).await?;
    let found: Option<Columns> = sqlx::query_as(
        "SELECT key, name, id, checksum_algorithm, composite, headers, metadata, tags, created_us FROM uploads
         WHERE id = ? AND bucket = ? AND name = ?",
    )
    .bind(id.as_bytes().as_slice())
    .bind(bucket)
    .bind(name)
    .fetch_optional(connection)
    .await?;
    found.map(upload).transpose()
}

pub(super) async fn get(store: &Sqlite, bucket: &str, name: &str, id: Uuid) -> Result<Option<Upload>> {
    let mut read = store.inner.read().await?;
    Ok(find(&mut read, bucket, name, id).await?.map(|(_, upload)| upload))
}

pub(super) async fn list(
    store: &Sqlite,
    bucket: &str,
    prefix: &str,
    after: Option<(&str, Option<Uuid>)>,
    limit: u32,
) -> Result<Vec<Upload>> {
    // No id is greater than this one.
    let (name, id) = after.map_or((prefix, Some(Uuid::nil())), |(name, id)| (name, id));
    let mut read = store.inner.read().await?;
    let bucket = buckets::find(&mut read, bucket).await?;
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT key, name, id, checksum_algorithm, composite, headers, metadata, tags, created_us FROM uploads
         WHERE bucket = ?1 AND (name, id) > (?2, ?3) AND name >= ?4 ORDER BY name, id LIMIT ?5",
    )
    .bind(bucket)
    .bind(name)
    .bind(id.unwrap_or(Uuid::max()).as_bytes().as_slice())
    .bind(prefix)
    .bind(limit)
    .fetch_all(&mut *read)
    .await?;
    rows.into_iter()
        .map(|row| upload(row).map(|(_, upload)| upload))
        // Keys with one prefix stand together.
        .take_while(|upload| {
            upload
                .as_ref()
                .map_or(true, |upload| upload.key.starts_with(prefix))
        })
        .collect()
}

type PartColumns = (i64, i64, String, Option<String>, Option<String>, i64);

fn part((number, size_bytes, etag, algorithm, value, modified_us): PartColumns) -> Result<Part> {
    Ok(Part {
        number: u32::try_from(number).map_err(|_| Error::corrupt("the number of a part"))?,
        size_bytes: size(size_bytes)?,
        etag,
        checksum: checksum(algorithm, value),
        modified: from_microseconds(modified_us)?,
    })
}

pub(super) async fn parts(
    store: &Sqlite,
    bucket: &str,
    name: &str,
    id: Uuid,
    after: u32,
    limit: u32,
) -> Result<Option<Vec<Part>>> {
    let mut read = store.inner.read().await?;
    let Some((upload, _)) = find(&mut read, bucket, name, id).await? else {
        return Ok(None);
    };
    let rows: Vec<PartColumns> = sqlx::query_as(
        "SELECT number, size_bytes, etag, checksum_algorithm, checksum, modified_us FROM parts
         WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
    )
    .bind(upload)
    .bind(after)
    .bind(limit)
    .fetch_all(&mut *read)
    .await?;
    rows.into_iter().map(part).collect::<Result<_>>().map(Some)
}

impl Inner {
    pub(super) async fn create_upload(&self, bucket: &str, new: NewUpload) -> Result<()> {
        let mut write = self.write().await?;
        let bucket = buckets::find(&mut write, bucket).await?;
        let insert = sqlx::query(
            "INSERT INTO uploads (bucket, name, id, checksum_algorithm, composite, headers, metadata, tags, created_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(bucket)
        .bind(&new.key)
        .bind(new.id.as_bytes().as_slice())
        .bind(new.checksum.as_ref().map(|checksum| &checksum.algorithm))
        .bind(new.checksum.as_ref().is_some_and(|checksum| checksum.composite))
        .bind(json(&new.attributes.headers)?)
        .bind(json(&new.attributes.metadata)?)
        .bind(json(&new.attributes.tags)?)
        .bind(to_microseconds(new.now));
        taken(insert.execute(&mut *write).await, "upload id")?;
        write.commit().await?;
        Ok(())
    }

    pub(super) async fn put_part(
        &self,
        bucket: &str,
        name: &str,
        id: Uuid,
        new: NewPart,
        source: Box<dyn Source>,
    ) -> Result<Option<Part>> {
        let mut read = self.read().await?;
        if find(&mut read, bucket, name, id).await?.is_none() {
            return Ok(None);
        }
        drop(read);
        let received = self.receive(new.blob, source).await?;
        let outcome = self.insert_part(bucket, name, id, new, &received).await;
        match outcome {
            Ok(Some((part, replaced))) => {
                if replaced {
                    self.after_erasure().await;
                }
                Ok(Some(part))
            }
            refused => {
                self.abandon_blob(&received.blob).await;
                refused.map(|_| None)
            }
        }
    }

    /// Also tells whether another part was replaced.
    async fn insert_part(
        &self,
        bucket: &str,
        name: &str,
        id: Uuid,
        new: NewPart,
        received: &Received,
    ) -> Result<Option<(Part, bool)>> {
        let mut write = self.write().await?;
        let Some((upload, _)) = find(&mut write, bucket, name, id).await? else {
            return Ok(None);
        };
        let replaced = sqlx::query(
            "INSERT INTO blob_intents (blob, erasing) SELECT blob, 1 FROM parts WHERE upload = ? AND number = ?",
        )
        .bind(upload)
        .bind(new.number)
        .execute(&mut *write)
        .await?;
        let digests = &received.digests;
        sqlx::query(
            "INSERT OR REPLACE INTO parts (upload, number, blob, size_bytes, etag, checksum_algorithm, checksum,
                                           modified_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(upload)
        .bind(new.number)
        .bind(&received.blob)
        .bind(stored_size(received.size_bytes))
        .bind(&digests.etag)
        .bind(digests.checksum.as_ref().map(|checksum| &checksum.algorithm))
        .bind(digests.checksum.as_ref().map(|checksum| &checksum.value))
        .bind(to_microseconds(new.now))
        .execute(&mut *write)
        .await?;
        adopt(&mut write, &received.blob).await?;
        write.commit().await?;
        let part = Part {
            number: new.number,
            size_bytes: received.size_bytes,
            etag: digests.etag.clone(),
            checksum: digests.checksum.clone(),
            modified: put::stored_moment(new.now)?,
        };
        Ok(Some((part, replaced.rows_affected() > 0)))
    }

    pub(super) async fn complete_upload(
        &self,
        bucket: &str,
        name: &str,
        id: Uuid,
        complete: Complete,
    ) -> Result<Completion> {
        let mut write = self.write().await?;
        let Some((key, upload)) = find(&mut write, bucket, name, id).await? else {
            return Ok(Completion::NoSuchUpload);
        };
        let bucket = buckets::find(&mut write, bucket).await?;
        if let Check::Fails { exists } =
            put::check(&mut write, bucket, name, complete.condition.as_ref()).await?
        {
            return Ok(Completion::ConditionFailed { exists });
        }
        let Some(segments) = take_parts(&mut write, key, &complete.parts).await? else {
            return Ok(Completion::OtherParts);
        };
        erase_object(&mut write, bucket, name).await?;
        let segment_sizes: Vec<u64> = segments
            .iter()
            .map(|(_, bytes)| size(*bytes))
            .collect::<Result<_>>()?;
        let object = Object {
            key: upload.key,
            size_bytes: segment_sizes.iter().sum(),
            etag: complete.digests.etag,
            checksum: complete.digests.checksum,
            attributes: upload.attributes,
            modified: put::stored_moment(complete.now)?,
            segments: segment_sizes,
        };
        let object_key = insert_object(&mut write, bucket, &object).await?;
        for (number, (blob, size_bytes)) in (0..).zip(&segments) {
            insert_segment(&mut write, object_key, number, blob, *size_bytes).await?;
        }
        remove_upload(&mut write, key).await?;
        write.commit().await?;
        self.after_erasure().await;
        Ok(Completion::Stored(Box::new(object)))
    }

    pub(super) async fn abort_upload(&self, bucket: &str, name: &str, id: Uuid) -> Result<bool> {
        let mut write = self.write().await?;
        let Some((key, _)) = find(&mut write, bucket, name, id).await? else {
            return Ok(false);
        };
        remove_upload(&mut write, key).await?;
        write.commit().await?;
        self.after_erasure().await;
        Ok(true)
    }
}

/// Takes the named parts out of an upload, in this order; `None` where one is missing or has another entity tag.
async fn take_parts(
    write: &mut Write,
    upload: i64,
    wanted: &[(u32, String)],
) -> Result<Option<Vec<(String, i64)>>> {
    let mut taken = Vec::with_capacity(wanted.len());
    for (number, etag) in wanted {
        let part: Option<(String, i64)> = sqlx::query_as(
            "DELETE FROM parts WHERE upload = ? AND number = ? AND etag = ? RETURNING blob, size_bytes",
        )
        .bind(upload)
        .bind(number)
        .bind(etag)
        .fetch_optional(&mut **write)
        .await?;
        let Some(part) = part else {
            return Ok(None);
        };
        taken.push(part);
    }
    Ok(Some(taken))
}

/// Removes an upload and hands the blobs of its parts to the intents.
async fn remove_upload(write: &mut Write, upload: i64) -> Result<()> {
    for statement in [
        "INSERT INTO blob_intents (blob, erasing) SELECT blob, 1 FROM parts WHERE upload = ?",
        "DELETE FROM parts WHERE upload = ?",
        "DELETE FROM uploads WHERE key = ?",
    ] {
        sqlx::query(statement).bind(upload).execute(&mut **write).await?;
    }
    Ok(())
}
