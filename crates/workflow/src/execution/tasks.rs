//! Tasks: starting them, and what happens to them.

use serde_json::Value;

use super::branch::{Phase, Running};
use super::data::later;
use super::run::Run;
use super::{Command, Detail};
use crate::definition::{State, Task};
use crate::{Failure, failure};

impl<'m> Run<'m, '_> {
    /// Has the work of a Task state done.
    pub(super) fn start_task(
        &mut self,
        id: u64,
        state: &State,
        task: &Task,
        input: Value,
    ) -> Result<(), Failure> {
        let number = self.execution.next_task;
        self.execution.next_task += 1;
        let token = (self.moment.token)(number);
        let mut seconds = |duration: &Option<_>| {
            duration
                .as_ref()
                .map(|duration| self.seconds(id, state, duration, 1, &input))
                .transpose()
        };
        let timeout_seconds = seconds(&task.timeout)?;
        let heartbeat_seconds = seconds(&task.heartbeat)?;
        let parameters = self.parameters(id, state, input, Some(token))?;
        let now = self.moment.now;
        let resource = task.resource.as_str().to_owned();
        let view = self.view(&parameters);
        self.note(
            id,
            Detail::TaskScheduled {
                resource: resource.clone(),
                parameters: view,
                timeout_seconds,
                heartbeat_seconds,
            },
        );
        self.note(
            id,
            Detail::TaskStarted {
                resource: resource.clone(),
            },
        );
        let branch = self.branch_mut(id)?;
        branch.phase = Phase::Running(Running {
            task: number,
            resource,
            parameters,
            expires: timeout_seconds.map(|seconds| later(now, seconds)),
            heartbeat_seconds,
            silent_until: heartbeat_seconds.map(|seconds| later(now, seconds)),
            submitted: false,
        });
        let start = branch.task_start();
        self.commands.extend(start.map(Command::Start));
        Ok(())
    }

    /// The branch that waits for a task, and the task.
    fn waiting_for(&mut self, task: u64) -> Option<(u64, &mut Running)> {
        self.execution
            .branches
            .iter_mut()
            .find_map(|(id, branch)| match &mut branch.phase {
                Phase::Running(running) if running.task == task => Some((*id, running)),
                _ => None,
            })
    }

    /// Nobody waits for the task of a branch any more: it has answered, or its time is up.
    fn forget_task(&mut self, id: u64) {
        if let Ok(branch) = self.branch_mut(id) {
            branch.phase = Phase::Ready { entered: true };
        }
    }

    fn state_of(&self, id: u64) -> Option<&'m State> {
        self.branch(id).ok()?.definition(self.machine)
    }

    pub(super) fn task_succeeded(&mut self, task: u64, output: Value) {
        let Some((id, running)) = self.waiting_for(task) else {
            return;
        };
        let resource = running.resource.clone();
        let Some(state) = self.state_of(id) else {
            return;
        };
        let view = self.view(&output);
        self.forget_task(id);
        self.note(
            id,
            Detail::TaskSucceeded {
                resource,
                output: view,
            },
        );
        match self.output(id, state, output) {
            Ok(output) => self.leave(id, state, output, None),
            Err(failure) => self.failed(id, state, failure),
        }
    }

    pub(super) fn task_submitted(&mut self, task: u64, output: &Value) {
        let Some((id, running)) = self.waiting_for(task) else {
            return;
        };
        if running.submitted {
            return;
        }
        running.submitted = true;
        let resource = running.resource.clone();
        let output = self.view(output);
        self.note(id, Detail::TaskSubmitted { resource, output });
    }

    pub(super) fn task_failed(&mut self, task: u64, failure: Failure) {
        let Some((id, running)) = self.waiting_for(task) else {
            return;
        };
        let resource = running.resource.clone();
        let Some(state) = self.state_of(id) else {
            return;
        };
        self.forget_task(id);
        self.note(
            id,
            Detail::TaskFailed {
                resource,
                error: failure.error.clone(),
                cause: failure.cause.clone(),
            },
        );
        self.failed(id, state, failure);
    }

    /// A task took too long, or was silent for too long.
    pub(super) fn task_timed_out(&mut self, id: u64) {
        let now = self.moment.now;
        let Some(state) = self.state_of(id) else {
            return;
        };
        let Ok(Phase::Running(running)) = self.branch(id).map(|branch| &branch.phase) else {
            return;
        };
        let (task, resource) = (running.task, running.resource.clone());
        let failure = if running.expires.is_some_and(|expires| expires <= now) {
            Failure::new(failure::TIMEOUT, "The task took longer than TimeoutSeconds.")
        } else {
            Failure::new(
                failure::HEARTBEAT_TIMEOUT,
                "The task sent no heartbeat within HeartbeatSeconds.",
            )
        };
        self.commands.push(Command::Cancel { task });
        self.forget_task(id);
        self.note(
            id,
            Detail::TaskTimedOut {
                resource,
                error: failure.error.clone(),
                cause: failure.cause.clone(),
            },
        );
        self.failed(id, state, failure);
    }

    pub(super) fn heartbeat(&mut self, task: u64) {
        let now = self.moment.now;
        if let Some((_, running)) = self.waiting_for(task) {
            running.silent_until = running.heartbeat_seconds.map(|seconds| later(now, seconds));
        }
    }
}
