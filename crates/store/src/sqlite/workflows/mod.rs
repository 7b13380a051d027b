//! State machines and executions: rows, and the queue through which executions reach the disk together.

mod commits;
mod definitions;
mod executions;
mod machines;
mod steps;

pub(super) use commits::Queue;
#[cfg(test)]
pub(super) use executions::{UNFINISHED, listed};
#[cfg(test)]
pub(super) use steps::TAKEN;

use jiff::Timestamp;
use uuid::Uuid;

use super::enrol::uuid;
use crate::rules::from_microseconds;
use crate::workflows::{Ending, ExecutionRecord, ExecutionStatus};
use crate::{Error, Result};

/// An execution's row with its definition, as `columns` reads it.
#[derive(sqlx::FromRow)]
struct Row {
    id: Vec<u8>,
    machine: String,
    name: String,
    definition: String,
    revision: Option<Vec<u8>>,
    subject: Option<String>,
    started_us: i64,
    status: String,
    stopped_us: Option<i64>,
    error: Option<String>,
    cause: Option<String>,
    input: String,
    output: Option<String>,
}

/// What a [`Row`] is read from: executions as `e`, definitions as `d`.
macro_rules! columns {
    () => {
        "e.id, e.machine, e.name, d.definition, e.revision, e.subject, e.started_us, e.status, e.stopped_us, e.error,
         e.cause, e.input, e.output"
    };
}
use columns;

fn record(row: Row) -> Result<ExecutionRecord> {
    let stopped = row.stopped_us.map(from_microseconds).transpose()?;
    let status = status(&row.status)?;
    let ending = stopped.map(|stopped: Timestamp| Ending {
        status,
        output: row.output,
        error: row.error,
        cause: row.cause,
        stopped,
    });
    Ok(ExecutionRecord {
        id: uuid(&row.id)?,
        machine: row.machine,
        name: row.name,
        definition: row.definition,
        revision: revision(row.revision.as_deref())?,
        input: row.input,
        subject: row.subject,
        started: from_microseconds(row.started_us)?,
        ending,
    })
}

fn status(stored: &str) -> Result<ExecutionStatus> {
    ExecutionStatus::parse(stored).ok_or(Error::corrupt("an execution's status"))
}

fn revision(stored: Option<&[u8]>) -> Result<Option<Uuid>> {
    stored.map(uuid).transpose()
}
