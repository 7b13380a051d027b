//! No text makes the parser panic, and what it reads is right exactly if it finds no error.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::parse;
use crate::path::any_json;

/// Any JSON, with a liking for what definitions are made of.
fn almost_a_definition() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 42] = [
        "StartAt",
        "States",
        "Type",
        "Next",
        "End",
        "Comment",
        "InputPath",
        "OutputPath",
        "ResultPath",
        "Parameters",
        "ResultSelector",
        "Retry",
        "Catch",
        "ErrorEquals",
        "Choices",
        "Variable",
        "Default",
        "And",
        "Not",
        "IsNull",
        "StringMatches",
        "NumericEqualsPath",
        "Branches",
        "ItemProcessor",
        "Iterator",
        "ItemsPath",
        "ItemSelector",
        "MaxConcurrency",
        "ToleratedFailurePercentage",
        "Seconds",
        "SecondsPath",
        "Timestamp",
        "Resource",
        "TimeoutSeconds",
        "HeartbeatSecondsPath",
        "Error",
        "CausePath",
        "Assign",
        "QueryLanguage",
        "ProcessorConfig",
        "BackoffRate",
        "S",
    ];
    const TEXTS: [&str; 22] = [
        "S",
        "Task",
        "Choice",
        "Pass",
        "Wait",
        "Succeed",
        "Fail",
        "Parallel",
        "Map",
        "$",
        "$.a",
        "$$.Map.Item.Value",
        "$x",
        "$..a[*]",
        "States.ALL",
        "E",
        "States.Format('{}', $.a)",
        "2026-01-31T12:00:00Z",
        "JSONata",
        "FULL",
        "a*\\*",
        "arn:x.sync",
    ];
    let leaf = prop_oneof![
        4 => prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => Just(Value::Null),
        1 => ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let name = prop_oneof![
            8 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
            1 => prop::sample::select(&NAMES[..]).prop_map(|name| format!("{name}.$")),
            1 => ".{0,4}",
        ];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            3 => prop::collection::vec((name, inner), 0..8).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn check(text: &str) {
    let (machine, found) = parse(text, &());
    assert_eq!(machine.is_none(), found.has_errors(), "{found:?}");
    for finding in found.iter() {
        assert!(!finding.message.is_empty() && !finding.code.is_empty());
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        // The place is there, or is the place where something is missing.
        assert!(
            document.pointer(&finding.location).is_some() || document.is_null(),
            "{finding}\n{document:#}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        check(&text);
    }

    #[test]
    fn no_json_makes_the_parser_panic(value in any_json()) {
        check(&value.to_string());
    }

    #[test]
    fn no_definition_makes_the_parser_panic(state in almost_a_definition(), whole in any::<bool>()) {
        let definition = if whole { state } else { json!({"StartAt": "S", "States": {"S": state}}) };
        check(&definition.to_string());
    }
}
