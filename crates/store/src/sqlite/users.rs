//! People's rows.

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceId, UserId};
use sqlx::SqliteConnection;

use super::associations::About;
use super::{Sqlite, Write, collections, records};
use crate::model::{Association, Idempotency, Once, Properties, User, UserCreation, UserSummary};
use crate::repository::Users;
use crate::rules::{from_microseconds, parse_object, to_microseconds};
use crate::{Error, Result};

/// The key of a person's row.
pub(super) async fn key(
    connection: &mut SqliteConnection,
    collection: i64,
    user: &UserId,
) -> Result<Option<i64>> {
    Ok(
        sqlx::query_scalar("SELECT key FROM users WHERE collection = ? AND id = ?")
            .bind(collection)
            .bind(user.as_str())
            .fetch_optional(connection)
            .await?,
    )
}

/// Inserts a person and gives the key of the row.
pub(super) async fn insert(
    write: &mut Write,
    collection: i64,
    user: &UserId,
    properties: &str,
    now: Timestamp,
) -> Result<i64> {
    let now_us = to_microseconds(now);
    let inserted = sqlx::query(
        "INSERT INTO users (collection, id, properties, created_us, updated_us) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(collection)
    .bind(user.as_str())
    .bind(properties)
    .bind(now_us)
    .bind(now_us)
    .execute(&mut **write)
    .await?;
    Ok(inserted.last_insert_rowid())
}

/// Notes that a person has changed, perhaps with new properties.
pub(super) async fn touch(
    write: &mut Write,
    user: i64,
    properties: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE users SET properties = coalesce(?, properties), updated_us = ? WHERE key = ?")
        .bind(properties)
        .bind(to_microseconds(now))
        .bind(user)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// A person's properties.
pub(super) async fn properties(connection: &mut SqliteConnection, user: i64) -> Result<Properties> {
    let stored: Option<String> = sqlx::query_scalar("SELECT properties FROM users WHERE key = ?")
        .bind(user)
        .fetch_optional(connection)
        .await?;
    parse_object(&stored.ok_or(Error::corrupt("a user without properties"))?)
}

/// A stored user id.
pub(super) fn user_id(stored: String) -> Result<UserId> {
    UserId::new(stored).map_err(|_| Error::corrupt("a user's id"))
}

#[async_trait]
impl Users for Sqlite {
    async fn get_user(&self, collection: &CollectionId, user: &UserId) -> Result<Option<User>> {
        let mut read = self.inner.read().await?;
        let collection = collections::find(&mut read, collection).await?;
        let found: Option<(i64, String, i64, i64)> = sqlx::query_as(
            "SELECT key, properties, created_us, updated_us FROM users WHERE collection = ? AND id = ?",
        )
        .bind(collection.key)
        .bind(user.as_str())
        .fetch_optional(&mut *read)
        .await?;
        let Some((key, properties, created_us, updated_us)) = found else {
            return Ok(None);
        };
        Ok(Some(User {
            id: user.clone(),
            properties: parse_object(&properties)?,
            created: from_microseconds(created_us)?,
            updated: from_microseconds(updated_us)?,
            faces: records::of_user(&mut read, key).await?,
        }))
    }

    async fn user_exists(&self, collection: &CollectionId, user: &UserId) -> Result<bool> {
        let mut read = self.inner.read().await?;
        let collection = collections::find(&mut read, collection).await?;
        Ok(key(&mut read, collection.key, user).await?.is_some())
    }

    async fn list_users(
        &self,
        collection: &CollectionId,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<UserSummary>> {
        let mut read = self.inner.read().await?;
        let collection = collections::find(&mut read, collection).await?;
        // The empty text is before every id.
        let rows: Vec<(String, i64, i64, u32)> = sqlx::query_as(
            "SELECT u.id, u.created_us, u.updated_us, (SELECT count(*) FROM faces f WHERE f.user = u.key)
             FROM users u WHERE u.collection = ? AND u.id > ? ORDER BY u.id LIMIT ?",
        )
        .bind(collection.key)
        .bind(after.map_or("", UserId::as_str))
        .bind(limit)
        .fetch_all(&mut *read)
        .await?;
        rows.into_iter()
            .map(|(id, created_us, updated_us, faces)| {
                Ok(UserSummary {
                    id: user_id(id)?,
                    created: from_microseconds(created_us)?,
                    updated: from_microseconds(updated_us)?,
                    faces,
                })
            })
            .collect()
    }

    async fn create_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<UserCreation>> {
        let about = About::new(collection, user, idempotency, now);
        self.carry_through(|inner| async move { inner.create_user(&about).await })
            .await
    }

    async fn remove_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<bool>> {
        let about = About::new(collection, user, idempotency, now);
        self.carry_through(|inner| async move { inner.remove_user(&about).await })
            .await
    }

    async fn associate(
        &self,
        collection: &CollectionId,
        user: &UserId,
        faces: &[FaceId],
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>> {
        let (about, faces) = (About::new(collection, user, idempotency, now), faces.to_vec());
        self.carry_through(|inner| async move { inner.associate(&about, &faces).await })
            .await
    }

    async fn disassociate(
        &self,
        collection: &CollectionId,
        user: &UserId,
        faces: &[FaceId],
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>> {
        let (about, faces) = (About::new(collection, user, idempotency, now), faces.to_vec());
        self.carry_through(|inner| async move { inner.disassociate(&about, &faces).await })
            .await
    }
}
