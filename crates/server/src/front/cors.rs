//! Cross-origin requests (the Fetch standard, section 3.2): web pages of the origins in `server.cors_origins` may call
//! from a browser. With none, which is the default, nothing here ever answers or adds a header.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;

/// What pages may read of an answer beside its body.
const EXPOSED: &str = "x-amzn-requestid, x-request-id, x-amz-request-id, x-amzn-errortype, etag, retry-after";
/// For how long a browser remembers the answer to a preflight request, in seconds.
const MAX_AGE: &str = "600";
/// Every method that some protocol here has.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE";

/// The middleware around all protocols.
pub(super) async fn cors(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(origin) = allowed(&app.settings.cors_origins, request.headers()) else {
        return next.run(request).await;
    };
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if *request.method() == Method::OPTIONS && asked.is_some() {
        preflight(request.headers())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// The request's origin, if it is one of the allowed.
fn allowed(origins: &[String], headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let known = origins
        .iter()
        .any(|allowed| allowed == "*" || origin.as_bytes() == allowed.as_bytes());
    known.then(|| origin.clone())
}

/// What a browser asks before it sends the request itself. Signatures and keys are headers, so any header may come;
/// what they say is checked when it comes.
fn preflight(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answer = response.headers_mut();
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_origins() {
        let mut headers = HeaderMap::new();
        let none: [String; 0] = [];
        let one = ["https://app.example.com".to_owned()];
        assert_eq!(allowed(&one, &headers), None);
        headers.insert(
            header::ORIGIN,
            HeaderValue::from_static("https://app.example.com"),
        );
        assert_eq!(allowed(&none, &headers), None, "off by default");
        assert!(allowed(&one, &headers).is_some());
        assert!(allowed(&["*".to_owned()], &headers).is_some());
        headers.insert(
            header::ORIGIN,
            HeaderValue::from_static("https://app.example.com.evil"),
        );
        assert_eq!(allowed(&one, &headers), None);
    }
}
