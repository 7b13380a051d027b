//! One step: runs every branch until it waits for something. Bounded by the budget of events, which every pass through
//! the loop spends.

use std::collections::VecDeque;

use serde_json::Value;

use super::branch::{Branch, Phase};
use super::{Command, Detail, Event, Execution, HistoryEvent, Moment, Outcome};
use crate::Failure;
use crate::definition::StateMachine;

/// An execution on the move.
pub(super) struct Run<'m, 'w> {
    pub(super) machine: &'m StateMachine,
    pub(super) execution: Execution,
    pub(super) moment: &'m mut Moment<'w>,
    pub(super) commands: Vec<Command>,
    ready: VecDeque<u64>,
}

impl<'m, 'w> Run<'m, 'w> {
    pub(super) fn new(machine: &'m StateMachine, execution: Execution, moment: &'m mut Moment<'w>) -> Self {
        Self {
            machine,
            execution,
            moment,
            commands: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    pub(super) fn step(mut self, event: Event) -> (Execution, Vec<Command>) {
        if self.execution.events == 0 {
            self.begin();
        }
        if self.execution.outcome.is_some() {
            return (self.execution, self.commands);
        }
        if self.expired() {
            self.end(Outcome::TimedOut);
        } else {
            self.happen(event);
            self.go_on();
        }
        (self.execution, self.commands)
    }

    fn begin(&mut self) {
        let input = (self.moment.view)(&self.execution.input);
        // The first state's event follows nothing either: AWS's histories have 0 in both.
        self.record(0, Detail::ExecutionStarted { input });
        if let Err(failure) = self.limit(&self.execution.input) {
            self.end(Outcome::Failed(failure));
            return;
        }
        self.enqueue(0);
    }

    fn expired(&self) -> bool {
        self.execution
            .expires
            .is_some_and(|expires| expires <= self.moment.now)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick => {}
            Event::Succeeded { task, output } => self.task_succeeded(task, output),
            Event::Submitted { task, output } => self.task_submitted(task, &output),
            Event::Failed { task, failure } => self.task_failed(task, failure),
            Event::Heartbeat { task } => self.heartbeat(task),
            Event::Stop { failure } => self.end(Outcome::Aborted(failure)),
        }
        if self.execution.outcome.is_none() {
            self.wake();
        }
    }

    /// Branches whose moment has come.
    fn wake(&mut self) {
        let now = self.moment.now;
        let due = |branch: &Branch| branch.deadline().is_some_and(|deadline| deadline <= now);
        let due: Vec<u64> = self
            .execution
            .branches
            .iter()
            .filter(|(_, branch)| due(branch))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            // An earlier one may have ended it.
            let Ok(branch) = self.branch_mut(id) else {
                continue;
            };
            match &branch.phase {
                Phase::Waiting { .. } => self.waited(id),
                Phase::Pausing { .. } => {
                    branch.phase = Phase::Ready { entered: true };
                    self.ready.push_back(id);
                }
                Phase::Running(_) => self.task_timed_out(id),
                Phase::Ready { .. } | Phase::Children(_) => {}
            }
        }
    }

    fn go_on(&mut self) {
        while self.execution.outcome.is_none() {
            let Some(id) = self.ready.pop_front() else {
                return;
            };
            // It was given up after it had become ready: a branch beside it failed.
            if !self.execution.branches.contains_key(&id) {
                continue;
            }
            if self.execution.events >= self.execution.limits.max_events {
                self.end(Outcome::Failed(Failure::runtime(format!(
                    "The execution reached the maximum number of history events ({}).",
                    self.execution.limits.max_events
                ))));
                return;
            }
            self.execute(id);
        }
    }

    /// Has a branch go on to do what its state says.
    pub(super) fn enqueue(&mut self, id: u64) {
        self.ready.push_back(id);
    }

    /// A branch that is there.
    pub(super) fn branch(&self, id: u64) -> Result<&Branch, Failure> {
        self.execution.branches.get(&id).ok_or_else(lost)
    }

    /// The same, to change it.
    pub(super) fn branch_mut(&mut self, id: u64) -> Result<&mut Branch, Failure> {
        self.execution.branches.get_mut(&id).ok_or_else(lost)
    }

    /// Appends to the history of a branch.
    pub(super) fn note(&mut self, id: u64, detail: Detail) -> u64 {
        let previous = self.branch(id).map_or(0, |branch| branch.last_event);
        let event = self.record(previous, detail);
        if let Ok(branch) = self.branch_mut(id) {
            branch.last_event = event;
        }
        event
    }

    /// Appends to the history of a branch what does not lead to anything: its next event has the same `previous`.
    pub(super) fn note_aside(&mut self, id: u64, detail: Detail) -> u64 {
        let previous = self.branch(id).map_or(0, |branch| branch.last_event);
        self.record(previous, detail)
    }

    fn record(&mut self, previous: u64, detail: Detail) -> u64 {
        self.execution.events += 1;
        let id = self.execution.events;
        self.commands.push(Command::Record(HistoryEvent {
            id,
            previous,
            at: self.moment.now,
            detail,
        }));
        id
    }

    /// What the history may keep of a value.
    pub(super) fn view(&self, value: &Value) -> Value {
        (self.moment.view)(value)
    }

    /// The end of everything.
    pub(super) fn end(&mut self, outcome: Outcome) {
        let last = self.execution.branches.get(&0).map_or(0, |root| root.last_event);
        let tasks = self.execution.branches.values().filter_map(Branch::task);
        self.commands.extend(tasks.map(|task| Command::Cancel { task }));
        self.execution.branches.clear();
        let told = |failure: &Failure| (failure.error.clone(), failure.cause.clone());
        let detail = match &outcome {
            Outcome::Succeeded(output) => Detail::ExecutionSucceeded {
                output: self.view(output),
            },
            Outcome::Failed(failure) => {
                let (error, cause) = told(failure);
                Detail::ExecutionFailed { error, cause }
            }
            Outcome::TimedOut => Detail::ExecutionTimedOut,
            Outcome::Aborted(failure) => {
                let (error, cause) = told(failure);
                Detail::ExecutionAborted { error, cause }
            }
        };
        self.record(last, detail);
        self.execution.outcome = Some(outcome);
    }
}

/// A snapshot that was tampered with can name branches that are not there.
pub(super) fn lost() -> Failure {
    Failure::runtime("The execution's state is not consistent.")
}
