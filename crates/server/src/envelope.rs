//! The answer of a flow, in the form in which Step Functions answers `StartSyncExecution`: HTTP 200 whether the flow
//! said yes or no. `input` repeats the request without the photo: biometric data is never sent back.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Step Functions bills in steps of 100 ms; clients show the field, we bill nothing.
const BILLING_STEP_MS: u64 = 100;
/// The smallest amount that Step Functions bills, for the same reason.
const BILLED_MEMORY_MB: u32 = 64;
/// There are no accounts here, and `local` is no region of anybody's.
const PREFIX: &str = "arn:aws:states:local:000000000000";

/// How a flow ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    /// Yes, with this output.
    Succeeded(Value),
    /// No, with the error's name and what to do.
    Failed {
        /// A name that clients know.
        error: &'static str,
        /// Why, and what to do.
        cause: String,
    },
    /// It took too long; nothing was stored.
    TimedOut,
}

/// What is known of one execution.
#[derive(Debug, Clone)]
pub(crate) struct Execution {
    /// The flow ("Register").
    pub(crate) flow: &'static str,
    /// The execution's id.
    pub(crate) id: Uuid,
    /// The request without the photo.
    pub(crate) input: Value,
    /// When it began.
    pub(crate) started: Timestamp,
    /// When it ended.
    pub(crate) stopped: Timestamp,
}

/// `SUCCEEDED`, `FAILED` or `TIMED_OUT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Succeeded,
    Failed,
    TimedOut,
}

/// How a flow ended. HTTP 200 also where it failed: look at `status`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    /// Names this execution; the server's log has it too.
    #[schema(example = "arn:aws:states:local:000000000000:express:Register:4ba9…:4ba9…")]
    execution_arn: String,
    /// Names the flow.
    #[schema(example = "arn:aws:states:local:000000000000:stateMachine:Register")]
    state_machine_arn: String,
    /// The execution's name.
    name: String,
    /// When it began, in seconds since 1970.
    start_date: f64,
    /// When it ended, in seconds since 1970.
    stop_date: f64,
    /// How it ended.
    status: Status,
    /// The request as a JSON text, without the photo.
    input: String,
    /// The result as a JSON text, where the flow succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "{\"UserId\":\"ada\",\"Status\":\"Verified\"}")]
    output: Option<String>,
    /// The error's name, where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UserAccessDenied")]
    error: Option<&'static str>,
    /// Why, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// For clients that show it; nothing is billed.
    billing_details: BillingDetails,
}

/// For clients that show it; nothing is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BillingDetails {
    /// The flow's duration, rounded up.
    billed_duration_in_milliseconds: u64,
    /// The smallest amount.
    #[serde(rename = "billedMemoryUsedInMB")]
    billed_memory_used_in_mb: u32,
}

impl Envelope {
    /// Wraps the ending of an execution.
    pub(crate) fn new(execution: &Execution, ending: Ending) -> Self {
        let Execution { flow, id, .. } = execution;
        let (status, output, error, cause) = match ending {
            Ending::Succeeded(output) => (Status::Succeeded, Some(output.to_string()), None, None),
            Ending::Failed { error, cause } => (Status::Failed, None, Some(error), Some(cause)),
            Ending::TimedOut => (Status::TimedOut, None, None, None),
        };
        let duration = execution.stopped.duration_since(execution.started);
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or_default();
        Self {
            execution_arn: format!("{PREFIX}:express:{flow}:{id}:{id}"),
            state_machine_arn: format!("{PREFIX}:stateMachine:{flow}"),
            name: id.to_string(),
            start_date: seconds(execution.started),
            stop_date: seconds(execution.stopped),
            status,
            input: execution.input.to_string(),
            output,
            error,
            cause,
            billing_details: BillingDetails {
                billed_duration_in_milliseconds: milliseconds.max(1).next_multiple_of(BILLING_STEP_MS),
                billed_memory_used_in_mb: BILLED_MEMORY_MB,
            },
        }
    }
}

/// Seconds since 1970 with milliseconds, as AWS writes times.
pub(crate) fn seconds(moment: Timestamp) -> f64 {
    moment.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrapped(ending: Ending) -> Envelope {
        let started: Timestamp = "2026-11-23T10:00:00.25Z".parse().unwrap();
        let execution = Execution {
            flow: "Register",
            id: Uuid::from_u128(7),
            input: json!({"UserId": "ada", "Properties": {"name": "O'Brien"}}),
            started,
            stopped: started + std::time::Duration::from_millis(123),
        };
        Envelope::new(&execution, ending)
    }

    #[test]
    fn yes() {
        insta::assert_json_snapshot!(wrapped(Ending::Succeeded(
            json!({"UserId": "ada", "Status": "Registered"})
        )));
    }

    #[test]
    fn no() {
        insta::assert_json_snapshot!(wrapped(Ending::Failed {
            error: "UserAlreadyExists",
            cause: "because".to_owned()
        }));
    }

    #[test]
    fn too_late() {
        insta::assert_json_snapshot!(wrapped(Ending::TimedOut));
    }
}
