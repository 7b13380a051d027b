//! Definitions that are right: ours, and machines in the shape of the examples of the
//! [specification](https://states-language.net/spec.html) and of AWS's developer guide.

use serde_json::json;

use super::super::{Concurrency, ContextNeed, Jitter, Kind, Transition};
use super::{one, right};

#[test]
fn every_flow_of_ours_is_right() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../workflows");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).expect("the directory") {
        let path = entry.expect("an entry").path();
        if !path.to_string_lossy().ends_with(".asl.json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a text");
        let (machine, found) = super::parse(&text, &());
        assert!(
            machine.is_some() && found.is_empty(),
            "{}: {found:#?}",
            path.display()
        );
        count += 1;
    }
    assert!(count >= 4, "{count}");
}

#[test]
fn a_poller() {
    // The shape of "Job poller": submit, wait, ask, decide.
    let retry =
        json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0}]);
    let machine = right(&json!({
        "Comment": "Waits for a job.",
        "StartAt": "Submit",
        "States": {
            "Submit": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.id", "Retry": retry,
                "Next": "A few seconds",
            },
            "A few seconds": {"Type": "Wait", "SecondsPath": "$.wait_time", "Next": "Ask"},
            "Ask": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "InputPath": "$.id", "ResultPath": "$.status",
                "Retry": retry, "Next": "Ready?",
            },
            "Ready?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.status", "StringEquals": "FAILED", "Next": "Broken"},
                    {"Variable": "$.status", "StringEquals": "SUCCEEDED", "Next": "Result"},
                ],
                "Default": "A few seconds",
            },
            "Broken": {"Type": "Fail", "Cause": "The job failed", "Error": "the job says FAILED"},
            "Result": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "InputPath": "$.id", "Retry": retry, "End": true},
        },
    }));
    assert_eq!(machine.comment.as_deref(), Some("Waits for a job."));
    let ask = &machine.graph.states["Ask"];
    assert_eq!(ask.transition, Transition::Next("Ready?".to_owned()));
    assert_eq!(
        (ask.retry[0].max_attempts, ask.retry[0].jitter),
        (3, Jitter::None)
    );
    assert_eq!(
        machine.graph.states["Ready?"].targets(),
        ["Broken", "Result", "A few seconds"]
    );
}

#[test]
fn a_choice_with_everything() {
    // The shape of the specification's example of a Choice state.
    right(&json!({
        "StartAt": "Dispatch",
        "States": {
            "Dispatch": {
                "Type": "Choice",
                "Choices": [
                    {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Public"},
                    {
                        "And": [
                            {"Variable": "$.value", "IsPresent": true},
                            {"Variable": "$.value", "IsNumeric": true},
                            {"Variable": "$.value", "NumericGreaterThanEquals": 20},
                            {"Variable": "$.value", "NumericLessThan": 30},
                        ],
                        "Next": "Twenties",
                        "Comment": "from twenty",
                    },
                    {"Variable": "$.rating", "NumericGreaterThanPath": "$.auditThreshold", "Next": "Audit"},
                ],
                "Default": "Record",
            },
            "Public": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:Foo", "Next": "Next"},
            "Twenties": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:Bar", "Next": "Next"},
            "Audit": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:audit", "HeartbeatSeconds": 60, "TimeoutSeconds": 300, "Next": "Next"},
            "Record": {"Type": "Pass", "Next": "Next"},
            "Next": {"Type": "Succeed"},
        },
    }));
}

#[test]
fn a_map_of_shipments() {
    // The shape of the specification's example of a Map state, in both spellings.
    let graph = json!({
        "StartAt": "Validate",
        "States": {"Validate": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:ship", "End": true}},
    });
    let selector = json!({"parcel.$": "$$.Map.Item.Value", "courier.$": "$.delivery-partner", "n.$": "$$.Map.Item.Index"});
    for (processor, parameters) in [("ItemProcessor", "ItemSelector"), ("Iterator", "Parameters")] {
        let machine = right(&one(json!({
            "Type": "Map",
            "InputPath": "$.detail",
            "ItemsPath": "$.shipped",
            "MaxConcurrency": 0,
            "ResultPath": "$.detail.shipped",
            processor: graph,
            parameters: selector,
        })));
        let state = &machine.graph.states["S"];
        let Kind::Map(map) = &state.kind else {
            panic!("{state:?}")
        };
        assert!(map.item_selector.is_some() && state.parameters.is_none());
        assert_eq!(map.max_concurrency, Concurrency::Fixed(0));
        assert_eq!(state.context, ContextNeed::WithoutInput);
    }
}

#[test]
fn parallel_lookups() {
    let branch = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:x", "End": true}}});
    right(&json!({
        "Comment": "Looks two things up at once.",
        "StartAt": "Lookup",
        "TimeoutSeconds": 300,
        "Version": "1.0",
        "States": {
            "Lookup": {
                "Type": "Parallel",
                "Branches": [branch("Address"), branch("Phone")],
                "ResultSelector": {"address.$": "$[0]", "phone.$": "$[1]"},
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error-info", "Next": "Sorry"}],
                "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxDelaySeconds": 5, "JitterStrategy": "FULL"}],
                "Next": "Done",
            },
            "Done": {"Type": "Succeed"},
            "Sorry": {"Type": "Fail", "ErrorPath": "$.error-info.Error", "CausePath": "States.Format('{}', $.error-info.Cause)"},
        },
    }));
}

#[test]
fn a_human_decides() {
    // The shape of "Wait for a callback with the task token".
    let machine = right(&json!({
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "HeartbeatSecondsPath": "$.patience",
                "Parameters": {
                    "QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/q",
                    "MessageBody": {"input.$": "$", "token.$": "$$.Task.Token", "all.$": "$$.Execution.Input"},
                },
                "Next": "Wait",
            },
            "Wait": {"Type": "Wait", "Timestamp": "2026-03-14T01:59:00Z", "Next": "End"},
            "End": {"Type": "Pass", "Result": {"x-datum": 0, "y-datum": 600}, "ResultPath": "$.coords", "End": true},
        },
    }));
    assert_eq!(machine.graph.states["Ask"].context, ContextNeed::Everything);
    assert_eq!(machine.graph.states["Wait"].context, ContextNeed::Nothing);
}

#[test]
fn constants_are_not_read() {
    // What looks like a path without the mark, and comments, are what they are.
    let state = json!({
        "Type": "Pass",
        "Comment": "$.not{% a path %}",
        "Parameters": {"a": "$.", "b": ["{% x %}", {"c": "States.Nothing("}]},
        "Result": {"d.$": "no path: a result is not a template"},
    });
    right(&one(state));
}
