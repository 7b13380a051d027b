//! Reading the members of one JSON object of a definition: every mistake is noted with its place, nothing stops at the
//! first.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::variables;
use crate::diagnostic::{EXPRESSION, SCHEMA};
use crate::{Diagnostics, Location, Path, ReferencePath, Root, Template};

/// The members of an object, and which of them have been asked for.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// Where the object is.
    pub(super) at: Location,
    known: BTreeSet<&'static str>,
    /// Where mistakes go.
    pub(super) found: &'a mut Diagnostics,
}

impl<'a> Fields<'a> {
    /// The members of `value`, or the news that it is no object.
    pub(super) fn of(value: &'a Value, at: Location, found: &'a mut Diagnostics) -> Option<Self> {
        let Value::Object(object) = value else {
            found.error(SCHEMA, &at, format!("must be an object, not {}", kind(value)));
            return None;
        };
        Some(Self {
            object,
            at,
            known: BTreeSet::new(),
            found,
        })
    }

    /// A member, whatever it is.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.insert(name);
        self.object.get(name)
    }

    /// Where a member is.
    pub(super) fn place(&self, name: &str) -> Location {
        self.at.child(name)
    }

    /// Notes a mistake in a member.
    pub(super) fn wrong(&mut self, name: &str, message: impl Into<String>) {
        let place = self.place(name);
        self.found.error(SCHEMA, &place, message);
    }

    /// Notes that a member is missing.
    pub(super) fn missing(&mut self, name: &str, what: &str) {
        self.found
            .error(SCHEMA, &self.at, format!("{name} is missing: {what}"));
    }

    /// A text.
    pub(super) fn string(&mut self, name: &'static str) -> Option<&'a str> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            other => {
                self.wrong(name, format!("must be a string, not {}", kind(other)));
                None
            }
        }
    }

    /// A text that must be there.
    pub(super) fn required_string(&mut self, name: &'static str, what: &str) -> Option<&'a str> {
        if !self.object.contains_key(name) {
            self.known.insert(name);
            self.missing(name, what);
        }
        self.string(name)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(value) => Some(*value),
            other => {
                self.wrong(name, format!("must be true or false, not {}", kind(other)));
                None
            }
        }
    }

    /// A whole number of at least `least` and at most `most`.
    pub(super) fn integer(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.value(name)?;
        let integer = value.as_u64().filter(|number| (least..=most).contains(number));
        if integer.is_none() {
            self.wrong(name, format!("must be a whole number from {least} to {most}"));
        }
        integer
    }

    /// A number of at least `least`.
    pub(super) fn number(&mut self, name: &'static str, least: f64) -> Option<f64> {
        let value = self.value(name)?;
        let number = value
            .as_f64()
            .filter(|number| *number >= least && number.is_finite());
        if number.is_none() {
            self.wrong(name, format!("must be a number of at least {least}"));
        }
        number
    }

    /// A path.
    pub(super) fn path(&mut self, name: &'static str) -> Option<Path> {
        let text = self.string(name)?;
        self.parsed(name, Path::parse(text))
    }

    /// A path that may be `null`: `Some(None)`.
    #[expect(clippy::option_option, reason = "absent and null mean different things")]
    pub(super) fn path_or_null(&mut self, name: &'static str) -> Option<Option<Path>> {
        match self.value(name)? {
            Value::Null => Some(None),
            _ => self.path(name).map(Some),
        }
    }

    /// A reference path that may be `null`: `Some(None)`.
    #[expect(clippy::option_option, reason = "absent and null mean different things")]
    pub(super) fn reference_or_null(&mut self, name: &'static str) -> Option<Option<ReferencePath>> {
        if self.value(name)?.is_null() {
            return Some(None);
        }
        let text = self.string(name)?;
        let path = self.parsed(name, ReferencePath::parse(text))?;
        if *path.begins_at() != Root::Input {
            let message = "must begin with `$.` or be `$`: the context object cannot be written";
            self.wrong(name, message);
            return None;
        }
        Some(Some(path))
    }

    /// A payload template.
    pub(super) fn template(&mut self, name: &'static str) -> Option<Template> {
        let value = self.value(name)?;
        let place = self.place(name);
        Template::parse(value, &place, self.found)
    }

    /// Variables and what they get.
    pub(super) fn assign(&mut self) -> Option<Template> {
        const NAME: &str = "Assign";
        let value = self.value(NAME)?;
        variables::check(value, &self.place(NAME), self.found);
        self.template(NAME)
    }

    /// What was parsed, or the mistake noted.
    pub(super) fn parsed<T, E: std::fmt::Display>(&mut self, name: &str, result: Result<T, E>) -> Option<T> {
        result
            .map_err(|error| {
                let place = self.place(name);
                self.found.error(EXPRESSION, &place, error.to_string());
            })
            .ok()
    }

    /// Notes that of two members only one may be there.
    pub(super) fn exclusive(&mut self, one: &'static str, other: &'static str) {
        if self.object.contains_key(one) && self.object.contains_key(other) {
            self.wrong(other, format!("cannot stand beside {one}: remove one of them"));
        }
    }

    /// Notes every member that nobody has asked for.
    pub(super) fn finish(self, what: &str) {
        for name in self.object.keys() {
            if !self.known.contains(name.as_str()) {
                let place = self.at.child(name);
                let advice = match self.known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                    Some(known) => format!("write {known} (case matters)"),
                    None if OF_JSONATA.contains(&name.as_str()) => {
                        "it belongs to states written in JSONata".to_owned()
                    }
                    None => "remove it, or correct its spelling".to_owned(),
                };
                self.found.error(
                    SCHEMA,
                    &place,
                    format!("{name} is not a field of {what}: {advice}"),
                );
            }
        }
    }
}

/// Fields that only states written in `JSONata` have.
const OF_JSONATA: [&str; 4] = ["Arguments", "Output", "Items", "Condition"];

/// What a value is, for people.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
