//! What clients are told.

use jiff::{SignedDuration, Timestamp};
use selfsame_wire::sigv4::{Error, Form, Presented};
use selfsame_wire::{Error as Refusal, ErrorCode};

use crate::interop::signed_by_the_sdk;
use crate::{SECRET, Signed, now, rekognition};

const DATE: &str = "20260203T040506Z";
const CREDENTIAL: &str = "AKIDEXAMPLE/20260203/us-east-1/rekognition/aws4_request";

fn read(uri: &str, headers: &[(&str, &str)]) -> Result<Option<Presented>, Error> {
    let mut request = http::Request::post(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    Presented::read(&parts.uri, &parts.headers)
}

/// The refusal of this `Authorization`, with a valid date.
fn told(authorization: &str) -> String {
    let error = read("/", &[("authorization", authorization), ("x-amz-date", DATE)]).unwrap_err();
    format!("{}: {error}", error.code().as_str())
}

/// The refusal of this query.
fn told_of_query(query: &str) -> String {
    let error = read(&format!("/?{query}"), &[]).unwrap_err();
    format!("{}: {error}", error.code().as_str())
}

#[test]
fn other_credentials_are_not_ours_to_judge() {
    for headers in [
        &[][..],
        &[("authorization", "Bearer ss_key")],
        &[("authorization", "Basic YTpi")],
        &[("x-api-key", "ss_key"), ("x-amz-date", DATE)],
    ] {
        assert_eq!(read("/?X-Amz-Date=x&a=%zz", headers), Ok(None));
    }
}

#[test]
fn headers_that_cannot_be_read_are_explained() {
    let told = [
        told("AWS4-HMAC-SHA256"),
        told("AWS4-HMAC-SHA256 Credential=x"),
        told("AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature"),
        told("AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=a, Signature=b"),
        told("AWS4-ECDSA-P256-SHA256 Credential=x, SignedHeaders=host, Signature=a"),
        told("AWS AKIDEXAMPLE:signature"),
        told("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=a"),
        told(
            "AWS4-HMAC-SHA256 Credential=key!/20260203/us-east-1/rekognition/aws4_request, SignedHeaders=host, Signature=a",
        ),
        told(
            "AWS4-HMAC-SHA256 Credential=k/20260203/us-east-1/rekognition/aws5, SignedHeaders=host, Signature=a",
        ),
        told(
            "AWS4-HMAC-SHA256 Credential=k/20260203/us_east/rekognition/aws4_request, SignedHeaders=host, Signature=a",
        ),
        told(
            "AWS4-HMAC-SHA256 Credential=k/20260204/us-east-1/rekognition/aws4_request, SignedHeaders=host, Signature=a",
        ),
        told(&format!(
            "AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=Host, Signature=a"
        )),
        told(&format!(
            "AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host;;x, Signature=a"
        )),
        told(&format!(
            "AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host;host, Signature=a"
        )),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn queries_that_cannot_be_read_are_explained() {
    let rest = format!("X-Amz-Credential={CREDENTIAL}&X-Amz-SignedHeaders=host&X-Amz-Signature=a");
    let complete = format!("{rest}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={DATE}");
    let told = [
        told_of_query("X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        told_of_query("X-Amz-Signature=a"),
        told_of_query(&format!("{rest}&X-Amz-Algorithm=AWS5&X-Amz-Date={DATE}")),
        told_of_query(&format!(
            "{rest}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=yesterday%00"
        )),
        told_of_query(&format!("{complete}&X-Amz-Expires=0")),
        told_of_query(&format!("{complete}&X-Amz-Expires=604801")),
        told_of_query(&format!("{complete}&X-Amz-Expires=soon")),
        told_of_query(&format!("{complete}&X-Amz-Signature=b")),
    ];
    insta::assert_snapshot!(told.join("\n"));
    let both = read(
        &format!("/?{complete}"),
        &[("authorization", "AWS4-HMAC-SHA256 "), ("date", DATE)],
    );
    assert!(both.is_err());
    let presented = read(&format!("/?{complete}&X-Amz-Expires=604800"), &[])
        .unwrap()
        .unwrap();
    assert_eq!(
        presented.form,
        Form::Query {
            expires_s: Some(604_800)
        }
    );
    assert!(!format!("{presented:?}").contains("signature: "));
}

#[test]
fn two_signatures_in_headers_are_refused() {
    let authorization = format!("AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature=a");
    let one = ("authorization", authorization.as_str());
    for other in [one, ("authorization", "Bearer x")] {
        for headers in [
            [one, other, ("x-amz-date", DATE)],
            [other, one, ("x-amz-date", DATE)],
        ] {
            let error = read("/", &headers).unwrap_err();
            assert_eq!(error.to_string(), "There is more than one Authorization header.");
        }
    }
    // Commas without spaces, and the date in its other header.
    let tight = authorization.replace(", ", ",");
    assert!(
        read("/", &[("authorization", &tight), ("date", DATE)])
            .unwrap()
            .is_some()
    );
}

#[test]
fn time_is_explained() {
    let told = |expires_s, signed: &str, here: &str| -> String {
        let signed: Timestamp = signed.parse().unwrap();
        let request = signed_by_the_sdk(Signed::operation(b"{}"), expires_s, signed);
        let result = request.verify(SECRET, here.parse().unwrap(), &rekognition());
        result.map_or_else(
            |error| format!("{}: {error}", error.code().as_str()),
            |()| "valid".to_owned(),
        )
    };
    let told = [
        told(None, "2026-02-03T04:05:06Z", "2026-02-03T04:20:06.9Z"),
        told(None, "2026-02-03T04:05:06Z", "2026-02-03T04:20:07Z"),
        told(None, "2026-02-03T04:20:06Z", "2026-02-03T04:05:06Z"),
        told(None, "2026-02-03T04:20:07Z", "2026-02-03T04:05:06Z"),
        told(Some(1), "2026-02-03T04:05:06Z", "2026-02-03T04:05:07Z"),
        told(Some(1), "2026-02-03T04:05:06Z", "2026-02-03T04:05:08Z"),
        told(Some(604_800), "2026-02-03T04:05:06Z", "2026-02-10T04:05:06Z"),
        told(Some(604_800), "2026-02-03T04:05:06Z", "2026-02-10T04:05:07Z"),
        told(Some(604_800), "2026-02-03T04:20:07Z", "2026-02-03T04:05:06Z"),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_must_be_signed_is_explained() {
    let check = |signed: &str, headers: &[(&str, &str)]| -> String {
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders={signed}, Signature=a");
        let mut all = vec![
            ("authorization", authorization.as_str()),
            ("x-amz-date", DATE),
            ("host", "h"),
        ];
        all.extend(headers);
        let mut request = http::Request::post("/");
        for (name, value) in all {
            request = request.header(name, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let presented = Presented::read(&parts.uri, &parts.headers).unwrap().unwrap();
        let error = presented
            .check(&parts.headers, now(), &rekognition())
            .unwrap_err();
        format!("{}: {error}", error.code().as_str())
    };
    let told = [
        check("x-amz-date", &[]),
        check("host", &[]),
        check("host;x-amz-date", &[("content-type", "x")]),
        check("host;x-amz-date", &[("x-amz-target", "x")]),
        check(
            "host;x-amz-date;x-amz-target",
            &[("x-amz-target", "x"), ("x-amz-target", "y")],
        ),
        check(
            "host;x-amz-date;x-amz-security-token",
            &[("x-amz-security-token", "x")],
        ),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn errors_become_answers() {
    for (error, code) in [
        (Error::Missing, ErrorCode::MissingAuthenticationTokenException),
        (Error::UnknownKey, ErrorCode::UnrecognizedClientException),
        (Error::Mismatch, ErrorCode::InvalidSignatureException),
    ] {
        let refusal = Refusal::from(error.clone());
        assert_eq!(
            (refusal.code(), refusal.message()),
            (code, error.to_string().as_str())
        );
    }
}

#[test]
fn moments_at_the_ends_of_time_do_no_harm() {
    for now in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
        let request = signed_by_the_sdk(Signed::operation(b"{}"), Some(60), crate::now());
        assert!(request.verify(SECRET, now, &rekognition()).is_err());
    }
    let then = now() + SignedDuration::from_secs(30);
    let request = signed_by_the_sdk(Signed::operation(b"{}"), Some(60), now());
    assert_eq!(request.verify(SECRET, then, &rekognition()), Ok(()));
}
