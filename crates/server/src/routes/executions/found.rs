//! An execution to be shown: from the store, or, of Express executions of late, from memory.

use std::sync::Arc;

use jiff::Timestamp;
use selfsame_store::{Ending, ExecutionRecord, ExecutionStatus};
use selfsame_workflow::execution::Outcome;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::executions_page::Status;
use crate::workflow::{Ended, arn};

/// An execution.
pub(super) struct Found {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) machine: String,
    pub(super) express: bool,
    pub(super) status: Status,
    pub(super) started: Timestamp,
    pub(super) stopped: Option<Timestamp>,
    pub(super) input: Value,
    pub(super) output: Option<Value>,
    /// Error and cause.
    pub(super) failure: Option<(String, String)>,
    /// What it does, as it was written.
    pub(super) definition: Arc<str>,
    pub(super) history: History,
}

/// Where the history is.
pub(super) enum History {
    Stored(Uuid),
    Remembered(Arc<Ended>),
}

/// Looks an execution up. That of an Express execution has its id at the end: others may have the same name.
pub(super) async fn find(app: &App, text: &str) -> Result<Option<Found>, Error> {
    let Some(named) = arn::execution(text) else {
        return Ok(None);
    };
    let found = if named.express {
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
        match recent {
            Some(ended) => Some(Found::recent(ended)),
            // One that went on after its answer is written down.
            None => app
                .store
                .find_execution(id)
                .await?
                .map(|record| Found::stored(text, true, record)),
        }
    } else {
        let record = app.store.get_execution(&named.machine, &named.name).await?;
        record.map(|record| Found::stored(text, false, record))
    };
    Ok(found.filter(|found| (&found.machine, &found.name) == (&named.machine, &named.name)))
}

impl Found {
    fn stored(arn: &str, express: bool, record: ExecutionRecord) -> Self {
        let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
        let ending = record.ending;
        Self {
            arn: arn.to_owned(),
            name: record.name,
            machine: record.machine,
            express,
            status: ending
                .as_ref()
                .map_or(Status::Running, |ending| status(ending.status)),
            started: record.started,
            stopped: ending.as_ref().map(|ending| ending.stopped),
            input: json(record.input),
            failure: ending.as_ref().and_then(failure),
            output: ending.and_then(|ending| ending.output).map(json),
            definition: record.definition.into(),
            history: History::Stored(record.id),
        }
    }

    fn recent(ended: Arc<Ended>) -> Self {
        let (status, output, failure) = outcome(&ended.outcome);
        Self {
            arn: ended.arn.clone(),
            name: ended.name.clone(),
            machine: ended.machine.name.clone(),
            express: true,
            status,
            started: ended.started,
            stopped: Some(ended.stopped),
            input: ended.input.clone(),
            output,
            failure,
            definition: Arc::clone(&ended.machine.text),
            history: History::Remembered(ended),
        }
    }
}

fn failure(ending: &Ending) -> Option<(String, String)> {
    let cause = ending.cause.clone().unwrap_or_default();
    ending.error.clone().map(|error| (error, cause))
}

/// Status, output, and error with cause.
pub(super) fn outcome(outcome: &Outcome) -> (Status, Option<Value>, Option<(String, String)>) {
    match outcome {
        Outcome::Succeeded(output) => (Status::Succeeded, Some(output.clone()), None),
        Outcome::TimedOut => (Status::TimedOut, None, None),
        Outcome::Failed(failure) => (
            Status::Failed,
            None,
            Some((failure.error.clone(), failure.cause.clone())),
        ),
        Outcome::Aborted(failure) => (
            Status::Aborted,
            None,
            Some((failure.error.clone(), failure.cause.clone())),
        ),
    }
}

/// A status in the page's words.
pub(super) const fn status(stored: ExecutionStatus) -> Status {
    match stored {
        ExecutionStatus::Running => Status::Running,
        ExecutionStatus::Succeeded => Status::Succeeded,
        ExecutionStatus::Failed => Status::Failed,
        ExecutionStatus::TimedOut => Status::TimedOut,
        ExecutionStatus::Aborted => Status::Aborted,
    }
}
