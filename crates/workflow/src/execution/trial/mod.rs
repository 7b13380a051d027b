//! One state, tried out by itself, as `TestState` does: what each of its fields makes of an input, one after the other, and
//! what follows. Never does the work of a task: between [`Trial::begin`] and [`Trial::end`] somebody else does, or gives a
//! made-up result.

mod flow;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::data::error_output;
use super::fail::pause;
use crate::definition::{Branching, Catcher, Kind, Resource, State, Transition, Wording};
use crate::path::{MAX_DEPTH, check_depth};
use crate::{Failure, Random, Scope, Template, failure};

/// What a state is tried with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Given {
    /// `$`
    pub input: Value,
    /// `$$`
    pub context: Value,
    /// What earlier states have assigned.
    pub variables: Map<String, Value>,
    /// How often the retrier that is for the failure has been used.
    pub retries: u64,
}

/// What each field made of the data, as far as the state came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inspection {
    /// After `InputPath`.
    pub after_input_path: Option<Value>,
    /// After `Parameters`.
    pub after_parameters: Option<Value>,
    /// What the work gave.
    pub result: Option<Value>,
    /// After `ResultSelector`.
    pub after_result_selector: Option<Value>,
    /// After `ResultPath`.
    pub after_result_path: Option<Value>,
    /// The items of a Map state.
    pub after_items_path: Option<Value>,
    /// The inputs of the iterations of a Map state.
    pub after_item_selector: Option<Value>,
    /// How many iterations run at once; 0 means all.
    pub max_concurrency: Option<u64>,
    /// Variables, with those that the state has assigned.
    pub variables: Map<String, Value>,
}

/// What is to be done before a state can end.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Nothing: it ends with this result.
    Nothing(Value),
    /// Time has to pass.
    Seconds(u64),
    /// This moment has to come.
    Until(Timestamp),
    /// A worker has to be called.
    Task {
        /// Which.
        resource: Resource,
        /// With what.
        parameters: Value,
        /// How long it may take.
        timeout_seconds: Option<u64>,
        /// How long it may be silent.
        heartbeat_seconds: Option<u64>,
    },
    /// Other states have to run.
    States,
}

/// How a state ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Well.
    Succeeded {
        /// Its output.
        output: Value,
        /// What follows; nothing at an end.
        next: Option<String>,
    },
    /// With a failure that ends the execution.
    Failed(Failure),
    /// With a failure after which it would be tried again.
    Retriable {
        /// The failure.
        failure: Failure,
        /// Which retrier is for it.
        index: usize,
        /// The pause before the next attempt.
        seconds: f64,
    },
    /// With a failure that is caught.
    Caught {
        /// The failure.
        failure: Failure,
        /// Which catcher is for it.
        index: usize,
        /// The output.
        output: Value,
        /// What follows.
        next: String,
    },
}

/// A state that is tried out.
#[derive(Debug)]
pub struct Trial<'s> {
    state: &'s State,
    given: Given,
    inspection: Inspection,
    /// The rule of a Choice state that matches.
    chosen: Option<&'s Branching>,
}

impl<'s> Trial<'s> {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(state: &'s State, given: Given) -> Self {
        Self {
            inspection: Inspection {
                variables: given.variables.clone(),
                ..Inspection::default()
            },
            state,
            given,
            chosen: None,
        }
    }

    /// Takes the input as far as the work. A failure goes to [`Self::end`], as that of the work would.
    pub fn begin(&mut self, random: &mut dyn Random) -> Result<Work, Failure> {
        let state = self.state;
        if let Kind::Fail(fail) = &state.kind {
            let error = self.wording(fail.error.as_ref(), random)?;
            let cause = self.wording(fail.cause.as_ref(), random)?;
            return Err(Failure::new(error, cause));
        }
        let input = self.through(state.input_path.as_ref(), self.given.input.clone())?;
        self.inspection.after_input_path = Some(input.clone());
        match &state.kind {
            Kind::Pass { result: Some(result) } => Ok(Work::Nothing(result.clone())),
            Kind::Pass { result: None } => self.parameters(input, random).map(Work::Nothing),
            Kind::Choice(choice) => {
                self.chosen = self.choose(choice, &input)?;
                Ok(Work::Nothing(input))
            }
            Kind::Wait(wait) => self.pause(wait, &input),
            Kind::Succeed | Kind::Fail(_) => Ok(Work::Nothing(input)),
            Kind::Task(task) => self.task(task, input, random),
            Kind::Parallel { .. } => self.parameters(input, random).map(|_| Work::States),
            Kind::Map(map) => self.items(map, &input, random).map(|()| Work::States),
        }
    }

    /// Takes the result of the work to the end.
    pub fn end(mut self, result: Result<Value, Failure>, random: &mut dyn Random) -> (Verdict, Inspection) {
        let verdict = match result.and_then(|result| self.output(result, random)) {
            Ok(output) => Verdict::Succeeded {
                output,
                next: self.next(),
            },
            Err(failure) => self.failed(failure, random),
        };
        (verdict, self.inspection)
    }

    /// From the result to the output.
    fn output(&mut self, result: Value, random: &mut dyn Random) -> Result<Value, Failure> {
        let state = self.state;
        let has_result = matches!(
            state.kind,
            Kind::Task(_) | Kind::Pass { .. } | Kind::Parallel { .. } | Kind::Map(_)
        );
        if !has_result {
            let input = self.inspection.after_input_path.clone().unwrap_or_default();
            let assign = self
                .chosen
                .map_or(state.assign.as_ref(), |chosen| chosen.assign.as_ref());
            let assigned = self.assigned(assign, &input, random)?;
            let output = self.through(state.output_path.as_ref(), input)?;
            self.inspection.variables.extend(assigned);
            return Ok(output);
        }
        self.inspection.result = Some(result.clone());
        let result = match &state.result_selector {
            None => result,
            Some(template) => self.fill(template, &result, random)?,
        };
        check_depth(&result, MAX_DEPTH)?;
        self.inspection.after_result_selector = Some(result.clone());
        let assigned = self.assigned(state.assign.as_ref(), &result, random)?;
        let raw = self.given.input.clone();
        let combined = match &state.result_path {
            None => raw,
            Some(path) if path.is_root() => result,
            Some(path) => path.put(raw, result)?,
        };
        self.inspection.after_result_path = Some(combined.clone());
        let output = self.through(state.output_path.as_ref(), combined)?;
        self.inspection.variables.extend(assigned);
        Ok(output)
    }

    fn next(&self) -> Option<String> {
        match (&self.state.kind, &self.state.transition) {
            (Kind::Choice(choice), _) => self
                .chosen
                .map(|chosen| chosen.next.clone())
                .or_else(|| choice.default.clone()),
            (_, Transition::Next(next)) => Some(next.clone()),
            (_, Transition::End | Transition::Own) => None,
        }
    }

    /// What follows a failure.
    fn failed(&mut self, failure: Failure, random: &mut dyn Random) -> Verdict {
        let state = self.state;
        let kind = state.kind.name();
        let retrier = state
            .retry
            .iter()
            .enumerate()
            .find(|(_, retrier)| retrier.errors.mean(&failure, kind));
        if let Some((index, retrier)) = retrier
            && self.given.retries < retrier.max_attempts
        {
            let seconds = pause(retrier, self.given.retries, random.next_u64());
            return Verdict::Retriable {
                failure,
                index,
                seconds,
            };
        }
        let catcher = state
            .catch
            .iter()
            .enumerate()
            .find(|(_, catcher)| catcher.errors.mean(&failure, kind));
        let Some((index, catcher)) = catcher else {
            return Verdict::Failed(failure);
        };
        match self.caught(catcher, &failure, random) {
            Ok(output) => Verdict::Caught {
                failure,
                index,
                output,
                next: catcher.next.clone(),
            },
            Err(worse) => Verdict::Failed(worse),
        }
    }

    fn caught(
        &mut self,
        catcher: &Catcher,
        failure: &Failure,
        random: &mut dyn Random,
    ) -> Result<Value, Failure> {
        let error = error_output(failure);
        let assigned = self.assigned(catcher.assign.as_ref(), &error, random)?;
        let raw = self.given.input.clone();
        let output = match &catcher.result_path {
            None => raw,
            Some(path) => path.put(raw, error)?,
        };
        self.inspection.variables.extend(assigned);
        Ok(output)
    }

    /// What variables get, if the state ends as it is about to.
    fn assigned(
        &self,
        assign: Option<&Template>,
        input: &Value,
        random: &mut dyn Random,
    ) -> Result<Map<String, Value>, Failure> {
        let Some(template) = assign else {
            return Ok(Map::new());
        };
        match self.fill(template, input, random)? {
            Value::Object(values) => Ok(values),
            _ => Err(Failure::runtime(
                "Assign must be an object of variables and their values.",
            )),
        }
    }

    /// What expressions see, with `input` as `$`. What a state assigns is seen by the next one only.
    const fn scope<'a>(&'a self, input: &'a Value) -> Scope<'a> {
        Scope {
            input,
            context: &self.given.context,
            variables: &self.given.variables,
        }
    }

    fn fill(&self, template: &Template, input: &Value, random: &mut dyn Random) -> Result<Value, Failure> {
        template.evaluate(&self.scope(input), random)
    }

    /// A text of a Fail state.
    fn wording(&self, wording: Option<&Wording>, random: &mut dyn Random) -> Result<String, Failure> {
        match wording {
            None => Ok(String::new()),
            Some(Wording::Text(text)) => Ok(text.clone()),
            Some(Wording::Expression(expression)) => {
                match expression.evaluate(&self.scope(&self.given.input), random)? {
                    Value::String(text) => Ok(text),
                    _ => Err(Failure::runtime("ErrorPath and CausePath must give a string.")),
                }
            }
        }
    }
}

/// A Choice state of which no rule matches.
fn no_choice() -> Failure {
    Failure::new(
        failure::NO_CHOICE_MATCHED,
        "No rule of the Choice state matches, and it has no Default.",
    )
}
