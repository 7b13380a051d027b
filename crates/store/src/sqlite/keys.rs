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

const COLUMNS: &str = "id, name, scope, hash, access_key_id, collections, buckets, created_us, revoked_us";

#[derive(sqlx::FromRow)]
struct Row {
    id: Vec<u8>,
    name: String,
    scope: String,
    hash: Vec<u8>,
    access_key_id: Option<String>,
    collections: String,
    buckets: String,
    created_us: i64,
    revoked_us: Option<i64>,
}

fn key(row: Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: uuid(&row.id)?,
        name: row.name,
        scope: row.scope,
        hash: row.hash.try_into().map_err(|_| Error::corrupt("a key's hash"))?,
        access_key_id: row.access_key_id,
        collections: names(&row.collections)?,
        buckets: names(&row.buckets)?,
        created: from_microseconds(row.created_us)?,
        revoked: row.revoked_us.map(from_microseconds).transpose()?,
    })
}

fn names(stored: &str) -> Result<Vec<String>> {
    serde_json::from_str(stored).map_err(|_| Error::corrupt("a key's limits"))
}

impl Sqlite {
    /// The valid key of which `column` has this value.
    async fn find_key<'a, T>(&self, column: &'static str, value: T) -> Result<Option<ApiKey>>
    where
        T: sqlx::Encode<'a, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + 'a,
    {
        // Both parts are constants of this file.
        let text = format!("SELECT {COLUMNS} FROM api_keys WHERE {column} = ? AND revoked_us IS NULL");
        let found: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(value)
            .fetch_optional(&self.inner.readers)
            .await?;
        found.map(key).transpose()
    }
}

#[async_trait]
impl Keys for Sqlite {
    async fn create_key(&self, key: &ApiKey) -> Result<()> {
        let insert = sqlx::query(
            "INSERT INTO api_keys (id, name, scope, hash, access_key_id, collections, buckets, created_us, revoked_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(key.id.as_bytes().as_slice())
        .bind(&key.name)
        .bind(&key.scope)
        .bind(key.hash.as_slice())
        .bind(&key.access_key_id)
        .bind(serde_json::json!(key.collections).to_string())
        .bind(serde_json::json!(key.buckets).to_string())
        .bind(to_microseconds(key.created))
        .bind(key.revoked.map(to_microseconds));
        taken(insert.execute(&self.inner.writer).await, "API key")?;
        Ok(())
    }

    async fn find_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        self.find_key("hash", hash.as_slice()).await
    }

    async fn find_by_access_key_id(&self, access_key_id: &str) -> Result<Option<ApiKey>> {
        self.find_key("access_key_id", access_key_id).await
    }

    async fn list_keys(&self) -> Result<Vec<ApiKey>> {
        let text = format!("SELECT {COLUMNS} FROM api_keys ORDER BY created_us, id");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text))
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
