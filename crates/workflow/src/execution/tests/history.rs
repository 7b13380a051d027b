//! What executions tell of themselves: the order and the links are those of AWS's histories, as `LocalStack`'s tests recorded
//! them (`tests/aws/services/stepfunctions/v2/scenarios/test_base_scenarios.snapshot.json`).

use serde_json::{Value, json};

use super::super::Detail;
use super::driver::{Ran, Reply, run, run_with};
use super::{one, task};

/// `previous type`, one line each.
fn told(ran: &Ran) -> Vec<String> {
    ran.told()
        .iter()
        .map(|(previous, told)| format!("{previous} {told}"))
        .collect()
}

#[test]
fn of_a_task() {
    let ran = run(one(task(json!({"TimeoutSeconds": 9}))), json!({"a": 1}));
    assert_eq!(
        told(&ran),
        [
            "0 ExecutionStarted",
            "0 TaskStateEntered",
            "2 TaskScheduled",
            "3 TaskStarted",
            "4 TaskSucceeded",
            "5 TaskStateExited",
            "6 ExecutionSucceeded",
        ]
    );
    let ids: Vec<u64> = ran.history.iter().map(|event| event.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    let scheduled = Detail::TaskScheduled {
        resource: "arn:test".to_owned(),
        parameters: json!({"a": 1}),
        timeout_seconds: Some(9),
        heartbeat_seconds: None,
    };
    assert_eq!(ran.history[2].detail, scheduled);
}

#[test]
fn of_a_task_that_is_tried_again_and_caught() {
    let machine = json!({
        "StartAt": "T",
        "States": {
            "T": task(json!({
                "TimeoutSeconds": 5,
                "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}],
                "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "F"}],
                "End": true,
            })),
            "F": {"Type": "Fail", "Error": "F"},
        },
    });
    let ran = run_with(machine, json!({}), &|_, attempt| {
        if attempt == 0 {
            Reply::Fail("E")
        } else {
            Reply::Never
        }
    });
    assert_eq!(
        told(&ran),
        [
            "0 ExecutionStarted",
            "0 TaskStateEntered",
            "2 TaskScheduled",
            "3 TaskStarted",
            "4 TaskFailed",
            "5 TaskScheduled",
            "6 TaskStarted",
            "7 TaskTimedOut",
            "8 TaskStateExited",
            "9 FailStateEntered",
            "10 ExecutionFailed",
        ]
    );
}

fn map(states: &Value, more: &Value) -> Value {
    let mut state =
        json!({"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": {"StartAt": "I", "States": states}});
    for (name, value) in more.as_object().into_iter().flatten() {
        state[name] = value.clone();
    }
    let mut machine = one(state);
    machine["States"]["Caught"] = json!({"Type": "Pass", "End": true});
    machine
}

#[test]
fn of_a_map_state() {
    let ran = run(
        map(&json!({"I": {"Type": "Pass", "End": true}}), &json!({})),
        json!([1, 2]),
    );
    assert_eq!(
        told(&ran),
        [
            "0 ExecutionStarted",
            "0 MapStateEntered",
            "2 MapStateStarted",
            "3 MapIterationStarted",
            "4 PassStateEntered",
            "5 PassStateExited",
            "6 MapIterationSucceeded",
            // Not 7: the ends of iterations and of the whole lead to nothing, but for the last.
            "6 MapIterationStarted",
            "8 PassStateEntered",
            "9 PassStateExited",
            "10 MapIterationSucceeded",
            "11 MapStateSucceeded",
            "11 MapStateExited",
            "13 ExecutionSucceeded",
        ]
    );
    assert_eq!(ran.history[2].detail, Detail::MapStateStarted { length: 2 });
    let second = Detail::MapIterationStarted {
        name: "S".to_owned(),
        index: 1,
    };
    assert_eq!(ran.history[7].detail, second);
}

#[test]
fn of_a_map_state_that_fails_and_is_caught() {
    // test_map_state_catch, with one more iteration at the same time.
    let states = json!({
        "I": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "Work"}],
            "Default": "Fail",
        },
        "Work": task(json!({"End": true})),
        "Fail": {"Type": "Fail", "Error": "E"},
    });
    let more = json!({"MaxConcurrency": 2, "Catch": [{"ErrorEquals": ["E"], "Next": "Caught"}]});
    let ran = run_with(map(&states, &more), json!([1, 2]), &|_, _| Reply::Never);
    assert_eq!(
        told(&ran),
        [
            "0 ExecutionStarted",
            "0 MapStateEntered",
            "2 MapStateStarted",
            "3 MapIterationStarted",
            "3 MapIterationStarted",
            "4 ChoiceStateEntered",
            "6 ChoiceStateExited",
            "5 ChoiceStateEntered",
            "8 ChoiceStateExited",
            "7 TaskStateEntered",
            "10 TaskScheduled",
            "11 TaskStarted",
            "9 FailStateEntered",
            "13 MapIterationAborted",
            "13 MapIterationFailed",
            "13 MapStateFailed",
            "16 MapStateExited",
            "17 PassStateEntered",
            "18 PassStateExited",
            "19 ExecutionSucceeded",
        ]
    );
}

#[test]
fn of_a_parallel_state() {
    let branch = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Pass", "End": true}}});
    let ran = run(
        one(json!({"Type": "Parallel", "Branches": [branch("A"), branch("B")]})),
        json!(1),
    );
    assert_eq!(
        told(&ran),
        [
            "0 ExecutionStarted",
            "0 ParallelStateEntered",
            "2 ParallelStateStarted",
            "3 PassStateEntered",
            "4 PassStateExited",
            "3 PassStateEntered",
            "6 PassStateExited",
            "7 ParallelStateSucceeded",
            "7 ParallelStateExited",
            "9 ExecutionSucceeded",
        ]
    );
}

#[test]
fn it_keeps_what_the_view_leaves() {
    use super::super::{Command, Event, Execution, Identity, Limits, Moment, step};
    let machine = super::driver::machine(&one(task(json!({}))));
    let identity = Identity {
        id: String::new(),
        name: String::new(),
        role_arn: String::new(),
        machine_id: String::new(),
        machine_name: String::new(),
    };
    let now = super::driver::beginning();
    let execution = Execution::new(&machine, identity, json!("photo"), Limits::default(), now);
    let mut moment = Moment {
        now,
        random: &mut || 0,
        token: &|_| String::new(),
        view: &|_| json!("elided"),
    };
    let (_, commands) = step(&machine, execution, Event::Tick, &mut moment);
    for command in commands {
        match command {
            Command::Record(event) => {
                let told = serde_json::to_string(&event).expect("JSON");
                assert!(!told.contains("photo"), "{told}");
            }
            Command::Start(start) => assert_eq!(start.parameters, json!("photo")),
            Command::Cancel { .. } => panic!("nothing to cancel"),
        }
    }
}
