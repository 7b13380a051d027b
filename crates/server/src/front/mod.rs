//! The front door: one port, three protocols. Which of them a request speaks follows from its head alone, before
//! anything is routed: AWS's JSON services name their operation in a header, S3 is named in the scope of a signature,
//! everything else is the portal's.

mod cors;
mod json;
mod protocol;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use crate::app::App;
use crate::{routes, s3};
use protocol::Protocol;

/// Everything that the server answers to.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .fallback_service(routes::router(app))
        .layer(from_fn_with_state(Arc::clone(app), hand_over))
        .layer(from_fn_with_state(Arc::clone(app), cors::cors))
}

async fn hand_over(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match Protocol::of(&request) {
        Protocol::Json => json::serve(&app, request).await,
        Protocol::S3 => s3::serve(&app, request).await,
        Protocol::Portal => next.run(request).await,
    }
}
