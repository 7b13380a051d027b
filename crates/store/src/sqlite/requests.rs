//! Answers kept for requests that may be repeated, in the transaction of the request itself.

use jiff::Timestamp;
use selfsame_types::UserId;

use super::Write;
use crate::Result;
use crate::model::{Idempotency, Once};
use crate::requests::{self, Operation, Outcome};
use crate::rules::to_microseconds;

/// A request, as its answer is kept.
pub(super) struct Request<'a> {
    pub(super) collection: i64,
    pub(super) operation: Operation,
    pub(super) idempotency: Option<&'a Idempotency>,
    pub(super) now: Timestamp,
}

impl Request<'_> {
    /// What is answered if this is a repetition.
    pub(super) async fn replay<T: Outcome>(&self, write: &mut Write) -> Result<Option<Once<T>>> {
        let Some(asked) = self.idempotency else {
            return Ok(None);
        };
        let found: Option<(Vec<u8>, String)> = sqlx::query_as(
            "SELECT digest, outcome FROM requests
             WHERE collection = ? AND operation = ? AND token = ? AND created_us >= ?",
        )
        .bind(self.collection)
        .bind(self.operation.as_str())
        .bind(&asked.token)
        .bind(requests::oldest_kept(self.now))
        .fetch_optional(&mut **write)
        .await?;
        found
            .map(|(digest, outcome)| requests::replay(asked, &digest, &outcome))
            .transpose()
    }

    /// Keeps the answer to what was carried out, and forgets answers that have been kept for long enough.
    pub(super) async fn keep<T: Outcome>(&self, write: &mut Write, outcome: &T) -> Result<()> {
        let Some(asked) = self.idempotency.filter(|_| outcome.is_done()) else {
            return Ok(());
        };
        sqlx::query("DELETE FROM requests WHERE created_us < ?")
            .bind(requests::oldest_kept(self.now))
            .execute(&mut **write)
            .await?;
        sqlx::query(
            "INSERT INTO requests (collection, operation, token, digest, outcome, names_users, created_us)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(self.collection)
        .bind(self.operation.as_str())
        .bind(&asked.token)
        .bind(asked.digest.as_slice())
        .bind(requests::outcome_text(outcome)?)
        .bind(outcome.names_users())
        .bind(to_microseconds(self.now))
        .execute(&mut **write)
        .await?;
        Ok(())
    }
}

/// Forgets the answers that name a user, in the transaction that erases the user.
pub(super) async fn forget_answers_about(write: &mut Write, collection: i64, user: &UserId) -> Result<()> {
    // Without the hint, all answers of the collection would be read.
    sqlx::query(
        "DELETE FROM requests INDEXED BY requests_naming_users WHERE collection = ? AND names_users = 1
             AND EXISTS (SELECT 1 FROM json_tree(requests.outcome) WHERE atom = ?)",
    )
    .bind(collection)
    .bind(user.as_str())
    .execute(&mut **write)
    .await?;
    Ok(())
}
