//! The face store's interface: writes are carried through as tasks, reads go to the reading connections.

use async_trait::async_trait;
use selfsame_types::{Change, CollectionId, FaceId, Seq, Template, UserId};

use super::collections::{self, Row, seq, stored_seq};
use super::enrol::{face_id, template};
use super::{Sqlite, users};
use crate::Result;
use crate::model::{DuplicatePolicy, NewUser, RegisterOutcome, UpdateOutcome, UpdateUser};
use crate::repository::FaceStore;

#[async_trait]
impl FaceStore for Sqlite {
    async fn register(
        &self,
        collection: &CollectionId,
        new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome> {
        let collection = collection.clone();
        self.carry_through(|inner| async move { inner.register(&collection, new, policy).await })
            .await
    }

    async fn update(
        &self,
        collection: &CollectionId,
        update: UpdateUser,
        policy: Option<DuplicatePolicy>,
    ) -> Result<UpdateOutcome> {
        let collection = collection.clone();
        self.carry_through(|inner| async move { inner.update(&collection, update, policy).await })
            .await
    }

    async fn delete_user(&self, collection: &CollectionId, user: &UserId) -> Result<Option<Vec<Change>>> {
        let (collection, user) = (collection.clone(), user.clone());
        self.carry_through(|inner| async move { inner.erase_user(&collection, &user).await })
            .await
    }

    async fn reset(&self, collection: &CollectionId) -> Result<Seq> {
        let collection = collection.clone();
        self.carry_through(|inner| async move { inner.erase_collection(&collection, true).await })
            .await
    }

    async fn templates_of(
        &self,
        collection: &CollectionId,
        user: &UserId,
    ) -> Result<Vec<(FaceId, Template)>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let Some(user) = users::key(&mut read, row.key, user).await? else {
            return Ok(Vec::new());
        };
        let found: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT face, template FROM faces WHERE user = ? ORDER BY seq")
                .bind(user)
                .fetch_all(&mut *read)
                .await?;
        found
            .iter()
            .map(|(face, bytes)| Ok((face_id(face)?, template(bytes, &row)?)))
            .collect()
    }

    async fn owners(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<(FaceId, UserId)>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let wanted: Vec<String> = faces
            .iter()
            .map(|face| face.uuid().simple().to_string())
            .collect();
        let found: Vec<(Vec<u8>, String)> = sqlx::query_as(
            "SELECT f.face, u.id FROM faces f JOIN users u ON u.key = f.user
             WHERE f.collection = ? AND f.face IN (SELECT unhex(value) FROM json_each(?))",
        )
        .bind(row.key)
        .bind(serde_json::json!(wanted).to_string())
        .fetch_all(&mut *read)
        .await?;
        found
            .into_iter()
            .map(|(face, user)| Ok((face_id(&face)?, users::user_id(user)?)))
            .collect()
    }

    async fn changes(&self, collection: &CollectionId, after: Seq, limit: u32) -> Result<Vec<Change>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let found: Vec<(i64, Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT seq, face, template FROM faces WHERE collection = ?1 AND seq > ?2
             UNION ALL
             SELECT seq, face, NULL FROM erasures WHERE collection = ?1 AND seq > ?2
             ORDER BY seq LIMIT ?3",
        )
        .bind(row.key)
        .bind(stored_seq(after))
        .bind(limit)
        .fetch_all(&mut *read)
        .await?;
        found.into_iter().map(|entry| change(entry, &row)).collect()
    }
}

fn change((position, face, bytes): (i64, Vec<u8>, Option<Vec<u8>>), row: &Row) -> Result<Change> {
    let (seq, face) = (seq(position)?, face_id(&face)?);
    Ok(match bytes {
        Some(bytes) => Change::Enrolled {
            seq,
            face,
            template: template(&bytes, row)?,
        },
        None => Change::Erased { seq, face },
    })
}
