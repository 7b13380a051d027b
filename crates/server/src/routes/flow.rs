//! What the flows have in common on their way in and out.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use selfsame_vision::pool::Permit;
use selfsame_workflow::execution::Outcome;
use serde_json::{Value, json};

use super::choose;
use super::request::{FlowInput, Submission, parse};
use super::uploads::{self, Named};
use crate::app::{App, Ready};
use crate::envelope::Envelope;
use crate::error::{Code, Error};
use crate::metrics::Stage;
use crate::workflow::workers::Workbench;
use crate::workflow::{Ended, Start, StartError, workers};

/// The region in the ARNs of the portal's executions: `local` is no region of anybody's.
const REGION: &str = "local";

/// Receives the body, takes a permit, and only then parses: the JSON holds megabytes, and what is refused for lack of
/// capacity must cost next to nothing.
pub(super) async fn run<S: Submission>(
    app: &Arc<App>,
    flow: &str,
    named: Named,
    request: Request,
) -> Result<Json<Envelope>, Error> {
    let ready = app.ready()?;
    let (parts, body) = request.into_parts();
    let received = app
        .bodies
        .receive_json(&parts.headers, body)
        .await
        .inspect_err(|error| {
            if error.code == Code::Throttling {
                app.metrics.throttled("memory");
            }
        })?;
    let permit = ready.engine.admit().map_err(|_| {
        app.metrics.throttled("inference");
        throttled(app)
    })?;
    let input = parse::<S>(&received.bytes).and_then(S::input)?;
    drop(received);
    let echo = echo(&input);
    let mut taken = Vec::new();
    let (input, workbench) = value(app, ready, permit, input, named, &mut taken).await?;
    let machine = app.workflows.catalog.flow(flow);
    let machine = machine.ok_or_else(|| Error::new(Code::ServiceUnavailable))?;
    let start = Start {
        machine,
        name: None,
        region: REGION.to_owned(),
        input,
        workbench,
        limit: Some(app.settings.flow_timeout),
    };
    let begun = std::time::Instant::now();
    let ended = app
        .workflows
        .run(app, start)
        .await
        .map_err(|error| refused(app, error))?;
    app.metrics.stage(Stage::Total, begun.elapsed());
    machinery(app, &ended)?;
    uploads::erase(app, &taken).await;
    Ok(Json(Envelope::new(&ended, &echo)))
}

/// The input without the pictures.
fn echo(input: &FlowInput) -> Value {
    let mut echo = json!({ "UserId": input.user.as_str() });
    if let Some(properties) = &input.properties {
        echo["Properties"] = Value::Object(properties.clone());
    }
    echo
}

/// The input of the state machine, with the best of the photos; the names of the objects that were read for it are added
/// to `taken`.
async fn value(
    app: &App,
    ready: &Ready,
    permit: Permit,
    input: FlowInput,
    named: Named,
    taken: &mut Vec<String>,
) -> Result<(Value, Workbench), Error> {
    let mut photos = Vec::with_capacity(input.photos.len());
    for photo in input.photos {
        photos.push(uploads::text(app, photo, named, taken).await?);
    }
    let (image, workbench) = choose::best(app, ready, permit, photos).await?;
    let mut value = json!({
        "UserId": input.user.as_str(),
        "Image": image,
        "Properties": input.properties.unwrap_or_default(),
    });
    if let Some(card) = input.id_card {
        value["IdCard"] = uploads::text(app, card, named, taken).await?.into();
    }
    Ok((value, workbench))
}

pub(super) fn throttled(app: &App) -> Error {
    Error::new(Code::Throttling).retry_after(app.settings.retry_after_seconds)
}

fn refused(app: &App, error: StartError) -> Error {
    match error {
        StartError::NotReady => Error::new(Code::ServiceUnavailable).retry_after(1),
        StartError::Full => throttled(app),
        StartError::Store(error) => error.into(),
        other => Error::internal(other),
    }
}

/// Where the flow did not say no but could not be carried out, the request failed: that must show outside.
fn machinery(app: &App, ended: &Ended) -> Result<(), Error> {
    let Outcome::Failed(failure) = &ended.outcome else {
        return Ok(());
    };
    match failure.error.as_str() {
        workers::THROTTLED => Err(throttled(app)),
        workers::INTERNAL => Err(Error::new(Code::InternalServerError)),
        _ => Ok(()),
    }
}
