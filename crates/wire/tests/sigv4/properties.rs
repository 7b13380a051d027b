//! Nothing makes the reader panic, and the SDK and the server agree on all that can be signed.

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use selfsame_wire::sigv4::{Error, Presented};

use crate::interop::signed_by_the_sdk;
use crate::{SECRET, Signed, now, rekognition};

/// A path as a client sends it.
fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        Just(String::new()),
        Just(".".to_owned()),
        Just("..".to_owned()),
        "[a-zA-Z0-9._~:@!$'()*,;=-]{1,6}",
        any::<String>().prop_map(|text| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()),
    ];
    prop::collection::vec(segment, 0..5).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// Parameters, encoded.
fn query() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<(String, String)>(), 0..4).prop_map(|pairs| {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> = pairs
            .iter()
            .filter(|(name, value)| !(name.is_empty() && value.is_empty()))
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.join("&")
    })
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("(x-amz-)?[a-z]{1,8}-q", "[!-~]([ -~]{0,20}[!-~])?"), 0..5)
}

proptest! {
    #[test]
    fn what_the_sdk_signs_is_accepted_and_nothing_like_it(
        path in path(),
        query in query(),
        headers in headers(),
        body in any::<Vec<u8>>(),
        expires_s in prop::option::of(1..=604_800_u64),
        other in any::<Vec<u8>>(),
    ) {
        let mut request = Signed::operation(&body);
        request.uri = format!("{path}?{query}").parse().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers.insert(name, value.parse().unwrap());
        }
        let mut signed = signed_by_the_sdk(request, expires_s, now());
        prop_assert_eq!(signed.verify(SECRET, now(), &rekognition()), Ok(()));
        if other != signed.body {
            signed.body = other;
            prop_assert_eq!(signed.verify(SECRET, now(), &rekognition()), Err(Error::Mismatch));
        }
    }

    #[test]
    fn any_header_is_read_without_panic(
        authorization in "(AWS4-HMAC-SHA256 )?((Credential|Signature|SignedHeaders)=[ -~]{0,60}, ?){0,4}[ -~]{0,9}",
        date in prop_oneof!["[0-9TZ]{14,17}", any::<String>()],
        query in "[ -~]{0,80}",
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", authorization), ("x-amz-date", date)] {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.insert(name, value);
            }
        }
        let uri: Uri = format!("/?{query}").parse().unwrap_or_default();
        if let Ok(Some(presented)) = Presented::read(&uri, &headers) {
            let _ = presented.check(&headers, now(), &rekognition());
        }
    }

    #[test]
    fn any_query_is_read_without_panic(
        parts in prop::collection::vec(
            ("(X-Amz-(Algorithm|Credential|Date|Expires|Signature|SignedHeaders|Security-Token)|[a-z%=]{0,5})",
             "(AWS4-HMAC-SHA256|20260203T040506Z|[a-z0-9/%;-]{0,40})"),
            0..9,
        ),
    ) {
        let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let uri: Uri = format!("/?{}", parts.join("&")).parse().unwrap_or_default();
        let request = Signed { uri, ..Signed::operation(b"") };
        prop_assert!(request.verify(SECRET, now(), &rekognition()).is_err());
    }
}
