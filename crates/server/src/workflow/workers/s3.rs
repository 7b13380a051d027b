//! `getObject` and `putObject` on our own buckets.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use selfsame_workflow::Failure;
use serde_json::{Value, json};

use super::{INVALID_PARAMETERS, broken};
use crate::s3::{StoredBytes, WholeError, read_bytes, write_bytes};
use crate::workflow::Job;

/// `{Bucket, Key}` → `{Body, ContentLength, ETag}`. A body that is no UTF-8 text comes as base64, and
/// `BodyEncoding` says so: AWS has no answer for those.
pub(super) async fn get(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let (bucket, key) = place(parameters)?;
    let read = read_bytes(&job.app, bucket, key).await;
    let StoredBytes {
        bytes,
        etag,
        content_type,
    } = read.map_err(|error| failed(job, &error))?;
    let length = bytes.len();
    let (body, encoding) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => (STANDARD.encode(error.as_bytes()), Some("base64")),
    };
    let mut answer = json!({ "Body": body, "ContentLength": length, "ETag": format!("\"{etag}\"") });
    if let Some(content_type) = content_type {
        answer["ContentType"] = content_type.into();
    }
    if let Some(encoding) = encoding {
        answer["BodyEncoding"] = encoding.into();
    }
    Ok(answer)
}

/// `{Bucket, Key, Body, ContentType?, BodyEncoding?}` → `{ETag}`. A body that is no text is stored as its JSON, as AWS
/// does; with `BodyEncoding: base64`, as the bytes behind it.
pub(super) async fn put(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let (bucket, key) = place(parameters)?;
    let bytes = match (
        parameters.get("Body"),
        parameters.get("BodyEncoding").and_then(Value::as_str),
    ) {
        (None, _) => Vec::new(),
        (Some(Value::String(text)), Some("base64")) => STANDARD
            .decode(text)
            .map_err(|_| Failure::new(INVALID_PARAMETERS, "Body is not valid base64."))?,
        (Some(Value::String(text)), None) => text.clone().into_bytes(),
        (Some(value), None) => value.to_string().into_bytes(),
        (Some(_), Some(_)) => {
            return Err(Failure::new(
                INVALID_PARAMETERS,
                "BodyEncoding must be base64, and Body a string.",
            ));
        }
    };
    let content_type = parameters.get("ContentType").and_then(Value::as_str);
    let written = write_bytes(&job.app, bucket, key, content_type, bytes).await;
    let etag = written.map_err(|error| failed(job, &error))?;
    Ok(json!({ "ETag": format!("\"{etag}\"") }))
}

fn place(parameters: &Value) -> Result<(&str, &str), Failure> {
    let text = |name: &str| {
        parameters
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    match (text("Bucket"), text("Key")) {
        (Some(bucket), Some(key)) => Ok((bucket, key)),
        _ => Err(Failure::new(
            INVALID_PARAMETERS,
            "Bucket and Key must be strings.",
        )),
    }
}

fn failed(job: &Job, error: &WholeError) -> Failure {
    let (name, cause) = match error {
        WholeError::NoSuchBucket => ("S3.NoSuchBucketException", "The specified bucket does not exist"),
        WholeError::NoSuchKey => ("S3.NoSuchKeyException", "The specified key does not exist."),
        WholeError::TooLarge => (
            selfsame_workflow::failure::DATA_LIMIT,
            "The object is larger than the data of a state may be.",
        ),
        WholeError::InvalidName => (INVALID_PARAMETERS, "Bucket or Key is not a valid name."),
        WholeError::Store(_) => return broken(job, error),
    };
    Failure::new(name, cause)
}
