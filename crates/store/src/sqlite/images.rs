//! Faces enrolled by image, as nobody's, and erased one by one.

use selfsame_types::{Change, CollectionId, FaceId, ImageId};

use super::collections::{self, Row, seq};
use super::enrol::check_comparable;
use super::errors::taken;
use super::records::{self, id_list};
use super::{Inner, Write};
use crate::Result;
use crate::model::{Enrolled, Enrolment, FaceDeletion, FaceRecord, NewImage, NewImageFace};
use crate::ownership::{self, Sorted};
use crate::rules::{self, from_microseconds, to_microseconds};

impl Inner {
    pub(super) async fn enrol_image(&self, collection: &CollectionId, new: NewImage) -> Result<Enrolment> {
        let metadata: Vec<String> = new
            .faces
            .iter()
            .map(|face| rules::metadata_text(&face.metadata))
            .collect::<Result<_>>()?;
        let mut write = self.write().await?;
        let mut row = collections::find(&mut write, collection).await?;
        let external_image_id = new.external_image_id.as_deref();
        let mut known = records::of_image(&mut write, row.key, &new.digest, external_image_id).await?;
        let image = known.values().next().map_or(new.image, |face| face.image);

        let (mut faces, mut changes) = (Vec::new(), Vec::new());
        for (face, metadata) in new.faces.iter().zip(&metadata) {
            check_comparable(&mut write, &row, &face.template).await?;
            if let Some(record) = known.get(&face.ordinal) {
                let record = record.clone();
                faces.push(Enrolled { record, new: false });
                continue;
            }
            let record = insert(&mut write, &mut row, &new, face, (image, metadata)).await?;
            changes.push(Change::Enrolled {
                seq: record.seq,
                face: face.id,
                template: face.template.clone(),
            });
            known.insert(face.ordinal, record.clone());
            faces.push(Enrolled { record, new: true });
        }
        if !changes.is_empty() {
            row.save_seq(&mut write).await?;
            write.commit().await?;
            self.truncate_log_if_due().await;
        }
        Ok(Enrolment { faces, changes })
    }

    pub(super) async fn delete_faces(
        &self,
        collection: &CollectionId,
        faces: &[FaceId],
    ) -> Result<FaceDeletion> {
        let mut write = self.write().await?;
        let mut row = collections::find(&mut write, collection).await?;
        let owners = records::owners(&mut write, row.key, faces).await?;
        let Sorted { accepted, refused } = ownership::erasable(faces, &owners);
        let changes = erase(&mut write, &mut row, &accepted).await?;
        if !changes.is_empty() {
            row.save_seq(&mut write).await?;
            write.commit().await?;
            self.after_erasure().await;
        }
        Ok(FaceDeletion {
            deleted: accepted,
            refused,
            changes,
        })
    }
}

/// Inserts one face of an image.
async fn insert(
    write: &mut Write,
    row: &mut Row,
    new: &NewImage,
    face: &NewImageFace,
    (image, metadata): (ImageId, &str),
) -> Result<FaceRecord> {
    let position = row.next_seq();
    let now_us = to_microseconds(new.now);
    let insert = sqlx::query(
        "INSERT INTO faces (collection, seq, face, image, image_digest, ordinal, external_image_id, template,
                            metadata, created_us)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(row.key)
    .bind(position)
    .bind(face.id.uuid().as_bytes().as_slice())
    .bind(image.uuid().as_bytes().as_slice())
    .bind(new.digest.as_slice())
    .bind(face.ordinal)
    .bind(&new.external_image_id)
    .bind(face.template.to_bytes())
    .bind(metadata)
    .bind(now_us);
    taken(insert.execute(&mut **write).await, "FaceId")?;
    Ok(FaceRecord {
        face: face.id,
        image,
        user: None,
        external_image_id: new.external_image_id.clone(),
        seq: seq(position)?,
        version: row.version.clone(),
        created: from_microseconds(now_us)?,
        picture: None,
        metadata: face.metadata.clone(),
    })
}

/// Erases faces, which may be thousands, within a transaction, and leaves their tombstones in the change log.
async fn erase(write: &mut Write, row: &mut Row, faces: &[FaceId]) -> Result<Vec<Change>> {
    let ids = id_list(faces);
    // Keys of a JSON array are its indexes.
    sqlx::query(
        "INSERT INTO erasures (collection, seq, face)
         SELECT ?1, ?2 + 1 + key, unhex(value) FROM json_each(?3)",
    )
    .bind(row.key)
    .bind(row.last_seq)
    .bind(&ids)
    .execute(&mut **write)
    .await?;
    for statement in [
        "INSERT INTO blob_intents (blob, erasing) SELECT blob, 1 FROM pictures WHERE face IN
             (SELECT key FROM faces WHERE face IN (SELECT unhex(value) FROM json_each(?)))",
        "DELETE FROM pictures WHERE face IN
             (SELECT key FROM faces WHERE face IN (SELECT unhex(value) FROM json_each(?)))",
        "DELETE FROM faces WHERE face IN (SELECT unhex(value) FROM json_each(?))",
    ] {
        sqlx::query(statement).bind(&ids).execute(&mut **write).await?;
    }
    faces
        .iter()
        .map(|face| {
            Ok(Change::Erased {
                seq: seq(row.next_seq())?,
                face: *face,
            })
        })
        .collect()
}
