//! Parallel states, and graphs in graphs.

use serde_json::{Value, json};

use super::super::{Detail, Outcome};
use super::driver::{Reply, output, run, run_with};
use super::task;

/// A branch of one state.
fn branch(name: &str, mut state: Value) -> Value {
    if state["Type"] != "Fail" {
        state["End"] = json!(true);
    }
    json!({"StartAt": name, "States": {name: state}})
}

fn parallel(branches: &[Value], more: &Value) -> Value {
    let mut state = json!({"Type": "Parallel", "Branches": branches, "End": true});
    for (name, value) in more.as_object().into_iter().flatten() {
        state[name] = value.clone();
    }
    json!({"StartAt": "P", "States": {"P": state, "Caught": {"Type": "Succeed"}}})
}

#[test]
fn branches_get_the_same_input_and_give_an_array() {
    let branches = [
        branch("A", json!({"Type": "Pass", "Parameters": {"a.$": "$.x"}})),
        branch("B", json!({"Type": "Wait", "Seconds": 5})),
        branch("C", json!({"Type": "Pass", "Result": "c"})),
    ];
    let ran = run(
        parallel(&branches, &json!({"InputPath": "$.in"})),
        json!({"in": {"x": 1}}),
    );
    // In the order of the branches, not of their ends.
    assert_eq!(
        (ran.output(), ran.took_ms),
        (json!([{"a": 1}, {"x": 1}, "c"]), 5000)
    );

    let more = json!({
        "Parameters": {"x.$": "$.in.x"},
        "ResultSelector": {"first.$": "$[0].a", "last.$": "$[2]"},
        "ResultPath": "$.out",
    });
    assert_eq!(
        output(parallel(&branches, &more), json!({"in": {"x": 1}})),
        json!({"in": {"x": 1}, "out": {"first": 1, "last": "c"}})
    );
}

#[test]
fn a_failed_branch_ends_the_others() {
    let branches = [
        branch("A", task(json!({}))),
        branch("B", task(json!({}))),
        branch("C", json!({"Type": "Wait", "Seconds": 100})),
        branch(
            "D",
            json!({"Type": "Parallel", "Branches": [branch("E", task(json!({}))), branch("F", task(json!({})))]}),
        ),
    ];
    let workers = |start: &super::super::TaskStart, _| match start.state.as_str() {
        "B" => Reply::After(3, Box::new(Reply::Fail("Broken"))),
        "F" => Reply::Succeed(json!(1)),
        _ => Reply::Never,
    };
    let ran = run_with(parallel(&branches, &json!({})), json!({}), &workers);
    assert_eq!(
        (ran.error(), ran.took_ms),
        (("Broken", "the worker's cause"), 3000)
    );
    let mut cancelled: Vec<&str> = ran
        .cancelled
        .iter()
        .filter_map(|task| ran.starts.iter().find(|(_, start)| start.task == *task))
        .map(|(_, start)| start.state.as_str())
        .collect();
    cancelled.sort_unstable();
    assert_eq!(cancelled, ["A", "E"]);
}

#[test]
fn a_branch_that_fails_at_once_ends_those_that_have_not_begun() {
    let branches = [
        branch("A", json!({"Type": "Fail", "Error": "Broken"})),
        branch("B", task(json!({}))),
        branch("C", json!({"Type": "Pass"})),
    ];
    let more = json!({"Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$.e", "Next": "Caught"}]});
    let ran = run(parallel(&branches, &more), json!({"in": 1}));
    assert_eq!(
        ran.output(),
        json!({"in": 1, "e": {"Error": "Broken", "Cause": ""}})
    );
    assert_eq!(ran.entered(), ["P", "A", "Caught"]);
}

#[test]
fn the_failure_of_a_branch_has_its_own_name_and_that_of_branches() {
    // On AWS a catcher gets the error name of the branch: LocalStack's recording of it, test_map_state_catch.
    let branches = [branch("A", task(json!({}))), branch("B", json!({"Type": "Pass"}))];
    for (name, error, caught) in [
        ("Broken", "Broken", true),
        ("States.BranchFailed", "Broken", true),
        ("States.ALL", "Broken", true),
        ("States.TaskFailed", "Broken", false),
        ("States.TaskFailed", "States.TaskFailed", true),
        ("States.BranchFailed", "States.Runtime", false),
        ("States.ALL", "States.DataLimitExceeded", false),
    ] {
        let more = json!({"Catch": [{"ErrorEquals": [name], "Next": "Caught"}]});
        let ran = run_with(parallel(&branches, &more), json!({}), &|_, _| Reply::Fail(error));
        let ended_well = matches!(ran.outcome, Some(Outcome::Succeeded(_)));
        assert_eq!(ended_well, caught, "{name} {error}");
        if caught {
            assert_eq!(ran.output()["Error"], error);
        }
    }
}

#[test]
fn a_parallel_state_is_tried_again_as_a_whole() {
    let branches = [branch("A", task(json!({}))), branch("B", task(json!({})))];
    let more = json!({"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2}], "Parameters": {"n.$": "$$.State.RetryCount"}});
    let ran = run_with(parallel(&branches, &more), json!({}), &|start, attempt| match (
        start.state.as_str(),
        attempt,
    ) {
        ("B", 0) => Reply::Fail("Broken"),
        ("A", 0) => Reply::Never,
        _ => Reply::Succeed(start.parameters.clone()),
    });
    assert_eq!((ran.output(), ran.took_ms), (json!([{"n": 1}, {"n": 1}]), 2000));
    assert_eq!(ran.cancelled.len(), 1);
}

#[test]
fn timers_of_branches_run_at_the_same_time() {
    let branches = [
        branch("A", task(json!({"TimeoutSeconds": 7}))),
        branch("B", json!({"Type": "Wait", "Seconds": 7})),
        branch("C", task(json!({"HeartbeatSeconds": 7}))),
    ];
    let ran = run_with(parallel(&branches, &json!({})), json!({}), &|_, _| Reply::Never);
    // Both tasks are late at the same moment; the first ends the state, and each is cancelled once.
    assert_eq!(
        (ran.failure().error.as_str(), ran.took_ms),
        ("States.Timeout", 7000)
    );
    assert_eq!(ran.cancelled.len(), 2);
}

#[test]
fn maps_in_branches_in_maps() {
    let inner = json!({
        "Type": "Map",
        "ItemsPath": "$.inner",
        "ItemSelector": {"outer.$": "$.name", "item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index"},
        "MaxConcurrency": 2,
        "ItemProcessor": {"StartAt": "T", "States": {"T": task(json!({"End": true}))}},
        "ResultSelector": {"texts.$": "$[*].text"},
        "OutputPath": "$.texts",
        "End": true,
    });
    let processor = json!({
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "M", "States": {"M": inner}},
                    branch("I", json!({"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index"}})),
                ],
                "End": true,
            },
        },
    });
    let machine = json!({
        "StartAt": "O",
        "States": {"O": {"Type": "Map", "ItemProcessor": processor, "End": true}},
    });
    let input =
        json!([{"name": "a", "inner": [1, 2, 3]}, {"name": "b", "inner": []}, {"name": "c", "inner": [4]}]);
    let ran = run_with(machine, input, &|start, _| {
        let parameters = &start.parameters;
        let text = format!(
            "{}{}{}",
            parameters["outer"], parameters["index"], parameters["item"]
        )
        .replace('"', "");
        // The later ones first.
        let seconds = 10 - parameters["index"].as_u64().unwrap_or(0);
        Reply::After(seconds, Box::new(Reply::Succeed(json!({"text": text}))))
    });
    assert_eq!(
        ran.output(),
        json!([
            [["a01", "a12", "a23"], {"i": 0}],
            [[], {"i": 1}],
            [["c04"], {"i": 2}],
        ])
    );
    assert_eq!(ran.most_running, 3);
}

#[test]
fn a_failure_climbs_through_graphs_to_its_catcher() {
    let inner = json!({"Type": "Map", "ItemProcessor": branch("T", task(json!({})))});
    let middle = json!({"Type": "Parallel", "Branches": [branch("M", inner), branch("W", task(json!({})))]});
    let more = json!({"Catch": [{"ErrorEquals": ["Broken"], "Next": "Caught"}]});
    let ran = run_with(
        parallel(&[branch("I", middle)], &more),
        json!([1, 2, 3]),
        &|start, attempt| match (start.state.as_str(), attempt) {
            ("T", 1) => Reply::Fail("Broken"),
            _ => Reply::Never,
        },
    );
    assert_eq!(ran.output()["Error"], "Broken");
    assert_eq!(ran.cancelled.len(), 3);
    let failed = ran.history.iter().filter(|event| {
        matches!(
            event.detail,
            Detail::MapStateFailed { .. } | Detail::ParallelStateFailed { .. }
        )
    });
    assert_eq!(failed.count(), 3);
}
