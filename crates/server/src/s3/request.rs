//! A request on its way in: who asks is found out and verified here, and what is left is a request without a signature,
//! in the plain form that the adapter understands. (The adapter could verify signatures itself. It would take those of
//! version 2, too, and truncated chunked bodies, would not insist that headers are signed, would hold whole chunks in
//! memory, and would write the signature it expected to the log.)

use std::str::FromStr as _;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::percent_decode_str;
use s3s::S3ErrorCode as Code;
use s3s::dto::Range;
use selfsame_wire::sigv2;
use selfsame_wire::sigv4::s3::{self, Chunks, Payload};
use selfsame_wire::sigv4::{Expected, Form, Presented};

use super::error::{Error, signature};
use super::unsupported::parameter;
use crate::access::Caller;
use crate::app::App;

const DECODED_LENGTH: &str = "x-amz-decoded-content-length";
/// What a presigned address has in its query beside the request's own parameters.
const SIGNATURE_PARAMETERS: [&str; 11] = [
    "awsaccesskeyid",
    "expires",
    "signature",
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// Who asks, and what the signature says of the body.
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) payload: Payload,
    /// Verifies chunks; `None` where signatures are not checked at all.
    pub(super) chunks: Option<Chunks>,
}

/// Finds out who asks. Nothing of the body is received for it.
pub(super) async fn authenticate(app: &Arc<App>, parts: &Parts) -> Result<Asked, Error> {
    let request = s3::Request {
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
    };
    let presigned = parameter(&parts.uri, "X-Amz-Signature").is_some();
    let refused = |error: selfsame_wire::sigv4::Error| signature(&error, presigned);
    if app.access.is_open() {
        return Ok(Asked {
            caller: app.access.caller(&parts.headers).await?,
            payload: Payload::read(&request)
                .map_err(refused)?
                .unwrap_or(Payload::Unsigned),
            chunks: None,
        });
    }
    if let Some(presented) = sigv2::Presented::read(&parts.uri) {
        return second_version(app, parts, &presented).await;
    }
    let presented = Presented::read(&parts.uri, &parts.headers)
        .map_err(refused)?
        .ok_or_else(|| Error::new(Code::AccessDenied))?;
    let payload = match Payload::read(&request).map_err(refused)? {
        Some(payload) => payload,
        None if presented.form == Form::Header => {
            return Err(Error::request(
                "Missing required header for this request: x-amz-content-sha256",
            ));
        }
        None => Payload::Unsigned,
    };
    let found = app.access.aws_caller(&app.root, &presented.access_key_id).await?;
    let (caller, secret) = found.ok_or_else(|| Error::new(Code::InvalidAccessKeyId))?;
    let expected = Expected {
        service: "s3",
        region: app.settings.region.as_deref(),
    };
    let chunks = s3::verify(&presented, secret.expose(), &request, app.clock.now(), &expected);
    Ok(Asked {
        caller,
        payload,
        chunks: Some(chunks.map_err(refused)?),
    })
}

/// An address presigned with version 2, which says nothing of the body.
async fn second_version(app: &Arc<App>, parts: &Parts, presented: &sigv2::Presented) -> Result<Asked, Error> {
    let found = app.access.aws_caller(&app.root, &presented.access_key_id).await?;
    let (caller, secret) = found.ok_or_else(|| Error::new(Code::InvalidAccessKeyId))?;
    presented
        .verify(
            secret.expose(),
            &parts.method,
            &parts.uri,
            &parts.headers,
            app.clock.now(),
        )
        .map_err(|error| signature(&error, true))?;
    Ok(Asked {
        caller,
        payload: Payload::Unsigned,
        chunks: None,
    })
}

/// How many bytes the body has, without what chunks need; `None` where the request does not say.
pub(super) fn length(headers: &HeaderMap, payload: Payload) -> Result<Option<u64>, Error> {
    let name = match payload {
        Payload::Chunks { .. } => HeaderName::from_static(DECODED_LENGTH),
        _ => header::CONTENT_LENGTH,
    };
    let Some(value) = headers.get(&name) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let length = text
        .parse()
        .map_err(|_| Error::argument(format!("{name} is no number.")))?;
    Ok(Some(length))
}

/// Whether the body becomes an object or a part. All other bodies are small.
pub(super) fn stores(method: &Method, uri: &Uri) -> bool {
    let has_key = uri
        .path()
        .trim_start_matches('/')
        .split_once('/')
        .is_some_and(|(_, key)| !key.is_empty());
    let names = uri.query().unwrap_or_default().split('&');
    let mut names = names.map(|part| part.split_once('=').map_or(part, |(name, _)| name));
    *method == Method::PUT
        && has_key
        && names.all(|name| ["", "partNumber", "uploadId", "x-id"].contains(&name))
}

/// Takes everything about signatures and chunks out of the head of a request.
pub(super) fn strip(parts: &mut Parts, length: Option<u64>) -> Result<(), Error> {
    for name in [
        "authorization",
        "x-amz-content-sha256",
        DECODED_LENGTH,
        "x-amz-trailer",
        "transfer-encoding",
        "expect",
    ] {
        parts.headers.remove(name);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(length) = length {
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    plain_encoding(&mut parts.headers);
    // S3 ignores ranges that it cannot read, for the adapter they are an error.
    let range = parts
        .headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    if range.is_none_or(|range| Range::parse(range).is_err()) {
        parts.headers.remove(header::RANGE);
    }
    plain_query(parts)
}

/// `aws-chunked` says how the body travelled, not what it is.
fn plain_encoding(headers: &mut HeaderMap) {
    let Some(value) = headers.remove(header::CONTENT_ENCODING) else {
        return;
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let rest: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    if let Ok(value) = HeaderValue::from_str(&rest.join(","))
        && !rest.is_empty()
    {
        headers.insert(header::CONTENT_ENCODING, value);
    }
}

/// Takes the signature out of a query, and makes headers of the headers that presigned addresses carry there.
fn plain_query(parts: &mut Parts) -> Result<(), Error> {
    let Some(query) = parts.uri.query() else {
        return Ok(());
    };
    let (mut kept, mut moved) = (Vec::new(), Vec::new());
    for part in query.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
        if SIGNATURE_PARAMETERS.contains(&name.as_str()) {
            continue;
        }
        if name.starts_with("x-amz-") || ["content-type", "content-md5"].contains(&name.as_str()) {
            moved.push((name, percent_decode_str(value).decode_utf8_lossy().into_owned()));
        } else {
            kept.push(part);
        }
    }
    let query = kept.join("&");
    let path = parts.uri.path();
    let plain = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    parts.uri = Uri::from_str(&plain).map_err(|_| Error::new(Code::InvalidURI))?;
    for (name, value) in moved {
        // Whoever makes an address for others knows no bytes: a checksum there is that of nothing, and S3 ignores it.
        if name.starts_with("x-amz-checksum-") || name == "x-amz-sdk-checksum-algorithm" {
            continue;
        }
        let invalid = || Error::argument("A parameter of the address is no header.");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        let value = HeaderValue::from_str(&value).map_err(|_| invalid())?;
        parts.headers.entry(name).or_insert(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn nothing_of_the_signature_is_left() {
        let mut parts = parts(
            "/b/a%20b?X-Amz-Algorithm=A&X-Amz-Credential=C&X-Amz-Date=D&X-Amz-Expires=1&X-Amz-SignedHeaders=host\
             &partNumber=1&uploadId=u%2Fv&X%2DAmz-Signature=s&x-amz-meta-who=Zo%C3%AB&x-amz-checksum-crc32=AAAAAA%3D%3D\
             &X-Amz-Content-Sha256=UNSIGNED-PAYLOAD",
            &[
                ("authorization", "AWS4-HMAC-SHA256 x"),
                ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                ("x-amz-decoded-content-length", "5"),
                ("content-length", "50"),
                ("content-encoding", "gzip, aws-chunked"),
                ("range", "bytes=0-1,3-4"),
            ],
        );
        strip(&mut parts, Some(5)).unwrap();
        assert_eq!(parts.uri, "/b/a%20b?partNumber=1&uploadId=u%2Fv");
        let names: Vec<&str> = parts.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert_eq!(parts.headers["content-length"], "5");
        assert_eq!(parts.headers["content-encoding"], "gzip");
        assert_eq!(parts.headers["x-amz-meta-who"].as_bytes(), "Zoë".as_bytes());
    }

    #[test]
    fn a_plain_request_stays_as_it_is() {
        let mut parts = parts("/b?list-type=2&prefix=a%20b", &[("range", "bytes=0-1")]);
        strip(&mut parts, None).unwrap();
        assert_eq!(parts.uri, "/b?list-type=2&prefix=a%20b");
        assert_eq!(parts.headers["range"], "bytes=0-1");
    }

    #[test]
    fn objects_are_told_from_small_bodies() {
        let stores = |method: Method, uri: &'static str| stores(&method, &Uri::from_static(uri));
        assert!(stores(Method::PUT, "/b/k"));
        assert!(stores(Method::PUT, "/b/k?x-id=PutObject"));
        assert!(stores(Method::PUT, "/b/k/?partNumber=1&uploadId=2"));
        assert!(!stores(Method::PUT, "/b/k?tagging"));
        assert!(!stores(Method::PUT, "/b"));
        assert!(!stores(Method::PUT, "/b/"));
        assert!(!stores(Method::POST, "/b/k?uploadId=2"));
        assert!(!stores(Method::GET, "/b/k"));
    }

    #[test]
    fn lengths_are_those_of_the_object() {
        let parts = parts(
            "/b/k",
            &[("content-length", "50"), ("x-amz-decoded-content-length", "5")],
        );
        let chunks = Payload::Chunks {
            signed: true,
            trailer: false,
        };
        assert_eq!(length(&parts.headers, chunks).unwrap(), Some(5));
        assert_eq!(length(&parts.headers, Payload::Unsigned).unwrap(), Some(50));
        assert_eq!(length(&HeaderMap::new(), Payload::Unsigned).unwrap(), None);
    }
}
