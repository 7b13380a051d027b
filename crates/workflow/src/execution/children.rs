//! Parallel and Map states: branches that another branch waits for.

use serde_json::Value;

use super::branch::{Branch, Children, Item, Parent, Phase};
use super::run::{Run, lost};
use super::size::size_bytes;
use super::{Command, Detail, Outcome};
use crate::definition::{Amount, Concurrency, Graph, Kind, Map, State};
use crate::{Failure, Scope, failure};

/// How many iterations of a Map state run at once if its definition does not say less: AWS's limit for inline Map states.
const MAX_CONCURRENCY: u64 = 40;

impl<'m> Run<'m, '_> {
    /// Starts the branches of a Parallel state.
    pub(super) fn fork(
        &mut self,
        id: u64,
        state: &State,
        graphs: &[Graph],
        input: Value,
    ) -> Result<(), Failure> {
        let input = self.parameters(id, state, input, None)?;
        // Each branch gets a copy.
        self.limit_bytes(size_bytes(&input).saturating_mul(graphs.len()) / MAX_CONCURRENCY as usize)?;
        self.note(id, Detail::ParallelStateStarted);
        self.branch_mut(id)?.phase = Phase::Children(Children {
            results: vec![None; graphs.len()],
            results_bytes: 0,
            pending: graphs.len(),
            failed: 0,
            tolerated: (None, None),
            next_item: 0,
            items: Vec::new(),
            input: Value::Null,
        });
        for (index, graph) in graphs.iter().enumerate() {
            self.spawn(id, index, graph, input.clone(), None)?;
        }
        Ok(())
    }

    /// Starts the first iterations of a Map state.
    pub(super) fn iterate(
        &mut self,
        id: u64,
        state: &'m State,
        map: &'m Map,
        input: Value,
    ) -> Result<(), Failure> {
        let items = match &map.items_path {
            None => input.clone(),
            Some(path) => self.select(id, state, path, &input)?,
        };
        let Value::Array(items) = items else {
            return Err(Failure::runtime("The items of a Map state must be an array."));
        };
        self.note(id, Detail::MapStateStarted { length: items.len() });
        if items.is_empty() {
            self.note_aside(id, Detail::MapStateSucceeded);
            let output = self.output(id, state, Value::Array(Vec::new()))?;
            self.leave(id, state, output, None);
            return Ok(());
        }
        let at_once = self.at_once(id, state, map, &input)?;
        let tolerated = self.tolerance(id, state, map, &input)?;
        self.branch_mut(id)?.phase = Phase::Children(Children {
            results: vec![None; items.len()],
            results_bytes: 0,
            pending: items.len(),
            failed: 0,
            tolerated,
            next_item: 0,
            input: if map.item_selector.is_some() {
                input
            } else {
                Value::Null
            },
            items,
        });
        for _ in 0..at_once {
            self.next_iteration(id, state, map)?;
        }
        Ok(())
    }

    fn at_once(&mut self, id: u64, state: &State, map: &Map, input: &Value) -> Result<u64, Failure> {
        let wanted = match &map.max_concurrency {
            Concurrency::Fixed(wanted) => *wanted,
            Concurrency::Path(path) => self
                .select(id, state, path, input)?
                .as_u64()
                .ok_or_else(|| Failure::runtime("MaxConcurrencyPath must select a whole number."))?,
        };
        Ok(if wanted == 0 {
            MAX_CONCURRENCY
        } else {
            wanted.min(MAX_CONCURRENCY)
        })
    }

    fn tolerance(
        &mut self,
        id: u64,
        state: &State,
        map: &Map,
        input: &Value,
    ) -> Result<(Option<u64>, Option<f64>), Failure> {
        let count = match &map.tolerated.count {
            None => None,
            Some(Amount::Fixed(count)) => Some(*count),
            Some(Amount::Path(path)) => {
                Some(self.select(id, state, path, input)?.as_u64().ok_or_else(|| {
                    Failure::runtime("ToleratedFailureCountPath must select a whole number.")
                })?)
            }
        };
        let percentage = match &map.tolerated.percentage {
            None => None,
            Some(Amount::Fixed(percentage)) => Some(*percentage),
            Some(Amount::Path(path)) => {
                let selected = self.select(id, state, path, input)?.as_f64();
                let percentage = selected.filter(|percentage| (0.0..=100.0).contains(percentage));
                Some(percentage.ok_or_else(|| {
                    Failure::runtime("ToleratedFailurePercentagePath must select a number from 0 to 100.")
                })?)
            }
        };
        Ok((count, percentage))
    }

    /// Starts the next iteration, if one is left.
    fn next_iteration(&mut self, id: u64, state: &State, map: &Map) -> Result<(), Failure> {
        let Phase::Children(children) = &mut self.branch_mut(id)?.phase else {
            return Ok(());
        };
        let index = children.next_item;
        let Some(value) = children.items.get_mut(index).map(Value::take) else {
            return Ok(());
        };
        children.next_item += 1;
        let item = Item { index, value };
        let input = match &map.item_selector {
            None => item.value.clone(),
            Some(_) => self.item_input(id, state, map, &item)?,
        };
        self.spawn(id, index, &map.processor, input, Some(item))
    }

    /// `ItemSelector` sees the effective input of the Map state as `$` and the item in the context object.
    fn item_input(&mut self, id: u64, state: &State, map: &Map, item: &Item) -> Result<Value, Failure> {
        let Some(template) = &map.item_selector else {
            return Ok(Value::Null);
        };
        let outer = self.branch_mut(id)?.item.replace(item.clone());
        // Not `branch()`, which would borrow the random numbers, too.
        let branch = self.execution.branches.get(&id).ok_or_else(lost)?;
        let context = super::context::context(&self.execution, branch, state.context, None);
        let nothing = Value::Null;
        let input = match &branch.phase {
            Phase::Children(children) => &children.input,
            _ => &nothing,
        };
        let scope = Scope {
            input,
            context: &context,
            variables: &branch.variables,
        };
        let filled = template.evaluate(&scope, self.moment.random);
        self.branch_mut(id)?.item = outer;
        let filled = filled?;
        self.limit(&filled)?;
        Ok(filled)
    }

    fn spawn(
        &mut self,
        parent: u64,
        index: usize,
        graph: &Graph,
        input: Value,
        item: Option<Item>,
    ) -> Result<(), Failure> {
        let mut last_event = self.branch(parent)?.last_event;
        if let Some(item) = &item {
            let name = self.branch(parent)?.state.clone();
            let index = item.index;
            last_event = self.note_aside(parent, Detail::MapIterationStarted { name, index });
        }
        let above = self.branch(parent)?;
        let mut way = above.way.clone();
        // A Map state has one graph, whichever item it runs for.
        way.push((above.state.clone(), if item.is_some() { 0 } else { index }));
        let child = Branch {
            parent: Some(Parent {
                branch: parent,
                index,
            }),
            way,
            state: graph.start_at.clone(),
            input,
            variables: above.variables.clone(),
            item: item.or_else(|| above.item.clone()),
            entered: self.moment.now,
            entered_event: 0,
            last_event,
            retries: Vec::new(),
            phase: Phase::Ready { entered: false },
        };
        let id = self.execution.next_branch;
        self.execution.next_branch += 1;
        self.execution.branches.insert(id, child);
        self.enqueue(id);
        Ok(())
    }

    /// A branch came to the end of its graph.
    pub(super) fn branch_ended(&mut self, id: u64, output: Value) {
        let machine = self.machine;
        let Some(parent) = self.branch(id).ok().and_then(|branch| branch.parent) else {
            self.end(Outcome::Succeeded(output));
            return;
        };
        self.follow(parent.branch, id);
        self.execution.branches.remove(&id);
        let Some(state) = self
            .branch(parent.branch)
            .ok()
            .and_then(|branch| branch.definition(machine))
        else {
            return;
        };
        let mut ended = None;
        if let Kind::Map(_) = &state.kind
            && let Ok(name) = self.branch(parent.branch).map(|branch| branch.state.clone())
        {
            let index = parent.index;
            ended = Some(self.note_aside(parent.branch, Detail::MapIterationSucceeded { name, index }));
        }
        if let Err(failure) = self.child_done(parent, state, output, ended) {
            self.failed(parent.branch, state, failure);
        }
    }

    /// An iteration of a Map state failed: within what is tolerated, its failure is its result.
    pub(super) fn iteration_failed(&mut self, id: u64, parent: Parent, state: &'m State, failure: Failure) {
        let Ok(name) = self.branch(parent.branch).map(|branch| branch.state.clone()) else {
            return;
        };
        self.follow(parent.branch, id);
        self.abandon_children(id);
        self.execution.branches.remove(&id);
        let index = parent.index;
        let tolerated = self.tolerated(parent);
        if tolerated == Some(true) {
            let result = super::data::error_output(&failure);
            if let Ok(Phase::Children(children)) =
                self.branch_mut(parent.branch).map(|branch| &mut branch.phase)
            {
                children.failed += 1;
            }
            let ended = self.note_aside(parent.branch, Detail::MapIterationFailed { name, index });
            if let Err(worse) = self.child_done(parent, state, result, Some(ended)) {
                self.failed(parent.branch, state, worse);
            }
            return;
        }
        self.abandon_children(parent.branch);
        self.note_aside(parent.branch, Detail::MapIterationFailed { name, index });
        let failure = match tolerated {
            Some(_) => Failure::new(
                failure::EXCEED_TOLERATED_FAILURE_THRESHOLD,
                "More iterations failed than the Map state tolerates.",
            ),
            None => failure,
        };
        self.note(
            parent.branch,
            Detail::MapStateFailed {
                error: failure.error.clone(),
                cause: failure.cause.clone(),
            },
        );
        self.failed(parent.branch, state, failure);
    }

    /// Whether one more failed iteration is tolerated; `None` where the definition does not speak of it.
    fn tolerated(&self, parent: Parent) -> Option<bool> {
        let Ok(Phase::Children(children)) = self.branch(parent.branch).map(|branch| &branch.phase) else {
            return None;
        };
        let failed = children.failed + 1;
        let (most, most_of_hundred) = children.tolerated;
        let by_count = most.map(|most| failed as u64 <= most);
        let share = failed as f64 * 100.0 / children.results.len().max(1) as f64;
        let by_share = most_of_hundred.map(|most| share <= most);
        match (by_count, by_share) {
            (None, None) => None,
            (count, share) => Some(count.unwrap_or(true) && share.unwrap_or(true)),
        }
    }

    /// The history of a branch goes on where that of a branch below it ends.
    pub(super) fn follow(&mut self, above: u64, below: u64) {
        let last = self.branch(below).map(|branch| branch.last_event);
        if let (Ok(last), Ok(branch)) = (last, self.branch_mut(above)) {
            branch.last_event = last;
        }
    }

    /// Takes a result; the last one ends the state. `ended` is the event that says that an iteration is over.
    fn child_done(
        &mut self,
        parent: Parent,
        state: &'m State,
        output: Value,
        ended: Option<u64>,
    ) -> Result<(), Failure> {
        let bytes = size_bytes(&output);
        let Phase::Children(children) = &mut self.branch_mut(parent.branch)?.phase else {
            return Ok(());
        };
        children.results_bytes += bytes;
        children.pending -= usize::from(children.pending > 0);
        if let Some(result) = children.results.get_mut(parent.index) {
            *result = Some(output);
        }
        let (total, pending) = (children.results_bytes, children.pending);
        self.limit_bytes(total)?;
        if pending > 0 {
            if let Kind::Map(map) = &state.kind {
                self.next_iteration(parent.branch, state, map)?;
            }
            return Ok(());
        }
        if let Some(ended) = ended {
            self.branch_mut(parent.branch)?.last_event = ended;
        }
        self.children_done(parent.branch, state)
    }

    fn children_done(&mut self, id: u64, state: &State) -> Result<(), Failure> {
        let branch = self.branch_mut(id)?;
        let phase = std::mem::replace(&mut branch.phase, Phase::Ready { entered: true });
        let Phase::Children(children) = phase else {
            return Ok(());
        };
        self.note_aside(
            id,
            match &state.kind {
                Kind::Map(_) => Detail::MapStateSucceeded,
                _ => Detail::ParallelStateSucceeded,
            },
        );
        let results = children.results.into_iter().map(Option::unwrap_or_default);
        let output = self.output(id, state, Value::Array(results.collect()))?;
        self.leave(id, state, output, None);
        Ok(())
    }

    /// Gives up everything below a branch.
    pub(super) fn abandon_children(&mut self, id: u64) {
        let mut pending = vec![id];
        while let Some(above) = pending.pop() {
            let below: Vec<u64> = self
                .execution
                .branches
                .iter()
                .filter(|(_, branch)| branch.parent.is_some_and(|parent| parent.branch == above))
                .map(|(id, _)| *id)
                .collect();
            for id in below {
                if let Some(branch) = self.execution.branches.remove(&id) {
                    let task = branch.task();
                    self.commands.extend(task.map(|task| Command::Cancel { task }));
                    self.abandoned(&branch);
                }
                pending.push(id);
            }
        }
    }

    fn abandoned(&mut self, branch: &Branch) {
        let Some(parent) = branch.parent else {
            return;
        };
        let machine = self.machine;
        let Ok(above) = self.branch(parent.branch) else {
            return;
        };
        let is_map = above
            .definition(machine)
            .is_some_and(|state| matches!(state.kind, Kind::Map(_)));
        if is_map {
            let (name, index) = (above.state.clone(), parent.index);
            self.note_aside(parent.branch, Detail::MapIterationAborted { name, index });
        }
    }
}
