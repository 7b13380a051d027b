//! What `register`, `register-idcard`, `auth` and `update` share: send a photo, read the envelope of the flow, tell how it ended.

use std::path::{Path, PathBuf};

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use selfsame_server::MAX_PHOTOS;
use selfsame_types::UserId;
use serde::Serialize;
use serde_json::{Map, Value};
use ureq::http::Method;

use crate::arguments::{Global, ServerArguments};
use crate::client::Client;
use crate::exit::{Exit, Failure};

/// Who, with which photos, at which server.
#[derive(Debug, Args)]
pub(crate) struct Submission {
    /// The user's id: 1–128 letters, digits and `_.-:@+`; case matters.
    #[arg(short, long, value_name = "ID")]
    pub(crate) user: UserId,
    /// A photo of the user: JPEG, PNG or WebP. May be given up to five times: the best photo is used.
    #[arg(short, long = "photo", value_name = "FILE", required = true)]
    pub(crate) photos: Vec<PathBuf>,
    /// Which server.
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What some flows are given beside the photo.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extra<'a> {
    /// What to store.
    pub(crate) properties: Option<&'a Map<String, Value>>,
    /// A picture of an identity document.
    pub(crate) card: Option<&'a Path>,
}

/// Reads `--properties`: a JSON object, or `@FILE` with one in it.
pub(crate) fn parse_properties(text: &str) -> Result<Map<String, Value>, String> {
    let text = match text.strip_prefix('@') {
        Some(path) => fs_err::read_to_string(path).map_err(|error| error.to_string())?,
        None => text.to_owned(),
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(properties)) => Ok(properties),
        Ok(_) => Err("must be a JSON object, like {\"name\": \"Ada\"}".to_owned()),
        Err(error) => Err(format!("is no JSON: {error}")),
    }
}

/// How a flow ended, as it is printed.
#[derive(Debug, PartialEq, Serialize)]
struct Outcome {
    user_id: String,
    /// `Registered`, `Verified`, `Updated`; absent where the flow said no.
    status: Option<String>,
    /// The error's name where the flow said no.
    error: Option<String>,
    /// And its reason.
    cause: Option<String>,
    image_id: Option<String>,
    execution_arn: Option<String>,
}

/// Errors of the machinery: the flow gave no answer. Everything else that fails is the flow saying no.
const MACHINERY: [&str; 3] = ["InternalServerError", "ThrottlingException", "States."];

/// Sends the photo to `route` and tells what the flow answered.
pub(crate) fn submit(
    global: &Global,
    submission: &Submission,
    route: &str,
    extra: Extra<'_>,
) -> Result<Exit> {
    let mut body = Map::new();
    body.insert("UserId".to_owned(), submission.user.as_str().into());
    let (key, images) = images(&submission.photos)?;
    body.insert(key.to_owned(), images);
    if let Some(properties) = extra.properties {
        body.insert("Properties".to_owned(), Value::Object(properties.clone()));
    }
    if let Some(card) = extra.card {
        body.insert("IdCard".to_owned(), STANDARD.encode(fs_err::read(card)?).into());
    }
    let client = Client::new(&submission.server)?;
    let answer = client.send(&Method::POST, route, Some(&Value::Object(body)))?;
    if answer.status == 404 {
        return Err(Failure::new(format!("{} has no {route}", client.server()))
            .hint("is this a Selfsame server?")
            .into());
    }
    let outcome = read(&submission.user, &answer.body)?;
    global
        .format
        .emit(&outcome, |out| match (&outcome.status, &outcome.error) {
            (Some(status), _) => writeln!(out, "{status} {}", outcome.user_id),
            (None, error) => writeln!(
                out,
                "Refused {}: {}{}",
                outcome.user_id,
                error.as_deref().unwrap_or("no reason given"),
                outcome
                    .cause
                    .as_ref()
                    .map(|cause| format!(" ({cause})"))
                    .unwrap_or_default(),
            ),
        })?;
    Ok(Exit::from_match(outcome.status.is_some()))
}

/// One photo as `Image`, several as `Images`.
fn images(photos: &[PathBuf]) -> Result<(&'static str, Value)> {
    if photos.len() > MAX_PHOTOS {
        let message = format!("{} photos are too many; {MAX_PHOTOS} are looked at", photos.len());
        return Err(Failure::usage(message).into());
    }
    let encoded = |photo: &PathBuf| Ok(STANDARD.encode(fs_err::read(photo)?));
    let mut images: Vec<String> = photos.iter().map(encoded).collect::<Result<_>>()?;
    Ok(match images.len() {
        1 => ("Image", images.remove(0).into()),
        _ => ("Images", images.into()),
    })
}

/// Reads the envelope of Step Functions' `StartSyncExecution`.
fn read(user: &UserId, envelope: &Value) -> Result<Outcome> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let Some(status) = text(envelope, "status") else {
        return Err(Failure::new("the server's answer is no flow envelope")
            .hint("is this a Selfsame server?")
            .into());
    };
    let error = text(envelope, "error").filter(|error| !error.is_empty());
    let cause = text(envelope, "cause").filter(|cause| !cause.is_empty());
    let failed_by_machinery = error
        .as_ref()
        .is_some_and(|error| MACHINERY.iter().any(|name| error.starts_with(name)));
    if !matches!(status.as_str(), "SUCCEEDED" | "FAILED") || failed_by_machinery {
        let reason = error.or(cause).unwrap_or(status);
        return Err(Failure::new(format!("the flow gave no answer: {reason}"))
            .hint("the server's log has the cause")
            .into());
    }
    let output: Value = text(envelope, "output")
        .and_then(|output| serde_json::from_str(&output).ok())
        .unwrap_or(Value::Null);
    Ok(Outcome {
        user_id: user.to_string(),
        status: if status == "SUCCEEDED" {
            text(&output, "Status")
        } else {
            None
        },
        error,
        cause,
        image_id: text(&output, "ImageId"),
        execution_arn: text(envelope, "executionArn"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user() -> UserId {
        UserId::new("ada").unwrap()
    }

    #[test]
    fn success_has_a_status() {
        let envelope =
            json!({"status": "SUCCEEDED", "output": "{\"UserId\":\"ada\",\"Status\":\"Verified\"}"});
        assert_eq!(
            read(&user(), &envelope).unwrap().status.as_deref(),
            Some("Verified")
        );
    }

    #[test]
    fn a_no_has_a_name() {
        let envelope = json!({"status": "FAILED", "error": "UserAccessDenied", "cause": "another face"});
        let outcome = read(&user(), &envelope).unwrap();
        assert_eq!(
            (outcome.status, outcome.error.as_deref()),
            (None, Some("UserAccessDenied"))
        );
    }

    #[test]
    fn machinery_is_no_answer() {
        for envelope in [
            json!({"status": "TIMED_OUT"}),
            json!({"status": "FAILED", "error": "InternalServerError"}),
            json!({"status": "FAILED", "error": "States.Runtime"}),
            json!({"hello": "world"}),
        ] {
            assert!(read(&user(), &envelope).is_err(), "{envelope}");
        }
    }

    #[test]
    fn properties_are_objects() {
        assert_eq!(parse_properties("{\"a\":\"o'b\"}").unwrap()["a"], "o'b");
        assert!(
            parse_properties("[1]")
                .unwrap_err()
                .contains("must be a JSON object")
        );
        assert!(parse_properties("{").unwrap_err().contains("is no JSON"));
        assert!(parse_properties("@/nowhere/at/all.json").is_err());
    }
}
