//! The answer of a flow, in the form in which Step Functions answers `StartSyncExecution`: HTTP 200 whether the flow
//! said yes or no. `input` repeats the request without the photo: biometric data is never sent back.

use jiff::Timestamp;
use selfsame_workflow::execution::Outcome;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::workflow::{Ended, arn};

/// Step Functions bills in steps of 100 ms; clients show the field, we bill nothing.
const BILLING_STEP_MS: u64 = 100;
/// The smallest amount that Step Functions bills, for the same reason.
pub(crate) const BILLED_MEMORY_MB: u32 = 64;

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
    error: Option<String>,
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
    /// The answer of an execution. `input` repeats what was asked, without the photo.
    pub(crate) fn new(ended: &Ended, input: &Value) -> Self {
        let (status, output, failure) = match &ended.outcome {
            Outcome::Succeeded(output) => (Status::Succeeded, Some(output.to_string()), None),
            Outcome::Failed(failure) | Outcome::Aborted(failure) => (Status::Failed, None, Some(failure)),
            Outcome::TimedOut => (Status::TimedOut, None, None),
        };
        let region = ended.arn.split(':').nth(3).unwrap_or_default();
        Self {
            execution_arn: ended.arn.clone(),
            state_machine_arn: arn::of_machine(region, &ended.machine.name),
            name: ended.name.clone(),
            start_date: seconds(ended.started),
            stop_date: seconds(ended.stopped),
            status,
            input: input.to_string(),
            output,
            error: failure.map(|failure| failure.error.clone()),
            cause: failure.map(|failure| failure.cause.clone()),
            billing_details: BillingDetails {
                billed_duration_in_milliseconds: billed_ms(ended),
                billed_memory_used_in_mb: BILLED_MEMORY_MB,
            },
        }
    }
}

/// The duration, rounded up to what is billed elsewhere.
pub(crate) fn billed_ms(ended: &Ended) -> u64 {
    let duration = ended.stopped.duration_since(ended.started);
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or_default();
    milliseconds.max(1).next_multiple_of(BILLING_STEP_MS)
}

/// Seconds since 1970 with milliseconds, as AWS writes times.
pub(crate) fn seconds(moment: Timestamp) -> f64 {
    moment.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use selfsame_workflow::Failure;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use selfsame_store::MachineKind;

    use crate::workflow::testbed::machine;

    fn wrapped(outcome: Outcome) -> Envelope {
        let started: Timestamp = "2026-11-23T10:00:00.25Z".parse().unwrap();
        let id = Uuid::from_u128(7);
        let input = json!({"UserId": "ada", "Properties": {"name": "O'Brien"}});
        let ended = Ended {
            id,
            arn: arn::of_express("local", "Register", &id.to_string(), id),
            name: id.to_string(),
            machine: machine(
                "Register",
                MachineKind::Express,
                r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#,
            ),
            subject: Some("ada".to_owned()),
            input: Value::Null,
            started,
            stopped: started + std::time::Duration::from_millis(123),
            outcome,
            events: Vec::new(),
        };
        Envelope::new(&ended, &input)
    }

    #[test]
    fn yes() {
        insta::assert_json_snapshot!(wrapped(Outcome::Succeeded(
            json!({"UserId": "ada", "Status": "Registered"})
        )));
    }

    #[test]
    fn no() {
        insta::assert_json_snapshot!(wrapped(Outcome::Failed(Failure::new(
            "UserAlreadyExists",
            "because"
        ))));
    }

    #[test]
    fn too_late() {
        insta::assert_json_snapshot!(wrapped(Outcome::TimedOut));
    }
}
