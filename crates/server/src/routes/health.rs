//! `GET /health/live` and `/health/ready`: for whoever starts, restarts and balances. Open to
//! everybody, and as quiet as that asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{self, Code, Error};

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}

/// 200 as soon as the port is open and as long as the process answers.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "Operation",
    operation_id = "live",
    responses((status = 200, description = "The process answers.", body = Health)),
)]
pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// 200 once models and galleries are loaded and each model has run; 503 before.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "Operation",
    operation_id = "ready",
    responses(
        (status = 200, description = "Requests are served.", body = Health),
        (status = 503, description = "Models or galleries are still being loaded.", body = error::Body),
    ),
)]
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<Json<Health>, Error> {
    app.ready()?;
    if !app.workflows.is_open() {
        return Err(Error::new(Code::ServiceUnavailable).retry_after(1));
    }
    Ok(Json(Health { status: "ready" }))
}
