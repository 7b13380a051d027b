//! Events of tasks. AWS tells an integration as type and action ("aws-sdk:rekognition", "detectFaces") and has events of
//! other names for functions that are named by their ARNs.

use selfsame_wire::states::{
    HistoryEvent, HistoryEventType as Type, LambdaFunctionFailedEventDetails,
    LambdaFunctionScheduledEventDetails, LambdaFunctionSucceededEventDetails,
    LambdaFunctionTimedOutEventDetails, TaskFailedEventDetails, TaskScheduledEventDetails,
    TaskStartedEventDetails, TaskSubmittedEventDetails, TaskSucceededEventDetails, TaskTimedOutEventDetails,
};
use selfsame_workflow::execution::Detail;

use super::events::{Shown, told};

/// Before the part of a resource that names an integration.
const INTEGRATION: &str = "arn:aws:states:::";

/// What stands where parameters must stand and are not shown.
const NOTHING: &str = "{}";

/// Which event it is; `None` for one that is not of a task.
pub(super) fn kind(detail: &Detail) -> Option<Type> {
    Some(match detail {
        Detail::TaskScheduled { resource, .. } if is_function(resource) => Type::LambdaFunctionScheduled,
        Detail::TaskScheduled { .. } => Type::TaskScheduled,
        Detail::TaskStarted { resource } if is_function(resource) => Type::LambdaFunctionStarted,
        Detail::TaskStarted { .. } => Type::TaskStarted,
        Detail::TaskSubmitted { .. } => Type::TaskSubmitted,
        Detail::TaskSucceeded { resource, .. } if is_function(resource) => Type::LambdaFunctionSucceeded,
        Detail::TaskSucceeded { .. } => Type::TaskSucceeded,
        Detail::TaskFailed { resource, .. } if is_function(resource) => Type::LambdaFunctionFailed,
        Detail::TaskFailed { .. } => Type::TaskFailed,
        Detail::TaskTimedOut { resource, .. } if is_function(resource) => Type::LambdaFunctionTimedOut,
        Detail::TaskTimedOut { .. } => Type::TaskTimedOut,
        _ => return None,
    })
}

/// Adds the details, if it is an event of a task.
pub(super) fn add(detail: &Detail, event: &mut HistoryEvent, shown: &Shown<'_>) {
    match detail {
        Detail::TaskScheduled { resource, .. }
        | Detail::TaskStarted { resource }
        | Detail::TaskSubmitted { resource, .. }
        | Detail::TaskSucceeded { resource, .. }
        | Detail::TaskFailed { resource, .. }
        | Detail::TaskTimedOut { resource, .. } => {
            if is_function(resource) {
                function(detail, event, shown);
            } else {
                integration(detail, split(resource), event, shown);
            }
        }
        _ => {}
    }
}

/// A function by its ARN, in any partition.
fn is_function(resource: &str) -> bool {
    let mut parts = resource.split(':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("lambda")
}

/// Type and action of an integration.
fn split(resource: &str) -> (String, String) {
    let name = resource.strip_prefix(INTEGRATION).unwrap_or(resource);
    // A service of the SDK has two parts; what follows may have colons of its own (".sync:2").
    let parts = if name.starts_with("aws-sdk:") { 2 } else { 1 };
    let end = name.match_indices(':').nth(parts - 1).map(|(at, _)| at);
    match end {
        Some(end) => (name[..end].to_owned(), name[end + 1..].to_owned()),
        None => (String::new(), name.to_owned()),
    }
}

fn integration(
    detail: &Detail,
    (resource_type, resource): (String, String),
    event: &mut HistoryEvent,
    shown: &Shown<'_>,
) {
    match detail {
        Detail::TaskScheduled {
            parameters,
            timeout_seconds,
            heartbeat_seconds,
            ..
        } => {
            event.task_scheduled_event_details = Some(TaskScheduledEventDetails {
                resource_type,
                resource,
                region: shown.region.to_owned(),
                parameters: shown.data(parameters).unwrap_or_else(|| NOTHING.to_owned()),
                timeout_in_seconds: signed(*timeout_seconds),
                heartbeat_in_seconds: signed(*heartbeat_seconds),
                task_credentials: None,
            });
        }
        Detail::TaskStarted { .. } => {
            event.task_started_event_details = Some(TaskStartedEventDetails {
                resource_type,
                resource,
            });
        }
        Detail::TaskSubmitted { output, .. } => {
            event.task_submitted_event_details = Some(TaskSubmittedEventDetails {
                resource_type,
                resource,
                output: shown.data(output),
                output_details: shown.details(),
            });
        }
        Detail::TaskSucceeded { output, .. } => {
            event.task_succeeded_event_details = Some(TaskSucceededEventDetails {
                resource_type,
                resource,
                output: shown.data(output),
                output_details: shown.details(),
            });
        }
        Detail::TaskFailed { error, cause, .. } => {
            let (error, cause) = told(error, cause);
            event.task_failed_event_details = Some(TaskFailedEventDetails {
                resource_type,
                resource,
                error,
                cause,
            });
        }
        Detail::TaskTimedOut { error, cause, .. } => {
            let (error, cause) = told(error, cause);
            event.task_timed_out_event_details = Some(TaskTimedOutEventDetails {
                resource_type,
                resource,
                error,
                cause,
            });
        }
        _ => {}
    }
}

fn function(detail: &Detail, event: &mut HistoryEvent, shown: &Shown<'_>) {
    match detail {
        Detail::TaskScheduled {
            resource,
            parameters,
            timeout_seconds,
            ..
        } => {
            event.lambda_function_scheduled_event_details = Some(LambdaFunctionScheduledEventDetails {
                resource: resource.clone(),
                input: shown.data(parameters),
                input_details: shown.details(),
                timeout_in_seconds: signed(*timeout_seconds),
                task_credentials: None,
            });
        }
        Detail::TaskSucceeded { output, .. } => {
            event.lambda_function_succeeded_event_details = Some(LambdaFunctionSucceededEventDetails {
                output: shown.data(output),
                output_details: shown.details(),
            });
        }
        Detail::TaskFailed { error, cause, .. } => {
            let (error, cause) = told(error, cause);
            event.lambda_function_failed_event_details =
                Some(LambdaFunctionFailedEventDetails { error, cause });
        }
        Detail::TaskTimedOut { error, cause, .. } => {
            let (error, cause) = told(error, cause);
            event.lambda_function_timed_out_event_details =
                Some(LambdaFunctionTimedOutEventDetails { error, cause });
        }
        _ => {}
    }
}

fn signed(seconds: Option<u64>) -> Option<i64> {
    seconds.and_then(|seconds| i64::try_from(seconds).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_split_as_at_aws() {
        for (resource, expected) in [
            (
                "arn:aws:states:::aws-sdk:rekognition:detectFaces",
                ("aws-sdk:rekognition", "detectFaces"),
            ),
            ("arn:aws:states:::http:invoke", ("http", "invoke")),
            (
                "arn:aws:states:::lambda:invoke.waitForTaskToken",
                ("lambda", "invoke.waitForTaskToken"),
            ),
            (
                "arn:aws:states:::states:startExecution.sync:2",
                ("states", "startExecution.sync:2"),
            ),
            ("arn:aws:states:::selfsame:enrolUser", ("selfsame", "enrolUser")),
            ("nothing", ("", "nothing")),
        ] {
            let (kind, action) = split(resource);
            assert_eq!((kind.as_str(), action.as_str()), expected);
        }
    }
}
