//! The rules of Choice states in words, for the labels of the graph. They are read from the definition as it was written;
//! the interpreter's rules only answer yes or no.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The rules of each Choice state of a definition, by the name of the state, in their order.
pub(crate) type Conditions = BTreeMap<String, Vec<String>>;

/// Rules may nest; a label need not.
const MAX_DEPTH: usize = 4;
/// Members of a rule that are no operators.
const NO_OPERATORS: [&str; 6] = ["Variable", "Next", "Comment", "Assign", "Output", "Condition"];

/// Reads a whole definition. What is not understood has no words.
pub(crate) fn conditions(definition: &Value) -> Conditions {
    let mut found = Conditions::new();
    let mut pending = vec![definition];
    while let Some(graph) = pending.pop() {
        let states = graph.get("States").and_then(Value::as_object);
        for (name, state) in states.into_iter().flatten() {
            if let Some(rules) = state.get("Choices").and_then(Value::as_array) {
                found.insert(name.clone(), rules.iter().map(|rule| words(rule, 0)).collect());
            }
            let branches = state.get("Branches").and_then(Value::as_array);
            pending.extend(branches.into_iter().flatten());
            pending.extend(
                ["ItemProcessor", "Iterator"]
                    .iter()
                    .filter_map(|key| state.get(key)),
            );
        }
    }
    found
}

fn words(rule: &Value, depth: usize) -> String {
    let Some(rule) = rule.as_object().filter(|_| depth < MAX_DEPTH) else {
        return "…".to_owned();
    };
    if let Some(Value::String(condition)) = rule.get("Condition") {
        return condition.clone();
    }
    for (operator, word) in [("And", " and "), ("Or", " or ")] {
        if let Some(rules) = rule.get(operator).and_then(Value::as_array) {
            let each: Vec<String> = rules.iter().map(|rule| inner(rule, depth)).collect();
            return each.join(word);
        }
    }
    match rule.get("Not") {
        Some(negated) => format!("not {}", inner(negated, depth)),
        None => comparison(rule),
    }
}

/// A rule inside of another: with brackets where it would be read wrongly without.
fn inner(rule: &Value, depth: usize) -> String {
    let words = words(rule, depth + 1);
    if rule.get("And").is_some() || rule.get("Or").is_some() {
        format!("({words})")
    } else {
        words
    }
}

fn comparison(rule: &Map<String, Value>) -> String {
    let variable = rule.get("Variable").and_then(Value::as_str).unwrap_or("…");
    let operator = rule.iter().find(|(key, _)| !NO_OPERATORS.contains(&key.as_str()));
    let Some((operator, value)) = operator else {
        return variable.to_owned();
    };
    if let Some(kind) = operator.strip_prefix("Is") {
        let verb = if value == &Value::Bool(false) {
            "is not"
        } else {
            "is"
        };
        return format!("{variable} {verb} {}", kind.to_lowercase());
    }
    let (operator, value) = match (operator.strip_suffix("Path"), value) {
        (Some(operator), Value::String(path)) => (operator, path.clone()),
        _ => (operator.as_str(), value.to_string()),
    };
    let symbol = [
        ("LessThanEquals", "≤"),
        ("GreaterThanEquals", "≥"),
        ("LessThan", "<"),
        ("GreaterThan", ">"),
        ("Equals", "="),
        ("Matches", "matches"),
    ]
    .into_iter()
    .find_map(|(suffix, symbol)| operator.ends_with(suffix).then_some(symbol));
    format!("{variable} {} {value}", symbol.unwrap_or(operator))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_have_words() {
        for (rule, expected) in [
            (
                json!({"Variable": "$.a", "StringEquals": "x", "Next": "N"}),
                "$.a = \"x\"",
            ),
            (
                json!({"Variable": "$.a", "NumericGreaterThanEqualsPath": "$.b"}),
                "$.a ≥ $.b",
            ),
            (
                json!({"Variable": "$.a", "StringMatches": "log-*"}),
                "$.a matches \"log-*\"",
            ),
            (json!({"Variable": "$.a", "IsPresent": true}), "$.a is present"),
            (json!({"Variable": "$.a", "IsNull": false}), "$.a is not null"),
            (json!({"Condition": "{% $n > 1 %}"}), "{% $n > 1 %}"),
            (
                json!({"And": [
                    {"Variable": "$.a", "BooleanEquals": true},
                    {"Or": [{"Variable": "$.b", "NumericLessThan": 1}, {"Not": {"Variable": "$.c", "IsString": true}}]},
                ]}),
                "$.a = true and ($.b < 1 or not $.c is string)",
            ),
            (json!({"Variable": "$.a"}), "$.a"),
            (json!(7), "…"),
        ] {
            assert_eq!(words(&rule, 0), expected, "{rule}");
        }
    }

    #[test]
    fn nested_graphs_are_read_too() {
        let choice =
            |name: &str| json!({"States": {name: {"Choices": [{"Variable": "$.x", "IsPresent": true}]}}});
        let found = conditions(&json!({"States": {
            "P": {"Branches": [choice("A"), choice("B")]},
            "M": {"ItemProcessor": choice("C")},
            "Old": {"Iterator": choice("D")},
        }}));
        assert_eq!(found.keys().collect::<Vec<_>>(), ["A", "B", "C", "D"]);
        assert_eq!(found["A"], ["$.x is present"]);
    }
}
