//! The structure of choice rules, and what is said about mistakes in it. It never looks at data.

use serde_json::{Map, Value};

use super::Condition;
use super::compare::Pattern;
use super::operator::{Comparable, Kind, Operand, Operator, Test};
use crate::diagnostic::{EXPRESSION, SCHEMA};
use crate::path::{Path, kind};
use crate::{Diagnostics, Location};

/// How deep `And`, `Or` and `Not` may nest: they are parsed and evaluated by recursion.
const MAX_NESTING: usize = 64;

/// Reads a rule of a Choice state.
pub(super) fn rule(value: &Value, at: &Location, found: &mut Diagnostics) -> Option<Condition> {
    condition(value, at, found, 0)
}

/// Reads a rule that is inside of `depth` others.
fn condition(value: &Value, at: &Location, found: &mut Diagnostics, depth: usize) -> Option<Condition> {
    if depth > MAX_NESTING {
        found.error(
            SCHEMA,
            at,
            format!("Rules nest at most {MAX_NESTING} levels; flatten them"),
        );
        return None;
    }
    let Value::Object(members) = value else {
        found.error(
            SCHEMA,
            at,
            format!("A choice rule must be an object, not {}", kind(value)),
        );
        return None;
    };
    let fields_are_known = check_fields(members, at, found, depth);
    let (name, operand) = operator(members, at, found)?;
    let here = at.child(name);
    let condition = match name {
        "And" => several(operand, &here, found, depth).map(Condition::And),
        "Or" => several(operand, &here, found, depth).map(Condition::Or),
        "Not" => condition(operand, &here, found, depth + 1).map(|inner| Condition::Not(Box::new(inner))),
        _ => {
            let variable = variable(members, at, found);
            let test = test(name, operand, &here, found);
            variable
                .zip(test)
                .map(|(variable, test)| Condition::Comparison { variable, test })
        }
    };
    if matches!(name, "And" | "Or" | "Not") && members.contains_key("Variable") {
        let message = format!("`{name}` has no `Variable`; put it into the rules inside");
        found.error(SCHEMA, &at.child("Variable"), message);
        return None;
    }
    condition.filter(|_| fields_are_known)
}

/// Whether a field is an operator, or looks as if it were meant to be one.
pub(super) fn is_operator(name: &str) -> bool {
    matches!(name, "And" | "Or" | "Not" | "StringMatches")
        || Kind::named(name).is_some()
        || Operator::named(name.strip_suffix("Path").unwrap_or(name)).is_some()
}

/// Says which fields do not belong into a rule.
fn check_fields(members: &Map<String, Value>, at: &Location, found: &mut Diagnostics, depth: usize) -> bool {
    let mut fine = true;
    for name in members.keys().filter(|name| !is_operator(name)) {
        let problem = match name.as_str() {
            "Variable" | "Comment" => continue,
            "Next" | "Assign" | "Output" if depth == 0 => continue,
            "Next" | "Assign" | "Output" => {
                format!("`{name}` is only allowed in the outermost rule; move it there")
            }
            "Condition" => "`Condition` needs the query language JSONata; compare a `Variable`".to_owned(),
            _ => format!("`{name}` is no field of a choice rule; expected `Variable` and an operator"),
        };
        found.error(SCHEMA, &at.child(name), problem);
        fine = false;
    }
    fine
}

/// The only operator of a rule.
fn operator<'v>(
    members: &'v Map<String, Value>,
    at: &Location,
    found: &mut Diagnostics,
) -> Option<(&'v str, &'v Value)> {
    let operators: Vec<_> = members.iter().filter(|(name, _)| is_operator(name)).collect();
    match operators.as_slice() {
        [(name, operand)] => Some((name.as_str(), *operand)),
        [] => {
            let message =
                "The rule has no operator; add exactly one, such as `StringEquals`, `IsPresent` or `And`";
            found.error(SCHEMA, at, message);
            None
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "The rule has several operators ({}); keep one, or use `And`",
                names.join(", ")
            );
            found.error(SCHEMA, at, message);
            None
        }
    }
}

/// The rules of `And` or `Or`.
fn several(value: &Value, at: &Location, found: &mut Diagnostics, depth: usize) -> Option<Vec<Condition>> {
    let rules = match value {
        Value::Array(rules) if !rules.is_empty() => rules,
        other => {
            let problem = if other.is_array() {
                "an empty one"
            } else {
                kind(other)
            };
            found.error(
                SCHEMA,
                at,
                format!("Expected an array of one or more rules, not {problem}"),
            );
            return None;
        }
    };
    // All are read before any is missed, to find all mistakes.
    let conditions: Vec<Option<Condition>> = rules
        .iter()
        .enumerate()
        .map(|(index, rule)| condition(rule, &at.child(index), found, depth + 1))
        .collect();
    conditions.into_iter().collect()
}

fn variable(members: &Map<String, Value>, at: &Location, found: &mut Diagnostics) -> Option<Path> {
    let Some(value) = members.get("Variable") else {
        found.error(
            SCHEMA,
            at,
            "The rule has no `Variable`; add the path to compare, such as \"$.type\"",
        );
        return None;
    };
    path(value, &at.child("Variable"), found)
}

fn path(value: &Value, at: &Location, found: &mut Diagnostics) -> Option<Path> {
    let Value::String(text) = value else {
        let message = format!("Expected a path such as \"$.type\", not {}", kind(value));
        found.error(SCHEMA, at, message);
        return None;
    };
    match Path::parse(text) {
        Ok(path) => Some(path),
        Err(invalid) => {
            found.error(EXPRESSION, at, invalid.to_string());
            None
        }
    }
}

/// Reads what an operator compares with.
fn test(name: &str, operand: &Value, at: &Location, found: &mut Diagnostics) -> Option<Test> {
    if let Some(kind) = Kind::named(name) {
        let expected = operand.as_bool();
        if expected.is_none() {
            unexpected(name, "true or false", operand, at, found);
        }
        return expected.map(|expected| Test::Is(kind, expected));
    }
    if name == "StringMatches" {
        return pattern(operand, at, found).map(Test::Matches);
    }
    if let Some(operator) = name.strip_suffix("Path").and_then(Operator::named) {
        return path(operand, at, found).map(|path| Test::Compare(operator, Operand::Path(path)));
    }
    let operator = Operator::named(name)?;
    if Comparable::read(operator.compared, operand).is_none() {
        unexpected(name, operator.compared.describe(), operand, at, found);
        return None;
    }
    Some(Test::Compare(operator, Operand::Constant(operand.clone())))
}

fn pattern(operand: &Value, at: &Location, found: &mut Diagnostics) -> Option<Pattern> {
    let Value::String(text) = operand else {
        unexpected("StringMatches", "a string", operand, at, found);
        return None;
    };
    let pattern = Pattern::parse(text);
    if pattern.is_none() {
        let message = "A backslash in `StringMatches` must be followed by `*` or another backslash";
        found.error(SCHEMA, at, message);
    }
    pattern
}

fn unexpected(name: &str, expected: &str, value: &Value, at: &Location, found: &mut Diagnostics) {
    let shown = match value {
        Value::String(_) => "another string",
        other => kind(other),
    };
    found.error(SCHEMA, at, format!("`{name}` expects {expected}, not {shown}"));
}
