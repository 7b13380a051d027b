//! Intrinsic functions, `States.Format('{}', $.a)`: what they are, and what they give. They never read anything but the
//! scope, and randomness comes from a [`Random`].
//!
//! The results are those of the [specification](https://states-language.net/spec.html#intrinsic-functions) and of the
//! [documentation](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html). Where both are
//! silent, they are what `LocalStack`'s tests recorded of AWS; the functions say so.

mod arguments;
mod array;
mod function;
mod number;
mod parse;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

use serde_json::Value;

use crate::failure::{Failure, INTRINSIC_FAILURE, PARAMETER_PATH_FAILURE};
use crate::path::{Budget, Cursor, Invalid, MAX_DEPTH, Path, check_depth};
use crate::{Random, Scope};
use function::Function;

/// A path or an intrinsic function: what a field whose name ends in `.$` holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// `$.a`
    Path(Path),
    /// `States.UUID()`
    Call(Call),
}

/// An intrinsic function and its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq)]
enum Argument {
    /// A number, `true`, `false` or `null`.
    Literal(Value),
    /// A string, cut at each `{}`; an escaped `\{\}` is no cut.
    Text(Vec<String>),
    Path(Path),
    Call(Call),
}

/// What expressions of one template share while they are evaluated.
pub(crate) struct Evaluation<'a> {
    scope: Scope<'a>,
    random: &'a mut dyn Random,
    budget: Budget,
}

impl<'a> Evaluation<'a> {
    pub(crate) const fn new(scope: &Scope<'a>, random: &'a mut dyn Random) -> Self {
        Self {
            scope: *scope,
            random,
            budget: Budget::new(),
        }
    }

    /// What a path selects, if anything.
    fn select(&mut self, path: &Path) -> Result<Option<Value>, Failure> {
        let selected = path.look_up(&self.scope, &mut self.budget)?;
        if let Some(value) = selected.as_ref().filter(|_| path.is_definite()) {
            self.budget.gather(value)?;
        }
        Ok(selected.map(Cow::into_owned))
    }
}

impl Expression {
    /// Reads a path or an intrinsic function.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.starts_with('$') {
            return Path::parse(text).map(Self::Path);
        }
        Call::parse(text).map(Self::Call)
    }

    /// What it gives. Fails with `States.ParameterPathFailure` if a path selects nothing, and with
    /// `States.IntrinsicFailure` if a function cannot be applied.
    pub fn evaluate(&self, scope: &Scope<'_>, random: &mut dyn Random) -> Result<Value, Failure> {
        let value = self.evaluate_in(&mut Evaluation::new(scope, random))?;
        check_depth(&value, MAX_DEPTH)?;
        Ok(value)
    }

    pub(crate) fn evaluate_in(&self, evaluation: &mut Evaluation<'_>) -> Result<Value, Failure> {
        match self {
            Self::Path(path) => evaluation.select(path)?.ok_or_else(|| {
                Failure::new(
                    PARAMETER_PATH_FAILURE,
                    format!("The JSONPath '{}' could not be found in the input", path.text()),
                )
            }),
            Self::Call(call) => call.evaluate_in(evaluation),
        }
    }
}

impl Call {
    /// Reads `States.Name(argument, …)`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut cursor = Cursor::new(text);
        let call = parse::call(&mut cursor, 0)?;
        cursor.skip_spaces();
        match cursor.peek() {
            None => Ok(call),
            Some(_) => Err(cursor.invalid("expected the end after the closing `)`")),
        }
    }

    /// What it gives. Fails with `States.IntrinsicFailure`, also if a path among the arguments selects nothing.
    pub fn evaluate(&self, scope: &Scope<'_>, random: &mut dyn Random) -> Result<Value, Failure> {
        let value = self.evaluate_in(&mut Evaluation::new(scope, random))?;
        check_depth(&value, MAX_DEPTH)?;
        Ok(value)
    }

    /// Recurses as deep as calls may nest.
    fn evaluate_in(&self, evaluation: &mut Evaluation<'_>) -> Result<Value, Failure> {
        // The template of `States.Format` is not an argument like others if it has escapes.
        let (pieces, arguments) = match (self.function, self.arguments.as_slice()) {
            (Function::Format, [Argument::Text(pieces), arguments @ ..]) => (Some(pieces), arguments),
            (_, arguments) => (None, arguments),
        };
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.value_of(argument, evaluation)?);
        }
        let result = match pieces {
            Some(pieces) => text::fill(pieces, &values),
            None => self.function.apply(values, evaluation.random),
        };
        let result = result.map_err(|reason| self.failure(&reason))?;
        evaluation.budget.gather(&result)?;
        Ok(result)
    }

    fn value_of(&self, argument: &Argument, evaluation: &mut Evaluation<'_>) -> Result<Value, Failure> {
        match argument {
            Argument::Literal(literal) => Ok(literal.clone()),
            Argument::Text(pieces) => Ok(Value::String(pieces.join("{}"))),
            Argument::Path(path) => evaluation.select(path)?.ok_or_else(|| {
                let path = path.text();
                self.failure(&format!(
                    "The JSONPath argument '{path}' could not be found in the input"
                ))
            }),
            Argument::Call(call) => call.evaluate_in(evaluation),
        }
    }

    fn failure(&self, reason: &str) -> Failure {
        Failure::new(
            INTRINSIC_FAILURE,
            format!("The function '{}' had the following error: {reason}", self.text),
        )
    }
}
