//! Every kind of mistake in a state: its code, its place, and what is said about it.

use serde_json::{Value, json};

use super::{findings, findings_of, one, right};

/// Checks what is said about each state.
fn check(cases: &[(Value, &[&str])]) {
    for (state, expected) in cases {
        assert_eq!(&findings_of(state.clone()), expected, "{state:#}");
    }
}

fn task(mut more: Value) -> Value {
    more["Type"] = json!("Task");
    more["Resource"] = json!("arn:test");
    more
}

#[test]
fn types() {
    check(&[
        (
            json!({}),
            &[
                "SCHEMA_VALIDATION_FAILED …: Type is missing: Task, Choice, Pass, Wait, Succeed, Fail, Parallel or Map",
            ],
        ),
        (
            json!({"Type": "task"}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Type: task is no type of state: write Task, Choice, Pass, Wait, Succeed, Fail, Parallel or Map",
            ],
        ),
        (
            json!({"Type": 1}),
            &["SCHEMA_VALIDATION_FAILED …/Type: must be a string, not a number"],
        ),
    ]);
}

#[test]
fn what_follows() {
    let pass = |more: Value| {
        let mut machine = one(more);
        let state = machine["States"]["S"].as_object_mut().expect("an object");
        state.insert("Type".to_owned(), json!("Pass"));
        findings(&machine)
    };
    assert_eq!(
        pass(json!({"Next": "S", "End": true})),
        ["SCHEMA_VALIDATION_FAILED /States/S/End: cannot be true beside Next: remove one of them"]
    );
    let mut machine = one(json!({"Type": "Pass"}));
    for end in [json!(false), json!("true")] {
        machine["States"]["S"]["End"] = end;
        let found = findings(&machine);
        let last = "SCHEMA_VALIDATION_FAILED /States/S: Next is missing: name the state that follows, or write \"End\": true";
        assert_eq!(found.last().map(String::as_str), Some(last));
    }
    check(&[
        (
            json!({"Type": "Succeed", "End": true}),
            &[
                "SCHEMA_VALIDATION_FAILED …/End: End is not a field of a Succeed state: remove it, or correct its spelling",
            ],
        ),
        (
            json!({"Type": "Fail", "Next": "S"}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Next: Next is not a field of a Fail state: remove it, or correct its spelling",
            ],
        ),
    ]);
}

#[test]
fn unknown_fields() {
    check(&[
        (
            json!({"Type": "Pass", "inputPath": "$"}),
            &[
                "SCHEMA_VALIDATION_FAILED …/inputPath: inputPath is not a field of a Pass state: write InputPath (case matters)",
            ],
        ),
        (
            json!({"Type": "Pass", "Arguments": {}}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Arguments: Arguments is not a field of a Pass state: it belongs to states written in JSONata",
            ],
        ),
        (
            json!({"Type": "Pass", "Retry": []}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Retry: Retry is not a field of a Pass state: remove it, or correct its spelling",
            ],
        ),
        (
            json!({"Type": "Wait", "Seconds": 1, "Parameters": {}}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Parameters: Parameters is not a field of a Wait state: remove it, or correct its spelling",
            ],
        ),
        (
            json!({"Type": "Fail", "OutputPath": "$"}),
            &[
                "SCHEMA_VALIDATION_FAILED …/OutputPath: OutputPath is not a field of a Fail state: remove it, or correct its spelling",
            ],
        ),
    ]);
}

#[test]
fn paths() {
    check(&[
        (
            json!({"Type": "Pass", "InputPath": "x", "OutputPath": 5, "ResultPath": "$.a[*]"}),
            &[
                "INVALID_EXPRESSION …/InputPath: `x` is not valid at character 1: expected a path, which begins with `$`",
                "SCHEMA_VALIDATION_FAILED …/OutputPath: must be a string, not a number",
                "INVALID_EXPRESSION …/ResultPath: `$.a[*]` is not valid at character 1: expected a reference path to exactly one place, without `*`, `?`, `:`, `,`, `..` and functions",
            ],
        ),
        (
            json!({"Type": "Pass", "ResultPath": "$$.Execution.Input"}),
            &[
                "SCHEMA_VALIDATION_FAILED …/ResultPath: must begin with `$.` or be `$`: the context object cannot be written",
            ],
        ),
        (
            json!({"Type": "Pass", "ResultPath": "$name"}),
            &[
                "INVALID_EXPRESSION …/ResultPath: `$name` is not valid at character 2: expected a reference path, which begins with `$.`, `$[` or `$$`",
            ],
        ),
        (
            json!({"Type": "Pass", "Parameters": {"a.$": "no path"}}),
            &[
                "INVALID_EXPRESSION …/Parameters/a.$: `no path` is not valid at character 1: expected a path, which begins with `$`, or an intrinsic function such as States.Format('{}', $.name)",
            ],
        ),
    ]);
}

#[test]
fn tasks() {
    check(&[
        (
            json!({"Type": "Task"}),
            &["SCHEMA_VALIDATION_FAILED …: Resource is missing: what does the work (an ARN)"],
        ),
        (
            task(json!({"TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"})),
            &[
                "SCHEMA_VALIDATION_FAILED …/TimeoutSecondsPath: cannot stand beside TimeoutSeconds: remove one of them",
            ],
        ),
        (
            task(json!({"TimeoutSeconds": 5, "HeartbeatSeconds": 5})),
            &["SCHEMA_VALIDATION_FAILED …/HeartbeatSeconds: must be smaller than TimeoutSeconds"],
        ),
        (
            task(json!({"TimeoutSeconds": 1.5})),
            &["SCHEMA_VALIDATION_FAILED …/TimeoutSeconds: must be a whole number from 1 to 99999999"],
        ),
    ]);
    right(&one(task(
        json!({"Credentials": {"RoleArn": "arn"}, "TimeoutSecondsPath": "$.t", "HeartbeatSeconds": 5}),
    )));
}

#[test]
fn retriers() {
    let retry = |entries: Value| task(json!({"Retry": entries}));
    check(&[
        (
            retry(json!({})),
            &["SCHEMA_VALIDATION_FAILED …/Retry: must be an array"],
        ),
        (
            retry(json!([{}])),
            &["SCHEMA_VALIDATION_FAILED …/Retry/0: ErrorEquals is missing: an array of error names"],
        ),
        (
            retry(json!([{"ErrorEquals": []}, {"ErrorEquals": "E"}, {"ErrorEquals": [1]}])),
            &[
                "SCHEMA_VALIDATION_FAILED …/Retry/0/ErrorEquals: must be an array of error names, and not empty",
                "SCHEMA_VALIDATION_FAILED …/Retry/1/ErrorEquals: must be an array of error names, and not empty",
                "SCHEMA_VALIDATION_FAILED …/Retry/2/ErrorEquals: must be an array of error names, and not empty",
            ],
        ),
        (
            retry(json!([{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}])),
            &[
                "SCHEMA_VALIDATION_FAILED …/Retry/0: States.ALL must be in the last entry: what follows it is never reached",
            ],
        ),
        (
            retry(json!([{"ErrorEquals": ["E", "States.ALL"]}])),
            &[
                "SCHEMA_VALIDATION_FAILED …/Retry/0/ErrorEquals: States.ALL must stand alone: it means every error",
            ],
        ),
        (
            retry(json!([{"ErrorEquals": ["States.all"]}])),
            &[
                "SCHEMA_VALIDATION_FAILED …/Retry/0/ErrorEquals: States.all is not an error of the language: names that begin with States. are reserved",
            ],
        ),
        (
            retry(json!([{
                "ErrorEquals": ["E"], "IntervalSeconds": 0, "MaxAttempts": -1, "BackoffRate": 0.5, "MaxDelaySeconds": 99_999_999,
                "JitterStrategy": "full", "Next": "S",
            }])),
            &[
                "SCHEMA_VALIDATION_FAILED …/Retry/0/IntervalSeconds: must be a whole number from 1 to 99999999",
                "SCHEMA_VALIDATION_FAILED …/Retry/0/MaxAttempts: must be a whole number from 0 to 99999999",
                "SCHEMA_VALIDATION_FAILED …/Retry/0/BackoffRate: must be a number of at least 1",
                "SCHEMA_VALIDATION_FAILED …/Retry/0/MaxDelaySeconds: must be a whole number from 1 to 31622400",
                "SCHEMA_VALIDATION_FAILED …/Retry/0/JitterStrategy: must be FULL or NONE",
                "SCHEMA_VALIDATION_FAILED …/Retry/0/Next: Next is not a field of a retrier: remove it, or correct its spelling",
            ],
        ),
        (
            retry(json!([{"ErrorEquals": ["E"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}])),
            &["SCHEMA_VALIDATION_FAILED …/Retry/0/MaxDelaySeconds: must be greater than IntervalSeconds"],
        ),
    ]);
    right(&one(retry(json!([
        {"ErrorEquals": ["States.Http.StatusCode.429", "States.Http.Socket", "Lambda.Unknown"], "BackoffRate": 1},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": 0, "JitterStrategy": "FULL", "Comment": "x"},
    ]))));
}

#[test]
fn catchers() {
    let catch = |entries: Value| task(json!({"Catch": entries}));
    check(&[
        (
            catch(json!([{"ErrorEquals": ["E"]}])),
            &["SCHEMA_VALIDATION_FAILED …/Catch/0: Next is missing: the state that follows the failure"],
        ),
        (
            catch(json!([{"ErrorEquals": ["States.ALL"], "Next": "S"}, {"ErrorEquals": ["E"], "Next": "S"}])),
            &[
                "SCHEMA_VALIDATION_FAILED …/Catch/0: States.ALL must be in the last entry: what follows it is never reached",
            ],
        ),
        (
            catch(json!([{"ErrorEquals": ["E"], "Next": "S", "ResultPath": "$..x", "MaxAttempts": 1}])),
            &[
                "INVALID_EXPRESSION …/Catch/0/ResultPath: `$..x` is not valid at character 1: expected a reference path to exactly one place, without `*`, `?`, `:`, `,`, `..` and functions",
                "SCHEMA_VALIDATION_FAILED …/Catch/0/MaxAttempts: MaxAttempts is not a field of a catcher: remove it, or correct its spelling",
            ],
        ),
    ]);
}

#[test]
fn waits() {
    let exactly_one = "SCHEMA_VALIDATION_FAILED …: a Wait state has exactly one of Seconds, SecondsPath, Timestamp and TimestampPath";
    check(&[
        (json!({"Type": "Wait"}), &[exactly_one]),
        (
            json!({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s"}),
            &[exactly_one],
        ),
    ]);
    let found = findings_of(json!({"Type": "Wait", "Timestamp": "2026-01-31 12:00"}));
    assert_eq!(
        found[0],
        "SCHEMA_VALIDATION_FAILED …/Timestamp: must be a moment as 2026-01-31T12:00:00Z (RFC 3339, with T and Z in capitals)"
    );
}

#[test]
fn choices() {
    check(&[
        (
            json!({"Type": "Choice"}),
            &["SCHEMA_VALIDATION_FAILED …: Choices is missing: an array of rules"],
        ),
        (
            json!({"Type": "Choice", "Choices": []}),
            &["SCHEMA_VALIDATION_FAILED …/Choices: must be an array of rules, and not empty"],
        ),
        (
            json!({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": true}, 5]}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Choices/0: Next is missing: name the state that follows where the rule matches",
                "SCHEMA_VALIDATION_FAILED …/Choices/1: A choice rule must be an object, not a number",
            ],
        ),
    ]);
}

#[test]
fn fails() {
    check(&[
        (
            json!({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}),
            &["SCHEMA_VALIDATION_FAILED …/ErrorPath: cannot stand beside Error: remove one of them"],
        ),
        (
            json!({"Type": "Fail", "CausePath": "cause"}),
            &[
                "INVALID_EXPRESSION …/CausePath: `cause` is not valid at character 1: expected a path, which begins with `$`, or an intrinsic function such as States.Format('{}', $.name)",
            ],
        ),
    ]);
}

#[test]
fn parallels() {
    check(&[
        (
            json!({"Type": "Parallel"}),
            &["SCHEMA_VALIDATION_FAILED …: Branches is missing: an array of objects with StartAt and States"],
        ),
        (
            json!({"Type": "Parallel", "Branches": []}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Branches: must be an array of objects with StartAt and States, and not empty",
            ],
        ),
        (
            json!({"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}, "TimeoutSeconds": 5}]}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Branches/0/TimeoutSeconds: TimeoutSeconds is not a field of a branch: remove it, or correct its spelling",
            ],
        ),
    ]);
}

#[test]
fn maps() {
    let map = |mut more: Value| {
        more["Type"] = json!("Map");
        if more.get("ItemProcessor").is_none() {
            more["ItemProcessor"] = json!({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}});
        }
        more
    };
    let processor = |config: Value| {
        map(
            json!({"ItemProcessor": {"ProcessorConfig": config, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}),
        )
    };
    check(&[
        (
            json!({"Type": "Map", "ItemsPath": "$", "MaxConcurrency": 1, "ItemSelector": {}}),
            &[
                "SCHEMA_VALIDATION_FAILED …: ItemProcessor is missing: an object with StartAt and States, run for each item",
            ],
        ),
        (
            map(
                json!({"ItemSelector": {}, "Parameters": {}, "MaxConcurrency": 1, "MaxConcurrencyPath": "$.n"}),
            ),
            &[
                "SCHEMA_VALIDATION_FAILED …/Parameters: cannot stand beside ItemSelector: remove one of them",
                "SCHEMA_VALIDATION_FAILED …/MaxConcurrencyPath: cannot stand beside MaxConcurrency: remove one of them",
            ],
        ),
        (
            map(json!({"ToleratedFailurePercentage": 101, "ItemReader": {}})),
            &[
                "SCHEMA_VALIDATION_FAILED …/ItemReader: belongs to distributed Map states, which are not supported: remove it",
                "SCHEMA_VALIDATION_FAILED …/ToleratedFailurePercentage: must be at most 100",
            ],
        ),
        (
            processor(json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})),
            &[
                "SCHEMA_VALIDATION_FAILED …/ItemProcessor/ProcessorConfig: the mode DISTRIBUTED is not supported: write \"Mode\": \"INLINE\"",
            ],
        ),
        (
            processor(json!([])),
            &["SCHEMA_VALIDATION_FAILED …/ItemProcessor/ProcessorConfig: must be an object, not an array"],
        ),
    ]);
    right(&one(processor(json!({"Mode": "INLINE"}))));
}

#[test]
fn variables() {
    let long = "x".repeat(81);
    let names = "a variable is called by 1 to 80 letters, digits and underscores, and not by a digit first";
    check(&[
        (
            json!({"Type": "Pass", "Assign": [1]}),
            &[
                "SCHEMA_VALIDATION_FAILED …/Assign: must be an object of variables and their values, not an array",
            ],
        ),
        (
            json!({"Type": "Pass", "Assign": {"states": 1, "1a": 1, "a-b.$": "$", "": 1, long.clone(): 1}}),
            &[
                &format!("SCHEMA_VALIDATION_FAILED …/Assign/: {names}"),
                &format!("SCHEMA_VALIDATION_FAILED …/Assign/1a: {names}"),
                &format!("SCHEMA_VALIDATION_FAILED …/Assign/a-b.$: {names}"),
                "SCHEMA_VALIDATION_FAILED …/Assign/states: the variable $states cannot be set: choose another name",
                &format!("SCHEMA_VALIDATION_FAILED …/Assign/{long}: {names}"),
            ],
        ),
    ]);
    right(&one(
        json!({"Type": "Pass", "Assign": {"größe": 1, "_x9.$": "$"}}),
    ));
}

#[test]
fn a_graph_leaves_the_variables_around_it_alone() {
    let branch = |name: &str, variable: &str| json!({"StartAt": name, "States": {name: {"Type": "Pass", "Assign": {variable: 1}, "End": true}}});
    let mut machine =
        one(json!({"Type": "Parallel", "Branches": [branch("A", "x"), branch("B", "x"), branch("C", "y")]}));
    // Siblings may have the same names.
    right(&machine);
    machine["States"]["S"]["Catch"] =
        json!([{"ErrorEquals": ["States.ALL"], "Assign": {"y.$": "$.Error"}, "Next": "S"}]);
    assert_eq!(
        findings(&machine),
        [
            "DUPLICATE_VARIABLE /States/S/Branches/2/States/C/Assign/y: the variable y is set by a state outside of this Parallel or Map state: choose another name"
        ]
    );
}

#[test]
fn jsonata_states_are_named() {
    let message = "the state S is written in JSONata, which is not supported: write it with JSONPath";
    let expected = format!("SCHEMA_VALIDATION_FAILED /States/S/QueryLanguage: {message}");
    let state = json!({"Type": "Pass", "Output": "{% $states.input %}"});
    let mut whole = one(state.clone());
    whole["QueryLanguage"] = json!("JSONata");
    assert_eq!(findings(&whole), std::slice::from_ref(&expected));
    let mut single = one(state);
    single["States"]["S"]["QueryLanguage"] = json!("JSONata");
    assert_eq!(findings(&single), [expected]);
    // A state may stay with JSONPath.
    let mut mixed = one(json!({"Type": "Pass", "QueryLanguage": "JSONPath"}));
    mixed["QueryLanguage"] = json!("JSONata");
    right(&mixed);
    mixed["States"]["S"]["QueryLanguage"] = json!("XPath");
    assert_eq!(
        findings(&mixed),
        ["SCHEMA_VALIDATION_FAILED /States/S/QueryLanguage: must be \"JSONPath\", not \"XPath\""]
    );
}

#[test]
fn all_mistakes_are_found_at_once() {
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Retry": [{"ErrorEquals": []}], "Next": "B"},
            "B": {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Wait", "Next": "I"}}}, "End": 1},
            "C": {"Type": "Zip"},
        },
        "Extra": 1,
    });
    let places: Vec<String> = findings(&machine)
        .iter()
        .filter_map(|finding| {
            finding
                .split(' ')
                .nth(1)
                .map(|place| place.trim_end_matches(':').to_owned())
        })
        .collect();
    assert_eq!(
        places,
        [
            "/States/A",
            "/States/A/Retry/0/ErrorEquals",
            "/States/B/ItemProcessor/States/I",
            "/States/B/End",
            "/States/B",
            "/States/C/Type",
            "/Extra",
        ]
    );
}
