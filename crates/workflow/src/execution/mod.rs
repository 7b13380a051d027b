//! One run of a state machine, as a value: everything that is needed to go on is in it, also after it was written down and
//! read again. [`step`] moves it on; nothing else does.
//!
//! Time passes only in events. Whoever drives an execution asks [`Execution::deadline`] when to send the next
//! [`Event::Tick`].

mod branch;
mod children;
mod context;
mod data;
mod enter;
mod fail;
mod history;
mod run;
mod size;
mod tasks;
#[cfg(test)]
mod tests;
mod trial;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::definition::{Resource, StateMachine};
use crate::{Failure, Random};
use branch::Branch;
use run::Run;

pub use history::{Detail, HistoryEvent};
pub use trial::{Given, Inspection, Trial, Verdict, Work};

/// What an execution must not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Events in its history: the budget that ends endless loops. AWS has 25 000.
    pub max_events: u64,
    /// The size of a payload as JSON, in bytes. AWS has 256 KiB; photos travel in ours.
    pub max_payload_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_events: 25_000,
            max_payload_bytes: 24 << 20,
        }
    }
}

/// Who an execution is, for the context object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `$$.Execution.Id`, its ARN.
    pub id: String,
    /// `$$.Execution.Name`
    pub name: String,
    /// `$$.Execution.RoleArn`
    pub role_arn: String,
    /// `$$.StateMachine.Id`, the ARN of its state machine.
    pub machine_id: String,
    /// `$$.StateMachine.Name`
    pub machine_name: String,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// With an output.
    Succeeded(Value),
    /// With a failure that nobody caught.
    Failed(Failure),
    /// It took longer than `TimeoutSeconds`.
    TimedOut,
    /// Somebody stopped it.
    Aborted(Failure),
}

/// A run of a state machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    identity: Identity,
    input: Value,
    started: Timestamp,
    /// When it will have taken too long.
    expires: Option<Timestamp>,
    limits: Limits,
    branches: BTreeMap<u64, Branch>,
    next_branch: u64,
    next_task: u64,
    /// How many events its history has.
    events: u64,
    outcome: Option<Outcome>,
}

/// What happens to an execution.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Time has passed, or it shall begin.
    Tick,
    /// A task is done.
    Succeeded {
        /// Which.
        task: u64,
        /// Its result.
        output: Value,
    },
    /// A task that waits for its token has been handed over.
    Submitted {
        /// Which.
        task: u64,
        /// What the worker answered.
        output: Value,
    },
    /// A task failed.
    Failed {
        /// Which.
        task: u64,
        /// How.
        failure: Failure,
    },
    /// A task is still being worked on.
    Heartbeat {
        /// Which.
        task: u64,
    },
    /// Somebody stops the execution.
    Stop {
        /// Why.
        failure: Failure,
    },
}

/// What the driver has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Have a task done.
    Start(TaskStart),
    /// Nobody waits for this task any more.
    Cancel {
        /// Which.
        task: u64,
    },
    /// Append to the history.
    Record(HistoryEvent),
}

/// A task to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskStart {
    /// Its number, unique in the execution; a further attempt has another.
    pub task: u64,
    /// The state that it belongs to.
    pub state: String,
    /// What does it.
    pub resource: Resource,
    /// Its input.
    pub parameters: Value,
    /// When it will have taken too long.
    pub expires: Option<Timestamp>,
    /// True where it has been handed over already and only the answer is missing.
    pub submitted: bool,
}

/// What the world is like at a step.
pub struct Moment<'a> {
    /// What time it is.
    pub now: Timestamp,
    /// Random numbers.
    pub random: &'a mut dyn Random,
    /// The token of a task, by which its worker names it.
    pub token: &'a dyn Fn(u64) -> String,
    /// What the history may keep of a value.
    pub view: &'a dyn Fn(&Value) -> Value,
}

/// Moves an execution on: takes what has happened, and gives the execution as it is then and what to do.
///
/// Events about tasks that nobody waits for (any more) and events after the end change nothing.
#[must_use]
pub fn step(
    machine: &StateMachine,
    execution: Execution,
    event: Event,
    moment: &mut Moment<'_>,
) -> (Execution, Vec<Command>) {
    if execution.outcome.is_some() {
        return (execution, Vec::new());
    }
    Run::new(machine, execution, moment).step(event)
}

impl Execution {
    /// An execution that has not begun: the first [`Event::Tick`] begins it.
    #[must_use]
    pub fn new(
        machine: &StateMachine,
        identity: Identity,
        input: Value,
        limits: Limits,
        now: Timestamp,
    ) -> Self {
        let root = Branch::root(machine.graph.start_at.clone(), input.clone(), now);
        Self {
            identity,
            input,
            started: now,
            expires: machine.timeout_seconds.map(|seconds| data::later(now, seconds)),
            limits,
            branches: BTreeMap::from([(0, root)]),
            next_branch: 1,
            next_task: 1,
            events: 0,
            outcome: None,
        }
    }

    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it was given.
    #[must_use]
    pub const fn input(&self) -> &Value {
        &self.input
    }

    /// When it was made.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// How it ended, once it has.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Makes it end no later than this, whatever its definition says.
    pub fn expire_at(&mut self, moment: Timestamp) {
        self.expires = Some(self.expires.map_or(moment, |already| already.min(moment)));
    }

    /// When it wants to hear that time has passed.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.outcome.is_some() {
            return None;
        }
        let branches = self.branches.values().filter_map(Branch::deadline);
        branches.chain(self.expires).min()
    }

    /// Whether a task waits for its token to be sent back.
    #[must_use]
    pub fn awaits_token(&self, task: u64) -> bool {
        self.running()
            .iter()
            .any(|running| running.task == task && running.waits_for_token())
    }

    /// The tasks that are not done, as a driver has to take them up again after a restart.
    #[must_use]
    pub fn running(&self) -> Vec<TaskStart> {
        self.branches.values().filter_map(Branch::task_start).collect()
    }
}

impl TaskStart {
    /// Whether the task is done when somebody sends its token back, not when its worker answers.
    #[must_use]
    pub fn waits_for_token(&self) -> bool {
        self.resource.pattern() == crate::definition::Pattern::WaitForTaskToken
    }
}
