//! What tasks do: from the `Resource` of a Task state to the code that does the work, in this process or elsewhere. Each
//! worker turns its own errors into names that `Retry` and `Catch` can match.

mod functions;
mod http;
mod nested;
mod rekognition;
mod request;
mod s3;
mod workbench;

use std::collections::BTreeSet;
use std::sync::Arc;

use selfsame_wire::rekognition::OperationName;
use selfsame_workflow::Failure;
use selfsame_workflow::definition::{Pattern, Resource, Resources, StateMachine};
use selfsame_workflow::execution::TaskStart;
use serde_json::Value;

use super::Job;
use super::actions::Action;
use crate::config::WorkflowConfig;

pub(super) use nested::depth;
pub(crate) use request::Clients;
pub(crate) use workbench::Workbench;

/// Who does the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Worker {
    /// An operation of Amazon Rekognition, as on the wire.
    Rekognition(OperationName),
    /// `AnalyzeID` of Amazon Textract.
    AnalyzeId,
    /// `GetObject`
    S3Get,
    /// `PutObject`
    S3Put,
    /// A function behind an HTTP endpoint: the one with this name, or the one that the parameters name.
    Function(Option<String>),
    /// Any HTTP endpoint that the configuration allows.
    Http,
    /// Another state machine.
    Nested,
    /// What AWS has no equivalent of.
    Own(Action),
}

/// Before the part of a resource that names a worker.
const INTEGRATION: &str = "arn:aws:states:::";

impl Worker {
    /// The worker that a resource names, or what to write instead.
    pub(super) fn of(resource: &Resource) -> Result<Self, String> {
        let base = resource.base();
        if let Some(function) = functions::name_in_arn(base) {
            return Ok(Self::Function(Some(function.to_owned())));
        }
        let name = base.strip_prefix(INTEGRATION).ok_or_else(|| {
            format!("{base} is not a resource that can be run here: it begins with {INTEGRATION}, or is the ARN of a Lambda function")
        })?;
        match name.split(':').collect::<Vec<_>>().as_slice() {
            ["aws-sdk", "rekognition", operation] => rekognition::operation(operation).map(Self::Rekognition),
            ["aws-sdk", "textract", "analyzeID"] => Ok(Self::AnalyzeId),
            ["aws-sdk", "s3", "getObject"] => Ok(Self::S3Get),
            ["aws-sdk", "s3", "putObject"] => Ok(Self::S3Put),
            ["aws-sdk", "sfn", "startExecution"] | ["states", "startExecution"] => Ok(Self::Nested),
            ["lambda", "invoke"] => Ok(Self::Function(None)),
            ["http", "invoke"] => Ok(Self::Http),
            ["selfsame", action] => Action::named(action).map(Self::Own),
            ["aws-sdk", service, operation] => Err(format!(
                "{operation} of {service} cannot be called from here: the operations of rekognition that \
                 docs/COMPATIBILITY.md lists can, analyzeID of textract, and getObject and putObject of s3"
            )),
            _ => Err(format!(
                "there is no integration {name}: write aws-sdk:rekognition:…, aws-sdk:textract:analyzeID, aws-sdk:s3:…, lambda:invoke, http:invoke, \
                 states:startExecution or selfsame:…"
            )),
        }
    }

    /// Whether its work can be done twice without harm. After a restart, a task that was interrupted is done again only
    /// then; else it failed, and `Retry` decides.
    fn is_repeatable(&self) -> bool {
        match self {
            Self::Rekognition(operation) => rekognition::is_repeatable(*operation),
            // Enrolment too: the ids of what it enrols follow from the task. And who had an answer needs no other.
            Self::AnalyzeId | Self::S3Get | Self::S3Put | Self::Own(_) => true,
            Self::Function(_) | Self::Http | Self::Nested => false,
        }
    }
}

/// Which resources can be run, for the validator.
#[derive(Debug, Clone, Default)]
pub struct Known {
    functions: BTreeSet<String>,
}

impl Known {
    /// As configured.
    #[must_use]
    pub fn new(config: &WorkflowConfig) -> Self {
        Self {
            functions: config.functions().map(|(name, _)| name.to_owned()).collect(),
        }
    }
}

impl Resources for Known {
    fn check(&self, resource: &Resource) -> Result<(), String> {
        let worker = Worker::of(resource)?;
        match (resource.pattern(), &worker) {
            (Pattern::Sync, Worker::Nested)
            | (Pattern::RequestResponse, _)
            | (Pattern::WaitForTaskToken, Worker::Function(_) | Worker::Http | Worker::Nested) => {}
            (Pattern::Sync, _) => {
                return Err(format!(
                    "only states:startExecution has .sync; remove it from {resource}"
                ));
            }
            (Pattern::WaitForTaskToken, Worker::Own(action)) if action.hands_over_tokens() => {}
            (Pattern::WaitForTaskToken, _) => {
                return Err(format!(
                    "{} hands no token over; use selfsame:review, lambda:invoke, http:invoke or states:startExecution with .waitForTaskToken",
                    resource.base()
                ));
            }
        }
        match worker {
            Worker::Function(Some(name)) if !self.functions.contains(&name) => Err(format!(
                "there is no function {name}: give its address in the setting workflow.functions"
            )),
            Worker::Own(action)
                if action.needs_token() && resource.pattern() != Pattern::WaitForTaskToken =>
            {
                Err(format!(
                    "{resource} waits for an answer: write {resource}.waitForTaskToken"
                ))
            }
            _ => Ok(()),
        }
    }
}

/// What an Express machine must not have: it could not wait long enough.
pub(crate) fn refused_in_express(definition: &StateMachine) -> Option<String> {
    let resources = definition.graph.resources();
    let found = resources
        .iter()
        .find(|(_, resource)| resource.pattern() != Pattern::RequestResponse);
    found.map(|(state, resource)| {
        format!("the state {state} uses {resource}: .sync and .waitForTaskToken need a machine of the type STANDARD")
    })
}

/// Whether the task is the answer to the caller.
pub(super) fn answers_caller(resource: &Resource) -> bool {
    matches!(Worker::of(resource), Ok(Worker::Own(Action::Answer)))
}

/// Whether a task that was interrupted can simply be done again.
pub(super) fn is_repeatable(resource: &Resource) -> bool {
    Worker::of(resource).is_ok_and(|worker| worker.is_repeatable())
}

/// Does the work of a task.
pub(super) async fn call(job: &Arc<Job>, start: TaskStart) -> Result<Value, Failure> {
    let worker = Worker::of(&start.resource)
        .map_err(|problem| Failure::new(selfsame_workflow::failure::PERMISSIONS, problem))?;
    match worker {
        Worker::Rekognition(operation) => rekognition::call(job, operation, &start.parameters).await,
        Worker::AnalyzeId => rekognition::analyze_id(job, &start.parameters).await,
        Worker::S3Get => s3::get(job, &start.parameters).await,
        Worker::S3Put => s3::put(job, &start.parameters).await,
        Worker::Function(name) => functions::call(job, name, &start).await,
        Worker::Http => http::call(job, &start).await,
        Worker::Nested => nested::call(job, &start).await,
        Worker::Own(action) => action.run(job, &start).await,
    }
}

/// Ours, whatever it was: the log has it.
pub(super) fn internal() -> Failure {
    Failure::new(
        INTERNAL,
        "Something went wrong on our side; the server's log has the cause under the execution's id.",
    )
}

/// The same, with the cause for the log.
pub(super) fn broken(job: &Job, error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut cause = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        cause = format!("{cause}: {error}");
        next = error.source();
    }
    tracing::error!(execution = %job.id, machine = %job.machine.name, cause, "a task failed on our side");
    internal()
}

/// The error name of what went wrong on our side.
pub(crate) const INTERNAL: &str = "Selfsame.InternalServerError";
/// No inference thread is free.
pub(crate) const THROTTLED: &str = "Selfsame.ThrottlingException";
/// Parameters that a worker does not understand.
pub(super) const INVALID_PARAMETERS: &str = "Selfsame.InvalidParameters";
