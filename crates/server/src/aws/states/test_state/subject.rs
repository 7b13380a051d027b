//! The state to test: one by itself, or one of a whole machine.

use selfsame_store::MachineKind;
use selfsame_workflow::definition::{Graph, Kind, State};
use serde_json::{Value, json};

use super::super::{definition, refusal};
use crate::aws::{Context, Error};

/// A state, and what it is called.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) state: State,
}

/// What a state is called that comes without a machine.
const NAME: &str = "State";

/// Reads the definition of one state, or that of a machine and takes the state of this name out of it, wherever it is.
pub(super) async fn read(context: &Context, text: &str, name: Option<&str>) -> Result<Subject, Error> {
    let (text, name) = match name {
        Some(name) => (text.to_owned(), name.to_owned()),
        None => alone(text)?,
    };
    let checked = definition::check(&context.app, &text, MachineKind::Standard).await?;
    let machine = checked.valid()?;
    let state = find(&machine.graph, &name).cloned();
    let state = state.ok_or_else(|| {
        refusal::invalid(format!(
            "The definition has no state {}.",
            refusal::shortened(&name)
        ))
    })?;
    Ok(Subject { name, state })
}

/// A machine around a state: whatever it may go on to is there.
fn alone(text: &str) -> Result<(String, String), Error> {
    let Ok(state) = serde_json::from_str::<Value>(text) else {
        // The validator says what is wrong with it.
        return Ok((text.to_owned(), NAME.to_owned()));
    };
    if state.get("States").is_some() {
        return Err(refusal::invalid(
            "The definition is that of a state machine: say with stateName which of its states to test.",
        ));
    }
    let targets = targets(&state);
    let mut name = NAME.to_owned();
    while targets.contains(&name.as_str()) {
        name.push('\'');
    }
    let mut states: serde_json::Map<String, Value> = targets
        .into_iter()
        .map(|target| (target.to_owned(), json!({ "Type": "Succeed" })))
        .collect();
    states.insert(name.clone(), state);
    Ok((json!({ "StartAt": name, "States": states }).to_string(), name))
}

/// The names of the states that a state may go on to.
fn targets(state: &Value) -> Vec<&str> {
    let each = |member: &str| state.get(member).and_then(Value::as_array).into_iter().flatten();
    let own = [state.get("Next"), state.get("Default")].into_iter().flatten();
    let others = each("Catch")
        .chain(each("Choices"))
        .filter_map(|entry| entry.get("Next"));
    own.chain(others).filter_map(Value::as_str).collect()
}

/// The state of this name: there is one at most in the whole machine.
fn find<'g>(graph: &'g Graph, name: &str) -> Option<&'g State> {
    if let Some(state) = graph.states.get(name) {
        return Some(state);
    }
    graph.states.values().find_map(|state| match &state.kind {
        Kind::Parallel { branches } => branches.iter().find_map(|branch| find(branch, name)),
        Kind::Map(map) => find(&map.processor, name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use selfsame_workflow::definition::parse;

    use super::*;

    #[test]
    fn a_state_alone_has_everything_it_goes_on_to() {
        let state = json!({
            "Type": "Choice", "Default": "State",
            "Choices": [{ "Variable": "$.a", "IsPresent": true, "Next": "Other" }],
        });
        let (text, name) = alone(&state.to_string()).unwrap();
        assert_eq!(name, "State'");
        let (machine, found) = parse(&text, &());
        assert!(machine.is_some() && found.is_empty(), "{found:?}");
        assert!(alone(r#"{"StartAt": "A", "States": {}}"#).is_err());
        assert_eq!(alone("{").unwrap().0, "{");
    }

    #[test]
    fn a_state_is_found_wherever_it_is() {
        let text = json!({
            "StartAt": "Outer",
            "States": { "Outer": { "Type": "Parallel", "End": true, "Branches": [{
                "StartAt": "Each", "States": { "Each": { "Type": "Map", "End": true, "ItemProcessor": {
                    "StartAt": "Inner", "States": { "Inner": { "Type": "Pass", "End": true } } } } } }] } },
        });
        let machine = parse(&text.to_string(), &()).0.unwrap();
        for name in ["Outer", "Each", "Inner"] {
            assert!(find(&machine.graph, name).is_some(), "{name}");
        }
        assert!(find(&machine.graph, "Nowhere").is_none());
    }
}
