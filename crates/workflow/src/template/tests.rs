//! Payload templates: what is replaced, what is not, and what is said about mistakes.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Template;
use crate::path::any_json;
use crate::{Diagnostics, Failure, Location, Scope};

fn parse(template: &Value) -> Result<Template, Vec<String>> {
    let mut found = Diagnostics::default();
    let parsed = Template::parse(template, &Location::root().child("Parameters"), &mut found);
    assert_eq!(parsed.is_none(), found.has_errors(), "{found:?}");
    parsed.ok_or_else(|| {
        found
            .iter()
            .map(|diagnostic| format!("{} {diagnostic}", diagnostic.code))
            .collect()
    })
}

fn evaluate(template: &Value, input: &Value) -> Result<Value, Failure> {
    let context = json!({"Map": {"Item": {"Value": "item"}}});
    let Value::Object(variables) = json!({"v": 7}) else {
        unreachable!()
    };
    let scope = Scope {
        input,
        context: &context,
        variables: &variables,
    };
    parse(template).expect("valid").evaluate(&scope, &mut || 0)
}

#[test]
fn marked_fields_are_replaced() {
    // The example of the specification.
    let template = json!({
        "flagged": true,
        "parts": {"first.$": "$.vals[0]", "last3.$": "$.vals[-3:]"},
        "weekday.$": "$$.DayOfWeek",
        "formattedOutput.$": "States.Format('Today is {}', $$.DayOfWeek)",
    });
    let input = json!({"flagged": 7, "vals": [0, 10, 20, 30, 40, 50]});
    let context = json!({"DayOfWeek": "TUESDAY"});
    let scope = Scope {
        input: &input,
        context: &context,
        variables: &Map::new(),
    };
    let parsed = parse(&template).expect("valid");
    assert!(!parsed.is_constant());
    assert_eq!(
        parsed.evaluate(&scope, &mut || 0),
        Ok(json!({
            "flagged": true,
            "parts": {"first": 0, "last3": [30, 40, 50]},
            "weekday": "TUESDAY",
            "formattedOutput": "Today is TUESDAY",
        }))
    );
}

#[test]
fn arrays_and_variables_are_replaced() {
    let template =
        json!([{"a.$": "$.x"}, [{"b.$": "$v"}], "$.x", {"c": "States.UUID()", "d.$": "$.none[*]"}]);
    let expected = json!([{"a": 1}, [{"b": 7}], "$.x", {"c": "States.UUID()", "d": []}]);
    assert_eq!(evaluate(&template, &json!({"x": 1})), Ok(expected));
}

#[test]
fn a_missing_path_fails() {
    let failure = evaluate(&json!({"o": {"a.$": "$.none"}}), &json!({})).expect_err("missing");
    assert_eq!(failure.error, "States.ParameterPathFailure");
    assert_eq!(
        failure.cause,
        "The JSONPath '$.none' specified for the field 'a.$' could not be found in the input"
    );
    let failure = evaluate(&json!({"a.$": "States.ArrayLength($.none)"}), &json!({})).expect_err("missing");
    assert_eq!(failure.error, "States.IntrinsicFailure");
}

#[test]
fn all_mistakes_are_found() {
    let template = json!({
        "a.$": 1, "b": {"c.$": "plain"}, "d": [0, {"e.$": "$."}], "f": 1, "f.$": "$.x", "g.$": {"h.$": "$.x"},
    });
    let mistakes = parse(&template).expect_err("invalid");
    let expected = [
        "SCHEMA_VALIDATION_FAILED /Parameters/a.$: `a.$` must hold a path or an intrinsic function as a string, not a number; a field without `.$` holds a constant",
        "INVALID_EXPRESSION /Parameters/b/c.$: `plain` is not valid at character 1: expected a path, which begins with `$`, or an intrinsic function such as States.Format('{}', $.name)",
        "INVALID_EXPRESSION /Parameters/d/1/e.$: `$.` is not valid at character 3: expected a name, `*` or `[`",
        "SCHEMA_VALIDATION_FAILED /Parameters/f.$: `f` and `f.$` set the same field; remove one of them",
        "SCHEMA_VALIDATION_FAILED /Parameters/g.$: `g.$` must hold a path or an intrinsic function as a string, not an object; a field without `.$` holds a constant",
    ];
    assert_eq!(mistakes, expected);
}

#[test]
fn depth_and_size_are_bounded() {
    let nested = |depth: usize, leaf: Value| (0..depth).fold(leaf, |inner, _| json!([inner]));
    assert!(parse(&nested(100, json!(1))).is_ok());
    assert!(parse(&nested(101, json!(1))).is_err());
    // A loop that wraps its input again and again.
    let wrap = json!({"again.$": "$"});
    assert!(evaluate(&wrap, &nested(99, json!(1))).is_ok());
    let failure = evaluate(&wrap, &nested(100, json!(1))).expect_err("too deep");
    assert_eq!(failure.error, "States.DataLimitExceeded");

    let copies: Vec<Value> = vec![json!({"copy.$": "$"}); 1000];
    let failure = evaluate(&json!(copies), &json!("x".repeat(100_000))).expect_err("too large");
    assert_eq!(failure.error, "States.DataLimitExceeded");
    let searches: Vec<Value> = vec![json!({"none.$": "$..none"}); 10_000];
    let failure = evaluate(&json!(searches), &json!(vec![0; 10_000])).expect_err("too much work");
    assert_eq!(failure.error, "States.DataLimitExceeded");
}

proptest! {
    #[test]
    fn a_template_without_marks_is_itself(template in any_json(), input in any_json()) {
        let parsed = parse(&template).expect("no expressions");
        prop_assert!(parsed.is_constant());
        prop_assert_eq!(evaluate(&template, &input), Ok(template));
    }

    #[test]
    fn a_path_to_everything_copies_the_input(input in any_json()) {
        let expected = json!({"all": input.clone()});
        prop_assert_eq!(evaluate(&json!({"all.$": "$"}), &input), Ok(expected));
    }

    #[test]
    fn no_template_makes_the_parser_panic(key in ".{0,8}", text in ".*") {
        let template = json!({key.clone() + ".$": text, key: [text]});
        let mut found = Diagnostics::default();
        let parsed = Template::parse(&template, &Location::root(), &mut found);
        prop_assert!(parsed.is_none() && found.has_errors());
    }
}
