//! An execution as it is known: in the store, or, of Express executions of late, in memory.

use std::sync::Arc;

use jiff::Timestamp;
use selfsame_store::{Ending, ExecutionRecord, ExecutionStatus as Stored};
use selfsame_wire::states::ExecutionStatus;
use selfsame_workflow::execution::Outcome;
use uuid::Uuid;

use super::refusal;
use crate::aws::{Context, Error};
use crate::workflow::Ended;

/// An execution.
pub(super) enum Record {
    /// Written down.
    Stored(Box<ExecutionRecord>),
    /// An Express execution that is over.
    Recent(Arc<Ended>),
}

/// The execution that an ARN names. That of an Express execution has its id at the end: others may have the same name.
pub(super) async fn find(context: &Context, text: &str) -> Result<Option<Record>, Error> {
    let arn = refusal::execution(text)?;
    let app = &context.app;
    if !arn.express {
        let found = app.store.get_execution(&arn.machine, &arn.name).await?;
        return Ok(found.map(Record::stored));
    }
    let id = text.rsplit(':').next().and_then(|id| Uuid::parse_str(id).ok());
    let Some(id) = id else {
        return Ok(None);
    };
    let recent = app
        .workflows
        .recent
        .list()
        .into_iter()
        .find(|ended| ended.id == id);
    let found = match recent {
        Some(ended) => Some(Record::Recent(ended)),
        // One that went on after its answer is written down.
        None => app.store.find_execution(id).await?.map(Record::stored),
    };
    Ok(found.filter(|found| found.machine() == arn.machine && found.name() == arn.name))
}

impl Record {
    fn stored(record: ExecutionRecord) -> Self {
        Self::Stored(Box::new(record))
    }

    pub(super) fn id(&self) -> Uuid {
        match self {
            Self::Stored(record) => record.id,
            Self::Recent(ended) => ended.id,
        }
    }

    pub(super) fn machine(&self) -> &str {
        match self {
            Self::Stored(record) => &record.machine,
            Self::Recent(ended) => &ended.machine.name,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Stored(record) => &record.name,
            Self::Recent(ended) => &ended.name,
        }
    }

    pub(super) fn started(&self) -> Timestamp {
        match self {
            Self::Stored(record) => record.started,
            Self::Recent(ended) => ended.started,
        }
    }

    /// When it ended, if it has.
    pub(super) fn stopped(&self) -> Option<Timestamp> {
        match self {
            Self::Stored(record) => record.ending.as_ref().map(|ending| ending.stopped),
            Self::Recent(ended) => Some(ended.stopped),
        }
    }

    /// JSON, without pictures.
    pub(super) fn input(&self) -> String {
        match self {
            Self::Stored(record) => record.input.clone(),
            Self::Recent(ended) => ended.input.to_string(),
        }
    }

    /// JSON, without pictures.
    pub(super) fn output(&self) -> Option<String> {
        match self {
            Self::Stored(record) => record.ending.as_ref()?.output.clone(),
            Self::Recent(ended) => match &ended.outcome {
                Outcome::Succeeded(output) => Some(crate::workflow::view(output).to_string()),
                _ => None,
            },
        }
    }

    /// Error and cause, where there are some.
    pub(super) fn failure(&self) -> (Option<String>, Option<String>) {
        let told = |text: &String| super::payload::some(text.clone());
        match self {
            Self::Stored(record) => match &record.ending {
                Some(Ending { error, cause, .. }) => {
                    (error.as_ref().and_then(told), cause.as_ref().and_then(told))
                }
                None => (None, None),
            },
            Self::Recent(ended) => match &ended.outcome {
                Outcome::Failed(failure) | Outcome::Aborted(failure) => {
                    (told(&failure.error), told(&failure.cause))
                }
                Outcome::Succeeded(_) | Outcome::TimedOut => (None, None),
            },
        }
    }

    pub(super) fn status(&self) -> ExecutionStatus {
        match self {
            Self::Stored(record) => record
                .ending
                .as_ref()
                .map_or(ExecutionStatus::Running, |ending| status(ending.status)),
            Self::Recent(ended) => match &ended.outcome {
                Outcome::Succeeded(_) => ExecutionStatus::Succeeded,
                Outcome::Failed(_) => ExecutionStatus::Failed,
                Outcome::Aborted(_) => ExecutionStatus::Aborted,
                Outcome::TimedOut => ExecutionStatus::TimedOut,
            },
        }
    }
}

/// A status in AWS's words.
pub(super) const fn status(stored: Stored) -> ExecutionStatus {
    match stored {
        Stored::Running => ExecutionStatus::Running,
        Stored::Succeeded => ExecutionStatus::Succeeded,
        Stored::Failed => ExecutionStatus::Failed,
        Stored::TimedOut => ExecutionStatus::TimedOut,
        Stored::Aborted => ExecutionStatus::Aborted,
    }
}
