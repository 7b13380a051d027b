//! Executions that are over, and the Express executions of late, which are kept nowhere else: so that what has just
//! happened can be looked at.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use selfsame_workflow::execution::{HistoryEvent, Outcome};
use serde_json::Value;
use uuid::Uuid;

use super::actions::FailureName;
use super::catalog::Machine;

/// Express executions that are remembered. Ours: a few megabytes.
const KEPT: usize = 512;

/// An execution that is over, or has answered.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) id: Uuid,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) machine: Arc<Machine>,
    pub(crate) subject: Option<String>,
    pub(crate) started: Timestamp,
    pub(crate) stopped: Timestamp,
    /// Without pictures.
    pub(crate) input: Value,
    pub(crate) outcome: Outcome,
    /// Without pictures. Empty where the history is in the store.
    pub(crate) events: Vec<HistoryEvent>,
}

impl Ended {
    /// How it ended, for the log and for metrics, as one of a few words: the status of its output or the name of its error
    /// where that is one of the flows', else only whether it succeeded.
    pub(super) fn label(&self) -> &'static str {
        const STATUSES: [&str; 3] = ["Registered", "Verified", "Updated"];
        match &self.outcome {
            Outcome::Succeeded(output) => {
                let status = output.get("Status").and_then(Value::as_str);
                let known = STATUSES.into_iter().find(|known| Some(*known) == status);
                known.unwrap_or("Succeeded")
            }
            Outcome::Failed(failure) => FailureName::known(&failure.error).unwrap_or("Failed"),
            Outcome::Aborted(_) => "Aborted",
            Outcome::TimedOut => "TimedOut",
        }
    }
}

/// The Express executions of late.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<Arc<Ended>>>);

impl Recent {
    pub(super) fn add(&self, ended: Arc<Ended>) {
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(ended);
    }

    /// One of them.
    pub(crate) fn find(&self, machine: &str, name: &str) -> Option<Arc<Ended>> {
        let kept = self.kept();
        let mut latest_first = kept.iter().rev();
        latest_first
            .find(|ended| ended.machine.name == machine && ended.name == name)
            .cloned()
    }

    /// All of them, the latest first.
    pub(crate) fn list(&self) -> Vec<Arc<Ended>> {
        self.kept().iter().rev().cloned().collect()
    }

    /// Forgets those about a person.
    pub(super) fn forget(&self, subject: &str) {
        self.kept()
            .retain(|ended| ended.subject.as_deref() != Some(subject));
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Ended>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
