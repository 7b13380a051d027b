//! One thread of an execution: where it is in the definition, and what it waits for. The root is one; each branch of a
//! Parallel state and each iteration of a Map state is another.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TaskStart;
use crate::definition::{Graph, Kind, Resource, State, StateMachine};

/// A thread of an execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Branch {
    /// Who waits for it; the root has nobody.
    pub(super) parent: Option<Parent>,
    /// The way from the root graph to its own: states with graphs in them, and which of those.
    pub(super) way: Vec<(String, usize)>,
    /// The state that it is in.
    pub(super) state: String,
    /// The input of that state, before `InputPath`.
    pub(super) input: Value,
    /// What was assigned.
    pub(super) variables: Map<String, Value>,
    /// The item, in an iteration of a Map state.
    pub(super) item: Option<Item>,
    /// When it entered the state.
    pub(super) entered: Timestamp,
    /// The event that says so.
    pub(super) entered_event: u64,
    /// Its latest event.
    pub(super) last_event: u64,
    /// How often each retrier of the state has been used.
    pub(super) retries: Vec<u64>,
    /// What it waits for.
    pub(super) phase: Phase,
}

/// Who waits for a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parent {
    /// Its branch.
    pub(super) branch: u64,
    /// Where the result goes.
    pub(super) index: usize,
}

/// An item of a Map state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) index: usize,
    pub(super) value: Value,
}

/// What a branch waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// Nothing: it is about to do what its state says, for the first time or again.
    Ready {
        /// Whether the state has been entered.
        entered: bool,
    },
    /// A moment: in a Wait state.
    Waiting { until: Timestamp },
    /// A moment: before another attempt.
    Pausing { until: Timestamp },
    /// A task.
    Running(Running),
    /// Other branches.
    Children(Children),
}

/// A task that is being done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    pub(super) task: u64,
    pub(super) resource: String,
    pub(super) parameters: Value,
    /// When it will have taken too long.
    pub(super) expires: Option<Timestamp>,
    /// How long it may be silent.
    pub(super) heartbeat_seconds: Option<u64>,
    /// When it will have been silent for too long.
    pub(super) silent_until: Option<Timestamp>,
    /// Whether it has been handed over, and only its token is missing.
    pub(super) submitted: bool,
}

/// The branches that a Parallel or Map state waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Children {
    /// What they gave so far.
    pub(super) results: Vec<Option<Value>>,
    /// The size of that, in bytes.
    pub(super) results_bytes: usize,
    /// How many are not done, begun or not.
    pub(super) pending: usize,
    /// How many failed and were tolerated.
    pub(super) failed: usize,
    /// Of a Map state: how many may fail, and how many of a hundred.
    pub(super) tolerated: (Option<u64>, Option<f64>),
    /// Of a Map state: the items that have not begun are those from here on.
    pub(super) next_item: usize,
    /// Of a Map state: all items.
    pub(super) items: Vec<Value>,
    /// Of a Map state: the effective input, which `ItemSelector` sees.
    pub(super) input: Value,
}

impl Branch {
    /// The branch that every execution has.
    pub(super) fn root(state: String, input: Value, now: Timestamp) -> Self {
        Self {
            parent: None,
            way: Vec::new(),
            state,
            input,
            variables: Map::new(),
            item: None,
            entered: now,
            entered_event: 0,
            last_event: 0,
            retries: Vec::new(),
            phase: Phase::Ready { entered: false },
        }
    }

    /// The graph that it runs through.
    fn graph<'m>(&self, machine: &'m StateMachine) -> Option<&'m Graph> {
        self.way.iter().try_fold(&machine.graph, |graph, (state, index)| {
            match &graph.states.get(state)?.kind {
                Kind::Parallel { branches } => branches.get(*index),
                Kind::Map(map) => Some(&map.processor),
                _ => None,
            }
        })
    }

    /// The definition of the state that it is in.
    pub(super) fn definition<'m>(&self, machine: &'m StateMachine) -> Option<&'m State> {
        self.graph(machine)?.states.get(&self.state)
    }

    /// How often the state has been tried again (`$$.State.RetryCount`).
    pub(super) fn retry_count(&self) -> u64 {
        self.retries.iter().sum()
    }

    /// When it wants to hear that time has passed.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Waiting { until } | Phase::Pausing { until } => Some(*until),
            Phase::Running(running) => running.expires.into_iter().chain(running.silent_until).min(),
            Phase::Ready { .. } | Phase::Children(_) => None,
        }
    }

    /// The task that it waits for.
    pub(super) fn task(&self) -> Option<u64> {
        match &self.phase {
            Phase::Running(running) => Some(running.task),
            _ => None,
        }
    }

    /// The task that it waits for, as it was started.
    pub(super) fn task_start(&self) -> Option<TaskStart> {
        let Phase::Running(running) = &self.phase else {
            return None;
        };
        Some(TaskStart {
            task: running.task,
            state: self.state.clone(),
            resource: Resource::new(&running.resource),
            parameters: running.parameters.clone(),
            expires: running.expires,
            submitted: running.submitted,
        })
    }
}
