//! Executions' interface: starts and steps go to the queue, reads to the reading connections, erasure goes alone.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, FromRow as _, Row as _};
use uuid::Uuid;

use super::super::enrol::uuid;
use super::super::{Inner, Sqlite, Write};
use super::commits::Work;
use super::steps::{SEPARATOR, TAKEN, WITH_ID};
use super::{Row, columns, definitions, record, status};
use crate::rules::{from_microseconds, to_microseconds};
use crate::workflows::{
    Advance, ExecutionFilter, ExecutionRecord, ExecutionStart, ExecutionStatus, ExecutionSummary, Executions,
    NewExecution, Unfinished,
};
use crate::{Error, Result};

/// Running executions after an id (`?1`), so many (`?2`), with snapshots.
pub(in crate::sqlite) const UNFINISHED: &str = concat!(
    "SELECT ",
    columns!(),
    ", s.state, s.events FROM snapshots s JOIN executions e ON e.key = s.execution
         JOIN definitions d ON d.key = e.definition
     WHERE s.id > ?1 ORDER BY s.id LIMIT ?2"
);

/// The statement that lists executions before a moment (`?1`) and id (`?2`), so many (`?3`), perhaps only those of a
/// machine (`?4`) or with a status (`?5`).
pub(in crate::sqlite) fn listed(by_machine: bool, by_status: bool) -> AssertSqlSafe<String> {
    let condition = match (by_machine, by_status) {
        (false, false) => "",
        (true, false) => "machine = ?4 AND ",
        (false, true) => "status = ?5 AND ",
        (true, true) => "machine = ?4 AND status = ?5 AND ",
    };
    AssertSqlSafe(format!(
        "SELECT id, machine, name, started_us, stopped_us, status FROM executions
         WHERE {condition}(started_us, id) < (?1, ?2) ORDER BY started_us DESC, id DESC LIMIT ?3"
    ))
}

type SummaryColumns = (Vec<u8>, String, String, i64, Option<i64>, String);

fn summary((id, machine, name, started_us, stopped_us, stored): SummaryColumns) -> Result<ExecutionSummary> {
    Ok(ExecutionSummary {
        id: uuid(&id)?,
        machine,
        name,
        started: from_microseconds(started_us)?,
        stopped: stopped_us.map(from_microseconds).transpose()?,
        status: status(&stored)?,
    })
}

/// A page of a history, taken apart.
fn page(count: i64, events: &str) -> Result<Vec<&str>> {
    let events: Vec<&str> = events.split(SEPARATOR).collect();
    if i64::try_from(events.len()) == Ok(count) {
        Ok(events)
    } else {
        Err(Error::corrupt("a page of a history"))
    }
}

/// Events from a number upwards.
async fn events_up(read: &mut Write, key: i64, from: i64, limit: usize) -> Result<Vec<String>> {
    // The page that holds the event, or comes after it; then the others.
    let mut pages = sqlx::query_as::<_, (i64, i64, String)>(
        "SELECT first, count, events FROM history
         WHERE execution = ?1
             AND first >= coalesce((SELECT max(first) FROM history WHERE execution = ?1 AND first <= ?2), 1)
         ORDER BY first",
    )
    .bind(key)
    .bind(from)
    .fetch(&mut **read);
    let mut found = Vec::new();
    while found.len() < limit
        && let Some((first, count, events)) = pages.try_next().await?
    {
        let unwanted = usize::try_from(from - first).unwrap_or(0);
        let wanted = page(count, &events)?.into_iter().skip(unwanted);
        found.extend(wanted.take(limit - found.len()).map(str::to_owned));
    }
    Ok(found)
}

/// Events from a number downwards.
async fn events_down(read: &mut Write, key: i64, from: i64, limit: usize) -> Result<Vec<String>> {
    let mut pages = sqlx::query_as::<_, (i64, i64, String)>(
        "SELECT first, count, events FROM history WHERE execution = ?1 AND first <= ?2 ORDER BY first DESC",
    )
    .bind(key)
    .bind(from)
    .fetch(&mut **read);
    let mut found = Vec::new();
    while found.len() < limit
        && let Some((first, count, events)) = pages.try_next().await?
    {
        let wanted = usize::try_from(from - first).map_or(usize::MAX, |last| last.saturating_add(1));
        let events = page(count, &events)?;
        let wanted = events[..wanted.min(events.len())].iter().rev();
        found.extend(wanted.take(limit - found.len()).map(|event| (*event).to_owned()));
    }
    Ok(found)
}

/// Erases the executions that a statement deletes, whose definitions it gives back.
async fn forget(inner: &Inner, statement: Deletion) -> Result<u64> {
    let mut write = inner.write().await?;
    let query = match statement {
        Deletion::EndedBefore(moment, limit) => sqlx::query_scalar(
            "DELETE FROM executions WHERE key IN
                 (SELECT key FROM executions WHERE stopped_us < ? ORDER BY stopped_us, key LIMIT ?)
             RETURNING definition",
        )
        .bind(to_microseconds(moment))
        .bind(limit),
        Deletion::About(subject) => {
            sqlx::query_scalar("DELETE FROM executions WHERE subject = ? RETURNING definition").bind(subject)
        }
    };
    let definitions: Vec<i64> = query.fetch_all(&mut *write).await?;
    let count = definitions.len() as u64;
    if count == 0 {
        return Ok(0);
    }
    definitions::remove_unused(&mut write, &BTreeSet::from_iter(definitions)).await?;
    write.commit().await?;
    // Inputs, outputs and histories are in the log.
    inner.truncate_log().await;
    Ok(count)
}

/// Which executions to erase.
enum Deletion {
    EndedBefore(Timestamp, u32),
    About(String),
}

#[async_trait]
impl Executions for Sqlite {
    async fn start_execution(&self, new: NewExecution) -> Result<ExecutionStart> {
        let taken = self.share(Work::Start(Box::new(new))).await?;
        Ok(taken.map_or(ExecutionStart::Started, ExecutionStart::Exists))
    }

    async fn advance_execution(&self, step: Advance) -> Result<()> {
        self.share(Work::Advance(step)).await.map(drop)
    }

    async fn get_execution(&self, machine: &str, name: &str) -> Result<Option<ExecutionRecord>> {
        let found: Option<Row> = sqlx::query_as(TAKEN)
            .bind(machine)
            .bind(name)
            .fetch_optional(&self.inner.readers)
            .await?;
        found.map(record).transpose()
    }

    async fn find_execution(&self, id: Uuid) -> Result<Option<ExecutionRecord>> {
        let found: Option<Row> = sqlx::query_as(WITH_ID)
            .bind(id.as_bytes().as_slice())
            .fetch_optional(&self.inner.readers)
            .await?;
        found.map(record).transpose()
    }

    async fn list_executions(
        &self,
        filter: &ExecutionFilter,
        before: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<ExecutionSummary>> {
        // No execution started as late as that.
        let (moment, id) = before.map_or((i64::MAX, Uuid::nil()), |(moment, id)| {
            (to_microseconds(moment), id)
        });
        let rows: Vec<SummaryColumns> =
            sqlx::query_as(listed(filter.machine.is_some(), filter.status.is_some()))
                .bind(moment)
                .bind(id.as_bytes().as_slice())
                .bind(limit)
                .bind(filter.machine.as_deref())
                .bind(filter.status.map(ExecutionStatus::as_str))
                .fetch_all(&self.inner.readers)
                .await?;
        rows.into_iter().map(summary).collect()
    }

    async fn execution_events(
        &self,
        id: Uuid,
        from: u64,
        limit: u32,
        newest_first: bool,
    ) -> Result<Vec<String>> {
        let mut read = self.inner.read().await?;
        let key: Option<i64> = sqlx::query_scalar("SELECT key FROM executions WHERE id = ?")
            .bind(id.as_bytes().as_slice())
            .fetch_optional(&mut *read)
            .await?;
        let Some(key) = key else {
            return Ok(Vec::new());
        };
        let (from, limit) = (i64::try_from(from).unwrap_or(i64::MAX), limit as usize);
        if newest_first {
            events_down(&mut read, key, from, limit).await
        } else {
            events_up(&mut read, key, from, limit).await
        }
    }

    async fn unfinished_executions(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Unfinished>> {
        // The empty blob is before every id.
        let rows = sqlx::query(UNFINISHED)
            .bind(after.as_ref().map_or(&[][..], |id| id.as_bytes().as_slice()))
            .bind(limit)
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter()
            .map(|row| {
                let events: i64 = row.try_get("events")?;
                Ok(Unfinished {
                    record: record(Row::from_row(row)?)?,
                    state: row.try_get("state")?,
                    events: events.unsigned_abs(),
                })
            })
            .collect()
    }

    async fn forget_executions(&self, ended_before: Timestamp, limit: u32) -> Result<u64> {
        self.carry_through(
            |inner| async move { forget(&inner, Deletion::EndedBefore(ended_before, limit)).await },
        )
        .await
    }

    async fn forget_executions_about(&self, subject: &str) -> Result<u64> {
        let subject = subject.to_owned();
        self.carry_through(|inner| async move { forget(&inner, Deletion::About(subject)).await })
            .await
    }
}
