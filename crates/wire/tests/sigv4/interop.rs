//! What the signer of AWS's SDK for Rust signs, this server accepts.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign as sdk_sign,
};
use aws_sigv4::sign::v4;
use http::HeaderMap;
use jiff::Timestamp;
use selfsame_wire::sigv4::{Error, Expected, Form, Signer};

use crate::{ACCESS_KEY_ID, REGION, SECRET, Signed, now, rekognition};

/// Signs as the SDK does: in the header, or in the query, valid for so many seconds.
pub(crate) fn signed_by_the_sdk(request: Signed, expires_s: Option<u64>, time: Timestamp) -> Signed {
    let body = request.body.clone();
    signed_with_body(request, &SignableBody::Bytes(&body), expires_s, time)
}

fn signed_with_body(
    request: Signed,
    body: &SignableBody<'_>,
    expires_s: Option<u64>,
    time: Timestamp,
) -> Signed {
    let identity = Credentials::new(ACCESS_KEY_ID, SECRET, None, None, "test").into();
    let mut settings = SigningSettings::default();
    if let Some(seconds) = expires_s {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(seconds));
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("rekognition")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_second().try_into().unwrap()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let uri = format!("http://127.0.0.1:8080{}", request.uri);
    let signable = SignableRequest::new(request.method.as_str(), uri, headers, body.clone()).unwrap();
    let (instructions, _) = sdk_sign(signable, &params).unwrap().into_parts();
    let mut sent = http::Request::builder().method(request.method).uri(request.uri);
    *sent.headers_mut().unwrap() = request.headers;
    let mut sent = sent.body(request.body).unwrap();
    instructions.apply_to_request_http1x(&mut sent);
    Signed::from(sent)
}

#[test]
fn a_request_of_botocore_is_accepted() {
    // Signed by botocore 1.43.11 (`SigV4Auth`), the clock set to `now()`.
    let mut request = Signed::operation(b"{\"MaxResults\": 7}");
    for (name, value) in [
        ("user-agent", "Boto3/1.44.5"),
        ("x-amz-date", "20260203T040506Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260203/us-east-1/rekognition/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=bd5e628c59ec04b45f39865f6981fb5038476124ec8ef3301af376ac5b0df15e",
        ),
    ] {
        request.headers.insert(name, value.parse().unwrap());
    }
    assert_eq!(request.verify(SECRET, now(), &rekognition()), Ok(()));
}

#[test]
fn a_header_of_the_sdk_is_accepted() {
    let request = signed_by_the_sdk(Signed::operation(b"{\"MaxResults\":7}"), None, now());
    let presented = request.presented().unwrap().unwrap();
    assert_eq!(presented.form, Form::Header);
    assert_eq!(presented.service, "rekognition");
    let names: Vec<&str> = presented
        .signed_headers
        .iter()
        .map(http::HeaderName::as_str)
        .collect();
    assert_eq!(names, ["content-type", "host", "x-amz-date", "x-amz-target"]);
    assert_eq!(request.verify(SECRET, now(), &rekognition()), Ok(()));
    let anywhere = Expected {
        region: None,
        ..rekognition()
    };
    assert_eq!(request.verify(SECRET, now(), &anywhere), Ok(()));
}

#[test]
fn a_presigned_request_of_the_sdk_is_accepted() {
    let request = signed_by_the_sdk(Signed::operation(b"{}"), Some(300), now());
    let presented = request.presented().unwrap().unwrap();
    assert_eq!(presented.form, Form::Query { expires_s: Some(300) });
    assert_eq!(request.verify(SECRET, now(), &rekognition()), Ok(()));
}

#[test]
fn our_signer_signs_as_the_sdk_does() {
    let request = Signed::operation(b"{}");
    let theirs = signed_by_the_sdk(request.clone(), None, now());
    let mut ours = request;
    let signer = Signer {
        access_key_id: ACCESS_KEY_ID,
        secret: SECRET,
        region: REGION,
        service: "rekognition",
    };
    // Signing again replaces the first signature.
    for _ in 0..2 {
        signer
            .sign(&ours.method, &ours.uri, &mut ours.headers, &ours.body, now())
            .unwrap();
    }
    let authorization = |headers: &HeaderMap| -> String {
        let value = headers["authorization"].to_str().unwrap();
        value.replace(", ", ",")
    };
    assert_eq!(authorization(&ours.headers), authorization(&theirs.headers));
    assert_eq!(ours.verify(SECRET, now(), &rekognition()), Ok(()));
}

#[test]
fn a_body_that_was_left_out_of_the_signature_is_refused() {
    // As S3 allows it: the text stands where the digest of the body should.
    let mut request = Signed::operation(b"{}");
    request
        .headers
        .insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
    for expires_s in [None, Some(60)] {
        let sent = signed_with_body(request.clone(), &SignableBody::UnsignedPayload, expires_s, now());
        assert_eq!(sent.verify(SECRET, now(), &rekognition()), Err(Error::Mismatch));
    }
}
