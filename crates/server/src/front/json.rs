//! Requests to AWS's JSON services, on their way in and out.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;

use crate::app::App;
use crate::aws::{self, Answered};
use crate::http::observe::{Observed, watch};

/// Answers one request.
pub(super) async fn serve(app: &Arc<App>, request: Request) -> Response {
    let id = app.ids.uuid();
    let (parts, body) = request.into_parts();
    let target = aws::target(&parts);
    let service = aws::service(&parts);
    let route = match &target {
        Ok(target) => Cow::Owned(format!("{}:{}", service.signing_name(), target.operation())),
        Err(_) => Cow::Borrowed("aws:unknown"),
    };
    let observed = Observed {
        id,
        method: parts.method.clone(),
        route: route.clone(),
    };
    let label = route.clone();
    let work = async move {
        let answered = match target {
            Ok(target) => aws::serve(app, target, Request::from_parts(parts, body), id).await,
            Err(error) => aws::failed(error, service, id),
        };
        told(answered, &label)
    };
    let broken = |panic| told(aws::failed(aws::Error::internal(panic), service, id), &route);
    watch(app, observed, work, broken).await
}

/// The response. A failure is logged once, here.
fn told(answered: Answered, operation: &str) -> Response {
    match &answered.error {
        None => tracing::debug!(operation, outcome = "ok", "{operation}: ok"),
        Some(error) => {
            let outcome = error.code().as_str();
            match error.cause() {
                Some(cause) if error.wire().status() >= 500 => {
                    tracing::error!(operation, outcome, cause, "{operation} failed: {cause}");
                }
                Some(cause) => tracing::warn!(operation, outcome, cause, "{operation}: {outcome}: {cause}"),
                None => tracing::debug!(operation, outcome, "{operation}: {outcome}"),
            }
        }
    }
    answered.response
}
