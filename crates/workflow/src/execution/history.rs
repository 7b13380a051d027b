//! What an execution tells of itself, in the words of `GetExecutionHistory`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// Its number, from 1.
    pub id: u64,
    /// The event that led to it; 0 for the first.
    pub previous: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub detail: Detail,
}

/// What happened. Payloads are as far as the history may keep them.
#[expect(
    missing_docs,
    reason = "the fields are named as in the history events of the service model"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Detail {
    /// The execution began.
    ExecutionStarted { input: Value },
    /// It ended well.
    ExecutionSucceeded { output: Value },
    /// It failed.
    ExecutionFailed { error: String, cause: String },
    /// It took too long.
    ExecutionTimedOut,
    /// Somebody stopped it.
    ExecutionAborted { error: String, cause: String },
    /// A state began.
    StateEntered {
        state: String,
        name: String,
        input: Value,
    },
    /// A state ended well, or its failure was caught.
    StateExited {
        state: String,
        name: String,
        output: Value,
    },
    /// A task was given to its worker.
    TaskScheduled {
        resource: String,
        parameters: Value,
        timeout_seconds: Option<u64>,
        heartbeat_seconds: Option<u64>,
    },
    /// The worker began.
    TaskStarted { resource: String },
    /// The worker has taken it, and somebody will answer.
    TaskSubmitted { resource: String, output: Value },
    /// A task is done.
    TaskSucceeded { resource: String, output: Value },
    /// A task failed.
    TaskFailed {
        resource: String,
        error: String,
        cause: String,
    },
    /// A task took too long, or was silent for too long.
    TaskTimedOut {
        resource: String,
        error: String,
        cause: String,
    },
    /// A Parallel state started its branches.
    ParallelStateStarted,
    /// All branches are done.
    ParallelStateSucceeded,
    /// A branch failed.
    ParallelStateFailed { error: String, cause: String },
    /// A Map state has so many items.
    MapStateStarted { length: usize },
    /// All iterations are done.
    MapStateSucceeded,
    /// Too many iterations failed.
    MapStateFailed { error: String, cause: String },
    /// An iteration began.
    MapIterationStarted { name: String, index: usize },
    /// An iteration is done.
    MapIterationSucceeded { name: String, index: usize },
    /// An iteration failed.
    MapIterationFailed { name: String, index: usize },
    /// An iteration was given up because another failed.
    MapIterationAborted { name: String, index: usize },
}
