//! Arbitrary requests through `wire::sigv4`: reading never panics, and nobody guesses a signature.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use libfuzzer_sys::fuzz_target;
use selfsame_wire::sigv4::{Expected, Presented, Request, s3, sha256, verify};

const DATE: &str = "20260203T040506Z";
const NOW_S: i64 = 1_770_091_506;
const CREDENTIAL: &str = "AKIDEXAMPLE/20260203/us-east-1/rekognition/aws4_request";

/// Gives the fuzzer what it would take long to find: `@D` is a date, `@C` a credential of that day.
fn filled(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    text.replace("@D", DATE).replace("@C", CREDENTIAL).into_bytes()
}

/// Method, address, headers (`name:value`) and an empty line, the body.
fn request(bytes: &[u8]) -> Option<(Method, Uri, HeaderMap, &[u8])> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let method = Method::from_bytes(lines.next()?).ok()?;
    let uri = Uri::try_from(filled(lines.next()?)).ok()?;
    let mut headers = HeaderMap::new();
    for line in lines.by_ref() {
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = match &line[..colon] {
            b"a" => HeaderName::from_static("authorization"),
            b"d" => HeaderName::from_static("x-amz-date"),
            other => HeaderName::from_bytes(other).ok()?,
        };
        headers.append(name, HeaderValue::from_bytes(&filled(&line[colon + 1..])).ok()?);
    }
    Some((method, uri, headers, lines.next().unwrap_or_default()))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((method, uri, headers, body)) = request(bytes) else {
        return;
    };
    let Ok(Some(presented)) = Presented::read(&uri, &headers) else {
        return;
    };
    let body = sha256(body);
    let request = Request {
        method: &method,
        uri: &uri,
        headers: &headers,
        body: &body,
    };
    let Ok(now) = jiff::Timestamp::from_second(NOW_S) else {
        return;
    };
    let s3_request = s3::Request {
        method: &method,
        uri: &uri,
        headers: &headers,
    };
    let _ = s3::Payload::read(&s3_request);
    // In the first case the scope is right, so that the canonical request is made.
    for service in [presented.service.as_str(), "rekognition"] {
        let expected = Expected {
            service,
            region: None,
        };
        for moment in [now, presented.time] {
            assert!(verify(&presented, "secret", &request, moment, &expected).is_err());
            assert!(s3::verify(&presented, "secret", &s3_request, moment, &expected).is_err());
        }
    }
});
