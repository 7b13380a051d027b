//! What goes into a state and what comes out: `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`,
//! `Assign`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::context::context;
use super::run::{Run, lost};
use super::size::size_bytes;
use crate::definition::{Duration, MAX_SECONDS, State};
use crate::path::{MAX_DEPTH, check_depth};
use crate::{Failure, Path, Scope, Template, failure};

/// A moment `seconds` after another.
pub(super) fn later(from: Timestamp, seconds: u64) -> Timestamp {
    let span = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    from.checked_add(span).unwrap_or(Timestamp::MAX)
}

/// What a failure looks like to a catcher.
pub(super) fn error_output(failure: &Failure) -> Value {
    json!({ "Error": failure.error, "Cause": failure.cause })
}

impl Run<'_, '_> {
    /// Evaluates something in the scope of a branch, with `input` as `$`.
    pub(super) fn evaluate<T>(
        &mut self,
        id: u64,
        state: &State,
        input: &Value,
        token: Option<String>,
        work: impl FnOnce(&Scope<'_>, &mut dyn crate::Random) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        // Not `branch()`, which would borrow the random numbers, too.
        let branch = self.execution.branches.get(&id).ok_or_else(lost)?;
        let context = context(&self.execution, branch, state.context, token);
        let scope = Scope {
            input,
            context: &context,
            variables: &branch.variables,
        };
        work(&scope, self.moment.random)
    }

    /// The raw input through `InputPath`.
    pub(super) fn effective_input(&mut self, id: u64, state: &State) -> Result<Value, Failure> {
        let input = self.branch(id)?.input.clone();
        self.through(id, state, state.input_path.as_ref(), input)
    }

    /// The effective input through `Parameters`.
    pub(super) fn parameters(
        &mut self,
        id: u64,
        state: &State,
        input: Value,
        token: Option<String>,
    ) -> Result<Value, Failure> {
        match &state.parameters {
            None => Ok(input),
            Some(template) => self.fill(id, state, template, &input, token),
        }
    }

    /// A template, filled.
    pub(super) fn fill(
        &mut self,
        id: u64,
        state: &State,
        template: &Template,
        input: &Value,
        token: Option<String>,
    ) -> Result<Value, Failure> {
        let value = self.evaluate(id, state, input, token, |scope, random| {
            template.evaluate(scope, random)
        })?;
        self.limit(&value)?;
        Ok(value)
    }

    /// A value through `InputPath` or `OutputPath`; `None` is `null` there.
    fn through(
        &mut self,
        id: u64,
        state: &State,
        path: Option<&Path>,
        value: Value,
    ) -> Result<Value, Failure> {
        match path {
            None => Ok(Value::Object(Map::new())),
            Some(path) if path.is_root() => Ok(value),
            Some(path) => self.select(id, state, path, &value),
        }
    }

    /// What a path selects, which must be something.
    pub(super) fn select(
        &mut self,
        id: u64,
        state: &State,
        path: &Path,
        input: &Value,
    ) -> Result<Value, Failure> {
        self.evaluate(id, state, input, None, |scope, _| {
            path.find(scope)?.ok_or_else(|| {
                Failure::runtime(format!(
                    "Invalid path '{}': there is nothing in the data.",
                    path.text()
                ))
            })
        })
    }

    /// The output of a state that has a result: selected, put into the raw input, and cut.
    pub(super) fn output(&mut self, id: u64, state: &State, result: Value) -> Result<Value, Failure> {
        let result = match &state.result_selector {
            None => result,
            Some(template) => self.fill(id, state, template, &result, None)?,
        };
        self.limit(&result)?;
        let assigned = self.assigned(id, state, state.assign.as_ref(), &result)?;
        let combined = match &state.result_path {
            None => self.branch(id)?.input.clone(),
            Some(path) if path.is_root() => result,
            // A copy: where this fails, a catcher wants the input as it was.
            Some(path) => path.put(self.branch(id)?.input.clone(), result)?,
        };
        let output = self.through(id, state, state.output_path.as_ref(), combined)?;
        self.limit(&output)?;
        self.assign(id, assigned)?;
        Ok(output)
    }

    /// The output of a state without a result.
    pub(super) fn pass_on(
        &mut self,
        id: u64,
        state: &State,
        assign: Option<&Template>,
        input: Value,
    ) -> Result<Value, Failure> {
        let assigned = self.assigned(id, state, assign, &input)?;
        let output = self.through(id, state, state.output_path.as_ref(), input)?;
        self.assign(id, assigned)?;
        Ok(output)
    }

    /// What variables get. They have it in the next state only: what else this state evaluates sees their old values, and
    /// if it fails they keep them
    /// (<https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>).
    pub(super) fn assigned(
        &mut self,
        id: u64,
        state: &State,
        assign: Option<&Template>,
        input: &Value,
    ) -> Result<Map<String, Value>, Failure> {
        let Some(template) = assign else {
            return Ok(Map::new());
        };
        match self.fill(id, state, template, input, None)? {
            Value::Object(values) => Ok(values),
            _ => Err(Failure::runtime(
                "Assign must be an object of variables and their values.",
            )),
        }
    }

    /// Sets variables.
    pub(super) fn assign(&mut self, id: u64, values: Map<String, Value>) -> Result<(), Failure> {
        if values.is_empty() {
            return Ok(());
        }
        let variables = &mut self.branch_mut(id)?.variables;
        variables.extend(values);
        let total: usize = variables.values().map(size_bytes).sum();
        self.limit_bytes(total)
    }

    /// Refuses what is larger than payloads may be, or nests so deep that it could not be read again once written down.
    pub(super) fn limit(&self, value: &Value) -> Result<(), Failure> {
        check_depth(value, MAX_DEPTH)?;
        self.limit_bytes(size_bytes(value))
    }

    /// The same for a size that is known.
    pub(super) fn limit_bytes(&self, bytes: usize) -> Result<(), Failure> {
        let most = self.execution.limits.max_payload_bytes;
        if bytes <= most {
            return Ok(());
        }
        Err(Failure::new(
            failure::DATA_LIMIT,
            format!("The data has {bytes} bytes; at most {most} are allowed."),
        ))
    }

    /// A time span of at least `least` seconds.
    pub(super) fn seconds(
        &mut self,
        id: u64,
        state: &State,
        duration: &Duration,
        least: u64,
        input: &Value,
    ) -> Result<u64, Failure> {
        match duration {
            Duration::Seconds(seconds) => Ok(*seconds),
            Duration::Path(path) => {
                let value = self.select(id, state, path, input)?;
                let allowed = least..=MAX_SECONDS;
                value
                    .as_u64()
                    .filter(|seconds| allowed.contains(seconds))
                    .ok_or_else(|| {
                        Failure::runtime(format!(
                            "{} must select a whole number of seconds from {least} to {MAX_SECONDS}.",
                            path.text()
                        ))
                    })
            }
        }
    }
}
