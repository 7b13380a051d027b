//! Executions: what each kind of state does, on a clock of its own. Expected values are those of the
//! [specification](https://states-language.net/spec.html); where it leaves something open, a comment names the source.

mod branches;
mod data;
mod driver;
mod errors;
mod history;
mod limits;
mod map;
mod properties;
mod variables;

use serde_json::{Value, json};

use driver::{Reply, Setup, output, run, run_with};

/// A machine of one state, which ends it.
fn one(mut state: Value) -> Value {
    let kind = state["Type"].as_str().unwrap_or_default().to_owned();
    if !matches!(kind.as_str(), "Choice" | "Succeed" | "Fail") {
        state["End"] = json!(true);
    }
    json!({"StartAt": "S", "States": {"S": state}})
}

/// A task that gives its input back, or what the test says.
fn task(mut state: Value) -> Value {
    state["Type"] = json!("Task");
    state["Resource"] = json!("arn:test");
    state
}

#[test]
fn pass_gives_its_result_its_parameters_or_its_input() {
    let input = json!({"a": 1});
    for (state, expected) in [
        (json!({"Type": "Pass"}), json!({"a": 1})),
        (
            json!({"Type": "Pass", "Result": {"b": "$.a"}}),
            json!({"b": "$.a"}),
        ),
        (json!({"Type": "Pass", "Result": null}), json!(null)),
        (
            json!({"Type": "Pass", "Parameters": {"b.$": "$.a"}}),
            json!({"b": 1}),
        ),
        (
            json!({"Type": "Pass", "Parameters": {"b": 2}, "Result": 3}),
            json!(3),
        ),
        (
            json!({"Type": "Pass", "Result": 2, "ResultPath": "$.b"}),
            json!({"a": 1, "b": 2}),
        ),
    ] {
        assert_eq!(output(one(state.clone()), input.clone()), expected, "{state}");
    }
}

#[test]
fn succeed_passes_on() {
    let state = json!({"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"});
    assert_eq!(output(one(state), json!({"a": {"b": 5}})), json!(5));
}

#[test]
fn fail_fails_with_texts_paths_and_functions() {
    for (state, error, cause) in [
        (json!({"Error": "E", "Cause": "why"}), "E", "why"),
        (json!({}), "", ""),
        (
            json!({"ErrorPath": "$.error", "CausePath": "$.deep.cause"}),
            "FromInput",
            "because",
        ),
        (
            json!({"Error": "E", "CausePath": "States.Format('{} in {}', $.deep.cause, $$.State.Name)"}),
            "E",
            "because in S",
        ),
        (json!({"ErrorPath": "$$.Execution.Name"}), "run", ""),
    ] {
        let mut state = state;
        state["Type"] = json!("Fail");
        let ran = run(
            one(state.clone()),
            json!({"error": "FromInput", "deep": {"cause": "because"}}),
        );
        assert_eq!(ran.error(), (error, cause), "{state}");
    }
    let wrong = run(one(json!({"Type": "Fail", "ErrorPath": "$.n"})), json!({"n": 1}));
    assert_eq!(wrong.failure().error, "States.Runtime");
}

#[test]
fn choice_takes_the_first_rule_that_matches() {
    let machine = json!({
        "StartAt": "C",
        "States": {
            "C": {
                "Type": "Choice",
                "InputPath": "$.in",
                "OutputPath": "$.x",
                "Choices": [
                    {"Variable": "$.x", "NumericLessThan": 0, "Next": "Negative"},
                    {"Not": {"Variable": "$.x", "NumericGreaterThan": 10}, "Next": "Small"},
                    {"Variable": "$.x", "NumericEquals": 7, "Next": "Never"},
                ],
                "Default": "Large",
            },
            "Negative": {"Type": "Pass", "Parameters": {"negative.$": "$"}, "End": true},
            "Small": {"Type": "Pass", "Parameters": {"small.$": "$"}, "End": true},
            "Large": {"Type": "Pass", "Parameters": {"large.$": "$"}, "End": true},
            "Never": {"Type": "Fail"},
        },
    });
    for (x, expected) in [
        (-1, json!({"negative": -1})),
        (7, json!({"small": 7})),
        (11, json!({"large": 11})),
    ] {
        assert_eq!(output(machine.clone(), json!({"in": {"x": x}})), expected);
    }
}

#[test]
fn choice_without_a_match_fails() {
    let machine = json!({
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "End"}]},
            "End": {"Type": "Succeed"},
        },
    });
    let ran = run(machine.clone(), json!({"x": 1}));
    assert_eq!(ran.failure().error, "States.NoChoiceMatched");
    assert!(
        ran.failure()
            .cause
            .contains("the state 'C' (entered at the event id #2)"),
        "{}",
        ran.failure()
    );
    // A variable that is not there is a fault of the machine
    // (<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>, States.Runtime).
    assert_eq!(run(machine, json!({})).failure().error, "States.Runtime");
}

#[test]
fn wait_waits_in_four_ways() {
    let input = json!({"seconds": 3, "moment": "2026-01-31T12:00:09Z"});
    for (state, took_s) in [
        (json!({"Seconds": 90}), 90),
        (json!({"Seconds": 0}), 0),
        (json!({"SecondsPath": "$.seconds"}), 3),
        (json!({"Timestamp": "2026-01-31T12:00:05Z"}), 5),
        (json!({"Timestamp": "2026-01-31T14:00:05+02:00"}), 5),
        (json!({"Timestamp": "2020-01-01T00:00:00Z"}), 0),
        (json!({"TimestampPath": "$.moment"}), 9),
    ] {
        let mut state = state;
        state["Type"] = json!("Wait");
        let ran = run(one(state.clone()), input.clone());
        assert_eq!(
            (ran.took_ms, ran.output()),
            (took_s * 1000, input.clone()),
            "{state}"
        );
    }
}

#[test]
fn wait_needs_a_whole_number_or_a_moment() {
    for state in [
        json!({"SecondsPath": "$.text"}),
        json!({"SecondsPath": "$.half"}),
        json!({"SecondsPath": "$.negative"}),
        json!({"SecondsPath": "$.huge"}),
        json!({"SecondsPath": "$.none"}),
        json!({"TimestampPath": "$.text"}),
        json!({"TimestampPath": "$.day"}),
    ] {
        let mut state = state;
        state["Type"] = json!("Wait");
        let input =
            json!({"text": "1", "half": 0.5, "negative": -1, "huge": 1e9 as u64, "day": "2026-01-31"});
        assert_eq!(
            run(one(state.clone()), input).failure().error,
            "States.Runtime",
            "{state}"
        );
    }
}

#[test]
fn a_task_gets_its_parameters_and_gives_its_result() {
    let state = task(json!({"Parameters": {"x.$": "$.a", "y": [true]}}));
    let ran = run_with(one(state), json!({"a": 1}), &|start, attempt| {
        assert_eq!(
            (start.state.as_str(), start.resource.as_str(), attempt),
            ("S", "arn:test", 0)
        );
        assert_eq!((start.task, start.expires, start.submitted), (1, None, false));
        Reply::Succeed(json!({"got": start.parameters}))
    });
    assert_eq!(ran.output(), json!({"got": {"x": 1, "y": [true]}}));
    // Without Parameters it is the effective input.
    assert_eq!(
        output(one(task(json!({"InputPath": "$.a"}))), json!({"a": 1})),
        json!(1)
    );
}

#[test]
fn tasks_that_are_not_waited_for_change_nothing() {
    use super::Event;
    use crate::Failure;
    let bogus = [0, 2, 99, u64::MAX].into_iter().flat_map(|task| {
        [
            Event::Succeeded {
                task,
                output: json!("bogus"),
            },
            Event::Failed {
                task,
                failure: Failure::new("Bogus", ""),
            },
            Event::Submitted {
                task,
                output: json!("bogus"),
            },
            Event::Heartbeat { task },
        ]
    });
    let slow = |_: &super::TaskStart, _| Reply::After(10, Box::new(Reply::Succeed(json!("real"))));
    let plain = run_with(one(task(json!({}))), json!({}), &slow);
    let mut setup = Setup::new(one(task(json!({}))), json!({}), &slow);
    setup.script = bogus.map(|event| (5, event)).collect();
    assert_eq!(setup.run(), plain);
}

#[test]
fn a_task_that_is_handed_over_waits_for_its_token() {
    use super::Event;
    let mut state = task(json!({"Parameters": {"token.$": "$$.Task.Token"}}));
    state["Resource"] = json!("arn:test.waitForTaskToken");
    let never = |start: &super::TaskStart, _| {
        assert_eq!(start.parameters, json!({"token": "token-1"}));
        assert!(start.waits_for_token());
        Reply::Never
    };
    let mut setup = Setup::new(one(state), json!({}), &never);
    setup.script = vec![
        (
            1,
            Event::Submitted {
                task: 1,
                output: json!("handed over"),
            },
        ),
        (
            2,
            Event::Submitted {
                task: 1,
                output: json!("twice"),
            },
        ),
        (
            3000,
            Event::Succeeded {
                task: 1,
                output: json!("decided"),
            },
        ),
    ];
    let ran = setup.run();
    assert_eq!((ran.output(), ran.took_ms), (json!("decided"), 3_000_000));
    let submitted = ran
        .told()
        .iter()
        .filter(|(_, told)| told == "TaskSubmitted")
        .count();
    assert_eq!(submitted, 1);
}
