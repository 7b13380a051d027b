//! Every bit of a signed request counts.

use http::{HeaderName, HeaderValue, Method, Uri};
use jiff::SignedDuration;
use selfsame_wire::sigv4::{Error, Expected};

use crate::interop::signed_by_the_sdk;
use crate::{SECRET, Signed, now, rekognition};

/// In both forms.
fn signed() -> [Signed; 2] {
    let mut request = Signed::operation(b"{\"CollectionId\":\"staff\"}");
    request.uri = "/a/b?one=1&two=2".parse().unwrap();
    [None, Some(300)].map(|expires_s| signed_by_the_sdk(request.clone(), expires_s, now()))
}

fn verify(request: &Signed) -> Result<(), Error> {
    request.verify(SECRET, now(), &rekognition())
}

/// Every text in which one bit is another.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut other = bytes.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        other
    })
}

#[test]
fn an_unchanged_request_verifies() {
    for request in signed() {
        assert_eq!(verify(&request), Ok(()));
    }
}

#[test]
fn another_bit_of_a_header_is_refused() {
    for request in signed() {
        let names: Vec<HeaderName> = request.headers.keys().cloned().collect();
        assert!(names.len() >= 3);
        for name in names {
            for bytes in flipped(request.headers[&name].as_bytes()) {
                // What is no header value cannot be sent.
                let Ok(value) = HeaderValue::from_bytes(&bytes) else {
                    continue;
                };
                let mut other = request.clone();
                other.headers.insert(name.clone(), value);
                assert!(verify(&other).is_err(), "{name}: {:?}", other.headers[&name]);
            }
            let mut other = request.clone();
            other.headers.remove(&name);
            assert!(verify(&other).is_err(), "without {name}");
        }
    }
}

#[test]
fn another_bit_of_the_address_is_refused() {
    // `%2f` and `%2F` are the same.
    let meaning = |uri: &Uri| uri.to_string().replace("%2f", "%2F").replace("%3b", "%3B");
    for request in signed() {
        let mut tried = 0;
        for bytes in flipped(request.uri.to_string().as_bytes()) {
            let Ok(uri) = Uri::try_from(bytes.as_slice()) else {
                continue;
            };
            if meaning(&uri) == meaning(&request.uri) {
                continue;
            }
            let other = Signed {
                uri,
                ..request.clone()
            };
            assert!(verify(&other).is_err(), "{}", other.uri);
            tried += 1;
        }
        assert!(tried > 50);
    }
}

#[test]
fn another_bit_of_the_body_is_refused() {
    for request in signed() {
        for body in flipped(&request.body) {
            let other = Signed {
                body,
                ..request.clone()
            };
            assert_eq!(verify(&other), Err(Error::Mismatch));
        }
        for body in [Vec::new(), [request.body.as_slice(), b" "].concat()] {
            let other = Signed {
                body,
                ..request.clone()
            };
            assert_eq!(verify(&other), Err(Error::Mismatch));
        }
    }
}

#[test]
fn another_bit_of_the_secret_is_refused() {
    for request in signed() {
        for secret in flipped(SECRET.as_bytes()) {
            let Ok(secret) = String::from_utf8(secret) else {
                continue;
            };
            assert_eq!(
                request.verify(&secret, now(), &rekognition()),
                Err(Error::Mismatch)
            );
        }
    }
}

#[test]
fn another_method_service_region_or_time_is_refused() {
    for request in signed() {
        for method in [Method::GET, Method::PUT, Method::from_bytes(b"post").unwrap()] {
            let other = Signed {
                method,
                ..request.clone()
            };
            assert_eq!(verify(&other), Err(Error::Mismatch));
        }
        for expected in [
            Expected {
                service: "textract",
                ..rekognition()
            },
            Expected {
                region: Some("eu-west-1"),
                ..rekognition()
            },
        ] {
            let result = request.verify(SECRET, now(), &expected);
            assert!(matches!(result, Err(Error::Scope(_))), "{result:?}");
        }
        for seconds in [-901, 901, 86_400 * 365] {
            let then = now() + SignedDuration::from_secs(seconds);
            assert!(request.verify(SECRET, then, &rekognition()).is_err(), "{seconds}");
        }
    }
}

#[test]
fn another_header_is_refused() {
    for request in signed() {
        let mut other = request.clone();
        other.headers.insert("x-amz-something", "x".parse().unwrap());
        assert_eq!(verify(&other), Err(Error::Unsigned("x-amz-something".to_owned())));
        for name in ["host", "x-amz-target", "x-amz-date"] {
            let mut other = request.clone();
            let name = HeaderName::from_static(name);
            other.headers.append(name.clone(), "x".parse().unwrap());
            assert!(verify(&other).is_err(), "{name}");
        }
        // Those that say nothing to the server may be added on the way.
        let mut other = request.clone();
        for name in [
            "user-agent",
            "x-forwarded-for",
            "via",
            "x-amzn-trace-id",
            "x-amz-user-agent",
        ] {
            other.headers.insert(name, "x".parse().unwrap());
        }
        assert_eq!(verify(&other), Ok(()));
    }
}
