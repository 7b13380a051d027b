//! Another state machine as a task: started and left alone, or (`.sync`) waited for.

use std::sync::Arc;
use std::time::Duration;

use selfsame_store::ExecutionStatus;
use selfsame_workflow::Failure;
use selfsame_workflow::definition::Pattern;
use selfsame_workflow::execution::{Outcome, TaskStart};
use selfsame_workflow::failure::TASK_FAILED;
use serde_json::{Value, json};

use super::{INVALID_PARAMETERS, broken};
use crate::workflow::{Job, Start, StartError, arn};

/// How often a child is looked at that is waited for. Ours: it costs one look-up.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// State machines that start each other without end would fill the disk.
const MAX_DEPTH: u64 = 8;
/// Where the depth travels, in the input of the child. AWS puts the starter's id under a similar name.
const DEPTH: &str = "AWS_STEP_FUNCTIONS_STARTED_BY_DEPTH";

pub(super) async fn call(job: &Arc<Job>, start: &TaskStart) -> Result<Value, Failure> {
    let parameters = &start.parameters;
    let named = parameters.get("StateMachineArn").and_then(Value::as_str);
    let name = named.and_then(arn::machine).ok_or_else(|| {
        Failure::new(
            INVALID_PARAMETERS,
            "StateMachineArn must be the ARN of a state machine.",
        )
    })?;
    let machine = job.app.workflows.catalog.find(name).await;
    let machine = machine.map_err(|error| broken(job, &error))?.ok_or_else(|| {
        Failure::new(
            "StepFunctions.StateMachineDoesNotExistException",
            format!("There is no state machine {name}."),
        )
    })?;
    let child_name = parameters.get("Name").and_then(Value::as_str).map(str::to_owned);
    if child_name.as_deref().is_some_and(|name| !arn::is_name(name)) {
        return Err(Failure::new(
            "StepFunctions.InvalidNameException",
            "Name is not a valid name of an execution.",
        ));
    }
    let input = input(job, parameters)?;
    let app = &job.app;
    let started = app.workflows.start(
        app,
        Start {
            machine: Arc::clone(&machine),
            name: child_name,
            input,
            region: job.region.clone(),
            workbench: super::Workbench::default(),
            limit: None,
        },
    );
    let started = started.await.map_err(|error| refused(job, &error))?;
    let answer = json!({
        "ExecutionArn": started.arn,
        "StartDate": started.at.as_millisecond() as f64 / 1000.0,
    });
    match start.resource.pattern() {
        Pattern::Sync => wait(job, &machine.name, &started.arn, start).await,
        _ => Ok(answer),
    }
}

/// The child's input, with how deep it is.
fn input(job: &Job, parameters: &Value) -> Result<Value, Failure> {
    let mut input = match parameters.get("Input") {
        None => json!({}),
        // As at AWS, a text is JSON.
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| {
            Failure::new(
                "StepFunctions.InvalidExecutionInputException",
                "Input is not valid JSON.",
            )
        })?,
        Some(value) => value.clone(),
    };
    let depth = job.depth + 1;
    if depth > MAX_DEPTH {
        return Err(Failure::new(
            "StepFunctions.ExecutionLimitExceededException",
            format!("State machines have started each other {MAX_DEPTH} deep."),
        ));
    }
    if let Some(members) = input.as_object_mut() {
        members.insert(DEPTH.to_owned(), depth.into());
    }
    Ok(input)
}

/// How deep an execution is, by its input.
pub(in crate::workflow) fn depth(input: &Value) -> u64 {
    input.get(DEPTH).and_then(Value::as_u64).unwrap_or(0)
}

fn refused(job: &Job, error: &StartError) -> Failure {
    let (name, cause) = match error {
        StartError::Exists(_) => (
            "StepFunctions.ExecutionAlreadyExistsException",
            "There is an execution of this name already.",
        ),
        StartError::Full => (
            "StepFunctions.ExecutionLimitExceededException",
            "Too many executions run.",
        ),
        StartError::Store(_) | StartError::Interrupted | StartError::NotReady => return broken(job, error),
    };
    Failure::new(name, cause)
}

/// Waits for the end of a child.
async fn wait(job: &Arc<Job>, machine: &str, arn: &str, start: &TaskStart) -> Result<Value, Failure> {
    let Some(child) = arn::execution(arn) else {
        return Err(super::internal());
    };
    let workflows = &job.app.workflows;
    loop {
        if child.express {
            if let Some(ended) = workflows.recent.find(machine, &child.name) {
                let output = match &ended.outcome {
                    Outcome::Succeeded(output) => Ok(output.to_string()),
                    Outcome::Failed(failure) => Err(unsuccessful(arn, "FAILED", Some(failure))),
                    Outcome::TimedOut => Err(unsuccessful(arn, "TIMED_OUT", None)),
                    Outcome::Aborted(failure) => Err(unsuccessful(arn, "ABORTED", Some(failure))),
                };
                return told(arn, output, start);
            }
        } else {
            let record = job.app.store.get_execution(machine, &child.name).await;
            let record = record.map_err(|error| broken(job, &error))?;
            let Some(ending) = record.map(|record| record.ending) else {
                return Err(Failure::new(
                    TASK_FAILED,
                    "The execution that was waited for is gone.",
                ));
            };
            if let Some(ending) = ending {
                let output = match ending.status {
                    ExecutionStatus::Succeeded => Ok(ending.output.unwrap_or_default()),
                    status => {
                        let failure = ending
                            .error
                            .map(|error| Failure::new(error, ending.cause.unwrap_or_default()));
                        Err(unsuccessful(arn, status_name(status), failure.as_ref()))
                    }
                };
                return told(arn, output, start);
            }
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The cause of a task whose execution did not succeed, as Step Functions tells it: a description as JSON.
fn unsuccessful(arn: &str, status: &str, failure: Option<&Failure>) -> String {
    let mut told = json!({ "ExecutionArn": arn, "Status": status });
    if let Some(failure) = failure {
        told["Error"] = failure.error.as_str().into();
        told["Cause"] = failure.cause.as_str().into();
    }
    told.to_string()
}

/// As Step Functions writes it.
const fn status_name(status: ExecutionStatus) -> &'static str {
    match status {
        ExecutionStatus::Running => "RUNNING",
        ExecutionStatus::Succeeded => "SUCCEEDED",
        ExecutionStatus::Failed => "FAILED",
        ExecutionStatus::TimedOut => "TIMED_OUT",
        ExecutionStatus::Aborted => "ABORTED",
    }
}

fn told(arn: &str, output: Result<String, String>, start: &TaskStart) -> Result<Value, Failure> {
    let text = output.map_err(|cause| Failure::new(TASK_FAILED, cause))?;
    // `.sync:2` gives the output as JSON, `.sync` as a text.
    let output = if start.resource.as_str().ends_with(":2") {
        serde_json::from_str(&text).unwrap_or(Value::Null)
    } else {
        Value::String(text)
    };
    Ok(json!({ "ExecutionArn": arn, "Status": "SUCCEEDED", "Output": output }))
}
