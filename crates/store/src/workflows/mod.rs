//! State machines, their executions, and the journal by which an execution's writes are taken back: what is promised,
//! in the words of every backend.
//!
//! A definition, an input, a snapshot and the events of a history are texts and bytes here. Nothing in this crate reads
//! them: what a state is, and what comes next, is the interpreter's business.

mod model;
mod replaced;

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{Change, CollectionId};
use uuid::Uuid;

use crate::Result;

pub use model::{
    Advance, Ending, ExecutionFilter, ExecutionRecord, ExecutionStart, ExecutionStatus, ExecutionSummary,
    Machine, MachineCreation, MachineKind, MachineUpdate, NewExecution, Unfinished,
};
pub(crate) use replaced::Replaced;

/// State machines. Names are compared byte for byte.
#[async_trait]
pub trait Machines: Send + Sync {
    /// Makes a machine. An existing one of this name stays as it is and is given back.
    async fn create_machine(&self, machine: &Machine) -> Result<MachineCreation>;

    /// One machine.
    async fn get_machine(&self, name: &str) -> Result<Option<Machine>>;

    /// Up to `limit` machines whose names follow `after`, in the byte order of their names.
    async fn list_machines(&self, after: Option<&str>, limit: u32) -> Result<Vec<Machine>>;

    /// Changes a machine and gives it as it is then; `None` where there is none. Executions keep the definition they
    /// were started with.
    async fn update_machine(&self, name: &str, change: MachineUpdate) -> Result<Option<Machine>>;

    /// Removes a machine; `false` where there is none. Its executions go on, and are kept as long as others.
    async fn delete_machine(&self, name: &str) -> Result<bool>;
}

/// Executions and their histories.
///
/// A start or a step is on the disk when it returns, is carried through even if its future is dropped, and succeeds or
/// fails alone, however many callers share a transaction.
#[async_trait]
pub trait Executions: Send + Sync {
    /// Starts an execution, or finds its name taken among those of its machine; then nothing is stored. Fails with
    /// [`crate::Error::IdTaken`] where another execution has the id.
    async fn start_execution(&self, new: NewExecution) -> Result<ExecutionStart>;

    /// Stores a step of a running execution. Fails with [`crate::Error::NoSuchExecution`] where it has ended or is not
    /// known (any more); then nothing is stored.
    async fn advance_execution(&self, step: Advance) -> Result<()>;

    /// One execution, by its machine's name and its own.
    async fn get_execution(&self, machine: &str, name: &str) -> Result<Option<ExecutionRecord>>;

    /// One execution, by its id.
    async fn find_execution(&self, id: Uuid) -> Result<Option<ExecutionRecord>>;

    /// Up to `limit` executions that were started before this one (by moment, then id), newest first.
    async fn list_executions(
        &self,
        filter: &ExecutionFilter,
        before: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<ExecutionSummary>>;

    /// Up to `limit` events of an execution, beginning with the one numbered `from` (the first has number 1) and going
    /// up, or down with `newest_first`. `u64::MAX` stands for the newest. Empty where the execution is not known.
    async fn execution_events(
        &self,
        id: Uuid,
        from: u64,
        limit: u32,
        newest_first: bool,
    ) -> Result<Vec<String>>;

    /// Up to `limit` running executions whose ids follow `after`, by id.
    async fn unfinished_executions(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Unfinished>>;

    /// Erases up to `limit` executions that ended before a moment, those that ended first; gives their number. Their
    /// names are free again.
    async fn forget_executions(&self, ended_before: Timestamp, limit: u32) -> Result<u64>;

    /// Erases all executions about a subject, running ones too; gives their number. What they wrote stays, and with it
    /// their entries in the [`Journal`].
    async fn forget_executions_about(&self, subject: &str) -> Result<u64>;
}

/// What executions have written and may still take back. A write that names an execution
/// ([`crate::NewUser::journal`], [`crate::UpdateUser::journal`]) leaves an entry here, in the same transaction.
///
/// An entry about a user who is erased goes with them. Nothing is settled or undone by itself, not even on opening:
/// whoever runs the executions decides. Both functions do nothing the second time, and give the changes they made to
/// the change logs, by collection.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The executions that have entries, by id.
    async fn journals(&self) -> Result<Vec<Uuid>>;

    /// What an execution wrote stays: forgets its entries, and erases the oldest faces above the limits of its updates.
    /// Faces that another execution may still take back are neither counted nor erased.
    async fn settle(&self, execution: Uuid) -> Result<Vec<(CollectionId, Vec<Change>)>>;

    /// Takes back everything an execution wrote, the newest first, all or nothing. A user it registered is erased,
    /// unless they have lost the face of that registration; of a user it updated, the new face is erased if it is
    /// still theirs, and properties get their former values unless somebody has changed them since.
    async fn undo(&self, execution: Uuid) -> Result<Vec<(CollectionId, Vec<Change>)>>;
}
