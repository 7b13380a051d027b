//! What follows a failure: another attempt, a catcher, or the end of the branch and perhaps of everything.

use serde_json::Value;

use super::branch::Phase;
use super::data::{error_output, later};
use super::run::Run;
use super::{Detail, Outcome};
use crate::definition::{Catcher, Jitter, Kind, Retrier, State};
use crate::{Failure, failure};

impl Run<'_, '_> {
    /// A state failed.
    pub(super) fn failed(&mut self, id: u64, state: &State, failure: Failure) {
        if matches!(
            self.branch(id).map(|branch| &branch.phase),
            Ok(Phase::Children(_))
        ) {
            self.abandon_children(id);
        }
        let failure = self.explained(id, failure);
        if self.retried(id, state, &failure) {
            return;
        }
        let kind = state.kind.name();
        let catcher = state
            .catch
            .iter()
            .find(|catcher| catcher.errors.mean(&failure, kind));
        let failure = match catcher {
            None => failure,
            Some(catcher) => match self.caught(id, state, catcher, &failure) {
                Ok(output) => {
                    let next = catcher.next.clone();
                    self.leave(id, state, output, Some(&next));
                    return;
                }
                Err(worse) => self.explained(id, worse),
            },
        };
        self.branch_failed(id, failure);
    }

    /// Tries again after a pause, if a retrier says so.
    fn retried(&mut self, id: u64, state: &State, failure: &Failure) -> bool {
        let kind = state.kind.name();
        let found = state
            .retry
            .iter()
            .position(|retrier| retrier.errors.mean(failure, kind));
        let Some((index, retrier)) = found.and_then(|index| Some((index, state.retry.get(index)?))) else {
            return false;
        };
        let random = self.moment.random.next_u64();
        let now = self.moment.now;
        let Ok(branch) = self.branch_mut(id) else {
            return false;
        };
        let Some(used) = branch.retries.get_mut(index) else {
            return false;
        };
        if *used >= retrier.max_attempts {
            return false;
        }
        let seconds = pause(retrier, *used, random);
        *used += 1;
        let pause = jiff::SignedDuration::try_from_secs_f64(seconds).unwrap_or(jiff::SignedDuration::MAX);
        branch.phase = Phase::Pausing {
            until: now.checked_add(pause).unwrap_or_else(|_| later(now, u64::MAX)),
        };
        true
    }

    fn caught(
        &mut self,
        id: u64,
        state: &State,
        catcher: &Catcher,
        failure: &Failure,
    ) -> Result<Value, Failure> {
        let error = error_output(failure);
        let assigned = self.assigned(id, state, catcher.assign.as_ref(), &error)?;
        let raw = self.branch(id)?.input.clone();
        let output = match &catcher.result_path {
            None => raw,
            Some(path) => path.put(raw, error)?,
        };
        self.limit(&output)?;
        self.assign(id, assigned)?;
        Ok(output)
    }

    /// The language's own failures say where they happened, as at AWS.
    fn explained(&self, id: u64, failure: Failure) -> Failure {
        let ours = matches!(
            failure.error.as_str(),
            failure::RUNTIME
                | failure::DATA_LIMIT
                | failure::PARAMETER_PATH_FAILURE
                | failure::INTRINSIC_FAILURE
                | failure::RESULT_PATH_MATCH_FAILURE
                | failure::NO_CHOICE_MATCHED
        );
        let Some(branch) = self.branch(id).ok().filter(|_| ours) else {
            return failure;
        };
        let prefix = "An error occurred while executing the state '";
        if failure.cause.starts_with(prefix) {
            return failure;
        }
        Failure {
            cause: format!(
                "{prefix}{}' (entered at the event id #{}). {}",
                branch.state, branch.entered_event, failure.cause
            ),
            error: failure.error,
        }
    }

    /// A branch is at its end: its parent decides what that means.
    fn branch_failed(&mut self, id: u64, failure: Failure) {
        let machine = self.machine;
        let Some(parent) = self.branch(id).ok().and_then(|branch| branch.parent) else {
            self.end(Outcome::Failed(failure));
            return;
        };
        let Some(state) = self
            .branch(parent.branch)
            .ok()
            .and_then(|branch| branch.definition(machine))
        else {
            return;
        };
        if let Kind::Map(_) = &state.kind {
            self.iteration_failed(id, parent, state, failure);
            return;
        }
        self.follow(parent.branch, id);
        self.abandon_children(parent.branch);
        self.note(
            parent.branch,
            Detail::ParallelStateFailed {
                error: failure.error.clone(),
                cause: failure.cause.clone(),
            },
        );
        self.failed(parent.branch, state, failure);
    }
}

/// The pause before attempt number `used + 1`: `IntervalSeconds · BackoffRate^used`, at most `MaxDelaySeconds`, with full
/// jitter anything from 0 to that.
pub(super) fn pause(retrier: &Retrier, used: u64, random: u64) -> f64 {
    let exponent = i32::try_from(used).unwrap_or(i32::MAX);
    let grown = retrier.interval_seconds as f64 * retrier.backoff_rate.powi(exponent);
    let longest = retrier
        .max_delay_seconds
        .map_or(f64::MAX, |seconds| seconds as f64);
    let full = grown.min(longest);
    match retrier.jitter {
        Jitter::None => full,
        // 53 random bits are a fraction in [0, 1).
        Jitter::Full => full * ((random >> 11) as f64 / (1_u64 << 53) as f64),
    }
}
