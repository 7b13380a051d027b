//! Objects on their way in and out: the blob-intent protocol around them.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::super::errors::taken;
use super::super::{Inner, Write};
use super::{buckets, json};
use crate::blobs::segment_key;
use crate::objects::{Attributes, Condition, Digests, NewObject, Object, PutOutcome, Source};
use crate::rules::{from_microseconds, to_microseconds};
use crate::{Error, Result};

/// Bytes that are written but not yet owned by an object or an upload.
pub(super) struct Received {
    pub(super) blob: String,
    pub(super) size_bytes: u64,
    pub(super) digests: Digests,
}

/// Whether a write may go on.
pub(super) enum Check {
    Holds,
    Fails { exists: bool },
}

impl Inner {
    /// Receives bytes into a blob. From the first step on, the intent says that the blob belongs to nobody;
    /// [`adopt`] ends that. After a failure nothing is left, or the intent that removes it.
    pub(super) async fn receive(&self, blob: uuid::Uuid, mut source: Box<dyn Source>) -> Result<Received> {
        let blob = segment_key(blob);
        let insert = sqlx::query(
            "INSERT INTO blob_intents (blob) SELECT ?1
             WHERE NOT EXISTS (SELECT 1 FROM segments WHERE blob = ?1)
               AND NOT EXISTS (SELECT 1 FROM parts WHERE blob = ?1)",
        );
        let inserted = taken(insert.bind(&blob).execute(&self.writer).await, "blob id")?;
        if inserted.rows_affected() == 0 {
            return Err(Error::IdTaken { kind: "blob id" });
        }
        match self.blobs.write(&blob, source.as_mut()).await {
            Ok((size_bytes, digests)) => Ok(Received {
                blob,
                size_bytes,
                digests,
            }),
            Err(error) => {
                self.abandon_blob(&blob).await;
                Err(error)
            }
        }
    }

    pub(super) async fn put_object(
        &self,
        bucket: &str,
        new: NewObject,
        source: Box<dyn Source>,
    ) -> Result<PutOutcome> {
        // Most refusals are seen here, before anything is received. What counts is the second look, under the lock.
        let mut read = self.read().await?;
        let found = buckets::find(&mut read, bucket).await?;
        if let Check::Fails { exists } = check(&mut read, found, &new.key, new.condition.as_ref()).await? {
            return Ok(PutOutcome::ConditionFailed { exists });
        }
        drop(read);
        let received = self.receive(new.blob, source).await?;
        let outcome = self.insert(bucket, &new, &received).await;
        match outcome {
            Ok((outcome @ PutOutcome::Stored(_), replaced)) => {
                if replaced {
                    self.after_erasure().await;
                } else {
                    self.truncate_log_if_due().await;
                }
                Ok(outcome)
            }
            refused => {
                self.abandon_blob(&received.blob).await;
                refused.map(|(outcome, _)| outcome)
            }
        }
    }

    /// Also tells whether another object was replaced.
    async fn insert(&self, bucket: &str, new: &NewObject, received: &Received) -> Result<(PutOutcome, bool)> {
        let mut write = self.write().await?;
        let bucket = buckets::find(&mut write, bucket).await?;
        if let Check::Fails { exists } = check(&mut write, bucket, &new.key, new.condition.as_ref()).await? {
            return Ok((PutOutcome::ConditionFailed { exists }, false));
        }
        let replaced = erase_object(&mut write, bucket, &new.key).await?;
        let object = Object {
            key: new.key.clone(),
            size_bytes: received.size_bytes,
            etag: received.digests.etag.clone(),
            checksum: received.digests.checksum.clone(),
            attributes: new.attributes.clone(),
            modified: from_microseconds(to_microseconds(new.now))?,
            segments: vec![received.size_bytes],
        };
        let key = insert_object(&mut write, bucket, &object).await?;
        insert_segment(
            &mut write,
            key,
            0,
            &received.blob,
            stored_size(received.size_bytes),
        )
        .await?;
        adopt(&mut write, &received.blob).await?;
        write.commit().await?;
        Ok((PutOutcome::Stored(Box::new(object)), replaced))
    }

    pub(super) async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<()> {
        let mut write = self.write().await?;
        let bucket = buckets::find(&mut write, bucket).await?;
        let mut erased = false;
        for key in keys {
            erased |= erase_object(&mut write, bucket, key).await?;
        }
        write.commit().await?;
        if erased {
            self.after_erasure().await;
        }
        Ok(())
    }
}

/// Ends the intent of a blob in the transaction that gives it an owner.
pub(super) async fn adopt(write: &mut Write, blob: &str) -> Result<()> {
    let intent = sqlx::query("DELETE FROM blob_intents WHERE blob = ? AND erasing = 0")
        .bind(blob)
        .execute(&mut **write)
        .await?;
    if intent.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::corrupt("a blob without its intent"))
    }
}

/// Whether the condition holds now.
pub(super) async fn check(
    connection: &mut SqliteConnection,
    bucket: i64,
    key: &str,
    condition: Option<&Condition>,
) -> Result<Check> {
    let Some(condition) = condition else {
        return Ok(Check::Holds);
    };
    let etag: Option<String> = sqlx::query_scalar("SELECT etag FROM objects WHERE bucket = ? AND name = ?")
        .bind(bucket)
        .bind(key)
        .fetch_optional(connection)
        .await?;
    let holds = match condition {
        Condition::Absent => etag.is_none(),
        Condition::Etag(wanted) => etag.as_ref() == Some(wanted),
    };
    Ok(if holds {
        Check::Holds
    } else {
        Check::Fails {
            exists: etag.is_some(),
        }
    })
}

pub(super) async fn insert_object(write: &mut Write, bucket: i64, object: &Object) -> Result<i64> {
    let Attributes {
        headers,
        metadata,
        tags,
    } = &object.attributes;
    let inserted = sqlx::query(
        "INSERT INTO objects (bucket, name, size_bytes, etag, checksum_algorithm, checksum, headers, metadata, tags,
                              modified_us)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(bucket)
    .bind(&object.key)
    .bind(stored_size(object.size_bytes))
    .bind(&object.etag)
    .bind(object.checksum.as_ref().map(|checksum| &checksum.algorithm))
    .bind(object.checksum.as_ref().map(|checksum| &checksum.value))
    .bind(json(headers)?)
    .bind(json(metadata)?)
    .bind(json(tags)?)
    .bind(to_microseconds(object.modified))
    .execute(&mut **write)
    .await?;
    Ok(inserted.last_insert_rowid())
}

pub(super) async fn insert_segment(
    write: &mut Write,
    object: i64,
    number: i64,
    blob: &str,
    size_bytes: i64,
) -> Result<()> {
    sqlx::query("INSERT INTO segments (object, number, blob, size_bytes) VALUES (?, ?, ?, ?)")
        .bind(object)
        .bind(number)
        .bind(blob)
        .bind(size_bytes)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Erases an object within a transaction and hands its blobs to the intents; `false` where there is none.
pub(super) async fn erase_object(write: &mut Write, bucket: i64, name: &str) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT key FROM objects WHERE bucket = ? AND name = ?")
        .bind(bucket)
        .bind(name)
        .fetch_optional(&mut **write)
        .await?;
    let Some(key) = found else {
        return Ok(false);
    };
    for statement in [
        "INSERT INTO blob_intents (blob, erasing) SELECT blob, 1 FROM segments WHERE object = ?",
        "DELETE FROM segments WHERE object = ?",
        "DELETE FROM objects WHERE key = ?",
    ] {
        sqlx::query(statement).bind(key).execute(&mut **write).await?;
    }
    Ok(true)
}

pub(super) fn stored_size(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).unwrap_or(i64::MAX)
}

/// A moment as it is stored.
pub(super) fn stored_moment(now: Timestamp) -> Result<Timestamp> {
    from_microseconds(to_microseconds(now))
}
