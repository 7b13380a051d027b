//! `selfsame:notify`: `{Event, Url?}`: a signed POST to the application's webhook (the setting `workflow.webhook_url`, or an
//! allowed address). Answers `{StatusCode}`; anything but 2xx is a failure, and `Retry` decides.
//!
//! The signature is `Selfsame-Signature: t=SECONDS,v1=HEX`: HMAC-SHA-256 with the setting's secret over `SECONDS.BODY`. The
//! receiver compares it and refuses what is older than a few minutes: so nobody can make news up or send them again.

use std::fmt::Write as _;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use selfsame_workflow::Failure;
use selfsame_workflow::execution::TaskStart;
use serde_json::{Value, json};
use sha2::Sha256;
use ureq::http::{Request, header};

use crate::workflow::Job;
use crate::workflow::workers::INVALID_PARAMETERS;

pub(super) async fn run(job: &Arc<Job>, start: &TaskStart) -> Result<Value, Failure> {
    let clients = &job.app.clients;
    let config = clients.config();
    let address = match (
        start.parameters.get("Url").and_then(Value::as_str),
        &config.webhook_url,
    ) {
        (Some(address), _) => {
            clients.check(address)?;
            address
        }
        (None, Some(address)) => address,
        (None, None) => {
            return Err(Failure::new(
                INVALID_PARAMETERS,
                "Nobody is to be told: give Url, or set workflow.webhook_url.",
            ));
        }
    };
    let body = start
        .parameters
        .get("Event")
        .cloned()
        .unwrap_or_else(|| json!({}))
        .to_string();
    let seconds = job.app.clock.now().as_second();
    let mut request = Request::post(address)
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", format!("{}-{}", job.id, start.state));
    if let Some(secret) = &config.webhook_secret {
        request = request.header("selfsame-signature", signature(secret.expose(), seconds, &body));
    }
    let request = request
        .body(body.into_bytes())
        .map_err(|_| Failure::new(INVALID_PARAMETERS, "The webhook's address is not valid."))?;
    let answer = clients.send(job, request).await?;
    if !(200..300).contains(&answer.status) {
        return Err(Failure::new(
            format!("States.Http.StatusCode.{}", answer.status),
            "The webhook was not accepted.",
        ));
    }
    Ok(json!({ "StatusCode": answer.status }))
}

/// The value of the header.
fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let mut text = format!("t={seconds},v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_what_others_compute() {
        // Computed apart from this code, with Python's `hmac`.
        assert_eq!(
            signature("open sesame", 1_800_000_000, "{\"a\":1}"),
            "t=1800000000,v1=f6da6dd047a7f9699e1c73f54f87669a9b3e85d150b421b0eb0be42abcb7cee4"
        );
    }
}
