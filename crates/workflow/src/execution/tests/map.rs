//! Map states.

use std::cell::Cell;

use serde_json::{Value, json};

use super::driver::{Reply, output, run, run_with};
use super::task;

/// A Map state with a task for each item.
fn map(more: &Value) -> Value {
    let mut state = json!({
        "Type": "Map",
        "ItemProcessor": {"StartAt": "T", "States": {"T": task(json!({"End": true}))}},
        "End": true,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        state[name] = value.clone();
    }
    json!({"StartAt": "M", "States": {"M": state, "Caught": {"Type": "Succeed"}}})
}

/// Answers with ten times the item, later for earlier items.
fn tenfold(start: &super::super::TaskStart, _: usize) -> Reply {
    let item = start.parameters.as_u64().unwrap_or(0);
    Reply::After(20 - item % 20, Box::new(Reply::Succeed(json!(item * 10))))
}

#[test]
fn results_are_in_the_order_of_the_items() {
    let ran = run_with(
        map(&json!({"ItemsPath": "$.list"})),
        json!({"list": [1, 2, 3, 4]}),
        &tenfold,
    );
    assert_eq!((ran.output(), ran.most_running), (json!([10, 20, 30, 40]), 4));
    // The whole input by default; anything may be an item.
    let items = json!([null, {"a": [1]}, "x", 1.5, []]);
    assert_eq!(output(map(&json!({})), items.clone()), items);
    assert_eq!(
        output(map(&json!({"ItemsPath": "$[1].a", "ResultPath": "$[0]"})), items)[0],
        json!([1])
    );
}

#[test]
fn no_item_no_iteration() {
    let ran = run(
        map(&json!({"ItemsPath": "$.list", "ResultPath": "$.out"})),
        json!({"list": []}),
    );
    assert_eq!(ran.output(), json!({"list": [], "out": []}));
    assert!(ran.starts.is_empty());
    let told: Vec<String> = ran.told().into_iter().map(|(_, told)| told).collect();
    assert_eq!(
        told,
        [
            "ExecutionStarted",
            "MapStateEntered",
            "MapStateStarted",
            "MapStateSucceeded",
            "MapStateExited",
            "ExecutionSucceeded"
        ]
    );
}

#[test]
fn never_more_at_once_than_allowed() {
    for (more, input, most) in [
        (json!({"MaxConcurrency": 1}), json!([1, 2, 3, 4, 5]), 1),
        (json!({"MaxConcurrency": 3}), json!([1, 2, 3, 4, 5]), 3),
        (json!({"MaxConcurrency": 9}), json!([1, 2, 3, 4, 5]), 5),
        (
            json!({"MaxConcurrencyPath": "$.n", "ItemsPath": "$.list"}),
            json!({"n": 2, "list": [1, 2, 3, 4, 5]}),
            2,
        ),
    ] {
        let ran = run_with(map(&more), input, &tenfold);
        assert_eq!(
            (ran.output(), ran.most_running),
            (json!([10, 20, 30, 40, 50]), most),
            "{more}"
        );
    }
    // One after the other, in order.
    let ran = run_with(map(&json!({"MaxConcurrency": 1})), json!([5, 4, 3]), &tenfold);
    let items: Vec<Value> = ran
        .starts
        .iter()
        .map(|(_, start)| start.parameters.clone())
        .collect();
    assert_eq!(items, [json!(5), json!(4), json!(3)]);
    let ran = run(
        map(&json!({"MaxConcurrencyPath": "$.n", "ItemsPath": "$.list"})),
        json!({"n": -1, "list": [1]}),
    );
    assert_eq!(ran.failure().error, "States.Runtime");
}

#[test]
fn a_thousand_items() {
    let items: Vec<u64> = (0..1000).collect();
    let expected: Vec<u64> = (0..1000).map(|item| item * 10).collect();
    let ran = run_with(map(&json!({"MaxConcurrency": 0})), json!(items), &tenfold);
    // AWS runs at most 40 iterations of an inline Map state at once
    // (<https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>).
    assert_eq!((ran.output(), ran.most_running), (json!(expected), 40));
}

#[test]
fn a_selector_makes_the_input_of_an_iteration() {
    let more = json!({
        "InputPath": "$.in",
        "ItemsPath": "$.list",
        "ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.x", "c": "$.x"},
        "MaxConcurrency": 1,
    });
    let input = json!({"in": {"list": ["a", {"b": 1}], "x": [7]}});
    let expected = json!([
        {"v": "a", "i": 0, "all": [7], "c": "$.x"},
        {"v": {"b": 1}, "i": 1, "all": [7], "c": "$.x"},
    ]);
    assert_eq!(output(map(&more), input.clone()), expected);
    // The name that it had formerly.
    let mut former = map(&more);
    let state = &mut former["States"]["M"];
    state["Parameters"] = state["ItemSelector"].take();
    state["Iterator"] = state["ItemProcessor"].take();
    let members = state.as_object_mut().expect("an object");
    members.remove("ItemSelector");
    members.remove("ItemProcessor");
    assert_eq!(output(former, input), expected);
}

#[test]
fn a_selector_that_fails_ends_what_has_begun() {
    let more = json!({
        "ItemSelector": {"x.$": "$$.Map.Item.Value.x"},
        "Catch": [{"ErrorEquals": ["States.ParameterPathFailure"], "Next": "Caught"}],
    });
    // The first iteration has not been run when the second cannot be made.
    let ran = run(map(&more), json!([{"x": 1}, {"y": 2}, {"x": 3}]));
    assert_eq!(ran.output()["Error"], "States.ParameterPathFailure");
    assert!(ran.starts.is_empty());
    // With one at a time it is run, and done.
    let mut more = more;
    more["MaxConcurrency"] = json!(1);
    let ran = run(map(&more), json!([{"x": 1}, {"y": 2}, {"x": 3}]));
    assert_eq!(
        (ran.output()["Error"].clone(), ran.starts.len()),
        (json!("States.ParameterPathFailure"), 1)
    );
}

#[test]
fn items_must_be_an_array() {
    for items in [json!({}), json!("ab"), json!(null), json!(3)] {
        let ran = run(map(&json!({"ItemsPath": "$.list"})), json!({"list": items}));
        assert_eq!(ran.failure().error, "States.Runtime");
    }
    assert_eq!(
        run(map(&json!({"ItemsPath": "$.none"})), json!({}))
            .failure()
            .error,
        "States.Runtime"
    );
}

#[test]
fn a_failed_iteration_ends_the_state() {
    let more = json!({"Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$[0]", "Next": "Caught"}], "MaxConcurrency": 3});
    let ran = run_with(map(&more), json!([1, 2, 3, 4]), &|start, _| {
        if start.parameters == 2 {
            Reply::After(1, Box::new(Reply::Fail("Broken")))
        } else {
            Reply::Never
        }
    });
    assert_eq!(ran.output()[0]["Error"], "Broken");
    assert_eq!((ran.starts.len(), ran.cancelled.clone()), (3, vec![1, 3]));
}

#[test]
fn so_many_iterations_may_fail() {
    let broken = |start: &super::super::TaskStart, _| {
        if start.parameters.as_u64().unwrap_or(0).is_multiple_of(2) {
            Reply::Fail("Even")
        } else {
            Reply::Succeed(json!("odd"))
        }
    };
    let even = json!({"Error": "Even", "Cause": "the worker's cause"});
    let exceeded = "States.ExceedToleratedFailureThreshold";
    for (more, expected) in [
        (json!({"ToleratedFailureCount": 2}), Ok(())),
        (json!({"ToleratedFailureCount": 1}), Err(exceeded)),
        (json!({"ToleratedFailurePercentage": 40}), Ok(())),
        (json!({"ToleratedFailurePercentage": 39.9}), Err(exceeded)),
        // Whichever is passed first counts
        // (<https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>).
        (
            json!({"ToleratedFailureCount": 5, "ToleratedFailurePercentage": 30}),
            Err(exceeded),
        ),
        (
            json!({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100}),
            Err(exceeded),
        ),
        (
            json!({"ToleratedFailureCountPath": "$$.Execution.Input[1]"}),
            Ok(()),
        ),
        (json!({"ToleratedFailureCountPath": "$[0]"}), Err(exceeded)),
        (
            json!({"ToleratedFailurePercentagePath": "$$.Execution.Input[4]"}),
            Err(exceeded),
        ),
        (
            json!({"ToleratedFailurePercentagePath": "$[9]"}),
            Err("States.Runtime"),
        ),
        // Not a word about it: the failure itself.
        (json!({}), Err("Even")),
    ] {
        let ran = run_with(map(&more), json!([1, 2, 3, 4, 5]), &broken);
        match expected {
            Ok(()) => assert_eq!(ran.output(), json!(["odd", even, "odd", even, "odd"]), "{more}"),
            Err(error) => assert_eq!(ran.failure().error, error, "{more}"),
        }
    }
}

#[test]
fn a_map_state_is_tried_again_as_a_whole() {
    let failures = Cell::new(0);
    let more =
        json!({"Retry": [{"ErrorEquals": ["States.ALL"]}], "ItemsPath": "$.list", "MaxConcurrency": 2});
    let ran = run_with(map(&more), json!({"list": [1, 2, 3]}), &|start, attempt| {
        failures.set(failures.get() + 1);
        if attempt < 2 {
            Reply::Fail("Broken")
        } else {
            Reply::Succeed(start.parameters.clone())
        }
    });
    assert_eq!(ran.output(), json!([1, 2, 3]));
    assert_eq!(ran.took_ms, 1000);
}
