//! State machines and executions in the in-memory twin.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Memory, stored};
use crate::workflows::{
    Advance, Ending, ExecutionFilter, ExecutionRecord, ExecutionStart, ExecutionStatus, ExecutionSummary,
    Executions, Machine, MachineCreation, MachineUpdate, Machines, NewExecution, Unfinished,
};
use crate::{Error, Result};

#[derive(Default)]
pub(super) struct State {
    machines: BTreeMap<String, Machine>,
    executions: BTreeMap<Uuid, Execution>,
    /// By the machine's name and their own.
    names: HashMap<(String, String), Uuid>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "State({} machines, {} executions)",
            self.machines.len(),
            self.executions.len()
        )
    }
}

struct Execution {
    record: ExecutionRecord,
    /// The last snapshot, while it runs.
    state: Vec<u8>,
    events: Vec<String>,
}

impl Execution {
    fn summary(&self) -> ExecutionSummary {
        let record = &self.record;
        ExecutionSummary {
            id: record.id,
            machine: record.machine.clone(),
            name: record.name.clone(),
            started: record.started,
            stopped: record.ending.as_ref().map(|ending| ending.stopped),
            status: self.status(),
        }
    }

    fn status(&self) -> ExecutionStatus {
        let ending = self.record.ending.as_ref();
        ending.map_or(ExecutionStatus::Running, |ending| ending.status)
    }

    fn go_on(&mut self, state: Option<Vec<u8>>, ending: Option<Ending>) {
        self.state = state.filter(|_| ending.is_none()).unwrap_or_default();
        self.record.ending = ending;
    }
}

/// To the microsecond.
fn ended(ending: Option<Ending>) -> Result<Option<Ending>> {
    let Some(ending) = ending else { return Ok(None) };
    Ok(Some(Ending {
        stopped: stored(ending.stopped)?,
        ..ending
    }))
}

impl State {
    /// Gives the execution that has the name already.
    fn start(&mut self, new: NewExecution) -> Result<Option<ExecutionRecord>> {
        let name = (new.machine.clone(), new.name.clone());
        if let Some(id) = self.names.get(&name) {
            return Ok(self.executions.get(id).map(|found| found.record.clone()));
        }
        if self.executions.contains_key(&new.id) {
            return Err(Error::IdTaken { kind: "execution id" });
        }
        let mut execution = Execution {
            record: ExecutionRecord {
                id: new.id,
                machine: new.machine,
                name: new.name,
                definition: new.definition,
                revision: new.revision,
                input: new.input,
                subject: new.subject,
                started: stored(new.started)?,
                ending: None,
            },
            state: Vec::new(),
            events: new.events,
        };
        execution.go_on(new.state, ended(new.ending)?);
        self.names.insert(name, new.id);
        self.executions.insert(new.id, execution);
        Ok(None)
    }

    fn forget(&mut self, ids: &[Uuid]) -> u64 {
        for id in ids {
            if let Some(Execution { record, .. }) = self.executions.remove(id) {
                self.names.remove(&(record.machine, record.name));
            }
        }
        ids.len() as u64
    }
}

#[async_trait]
impl Machines for Memory {
    async fn create_machine(&self, machine: &Machine) -> Result<MachineCreation> {
        let machine = Machine {
            created: stored(machine.created)?,
            updated: stored(machine.updated)?,
            ..machine.clone()
        };
        let mut state = self.workflows();
        if let Some(found) = state.machines.get(&machine.name) {
            return Ok(MachineCreation::Exists(found.clone()));
        }
        state.machines.insert(machine.name.clone(), machine);
        Ok(MachineCreation::Created)
    }

    async fn get_machine(&self, name: &str) -> Result<Option<Machine>> {
        Ok(self.workflows().machines.get(name).cloned())
    }

    async fn list_machines(&self, after: Option<&str>, limit: u32) -> Result<Vec<Machine>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.workflows();
        let found = state.machines.range::<str, _>((start, Bound::Unbounded));
        Ok(found
            .take(limit as usize)
            .map(|(_, machine)| machine.clone())
            .collect())
    }

    async fn update_machine(&self, name: &str, change: MachineUpdate) -> Result<Option<Machine>> {
        let updated = stored(change.now)?;
        let mut state = self.workflows();
        let Some(machine) = state.machines.get_mut(name) else {
            return Ok(None);
        };
        if let Some(definition) = change.definition {
            machine.definition = definition;
        }
        if let Some(role_arn) = change.role_arn {
            machine.role_arn = role_arn;
        }
        machine.revision = change.revision;
        machine.updated = updated;
        Ok(Some(machine.clone()))
    }

    async fn delete_machine(&self, name: &str) -> Result<bool> {
        Ok(self.workflows().machines.remove(name).is_some())
    }
}

#[async_trait]
impl Executions for Memory {
    async fn start_execution(&self, new: NewExecution) -> Result<ExecutionStart> {
        let (id, inherits) = (new.id, new.inherits);
        let mut workflows = self.workflows();
        if let Some(taken) = workflows.start(new)? {
            return Ok(ExecutionStart::Exists(taken));
        }
        if let Some(from) = inherits {
            self.state().hand_over(from, id);
        }
        Ok(ExecutionStart::Started)
    }

    async fn advance_execution(&self, step: Advance) -> Result<()> {
        let ending = ended(step.ending)?;
        let mut state = self.workflows();
        let running = state
            .executions
            .get_mut(&step.id)
            .filter(|found| found.record.ending.is_none());
        let execution = running.ok_or(Error::NoSuchExecution)?;
        execution.events.extend(step.events);
        execution.go_on(step.state, ending);
        Ok(())
    }

    async fn get_execution(&self, machine: &str, name: &str) -> Result<Option<ExecutionRecord>> {
        let state = self.workflows();
        let id = state.names.get(&(machine.to_owned(), name.to_owned()));
        Ok(id
            .and_then(|id| state.executions.get(id))
            .map(|found| found.record.clone()))
    }

    async fn find_execution(&self, id: Uuid) -> Result<Option<ExecutionRecord>> {
        let state = self.workflows();
        Ok(state.executions.get(&id).map(|found| found.record.clone()))
    }

    async fn list_executions(
        &self,
        filter: &ExecutionFilter,
        before: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<ExecutionSummary>> {
        let state = self.workflows();
        let mut found: Vec<ExecutionSummary> = state
            .executions
            .values()
            .map(Execution::summary)
            .filter(|one| {
                filter
                    .machine
                    .as_ref()
                    .is_none_or(|machine| *machine == one.machine)
            })
            .filter(|one| filter.status.is_none_or(|status| status == one.status))
            .filter(|one| before.is_none_or(|before| (one.started, one.id) < before))
            .collect();
        found.sort_unstable_by_key(|one| std::cmp::Reverse((one.started, one.id)));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn execution_events(
        &self,
        id: Uuid,
        from: u64,
        limit: u32,
        newest_first: bool,
    ) -> Result<Vec<String>> {
        let state = self.workflows();
        let events = state.executions.get(&id).map(|found| found.events.as_slice());
        let events = events.unwrap_or_default();
        let (from, limit) = (usize::try_from(from).unwrap_or(usize::MAX), limit as usize);
        Ok(if newest_first {
            let wanted = events.iter().take(from).rev();
            wanted.take(limit).cloned().collect()
        } else {
            let wanted = events.iter().skip(from.saturating_sub(1));
            wanted.take(limit).cloned().collect()
        })
    }

    async fn unfinished_executions(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Unfinished>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.workflows();
        let running = state
            .executions
            .range((start, Bound::Unbounded))
            .filter(|(_, found)| found.record.ending.is_none());
        Ok(running
            .take(limit as usize)
            .map(|(_, found)| Unfinished {
                record: found.record.clone(),
                state: found.state.clone(),
                events: found.events.len() as u64,
            })
            .collect())
    }

    async fn forget_executions(&self, ended_before: Timestamp, limit: u32) -> Result<u64> {
        let mut state = self.workflows();
        let ended = state.executions.values().filter_map(|found| {
            let stopped = found.record.ending.as_ref()?.stopped;
            (stopped < ended_before).then_some((stopped, found.record.id))
        });
        let mut ended: Vec<(Timestamp, Uuid)> = ended.collect();
        ended.sort_unstable();
        ended.truncate(limit as usize);
        let ids: Vec<Uuid> = ended.into_iter().map(|(_, id)| id).collect();
        Ok(state.forget(&ids))
    }

    async fn forget_executions_about(&self, subject: &str) -> Result<u64> {
        let mut state = self.workflows();
        let about = state
            .executions
            .values()
            .filter(|found| found.record.subject.as_deref() == Some(subject));
        let ids: Vec<Uuid> = about.map(|found| found.record.id).collect();
        Ok(state.forget(&ids))
    }
}
