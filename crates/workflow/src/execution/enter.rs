//! What each kind of state does, and how one leads to the next.

use serde_json::Value;

use super::branch::Phase;
use super::data::later;
use super::run::Run;
use super::{Detail, Outcome};
use crate::definition::{Choice, Fail, Kind, State, Transition, Wait, Wording};
use crate::{Failure, Template, failure};

/// How a state ends that ends at once.
enum Done {
    /// With an output, on the way that its definition names.
    Output(Value),
    /// With an output, and on to this state.
    To(Value, String),
    /// It waits for something.
    Waits,
}

impl<'m> Run<'m, '_> {
    /// Does what the state of a branch says.
    pub(super) fn execute(&mut self, id: u64) {
        let machine = self.machine;
        let Some(state) = self.branch(id).ok().and_then(|branch| branch.definition(machine)) else {
            self.end(Outcome::Failed(Failure::runtime(
                "The execution is in a state that its definition does not have.",
            )));
            return;
        };
        self.enter(id, state);
        match self.perform(id, state) {
            Ok(Done::Output(output)) => self.leave(id, state, output, None),
            Ok(Done::To(output, next)) => self.leave(id, state, output, Some(&next)),
            Ok(Done::Waits) => {}
            Err(failure) => self.failed(id, state, failure),
        }
    }

    /// Notes that a branch has come to a state, once.
    fn enter(&mut self, id: u64, state: &State) {
        let now = self.moment.now;
        let Ok(branch) = self.branch_mut(id) else {
            return;
        };
        if !matches!(branch.phase, Phase::Ready { entered: false }) {
            return;
        }
        branch.phase = Phase::Ready { entered: true };
        branch.entered = now;
        branch.retries = vec![0; state.retry.len()];
        let (name, input) = (branch.state.clone(), std::mem::take(&mut branch.input));
        let view = self.view(&input);
        let event = self.note(
            id,
            Detail::StateEntered {
                state: state.kind.name().to_owned(),
                name,
                input: view,
            },
        );
        if let Ok(branch) = self.branch_mut(id) {
            branch.input = input;
            branch.entered_event = event;
        }
    }

    fn perform(&mut self, id: u64, state: &'m State) -> Result<Done, Failure> {
        let input = match &state.kind {
            Kind::Fail(_) => Value::Null,
            _ => self.effective_input(id, state)?,
        };
        match &state.kind {
            Kind::Pass { result } => {
                let result = match result {
                    Some(result) => result.clone(),
                    None => self.parameters(id, state, input, None)?,
                };
                self.output(id, state, result).map(Done::Output)
            }
            Kind::Choice(choice) => self.choose(id, state, choice, input),
            Kind::Wait(wait) => self.wait(id, state, wait, input),
            Kind::Succeed => self.pass_on(id, state, None, input).map(Done::Output),
            Kind::Fail(fail) => Err(self.wording(id, state, fail)?),
            Kind::Task(task) => self.start_task(id, state, task, input).map(|()| Done::Waits),
            Kind::Parallel { branches } => self.fork(id, state, branches, input).map(|()| Done::Waits),
            Kind::Map(map) => self.iterate(id, state, map, input).map(|()| Done::Waits),
        }
    }

    fn choose(&mut self, id: u64, state: &State, choice: &Choice, input: Value) -> Result<Done, Failure> {
        let matching = self.evaluate(id, state, &input, None, |scope, _| {
            for branching in &choice.choices {
                if branching.rule.matches(scope)? {
                    return Ok(Some(branching));
                }
            }
            Ok(None)
        })?;
        let (next, assign): (_, Option<&Template>) = match (matching, &choice.default) {
            (Some(branching), _) => (branching.next.clone(), branching.assign.as_ref()),
            (None, Some(default)) => (default.clone(), state.assign.as_ref()),
            (None, None) => {
                return Err(Failure::new(
                    failure::NO_CHOICE_MATCHED,
                    "No rule of the Choice state matches, and it has no Default.",
                ));
            }
        };
        let output = self.pass_on(id, state, assign, input)?;
        Ok(Done::To(output, next))
    }

    fn wait(&mut self, id: u64, state: &State, wait: &Wait, input: Value) -> Result<Done, Failure> {
        let now = self.moment.now;
        let until = match wait {
            Wait::Until(moment) => *moment,
            Wait::For(duration) => later(now, self.seconds(id, state, duration, 0, &input)?),
            Wait::UntilPath(path) => {
                let value = self.select(id, state, path, &input)?;
                let moment = value.as_str().and_then(crate::choice::timestamp);
                moment.ok_or_else(|| {
                    Failure::runtime(format!(
                        "{} must select a moment as 2026-01-31T12:00:00Z.",
                        path.text()
                    ))
                })?
            }
        };
        if until <= now {
            return self.finish_wait(id, state, input).map(Done::Output);
        }
        self.branch_mut(id)?.phase = Phase::Waiting { until };
        Ok(Done::Waits)
    }

    fn finish_wait(&mut self, id: u64, state: &State, input: Value) -> Result<Value, Failure> {
        self.pass_on(id, state, state.assign.as_ref(), input)
    }

    /// The moment of a Wait state has come.
    pub(super) fn waited(&mut self, id: u64) {
        let machine = self.machine;
        let Some(state) = self.branch(id).ok().and_then(|branch| branch.definition(machine)) else {
            return;
        };
        let input = self.effective_input(id, state);
        match input.and_then(|input| self.finish_wait(id, state, input)) {
            Ok(output) => self.leave(id, state, output, None),
            Err(failure) => self.failed(id, state, failure),
        }
    }

    /// The failure that a Fail state is.
    fn wording(&mut self, id: u64, state: &State, fail: &Fail) -> Result<Failure, Failure> {
        let input = self.branch(id)?.input.clone();
        let mut text = |wording: &Option<Wording>| match wording {
            None => Ok(String::new()),
            Some(Wording::Text(text)) => Ok(text.clone()),
            Some(Wording::Expression(expression)) => {
                let value = self.evaluate(id, state, &input, None, |scope, random| {
                    expression.evaluate(scope, random)
                })?;
                match value {
                    Value::String(text) => Ok(text),
                    _ => Err(Failure::runtime("ErrorPath and CausePath must give a string.")),
                }
            }
        };
        Ok(Failure::new(text(&fail.error)?, text(&fail.cause)?))
    }

    /// Ends a state well: notes it, and goes on to what follows.
    pub(super) fn leave(&mut self, id: u64, state: &State, output: Value, next: Option<&str>) {
        let Ok(name) = self.branch(id).map(|branch| branch.state.clone()) else {
            return;
        };
        let view = self.view(&output);
        self.note(
            id,
            Detail::StateExited {
                state: state.kind.name().to_owned(),
                name,
                output: view,
            },
        );
        let next = match (&state.transition, next) {
            (_, Some(next)) => Some(next.to_owned()),
            (Transition::Next(next), None) => Some(next.clone()),
            (Transition::End | Transition::Own, None) => None,
        };
        match next {
            Some(next) => self.go_to(id, next, output),
            None => self.branch_ended(id, output),
        }
    }

    fn go_to(&mut self, id: u64, next: String, input: Value) {
        if let Ok(branch) = self.branch_mut(id) {
            branch.state = next;
            branch.input = input;
            branch.phase = Phase::Ready { entered: false };
            self.enqueue(id);
        }
    }
}
