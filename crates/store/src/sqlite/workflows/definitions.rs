//! Definitions: each text once, and none that nobody refers to.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest as _, Sha256};

use super::super::Write;
use crate::Result;

/// The definitions that a transaction has met, by digest: many starts of one machine look once.
pub(super) type Known = HashMap<[u8; 32], i64>;

/// The key of a definition's row, which is made if there is none.
pub(super) async fn intern(write: &mut Write, known: &mut Known, definition: &str) -> Result<i64> {
    let digest: [u8; 32] = Sha256::digest(definition).into();
    if let Some(key) = known.get(&digest) {
        return Ok(*key);
    }
    let found: Option<i64> = sqlx::query_scalar("SELECT key FROM definitions WHERE digest = ?")
        .bind(digest.as_slice())
        .fetch_optional(&mut **write)
        .await?;
    let key = match found {
        Some(key) => key,
        None => sqlx::query("INSERT INTO definitions (digest, definition) VALUES (?, ?)")
            .bind(digest.as_slice())
            .bind(definition)
            .execute(&mut **write)
            .await?
            .last_insert_rowid(),
    };
    known.insert(digest, key);
    Ok(key)
}

/// Removes those of the definitions that nobody refers to.
pub(super) async fn remove_unused(write: &mut Write, keys: &BTreeSet<i64>) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM definitions WHERE key IN (SELECT value FROM json_each(?))
             AND NOT EXISTS (SELECT 1 FROM executions WHERE executions.definition = definitions.key)
             AND NOT EXISTS (SELECT 1 FROM machines WHERE machines.definition = definitions.key)",
    )
    .bind(serde_json::json!(keys).to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}
