//! AWS Signature Version 2 in the query, for S3 only: what boto3 and the AWS CLI put into presigned addresses for `us-east-1`
//! unless they are told otherwise. Nothing else of version 2 is understood.
//!
//! HMAC-SHA-1 is not what one would choose today, but it is not broken as a MAC (RFC 6194, section 3.3), and an address names
//! one object, one method and its end.
//!
//! [The procedure](https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth)

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method, Uri};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use crate::sigv4::Error;

/// As for version 4, whose addresses live a week at most; version 2 itself knows no limit.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Parameters that say what is asked, and so are part of what is signed.
const SIGNED_PARAMETERS: [&str; 20] = [
    "acl",
    "cors",
    "delete",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "partNumber",
    "policy",
    "requestPayment",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
    "accelerate",
];
/// What stands before parameters that change the headers of the answer; those are signed, too.
const RESPONSE: &str = "response-";

/// A signature as it was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Whose secret is said to have been used.
    pub access_key_id: String,
    /// The end of its life, in seconds since 1970, as it was written.
    expires: String,
    signature: String,
}

impl Presented {
    /// The signature in the query, if there is one of version 2.
    #[must_use]
    pub fn read(uri: &Uri) -> Option<Self> {
        let query = parameters(uri);
        let one = |name: &str| match query.get(name).map(Vec::as_slice) {
            Some([value]) => Some(value.clone()),
            _ => None,
        };
        Some(Self {
            access_key_id: one("AWSAccessKeyId")?,
            expires: one("Expires")?,
            signature: one("Signature")?,
        })
    }

    /// Whether the request was signed with this secret and the address is still good.
    pub fn verify(
        &self,
        secret: &str,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), Error> {
        let end = self
            .expires
            .parse::<i64>()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or_else(|| Error::Incomplete("Expires must be seconds since 1970.".to_owned()))?;
        if end < now {
            return Err(Error::Expired {
                made: end.to_string(),
                earliest: now.to_string(),
                now: now.to_string(),
                window: "0 min.".to_owned(),
            });
        }
        if end.duration_since(now) > LONGEST_LIFE {
            return Err(Error::Incomplete(
                "Expires must be less than a week ahead.".to_owned(),
            ));
        }
        let calculated = signature(secret, &self.text(method, uri, headers));
        if bool::from(calculated.as_bytes().ct_eq(self.signature.as_bytes())) {
            Ok(())
        } else {
            Err(Error::Mismatch)
        }
    }

    /// What is signed. Headers may stand in the query, where whoever makes an address writes them.
    fn text(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
        let mut signed = BTreeMap::new();
        for (name, values) in parameters(uri) {
            signed.insert(name.to_ascii_lowercase(), values.join(","));
        }
        for name in headers.keys() {
            let values: Vec<String> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
                .collect();
            signed.insert(name.as_str().to_owned(), values.join(","));
        }
        let header = |name: &str| signed.get(name).map_or("", String::as_str);
        let mut amazon = String::new();
        for (name, value) in signed.iter().filter(|(name, _)| name.starts_with("x-amz-")) {
            amazon.extend([name, ":", value, "\n"]);
        }
        format!(
            "{method}\n{}\n{}\n{}\n{amazon}{}",
            header("content-md5"),
            header("content-type"),
            self.expires,
            resource(uri)
        )
    }
}

/// The path as it was sent, and the parameters that say what is asked of it.
fn resource(uri: &Uri) -> String {
    let mut signed: Vec<String> = parameters(uri)
        .into_iter()
        .filter(|(name, _)| SIGNED_PARAMETERS.contains(&name.as_str()) || name.starts_with(RESPONSE))
        .flat_map(|(name, values)| {
            values.into_iter().map(move |value| match value.as_str() {
                "" => name.clone(),
                value => format!("{name}={value}"),
            })
        })
        .collect();
    signed.sort_unstable();
    let query = signed.join("&");
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{}{separator}{query}", uri.path())
}

fn parameters(uri: &Uri) -> BTreeMap<String, Vec<String>> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let parts = uri.query().unwrap_or_default().split('&');
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        parameters.entry(decoded(name)).or_default().push(decoded(value));
    }
    parameters
}

fn signature(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    /// The example of AWS's documentation.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn now() -> Timestamp {
        Timestamp::from_second(1_175_139_000).unwrap()
    }

    fn verified(method: &Method, uri: &str, headers: &HeaderMap) -> Result<(), Error> {
        let uri: Uri = uri.parse().unwrap();
        let presented = Presented::read(&uri).unwrap();
        presented.verify(SECRET, method, &uri, headers, now())
    }

    #[test]
    fn the_documented_example_verifies() {
        // "Query string request authentication", with the bucket in the path, as it is in the documented text to sign.
        let uri = "/johnsmith/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE\
                   &Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";
        assert_eq!(verified(&Method::GET, uri, &HeaderMap::new()), Ok(()));
        for (from, to) in [
            ("puppy", "kitty"),
            ("NpgC", "NpgD"),
            ("1175139620", "1175139621"),
            ("?", "?uploads&"),
        ] {
            let changed = uri.replacen(from, to, 1);
            assert_eq!(
                verified(&Method::GET, &changed, &HeaderMap::new()),
                Err(Error::Mismatch),
                "{changed}"
            );
        }
        assert_eq!(
            verified(&Method::PUT, uri, &HeaderMap::new()),
            Err(Error::Mismatch)
        );
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-meta-who", HeaderValue::from_static("me"));
        assert_eq!(verified(&Method::GET, uri, &headers), Err(Error::Mismatch));
    }

    #[test]
    fn addresses_end() {
        let uri = |expires: &str| format!("/b/k?AWSAccessKeyId=A&Signature=x&Expires={expires}");
        let answer = |expires: &str| verified(&Method::GET, &uri(expires), &HeaderMap::new());
        assert!(matches!(answer("1175138999"), Err(Error::Expired { .. })));
        assert!(matches!(answer("1175743801"), Err(Error::Incomplete(_))));
        assert!(matches!(answer("soon"), Err(Error::Incomplete(_))));
        assert_eq!(answer("1175743799"), Err(Error::Mismatch));
    }

    #[test]
    fn two_signatures_are_none() {
        let uri = Uri::from_static("/b/k?AWSAccessKeyId=A&Signature=x&Signature=y&Expires=1");
        assert_eq!(Presented::read(&uri), None);
    }

    proptest! {
        #[test]
        fn no_query_panics(query in "[ -~]{0,80}") {
            if let Ok(uri) = format!("/b/k?AWSAccessKeyId=A&Signature=x&Expires=1175139620&{query}").parse::<Uri>()
                && let Some(presented) = Presented::read(&uri)
            {
                let answer = presented.verify(SECRET, &Method::GET, &uri, &HeaderMap::new(), now());
                prop_assert!(answer.is_err());
            }
        }
    }
}
