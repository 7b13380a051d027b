//! What goes into a state and what comes out of it, and the context object.

use serde_json::{Value, json};

use super::driver::{Reply, output, run, run_with};
use super::{one, task};

/// The output of a task that answers `{"r": 1, "n": {"m": 2}}`.
fn after_task(state: Value, input: Value) -> Result<Value, String> {
    let ran = run_with(one(task(state)), input, &|_, _| {
        Reply::Succeed(json!({"r": 1, "n": {"m": 2}}))
    });
    match &ran.outcome {
        Some(super::super::Outcome::Succeeded(output)) => Ok(output.clone()),
        _ => Err(ran.failure().error.clone()),
    }
}

#[test]
fn input_and_output_are_cut() {
    let input = json!({"a": {"b": [1, 2]}, "c": 3});
    for (state, expected) in [
        (json!({"InputPath": "$.a"}), json!({"b": [1, 2]})),
        (json!({"InputPath": "$.a.b[1]"}), json!(2)),
        (json!({"InputPath": "$.a.b[*]"}), json!([1, 2])),
        (json!({"InputPath": null}), json!({})),
        (json!({"InputPath": "$$.Execution.Name"}), json!("run")),
        (json!({"OutputPath": "$.c"}), json!(3)),
        (json!({"OutputPath": null}), json!({})),
        (json!({"OutputPath": "$$.State.Name"}), json!("S")),
        // A constant of the state's own does not look at the input, but ResultPath does.
        (
            json!({"InputPath": null, "Result": 1, "ResultPath": "$.c"}),
            json!({"a": {"b": [1, 2]}, "c": 1}),
        ),
    ] {
        let mut state = state;
        state["Type"] = json!("Pass");
        assert_eq!(output(one(state.clone()), input.clone()), expected, "{state}");
    }
    for path in ["InputPath", "OutputPath"] {
        let ran = run(one(json!({"Type": "Pass", path: "$.none"})), input.clone());
        assert_eq!(ran.failure().error, "States.Runtime");
        assert!(ran.failure().cause.contains("$.none"), "{}", ran.failure());
    }
}

#[test]
fn results_are_selected_and_placed() {
    let input = json!({"a": 1, "list": [1, 2]});
    for (state, expected) in [
        (json!({}), json!({"r": 1, "n": {"m": 2}})),
        (json!({"ResultPath": "$"}), json!({"r": 1, "n": {"m": 2}})),
        (json!({"ResultPath": null}), input.clone()),
        (json!({"ResultPath": null, "OutputPath": "$.a"}), json!(1)),
        (
            json!({"ResultPath": "$.new.deep", "ResultSelector": {"m.$": "$.n.m"}}),
            json!({"a": 1, "list": [1, 2], "new": {"deep": {"m": 2}}}),
        ),
        (
            json!({"ResultPath": "$.list[0]", "ResultSelector": {"x.$": "$.r"}}),
            json!({"a": 1, "list": [{"x": 1}, 2]}),
        ),
        // The raw input, not what InputPath makes of it.
        (
            json!({"InputPath": "$.list", "ResultPath": "$.a", "ResultSelector": {}}),
            json!({"a": {}, "list": [1, 2]}),
        ),
        (
            json!({"ResultSelector": {"id.$": "$$.Execution.Name"}}),
            json!({"id": "run"}),
        ),
        (
            json!({"ResultPath": "$.t", "OutputPath": "$.t.n"}),
            json!({"m": 2}),
        ),
    ] {
        assert_eq!(after_task(state.clone(), input.clone()), Ok(expected), "{state}");
    }
}

#[test]
fn what_cannot_be_selected_or_placed_fails() {
    let input = json!({"a": 1, "list": [1, 2]});
    for (state, error) in [
        (
            json!({"ResultSelector": {"x.$": "$.none"}}),
            "States.ParameterPathFailure",
        ),
        (
            json!({"Parameters": {"x.$": "$.none"}}),
            "States.ParameterPathFailure",
        ),
        (
            json!({"Parameters": {"x.$": "$$.Map.Item.Index"}}),
            "States.ParameterPathFailure",
        ),
        (
            json!({"Parameters": {"x.$": "States.ArrayLength($.a)"}}),
            "States.IntrinsicFailure",
        ),
        (json!({"ResultPath": "$.a.b"}), "States.ResultPathMatchFailure"),
        (
            json!({"ResultPath": "$.list[7]"}),
            "States.ResultPathMatchFailure",
        ),
    ] {
        assert_eq!(
            after_task(state.clone(), input.clone()),
            Err(error.to_owned()),
            "{state}"
        );
    }
}

#[test]
fn the_context_object_tells_who_and_when() {
    let state = json!({"Type": "Pass", "Parameters": {"all.$": "$$"}});
    let machine = json!({
        "StartAt": "W",
        "States": {
            "W": {"Type": "Wait", "Seconds": 5, "Next": "S"},
            "S": one(state)["States"]["S"],
        },
    });
    // The members are those of
    // <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>.
    assert_eq!(
        output(machine, json!({"in": 1})),
        json!({"all": {
            "Execution": {
                "Id": "arn:aws:states:us-east-1:000000000000:execution:test:run",
                "Input": {"in": 1},
                "Name": "run",
                "RoleArn": "arn:aws:iam::000000000000:role/test",
                "StartTime": "2026-01-31T12:00:00.000Z",
                "RedriveCount": 0,
            },
            "StateMachine": {
                "Id": "arn:aws:states:us-east-1:000000000000:stateMachine:test",
                "Name": "test",
            },
            "State": {"Name": "S", "EnteredTime": "2026-01-31T12:00:05.000Z", "RetryCount": 0},
        }})
    );
}

#[test]
fn every_place_sees_the_context() {
    let machine = json!({
        "StartAt": "C",
        "States": {
            "C": {
                "Type": "Choice",
                "Choices": [{"Variable": "$$.Execution.Input.go", "BooleanEquals": true, "Next": "W"}],
            },
            "W": {"Type": "Wait", "SecondsPath": "$$.Execution.Input.wait", "Next": "P"},
            "P": {"Type": "Pass", "InputPath": "$$['Execution']['Input'].wait", "End": true},
        },
    });
    let ran = run(machine, json!({"go": true, "wait": 4}));
    assert_eq!((ran.output(), ran.took_ms), (json!(4), 4000));
}

#[test]
fn retries_are_counted_in_the_context() {
    let state = task(json!({
        "Parameters": {"n.$": "$$.State.RetryCount", "at.$": "$$.State.EnteredTime", "token.$": "$$.Task.Token"},
        "Retry": [
            {"ErrorEquals": ["A"], "MaxAttempts": 1},
            {"ErrorEquals": ["B"], "MaxAttempts": 2},
        ],
    }));
    let ran = run_with(one(state), json!({}), &|start, attempt| match attempt {
        0 => Reply::Fail("A"),
        1 | 2 => Reply::Fail("B"),
        _ => Reply::Succeed(start.parameters.clone()),
    });
    // All attempts are within one visit to the state.
    let expected = json!({"n": 3, "at": "2026-01-31T12:00:00.000Z", "token": "token-4"});
    assert_eq!(ran.output(), expected);
}

#[test]
fn photos_pass_through_templates() {
    // A photo of five megabytes, in Base64.
    let image = "A".repeat(7 << 20);
    let machine = one(task(
        json!({"Parameters": {"Image.$": "$.Image"}, "ResultPath": "$.Again"}),
    ));
    let ran = run(machine, json!({"Image": image}));
    let size = ran.output().to_string().len();
    assert!(size > 14 << 20, "{size}");
}
