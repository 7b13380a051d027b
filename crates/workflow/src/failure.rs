//! How a state fails: a name that `Retry` and `Catch` match, and a cause for people.

use serde::{Deserialize, Serialize};

/// A failed state, task or execution. Names that begin with `States.` are the language's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{error}: {cause}")]
pub struct Failure {
    /// The error name.
    pub error: String,
    /// Why, for people.
    pub cause: String,
}

impl Failure {
    /// A failure with a name of one's own, or one of those below.
    #[must_use]
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
        }
    }

    /// Something could not be processed: paths that select nothing, data of the wrong type. Not retriable.
    #[must_use]
    pub fn runtime(cause: impl Into<String>) -> Self {
        Self::new(RUNTIME, cause)
    }
}

/// Matches every error name but [`RUNTIME`] and [`DATA_LIMIT`].
pub const ALL: &str = "States.ALL";
/// A state failed to process its data, and would do so again.
pub const RUNTIME: &str = "States.Runtime";
/// A payload is larger than the limit.
pub const DATA_LIMIT: &str = "States.DataLimitExceeded";
/// A task ran out of time.
pub const TIMEOUT: &str = "States.Timeout";
/// A task sent no heartbeat in time.
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// Matches every failure of a task but a timeout.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A branch of a Parallel state failed.
pub const BRANCH_FAILED: &str = "States.BranchFailed";
/// No rule of a Choice state matched, and there is no default.
pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// An intrinsic function failed.
pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";
/// `ResultPath` cannot be applied to the input.
pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// A path in a payload template selects nothing.
pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
/// A Map state tolerated fewer failures than there were.
pub const EXCEED_TOLERATED_FAILURE_THRESHOLD: &str = "States.ExceedToleratedFailureThreshold";
/// The server has no right, or no way, to run a task.
pub const PERMISSIONS: &str = "States.Permissions";
/// A `JSONata` expression failed.
pub const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";
