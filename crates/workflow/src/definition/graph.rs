//! States that belong together: where they begin, that every transition has a target, and what is never reached.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fields::Fields;
use super::{Graph, Kind, Resource, Resources, State, Transition, state, variables};
use crate::diagnostic::SCHEMA;
use crate::{Diagnostics, Location};

/// The longest name of a state.
const MAX_NAME_CHARACTERS: usize = 80;
/// The greatest depth of Parallel and Map states in each other. Ours: the language has no limit, our stack has.
const MAX_DEPTH: usize = 16;

/// What all graphs of a definition have in common.
pub(super) struct Names<'a> {
    seen: BTreeSet<String>,
    depth: usize,
    /// Those that are set by this graph and those around it.
    variables: BTreeSet<String>,
    /// Who knows what tasks can name.
    pub(super) resources: &'a dyn Resources,
    /// Whether states speak `JSONata` unless they say otherwise.
    pub(super) jsonata: bool,
}

impl<'a> Names<'a> {
    pub(super) const fn new(resources: &'a dyn Resources, jsonata: bool) -> Self {
        Self {
            seen: BTreeSet::new(),
            depth: 0,
            variables: BTreeSet::new(),
            resources,
            jsonata,
        }
    }
}

/// Reads `StartAt` and `States` among the fields of a machine, a branch or a processor.
pub(super) fn read(fields: &mut Fields<'_>, names: &mut Names<'_>) -> Option<Graph> {
    let start_at = fields.required_string("StartAt", "the name of the first state");
    let Some(value) = fields.value("States") else {
        fields.missing("States", "an object with the states by name");
        return None;
    };
    let at = fields.place("States");
    let Value::Object(object) = value else {
        fields.wrong("States", "must be an object with the states by name");
        return None;
    };
    if object.is_empty() {
        fields.wrong("States", "must hold at least one state");
        return None;
    }
    if names.depth == MAX_DEPTH {
        fields.wrong("States", format!("states are nested more than {MAX_DEPTH} deep"));
        return None;
    }
    let around = names.variables.clone();
    variables::check_scope(object, &at, &mut names.variables, fields.found);
    names.depth += 1;
    let mut states = BTreeMap::new();
    for (name, value) in object {
        let place = at.child(name);
        check_name(name, &place, names, fields.found);
        if let Some(state) = state::read(name, value, place, names, fields.found) {
            states.insert(name.clone(), state);
        }
    }
    names.depth -= 1;
    names.variables = around;
    let graph = Graph {
        start_at: start_at?.to_owned(),
        states,
    };
    // A state that could not be read has been complained about; its absence is no second mistake.
    if graph.states.len() == object.len() {
        check(&graph, &fields.at, fields.found);
    }
    Some(graph)
}

fn check_name(name: &str, at: &Location, names: &mut Names<'_>, found: &mut Diagnostics) {
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME_CHARACTERS {
        found.error(
            SCHEMA,
            at,
            format!("the name of a state has 1 to {MAX_NAME_CHARACTERS} characters, not {length}"),
        );
    }
    if !names.seen.insert(name.to_owned()) {
        found.error(
            "DUPLICATE_STATE_NAME",
            at,
            format!("there is another state called {name}: names must be unique in the whole machine"),
        );
    }
}

/// Every target must be there; whatever is not reached is worth a warning.
fn check(graph: &Graph, at: &Location, found: &mut Diagnostics) {
    let states = at.child("States");
    if !graph.states.contains_key(&graph.start_at) {
        found.error(
            "MISSING_TRANSITION_TARGET",
            &at.child("StartAt"),
            format!("there is no state {} beside it", graph.start_at),
        );
    }
    let mut ends = false;
    for (name, state) in &graph.states {
        ends |= state.transition == Transition::End || matches!(state.kind, Kind::Succeed | Kind::Fail(_));
        for target in targets(state) {
            if !graph.states.contains_key(target) {
                found.error(
                    "MISSING_TRANSITION_TARGET",
                    &states.child(name),
                    format!("goes on to {target}, but there is no such state beside it"),
                );
            }
        }
    }
    if !ends {
        found.error(
            "NO_TERMINAL_STATE",
            &states,
            "no state ends: give one \"End\": true, or add a Succeed or Fail state",
        );
    }
    let reached = reached(graph);
    for name in graph
        .states
        .keys()
        .filter(|name| !reached.contains(name.as_str()))
    {
        found.warn(
            "UNREACHABLE_STATE",
            &states.child(name),
            "is never reached: no state goes on to it",
        );
    }
}

fn reached(graph: &Graph) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut pending = vec![graph.start_at.as_str()];
    while let Some(name) = pending.pop() {
        let Some((name, state)) = graph.states.get_key_value(name) else {
            continue;
        };
        if reached.insert(name.as_str()) {
            pending.extend(targets(state));
        }
    }
    reached
}

/// Where a state may go on to.
pub(super) fn targets(state: &State) -> Vec<&str> {
    let mut targets = Vec::new();
    if let Transition::Next(next) = &state.transition {
        targets.push(next.as_str());
    }
    targets.extend(state.catch.iter().map(|catcher| catcher.next.as_str()));
    if let Kind::Choice(choice) = &state.kind {
        targets.extend(choice.choices.iter().map(|branching| branching.next.as_str()));
        targets.extend(choice.default.as_deref());
    }
    targets
}

impl Graph {
    /// The resources of all Task states, also of those in other states, with their names.
    #[must_use]
    pub fn resources(&self) -> Vec<(&str, &Resource)> {
        let mut found = Vec::new();
        for (name, state) in &self.states {
            match &state.kind {
                Kind::Task(task) => found.push((name.as_str(), &task.resource)),
                Kind::Parallel { branches } => found.extend(branches.iter().flat_map(Self::resources)),
                Kind::Map(map) => found.extend(map.processor.resources()),
                _ => {}
            }
        }
        found
    }
}

impl State {
    /// The names of the states that it may go on to.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        targets(self)
    }
}
