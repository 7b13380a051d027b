//! Every intrinsic function, with the examples of the specification and the documentation, and what `LocalStack`'s tests
//! recorded of AWS.

mod arrays;
mod syntax;

use serde_json::{Value, json};

use super::Call;
use crate::{Failure, Scope};

/// Numbers that count up in the upper half, where `States.MathRandom` looks first.
fn counting() -> impl FnMut() -> u64 {
    let mut next = 0_u64;
    move || {
        next = next.wrapping_add(0x2000_0000_0000_0000);
        next
    }
}

fn evaluate(text: &str, input: &Value) -> Result<Value, Failure> {
    let context = json!({"Execution": {"Name": "run"}});
    let Value::Object(variables) = json!({"greeting": "hey"}) else {
        unreachable!()
    };
    let scope = Scope {
        input,
        context: &context,
        variables: &variables,
    };
    let call = Call::parse(text).unwrap_or_else(|invalid| panic!("{invalid}"));
    call.evaluate(&scope, &mut counting())
}

/// Calls, the input, and what they give.
fn all_give(cases: &[(&str, Value, Value)]) {
    for (text, input, expected) in cases {
        assert_eq!(evaluate(text, input).as_ref(), Ok(expected), "{text}");
    }
}

/// Calls, the input, and why they fail.
fn all_fail(cases: &[(&str, Value, &str)]) {
    for (text, input, reason) in cases {
        let failure = evaluate(text, input).expect_err(text);
        assert_eq!(failure.error, "States.IntrinsicFailure", "{text}");
        let expected = format!("The function '{text}' had the following error: {reason}");
        assert_eq!(failure.cause, expected);
    }
}

#[test]
fn format() {
    let person = json!({"name": "Arnav", "template": "Hello, my name is {}.", "escaped": r"\{}"});
    all_give(&[
        (
            "States.Format('Hello, my name is {}.', $.name)",
            person.clone(),
            json!("Hello, my name is Arnav."),
        ),
        (
            "States.Format($.template, $.name)",
            person.clone(),
            json!("Hello, my name is Arnav."),
        ),
        (
            "States.Format('Your name is {}, we are in the year {}', $.name, 2020)",
            json!({"name": "Foo"}),
            json!("Your name is Foo, we are in the year 2020"),
        ),
        (
            "States.Format('{}{}{}', null, true, 1.1)",
            json!({}),
            json!("nulltrue1.1"),
        ),
        ("States.Format('')", json!({}), json!("")),
        (
            r"States.Format('\{{}\} \{\} \'\\', $.name)",
            person.clone(),
            json!(r"{Arnav} {} '\"),
        ),
        (
            "States.Format('{a} {} }{', $.name)",
            person.clone(),
            json!("{a} Arnav }{"),
        ),
        (r"States.Format($.escaped, 1)", person, json!(r"\1")),
        (
            "States.Format('{}-{}', $$.Execution.Name, $greeting)",
            json!({}),
            json!("run-hey"),
        ),
        // As AWS: its recorded results are those of Java's `toString`.
        (
            "States.Format('fst={} and snd={}.', $.fst, $.snd)",
            json!({"fst": {"Arg1": 1, "Arg2": []}, "snd": ["a", null, {"k": "v"}]}),
            json!("fst={Arg1=1, Arg2=[]} and snd=[a, null, {k=v}]."),
        ),
    ]);
    all_fail(&[
        (
            "States.Format($.t, 1)",
            json!({"t": "{} {}"}),
            "The template has 2 `{}`, but there are 1 values for them",
        ),
        (
            "States.Format($.t)",
            json!({"t": 1}),
            "The first argument must be a string, not a number",
        ),
    ]);
}

#[test]
fn json() {
    all_give(&[
        (
            "States.StringToJson($.s)",
            json!({"s": "{\"number\": 20}"}),
            json!({"number": 20}),
        ),
        (
            r#"States.StringToJson('{"foo": "bar"}')"#,
            json!({}),
            json!({"foo": "bar"}),
        ),
        ("States.StringToJson($.s)", json!({"s": ""}), Value::Null),
        ("States.StringToJson($.s)", json!({"s": " "}), Value::Null),
        ("States.StringToJson($.s)", json!({"s": "null"}), Value::Null),
        ("States.StringToJson($.s)", json!({"s": "1.1"}), json!(1.1)),
        (
            "States.StringToJson($.s)",
            json!({"s": "\"HelloWorld\""}),
            json!("HelloWorld"),
        ),
        (
            "States.StringToJson($.s)",
            json!({"s": "[1, 2, \"HelloWorld\"]"}),
            json!([1, 2, "HelloWorld"]),
        ),
        (
            "States.JsonToString($.someJson)",
            json!({"someJson": {"name": "Foo", "year": 2020}}),
            json!(r#"{"name":"Foo","year":2020}"#),
        ),
        (
            "States.JsonToString($)",
            json!([1, 2, "HelloWorld"]),
            json!(r#"[1,2,"HelloWorld"]"#),
        ),
        (
            "States.JsonToString($)",
            json!("HelloWorld"),
            json!("\"HelloWorld\""),
        ),
        ("States.JsonToString(null)", json!({}), json!("null")),
        (
            "States.JsonMerge($.json1, $.json2, false)",
            json!({"json1": {"a": {"a1": 1, "a2": 2}, "b": 2, "d": 3}, "json2": {"a": {"a3": 1, "a4": 2}, "c": 3, "d": 4}}),
            json!({"a": {"a3": 1, "a4": 2}, "b": 2, "c": 3, "d": 4}),
        ),
    ]);
    all_fail(&[
        (
            "States.StringToJson(1)",
            json!({}),
            "The argument must be a string, not a number",
        ),
        (
            "States.JsonMerge($, $, true)",
            json!({}),
            "The third argument must be false: only shallow merging is supported",
        ),
        (
            "States.JsonMerge($, $, null)",
            json!({}),
            "The third argument must be false: only shallow merging is supported",
        ),
        (
            "States.JsonMerge($, 1, false)",
            json!({}),
            "The second argument must be an object, not a number",
        ),
        (
            "States.JsonMerge('', $, false)",
            json!({}),
            "The first argument must be an object, not a string",
        ),
    ]);
    let failure = evaluate("States.StringToJson('{')", &json!({})).expect_err("no JSON");
    assert!(
        failure.cause.contains("The argument must be JSON, but"),
        "{}",
        failure.cause
    );
    let nested = json!({"s": "[".repeat(100_000)});
    assert!(evaluate("States.StringToJson($.s)", &nested).is_err());
}

#[test]
fn encodings_and_hashes() {
    let long = json!({"fits": "ä".repeat(10_000), "long": "a".repeat(10_001)});
    all_give(&[
        (
            "States.Base64Encode($.input)",
            json!({"input": "Data to encode"}),
            json!("RGF0YSB0byBlbmNvZGU="),
        ),
        (
            "States.Base64Decode($.base64)",
            json!({"base64": "RGF0YSB0byBlbmNvZGU="}),
            json!("Data to encode"),
        ),
        (
            "States.Base64Decode('RGF0YSB0\r\nbyBlbmNvZGU=')",
            json!({}),
            json!("Data to encode"),
        ),
        ("States.Base64Encode('')", json!({}), json!("")),
        (
            "States.Hash('input data', 'MD5')",
            json!({}),
            json!("812f45842bc6d66ee14572ce20db8e86"),
        ),
        (
            "States.Hash($.Data, $.Algorithm)",
            json!({"Data": "input data", "Algorithm": "SHA-1"}),
            json!("aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ),
        (
            "States.Hash('input data', 'SHA-256')",
            json!({}),
            json!("b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"),
        ),
        (
            "States.Hash('input data', 'SHA-384')",
            json!({}),
            json!(
                "d28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6123aa008c756511b87525bdc835ebb27e1fb9e9374a15562"
            ),
        ),
        (
            "States.Hash('input data', 'SHA-512')",
            json!({}),
            json!(
                "6ce4adb348546d4f449c4d25aad9a7c9cb711d9e91982d3f0b29ca2f3f47d4ce2deba23bf2954f0f1d593fc50283731a533d30d425402d4f91316d871303aac4"
            ),
        ),
    ]);
    assert!(evaluate("States.Base64Encode($.fits)", &long).is_ok());
    let limit = "must be a string of at most 10000 characters";
    all_fail(&[
        (
            "States.Base64Encode($.long)",
            long.clone(),
            &format!("The argument {limit}"),
        ),
        (
            "States.Base64Decode($.long)",
            long.clone(),
            &format!("The argument {limit}"),
        ),
        (
            "States.Hash($.long, 'MD5')",
            long,
            &format!("The first argument {limit}"),
        ),
        (
            "States.Hash('', 'SHA1')",
            json!({}),
            "The algorithm must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512, not `SHA1`",
        ),
        (
            "States.Hash($, 'MD5')",
            json!({}),
            "The first argument must be a string, not an object",
        ),
        (
            "States.Base64Decode('/w==')",
            json!({}),
            "The argument must be the Base64 of a text in UTF-8",
        ),
    ]);
    let failure = evaluate("States.Base64Decode('?')", &json!({})).expect_err("no Base64");
    assert!(
        failure.cause.contains("The argument must be Base64"),
        "{}",
        failure.cause
    );
}

#[test]
fn mathematics() {
    let add = |left: f64, right: f64| json!({"a": left, "b": right});
    all_give(&[
        (
            "States.MathAdd($.value1, $.step)",
            json!({"value1": 111, "step": -1}),
            json!(110),
        ),
        (
            "States.MathAdd(9007199254740992, 1)",
            json!({}),
            json!(9_007_199_254_740_993_i64),
        ),
        // Rounded one by one, halves up, as `LocalStack`'s tests recorded of AWS.
        ("States.MathAdd($.a, $.b)", add(1.49, 1.5), json!(3)),
        ("States.MathAdd($.a, $.b)", add(1.5, 1.51), json!(4)),
        ("States.MathAdd($.a, $.b)", add(-1.49, -1.5), json!(-2)),
        ("States.MathAdd($.a, $.b)", add(-1.5, -1.51), json!(-3)),
        ("States.MathAdd($.a, $.b)", add(0.5, 0.0), json!(1)),
        ("States.MathAdd($.a, $.b)", add(2.5, 0.0), json!(3)),
        ("States.MathAdd($.a, $.b)", add(-0.5, 0.5), json!(1)),
        ("States.MathAdd($.a, $.b)", add(-0.5, 0.0), json!(0)),
        ("States.MathAdd($.a, $.b)", add(-2.5, 0.0), json!(-2)),
        ("States.MathRandom(0, 8)", json!({}), json!(1)),
        (
            "States.MathRandom(-9223372036854775808, 9223372036854775807)",
            json!({}),
            json!(-6_917_529_027_641_081_857_i64),
        ),
        ("States.MathRandom(12.5, 13.6)", json!({}), json!(13)),
    ]);
    all_fail(&[
        (
            "States.MathAdd('1', 1)",
            json!({}),
            "The first argument must be a whole number, not a string",
        ),
        (
            "States.MathAdd(9223372036854775807, 1)",
            json!({}),
            "The sum of 9223372036854775807 and 1 does not fit in 64 bits",
        ),
        (
            "States.MathAdd(18446744073709551615, 1)",
            json!({}),
            "The first argument must fit in 64 bits, unlike 18446744073709551615",
        ),
        (
            "States.MathAdd(1e30, 1)",
            json!({}),
            "The first argument must fit in 64 bits, unlike 1e+30",
        ),
        (
            "States.MathRandom(2, 2)",
            json!({}),
            "The end must be greater than the start, but they are 2 and 2",
        ),
        (
            "States.MathRandom(2, 1)",
            json!({}),
            "The end must be greater than the start, but they are 1 and 2",
        ),
        (
            "States.MathRandom(1, 2, 'x')",
            json!({}),
            "The seed must be a whole number, not a string",
        ),
    ]);
}

#[test]
fn a_seed_fixes_the_random_number() {
    let draw =
        |seed: i64| evaluate(&format!("States.MathRandom(1, 999, {seed})"), &json!({})).expect("a number");
    assert_eq!(draw(12345), draw(12345));
    let drawn: std::collections::BTreeSet<_> = (0..50).map(|seed| draw(seed).as_i64()).collect();
    assert!(drawn.len() > 40, "{drawn:?}");
    assert!(drawn.iter().flatten().all(|number| (1..999).contains(number)));
}

#[test]
fn strings() {
    let split = |text: &str, delimiters: &str| json!({"fst": text, "snd": delimiters});
    all_give(&[
        (
            "States.StringSplit($.fst, $.snd)",
            split("1,2,3,4,5", ","),
            json!(["1", "2", "3", "4", "5"]),
        ),
        (
            "States.StringSplit('This.is+a,test=string', '.+,=')",
            json!({}),
            json!(["This", "is", "a", "test", "string"]),
        ),
        ("States.StringSplit($.fst, $.snd)", split(" ", ","), json!([" "])),
        (
            "States.StringSplit($.fst, $.snd)",
            split(", , ,", ","),
            json!([" ", " "]),
        ),
        ("States.StringSplit($.fst, $.snd)", split(",,,,", ","), json!([])),
        (
            "States.StringSplit($.fst, $.snd)",
            split("split on T and \nnew line", "T\n"),
            json!(["split on ", " and ", "new line"]),
        ),
        (
            "States.StringSplit('Hello\nWorld', '\n')",
            json!({}),
            json!(["Hello", "World"]),
        ),
        ("States.StringSplit('abc', '')", json!({}), json!(["abc"])),
        (
            "States.Format('{}.{}.{}', States.ArrayGetItem(States.StringSplit(States.ArrayGetItem(States.StringSplit($.Arn, '/'), 2), '.'), 0), States.ArrayGetItem(States.StringSplit(States.ArrayGetItem(States.StringSplit($.Arn, '/'), 2), '.'), 1), 'x')",
            json!({"Arn": "arn:aws:imagebuilder/recipe/1.2.3"}),
            json!("1.2.x"),
        ),
    ]);
    all_fail(&[
        (
            "States.StringSplit(1, ',')",
            json!({}),
            "The first argument must be a string, not a number",
        ),
        (
            "States.StringSplit('a', null)",
            json!({}),
            "The second argument must be a string, not null",
        ),
    ]);
}

#[test]
fn uuids_are_of_version_4() {
    let uuid = evaluate("States.UUID()", &json!({})).expect("a UUID");
    assert_eq!(uuid, json!("20000000-0000-4000-8000-000000000000"));
}

#[test]
fn a_missing_path_fails() {
    all_fail(&[(
        "States.Format('{}', $.none)",
        json!({}),
        "The JSONPath argument '$.none' could not be found in the input",
    )]);
    let failure = evaluate("States.Array(States.ArrayLength($.none))", &json!({})).expect_err("missing");
    assert!(
        failure
            .cause
            .starts_with("The function 'States.ArrayLength($.none)'"),
        "{}",
        failure.cause
    );
}
