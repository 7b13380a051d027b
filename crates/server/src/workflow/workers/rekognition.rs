//! Operations of Amazon Rekognition, and `AnalyzeID` of Amazon Textract, called as a client would call them, by the same
//! code.

use std::sync::Arc;

use selfsame_wire::ErrorCode;
use selfsame_wire::rekognition::OperationName;
use selfsame_workflow::Failure;
use serde_json::Value;

use crate::access::Caller;
use crate::aws;
use crate::workflow::Job;

/// The operation that a resource calls `detectFaces`.
pub(super) fn operation(name: &str) -> Result<OperationName, String> {
    let mut letters = name.chars();
    let first = letters.next().filter(char::is_ascii_lowercase);
    let pascal = first.map(|first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()));
    pascal
        .as_deref()
        .and_then(OperationName::from_name)
        .ok_or_else(|| {
            format!("rekognition has no operation {name} here: they are written as detectFaces; docs/COMPATIBILITY.md lists them")
        })
}

/// Whether an operation can be done twice without harm: those that look, and those that are the same the second time.
pub(super) const fn is_repeatable(operation: OperationName) -> bool {
    use OperationName as Name;
    !matches!(
        operation,
        Name::CreateCollection | Name::CreateUser | Name::DeleteCollection | Name::DeleteUser
    )
}

/// Calls an operation with the rights of the server: who may define state machines may do everything.
pub(super) async fn call(
    job: &Arc<Job>,
    operation: OperationName,
    parameters: &Value,
) -> Result<Value, Failure> {
    let called = aws::call(&context(job), operation, parameters).await;
    called.map_err(|error| refused(job, "Rekognition", &error))
}

/// The same for `AnalyzeID`.
pub(super) async fn analyze_id(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let called = aws::call_analyze_id(&context(job), parameters).await;
    called.map_err(|error| refused(job, "Textract", &error))
}

fn context(job: &Arc<Job>) -> aws::Context {
    aws::Context::new(Arc::clone(&job.app), Caller::server(), job.region.clone(), None)
}

fn refused(job: &Job, service: &str, error: &aws::Error) -> Failure {
    if error.code() == ErrorCode::InternalServerError {
        let cause = error.cause().unwrap_or_default();
        tracing::error!(execution = %job.id, machine = %job.machine.name, cause, "a task failed on our side");
    }
    Failure::new(
        format!("{service}.{}", error.code().as_str()),
        error.wire().message().to_owned(),
    )
}
