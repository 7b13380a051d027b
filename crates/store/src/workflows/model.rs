//! What goes in and comes out. `Debug` shows ids, names and sizes, never an input, an output, a definition or an event.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

/// Which promises a machine makes to those who start it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MachineKind {
    /// Long, durable, each name used once.
    Standard,
    /// Short, at high rates.
    Express,
}

impl MachineKind {
    const ALL: [Self; 2] = [Self::Standard, Self::Express];

    /// As it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Express => "express",
        }
    }

    /// As it was stored.
    pub(crate) fn parse(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == stored)
    }
}

/// A state machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// Which promises it makes.
    pub kind: MachineKind,
    /// What it does, as it was submitted.
    pub definition: String,
    /// The role it claims; kept, never used.
    pub role_arn: String,
    /// Changes with every update.
    pub revision: Uuid,
    /// When it was made; kept to the microsecond.
    pub created: Timestamp,
    /// When it was changed last; kept to the microsecond.
    pub updated: Timestamp,
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("revision", &self.revision)
            .field("created", &self.created)
            .field("updated", &self.updated)
            .finish_non_exhaustive()
    }
}

/// What became of a request to create a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MachineCreation {
    /// It is new.
    Created,
    /// It was there, and stays as it was; its definition may be another than the requested one.
    Exists(Machine),
}

/// What to change of a machine.
#[derive(Clone)]
pub struct MachineUpdate {
    /// The new definition, if it is to change.
    pub definition: Option<String>,
    /// The new role, if it is to change.
    pub role_arn: Option<String>,
    /// The new revision.
    pub revision: Uuid,
    /// The present moment; kept to the microsecond.
    pub now: Timestamp,
}

impl fmt::Debug for MachineUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MachineUpdate")
            .field("revision", &self.revision)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Where an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecutionStatus {
    /// It has not ended.
    Running,
    /// It has ended with an output.
    Succeeded,
    /// It has ended with an error.
    Failed,
    /// It took too long.
    TimedOut,
    /// Somebody has stopped it.
    Aborted,
}

impl ExecutionStatus {
    const ALL: [Self; 5] = [
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Aborted,
    ];

    /// As it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
            Self::Aborted => "aborted",
        }
    }

    /// As it was stored.
    pub(crate) fn parse(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == stored)
    }
}

/// How an execution ended.
#[derive(Clone, PartialEq, Eq)]
pub struct Ending {
    /// In which way; never [`ExecutionStatus::Running`].
    pub status: ExecutionStatus,
    /// What it gave, as JSON.
    pub output: Option<String>,
    /// The error's name.
    pub error: Option<String>,
    /// What the error was about.
    pub cause: Option<String>,
    /// When; kept to the microsecond.
    pub stopped: Timestamp,
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ending")
            .field("status", &self.status)
            .field("error", &self.error)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

/// An execution to start.
#[derive(Clone)]
pub struct NewExecution {
    /// Its id, never used before.
    pub id: Uuid,
    /// The name of its machine, which need not exist (any more).
    pub machine: String,
    /// Its name, never used before with this machine.
    pub name: String,
    /// What it does. Equal texts are stored once.
    pub definition: String,
    /// The revision of the machine that the definition is of.
    pub revision: Option<Uuid>,
    /// What it works on, as JSON.
    pub input: String,
    /// The id of the user it is about, if any: [`super::Executions::forget_executions_about`].
    pub subject: Option<String>,
    /// When it started; kept to the microsecond.
    pub started: Timestamp,
    /// How to go on from here, in the interpreter's words. Not kept where it has ended at once.
    pub state: Option<Vec<u8>>,
    /// The first events of its history, each a JSON text.
    pub events: Vec<String>,
    /// How it ended, if it did so at once. This decides whether it runs.
    pub ending: Option<Ending>,
    /// An execution whose journal entries become this one's, in the same transaction.
    pub inherits: Option<Uuid>,
}

impl fmt::Debug for NewExecution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewExecution")
            .field("id", &self.id)
            .field("machine", &self.machine)
            .field("name", &self.name)
            .field("events", &self.events.len())
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

/// What became of a request to start an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the rare one, and is taken apart at once"
)]
pub enum ExecutionStart {
    /// It is stored.
    Started,
    /// The name is taken by this one, which runs or has ended. Nothing was stored.
    Exists(ExecutionRecord),
}

/// An execution, without snapshot and history.
#[derive(Clone, PartialEq, Eq)]
pub struct ExecutionRecord {
    /// Which one.
    pub id: Uuid,
    /// The name of its machine.
    pub machine: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub definition: String,
    /// The revision of the machine that the definition is of.
    pub revision: Option<Uuid>,
    /// What it works on, as JSON.
    pub input: String,
    /// The id of the user it is about, if any.
    pub subject: Option<String>,
    /// When it started.
    pub started: Timestamp,
    /// How it ended; `None` while it runs.
    pub ending: Option<Ending>,
}

impl fmt::Debug for ExecutionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecutionRecord")
            .field("id", &self.id)
            .field("machine", &self.machine)
            .field("name", &self.name)
            .field("started", &self.started)
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

/// A line in a list of executions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionSummary {
    /// Which one.
    pub id: Uuid,
    /// The name of its machine.
    pub machine: String,
    /// Its name.
    pub name: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended; `None` while it runs.
    pub stopped: Option<Timestamp>,
    /// Where it is.
    pub status: ExecutionStatus,
}

/// A step of a running execution.
#[derive(Clone)]
pub struct Advance {
    /// Which one.
    pub id: Uuid,
    /// How to go on from here, in the interpreter's words. Not kept where it has ended.
    pub state: Option<Vec<u8>>,
    /// The events that follow in its history, each a JSON text.
    pub events: Vec<String>,
    /// How it ended, if it did. This decides whether it still runs.
    pub ending: Option<Ending>,
}

impl fmt::Debug for Advance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Advance")
            .field("id", &self.id)
            .field("events", &self.events.len())
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

/// A running execution, with what is needed to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The execution.
    pub record: ExecutionRecord,
    /// Its last snapshot.
    pub state: Vec<u8>,
    /// How many events of its history are stored.
    pub events: u64,
}

/// Which executions to list.
#[derive(Debug, Clone, Default)]
pub struct ExecutionFilter {
    /// Only those of the machine with this name.
    pub machine: Option<String>,
    /// Only those that are there.
    pub status: Option<ExecutionStatus>,
}
