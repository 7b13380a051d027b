//! Functions: what definitions know as AWS Lambda, mapped by the configuration to HTTP endpoints. The payload is the body
//! of a POST, the answer's body is the result.

use std::sync::Arc;

use selfsame_workflow::Failure;
use selfsame_workflow::execution::TaskStart;
use serde_json::{Value, json};
use ureq::http::{Request, header};

use super::INVALID_PARAMETERS;
use crate::workflow::Job;

/// The function that a Lambda ARN names.
pub(super) fn name_in_arn(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(7, ':');
    let (scheme, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, _account, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let named = scheme == "arn" && partition.starts_with("aws") && service == "lambda" && kind == "function";
    // A version or an alias may follow.
    named
        .then(|| parts.next())?
        .and_then(|name| name.split(':').next())
}

pub(super) async fn call(job: &Arc<Job>, name: Option<String>, start: &TaskStart) -> Result<Value, Failure> {
    let optimised = name.is_none();
    let parameters = &start.parameters;
    let name = if let Some(name) = name {
        name
    } else {
        let given = parameters
            .get("FunctionName")
            .and_then(Value::as_str)
            .unwrap_or_default();
        name_in_arn(given)
            .unwrap_or(given)
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let payload = match (optimised, parameters.get("Payload")) {
        (false, _) => parameters.clone(),
        (true, payload) => payload.cloned().unwrap_or_else(|| json!({})),
    };
    let clients = &job.app.clients;
    let address = clients.config().function(&name).ok_or_else(|| {
        Failure::new(
            "Lambda.ResourceNotFoundException",
            format!("There is no function {name:?}: give its address in the setting workflow.functions."),
        )
    })?;
    let request = Request::post(address)
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", format!("{}-{}", job.id, start.task))
        .body(payload.to_string().into_bytes())
        .map_err(|_| Failure::new(INVALID_PARAMETERS, "The function's address is not valid."))?;
    let answer = clients.send(job, request).await?;
    let text = String::from_utf8_lossy(&answer.body);
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
    if !(200..300).contains(&answer.status) {
        return Err(failed(answer.status, &body));
    }
    if !optimised {
        return Ok(body);
    }
    Ok(json!({ "ExecutedVersion": "$LATEST", "Payload": body, "StatusCode": answer.status }))
}

/// A function fails with the name and the message that it gives, as at AWS.
fn failed(status: u16, body: &Value) -> Failure {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    match text("errorType") {
        Some(name) => Failure::new(name, text("errorMessage").unwrap_or_default()),
        None if status == 429 => Failure::new("Lambda.TooManyRequestsException", "The function is busy."),
        None => Failure::new(
            "Lambda.Unknown",
            format!("The function answered with the status {status}."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_name_functions() {
        for (arn, name) in [
            (
                "arn:aws:lambda:us-east-1:123456789012:function:fraud",
                Some("fraud"),
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:fraud:7",
                Some("fraud"),
            ),
            ("arn:aws:states:::lambda:invoke", None),
            ("arn:aws:lambda:us-east-1:1:layer:x", None),
            ("fraud", None),
        ] {
            assert_eq!(name_in_arn(arn), name, "{arn}");
        }
    }

    #[test]
    fn failures_keep_their_names() {
        let failure = failed(500, &json!({"errorType": "Fraud", "errorMessage": "no"}));
        assert_eq!((failure.error.as_str(), failure.cause.as_str()), ("Fraud", "no"));
        assert_eq!(failed(500, &json!("x")).error, "Lambda.Unknown");
        assert_eq!(failed(429, &json!(null)).error, "Lambda.TooManyRequestsException");
    }
}
