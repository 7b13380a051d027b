//! What is said about mistakes in rules.

use serde_json::json;

use super::{matches, parse};

#[test]
fn mistakes_say_where_and_what_to_do() {
    for (rule, expected) in [
        (json!(1), "/: A choice rule must be an object, not a number"),
        (
            json!({}),
            "/: The rule has no operator; add exactly one, such as `StringEquals`, `IsPresent` or `And`",
        ),
        (
            json!({"StringEquals": "a"}),
            "/: The rule has no `Variable`; add the path to compare, such as \"$.type\"",
        ),
        (
            json!({"Variable": 1, "IsNull": true}),
            "/Variable: Expected a path such as \"$.type\", not a number",
        ),
        (
            json!({"Variable": "$.a", "IsNull": true, "IsString": true}),
            "/: The rule has several operators (IsNull, IsString); keep one, or use `And`",
        ),
        (
            json!({"Variable": "$.a", "IsNull": "true"}),
            "/IsNull: `IsNull` expects true or false, not another string",
        ),
        (
            json!({"Variable": "$.a", "NumericEquals": "1"}),
            "/NumericEquals: `NumericEquals` expects a number, not another string",
        ),
        (
            json!({"Variable": "$.a", "BooleanEquals": 1}),
            "/BooleanEquals: `BooleanEquals` expects true or false, not a number",
        ),
        (
            json!({"Variable": "$.a", "StringLessThan": null}),
            "/StringLessThan: `StringLessThan` expects a string, not null",
        ),
        (
            json!({"Variable": "$.a", "TimestampEquals": "2023-02-24"}),
            "/TimestampEquals: `TimestampEquals` expects a timestamp such as \"2016-08-18T17:33:00Z\", not another string",
        ),
        (
            json!({"Variable": "$.a", "StringMatches": 1}),
            "/StringMatches: `StringMatches` expects a string, not a number",
        ),
        (
            json!({"Variable": "$.a", "StringMatches": "\\x"}),
            "/StringMatches: A backslash in `StringMatches` must be followed by `*` or another backslash",
        ),
        (
            json!({"Variable": "$.a", "StringEqualsPath": 1}),
            "/StringEqualsPath: Expected a path such as \"$.type\", not a number",
        ),
    ] {
        assert_eq!(
            parse(&rule).expect_err("invalid"),
            [format!("SCHEMA_VALIDATION_FAILED {expected}")],
            "{rule}"
        );
    }
}

#[test]
fn mistakes_in_nesting_and_fields_say_what_to_do() {
    for (rule, expected) in [
        (
            json!({"And": []}),
            "/And: Expected an array of one or more rules, not an empty one",
        ),
        (
            json!({"Or": {}}),
            "/Or: Expected an array of one or more rules, not an object",
        ),
        (
            json!({"Not": []}),
            "/Not: A choice rule must be an object, not an array",
        ),
        (
            json!({"Not": {"Variable": "$.a", "IsNull": true, "Next": "B"}}),
            "/Not/Next: `Next` is only allowed in the outermost rule; move it there",
        ),
        (
            json!({"Variable": "$.a", "IsNull": true, "Foo": 1}),
            "/Foo: `Foo` is no field of a choice rule; expected `Variable` and an operator",
        ),
        (
            json!({"Variable": "$.a", "Not": {"Variable": "$.a", "IsNull": true}}),
            "/Variable: `Not` has no `Variable`; put it into the rules inside",
        ),
    ] {
        assert_eq!(
            parse(&rule).expect_err("invalid"),
            [format!("SCHEMA_VALIDATION_FAILED {expected}")],
            "{rule}"
        );
    }
}

#[test]
fn mistakes_in_names_and_paths_are_found() {
    // These are no operators.
    for name in [
        "BooleanLessThan",
        "StringMatchesPath",
        "IsNullPath",
        "Condition",
        "StringEqual",
    ] {
        let mistakes = parse(&json!({"Variable": "$.a", name: true})).expect_err("invalid");
        assert!(
            mistakes
                .first()
                .is_some_and(|first| first.contains(&format!("/{name}: "))),
            "{mistakes:?}"
        );
    }
    let mistakes = parse(&json!({"And": [
        {"Variable": "$.", "IsNull": true},
        {"Variable": "$.a", "NumericEqualsPath": "a"},
    ]}));
    let mistakes = mistakes.expect_err("invalid");
    assert!(
        mistakes[0].starts_with("INVALID_EXPRESSION /And/0/Variable: `$.` is not valid"),
        "{mistakes:?}"
    );
    assert!(
        mistakes[1].starts_with("INVALID_EXPRESSION /And/1/NumericEqualsPath: `a` is not"),
        "{mistakes:?}"
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        (0..depth).fold(
            json!({"Variable": "$", "IsPresent": true}),
            |inner, _| json!({"Not": inner}),
        )
    };
    assert_eq!(matches(&nested(64), &json!({})), Ok(true));
    assert!(parse(&nested(65)).is_err());
}
