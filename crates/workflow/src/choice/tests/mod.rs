//! Every operator of choice rules: true, false, another type, and the variant with a path. What is not in the
//! specification's words is what `LocalStack`'s tests recorded of AWS.

mod mistakes;
mod properties;

use serde_json::{Value, json};

use super::Rule;
use crate::{Diagnostics, Failure, Location, Scope};

fn parse(rule: &Value) -> Result<Rule, Vec<String>> {
    let mut found = Diagnostics::default();
    let parsed = Rule::parse(rule, &Location::root(), &mut found);
    assert_eq!(parsed.is_none(), found.has_errors(), "{rule}: {found:?}");
    parsed.ok_or_else(|| {
        found
            .iter()
            .map(|diagnostic| format!("{} {diagnostic}", diagnostic.code))
            .collect()
    })
}

fn matches(rule: &Value, input: &Value) -> Result<bool, Failure> {
    let context = json!({"State": {"RetryCount": 2}});
    let Value::Object(variables) = json!({"limit": 10}) else {
        unreachable!()
    };
    let scope = Scope {
        input,
        context: &context,
        variables: &variables,
    };
    parse(rule).expect("valid").matches(&scope)
}

/// Whether `operator` holds of a value and a constant; the same by path, if the operator has such a variant.
fn holds(operator: &str, value: &Value, constant: &Value) -> bool {
    let constant_rule = json!({"Variable": "$.v", operator: constant});
    let by_constant = matches(&constant_rule, &json!({"v": value})).expect("present");
    let path_operator = format!("{operator}Path");
    if super::parse::is_operator(&path_operator) {
        let path_rule = json!({"Variable": "$.v", path_operator: "$.c"});
        let by_path = matches(&path_rule, &json!({"v": value, "c": constant})).expect("present");
        assert_eq!(by_constant, by_path, "{operator} {value} {constant}");
    }
    by_constant
}

/// Checks the five relations of a type on a smaller and a greater value; `others` are of another type.
fn check_order(of_type: &str, smaller: &Value, greater: &Value, others: &[Value]) {
    for (relation, less, equal, more) in [
        ("Equals", false, true, false),
        ("LessThan", true, false, false),
        ("LessThanEquals", true, true, false),
        ("GreaterThan", false, false, true),
        ("GreaterThanEquals", false, true, true),
    ] {
        let operator = format!("{of_type}{relation}");
        assert_eq!(
            holds(&operator, smaller, greater),
            less,
            "{operator} {smaller} {greater}"
        );
        assert_eq!(holds(&operator, smaller, smaller), equal, "{operator} {smaller}");
        assert_eq!(
            holds(&operator, greater, smaller),
            more,
            "{operator} {greater} {smaller}"
        );
        for other in others {
            assert!(!holds(&operator, other, smaller), "{operator} {other}");
            let by_path = json!({"Variable": "$.v", format!("{operator}Path"): "$.c"});
            assert_eq!(matches(&by_path, &json!({"v": smaller, "c": other})), Ok(false));
            // Two values of the wrong type are not equal either.
            assert_eq!(matches(&by_path, &json!({"v": other, "c": other})), Ok(false));
        }
    }
}

#[test]
fn numbers() {
    let others = [
        json!(null),
        json!("1"),
        json!([]),
        json!([""]),
        json!({}),
        json!({"A": 0}),
        json!(true),
    ];
    check_order("Numeric", &json!(1), &json!(2), &others);
    check_order("Numeric", &json!(-0.5), &json!(0), &others);
    check_order(
        "Numeric",
        &json!(9_007_199_254_740_992_i64),
        &json!(9_007_199_254_740_993_i64),
        &others,
    );
    check_order(
        "Numeric",
        &json!(9_007_199_254_740_992.0),
        &json!(9_007_199_254_740_993_i64),
        &others,
    );
    check_order("Numeric", &json!(i64::MAX), &json!(u64::MAX), &others);
    check_order("Numeric", &json!(u64::MAX), &json!(1e20), &others);
    check_order("Numeric", &json!(-1e20), &json!(i64::MIN), &others);
    check_order("Numeric", &json!(1.1), &json!(2), &others);
    check_order("Numeric", &json!(-2), &json!(-1.1), &others);
    assert!(holds("NumericEquals", &json!(0), &json!(0.0)));
    assert!(holds("NumericEquals", &json!(1.0), &json!(1)));
    assert!(holds("NumericEquals", &json!(-0.0), &json!(0)));
    assert!(holds("NumericEquals", &json!(2.22), &json!(2.22)));
    assert!(!holds("NumericEquals", &json!(1.1), &json!(1)));
}

#[test]
fn strings() {
    let others = [
        json!(null),
        json!(0),
        json!(1.1),
        json!([]),
        json!(["A"]),
        json!({"A": 0}),
        json!(false),
    ];
    check_order("String", &json!("A"), &json!("AB"), &others);
    check_order("String", &json!(""), &json!(" "), &others);
    check_order("String", &json!("A"), &json!("A\t\n\r"), &others);
    check_order("String", &json!("B"), &json!("a"), &others);
    assert!(!holds("StringEquals", &json!("\t\n"), &json!("\t\r\n")));
}

#[test]
fn timestamps() {
    let others = [
        json!(null),
        json!(0),
        json!(""),
        json!("2023-02-24"),
        json!("2012-10-09T19:00:55"),
        json!("2012-10-09t19:00:55Z"),
        json!("2012-10-09T19:00:55z"),
        json!("2012-10-09 19:00:55Z"),
        json!("2012-10-09T19:00Z"),
        json!("2012-10-09T19:00:55+01"),
        json!("2012-10-09T19:00:55.Z"),
        json!("2012-13-09T19:00:55Z"),
        json!("2012-10-09T19:00:55Z[UTC]"),
        json!([]),
        json!({"A": 0}),
        json!(true),
    ];
    check_order(
        "Timestamp",
        &json!("2016-03-14T01:59:00Z"),
        &json!("2016-03-14T01:59:01Z"),
        &others,
    );
    check_order(
        "Timestamp",
        &json!("2016-03-14T01:59:00.5Z"),
        &json!("2016-03-14T01:59:00.51Z"),
        &others,
    );
    check_order(
        "Timestamp",
        &json!("2012-10-09T19:00:55+01:00"),
        &json!("2012-10-09T19:00:55Z"),
        &others,
    );
    assert!(holds(
        "TimestampEquals",
        &json!("2012-10-09T19:00:55+01:00"),
        &json!("2012-10-09T18:00:55Z")
    ));
}

#[test]
fn booleans() {
    assert!(holds("BooleanEquals", &json!(true), &json!(true)));
    assert!(holds("BooleanEquals", &json!(false), &json!(false)));
    assert!(!holds("BooleanEquals", &json!(true), &json!(false)));
    for other in [
        json!(null),
        json!(0),
        json!(1),
        json!("true"),
        json!([]),
        json!({}),
    ] {
        assert!(!holds("BooleanEquals", &other, &json!(true)));
        assert!(!holds("BooleanEquals", &other, &json!(false)));
    }
}

#[test]
fn kinds() {
    let moment = json!("2012-10-09T19:00:55Z");
    let values = [
        json!(null),
        json!(1.1),
        json!("a"),
        moment,
        json!([]),
        json!({"A": 0}),
        json!(false),
    ];
    for (operator, expected) in [
        ("IsNull", [true, false, false, false, false, false, false]),
        ("IsNumeric", [false, true, false, false, false, false, false]),
        ("IsString", [false, false, true, true, false, false, false]),
        ("IsTimestamp", [false, false, false, true, false, false, false]),
        ("IsBoolean", [false, false, false, false, false, false, true]),
        ("IsPresent", [true; 7]),
    ] {
        for (value, expected) in values.iter().zip(expected) {
            assert_eq!(
                holds(operator, value, &json!(true)),
                expected,
                "{operator} {value}"
            );
            assert_eq!(
                holds(operator, value, &json!(false)),
                !expected,
                "{operator} {value}"
            );
        }
    }
}

#[test]
fn patterns() {
    for (text, pattern, expected) in [
        ("log-2020.txt", "log-*.txt", true),
        ("log-.txt", "log-*.txt", true),
        ("log.txt", "log-*.txt", false),
        ("foo23.log", "foo*.log", true),
        ("zebra.log", "*.log", true),
        ("foobar.zebra", "foo*.*", true),
        ("foobar", "foo*.*", false),
        ("", "", true),
        ("a", "", false),
        ("", "*", true),
        ("anything", "**", true),
        ("aba", "ab*ba", false),
        ("abba", "ab*ba", true),
        ("abcabc", "*bc*bc", true),
        ("abc", "*bc*bc", false),
        ("a*b", r"a\*b", true),
        ("axb", r"a\*b", false),
        (r"a\b", r"a\\b", true),
        (r"a\xb", r"a\\*b", true),
        ("Abc", "abc", false),
    ] {
        assert_eq!(
            holds("StringMatches", &json!(text), &json!(pattern)),
            expected,
            "{text} {pattern}"
        );
    }
    assert!(!holds("StringMatches", &json!(1), &json!("*")));
    let start = std::time::Instant::now();
    let hostile = format!("{}b", "*a".repeat(50_000));
    assert!(!holds(
        "StringMatches",
        &json!("a".repeat(100_000)),
        &json!(hostile)
    ));
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn nested_rules() {
    // The example of the specification.
    let rule = json!({
        "And": [
            {"Variable": "$.value", "NumericGreaterThanEquals": 20},
            {"Variable": "$.value", "NumericLessThan": 30},
        ],
        "Next": "ValueInTwenties",
    });
    for (value, expected) in [(19, false), (20, true), (29, true), (30, false)] {
        assert_eq!(matches(&rule, &json!({"value": value})), Ok(expected));
    }
    let not =
        json!({"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Public", "Comment": "c"});
    assert_eq!(matches(&not, &json!({"type": "Public"})), Ok(true));
    assert_eq!(matches(&not, &json!({"type": "Private"})), Ok(false));
    let or = json!({"Or": [
        {"Variable": "$.a", "IsPresent": true},
        {"Not": {"Variable": "$.b", "IsPresent": true, "Comment": "c"}},
    ]});
    for (input, expected) in [
        (json!({}), true),
        (json!({"a": 1, "b": 1}), true),
        (json!({"b": 1}), false),
    ] {
        assert_eq!(matches(&or, &input), Ok(expected));
    }
}

#[test]
fn missing_paths_fail_but_for_is_present() {
    let missing = |path: &str| {
        Err(Failure::runtime(format!(
            "Invalid path '{path}': The choice state's condition path references an invalid value."
        )))
    };
    let input = json!({"a": {"b": null}});
    for (operator, constant) in [
        ("NumericEquals", json!(1)),
        ("StringMatches", json!("*")),
        ("IsNull", json!(true)),
        ("BooleanEqualsPath", json!("$.a")),
    ] {
        let rule = json!({"Variable": "$.x", operator: constant});
        assert_eq!(matches(&rule, &input), missing("$.x"), "{operator}");
    }
    let rule = json!({"Variable": "$.a", "StringEqualsPath": "$.y"});
    assert_eq!(matches(&rule, &input), missing("$.y"));
    let rule = json!({"Not": {"Variable": "$undefined", "IsString": true}});
    assert_eq!(matches(&rule, &input), missing("$undefined"));

    for (path, present) in [
        ("$.a.b", true),
        ("$.a.c", false),
        ("$.a.b.c", false),
        ("$limit", true),
        ("$none", false),
    ] {
        let rule = json!({"Variable": path, "IsPresent": true});
        assert_eq!(matches(&rule, &input), Ok(present), "{path}");
        let rule = json!({"Variable": path, "IsPresent": false});
        assert_eq!(matches(&rule, &input), Ok(!present), "{path}");
    }
    // What is decided already is not looked at.
    let rule =
        json!({"And": [{"Variable": "$.x", "IsPresent": true}, {"Variable": "$.x", "IsString": true}]});
    assert_eq!(matches(&rule, &input), Ok(false));
}

#[test]
fn context_and_variables_are_compared() {
    let rule = json!({"Variable": "$$.State.RetryCount", "NumericLessThanPath": "$limit"});
    assert_eq!(matches(&rule, &json!({})), Ok(true));
}
