//! `/docs`: the documentation page. Complete in itself: it loads nothing from anywhere else, and the browser is told to
//! refuse everything that is not ours.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;

use crate::app::App;

/// Only our own files, no inline code, no frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its parts.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/docs") }))
        .route(
            "/docs",
            get(|| async { page("text/html; charset=utf-8", include_str!("../assets/docs.html")) }),
        )
        .route(
            "/docs/style.css",
            get(|| async { page("text/css; charset=utf-8", include_str!("../assets/docs.css")) }),
        )
        .route(
            "/docs/script.js",
            get(|| async {
                page(
                    "text/javascript; charset=utf-8",
                    include_str!("../assets/docs.js"),
                )
            }),
        )
}

fn page(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text)
}
