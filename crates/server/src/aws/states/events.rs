//! From a line of a history to the event that `GetExecutionHistory` shows.

use selfsame_wire::states::{
    ExecutionAbortedEventDetails, ExecutionFailedEventDetails, ExecutionStartedEventDetails,
    ExecutionSucceededEventDetails, ExecutionTimedOutEventDetails, HistoryEvent,
    HistoryEventExecutionDataDetails, HistoryEventType as Type, MapIterationEventDetails,
    MapStateStartedEventDetails, StateEnteredEventDetails, StateExitedEventDetails,
};
use selfsame_workflow::execution::{Detail, HistoryEvent as Line};
use serde_json::Value;

use super::payload::{moment, some};
use super::task_events;

/// How a history is shown.
pub(super) struct Shown<'a> {
    /// The region that the caller signed for.
    pub(super) region: &'a str,
    /// The role of the state machine, if that is still there.
    pub(super) role_arn: Option<&'a str>,
    /// Whether inputs and outputs are shown.
    pub(super) data: bool,
}

/// A value as a text, if values are shown.
pub(super) type Data = Option<String>;

impl Shown<'_> {
    pub(super) fn data(&self, value: &Value) -> Data {
        self.data.then(|| value.to_string())
    }

    /// Says of what is shown that it is whole.
    pub(super) fn details(&self) -> Option<HistoryEventExecutionDataDetails> {
        self.data.then_some(HistoryEventExecutionDataDetails {
            truncated: Some(false),
        })
    }
}

/// The event of a line; `None` for a line that a later version has written.
pub(super) fn event(line: &Line, shown: &Shown<'_>) -> Option<HistoryEvent> {
    let mut event = bare(line, kind(&line.detail)?);
    match &line.detail {
        Detail::StateEntered { name, input, .. } => {
            event.state_entered_event_details = Some(StateEnteredEventDetails {
                name: name.clone(),
                input: shown.data(input),
                input_details: shown.details(),
            });
        }
        Detail::StateExited { name, output, .. } => {
            event.state_exited_event_details = Some(StateExitedEventDetails {
                name: name.clone(),
                output: shown.data(output),
                output_details: shown.details(),
                assigned_variables: None,
                assigned_variables_details: None,
            });
        }
        Detail::MapStateStarted { length } => {
            event.map_state_started_event_details = Some(MapStateStartedEventDetails {
                length: i32::try_from(*length).ok(),
            });
        }
        Detail::MapIterationStarted { name, index } => {
            event.map_iteration_started_event_details = Some(iteration(name, *index));
        }
        Detail::MapIterationSucceeded { name, index } => {
            event.map_iteration_succeeded_event_details = Some(iteration(name, *index));
        }
        Detail::MapIterationFailed { name, index } => {
            event.map_iteration_failed_event_details = Some(iteration(name, *index));
        }
        Detail::MapIterationAborted { name, index } => {
            event.map_iteration_aborted_event_details = Some(iteration(name, *index));
        }
        detail => {
            execution(detail, &mut event, shown);
            task_events::add(detail, &mut event, shown);
        }
    }
    Some(event)
}

/// The beginning and the end of an execution.
fn execution(detail: &Detail, event: &mut HistoryEvent, shown: &Shown<'_>) {
    match detail {
        Detail::ExecutionStarted { input } => {
            event.execution_started_event_details = Some(ExecutionStartedEventDetails {
                input: shown.data(input),
                input_details: shown.details(),
                role_arn: shown.role_arn.map(str::to_owned),
                state_machine_alias_arn: None,
                state_machine_version_arn: None,
            });
        }
        Detail::ExecutionSucceeded { output } => {
            event.execution_succeeded_event_details = Some(ExecutionSucceededEventDetails {
                output: shown.data(output),
                output_details: shown.details(),
            });
        }
        Detail::ExecutionFailed { error, cause } => {
            let (error, cause) = told(error, cause);
            event.execution_failed_event_details = Some(ExecutionFailedEventDetails { error, cause });
        }
        Detail::ExecutionAborted { error, cause } => {
            let (error, cause) = told(error, cause);
            event.execution_aborted_event_details = Some(ExecutionAbortedEventDetails { error, cause });
        }
        Detail::ExecutionTimedOut => {
            event.execution_timed_out_event_details = Some(ExecutionTimedOutEventDetails::default());
        }
        _ => {}
    }
}

/// What is empty is not told.
pub(super) fn told(error: &str, cause: &str) -> (Option<String>, Option<String>) {
    (some(error.to_owned()), some(cause.to_owned()))
}

fn iteration(name: &str, index: usize) -> MapIterationEventDetails {
    MapIterationEventDetails {
        name: Some(name.to_owned()),
        index: i32::try_from(index).ok(),
    }
}

fn kind(detail: &Detail) -> Option<Type> {
    Some(match detail {
        Detail::ExecutionStarted { .. } => Type::ExecutionStarted,
        Detail::ExecutionSucceeded { .. } => Type::ExecutionSucceeded,
        Detail::ExecutionFailed { .. } => Type::ExecutionFailed,
        Detail::ExecutionTimedOut => Type::ExecutionTimedOut,
        Detail::ExecutionAborted { .. } => Type::ExecutionAborted,
        Detail::StateEntered { state, .. } => Type::from_text(&format!("{state}StateEntered"))?,
        Detail::StateExited { state, .. } => Type::from_text(&format!("{state}StateExited"))?,
        Detail::ParallelStateStarted => Type::ParallelStateStarted,
        Detail::ParallelStateSucceeded => Type::ParallelStateSucceeded,
        Detail::ParallelStateFailed { .. } => Type::ParallelStateFailed,
        Detail::MapStateStarted { .. } => Type::MapStateStarted,
        Detail::MapStateSucceeded => Type::MapStateSucceeded,
        Detail::MapStateFailed { .. } => Type::MapStateFailed,
        Detail::MapIterationStarted { .. } => Type::MapIterationStarted,
        Detail::MapIterationSucceeded { .. } => Type::MapIterationSucceeded,
        Detail::MapIterationFailed { .. } => Type::MapIterationFailed,
        Detail::MapIterationAborted { .. } => Type::MapIterationAborted,
        task => task_events::kind(task)?,
    })
}

/// An event without details.
fn bare(line: &Line, kind: Type) -> HistoryEvent {
    HistoryEvent {
        timestamp: moment(line.at),
        r#type: kind,
        id: i64::try_from(line.id).unwrap_or(i64::MAX),
        previous_event_id: i64::try_from(line.previous).ok(),
        activity_failed_event_details: None,
        activity_schedule_failed_event_details: None,
        activity_scheduled_event_details: None,
        activity_started_event_details: None,
        activity_succeeded_event_details: None,
        activity_timed_out_event_details: None,
        task_failed_event_details: None,
        task_scheduled_event_details: None,
        task_start_failed_event_details: None,
        task_started_event_details: None,
        task_submit_failed_event_details: None,
        task_submitted_event_details: None,
        task_succeeded_event_details: None,
        task_timed_out_event_details: None,
        execution_failed_event_details: None,
        execution_started_event_details: None,
        execution_succeeded_event_details: None,
        execution_aborted_event_details: None,
        execution_timed_out_event_details: None,
        execution_redriven_event_details: None,
        map_state_started_event_details: None,
        map_iteration_started_event_details: None,
        map_iteration_succeeded_event_details: None,
        map_iteration_failed_event_details: None,
        map_iteration_aborted_event_details: None,
        lambda_function_failed_event_details: None,
        lambda_function_schedule_failed_event_details: None,
        lambda_function_scheduled_event_details: None,
        lambda_function_start_failed_event_details: None,
        lambda_function_succeeded_event_details: None,
        lambda_function_timed_out_event_details: None,
        state_entered_event_details: None,
        state_exited_event_details: None,
        map_run_started_event_details: None,
        map_run_failed_event_details: None,
        map_run_redriven_event_details: None,
        evaluation_failed_event_details: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DETECT: &str = "arn:aws:states:::aws-sdk:rekognition:detectFaces";
    const FUNCTION: &str = "arn:aws:lambda:eu-central-1:000000000000:function:fraud";

    fn shown(detail: &Value, data: bool) -> Value {
        let mut line = json!({ "id": 4, "previous": 3, "at": "2026-11-23T10:00:00.25Z" });
        line.as_object_mut()
            .unwrap()
            .extend(detail.as_object().unwrap().clone());
        let line: Line = serde_json::from_value(line).unwrap();
        let shown = Shown {
            region: "eu-central-1",
            role_arn: Some("arn:aws:iam::000000000000:role/selfsame"),
            data,
        };
        serde_json::to_value(event(&line, &shown).unwrap()).unwrap()
    }

    #[test]
    fn every_event_has_its_details() {
        let data = json!({ "a": 1 });
        let failure = |kind: &str| json!({ "type": kind, "error": "E", "cause": "because" });
        let task = |kind: &str, resource: &str| {
            json!({
                "type": kind, "resource": resource, "parameters": data, "output": data, "error": "E", "cause": "because",
                "timeout_seconds": 30, "heartbeat_seconds": 10,
            })
        };
        let iteration = |kind: &str| json!({ "type": kind, "name": "Each", "index": 2 });
        let mut lines = vec![
            json!({ "type": "ExecutionStarted", "input": data }),
            json!({ "type": "ExecutionSucceeded", "output": data }),
            failure("ExecutionFailed"),
            json!({ "type": "ExecutionTimedOut" }),
            failure("ExecutionAborted"),
            json!({ "type": "StateEntered", "state": "Choice", "name": "Good?", "input": data }),
            json!({ "type": "StateExited", "state": "Map", "name": "Each", "output": data }),
            json!({ "type": "ParallelStateStarted" }),
            json!({ "type": "ParallelStateSucceeded" }),
            failure("ParallelStateFailed"),
            json!({ "type": "MapStateStarted", "length": 3 }),
            json!({ "type": "MapStateSucceeded" }),
            failure("MapStateFailed"),
        ];
        lines.extend(
            [
                "MapIterationStarted",
                "MapIterationSucceeded",
                "MapIterationFailed",
                "MapIterationAborted",
            ]
            .map(iteration),
        );
        let tasks = [
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskFailed",
            "TaskTimedOut",
        ];
        lines.extend(tasks.map(|kind| task(kind, DETECT)));
        lines.push(task(
            "TaskSubmitted",
            "arn:aws:states:::selfsame:review.waitForTaskToken",
        ));
        lines.extend(tasks.map(|kind| task(kind, FUNCTION)));
        let events: Vec<String> = lines
            .into_iter()
            .map(|line| shown(&line, true).to_string())
            .collect();
        insta::assert_snapshot!(events.join("\n"));
    }

    #[test]
    fn every_kind_of_state_has_its_events() {
        for state in ["Task", "Choice", "Pass", "Wait", "Succeed", "Parallel", "Map"] {
            for (kind, suffix) in [("StateEntered", "StateEntered"), ("StateExited", "StateExited")] {
                let line = json!({ "type": kind, "state": state, "name": "S", "input": 1, "output": 1 });
                assert_eq!(shown(&line, true)["type"], format!("{state}{suffix}"));
            }
        }
        let line = json!({ "type": "StateEntered", "state": "Fail", "name": "S", "input": 1 });
        assert_eq!(shown(&line, true)["type"], "FailStateEntered");
    }

    #[test]
    fn data_can_be_left_out() {
        for (line, details) in [
            (
                json!({ "type": "ExecutionStarted", "input": "secret" }),
                "executionStartedEventDetails",
            ),
            (
                json!({ "type": "StateEntered", "state": "Pass", "name": "S", "input": "secret" }),
                "stateEnteredEventDetails",
            ),
            (
                json!({ "type": "TaskScheduled", "resource": DETECT, "parameters": "secret", "timeout_seconds": null, "heartbeat_seconds": null }),
                "taskScheduledEventDetails",
            ),
            (
                json!({ "type": "TaskSucceeded", "resource": FUNCTION, "output": "secret" }),
                "lambdaFunctionSucceededEventDetails",
            ),
        ] {
            let event = shown(&line, false);
            assert!(!event.to_string().contains("secret"), "{event}");
            assert!(!event[details].is_null(), "{event}");
            assert!(shown(&line, true).to_string().contains("secret"));
        }
    }
}
