//! What the three flows have in common on their way in and out.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;

use super::request::{FlowRequest, parse};
use crate::app::App;
use crate::envelope::Envelope;
use crate::error::{Code, Error};
use crate::flows::Flow;

/// Receives the body, takes a permit, and only then parses: the JSON holds megabytes, and what is refused for lack of
/// capacity must cost next to nothing.
pub(super) async fn run(app: &Arc<App>, flow: Flow, request: Request) -> Result<Json<Envelope>, Error> {
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
        Error::new(Code::Throttling).retry_after(app.settings.retry_after_seconds)
    })?;
    let input = parse::<FlowRequest>(&received.bytes).and_then(FlowRequest::input)?;
    drop(received);
    let (execution, ending) = flow.run(app, ready, permit, input).await?;
    Ok(Json(Envelope::new(&execution, ending)))
}
