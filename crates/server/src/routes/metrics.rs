//! `GET /metrics`: numbers for Prometheus. Needs an administrator's key unless `access.metrics_public` is
//! set: how often whom is refused is worth something to an attacker.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;

use crate::app::App;
use crate::error::{self, Code, Error};

/// Latency by stage, queue, permits, faces and decisions, in the text form of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Operation",
    operation_id = "metrics",
    responses(
        (status = 200, description = "The numbers.", body = String, content_type = "text/plain"),
        (status = "4XX", description = "Not allowed.", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Error> {
    if !app.settings.metrics_public && !app.access.caller(&headers).await?.is_administrator() {
        return Err(Error::new(Code::AccessDenied));
    }
    let page = app.metrics.render(app.gauges());
    // The version of the text form, as Prometheus documents it.
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        page,
    ))
}
