//! What S3 has and this server has not. A request that asks for it is refused rather than half obeyed: whoever asks for
//! encryption must not get none.

use axum::http::{HeaderMap, HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use s3s::S3ErrorCode as Code;

use super::error::Error;

/// The owner of everything, as in ARNs.
pub(super) const ACCOUNT: &str = "000000000000";

/// Headers, by the beginning of their names, that are refused.
const REFUSED: [&str; 8] = [
    "x-amz-server-side-encryption",
    "x-amz-copy-source-server-side-encryption",
    "x-amz-object-lock-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
    "x-amz-if-match-",
    "x-amz-mfa",
    "x-amz-object-if-match",
];

/// Refuses what is not supported, wherever it stands.
pub(super) fn refuse(uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
    for (name, value) in headers {
        check_header(name.as_str(), value)?;
    }
    let version = parameter(uri, "versionId");
    if version.is_some_and(|version| version != "null") {
        // Without versioning, every object has one, called so.
        return Err(Error::new(Code::NoSuchVersion));
    }
    Ok(())
}

fn check_header(name: &str, value: &HeaderValue) -> Result<(), Error> {
    if let Some(refused) = REFUSED.iter().find(|refused| name.starts_with(**refused)) {
        return Err(Error::not_implemented(refused.trim_end_matches('-')));
    }
    let value = value.as_bytes();
    match name {
        "x-amz-acl" if ![&b"private"[..], b"bucket-owner-full-control"].contains(&value) => Err(no_lists()),
        _ if name.starts_with("x-amz-grant-") => Err(no_lists()),
        "x-amz-storage-class" if value != b"STANDARD" => Err(Error::new(Code::InvalidStorageClass)),
        "x-amz-bucket-object-lock-enabled" if !value.eq_ignore_ascii_case(b"false") => {
            Err(Error::not_implemented(name))
        }
        "x-amz-expected-bucket-owner" | "x-amz-source-expected-bucket-owner"
            if value != ACCOUNT.as_bytes() =>
        {
            Err(Error::new(Code::AccessDenied))
        }
        _ => Ok(()),
    }
}

fn no_lists() -> Error {
    Error::with(
        Code::AccessControlListNotSupported,
        "The bucket does not allow ACLs",
    )
}

/// A parameter of a query, decoded.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?.split('&').find_map(|part| {
        let (found, value) = part.split_once('=').unwrap_or((part, ""));
        let found = percent_decode_str(found).decode_utf8_lossy();
        (found == name).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn refused(name: &'static str, value: &'static str) -> Option<Code> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        refuse(&Uri::from_static("/b/k"), &headers)
            .err()
            .map(|error| error.code)
    }

    #[test]
    fn nothing_is_half_obeyed() {
        for (name, value, code) in [
            ("x-amz-server-side-encryption", "AES256", Code::NotImplemented),
            (
                "x-amz-server-side-encryption-customer-key",
                "a",
                Code::NotImplemented,
            ),
            ("x-amz-object-lock-mode", "GOVERNANCE", Code::NotImplemented),
            ("x-amz-acl", "public-read", Code::AccessControlListNotSupported),
            ("x-amz-grant-read", "id=1", Code::AccessControlListNotSupported),
            ("x-amz-storage-class", "GLACIER", Code::InvalidStorageClass),
            ("x-amz-expected-bucket-owner", "123456789012", Code::AccessDenied),
        ] {
            assert_eq!(refused(name, value), Some(code), "{name}");
        }
        for (name, value) in [
            ("x-amz-acl", "private"),
            ("x-amz-storage-class", "STANDARD"),
            ("x-amz-expected-bucket-owner", ACCOUNT),
            ("x-amz-meta-server-side-encryption", "yes"),
            ("content-type", "image/png"),
        ] {
            assert_eq!(refused(name, value), None, "{name}");
        }
    }

    #[test]
    fn there_are_no_versions() {
        let headers = HeaderMap::new();
        for (uri, fine) in [
            ("/b/k", true),
            ("/b/k?versionId=null", true),
            ("/b/k?versionId=1", false),
            ("/b/k?version%49d=1", false),
        ] {
            assert_eq!(refuse(&Uri::from_static(uri), &headers).is_ok(), fine, "{uri}");
        }
    }
}
