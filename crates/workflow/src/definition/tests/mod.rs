//! Definitions: what is right is read without a word, and every mistake is named with its place and a remedy.

mod examples;
mod mistakes;
mod properties;
mod structure;

use serde_json::{Value, json};

use super::{Resource, Resources, StateMachine, parse};
use crate::Severity;

/// What is wrong with a definition: `code location: message`, one line each.
fn findings(definition: &Value) -> Vec<String> {
    findings_in(&definition.to_string())
}

fn findings_in(text: &str) -> Vec<String> {
    let (machine, found) = parse(text, &());
    assert_eq!(machine.is_none(), found.has_errors(), "{found:?}");
    let severity = |finding: &crate::Diagnostic| match finding.severity {
        Severity::Error => "",
        Severity::Warning => "warning ",
    };
    found
        .iter()
        .map(|finding| format!("{}{} {finding}", severity(finding), finding.code))
        .collect()
}

/// A definition that is right.
fn right(definition: &Value) -> StateMachine {
    let (machine, found) = parse(&definition.to_string(), &());
    assert!(found.is_empty(), "{definition:#}\n{found:#?}");
    machine.expect("no findings")
}

/// A machine of one state that ends it.
fn one(mut state: Value) -> Value {
    let kind = state["Type"].as_str().unwrap_or_default().to_owned();
    if !matches!(kind.as_str(), "Choice" | "Succeed" | "Fail") && state.get("Next").is_none() {
        state["End"] = json!(true);
    }
    json!({"StartAt": "S", "States": {"S": state}})
}

/// What is wrong with a state, without the way to it.
fn findings_of(state: Value) -> Vec<String> {
    findings(&one(state))
        .into_iter()
        .map(|finding| finding.replace("/States/S", "…"))
        .collect()
}

#[test]
fn resources_are_asked_for() {
    struct Known;
    impl Resources for Known {
        fn check(&self, resource: &Resource) -> Result<(), String> {
            match resource.base() {
                "arn:known" => Ok(()),
                other => Err(format!("{other} is not known here: write arn:known")),
            }
        }
    }
    let definition = one(json!({"Type": "Parallel", "Branches": [
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:known.sync", "End": true}}},
        {"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:other", "End": true}}},
    ]}));
    let (machine, found) = parse(&definition.to_string(), &Known);
    assert!(machine.is_none());
    let told: Vec<String> = found
        .iter()
        .map(|finding| format!("{} {finding}", finding.code))
        .collect();
    assert_eq!(
        told,
        [
            "INVALID_RESOURCE /States/S/Branches/1/States/B/Resource: arn:other is not known here: write arn:known"
        ]
    );
    let machine = right(&definition);
    let resources: Vec<(&str, &str)> = machine
        .graph
        .resources()
        .into_iter()
        .map(|(state, resource)| (state, resource.as_str()))
        .collect();
    assert_eq!(resources, [("A", "arn:known.sync"), ("B", "arn:other")]);
}
