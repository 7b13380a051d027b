//! News for the application: an execution failed whose caller had been answered already. Delivered by a state machine of
//! its own, so that it is tried again, also after a restart.

use std::sync::Arc;

use selfsame_workflow::execution::Outcome;
use serde_json::{Value, json};

use super::flows::WEBHOOK;
use super::recent::Ended;
use super::workers::Workbench;
use super::{Start, arn};
use crate::app::App;

/// Starts the delivery, if there is somebody to tell.
pub(super) fn announce(app: &Arc<App>, ended: &Ended) {
    if app.clients.config().webhook_url.is_none() {
        return;
    }
    let Some(machine) = app.workflows.catalog.flow(WEBHOOK) else {
        return;
    };
    let start = Start {
        machine,
        name: Some(ended.id.to_string()),
        input: event(ended),
        region: region(&ended.arn).to_owned(),
        workbench: Workbench::default(),
        limit: None,
    };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if let Err(error) = app.workflows.start(&app, start).await {
            tracing::error!(%error, "the webhook could not be started");
        }
    });
}

/// What the application is told: whom it is about and why, no data.
fn event(ended: &Ended) -> Value {
    let (status, error, cause) = match &ended.outcome {
        Outcome::Succeeded(_) => ("SUCCEEDED", None, None),
        Outcome::Failed(failure) => ("FAILED", Some(&failure.error), Some(&failure.cause)),
        Outcome::Aborted(failure) => ("ABORTED", Some(&failure.error), Some(&failure.cause)),
        Outcome::TimedOut => ("TIMED_OUT", None, None),
    };
    json!({
        "Type": "ExecutionFailedLate",
        "ExecutionArn": ended.arn,
        "StateMachine": ended.machine.name,
        "UserId": ended.subject,
        "Status": status,
        "Error": error,
        "Cause": cause,
        "StartDate": ended.started.to_string(),
        "StopDate": ended.stopped.to_string(),
    })
}

/// The region in an ARN of ours.
fn region(text: &str) -> &str {
    debug_assert!(arn::execution(text).is_some(), "{text}");
    text.split(':').nth(3).unwrap_or("us-east-1")
}
