//! The context object, `$$`.

use serde_json::{Map, Value, json};

use super::Execution;
use super::branch::Branch;
use crate::definition::ContextNeed;

/// The [context object](https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html) as a state
/// of a branch sees it, as far as the state needs it. `token` is there while a task waits for it.
pub(super) fn context(
    execution: &Execution,
    branch: &Branch,
    need: ContextNeed,
    token: Option<String>,
) -> Value {
    if need == ContextNeed::Nothing {
        return Value::Object(Map::new());
    }
    let identity = &execution.identity;
    let mut context = json!({
        "Execution": {
            "Id": identity.id,
            "Name": identity.name,
            "RoleArn": identity.role_arn,
            "StartTime": moment(execution.started),
            "RedriveCount": 0,
        },
        "StateMachine": { "Id": identity.machine_id, "Name": identity.machine_name },
        "State": {
            "Name": branch.state,
            "EnteredTime": moment(branch.entered),
            "RetryCount": branch.retry_count(),
        },
    });
    if need == ContextNeed::Everything {
        context["Execution"]["Input"] = execution.input.clone();
    }
    if let Some(item) = &branch.item {
        context["Map"] = json!({ "Item": { "Index": item.index, "Value": item.value } });
    }
    if let Some(token) = token {
        context["Task"] = json!({ "Token": token });
    }
    context
}

/// With milliseconds, as AWS writes moments.
fn moment(moment: jiff::Timestamp) -> String {
    format!("{moment:.3}")
}
