//! Reference paths: those that name exactly one place, so that a result can be put there. They never search.

use serde_json::{Map, Value};

use super::{Cursor, Ending, Invalid, MAX_DEPTH, Path, Root, Selector, check_depth, evaluate};
use crate::failure::{Failure, RESULT_PATH_MATCH_FAILURE};

/// `$`, `$.a.b[3]`, `$['a']`, or the same from `$$`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferencePath(Path);

impl ReferencePath {
    /// `$`, everything.
    #[must_use]
    pub fn root() -> Self {
        Self(Path {
            text: "$".to_owned(),
            root: Root::Input,
            steps: Vec::new(),
            ending: Ending::Itself,
        })
    }

    /// Reads a path without wildcards, slices, filters, `..` and unions, that begins at `$` or `$$`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let path = Path::parse(text)?;
        if matches!(path.root, Root::Variable(_)) {
            return Err(Invalid::new(
                text,
                1,
                "expected a reference path, which begins with `$.`, `$[` or `$$`",
            ));
        }
        if !path.is_definite() || path.ending != Ending::Itself {
            return Err(Cursor::new(text).invalid(
                "expected a reference path to exactly one place, without `*`, `?`, `:`, `,`, `..` and functions",
            ));
        }
        Ok(Self(path))
    }

    /// The value at this place of `value`, which has to be what [`Self::begins_at`] says.
    #[must_use]
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        evaluate::definite(value, &self.0.steps)
    }

    /// `target` with `value` put at this place, as `ResultPath` wants it: missing objects are created. Fails with
    /// `States.ResultPathMatchFailure` where a name meets something that is no object, or an index something that is
    /// no array or has no such element.
    pub fn put(&self, mut target: Value, value: Value) -> Result<Value, Failure> {
        if self.0.root != Root::Input {
            return Err(self.mismatch("the context object cannot be written"));
        }
        check_depth(&value, MAX_DEPTH.saturating_sub(self.0.steps.len()))?;
        let mut place = &mut target;
        for step in &self.0.steps {
            place = match (&step.selector, place) {
                (Selector::Name(name), Value::Object(members)) => members
                    .entry(name.as_str())
                    .or_insert_with(|| Value::Object(Map::new())),
                (Selector::Name(name), other) => {
                    return Err(self.mismatch(&format!("`{name}` meets {}, not an object", kind(other))));
                }
                (Selector::Index(index), Value::Array(elements)) => {
                    let position = evaluate::position(elements.len(), *index);
                    position
                        .and_then(|position| elements.get_mut(position))
                        .ok_or_else(|| self.mismatch(&format!("the array has no element {index}")))?
                }
                (_, other) => {
                    return Err(self.mismatch(&format!("an index meets {}, not an array", kind(other))));
                }
            };
        }
        *place = value;
        Ok(target)
    }

    fn mismatch(&self, reason: &str) -> Failure {
        Failure::new(
            RESULT_PATH_MATCH_FAILURE,
            format!(
                "The path '{}' cannot be applied to the input: {reason}",
                self.0.text
            ),
        )
    }

    /// Whether it is `$`: everything.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_root()
    }

    /// Where it begins: at the input or the context object, never at a variable.
    #[must_use]
    pub const fn begins_at(&self) -> &Root {
        &self.0.root
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

/// What a value is, for messages.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
