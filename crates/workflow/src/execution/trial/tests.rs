use serde_json::json;

use super::*;
use crate::definition::{StateMachine, parse};

/// The same number each time.
struct Fixed;

impl Random for Fixed {
    fn next_u64(&mut self) -> u64 {
        7
    }
}

/// A machine with one state called `S` and whatever it may go on to.
fn machine(state: &Value) -> StateMachine {
    let end = json!({ "Type": "Succeed" });
    let text = json!({ "StartAt": "S", "States": { "S": state, "A": end, "B": end, "C": end } }).to_string();
    let (machine, found) = parse(&text, &());
    machine.unwrap_or_else(|| panic!("{found:?}"))
}

fn given(input: Value) -> Given {
    Given {
        input,
        context: json!({ "State": { "Name": "S" } }),
        ..Given::default()
    }
}

/// Tries a state whose work gives this.
fn tried(state: &Value, given: Given, result: Result<Value, Failure>) -> (Verdict, Inspection) {
    let machine = machine(state);
    let mut trial = Trial::new(&machine.graph.states["S"], given);
    let result = match trial.begin(&mut Fixed) {
        Ok(Work::Nothing(value)) => Ok(value),
        Ok(_) => result,
        Err(failure) => Err(failure),
    };
    trial.end(result, &mut Fixed)
}

/// The result of work that is not done.
const NOTHING: Result<Value, Failure> = Ok(Value::Null);

#[test]
fn a_task_shows_what_each_field_makes() {
    let state = json!({
        "Type": "Task", "Resource": "arn:aws:states:::x:y", "InputPath": "$.a",
        "Parameters": { "b.$": "$.b", "name.$": "$$.State.Name", "seen.$": "$seen" },
        "ResultSelector": { "d.$": "$.c" }, "ResultPath": "$.r", "OutputPath": "$.r",
        "Assign": { "kept.$": "$.d" }, "TimeoutSecondsPath": "$.t", "Next": "A",
    });
    let machine = machine(&state);
    let mut given = given(json!({ "a": { "b": 1, "t": 9 } }));
    given.variables.insert("seen".to_owned(), json!(true));
    let mut trial = Trial::new(&machine.graph.states["S"], given);
    let work = trial.begin(&mut Fixed).unwrap();
    let parameters = json!({ "b": 1, "name": "S", "seen": true });
    assert_eq!(
        work,
        Work::Task {
            resource: Resource::new("arn:aws:states:::x:y"),
            parameters: parameters.clone(),
            timeout_seconds: Some(9),
            heartbeat_seconds: None,
        }
    );
    let (verdict, inspection) = trial.end(Ok(json!({ "c": 2 })), &mut Fixed);
    assert_eq!(
        verdict,
        Verdict::Succeeded {
            output: json!({ "d": 2 }),
            next: Some("A".to_owned())
        }
    );
    assert_eq!(
        inspection,
        Inspection {
            after_input_path: Some(json!({ "b": 1, "t": 9 })),
            after_parameters: Some(parameters),
            result: Some(json!({ "c": 2 })),
            after_result_selector: Some(json!({ "d": 2 })),
            after_result_path: Some(json!({ "a": { "b": 1, "t": 9 }, "r": { "d": 2 } })),
            variables: json!({ "seen": true, "kept": 2 }).as_object().unwrap().clone(),
            ..Inspection::default()
        }
    );
}

#[test]
fn states_without_work_end_at_once() {
    let end = |state: &Value, input: Value| tried(state, given(input), NOTHING).0;
    let succeeded = |output: Value, next: Option<&str>| Verdict::Succeeded {
        output,
        next: next.map(str::to_owned),
    };
    let pass = json!({ "Type": "Pass", "Result": { "x": 1 }, "ResultPath": "$.p", "Next": "B" });
    assert_eq!(
        end(&pass, json!({ "a": 0 })),
        succeeded(json!({ "a": 0, "p": { "x": 1 } }), Some("B"))
    );
    let pass = json!({ "Type": "Pass", "Parameters": { "y.$": "$.a" }, "End": true });
    assert_eq!(end(&pass, json!({ "a": 0 })), succeeded(json!({ "y": 0 }), None));
    let succeed = json!({ "Type": "Succeed", "OutputPath": "$.a" });
    assert_eq!(end(&succeed, json!({ "a": 0 })), succeeded(json!(0), None));
    let fail = json!({ "Type": "Fail", "Error": "E", "CausePath": "$.why" });
    assert_eq!(
        end(&fail, json!({ "why": "because" })),
        Verdict::Failed(Failure::new("E", "because"))
    );
    let choice = json!({
        "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": 1, "Next": "A" }], "Default": "B",
    });
    assert_eq!(
        end(&choice, json!({ "a": 1 })),
        succeeded(json!({ "a": 1 }), Some("A"))
    );
    assert_eq!(
        end(&choice, json!({ "a": 2 })),
        succeeded(json!({ "a": 2 }), Some("B"))
    );
    let choice = json!({
        "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": 1, "Next": "A" }],
    });
    let Verdict::Failed(failure) = end(&choice, json!({ "a": 2 })) else {
        panic!("no rule matches");
    };
    assert_eq!(failure.error, failure::NO_CHOICE_MATCHED);
}

#[test]
fn waiting_is_told_and_not_done() {
    let begin = |state: &Value, input: Value| {
        let machine = machine(state);
        Trial::new(&machine.graph.states["S"], given(input)).begin(&mut Fixed)
    };
    let seconds = json!({ "Type": "Wait", "SecondsPath": "$.s", "Next": "A" });
    assert_eq!(begin(&seconds, json!({ "s": 3 })), Ok(Work::Seconds(3)));
    assert!(begin(&seconds, json!({ "s": "3" })).is_err());
    let moment = json!({ "Type": "Wait", "TimestampPath": "$.t", "Next": "A" });
    let expected = Ok(Work::Until("2026-01-31T12:00:00Z".parse().unwrap()));
    assert_eq!(begin(&moment, json!({ "t": "2026-01-31T12:00:00Z" })), expected);
    assert!(begin(&moment, json!({})).is_err());
}

#[test]
fn failures_are_retried_then_caught() {
    let state = json!({
        "Type": "Task", "Resource": "arn:aws:states:::x:y", "End": true,
        "Retry": [
            { "ErrorEquals": ["Other"] },
            { "ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2 },
        ],
        "Catch": [
            { "ErrorEquals": ["Other"], "Next": "A" },
            { "ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.e", "Assign": { "why.$": "$.Cause" } },
        ],
    });
    let failure = Failure::new("Busy", "too much");
    let after = |retries| {
        let given = Given {
            retries,
            ..given(json!({ "a": 1 }))
        };
        tried(&state, given, Err(failure.clone()))
    };
    for (retries, seconds) in [(0, 2.0), (1, 6.0)] {
        let expected = Verdict::Retriable {
            failure: failure.clone(),
            index: 1,
            seconds,
        };
        assert_eq!(after(retries).0, expected);
    }
    let (verdict, inspection) = after(2);
    let expected = Verdict::Caught {
        failure: failure.clone(),
        index: 1,
        output: json!({ "a": 1, "e": { "Error": "Busy", "Cause": "too much" } }),
        next: "B".to_owned(),
    };
    assert_eq!(verdict, expected);
    assert_eq!(inspection.variables["why"], "too much");
    let runtime = Failure::runtime("broken");
    let (verdict, _) = tried(&state, given(json!({})), Err(runtime.clone()));
    assert_eq!(verdict, Verdict::Failed(runtime), "nothing catches these");
}

#[test]
fn what_fails_on_the_way_in_is_handled_like_the_work() {
    let state = json!({
        "Type": "Task", "Resource": "arn:aws:states:::x:y", "Parameters": { "x.$": "$.missing" }, "End": true,
        "Catch": [{ "ErrorEquals": ["States.ParameterPathFailure"], "Next": "C" }],
    });
    let (verdict, inspection) = tried(&state, given(json!({})), NOTHING);
    assert!(matches!(verdict, Verdict::Caught { index: 0, .. }), "{verdict:?}");
    assert_eq!(inspection.after_parameters, None);
}

#[test]
fn a_map_shows_the_inputs_of_its_iterations() {
    let state = json!({
        "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": true,
        "ItemSelector": { "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "k.$": "$.k" },
        "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } },
    });
    let input = json!({ "items": ["a", "b"], "k": 1 });
    let (verdict, inspection) = tried(&state, given(input), Ok(json!([1, 2])));
    assert!(matches!(verdict, Verdict::Succeeded { .. }), "{verdict:?}");
    assert_eq!(inspection.after_items_path, Some(json!(["a", "b"])));
    assert_eq!(inspection.max_concurrency, Some(3));
    let inputs = json!([{ "i": 0, "v": "a", "k": 1 }, { "i": 1, "v": "b", "k": 1 }]);
    assert_eq!(inspection.after_item_selector, Some(inputs));
    let (verdict, _) = tried(&state, given(json!({ "items": 7 })), NOTHING);
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
}
