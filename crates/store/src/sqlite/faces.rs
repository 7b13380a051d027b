//! The face store's interface: writes are carried through as tasks, reads go to the reading connections.

use async_trait::async_trait;
use selfsame_types::{Change, CollectionId, FaceId, Seq, Template, UserId};

use super::collections::{self, Row, seq, stored_seq};
use super::enrol::{face_id, template};
use super::{Sqlite, associations, records, users};
use crate::Result;
use crate::model::{
    DuplicatePolicy, Enrolment, FaceDeletion, FaceFilter, FaceRecord, NewImage, NewUser, RegisterOutcome,
    UpdateOutcome, UpdateUser,
};
use crate::repository::FaceStore;

/// The change log of a collection (`?1`) after a position (`?2`), so many entries (`?3`).
pub(super) const LOG: &str = "
    SELECT seq, face, template FROM faces WHERE collection = ?1 AND seq > ?2 AND face_model_version IS NULL
    UNION ALL
    SELECT seq, face, NULL FROM erasures WHERE collection = ?1 AND seq > ?2
    ORDER BY seq LIMIT ?3";

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

    async fn enrol(&self, collection: &CollectionId, new: NewImage) -> Result<Enrolment> {
        let collection = collection.clone();
        self.carry_through(|inner| async move { inner.enrol_image(&collection, new).await })
            .await
    }

    async fn delete_faces(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<FaceDeletion> {
        let (collection, faces) = (collection.clone(), faces.to_vec());
        self.carry_through(|inner| async move { inner.delete_faces(&collection, &faces).await })
            .await
    }

    async fn list_faces(
        &self,
        collection: &CollectionId,
        filter: &FaceFilter,
        after: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<FaceRecord>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let user = match &filter.user {
            None => None,
            Some(user) => match users::key(&mut read, row.key, user).await? {
                None => return Ok(Vec::new()),
                found => found,
            },
        };
        let after = after.unwrap_or_default();
        records::list(&mut read, row.key, user, filter, after, limit).await
    }

    async fn face_records(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<FaceRecord>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        records::these(&mut read, row.key, faces).await
    }

    async fn templates(
        &self,
        collection: &CollectionId,
        faces: &[FaceId],
    ) -> Result<Vec<(FaceId, Template)>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let found: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT face, template FROM faces
             WHERE face IN (SELECT unhex(value) FROM json_each(?)) AND +collection = ?
               AND face_model_version IS NULL",
        )
        .bind(records::id_list(faces))
        .bind(row.key)
        .fetch_all(&mut *read)
        .await?;
        found
            .iter()
            .map(|(face, bytes)| Ok((face_id(face)?, template(bytes, &row)?)))
            .collect()
    }

    async fn associations(
        &self,
        collection: &CollectionId,
        after: Option<&UserId>,
        limit_users: u32,
    ) -> Result<Vec<(UserId, Vec<Template>)>> {
        let mut read = self.inner.read().await?;
        associations::page(&mut read, collection, after, limit_users).await
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
        let found: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT face, template FROM faces WHERE user = ? AND face_model_version IS NULL ORDER BY seq",
        )
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
        let owners = records::owners(&mut read, row.key, faces).await?;
        let owned = owners.into_iter();
        Ok(owned.filter_map(|(face, owner)| Some((face, owner?))).collect())
    }

    async fn changes(&self, collection: &CollectionId, after: Seq, limit: u32) -> Result<Vec<Change>> {
        let mut read = self.inner.read().await?;
        let row = collections::find(&mut read, collection).await?;
        let found: Vec<(i64, Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(LOG)
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
