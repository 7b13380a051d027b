//! `http:invoke`: a request to an HTTP endpoint, with the parameters and the result of
//! [AWS's](https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html).

use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use selfsame_workflow::Failure;
use selfsame_workflow::execution::TaskStart;
use serde_json::{Map, Value, json};
use ureq::http::{HeaderName, HeaderValue, Method, Request, header};

use super::INVALID_PARAMETERS;
use super::request::Answer;
use crate::workflow::Job;

/// Names the task, so that a server can tell a repetition from a second request.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn call(job: &Arc<Job>, start: &TaskStart) -> Result<Value, Failure> {
    let request = request(job, start)?;
    let clients = &job.app.clients;
    clients.check(&request.uri().to_string())?;
    let answer = clients.send(job, request).await?;
    result(&answer)
}

fn request(job: &Job, start: &TaskStart) -> Result<Request<Vec<u8>>, Failure> {
    let parameters = &start.parameters;
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    let endpoint = text("ApiEndpoint").ok_or_else(|| invalid("ApiEndpoint must be the address to call."))?;
    let method = text("Method").unwrap_or("GET");
    let method: Method = method
        .parse()
        .map_err(|_| invalid("Method must be GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS."))?;
    let mut address = endpoint.to_owned();
    let mut separator = if address.contains('?') { '&' } else { '?' };
    for (name, value) in members(parameters, "QueryParameters")? {
        for value in value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice)
        {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            address = format!("{address}{separator}{}={}", encoded(name), encoded(&value));
            separator = '&';
        }
    }
    let (kind, body) = body(parameters)?;
    let mut request = Request::builder().method(method).uri(address);
    let headers = request
        .headers_mut()
        .ok_or_else(|| invalid("ApiEndpoint is not a valid address."))?;
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let key = format!("{}-{}", job.id, start.task);
    headers.insert(
        IDEMPOTENCY_KEY,
        HeaderValue::from_str(&key).map_err(|_| super::internal())?,
    );
    for (name, value) in members(parameters, "Headers")? {
        let name: HeaderName = name
            .parse()
            .map_err(|_| invalid("Headers has a name that is none."))?;
        let value = value
            .as_str()
            .ok_or_else(|| invalid("The values of Headers must be strings."))?;
        headers.insert(
            name,
            HeaderValue::from_str(value).map_err(|_| invalid("Headers has a value that cannot be sent."))?,
        );
    }
    request
        .body(body)
        .map_err(|_| invalid("The request cannot be sent."))
}

fn members<'a>(parameters: &'a Value, name: &str) -> Result<Vec<(&'a String, &'a Value)>, Failure> {
    match parameters.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(members)) => Ok(members.iter().collect()),
        Some(_) => Err(invalid(&format!("{name} must be an object."))),
    }
}

/// JSON, or a form where `Transform` asks for one.
fn body(parameters: &Value) -> Result<(Option<&'static str>, Vec<u8>), Failure> {
    let Some(body) = parameters.get("RequestBody").filter(|body| !body.is_null()) else {
        return Ok((None, Vec::new()));
    };
    if parameters.pointer("/Transform/RequestBodyEncoding") == Some(&json!("URL_ENCODED")) {
        let members = body
            .as_object()
            .ok_or_else(|| invalid("RequestBody must be an object to be sent as a form."))?;
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> = members
            .iter()
            .map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{}={}", encoded(name), encoded(&value))
            })
            .collect();
        return Ok((
            Some("application/x-www-form-urlencoded"),
            pairs.join("&").into_bytes(),
        ));
    }
    Ok((Some("application/json"), body.to_string().into_bytes()))
}

fn result(answer: &Answer) -> Result<Value, Failure> {
    let text = String::from_utf8_lossy(&answer.body);
    let status = answer.status;
    if !(200..300).contains(&status) {
        // What a server says when it refuses is what an author needs to see.
        let cause: String = text.chars().take(1024).collect();
        return Err(Failure::new(format!("States.Http.StatusCode.{status}"), cause));
    }
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
    let headers: Map<String, Value> = answer
        .headers
        .keys()
        .map(|name| {
            let values = answer.headers.get_all(name).iter();
            let values = values.filter_map(|value| value.to_str().ok()).map(Value::from);
            (name.to_string(), values.collect())
        })
        .collect();
    let reason = ureq::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    Ok(
        json!({ "StatusCode": status, "StatusText": reason.unwrap_or(""), "Headers": headers, "ResponseBody": body }),
    )
}

fn invalid(message: &str) -> Failure {
    Failure::new(INVALID_PARAMETERS, message)
}
