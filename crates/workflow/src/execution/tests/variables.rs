//! Variables: what `Assign` sets, when it can be seen, and by whom. The rules are those of
//! <https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>.

use serde_json::json;

use super::driver::{Reply, output, run, run_with};
use super::task;

#[test]
fn later_states_see_what_was_assigned() {
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Pass",
                "Assign": {"x.$": "$.in", "list": [1, 2], "name.$": "$$.State.Name"},
                "Result": "gone",
                "ResultPath": "$.result",
                "Next": "W",
            },
            "W": {"Type": "Wait", "SecondsPath": "$list[1]", "Assign": {"waited.$": "$.in"}, "Next": "C"},
            "C": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$list[0]", "NumericEquals": 7, "Assign": {"chosen": "first"}, "Next": "End"},
                    {"Variable": "$waited", "NumericEquals": 5, "Assign": {"chosen": "second"}, "Next": "End"},
                ],
                "Assign": {"chosen": "default"},
                "Default": "End",
            },
            "End": {
                "Type": "Pass",
                "Parameters": {"chosen.$": "$chosen", "name.$": "$name", "sum.$": "States.MathAdd($list[0], $list[1])"},
                "End": true,
            },
        },
    });
    // `$` in a Pass state's Assign is its result, as in a Task state's.
    let ran = run(machine.clone(), json!({"in": 5}));
    assert_eq!(ran.failure().error, "States.ParameterPathFailure");
    let mut machine = machine;
    machine["States"]["A"]["Assign"]["x.$"] = json!("$");
    let ran = run(machine.clone(), json!({"in": 5}));
    assert_eq!(
        (ran.output(), ran.took_ms),
        (json!({"chosen": "second", "name": "A", "sum": 3}), 2000)
    );
    // Without a rule that matches, the state's own Assign counts.
    assert_eq!(output(machine, json!({"in": 6}))["chosen"], "default");
}

#[test]
fn a_state_does_not_see_its_own_variables() {
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": 10}, "Next": "Swap"},
            "Swap": {"Type": "Pass", "Assign": {"x.$": "$y", "y.$": "$x"}, "OutputPath": "$x", "Next": "B"},
            "B": {"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y", "old.$": "$"}, "End": true},
        },
    });
    assert_eq!(output(machine, json!({})), json!({"x": 10, "y": 1, "old": 1}));
}

#[test]
fn what_fails_assigns_nothing() {
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"x": "old"}, "Next": "T"},
            "T": task(json!({
                "Assign": {"x": "new"},
                "ResultPath": "$.text.below",
                "Catch": [{
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"error.$": "$.Error"},
                    "ResultPath": null,
                    "Next": "B",
                }],
                "End": true,
            })),
            "B": {"Type": "Pass", "Parameters": {"x.$": "$x", "error.$": "$error"}, "End": true},
        },
    });
    let expected = json!({"x": "old", "error": "States.ResultPathMatchFailure"});
    assert_eq!(output(machine, json!({"text": "no object"})), expected);
}

#[test]
fn branches_have_their_own_variables() {
    let branch = |name: &str| {
        json!({
            "StartAt": format!("{name}1"),
            "States": {
                format!("{name}1"): {
                    "Type": "Pass",
                    "Assign": {"own.$": "States.Format('{} of {}', $outer, $$.State.Name)"},
                    "Next": format!("{name}2"),
                },
                format!("{name}2"): {"Type": "Pass", "Parameters": {"own.$": "$own"}, "End": true},
            },
        })
    };
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "P"},
            "P": {
                "Type": "Parallel",
                "Branches": [branch("L"), branch("R")],
                "Assign": {"both.$": "$[*].own"},
                "Next": "B",
            },
            "B": {
                "Type": "Choice",
                "Choices": [{"Variable": "$own", "IsPresent": true, "Next": "Leaked"}],
                "Default": "C",
            },
            "C": {"Type": "Pass", "Parameters": {"both.$": "$both"}, "End": true},
            "Leaked": {"Type": "Fail"},
        },
    });
    assert_eq!(
        output(machine, json!({})),
        json!({"both": ["1 of L1", "1 of R1"]})
    );
}

#[test]
fn iterations_have_their_own_variables() {
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"outer": [10]}, "Next": "M"},
            "M": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"item.$": "$$.Map.Item.Value", "outer.$": "$outer[0]"},
                "ItemProcessor": {
                    "StartAt": "I",
                    "States": {
                        "I": {"Type": "Pass", "Assign": {"mine.$": "$.item"}, "Next": "J"},
                        "J": {
                            "Type": "Pass",
                            "Parameters": {"sum.$": "States.MathAdd($mine, $outer[0])"},
                            "OutputPath": "$.sum",
                            "End": true,
                        },
                    },
                },
                "End": true,
            },
        },
    });
    assert_eq!(output(machine, json!({"items": [1, 2, 3]})), json!([11, 12, 13]));
}

#[test]
fn a_catcher_assigns_in_the_scope_around() {
    let machine = json!({
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "T", "States": {"T": task(json!({"End": true}))}}],
                "Catch": [{
                    "ErrorEquals": ["Broken"],
                    "Assign": {"cause.$": "$.Cause", "who.$": "$$.State.Name"},
                    "ResultPath": "$.error",
                    "Next": "B",
                }],
                "End": true,
            },
            "B": {"Type": "Pass", "Parameters": {"cause.$": "$cause", "who.$": "$who", "in.$": "$"}, "End": true},
        },
    });
    let ran = run_with(machine, json!({"a": 1}), &|_, _| Reply::Fail("Broken"));
    assert_eq!(
        ran.output(),
        json!({
            "cause": "the worker's cause",
            "who": "P",
            "in": {"a": 1, "error": {"Error": "Broken", "Cause": "the worker's cause"}},
        })
    );
}
