//! The functions that make and read arrays.

use serde_json::json;

use super::{all_fail, all_give};

#[test]
fn what_arrays_give() {
    let nine = json!({"inputArray": [1, 2, 3, 4, 5, 6, 7, 8, 9], "lookingFor": 5, "index": 5});
    all_give(&[
        ("States.Array($.Id)", json!({"Id": 123_456}), json!([123_456])),
        ("States.Array()", json!({}), json!([])),
        ("States.Array( )", json!({}), json!([])),
        (
            "States.Array('Foo', 2020, $.someJson, null)",
            json!({"someJson": {"random": "abcdefg"}}),
            json!(["Foo", 2020, {"random": "abcdefg"}, null]),
        ),
        (
            "States.Array(1 ,-2.5,true, false)",
            json!({}),
            json!([1, -2.5, true, false]),
        ),
        (
            "States.ArrayPartition($.inputArray,4)",
            nine.clone(),
            json!([[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ),
        (
            "States.ArrayPartition($.inputArray, 4.6)",
            nine.clone(),
            json!([[1, 2, 3, 4, 5], [6, 7, 8, 9]]),
        ),
        ("States.ArrayPartition($, 4)", json!([]), json!([])),
        (
            "States.ArrayContains($.inputArray, $.lookingFor)",
            nine.clone(),
            json!(true),
        ),
        (
            "States.ArrayContains($.inputArray, 'x')",
            nine.clone(),
            json!(false),
        ),
        (
            "States.ArrayContains($.a, $.v)",
            json!({"a": [[1, 2, 3], 2], "v": [1, 2, 3]}),
            json!(true),
        ),
        (
            "States.ArrayContains($.a, $.v)",
            json!({"a": [{"1": 2, "2": []}], "v": {"1": 2, "2": []}}),
            json!(true),
        ),
        ("States.ArrayContains($, null)", json!([]), json!(false)),
        ("States.ArrayRange(1, 9, 2)", json!({}), json!([1, 3, 5, 7, 9])),
        ("States.ArrayRange(0, 10, 3)", json!({}), json!([0, 3, 6, 9])),
        ("States.ArrayRange(1, 9, 9)", json!({}), json!([1])),
        ("States.ArrayRange(5, 1, -2)", json!({}), json!([5, 3, 1])),
        ("States.ArrayRange(1, 5, -1)", json!({}), json!([])),
        ("States.ArrayRange(3, 3, -1)", json!({}), json!([3])),
        (
            "States.ArrayRange(9223372036854775806, 9223372036854775807, 1)",
            json!({}),
            json!([i64::MAX - 1, i64::MAX]),
        ),
        (
            "States.ArrayLength(States.ArrayRange(1, 1000, 1))",
            json!({}),
            json!(1000),
        ),
        (
            "States.ArrayGetItem($.inputArray, $.index)",
            nine.clone(),
            json!(6),
        ),
        ("States.ArrayLength($.inputArray)", nine, json!(9)),
        (
            "States.ArrayUnique($)",
            json!([1, 2, 3, 3, 3, 3, 3, 3, 4]),
            json!([1, 2, 3, 4]),
        ),
        (
            "States.ArrayUnique($)",
            json!([null, null, true, true, 1, 1.1, 1, "a", "a", [], [], [null], {"a": 1, "b": 2}, {"b": 2, "a": 1}]),
            json!([null, true, 1, 1.1, "a", [], [null], {"a": 1, "b": 2}]),
        ),
    ]);
}

#[test]
fn why_arrays_fail() {
    all_fail(&[
        (
            "States.ArrayPartition($, 0)",
            json!([1]),
            "The chunk size must be a whole number greater than 0",
        ),
        (
            "States.ArrayPartition($, -1)",
            json!([1]),
            "The chunk size must be a whole number greater than 0",
        ),
        (
            "States.ArrayPartition($, 1)",
            json!({}),
            "The first argument must be an array, not an object",
        ),
        (
            "States.ArrayPartition($, '1')",
            json!([]),
            "The chunk size must be a whole number, not a string",
        ),
        (
            "States.ArrayContains(1, 1)",
            json!({}),
            "The first argument must be an array, not a number",
        ),
        (
            "States.ArrayRange(1, 1001, 1)",
            json!({}),
            "The range must have at most 1000 elements, not 1001",
        ),
        (
            "States.ArrayRange(1, 9, 0)",
            json!({}),
            "The increment must not be 0",
        ),
        (
            "States.ArrayRange(-9223372036854775808, 9223372036854775807, 1)",
            json!({}),
            "The range must have at most 1000 elements, not 18446744073709551616",
        ),
        (
            "States.ArrayGetItem($, 1)",
            json!([1]),
            "The index must be from 0 up to, but not including, the length 1, and is 1",
        ),
        (
            "States.ArrayGetItem($, -1)",
            json!([1]),
            "The index must be from 0 up to, but not including, the length 1, and is -1",
        ),
        (
            "States.ArrayLength('abc')",
            json!({}),
            "The argument must be an array, not a string",
        ),
        (
            "States.ArrayUnique(null)",
            json!({}),
            "The argument must be an array, not null",
        ),
    ]);
}
