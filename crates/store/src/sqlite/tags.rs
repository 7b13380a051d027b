//! Tags of collections.

use std::collections::BTreeMap;

use async_trait::async_trait;
use selfsame_types::CollectionId;
use sqlx::SqliteConnection;

use super::{Inner, Sqlite, collections};
use crate::Result;
use crate::repository::CollectionTags;

async fn read(connection: &mut SqliteConnection, collection: i64) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT tag, value FROM tags WHERE collection = ?")
        .bind(collection)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

impl Inner {
    async fn set_tags(
        &self,
        collection: &CollectionId,
        tags: BTreeMap<String, String>,
        max: usize,
    ) -> Result<bool> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, collection).await?;
        let mut merged = read(&mut write, row.key).await?;
        merged.extend(tags.clone());
        if merged.len() > max {
            return Ok(false);
        }
        for (tag, value) in &tags {
            sqlx::query(
                "INSERT INTO tags (collection, tag, value) VALUES (?, ?, ?)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
            )
            .bind(row.key)
            .bind(tag)
            .bind(value)
            .execute(&mut *write)
            .await?;
        }
        write.commit().await?;
        Ok(true)
    }

    async fn remove_tags(&self, collection: &CollectionId, tags: &[String]) -> Result<()> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, collection).await?;
        sqlx::query("DELETE FROM tags WHERE collection = ? AND tag IN (SELECT value FROM json_each(?))")
            .bind(row.key)
            .bind(serde_json::json!(tags).to_string())
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }
}

#[async_trait]
impl CollectionTags for Sqlite {
    async fn tags(&self, collection: &CollectionId) -> Result<BTreeMap<String, String>> {
        let mut connection = self.inner.read().await?;
        let row = collections::find(&mut connection, collection).await?;
        read(&mut connection, row.key).await
    }

    async fn set_tags(
        &self,
        collection: &CollectionId,
        tags: &BTreeMap<String, String>,
        max: usize,
    ) -> Result<bool> {
        let (collection, tags) = (collection.clone(), tags.clone());
        self.carry_through(|inner| async move { inner.set_tags(&collection, tags, max).await })
            .await
    }

    async fn remove_tags(&self, collection: &CollectionId, tags: &[String]) -> Result<()> {
        let (collection, tags) = (collection.clone(), tags.to_vec());
        self.carry_through(|inner| async move { inner.remove_tags(&collection, &tags).await })
            .await
    }
}
