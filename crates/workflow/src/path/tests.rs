//! Paths: what they select, what is wrong with them, and that nothing makes them panic or run on.

use std::time::Instant;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Path, ReferencePath, Root};
use crate::Scope;

/// What a path selects from an input, with a fixed context and variables.
fn select(path: &str, input: &Value) -> Option<Value> {
    let context = json!({"Execution": {"Id": "arn:1"}, "Map": {"Item": {"Index": 3}}});
    let Value::Object(variables) = json!({"name": {"x": [1, 2]}, "_größe": 5}) else {
        unreachable!()
    };
    let scope = Scope {
        input,
        context: &context,
        variables: &variables,
    };
    Path::parse(path)
        .unwrap_or_else(|invalid| panic!("{invalid}"))
        .select(&scope)
}

/// The store of Jayway's README, shortened.
fn store() -> Value {
    json!({
        "store": {
            "book": [
                {"category": "reference", "author": "Nigel Rees", "title": "Sayings", "price": 8.95},
                {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword", "price": 12.99},
                {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553", "price": 8.99},
                {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord", "isbn": "0-395", "price": 22.99},
            ],
            "bicycle": {"color": "red", "price": 19.95},
        },
        "expensive": 10,
    })
}

#[test]
fn definite_paths_select_one_value() {
    let input = json!({
        "a": {"b": [10, 20, {"c d": 30}], "n": null, "it's": 1, "x-y": 2, "k:v": 3, "a@b": 4},
        "store": {"book": {"title": "t"}}, "foo": {".bar": 6, "@bar": {"baz[[": 7}},
        "&Ж中": {"\u{10346}": 8}, "store.book": 9, "ledgers": [[[1, 2]]],
    });
    for (path, expected) in [
        ("$", Some(input.clone())),
        ("$.a.b[0]", Some(json!(10))),
        ("$.a.b[-1]['c d']", Some(json!(30))),
        ("$[\"a\"].b[ 1 ]", Some(json!(20))),
        ("$.['a'].n", Some(Value::Null)),
        (r"$.a['it\'s']", Some(json!(1))),
        ("$.a.x-y", Some(json!(2))),
        ("$.a.k:v", Some(json!(3))),
        ("$.a.a@b", Some(json!(4))),
        ("$.a.b[3]", None),
        ("$.a.b[-4]", None),
        ("$.a.b.c", None),
        ("$.a.missing.x", None),
        ("$.a.n.x", None),
        ("$.a[0]", None),
        // The examples of the specification for reference paths.
        ("$.store.book", Some(json!({"title": "t"}))),
        (r"$.store\.book", Some(json!(9))),
        (r"$.\stor\e.boo\k.title", Some(json!("t"))),
        (r"$.foo.\.bar", Some(json!(6))),
        (r"$.foo.\@bar.baz\[\[", Some(json!(7))),
        (r"$.&Ж中.\uD800\uDF46", Some(json!(8))),
        ("$.ledgers[0][0][1]", Some(json!(2))),
        ("$['store']['book']", Some(json!({"title": "t"}))),
        // Jayway merges names at the end into an object.
        ("$.store.book['title','none']", Some(json!({"title": "t"}))),
        ("$.a.b['x','y']", None),
        ("$.a.b.length()", Some(json!(3))),
        ("$.a.length()", Some(json!(6))),
        ("$.a.n.length()", None),
    ] {
        assert_eq!(select(path, &input), expected, "{path}");
    }
}

#[test]
fn context_and_variables_are_roots() {
    for (path, expected) in [
        ("$$.Execution.Id", Some(json!("arn:1"))),
        ("$$.Map.Item.Index", Some(json!(3))),
        ("$$['Execution']", Some(json!({"Id": "arn:1"}))),
        ("$$.Task.Token", None),
        ("$name", Some(json!({"x": [1, 2]}))),
        ("$name.x[1]", Some(json!(2))),
        ("$name['x'][*]", Some(json!([1, 2]))),
        ("$_größe", Some(json!(5))),
        ("$other", None),
        ("$other[*]", None),
    ] {
        assert_eq!(select(path, &json!({"name": "input"})), expected, "{path}");
    }
}

#[test]
fn indefinite_paths_select_an_array() {
    for (path, expected) in [
        (
            "$.store.book[*].author",
            json!([
                "Nigel Rees",
                "Evelyn Waugh",
                "Herman Melville",
                "J. R. R. Tolkien"
            ]),
        ),
        (
            "$..author",
            json!([
                "Nigel Rees",
                "Evelyn Waugh",
                "Herman Melville",
                "J. R. R. Tolkien"
            ]),
        ),
        ("$.store..price", json!([19.95, 8.95, 12.99, 8.99, 22.99])),
        ("$..book[2].title", json!(["Moby Dick"])),
        ("$..book[-2].title", json!(["Moby Dick"])),
        ("$..book[0,1].price", json!([8.95, 12.99])),
        ("$..book[:2].price", json!([8.95, 12.99])),
        ("$..book[1:2].price", json!([12.99])),
        ("$..book[-2:].price", json!([8.99, 22.99])),
        ("$..book[::2].price", json!([8.95, 8.99])),
        ("$..book[::-2].price", json!([22.99, 12.99])),
        ("$..book[2:].title", json!(["Moby Dick", "The Lord"])),
        ("$..book[9:1].title", json!([])),
        ("$..book[?(@.isbn)].title", json!(["Moby Dick", "The Lord"])),
        ("$.store.book[?(!@.isbn)].title", json!(["Sayings", "Sword"])),
        (
            "$.store.book[?(@.price < 10)].title",
            json!(["Sayings", "Moby Dick"]),
        ),
        ("$.store.book[?@.price<10].title", json!(["Sayings", "Moby Dick"])),
        (
            "$..book[?(@.price <= $['expensive'])].title",
            json!(["Sayings", "Moby Dick"]),
        ),
        (
            "$..book[?(@.price > $.expensive && @.isbn)].title",
            json!(["The Lord"]),
        ),
        (
            "$..book[?(@['category'] == 'reference' || @.price >= 22.99)].price",
            json!([8.95, 22.99]),
        ),
        (
            "$..book[?(@.isbn != '0-553' && (@.price > 9))].price",
            json!([12.99, 22.99]),
        ),
        (
            "$..book[?('fiction' == @.category)].price",
            json!([12.99, 8.99, 22.99]),
        ),
        (
            "$..book[*]['title','price']",
            json!([
            {"title": "Sayings", "price": 8.95}, {"title": "Sword", "price": 12.99},
            {"title": "Moby Dick", "price": 8.99}, {"title": "The Lord", "price": 22.99}]),
        ),
        ("$.store['book','bicycle'].color", json!(["red"])),
        (
            "$.store.book[0][*]",
            json!(["Nigel Rees", "reference", 8.95, "Sayings"]),
        ),
        ("$.store.bicycle.*", json!(["red", 19.95])),
        ("$.expensive[*]", json!([])),
        ("$.none[*]", json!([])),
        ("$.store.book[?(@.price == '8.95')]", json!([])),
        ("$.store.book[?(@.none == null)]", json!([])),
        ("$.store.book[?(@.category > 1)]", json!([])),
        ("$.store.book[?(@.a.b[0] == true)]", json!([])),
    ] {
        assert_eq!(select(path, &store()), Some(expected), "{path}");
    }
    let everything = select("$..*", &store()).expect("indefinite");
    assert_eq!(everything.as_array().map(Vec::len), Some(28));
}

#[test]
fn filters_compare_whole_numbers_exactly() {
    let input = json!([
        9_007_199_254_740_993_i64,
        9_007_199_254_740_992_i64,
        1.0,
        true,
        null,
        [1],
        "a"
    ]);
    for (path, expected) in [
        ("$[?(@ == 9007199254740993)]", json!([9_007_199_254_740_993_i64])),
        ("$[?(@ == 1)]", json!([1.0])),
        ("$[?(@ == true)]", json!([true])),
        ("$[?(@ == null)]", json!([null])),
        ("$[?(@ == $[5])]", json!([[1]])),
        ("$[?(@ >= true)]", json!([])),
        ("$[?(@ > 'A')]", json!(["a"])),
        (r#"$[?(@ == "a")]"#, json!(["a"])),
    ] {
        assert_eq!(select(path, &input), Some(expected), "{path}");
    }
}

#[test]
fn mistakes_say_where_and_what_is_expected() {
    for (path, expected) in [
        (
            "",
            "`` is not valid at character 1: expected a path, which begins with `$`",
        ),
        ("a.b", "character 1: expected a path"),
        ("$.", "character 3: expected a name, `*` or `[`"),
        ("$..", "character 4: expected a name"),
        (
            "$.a b",
            "character 4: expected the end; write a name that holds a space as ['my name']",
        ),
        ("$.ä?", "character 4: expected the end, not `?`"),
        (
            "$.a[",
            "character 5: expected a name in quotes, a number, a slice, `*` or `?` after `[`",
        ),
        ("$.a[0", "character 6: expected `]`"),
        ("$.a['b", "character 7: expected a closing '"),
        ("$.a['b\\", "expected a character after the backslash"),
        ("$['\\uD800']", "expected both halves of a surrogate pair"),
        (
            "$[99999999999999999999]",
            "expected a whole number that fits in 64 bits",
        ),
        ("$[-]", "expected a whole number"),
        ("$[0:1:0]", "expected a step other than 0"),
        (
            "$[(@.length-1)]",
            "calculated indices such as [(@.length-1)] are not supported; [-1] is the last element",
        ),
        ("$[?(@.a =~ /b/)]", "regular expressions (=~) are not supported"),
        ("$[?(@.a in [1])]", "expected ==, !=, <, <=, >, >=, &&, || or `)`"),
        ("$[?(@.a = 1)]", "expected ==, !="),
        (
            "$[?(@.a == )]",
            "expected @, $, a string in quotes, a number, true, false or null",
        ),
        ("$[?(1)]", "expected ==, !=, <, <=, > or >="),
        ("$[?(@..a)]", "expected a path to one place in a filter"),
        ("$[?(@[*])]", "expected a path to one place in a filter"),
        (
            "$.a.sum()",
            "functions of JSONPath but length() are not supported",
        ),
        ("$[*].length()", "length() needs a path to one array"),
        ("$1", "expected the end"),
    ] {
        let message = Path::parse(path).expect_err(path).to_string();
        assert!(message.contains(expected), "{path}: {message}");
    }
    let long_name = format!("${}", "n".repeat(81));
    assert!(Path::parse(&long_name).is_err());
}

#[test]
fn limits_hold() {
    assert!(Path::parse(&format!("${}", ".a".repeat(64))).is_ok());
    assert!(Path::parse(&format!("${}", ".a".repeat(65))).is_err());
    for hostile in [
        format!("$[?{}@.a{}]", "(".repeat(100_000), ")".repeat(100_000)),
        format!("$[?{}@.a]", "!".repeat(100_000)),
        format!("${}", "[?@".repeat(100_000)),
        format!("${}", "[".repeat(100_000)),
    ] {
        assert!(Path::parse(&hostile).is_err());
    }
    let shown = Path::parse(&"x".repeat(100_000))
        .expect_err("no path")
        .to_string();
    assert!(shown.len() < 400, "{shown}");
}

#[test]
fn work_and_result_are_bounded() {
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner, {"a": [1, 2, 3]}]));
    let wide = json!(vec![0; 10_000]);
    let long = json!([["x".repeat(50_000)], ["x".repeat(50_000)]]);
    let start = Instant::now();
    for (path, input) in [
        (format!("${}", "[0,0,0,0]".repeat(20)), &deep),
        (format!("${}", "..[*]".repeat(10)), &deep),
        (format!("$[?({})]", vec!["@ != 1"; 200].join(" && ")), &wide),
        (format!("$[?({})]", vec!["@ == $[0]"; 2_000].join(" && ")), &long),
        // No work, but a result of 50 MB.
        (format!("${}", "[0,0,0,0]".repeat(5)), &json!([[[long]]])),
    ] {
        let scope = Scope {
            input,
            context: &Value::Null,
            variables: &Map::new(),
        };
        let parsed = Path::parse(&path).expect("valid");
        let failure = parsed.find(&scope).expect_err(&path);
        assert_eq!(failure.error, "States.DataLimitExceeded");
        assert_eq!(parsed.select(&scope), None);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn reference_paths_name_one_place() {
    for text in ["$", "$.a.b[3]", "$['a']", "$$.Execution.Id", "$.a['b'][0]"] {
        let path = ReferencePath::parse(text).unwrap_or_else(|invalid| panic!("{invalid}"));
        assert_eq!(path.text(), text);
    }
    for text in [
        "$.a[*]",
        "$..a",
        "$[0,1]",
        "$['a','b']",
        "$[0:1]",
        "$[?(@.a)]",
        "$.a.length()",
    ] {
        let message = ReferencePath::parse(text).expect_err(text).to_string();
        assert!(
            message.contains("expected a reference path to exactly one place"),
            "{message}"
        );
    }
    let message = ReferencePath::parse("$name.a").expect_err("variable").to_string();
    assert!(
        message.contains("expected a reference path, which begins with"),
        "{message}"
    );
    assert_eq!(ReferencePath::root(), ReferencePath::parse("$").expect("valid"));
}

#[test]
fn put_creates_objects_and_fails_with_result_path_match_failure() {
    let input = json!({"a": 1, "o": {"x": 1}, "l": [0, {"y": 1}]});
    // The first four are the examples of the specification, with another result.
    for (path, expected) in [
        ("$", json!("new")),
        ("$.a", json!({"a": "new", "o": {"x": 1}, "l": [0, {"y": 1}]})),
        (
            "$.sum",
            json!({"a": 1, "o": {"x": 1}, "l": [0, {"y": 1}], "sum": "new"}),
        ),
        (
            "$.o.b.c",
            json!({"a": 1, "o": {"x": 1, "b": {"c": "new"}}, "l": [0, {"y": 1}]}),
        ),
        ("$.l[0]", json!({"a": 1, "o": {"x": 1}, "l": ["new", {"y": 1}]})),
        (
            "$.l[-1].z",
            json!({"a": 1, "o": {"x": 1}, "l": [0, {"y": 1, "z": "new"}]}),
        ),
        ("$.o", json!({"a": 1, "o": "new", "l": [0, {"y": 1}]})),
    ] {
        let put = ReferencePath::parse(path)
            .expect("valid")
            .put(input.clone(), json!("new"));
        assert_eq!(put, Ok(expected), "{path}");
    }
    for (path, reason) in [
        ("$.a.b", "`b` meets a number, not an object"),
        ("$.l.b", "`b` meets an array, not an object"),
        ("$.l[2]", "the array has no element 2"),
        ("$.l[-3]", "the array has no element -3"),
        ("$.o[0]", "an index meets an object, not an array"),
        ("$.none[0]", "an index meets an object, not an array"),
        ("$$.a", "the context object cannot be written"),
    ] {
        let failure = ReferencePath::parse(path)
            .expect("valid")
            .put(input.clone(), json!("new"));
        let failure = failure.expect_err(path);
        assert_eq!(failure.error, "States.ResultPathMatchFailure");
        assert_eq!(
            failure.cause,
            format!("The path '{path}' cannot be applied to the input: {reason}")
        );
    }
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert_eq!(
        ReferencePath::root().put(json!({}), deep.clone()),
        Ok(deep.clone())
    );
    let failure = ReferencePath::parse("$.a")
        .expect("valid")
        .put(json!({}), deep)
        .expect_err("deep");
    assert_eq!(failure.error, "States.DataLimitExceeded");
}

/// Any JSON, not too large.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "[a-c$.]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in ".*", path in r"\$\$?[a.\[\]'0-9:,*?()@=<&|! \\u-]{0,30}") {
        let _ = Path::parse(&text);
        let _ = ReferencePath::parse(&text);
        if let Ok(path) = Path::parse(&path) {
            let input = json!({"a": [1, {"a": 2}], "0": [[]]});
            let scope = Scope { input: &input, context: &input, variables: &Map::new() };
            let selected = path.select(&scope);
            // There are no variables: paths that begin at one select nothing, not even an empty array.
            if !path.is_definite() && !matches!(path.begins_at(), Root::Variable(_)) {
                prop_assert!(selected.is_some_and(|selected| selected.is_array()));
            }
        }
    }

    #[test]
    fn what_is_put_is_there(target in any_json(), value in any_json(), steps in prop::collection::vec("[.][a-c]|\\[[0-2]\\]", 0..4)) {
        let path = ReferencePath::parse(&format!("${}", steps.concat())).expect("valid");
        if let Ok(put) = path.put(target, value.clone()) {
            prop_assert_eq!(path.get(&put), Some(&value));
        }
    }

    #[test]
    fn every_value_of_a_document_has_a_path(value in any_json()) {
        // `..*` finds everything but the root.
        fn count(value: &Value) -> usize {
            1 + match value {
                Value::Array(elements) => elements.iter().map(count).sum(),
                Value::Object(members) => members.values().map(count).sum(),
                _ => 0,
            }
        }
        let scope = Scope { input: &value, context: &value, variables: &Map::new() };
        let selected = Path::parse("$..*").expect("valid").select(&scope).expect("indefinite");
        prop_assert_eq!(selected.as_array().map(Vec::len), Some(count(&value) - 1));
    }
}
