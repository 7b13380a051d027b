//! What ends executions that do not end themselves.

use serde_json::{Value, json};

use super::super::{Detail, Event, Limits, Outcome};
use super::driver::{Reply, Setup, run, run_with};
use super::{one, task};
use crate::Failure;

fn endless() -> Value {
    json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Next": "C"},
            "C": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "End"}],
                "Default": "A",
            },
            "End": {"Type": "Succeed"},
        },
    })
}

#[test]
fn the_budget_of_events_ends_a_loop() {
    let setup = |max_events| {
        let mut setup = Setup::new(endless(), json!({}), &|_, _| Reply::Never);
        setup.limits.max_events = max_events;
        setup
    };
    let ran = setup(100).run();
    assert_eq!(ran.failure().error, "States.Runtime");
    assert!(ran.failure().cause.contains("(100)"), "{}", ran.failure());
    assert!((100..=104).contains(&ran.history.len()), "{}", ran.history.len());
    // AWS's budget, within one step.
    let ran = setup(Limits::default().max_events).run();
    assert!(
        (25_000..=25_004).contains(&ran.history.len()),
        "{}",
        ran.history.len()
    );
}

#[test]
fn the_budget_of_events_ends_a_loop_of_tasks() {
    let machine = json!({
        "StartAt": "T",
        "States": {
            "T": task(json!({"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 99_999_999}], "End": true})),
        },
    });
    let mut setup = Setup::new(machine, json!({}), &|_, _| Reply::Fail("Broken"));
    setup.limits.max_events = 50;
    let ran = setup.run();
    assert_eq!(ran.failure().error, "States.Runtime");
    assert!((50..=54).contains(&ran.history.len()), "{}", ran.history.len());
}

#[test]
fn payloads_are_limited() {
    let limited = |state: Value, input: Value, reply: Reply| {
        let workers = move |_: &super::super::TaskStart, _| reply.clone();
        let mut machine = one(state);
        machine["States"]["Caught"] = json!({"Type": "Succeed"});
        let mut setup = Setup::new(machine, input, &workers);
        setup.limits.max_payload_bytes = 1000;
        let ran = setup.run();
        matches!(ran.outcome, Some(Outcome::Succeeded(_)))
            .then_some(())
            .ok_or_else(|| ran.failure().error.clone())
    };
    let text = |length: usize| json!("x".repeat(length));
    let long = Err("States.DataLimitExceeded".to_owned());
    let fine = || Reply::Succeed(json!(1));
    assert_eq!(limited(task(json!({})), text(990), fine()), Ok(()));
    assert_eq!(limited(task(json!({})), text(1000), fine()), long, "the input");
    assert_eq!(
        limited(task(json!({})), json!(1), Reply::Succeed(text(1000))),
        long,
        "a result"
    );
    let twice = json!({"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}});
    assert_eq!(limited(twice, text(600), fine()), long, "parameters");
    let both = json!({"Type": "Pass", "Result": "x".repeat(600), "ResultPath": "$.b"});
    assert_eq!(limited(both, json!({"a": text(600)}), fine()), long, "an output");
    let assign = json!({"Type": "Pass", "Assign": {"a.$": "$", "b.$": "$"}});
    assert_eq!(limited(assign, text(600), fine()), long, "variables");
    let forgiving =
        task(json!({"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Caught"}]}));
    assert_eq!(
        limited(forgiving.clone(), json!({"a": text(900)}), Reply::Fail("E")),
        Ok(())
    );
    assert_eq!(
        limited(forgiving, json!({"a": text(980)}), Reply::Fail("E")),
        long,
        "a caught failure"
    );
    let branch = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Pass", "End": true}}});
    let parallel = json!({"Type": "Parallel", "Branches": [branch("A"), branch("B")], "OutputPath": null});
    assert_eq!(limited(parallel, text(600), fine()), long, "results of branches");
}

#[test]
fn what_nests_too_deep_is_refused() {
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    for (depth, fine) in [(100, true), (101, false), (120, false)] {
        let ran = run_with(one(task(json!({}))), json!({}), &|_, _| {
            Reply::Succeed(nested(depth))
        });
        assert_eq!(
            matches!(ran.outcome, Some(Outcome::Succeeded(_))),
            fine,
            "a result of depth {depth}"
        );
        let ran = run(one(json!({"Type": "Pass"})), nested(depth));
        assert_eq!(
            matches!(ran.outcome, Some(Outcome::Succeeded(_))),
            fine,
            "an input of depth {depth}"
        );
    }
}

#[test]
fn an_execution_takes_no_longer_than_it_may() {
    let mut machine = one(json!({"Type": "Parallel", "Branches": [
        {"StartAt": "A", "States": {"A": task(json!({"End": true}))}},
        {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 100, "End": true}}},
    ], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}));
    machine["States"]["Caught"] = json!({"Type": "Succeed"});
    machine["TimeoutSeconds"] = json!(30);
    let ran = run_with(machine.clone(), json!({}), &|_, _| Reply::Never);
    assert_eq!(
        (ran.outcome, ran.took_ms, ran.cancelled),
        (Some(Outcome::TimedOut), 30_000, vec![1])
    );
    assert!(matches!(
        ran.history.last().map(|event| &event.detail),
        Some(Detail::ExecutionTimedOut)
    ));
    machine["TimeoutSeconds"] = json!(100);
    // At the very moment it is too late.
    let ran = run_with(machine, json!({}), &|_, _| Reply::Succeed(json!(1)));
    assert_eq!(ran.outcome, Some(Outcome::TimedOut));
}

#[test]
fn anybody_can_stop_it() {
    let stop = || Event::Stop {
        failure: Failure::new("Enough", "is enough"),
    };
    let machine = || {
        one(task(
            json!({"Retry": [{"ErrorEquals": ["States.ALL"]}], "TimeoutSeconds": 50}),
        ))
    };
    let mut setup = Setup::new(machine(), json!({}), &|_, _| Reply::Never);
    setup.script = vec![
        (5, stop()),
        (
            6,
            Event::Succeeded {
                task: 1,
                output: json!(1),
            },
        ),
        (7, stop()),
    ];
    let ran = setup.run();
    let expected = Outcome::Aborted(Failure::new("Enough", "is enough"));
    assert_eq!(
        (ran.outcome, ran.took_ms, ran.cancelled),
        (Some(expected), 5000, vec![1])
    );
    // Between two attempts nothing runs.
    let mut setup = Setup::new(machine(), json!({}), &|_, _| {
        Reply::After(4, Box::new(Reply::Fail("E")))
    });
    setup.script = vec![(4, stop())];
    let ran = setup.run();
    assert!(
        matches!(ran.outcome, Some(Outcome::Aborted(_))),
        "{:?}",
        ran.outcome
    );
}
