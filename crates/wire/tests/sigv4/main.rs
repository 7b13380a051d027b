//! Signatures: AWS's published vectors, what AWS's own signer signs, and what must not open anything.

#![expect(clippy::unwrap_used, reason = "tests")]

mod interop;
mod properties;
mod refusals;
mod tampering;
mod vectors;

use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use selfsame_wire::sigv4::{Error, Expected, Presented, Request, sha256, verify};

/// As in AWS's documentation.
const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "us-east-1";

/// A request, signed or not.
#[derive(Debug, Clone)]
struct Signed {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Signed {
    /// An operation as clients call it.
    fn operation(body: &[u8]) -> Self {
        let request = http::Request::post("/")
            .header("host", "127.0.0.1:8080")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "RekognitionService.ListCollections")
            .body(body.to_vec())
            .unwrap();
        Self::from(request)
    }

    fn presented(&self) -> Result<Option<Presented>, Error> {
        Presented::read(&self.uri, &self.headers)
    }

    /// As a server does it.
    fn verify(&self, secret: &str, now: Timestamp, expected: &Expected<'_>) -> Result<(), Error> {
        let presented = self.presented()?.ok_or(Error::Missing)?;
        if presented.access_key_id != ACCESS_KEY_ID {
            return Err(Error::UnknownKey);
        }
        let body = sha256(&self.body);
        let request = Request {
            method: &self.method,
            uri: &self.uri,
            headers: &self.headers,
            body: &body,
        };
        verify(&presented, secret, &request, now, expected)
    }
}

impl From<http::Request<Vec<u8>>> for Signed {
    fn from(request: http::Request<Vec<u8>>) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
        }
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When the tests happen.
fn now() -> Timestamp {
    moment("2026-02-03T04:05:06Z")
}

const fn rekognition() -> Expected<'static> {
    Expected {
        service: "rekognition",
        region: Some(REGION),
    }
}
