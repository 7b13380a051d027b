//! What a start and a step of an execution are in a transaction that others may share. A refusal is known before
//! anything is changed, or changes nothing; so it needs no savepoint.

use std::collections::BTreeSet;

use super::super::{Write, journal};
use super::definitions::{self, Known};
use super::{Row, columns, record};
use crate::rules::to_microseconds;
use crate::workflows::{Advance, Ending, ExecutionRecord, ExecutionStatus, NewExecution};
use crate::{Error, Result};

/// Between two events of a page. JSON texts contain no raw control character but white space
/// (<https://www.rfc-editor.org/rfc/rfc8259#section-7>); RFC 7464 uses this one for the same purpose.
pub(super) const SEPARATOR: &str = "\u{1e}";

/// The execution of a machine (`?1`) that has a name (`?2`).
pub(in crate::sqlite) const TAKEN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM executions e JOIN definitions d ON d.key = e.definition WHERE e.machine = ?1 AND e.name = ?2"
);

/// Starts an execution, or gives the one that has its name.
pub(super) async fn start(
    write: &mut Write,
    known: &mut Known,
    new: &NewExecution,
) -> Result<Option<ExecutionRecord>> {
    let definition = definitions::intern(write, known, &new.definition).await?;
    let Some(key) = insert(write, definition, new).await? else {
        // Perhaps the definition was for nothing.
        known.retain(|_, key| *key != definition);
        definitions::remove_unused(write, &BTreeSet::from([definition])).await?;
        let taken: Option<Row> = sqlx::query_as(TAKEN)
            .bind(&new.machine)
            .bind(&new.name)
            .fetch_optional(&mut **write)
            .await?;
        return match taken {
            Some(row) => record(row).map(Some),
            None => Err(Error::IdTaken { kind: "execution id" }),
        };
    };
    append(write, key, 0, &new.events).await?;
    if new.ending.is_none() {
        sqlx::query("INSERT INTO snapshots (execution, id, events, state) VALUES (?, ?, ?, ?)")
            .bind(key)
            .bind(new.id.as_bytes().as_slice())
            .bind(new.events.len() as i64)
            .bind(new.state.as_deref().unwrap_or_default())
            .execute(&mut **write)
            .await?;
    }
    if let Some(from) = new.inherits {
        journal::hand_over(write, from, new.id).await?;
    }
    Ok(None)
}

/// Inserts the row of an execution and gives its key; `None` where its name or its id is taken.
async fn insert(write: &mut Write, definition: i64, new: &NewExecution) -> Result<Option<i64>> {
    let ending = new.ending.as_ref();
    let inserted = sqlx::query(
        "INSERT INTO executions (id, machine, name, definition, revision, subject, started_us, status, stopped_us, error,
             cause, input, output)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(new.id.as_bytes().as_slice())
    .bind(&new.machine)
    .bind(&new.name)
    .bind(definition)
    .bind(new.revision.as_ref().map(|revision| revision.as_bytes().as_slice()))
    .bind(new.subject.as_deref())
    .bind(to_microseconds(new.started))
    .bind(ending.map_or(ExecutionStatus::Running, |ending| ending.status).as_str())
    .bind(ending.map(|ending| to_microseconds(ending.stopped)))
    .bind(ending.and_then(|ending| ending.error.as_deref()))
    .bind(ending.and_then(|ending| ending.cause.as_deref()))
    .bind(&new.input)
    .bind(ending.and_then(|ending| ending.output.as_deref()))
    .execute(&mut **write)
    .await?;
    Ok((inserted.rows_affected() > 0).then(|| inserted.last_insert_rowid()))
}

/// Stores a step of a running execution.
pub(super) async fn advance(write: &mut Write, step: &Advance) -> Result<()> {
    let count = step.events.len() as i64;
    // Both give the number of events that were stored before.
    let running = if step.ending.is_some() {
        sqlx::query_as("DELETE FROM snapshots WHERE id = ?1 RETURNING execution, events")
            .bind(step.id.as_bytes().as_slice())
    } else {
        sqlx::query_as(
            "UPDATE snapshots SET events = events + ?2, state = ?3 WHERE id = ?1 RETURNING execution, events - ?2",
        )
        .bind(step.id.as_bytes().as_slice())
        .bind(count)
        .bind(step.state.as_deref().unwrap_or_default())
    };
    let running: Option<(i64, i64)> = running.fetch_optional(&mut **write).await?;
    let (key, stored) = running.ok_or(Error::NoSuchExecution)?;
    if let Some(ending) = &step.ending {
        end(write, key, ending).await?;
    }
    append(write, key, stored, &step.events).await
}

async fn end(write: &mut Write, key: i64, ending: &Ending) -> Result<()> {
    sqlx::query("UPDATE executions SET status = ?, stopped_us = ?, error = ?, cause = ?, output = ? WHERE key = ?")
        .bind(ending.status.as_str())
        .bind(to_microseconds(ending.stopped))
        .bind(ending.error.as_deref())
        .bind(ending.cause.as_deref())
        .bind(ending.output.as_deref())
        .bind(key)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Adds a page to the history of an execution that has so many events.
async fn append(write: &mut Write, execution: i64, stored: i64, events: &[String]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO history (execution, first, count, events) VALUES (?, ?, ?, ?)")
        .bind(execution)
        .bind(stored + 1)
        .bind(events.len() as i64)
        .bind(events.join(SEPARATOR))
        .execute(&mut **write)
        .await?;
    Ok(())
}
