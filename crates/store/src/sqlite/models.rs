//! Changing a collection's model: templates of the new one are prepared beside those that are searched, which may take
//! days and several processes; then one transaction puts them in their places.

use async_trait::async_trait;
use selfsame_types::{CollectionId, FaceId, FaceModelVersion, Seq, Template};

use super::collections::{self, Row};
use super::enrol::check_comparable;
use super::{Inner, Sqlite, Write, records};
use crate::Result;
use crate::model::{ModelChange, Unprepared, Versions};
use crate::repository::Models;
use crate::rules;

/// Whether a template of a model (`?2`) is prepared for a row of `faces`.
macro_rules! prepared {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM prepared_templates p WHERE p.face = faces.key AND p.face_model_version = ?2)"
        )
    };
}

/// Faces of a collection (`?1`) that are searched and have no template of a model (`?2`).
const WITHOUT: &str = concat!(
    "SELECT count(*) FROM faces WHERE collection = ?1 AND face_model_version IS NULL AND NOT EXISTS ",
    prepared!("1")
);

/// From a collection (`?1`) of one model (`?3`) to the same of another (`?2`). First the faces that are searched, then those
/// that were left behind before: where both come from the same place of one image, the former stays.
const LEAVE_BEHIND: &str = concat!(
    "UPDATE faces SET face_model_version = ?3 WHERE collection = ?1 AND face_model_version IS NULL AND NOT EXISTS ",
    prepared!("1")
);
const TAKE_ALONG: &str = concat!(
    "UPDATE faces SET template = ",
    prepared!("p.template"),
    " WHERE collection = ?1 AND face_model_version IS NULL AND EXISTS ",
    prepared!("1")
);
const BRING_BACK: &str = concat!(
    "UPDATE OR IGNORE faces SET face_model_version = NULL, template = ifnull(",
    prepared!("p.template"),
    ", template)",
    " WHERE collection = ?1 AND face_model_version IS NOT NULL AND (face_model_version = ?2 OR EXISTS ",
    prepared!("1"),
    ")"
);

impl Inner {
    async fn prepare(&self, collection: &CollectionId, templates: &[(FaceId, Template)]) -> Result<u64> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, collection).await?;
        let mut prepared = 0;
        for (face, template) in templates {
            check_length(&mut write, &row, template).await?;
            let insert = sqlx::query(
                "INSERT OR REPLACE INTO prepared_templates (face, face_model_version, template)
                 SELECT key, ?, ? FROM faces WHERE face = ? AND collection = ?",
            )
            .bind(template.version().as_str())
            .bind(template.to_bytes())
            .bind(face.uuid().as_bytes().as_slice())
            .bind(row.key);
            prepared += insert.execute(&mut *write).await?.rows_affected();
        }
        write.commit().await?;
        Ok(prepared)
    }

    async fn change_model(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        leave_behind: bool,
    ) -> Result<ModelChange> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, collection).await?;
        if row.version != *version {
            let without: i64 = sqlx::query_scalar(WITHOUT)
                .bind(row.key)
                .bind(version.as_str())
                .fetch_one(&mut *write)
                .await?;
            if without > 0 && !leave_behind {
                let faces = without.unsigned_abs();
                return Ok(ModelChange::Unprepared { faces });
            }
            run(&mut write, LEAVE_BEHIND, &row, version).await?;
        }
        let changed = run(&mut write, TAKE_ALONG, &row, version).await?
            + run(&mut write, BRING_BACK, &row, version).await?;
        sqlx::query(
            "DELETE FROM prepared_templates WHERE face IN (SELECT key FROM faces WHERE collection = ?)",
        )
        .bind(row.key)
        .execute(&mut *write)
        .await?;
        sqlx::query("UPDATE collections SET face_model_version = ?2 WHERE key = ?1")
            .bind(row.key)
            .bind(version.as_str())
            .execute(&mut *write)
            .await?;
        let left_behind: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM faces WHERE collection = ? AND face_model_version IS NOT NULL",
        )
        .bind(row.key)
        .fetch_one(&mut *write)
        .await?;
        write.commit().await?;
        // Templates that were replaced are in the log.
        self.truncate_log().await;
        Ok(ModelChange::Done {
            changed,
            left_behind: left_behind.unsigned_abs(),
        })
    }
}

/// Runs one of the statements above; gives how many faces it changed.
async fn run(
    write: &mut Write,
    statement: &'static str,
    row: &Row,
    version: &FaceModelVersion,
) -> Result<u64> {
    let done = sqlx::query(statement)
        .bind(row.key)
        .bind(version.as_str())
        .bind(row.version.as_str())
        .execute(&mut **write)
        .await?;
    Ok(done.rows_affected())
}

/// Refuses a template that could not be compared with the others of its model in the collection.
async fn check_length(write: &mut Write, row: &Row, template: &Template) -> Result<()> {
    if row.version == *template.version() {
        return check_comparable(write, row, template).await;
    }
    let stored_bytes: Option<i64> = sqlx::query_scalar(
        "SELECT length(p.template) FROM prepared_templates p CROSS JOIN faces f ON f.key = p.face
         WHERE f.collection = ?1 AND p.face_model_version = ?2
         UNION ALL
         SELECT length(template) FROM faces WHERE collection = ?1 AND face_model_version = ?2
         LIMIT 1",
    )
    .bind(row.key)
    .bind(template.version().as_str())
    .fetch_optional(&mut **write)
    .await?;
    let stored_values = stored_bytes.map(|bytes| bytes as usize / size_of::<f32>());
    rules::check_length(stored_values, template)
}

fn counted(rows: Vec<(String, i64)>) -> Vec<(FaceModelVersion, u64)> {
    rows.into_iter()
        .map(|(version, faces)| (version.into(), faces.unsigned_abs()))
        .collect()
}

#[async_trait]
impl Models for Sqlite {
    async fn versions(&self, collection: &CollectionId) -> Result<Versions> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let all: i64 = sqlx::query_scalar("SELECT count(*) FROM faces WHERE collection = ?")
            .bind(row.key)
            .fetch_one(&mut *read)
            .await?;
        let left_behind = sqlx::query_as(
            "SELECT face_model_version, count(*) FROM faces
             WHERE collection = ? AND face_model_version IS NOT NULL GROUP BY 1 ORDER BY 1",
        )
        .bind(row.key)
        .fetch_all(&mut *read)
        .await?;
        let prepared = sqlx::query_as(
            "SELECT p.face_model_version, count(*) FROM prepared_templates p CROSS JOIN faces f ON f.key = p.face
             WHERE f.collection = ? GROUP BY 1 ORDER BY 1",
        )
        .bind(row.key)
        .fetch_all(&mut *read)
        .await?;
        let mut versions = Versions {
            current: row.version,
            faces: all.unsigned_abs(),
            left_behind: counted(left_behind),
            prepared: counted(prepared),
        };
        versions.faces -= versions.unsearched();
        Ok(versions)
    }

    async fn unprepared(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        after: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<Unprepared>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        records::unprepared(&mut read, row.key, version, after.unwrap_or_default(), limit).await
    }

    /// Beside a running server too, so there is no task of its own; a caller that gives up rolls back.
    async fn prepare(&self, collection: &CollectionId, templates: &[(FaceId, Template)]) -> Result<u64> {
        self.inner.prepare(collection, templates).await
    }

    async fn change_model(
        &self,
        collection: &CollectionId,
        version: &FaceModelVersion,
        leave_behind: bool,
    ) -> Result<ModelChange> {
        let (collection, version) = (collection.clone(), version.clone());
        self.carry_through(
            |inner| async move { inner.change_model(&collection, &version, leave_behind).await },
        )
        .await
    }
}
