//! API keys. Works in an attached process too, so a write is one statement and needs no task of its own.

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::Sqlite;
use super::enrol::uuid;
use super::errors::taken;
use crate::model::ApiKey;
use crate::repository::Keys;
use crate::rules::{from_microseconds, to_microseconds};
use crate::{Error, Result};

type Columns = (Vec<u8>, String, String, Vec<u8>, i64, Option<i64>);

fn key((id, name, scope, hash, created_us, revoked_us): Columns) -> Result<ApiKey> {
    Ok(ApiKey {
        id: uuid(&id)?,
        name,
        scope,
        hash: hash.try_into().map_err(|_| Error::corrupt("a key's hash"))?,
        created: from_microseconds(created_us)?,
        revoked: revoked_us.map(from_microseconds).transpose()?,
    })
}

#[async_trait]
impl Keys for Sqlite {
    async fn create_key(&self, key: &ApiKey) -> Result<()> {
        let insert = sqlx::query(
            "INSERT INTO api_keys (id, name, scope, hash, created_us, revoked_us) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(key.id.as_bytes().as_slice())
        .bind(&key.name)
        .bind(&key.scope)
        .bind(key.hash.as_slice())
        .bind(to_microseconds(key.created))
        .bind(key.revoked.map(to_microseconds));
        taken(insert.execute(&self.inner.writer).await, "API key")?;
        Ok(())
    }

    async fn find_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        let found: Option<Columns> = sqlx::query_as(
            "SELECT id, name, scope, hash, created_us, revoked_us FROM api_keys
             WHERE hash = ? AND revoked_us IS NULL",
        )
        .bind(hash.as_slice())
        .fetch_optional(&self.inner.readers)
        .await?;
        found.map(key).transpose()
    }

    async fn list_keys(&self) -> Result<Vec<ApiKey>> {
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT id, name, scope, hash, created_us, revoked_us FROM api_keys ORDER BY created_us, id",
        )
        .fetch_all(&self.inner.readers)
        .await?;
        rows.into_iter().map(key).collect()
    }

    async fn revoke_key(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        let revoked = sqlx::query("UPDATE api_keys SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL")
            .bind(to_microseconds(now))
            .bind(id.as_bytes().as_slice())
            .execute(&self.inner.writer)
            .await?;
        Ok(revoked.rows_affected() > 0)
    }
}
