//! Which protocol a request speaks.

use axum::http::{HeaderName, Method, header};
use selfsame_wire::Service;

use crate::aws::TARGET;

/// What stands before a signature in the header `Authorization`.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Where the scope of a signature stands in the query of a presigned request.
const CREDENTIAL: &str = "X-Amz-Credential=";

/// Every SDK of AWS sends it with every request, signed or not.
const INVOCATION: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");

/// What the query of a request presigned with version 2 begins with at boto3; only S3 has such requests.
const VERSION_2: [&str; 3] = ["AWSAccessKeyId=", "Signature=", "Expires="];

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// The routes of the portal.
    Portal,
    /// AWS's JSON services.
    Json,
    /// S3.
    S3,
}

impl Protocol {
    /// The protocol of a request. Nothing is checked here: a request that pretends to speak a protocol is refused by it.
    pub(super) fn of<B>(request: &axum::http::Request<B>) -> Self {
        let is_call = *request.method() == Method::POST && request.uri().path() == "/";
        if is_call && request.headers().contains_key(TARGET) {
            return Self::Json;
        }
        if is_version_2(request) {
            return Self::S3;
        }
        match signed_service(request).as_deref() {
            Some("s3") => Self::S3,
            Some(name) if Service::from_signing_name(name).is_some() => Self::Json,
            // A client of AWS that was told not to sign: the only service left is S3.
            None if request.headers().contains_key(INVOCATION) => Self::S3,
            _ => Self::Portal,
        }
    }
}

/// Whether the query has everything that a signature of version 2 needs.
fn is_version_2<B>(request: &axum::http::Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let has = |name: &&str| query.split('&').any(|parameter| parameter.starts_with(*name));
    !request.headers().contains_key(header::AUTHORIZATION) && VERSION_2.iter().all(has)
}

/// The service in the scope `KEY/20150830/us-east-1/SERVICE/aws4_request` of a signature.
fn signed_service<B>(request: &axum::http::Request<B>) -> Option<String> {
    let scope = if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let fields = value.to_str().ok()?.trim_start().strip_prefix(ALGORITHM)?;
        let (_, rest) = fields.split_once("Credential=")?;
        rest.split([',', ' ']).next()?.to_owned()
    } else {
        let mut parameters = request.uri().query()?.split('&');
        let encoded = parameters.find_map(|parameter| parameter.strip_prefix(CREDENTIAL))?;
        encoded.replace("%2F", "/").replace("%2f", "/")
    };
    scope.split('/').nth(3).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &str, uri: &str, headers: &[(&str, &str)]) -> Protocol {
        let mut request = axum::http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Protocol::of(&request.body(()).unwrap())
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=SSAKAAAA/20261123/us-east-1/{service}/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=00"
        )
    }

    #[test]
    fn calls_are_told_by_their_target() {
        let target = [("x-amz-target", "RekognitionService.ListCollections")];
        assert_eq!(of("POST", "/", &target), Protocol::Json);
        assert_eq!(of("POST", "/register", &target), Protocol::Portal);
        assert_eq!(of("GET", "/", &target), Protocol::Portal);
    }

    #[test]
    fn signed_requests_are_told_by_their_scope() {
        for (service, protocol) in [
            ("s3", Protocol::S3),
            ("rekognition", Protocol::Json),
            ("textract", Protocol::Json),
            ("states", Protocol::Json),
            ("ssm", Protocol::Json),
            ("sts", Protocol::Portal),
        ] {
            let header = signed(service);
            assert_eq!(
                of("PUT", "/users/x", &[("authorization", &header)]),
                protocol,
                "{service}"
            );
            let uri =
                format!("/b/k?X-Amz-Credential=SSAK%2F20261123%2Fus-east-1%2F{service}%2Faws4_request&x=y");
            assert_eq!(of("GET", &uri, &[]), protocol, "{service}");
        }
    }

    #[test]
    fn addresses_presigned_with_version_2_are_for_s3() {
        let uri = "/b/k?AWSAccessKeyId=SSAK&Signature=x%3D&Expires=1";
        assert_eq!(of("GET", uri, &[]), Protocol::S3);
        assert_eq!(
            of("GET", "/b/k?AWSAccessKeyId=SSAK&Expires=1", &[]),
            Protocol::Portal
        );
        assert_eq!(
            of("GET", uri, &[("authorization", "Bearer ss_x")]),
            Protocol::Portal
        );
    }

    #[test]
    fn everything_else_is_the_portals() {
        for value in [
            "Bearer ss_x",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b",
        ] {
            assert_eq!(
                of("GET", "/users/x", &[("authorization", value)]),
                Protocol::Portal
            );
        }
        assert_eq!(of("GET", "/?X-Amz-Credential=", &[]), Protocol::Portal);
        let unsigned = [("amz-sdk-invocation-id", "0f8fad5b")];
        assert_eq!(of("GET", "/bucket/key", &unsigned), Protocol::S3);
        assert_eq!(of("POST", "/", &[]), Protocol::Portal);
    }
}
