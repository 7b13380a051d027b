//! What all requests have in common: an id, a span for the log, a number for the metrics, headers for safety, a body
//! for errors, and a net under panics.

use std::any::Any;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Code, Error};

/// The id of the request, also the `Logref` of an error.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A panic, as the cause of a 500.
#[derive(Debug, thiserror::Error)]
#[error("panic: {0}")]
pub(crate) struct Panic(String);

impl Panic {
    fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        Self(text.unwrap_or("no message").to_owned())
    }
}

/// The same under the name that AWS clients look for.
const AMZN_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// A request, as the log and the metrics know it.
pub(crate) struct Observed {
    /// Always ours: a client's text would end up in the log.
    pub(crate) id: Uuid,
    /// Its method.
    pub(crate) method: Method,
    /// Of a closed set, because metrics need one, and because paths hold user ids.
    pub(crate) route: Cow<'static, str>,
}

/// The middleware around every route of the portal.
pub(crate) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let observed = Observed {
        id: app.ids.uuid(),
        method: request.method().clone(),
        route: request
            .extensions()
            .get::<MatchedPath>()
            .map_or(Cow::Borrowed("none"), |path| Cow::Owned(path.as_str().to_owned())),
    };
    let broken = |panic| Error::internal(panic).into_response();
    watch(&app, observed, next.run(request), broken).await
}

/// What all requests have in common, whichever protocol they speak: `work` answers, `broken` answers if it panics.
pub(crate) async fn watch(
    app: &App,
    observed: Observed,
    work: impl Future<Output = Response>,
    broken: impl FnOnce(Panic) -> Response,
) -> Response {
    let Observed { id, method, route } = observed;
    let span = tracing::info_span!("request", %id, %method, %route);
    let begun = Instant::now();
    let answered = AssertUnwindSafe(work)
        .catch_unwind()
        .instrument(span.clone())
        .await;
    let mut response =
        answered.unwrap_or_else(|payload| span.in_scope(|| broken(Panic::new(payload.as_ref()))));
    span.in_scope(|| finish(&mut response, id, begun));
    app.metrics
        .request(&route, response.status().as_u16(), begun.elapsed());
    response
}

fn finish(response: &mut Response, id: Uuid, begun: Instant) {
    let status = response.status().as_u16();
    if let Some(error) = response.extensions_mut().remove::<Error>() {
        log(&error, status);
        let headers = std::mem::take(response.headers_mut());
        *response = (response.status(), Json(error.body(id))).into_response();
        for (name, value) in &headers {
            if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    tracing::debug!(
        status,
        duration_ms = begun.elapsed().as_millis() as u64,
        "answered {status}"
    );
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(AMZN_REQUEST_ID, value.clone());
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    for (name, value) in [
        // Answers are about people: no cache may keep them, and nothing may run in them.
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A failure is logged once, here.
fn log(error: &Error, status: u16) {
    let name = error.name();
    match error.cause() {
        Some(cause) => tracing::error!(status, name, cause, "request failed: {name}: {cause}"),
        None if error.code == Code::Throttling => tracing::debug!(status, name, "request refused: {name}"),
        None => tracing::info!(status, name, "request refused: {name}"),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use selfsame_store::Memory;
    use selfsame_types::{FixedClock, SequentialIds};

    use super::*;
    use crate::access::RootSecret;
    use crate::config::Config;
    use crate::metrics::Metrics;

    async fn ask(path: &str) -> (Arc<App>, Response) {
        let app = App::new(
            &Config::default(),
            Arc::new(Memory::new()),
            RootSecret::new([7; 32]),
            Metrics::new().unwrap(),
            Arc::new(FixedClock("2026-11-23T10:00:00Z".parse().unwrap())),
            Arc::new(SequentialIds::default()),
        );
        let app = Arc::new(app.unwrap());
        let router = Router::new()
            .route("/panic", get(panics))
            .route(
                "/refuse/{id}",
                get(|| async { Error::new(Code::Throttling).retry_after(7) }),
            )
            .layer(from_fn_with_state(Arc::clone(&app), observe))
            .with_state(());
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = TowerToHyperService::new(router).call(request).await.unwrap();
        (app, response)
    }

    async fn panics() -> Response {
        panic!("the template was [0.1, 0.2]")
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        let (_, response) = ask("/panic").await;
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.headers()[REQUEST_ID],
            "00000000-0000-4000-8000-000000000001"
        );
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        insta::assert_snapshot!(String::from_utf8(body.to_vec()).unwrap());
    }

    #[tokio::test]
    async fn refusals_keep_their_headers_and_get_a_body() {
        let (app, response) = ask("/refuse/Barack").await;
        let headers = response.headers().clone();
        assert_eq!(
            (response.status().as_u16(), &headers[header::RETRY_AFTER]),
            (429, &HeaderValue::from(7))
        );
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        insta::assert_snapshot!(String::from_utf8(body.to_vec()).unwrap());
        let page = app.metrics.render(app.gauges());
        assert!(page.contains("route=\"/refuse/{id}\",status=\"429\""), "{page}");
        assert!(!page.contains("Barack"), "paths hold ids");
    }
}
