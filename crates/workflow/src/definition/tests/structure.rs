//! The structure of a whole machine: targets, names, ends, depth and size.

use serde_json::{Value, json};

use super::{findings, findings_in, one, right};

#[test]
fn it_must_be_json() {
    for (text, message) in [
        (
            "",
            "INVALID_JSON_DESCRIPTION /: is not valid JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            "{\"a\": 1} x",
            "INVALID_JSON_DESCRIPTION /: is not valid JSON: trailing characters at line 1 column 10",
        ),
        (
            "[1",
            "INVALID_JSON_DESCRIPTION /: is not valid JSON: EOF while parsing a list at line 1 column 2",
        ),
        (
            "[]",
            "SCHEMA_VALIDATION_FAILED /: must be an object, not an array",
        ),
        ("null", "SCHEMA_VALIDATION_FAILED /: must be an object, not null"),
    ] {
        assert_eq!(findings_in(text), [message]);
    }
}

#[test]
fn a_machine_has_states_and_a_first_one() {
    assert_eq!(
        findings(&json!({})),
        [
            "SCHEMA_VALIDATION_FAILED /: StartAt is missing: the name of the first state",
            "SCHEMA_VALIDATION_FAILED /: States is missing: an object with the states by name",
        ]
    );
    assert_eq!(
        findings(&json!({"StartAt": 1, "States": []})),
        [
            "SCHEMA_VALIDATION_FAILED /StartAt: must be a string, not a number",
            "SCHEMA_VALIDATION_FAILED /States: must be an object with the states by name",
        ]
    );
    assert_eq!(
        findings(&json!({"StartAt": "A", "States": {}})),
        ["SCHEMA_VALIDATION_FAILED /States: must hold at least one state"]
    );
    assert_eq!(
        findings(&json!({"StartAt": "A", "States": {"A": 5}})),
        ["SCHEMA_VALIDATION_FAILED /States/A: must be an object, not a number"]
    );
}

#[test]
fn fields_of_the_machine_are_checked() {
    let mut machine = one(json!({"Type": "Pass"}));
    machine["Version"] = json!("2.0");
    machine["TimeoutSeconds"] = json!(0);
    machine["Comment"] = json!(1);
    machine["startAt"] = json!("S");
    machine["Colour"] = json!("red");
    assert_eq!(
        findings(&machine),
        [
            "SCHEMA_VALIDATION_FAILED /Comment: must be a string, not a number",
            "SCHEMA_VALIDATION_FAILED /Version: must be \"1.0\", not \"2.0\"",
            "SCHEMA_VALIDATION_FAILED /TimeoutSeconds: must be a whole number from 1 to 99999999",
            "SCHEMA_VALIDATION_FAILED /Colour: Colour is not a field of a state machine: remove it, or correct its spelling",
            "SCHEMA_VALIDATION_FAILED /startAt: startAt is not a field of a state machine: write StartAt (case matters)",
        ]
    );
}

#[test]
fn every_target_must_be_there() {
    let machine = json!({
        "StartAt": "Nowhere",
        "States": {
            "C": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$", "IsNull": true, "Next": "Gone"},
                    {"Variable": "$", "IsNull": false, "Next": "T"},
                ],
                "Default": "Lost",
            },
            "T": {
                "Type": "Task",
                "Resource": "arn:test",
                "Catch": [{"ErrorEquals": ["E"], "Next": "t"}],
                "Next": "C",
            },
            "End": {"Type": "Succeed"},
        },
    });
    assert_eq!(
        findings(&machine)[..4],
        [
            "MISSING_TRANSITION_TARGET /StartAt: there is no state Nowhere beside it",
            "MISSING_TRANSITION_TARGET /States/C: goes on to Gone, but there is no such state beside it",
            "MISSING_TRANSITION_TARGET /States/C: goes on to Lost, but there is no such state beside it",
            "MISSING_TRANSITION_TARGET /States/T: goes on to t, but there is no such state beside it",
        ]
    );
}

#[test]
fn no_way_leads_into_or_out_of_a_graph() {
    let machine = json!({
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "In", "States": {"In": {"Type": "Pass", "Next": "Out"}, "End": {"Type": "Succeed"}}}],
                "Next": "Out",
            },
            "Out": {"Type": "Pass", "Next": "In"},
            "Done": {"Type": "Succeed"},
        },
    });
    let found = findings(&machine);
    for expected in [
        "MISSING_TRANSITION_TARGET /States/P/Branches/0/States/In: goes on to Out, but there is no such state beside it",
        "MISSING_TRANSITION_TARGET /States/Out: goes on to In, but there is no such state beside it",
    ] {
        assert!(found.iter().any(|finding| finding == expected), "{found:#?}");
    }
}

#[test]
fn a_graph_must_end_somewhere() {
    let machine = json!({
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "Next": "A"}},
    });
    let message =
        "NO_TERMINAL_STATE /States: no state ends: give one \"End\": true, or add a Succeed or Fail state";
    assert_eq!(findings(&machine), [message]);
}

#[test]
fn what_is_never_reached_is_worth_a_warning() {
    let machine = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "End": true},
            "Left": {"Type": "Pass", "Next": "Over"},
            "Over": {"Type": "Succeed"},
        },
    });
    assert_eq!(
        findings(&machine),
        [
            "warning UNREACHABLE_STATE /States/Left: is never reached: no state goes on to it",
            "warning UNREACHABLE_STATE /States/Over: is never reached: no state goes on to it",
        ]
    );
}

#[test]
fn names_are_unique_in_the_whole_machine() {
    let graph = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Pass", "End": true}}});
    let machine = one(json!({"Type": "Parallel", "Branches": [graph("A"), graph("A"), graph("S")]}));
    assert_eq!(
        findings(&machine),
        [
            "DUPLICATE_STATE_NAME /States/S/Branches/1/States/A: there is another state called A: names must be unique in the whole machine",
            "DUPLICATE_STATE_NAME /States/S/Branches/2/States/S: there is another state called S: names must be unique in the whole machine",
        ]
    );
    let twice =
        r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Fail", "Type": "Succeed"}}}"#;
    assert_eq!(
        findings_in(twice),
        [
            "DUPLICATE_MEMBER /States/A: A is there twice: remove or rename one of them",
            "DUPLICATE_MEMBER /States/A/Type: Type is there twice: remove or rename one of them",
        ]
    );
}

#[test]
fn names_have_a_length() {
    let named = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Succeed"}}});
    right(&named(&"ä".repeat(80)));
    for (name, length) in [(String::new(), 0), ("ä".repeat(81), 81)] {
        let message = format!(
            "SCHEMA_VALIDATION_FAILED /States/{name}: the name of a state has 1 to 80 characters, not {length}"
        );
        assert_eq!(findings(&named(&name)), [message]);
    }
    // Names are escaped in places, as RFC 6901 says.
    let machine = json!({"StartAt": "a/b~c", "States": {"a/b~c": {"Type": "Pass", "Next": "x"}, "y": {"Type": "Succeed"}}});
    assert!(findings(&machine)[0].starts_with("MISSING_TRANSITION_TARGET /States/a~1b~0c: "));
}

/// A machine of so many Parallel states in each other, the innermost around a Succeed state.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}), |inner, level| {
        let name = format!("P{level}");
        json!({"StartAt": name, "States": {name.clone(): {"Type": "Parallel", "Branches": [inner], "End": true}}})
    })
}

#[test]
fn graphs_nest_so_deep() {
    right(&nested(15));
    let found = findings(&nested(16));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with("/States: states are nested more than 16 deep"),
        "{found:#?}"
    );
    // Deeper than JSON may nest.
    let found = findings_in(&"[".repeat(100_000));
    assert!(found[0].contains("recursion limit exceeded"), "{found:#?}");
}

#[test]
fn definitions_have_a_size() {
    let mut machine = one(json!({"Type": "Pass"}));
    machine["Comment"] = json!("x".repeat(1 << 20));
    let length = machine.to_string().len();
    assert_eq!(
        findings(&machine),
        [format!(
            "SCHEMA_VALIDATION_FAILED /: the definition has {length} bytes; at most 1048576 are allowed"
        )]
    );
}

#[test]
fn a_thousand_mistakes_are_enough() {
    let wrong: serde_json::Map<String, Value> = (0..5000).map(|n| (format!("field{n}"), json!(1))).collect();
    let found = findings(&json!(wrong));
    assert_eq!(found.len(), 1000);
    // And a long name does not make each of them long.
    let mut state =
        json!({"Type": "Pass", "Parameters": {"n".repeat(100_000): vec![json!({"a.$": 1}); 1000]}});
    state["End"] = json!(true);
    let found = findings(&json!({"StartAt": "S", "States": {"S": state}}));
    assert_eq!(found.len(), 1000);
    assert!(found[0].len() < 1000, "{}", found[0].len());
}
