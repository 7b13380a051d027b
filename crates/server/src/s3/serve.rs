//! From an HTTP request to the adapter and back.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use s3s::S3ErrorCode as Code;
use s3s::service::S3ServiceBuilder;
use selfsame_wire::sigv4::s3::Payload;
use tokio::sync::OwnedSemaphorePermit;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;
use uuid::Uuid;

use super::access::{Guard, NoSignatures};
use super::body::Incoming;
use super::error::Error;
use super::receive::{Announced, FromClient, Slot};
use super::request::{self, Asked};
use super::service::Operations;
use super::unsupported::{self, parameter};
use crate::access::Caller;
use crate::app::App;
use crate::http::observe::{Observed, watch};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
/// A body that is no object: a list of ten thousand parts with their checksums has three megabytes.
const MAX_SMALL_BYTES: u64 = 4 << 20;

/// Answers one request.
pub(crate) async fn serve(app: &Arc<App>, request: Request) -> Response {
    let id = app.ids.uuid();
    let observed = Observed {
        id,
        method: request.method().clone(),
        route: route(request.method()),
    };
    let work = async {
        let answered = match prepare(app, request).await {
            Ok(prepared) => call(app, prepared, id).await,
            Err(error) => Err(error),
        };
        let mut response = answered.unwrap_or_else(|error| {
            error.log("s3");
            error.into_response(id)
        });
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    };
    let broken = |panic| {
        let error = Error::internal(panic);
        error.log("s3");
        error.into_response(id)
    };
    watch(app, observed, work, broken).await
}

/// For metrics: of a closed set.
fn route(method: &Method) -> Cow<'static, str> {
    Cow::Borrowed(match *method {
        Method::GET => "s3:GET",
        Method::HEAD => "s3:HEAD",
        Method::PUT => "s3:PUT",
        Method::POST => "s3:POST",
        Method::DELETE => "s3:DELETE",
        _ => "s3:other",
    })
}

/// A request that may be carried out, if the operation is allowed.
struct Prepared {
    request: s3s::HttpRequest,
    caller: Caller,
    /// Of the memory for bodies, if the body is in memory.
    reservation: Option<OwnedSemaphorePermit>,
}

async fn prepare(app: &Arc<App>, request: Request) -> Result<Prepared, Error> {
    let (mut parts, body) = request.into_parts();
    refuse_forms(&parts)?;
    let Asked {
        caller,
        payload,
        chunks,
    } = request::authenticate(app, &parts).await?;
    let length = request::length(&parts.headers, payload)?;
    let announced = announced(&parts)?;
    request::strip(&mut parts, length)?;
    unsupported::refuse(&parts.uri, &parts.headers)?;
    let stores = request::stores(&parts.method, &parts.uri);
    let max = if stores {
        app.settings.s3.object_bytes
    } else {
        MAX_SMALL_BYTES
    };
    let length = checked_length(&parts, payload, length, stores, max)?;
    let incoming = Incoming::new(body, length, payload, chunks, app.settings.s3.patience);
    let body = FromClient::new(incoming, announced.clone());
    let mut reservation = None;
    let body = if stores {
        parts.extensions.insert(announced);
        parts.extensions.insert(Slot::new(body));
        s3s::Body::empty()
    } else {
        reservation = Some(app.bodies.reserve(length as usize)?);
        s3s::Body::from(body.collect().await?)
    };
    Ok(Prepared {
        request: Request::from_parts(parts, body),
        caller,
        reservation,
    })
}

/// What the headers say of the body; those of a request that completes an upload speak of the object.
fn announced(parts: &Parts) -> Result<Announced, Error> {
    if parts.method == Method::POST && parameter(&parts.uri, "uploadId").is_some() {
        return Ok(Announced::default());
    }
    Announced::read(&parts.headers)
}

/// Uploads from web forms are signed in another way, and the adapter would read them into memory.
fn refuse_forms(parts: &Parts) -> Result<(), Error> {
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let is_form = content_type.is_some_and(|value| {
        let value = value.as_bytes();
        value.len() >= 10 && value[..10].eq_ignore_ascii_case(b"multipart/")
    });
    if parts.method == Method::POST && is_form {
        return Err(Error::not_implemented("multipart/form-data"));
    }
    Ok(())
}

fn checked_length(
    parts: &Parts,
    payload: Payload,
    length: Option<u64>,
    stores: bool,
    max: u64,
) -> Result<u64, Error> {
    let chunked = matches!(payload, Payload::Chunks { .. });
    let length = match length {
        Some(length) => length,
        // Nothing is sent with most requests, and most clients do not say so. A body of unknown length is refused when
        // it comes.
        None if !chunked && (!stores || parts.headers.contains_key("x-amz-copy-source")) => 0,
        None => return Err(Error::new(Code::MissingContentLength)),
    };
    if length <= max {
        return Ok(length);
    }
    Err(Error::new(if stores {
        Code::EntityTooLarge
    } else {
        Code::MaxMessageLengthExceeded
    }))
}

async fn call(app: &Arc<App>, prepared: Prepared, id: Uuid) -> Result<Response, Error> {
    let Prepared {
        request,
        caller,
        reservation: _reservation,
    } = prepared;
    let mut builder = S3ServiceBuilder::new(Operations::new(Arc::clone(app), caller.clone(), id));
    builder.set_auth(NoSignatures);
    builder.set_access(Guard { caller, request: id });
    let service = builder.build();
    // What the adapter logs are whole requests, keys and metadata included. The operations speak for themselves.
    let answered = service
        .call(request)
        .with_subscriber(NoSubscriber::default())
        .await;
    let response = answered.map_err(|error| {
        let cause: s3s::StdError = error.into();
        Error::internal(Adapter(cause))
    })?;
    if response.status() == StatusCode::NOT_MODIFIED {
        // There is nothing to say beside the headers.
        let mut response = response.map(|_| Body::empty());
        response.headers_mut().remove(header::CONTENT_TYPE);
        return Ok(response);
    }
    let body = response
        .body()
        .bytes()
        .filter(|_| response.status().as_u16() >= 400);
    match body.and_then(|body| adapters_own(&body)) {
        Some(error) => Err(error),
        None => Ok(response.map(Body::new)),
    }
}

/// An error of the adapter, which has no id and mostly no text; ours have both.
fn adapters_own(body: &[u8]) -> Option<Error> {
    let text = std::str::from_utf8(body).ok()?;
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once("</")?;
        Some(content.to_owned())
    };
    if element("RequestId").is_some() {
        return None;
    }
    let code = Code::from_bytes(element("Code")?.as_bytes())?;
    Some(match element("Message") {
        Some(message) => Error::with(code, unescaped(&message)),
        None => Error::new(code),
    })
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| {
        text.replace(escaped, plain)
    })
}

/// The adapter itself failed.
#[derive(Debug, thiserror::Error)]
#[error("the S3 adapter failed")]
struct Adapter(#[source] s3s::StdError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_adapter_are_told_from_ours() {
        let own = "<?xml version=\"1.0\"?><Error><Code>InvalidBucketName</Code></Error>";
        assert_eq!(
            adapters_own(own.as_bytes()).unwrap().code,
            Code::InvalidBucketName
        );
        let own = "<Error><Code>InvalidArgument</Code><Message>a &lt;b&gt; &amp;lt;</Message></Error>";
        assert_eq!(adapters_own(own.as_bytes()).unwrap().message(), "a <b> &lt;");
        let ours = "<Error><Code>NoSuchKey</Code><Message>m</Message><RequestId>1</RequestId></Error>";
        assert!(adapters_own(ours.as_bytes()).is_none());
        assert!(adapters_own(b"\xff").is_none() && adapters_own(b"").is_none());
    }
}
