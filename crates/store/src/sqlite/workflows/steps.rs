//! What a start and a step of an execution are in a transaction that others may share. A refusal is known before
//! anything is changed, or changes nothing; so it needs no savepoint.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::super::{Write, journal};
use super::definitions::{self, Known};
use super::{Row, columns, record};
use crate::rules::to_microseconds;
use crate::workflows::{Advance, ExecutionRecord, ExecutionStatus, NewExecution};
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

/// The same by its id.
pub(super) const WITH_ID: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM executions e JOIN definitions d ON d.key = e.definition WHERE e.id = ?1"
);

/// What inserts an execution, see [`insert`]: each statement does something only if the one before it did.
const INSERT: &str = "
    INSERT INTO executions (id, machine, name, definition, revision, subject, started_us, status, stopped_us, error,
        cause, input, output)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;";
const INSERT_SNAPSHOT: &str = "
    INSERT INTO snapshots (execution, id, events, state)
    SELECT key, id, ?, ? FROM executions WHERE id = ? AND changes() > 0;";
const INSERT_PAGE: &str = "
    INSERT INTO history (execution, first, count, events)
    SELECT key, 1, ?, ? FROM executions WHERE id = ? AND changes() > 0;";

/// What takes an execution further, see [`advance`]. It runs while it has a snapshot.
const APPEND_PAGE: &str = "
    INSERT INTO history (execution, first, count, events)
    SELECT execution, events + 1, ?, ? FROM snapshots WHERE id = ?;";
const GO_ON: &str = "UPDATE snapshots SET events = events + ?, state = ? WHERE id = ?;";
const END: &str = "
    UPDATE executions SET status = ?, stopped_us = ?, error = ?, cause = ?, output = ?
    WHERE key = (SELECT execution FROM snapshots WHERE id = ?);
    DELETE FROM snapshots WHERE id = ?;";

/// Starts an execution, or gives the one that has its name.
pub(super) async fn start(
    write: &mut Write,
    known: &mut Known,
    new: &NewExecution,
) -> Result<Option<ExecutionRecord>> {
    let definition = definitions::intern(write, known, &new.definition).await?;
    if insert(write, definition, new).await? {
        if let Some(from) = new.inherits {
            journal::hand_over(write, from, new.id).await?;
        }
        return Ok(None);
    }
    // Perhaps the definition was for nothing.
    known.retain(|_, key| *key != definition);
    definitions::remove_unused(write, &BTreeSet::from([definition])).await?;
    let taken: Option<Row> = sqlx::query_as(TAKEN)
        .bind(&new.machine)
        .bind(&new.name)
        .fetch_optional(&mut **write)
        .await?;
    match taken {
        Some(row) => record(row).map(Some),
        None => Err(Error::IdTaken { kind: "execution id" }),
    }
}

/// Inserts an execution with snapshot and first page; `false` where its name or its id is taken. All in one message to
/// the thread that SQLite runs on: messages take longer than what they ask for.
async fn insert(write: &mut Write, definition: i64, new: &NewExecution) -> Result<bool> {
    let (id, ending) = (new.id.as_bytes().as_slice(), new.ending.as_ref());
    let page = (!new.events.is_empty()).then_some(INSERT_PAGE);
    let snapshot = ending.is_none().then_some(INSERT_SNAPSHOT);
    let mut insert = sqlx::query(together([Some(INSERT), snapshot, page]))
        .bind(id)
        .bind(&new.machine)
        .bind(&new.name)
        .bind(definition)
        .bind(
            new.revision
                .as_ref()
                .map(|revision| revision.as_bytes().as_slice()),
        )
        .bind(new.subject.as_deref())
        .bind(to_microseconds(new.started))
        .bind(
            ending
                .map_or(ExecutionStatus::Running, |ending| ending.status)
                .as_str(),
        )
        .bind(ending.map(|ending| to_microseconds(ending.stopped)))
        .bind(ending.and_then(|ending| ending.error.as_deref()))
        .bind(ending.and_then(|ending| ending.cause.as_deref()))
        .bind(&new.input)
        .bind(ending.and_then(|ending| ending.output.as_deref()));
    let count = new.events.len() as i64;
    if snapshot.is_some() {
        let state = new.state.as_deref().unwrap_or_default();
        insert = insert.bind(count).bind(state).bind(id);
    }
    if page.is_some() {
        insert = insert.bind(count).bind(new.events.join(SEPARATOR)).bind(id);
    }
    Ok(insert.execute(&mut **write).await?.rows_affected() > 0)
}

/// Stores a step of a running execution, in one message as well.
pub(super) async fn advance(write: &mut Write, step: &Advance) -> Result<()> {
    let (id, count) = (step.id.as_bytes().as_slice(), step.events.len() as i64);
    let page = (!step.events.is_empty()).then_some(APPEND_PAGE);
    let rest = if step.ending.is_some() { END } else { GO_ON };
    let mut advance = sqlx::query(together([page, Some(rest), None]));
    if page.is_some() {
        advance = advance.bind(count).bind(step.events.join(SEPARATOR)).bind(id);
    }
    advance = match &step.ending {
        Some(ending) => advance
            .bind(ending.status.as_str())
            .bind(to_microseconds(ending.stopped))
            .bind(ending.error.as_deref())
            .bind(ending.cause.as_deref())
            .bind(ending.output.as_deref())
            .bind(id)
            .bind(id),
        None => advance
            .bind(count)
            .bind(step.state.as_deref().unwrap_or_default())
            .bind(id),
    };
    if advance.execute(&mut **write).await?.rows_affected() > 0 {
        Ok(())
    } else {
        Err(Error::NoSuchExecution)
    }
}

/// Statements as one text. Each text is prepared once and kept, so there are few of them.
fn together(parts: [Option<&'static str>; 3]) -> AssertSqlSafe<String> {
    AssertSqlSafe(parts.into_iter().flatten().collect())
}
