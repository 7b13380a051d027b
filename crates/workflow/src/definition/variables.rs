//! Variables: what they may be called, and that no graph sets those of a graph around it
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fields::kind;
use crate::diagnostic::SCHEMA;
use crate::{Diagnostics, Location};

/// The longest name.
const MAX_NAME_CHARACTERS: usize = 80;
/// `$states` is the language's own.
const RESERVED: &str = "states";

/// Notes what is wrong with an `Assign` as such; its values are a template's business.
pub(super) fn check(assign: &Value, at: &Location, found: &mut Diagnostics) {
    let Value::Object(values) = assign else {
        let message = format!(
            "must be an object of variables and their values, not {}",
            kind(assign)
        );
        found.error(SCHEMA, at, message);
        return;
    };
    for key in values.keys() {
        let name = variable(key);
        if name == RESERVED {
            found.error(
                SCHEMA,
                &at.child(key),
                "the variable $states cannot be set: choose another name",
            );
        } else if !is_name(name) {
            let message = format!(
                "a variable is called by 1 to {MAX_NAME_CHARACTERS} letters, digits and underscores, and not by a digit first"
            );
            found.error(SCHEMA, &at.child(key), message);
        }
    }
}

fn is_name(name: &str) -> bool {
    let fits = name.chars().count() <= MAX_NAME_CHARACTERS;
    let mut characters = name.chars();
    let begins = characters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_');
    fits && begins && characters.all(|next| next.is_alphanumeric() || next == '_')
}

/// The variable that a field of `Assign` sets.
fn variable(key: &str) -> &str {
    key.strip_suffix(".$").unwrap_or(key)
}

/// Adds the variables that the states of a graph set to those of the graphs around it, and notes which are among both.
pub(super) fn check_scope(
    states: &Map<String, Value>,
    at: &Location,
    outer: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) {
    let mut own = BTreeSet::new();
    for (state, value) in states {
        for (place, assign) in assigns(value, &at.child(state)) {
            for key in assign.keys() {
                let name = variable(key);
                if outer.contains(name) {
                    let message = format!(
                        "the variable {name} is set by a state outside of this Parallel or Map state: choose another name"
                    );
                    found.error("DUPLICATE_VARIABLE", &place.child(key), message);
                }
                own.insert(name.to_owned());
            }
        }
    }
    outer.append(&mut own);
}

/// Every `Assign` of a state, its catchers' and its rules'.
fn assigns<'v>(state: &'v Value, at: &Location) -> Vec<(Location, &'v Map<String, Value>)> {
    let own = state.get("Assign").map(|assign| (at.child("Assign"), assign));
    let of_parts = ["Catch", "Choices"].into_iter().flat_map(|part| {
        let place = at.child(part);
        let parts = state.get(part).and_then(Value::as_array).into_iter().flatten();
        parts
            .enumerate()
            .filter_map(move |(index, part)| Some((place.child(index).child("Assign"), part.get("Assign")?)))
    });
    own.into_iter()
        .chain(of_parts)
        .filter_map(|(place, assign)| Some((place, assign.as_object()?)))
        .collect()
}
