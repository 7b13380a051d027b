//! Retriers, catchers, timeouts and heartbeats.

use serde_json::{Value, json};

use super::super::Event;
use super::driver::{Ran, Reply, Setup, run, run_with};
use super::{one, task};

/// A task that fails with these errors, one after the other, and then answers `"done"`.
fn failing(state: Value, errors: &'static [&'static str]) -> Ran {
    run_with(
        one(task(state)),
        json!({}),
        &|_, attempt| match errors.get(attempt) {
            Some(error) => Reply::Fail(error),
            None => Reply::Succeed(json!("done")),
        },
    )
}

/// A task whose failure, if it is caught, is the output of the machine.
fn catching(errors: &Value, reply: &Reply) -> Ran {
    let machine = json!({
        "StartAt": "T",
        "States": {
            "T": task(json!({
                "TimeoutSeconds": 10,
                "HeartbeatSeconds": 4,
                "Catch": [{"ErrorEquals": errors, "Next": "Caught"}],
                "End": true,
            })),
            "Caught": {"Type": "Pass", "OutputPath": "$.Error", "End": true},
        },
    });
    run_with(machine, json!({}), &|_, _| reply.clone())
}

#[test]
fn pauses_grow() {
    // The defaults: one second, twice as long each time, three attempts.
    let retry = json!({"Retry": [{"ErrorEquals": ["E"]}]});
    let ran = failing(retry, &["E", "E", "E"]);
    assert_eq!(
        (ran.starts_seconds(), ran.output()),
        (vec![0, 1, 3, 7], json!("done"))
    );

    // The first example of the specification: 3, then 4.5 seconds.
    let retry = json!({"Retry": [
        {"ErrorEquals": ["E"], "IntervalSeconds": 3, "MaxAttempts": 2, "BackoffRate": 1.5},
    ]});
    let ran = failing(retry.clone(), &["E", "E"]);
    let starts: Vec<i64> = ran.starts.iter().map(|(at, _)| *at).collect();
    assert_eq!((starts, ran.output()), (vec![0, 3000, 7500], json!("done")));
    // A third failure is one too many.
    assert_eq!(
        failing(retry, &["E", "E", "E"]).error(),
        ("E", "the worker's cause")
    );
}

#[test]
fn pauses_end_at_max_delay() {
    // The example of the specification: 3, 6, then never more than 10.
    let retry = json!({"Retry": [{
        "ErrorEquals": ["E"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxDelaySeconds": 10, "MaxAttempts": 5,
    }]});
    assert_eq!(
        failing(retry, &["E", "E", "E", "E", "E"]).starts_seconds(),
        [0, 3, 9, 19, 29, 39]
    );
    // However often.
    let retry = json!({"Retry": [{
        "ErrorEquals": ["E"], "IntervalSeconds": 1, "BackoffRate": 1e300, "MaxDelaySeconds": 2, "MaxAttempts": 4,
    }]});
    assert_eq!(
        failing(retry, &["E", "E", "E", "E"]).starts_seconds(),
        [0, 1, 3, 5, 7]
    );
}

#[test]
fn jitter_shortens_pauses() {
    let state = task(json!({"Retry": [{
        "ErrorEquals": ["E"], "IntervalSeconds": 8, "BackoffRate": 2, "JitterStrategy": "FULL",
    }]}));
    let workers = |_: &super::super::TaskStart, attempt| {
        if attempt < 3 {
            Reply::Fail("E")
        } else {
            Reply::Succeed(json!(1))
        }
    };
    for (random, expected) in [
        (0, [0, 0, 0, 0]),
        (1 << 63, [0, 4, 12, 28]),
        (1 << 62, [0, 2, 6, 14]),
    ] {
        let mut setup = Setup::new(one(state.clone()), json!({}), &workers);
        setup.random = random;
        assert_eq!(setup.run().starts_seconds(), expected);
    }
    // Nearly the whole, but never more.
    let mut setup = Setup::new(one(state), json!({}), &workers);
    setup.random = u64::MAX;
    let ran = setup.run();
    assert!((55_990..56_001).contains(&ran.took_ms), "{}", ran.took_ms);
}

#[test]
fn each_retrier_counts_for_itself() {
    // The shape of the "complex retry scenario" of the specification.
    let state = json!({"Retry": [
        {"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2},
        {"ErrorEquals": ["C"], "IntervalSeconds": 5},
    ]});
    let ran = failing(state.clone(), &["A", "C", "B"]);
    assert_eq!(
        (ran.starts_seconds(), ran.output()),
        (vec![0, 1, 6, 8], json!("done"))
    );
    // The first retrier has had its two attempts.
    assert_eq!(failing(state.clone(), &["A", "C", "B", "A"]).failure().error, "A");
    // Others are not for it.
    assert_eq!(failing(state, &["A", "D"]).failure().error, "D");
    // An exhausted retrier is not followed by a later one that would match, too: the first that matches decides.
    let state = json!({"Retry": [{"ErrorEquals": ["A"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"]}]});
    assert_eq!(failing(state, &["A", "A"]).failure().error, "A");
    let never = json!({"Retry": [{"ErrorEquals": ["A"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]});
    assert_eq!(failing(never, &["A"]).failure().error, "A");
}

#[test]
fn attempts_are_counted_anew_at_every_visit() {
    let machine = json!({
        "StartAt": "T",
        "States": {
            "T": task(json!({
                "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}],
                "Catch": [{"ErrorEquals": ["E"], "Next": "Again"}],
                "End": true,
            })),
            "Again": {"Type": "Pass", "Next": "T"},
        },
    });
    let ran = run_with(machine, json!({}), &|_, attempt| {
        if attempt < 5 {
            Reply::Fail("E")
        } else {
            Reply::Succeed(json!("done"))
        }
    });
    assert_eq!(
        (ran.starts_seconds(), ran.output()),
        (vec![0, 1, 1, 2, 2, 3], json!("done"))
    );
}

#[test]
fn an_exhausted_retry_is_followed_by_catch() {
    let machine = json!({
        "StartAt": "T",
        "States": {
            "T": task(json!({
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
                "Catch": [
                    {"ErrorEquals": ["Other"], "Next": "Wrong"},
                    {"ErrorEquals": ["E"], "ResultPath": "$.problem", "Next": "Right"},
                    {"ErrorEquals": ["States.ALL"], "Next": "Wrong"},
                ],
                "Next": "Wrong",
            })),
            "Right": {"Type": "Succeed"},
            "Wrong": {"Type": "Fail"},
        },
    });
    let ran = run_with(machine, json!({"in": 1}), &|_, _| Reply::Fail("E"));
    assert_eq!(ran.entered(), ["T", "Right"]);
    let expected = json!({"in": 1, "problem": {"Error": "E", "Cause": "the worker's cause"}});
    assert_eq!(ran.output(), expected);
}

#[test]
fn a_caught_failure_is_placed() {
    for (path, expected) in [
        (json!(null), json!({"in": 1})),
        (json!("$"), json!({"Error": "E", "Cause": "the worker's cause"})),
        (
            json!("$.a.b"),
            json!({"in": 1, "a": {"b": {"Error": "E", "Cause": "the worker's cause"}}}),
        ),
    ] {
        let machine = json!({
            "StartAt": "T",
            "States": {
                "T": task(json!({
                    // Neither of these is for a failure.
                    "ResultPath": "$.result",
                    "OutputPath": "$.result",
                    "Catch": [{"ErrorEquals": ["E"], "ResultPath": path, "Next": "End"}],
                    "Next": "End",
                })),
                "End": {"Type": "Succeed"},
            },
        });
        assert_eq!(
            run_with(machine, json!({"in": 1}), &|_, _| Reply::Fail("E")).output(),
            expected
        );
    }
    let machine = json!({
        "StartAt": "T",
        "States": {
            "T": task(json!({"Catch": [{"ErrorEquals": ["E"], "ResultPath": "$.in.x", "Next": "End"}], "Next": "End"})),
            "End": {"Type": "Succeed"},
        },
    });
    let ran = run_with(machine, json!({"in": 1}), &|_, _| Reply::Fail("E"));
    assert_eq!(ran.failure().error, "States.ResultPathMatchFailure");
}

#[test]
fn names_mean_what_the_language_says() {
    let silent = || Reply::Never;
    // Heartbeats run out after 4 seconds. The specification counts them among the timeouts.
    for (errors, reply, caught) in [
        (json!(["States.ALL"]), Reply::Fail("E"), true),
        (json!(["States.ALL"]), silent(), true),
        (json!(["States.TaskFailed"]), Reply::Fail("E"), true),
        (
            json!(["States.TaskFailed"]),
            Reply::Fail("States.Permissions"),
            true,
        ),
        (json!(["States.TaskFailed"]), silent(), false),
        (json!(["States.Timeout"]), silent(), true),
        (json!(["States.Timeout"]), Reply::Fail("E"), false),
        (json!(["States.HeartbeatTimeout"]), silent(), true),
        (json!(["E"]), Reply::Fail("e"), false),
        (json!(["F", "E"]), Reply::Fail("E"), true),
        (json!(["States.BranchFailed"]), Reply::Fail("E"), false),
        // As AWS documents: nothing catches these two
        // (<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>). A worker cannot make
        // them catchable either.
        (json!(["States.ALL"]), Reply::Fail("States.Runtime"), false),
        (json!(["States.Runtime"]), Reply::Fail("States.Runtime"), false),
        (
            json!(["States.TaskFailed"]),
            Reply::Fail("States.DataLimitExceeded"),
            false,
        ),
        (
            json!(["States.DataLimitExceeded"]),
            Reply::Fail("States.DataLimitExceeded"),
            false,
        ),
    ] {
        let ran = catching(&errors, &reply);
        let ended_well = matches!(ran.outcome, Some(super::super::Outcome::Succeeded(_)));
        assert_eq!(ended_well, caught, "{errors} {reply:?} {:?}", ran.outcome);
    }
}

#[test]
fn a_task_that_takes_too_long_is_cancelled() {
    let state =
        json!({"TimeoutSeconds": 10, "Retry": [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]});
    let ran = run_with(one(task(state)), json!({}), &|start, attempt| {
        assert!(start.expires.is_some());
        match attempt {
            0 => Reply::After(11, Box::new(Reply::Succeed(json!("late")))),
            _ => Reply::After(9, Box::new(Reply::Succeed(json!("in time")))),
        }
    });
    assert_eq!(
        (ran.output(), ran.cancelled.clone(), ran.starts_seconds()),
        (json!("in time"), vec![1], vec![0, 11])
    );
    let ran = run_with(one(task(json!({"TimeoutSeconds": 10}))), json!({}), &|_, _| {
        Reply::Never
    });
    assert_eq!(
        (ran.failure().error.as_str(), ran.took_ms),
        ("States.Timeout", 10_000)
    );
}

#[test]
fn heartbeats_keep_a_task_alive() {
    let state = task(json!({"HeartbeatSeconds": 5, "TimeoutSeconds": 60}));
    let slow = |_: &super::super::TaskStart, _| Reply::After(30, Box::new(Reply::Succeed(json!("done"))));
    let mut setup = Setup::new(one(state), json!({}), &slow);
    setup.script = [4, 8, 12, 16, 20, 24, 28]
        .map(|at| (at, Event::Heartbeat { task: 1 }))
        .into();
    let ran = setup.run();
    assert_eq!((ran.output(), ran.took_ms), (json!("done"), 30_000));
    // One beat is missing, and those of other tasks do not count.
    setup.script = [(4, 1), (8, 1), (12, 2), (16, 1)]
        .map(|(at, task)| (at, Event::Heartbeat { task }))
        .into();
    let ran = setup.run();
    assert_eq!(
        (ran.failure().error.as_str(), ran.took_ms),
        ("States.HeartbeatTimeout", 13_000)
    );
    assert_eq!(ran.cancelled, [1]);
    // However lively: the timeout is the timeout.
    setup.definition["States"]["S"]["TimeoutSeconds"] = json!(6);
    setup.script = [4, 5].map(|at| (at, Event::Heartbeat { task: 1 })).into();
    let ran = setup.run();
    assert_eq!(
        (ran.failure().error.as_str(), ran.took_ms),
        ("States.Timeout", 6000)
    );
}

#[test]
fn timeouts_can_be_in_the_input() {
    let state = json!({"TimeoutSecondsPath": "$.t", "HeartbeatSecondsPath": "$.h"});
    let never = |_: &super::super::TaskStart, _| Reply::Never;
    for (input, error, took_ms) in [
        (json!({"t": 7, "h": 70}), "States.Timeout", 7000),
        (json!({"t": 7, "h": 3}), "States.HeartbeatTimeout", 3000),
        (json!({"t": 0, "h": 3}), "States.Runtime", 0),
        (json!({"t": "7", "h": 3}), "States.Runtime", 0),
        (json!({"h": 3}), "States.Runtime", 0),
    ] {
        let ran = run_with(one(task(state.clone())), input.clone(), &never);
        assert_eq!(
            (ran.failure().error.as_str(), ran.took_ms),
            (error, took_ms),
            "{input}"
        );
    }
}

#[test]
fn faults_of_the_machine_are_neither_retried_nor_caught() {
    let forgiving = |mut state: Value| {
        state["Retry"] = json!([{"ErrorEquals": ["States.ALL"]}]);
        state["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]);
        json!({
            "StartAt": "S",
            "States": {"S": one(task(state))["States"]["S"], "Caught": {"Type": "Succeed"}},
        })
    };
    let ran = run(forgiving(json!({"InputPath": "$.none"})), json!({}));
    assert_eq!(ran.failure().error, "States.Runtime");
    assert!(ran.starts.is_empty());
    // In contrast to what can be right with other data.
    let ran = run(forgiving(json!({"Parameters": {"x.$": "$.none"}})), json!({}));
    assert_eq!((ran.entered(), ran.took_ms), (vec!["S", "Caught"], 7000));
    assert_eq!(ran.output()["Error"], "States.ParameterPathFailure");
    // A caught failure says where it happened, too.
    let cause = ran.output()["Cause"].as_str().unwrap_or_default().to_owned();
    assert!(
        cause.starts_with("An error occurred while executing the state 'S' (entered at the event id #2)."),
        "{cause}"
    );
}
