//! What is said about mistakes, limits, and properties of all functions.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::super::{Call, Expression, function};
use super::{counting, evaluate};
use crate::Scope;

#[test]
fn mistakes_say_where_and_what_is_expected() {
    for (text, expected) in [
        (
            "",
            "character 1: expected a path, which begins with `$`, or an intrinsic function",
        ),
        (
            "hello",
            "character 1: expected a path, which begins with `$`, or an intrinsic function",
        ),
        (
            "States.",
            "`States.` is not an intrinsic function; expected one of States.Array, ",
        ),
        ("States.Nope()", "`States.Nope` is not an intrinsic function"),
        ("States.UUID", "character 12: expected `(` right after the name"),
        (
            "States.UUID ()",
            "character 12: expected `(` right after the name",
        ),
        (
            "States.UUID(",
            "expected an argument: a path, a string in apostrophes",
        ),
        ("States.UUID(1)", "States.UUID takes 0 arguments, not 1"),
        (
            "States.MathRandom(1)",
            "States.MathRandom takes 2 to 3 arguments, not 1",
        ),
        (
            "States.Format()",
            "States.Format takes at least 1 arguments, not 0",
        ),
        (
            "States.Format('{}')",
            "States.Format has 1 `{}` and 0 values for them; they must be equal in number",
        ),
        ("States.Format(')", "expected a closing '"),
        (
            r"States.Format('\n')",
            r"expected one of ' \ { } after a backslash",
        ),
        (r"States.Format('\", r"expected one of ' \ { } after a backslash"),
        (
            "States.Array(1 2)",
            "character 16: expected `,` or `)` after an argument",
        ),
        ("States.Array(1,)", "expected an argument"),
        ("States.Array(\"a\")", "expected an argument"),
        ("States.Array(01)", "expected an argument"),
        ("States.Array($.)", "expected a name"),
        (
            "States.UUID() x",
            "character 15: expected the end after the closing `)`",
        ),
        (
            "States.ArrayLength($.a)[0]",
            "expected the end after the closing `)`",
        ),
    ] {
        let message = Expression::parse(text).expect_err(text).to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn calls_nest_ten_deep() {
    let nested = |depth: usize| format!("{}{}", "States.Array(".repeat(depth), ")".repeat(depth));
    assert!(Call::parse(&nested(10)).is_ok());
    let message = Call::parse(&nested(11)).expect_err("too deep").to_string();
    assert!(
        message.contains("expected at most 10 nested functions"),
        "{message}"
    );
    assert!(Call::parse(&nested(100_000)).is_err());
}

#[test]
fn results_are_bounded() {
    let input = json!({"s": "\\".repeat(100_000)});
    for text in [
        format!("States.Array({})", vec!["$"; 1000].join(",")),
        format!("{}$.s{}", "States.JsonToString(".repeat(10), ")".repeat(10)),
    ] {
        let failure = evaluate(&text, &input).expect_err("too much");
        assert_eq!(failure.error, "States.DataLimitExceeded");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in ".*", arguments in r"[$a.\[\]'0-9,{}() \\-]{0,30}", function in 0_usize..18) {
        let _ = Expression::parse(&text);
        let name = function::names().split(", ").nth(function).map(str::to_owned).unwrap_or_default();
        if let Ok(expression) = Expression::parse(&format!("{name}({arguments})")) {
            let input = json!({"a": [1, {"a": 2}], "0": "text"});
            let scope = Scope { input: &input, context: &input, variables: &Map::new() };
            let _ = expression.evaluate(&scope, &mut counting());
        }
    }

    #[test]
    fn what_is_encoded_is_decoded(text in ".*") {
        let encoded = evaluate("States.Base64Encode($)", &json!(text)).expect("short");
        prop_assert_eq!(evaluate("States.Base64Decode($)", &encoded), Ok(json!(text)));
    }

    #[test]
    fn json_survives_a_string(value in crate::path::any_json()) {
        let text = evaluate("States.JsonToString($)", &value).expect("small");
        prop_assert_eq!(evaluate("States.StringToJson($)", &text), Ok(value));
    }

    #[test]
    fn random_numbers_are_in_the_range(start in any::<i64>(), width in 1_u32.., bits in any::<u64>()) {
        let end = start.saturating_add(i64::from(width));
        prop_assume!(end > start);
        let input = json!({"start": start, "end": end});
        let scope = Scope { input: &input, context: &input, variables: &Map::new() };
        let call = Call::parse("States.MathRandom($.start, $.end)").expect("valid");
        let drawn = call.evaluate(&scope, &mut || bits).expect("a number");
        prop_assert!(drawn.as_i64().is_some_and(|drawn| (start..end).contains(&drawn)));
    }
}
