//! `/executions`: pages that show what executions did, for administrators and keys with the scope `workflow`. Without
//! scripts: the browser is told to run none, and to load nothing but our style sheet.

mod found;
mod list;
mod show;
mod visitor;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::error::Error;

/// Only our own style sheet: no scripts, no inline styles, no frames.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The pages and their style sheet.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/executions", get(list::list))
        .route("/executions/style.css", get(style))
        .route("/executions/{arn}", get(show::show))
}

/// Says nothing about anybody: without it, the page that asks for a key would have no style.
async fn style() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind], include_str!("../../assets/executions.css"))
}

fn page(status: StatusCode, page: &impl fmt::Display) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, page.to_string()).into_response()
}

/// Work that takes more than a moment.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
