//! `JSONPath` as Step Functions has it, that is, as Jayway reads it: what a [`Path`] selects and where a
//! [`ReferencePath`] puts. It never changes what it reads, and its work is bounded whatever the path and the value.
//!
//! Parser and evaluation are our own. The libraries (`serde_json_path` 0.7, `jsonpath-rust` 1.0) follow RFC 9535 and
//! not Jayway, and cannot be bounded: `$[*,*][*,*]…` doubles their result with every step, and nested parentheses
//! overflow the stack of the one and take the other exponential time to parse.

mod cursor;
mod evaluate;
mod filter;
mod measure;
mod parse;
mod reference;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

pub use cursor::Invalid;
pub use reference::ReferencePath;

#[cfg(test)]
pub(crate) use tests::any_json;

pub(crate) use cursor::Cursor;
pub(crate) use measure::{Budget, MAX_DEPTH, check_depth};
pub(crate) use reference::kind;

use crate::{Failure, Scope};
use filter::Filter;

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Root {
    /// `$`, the input of the state.
    Input,
    /// `$$`, the context object.
    Context,
    /// `$name`, a variable.
    Variable(String),
}

/// A path that selects one value (definite), or any number of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    text: String,
    root: Root,
    steps: Vec<Step>,
    ending: Ending,
}

/// One `.name`, `[…]`, `..name` or `..[…]`.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    /// Whether it applies to everything below, too (`..`).
    everywhere: bool,
    selector: Selector,
}

#[derive(Debug, Clone, PartialEq)]
enum Selector {
    Name(String),
    Names(Vec<String>),
    /// Negative: from the end.
    Index(i64),
    Indices(Vec<i64>),
    Slice(Slice),
    Every,
    Filter(Filter),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    /// Never 0.
    step: i64,
}

/// What is made of the selected value at the end.
#[derive(Debug, Clone, PartialEq)]
enum Ending {
    Itself,
    /// `['a','b']`: an object of these members. Jayway does so at the end of a path only.
    Members(Vec<String>),
    /// `.length()`
    Length,
}

impl Step {
    /// Whether it leads to one place at most.
    const fn is_definite(&self) -> bool {
        !self.everywhere && matches!(self.selector, Selector::Name(_) | Selector::Index(_))
    }
}

impl Path {
    /// Reads `$`, `$.a.b[0]['c d']`, `$$.Execution.Id` (context), `$name.x` (variable), and `JSONPath` with wildcards,
    /// slices, unions, filters and `..`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut cursor = Cursor::new(text);
        let path = Self::read(&mut cursor)?;
        cursor.expect_end()?;
        Ok(path)
    }

    /// Reads a path up to the first character that cannot belong to it.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Invalid> {
        parse::path(cursor)
    }

    /// The value at a definite path, if it exists; of any other path an array of everything it selects, maybe empty,
    /// as Jayway does. Nothing also if that is more work or data than is allowed: [`Self::find`] tells them apart.
    #[must_use]
    pub fn select(&self, scope: &Scope<'_>) -> Option<Value> {
        self.find(scope).ok().flatten()
    }

    /// Like [`Self::select`]; fails with `States.DataLimitExceeded` if the path selects too much, or looks at too many
    /// values.
    pub fn find(&self, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
        let found = self.look_up(scope, &mut Budget::new())?;
        Ok(found.map(Cow::into_owned))
    }

    /// Like [`Self::find`]. What a definite path selects is not copied, and takes nothing of the budget.
    pub(crate) fn look_up<'v>(
        &self,
        scope: &Scope<'v>,
        budget: &mut Budget,
    ) -> Result<Option<Cow<'v, Value>>, Failure> {
        let root = match &self.root {
            Root::Input => scope.input,
            Root::Context => scope.context,
            Root::Variable(name) => match scope.variables.get(name) {
                Some(value) => value,
                None => return Ok(None),
            },
        };
        if self.is_definite() {
            let found = evaluate::definite(root, &self.steps);
            return Ok(found.and_then(|found| self.ending.of(found)));
        }
        let mut selected = Vec::new();
        for found in evaluate::select(root, &self.steps, budget)? {
            if let Some(value) = self.ending.of(found) {
                budget.gather(&value)?;
                selected.push(value.into_owned());
            }
        }
        Ok(Some(Cow::Owned(Value::Array(selected))))
    }

    /// Whether it leads to one place at most.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        self.steps.iter().all(Step::is_definite)
    }

    /// Whether it is `$`: everything.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.root == Root::Input && self.steps.is_empty() && matches!(self.ending, Ending::Itself)
    }

    /// Where it begins.
    #[must_use]
    pub const fn begins_at(&self) -> &Root {
        &self.root
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Ending {
    fn of<'v>(&self, found: &'v Value) -> Option<Cow<'v, Value>> {
        match self {
            Self::Itself => Some(Cow::Borrowed(found)),
            Self::Members(names) => {
                let members = found.as_object()?;
                let named = names.iter().filter_map(|name| members.get_key_value(name));
                let chosen: Map<String, Value> =
                    named.map(|(name, value)| (name.clone(), value.clone())).collect();
                Some(Cow::Owned(Value::Object(chosen)))
            }
            Self::Length => match found {
                Value::Array(elements) => Some(Cow::Owned(elements.len().into())),
                Value::Object(members) => Some(Cow::Owned(members.len().into())),
                _ => None,
            },
        }
    }
}
