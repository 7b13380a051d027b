//! The one text for all ways to write a request, over which the signature goes.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::{Request, hex, s3};

/// Everything but the unreserved characters of [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const ENCODED_BUT_SLASH: &AsciiSet = &ENCODED.remove(b'/');
/// Not part of what it signs.
const SIGNATURE: &str = "X-Amz-Signature";

/// The canonical request; `None` where a signed header is missing.
pub(super) fn request(request: &Request<'_>, signed: &[HeaderName]) -> Option<Vec<u8>> {
    let first = [
        request.method.as_str(),
        &path(request.uri.path()),
        &query(request.uri),
    ];
    text(first, request.headers, signed, &hex(request.body))
}

/// The same for S3, which takes paths as they are: a key may hold doubled slashes and dots.
pub(super) fn s3_request(request: &s3::Request<'_>, signed: &[HeaderName], payload: &str) -> Option<Vec<u8>> {
    let first = [
        request.method.as_str(),
        &s3_path(request.uri.path()),
        &query(request.uri),
    ];
    text(first, request.headers, signed, payload)
}

fn text(first: [&str; 3], headers: &HeaderMap, signed: &[HeaderName], last: &str) -> Option<Vec<u8>> {
    let names: Vec<&str> = signed.iter().map(HeaderName::as_str).collect();
    let mut text = Vec::with_capacity(1024);
    for part in first {
        text.extend(part.as_bytes());
        text.push(b'\n');
    }
    for name in signed {
        header(&mut text, headers, name)?;
    }
    text.push(b'\n');
    text.extend(names.join(";").as_bytes());
    text.push(b'\n');
    text.extend(last.as_bytes());
    Some(text)
}

/// The path, encoded in the one way.
fn s3_path(path: &str) -> String {
    let decoded: Cow<'_, [u8]> = percent_decode_str(path).into();
    percent_encode(&decoded, ENCODED_BUT_SLASH).to_string()
}

/// The path without `.`, `..` and doubled slashes. It was encoded to be sent, and is encoded a second time here: so
/// it is for every service but S3.
fn path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    // `/a/` and `/a` are different, and so is `/a/.` from `/a`.
    let ends_open = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let slash = if ends_open && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    let plain = format!("/{}{slash}", segments.join("/"));
    percent_encode(plain.as_bytes(), ENCODED_BUT_SLASH).to_string()
}

/// The parameters, each encoded in the one way, in the order of their bytes, without the signature.
fn query(uri: &Uri) -> String {
    let mut pairs: Vec<(String, String)> = parameters(uri)
        .filter(|(name, _)| name.as_ref() != SIGNATURE.as_bytes())
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// The parameters of a query, decoded. A plus sign is a plus sign.
pub(super) fn parameters(uri: &Uri) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    let parts = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|part| !part.is_empty());
    parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (percent_decode_str(name).into(), percent_decode_str(value).into())
    })
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, ENCODED).to_string()
}

/// `name:first,second` and a line's end; the values without spaces around them and with single spaces inside.
fn header(text: &mut Vec<u8>, headers: &HeaderMap, name: &HeaderName) -> Option<()> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    text.extend(name.as_str().as_bytes());
    for (index, value) in values.enumerate() {
        text.push(if index == 0 { b':' } else { b',' });
        let words = value
            .as_bytes()
            .split(|byte| *byte == b' ')
            .filter(|word| !word.is_empty());
        for (index, word) in words.enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            text.extend(word);
        }
    }
    text.push(b'\n');
    Some(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn paths_are_normalised_and_encoded_once_more() {
        for (sent, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/..", "/"),
            ("/../..", "/"),
            ("/a/..", "/"),
            ("/a/../b", "/b"),
            ("//a//b//", "/a/b/"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/...", "/..."),
            ("/a%20b", "/a%2520b"),
            ("/ሴ", "/%E1%88%B4"),
            ("/a:b@c", "/a%3Ab%40c"),
            ("*", "/%2A"),
        ] {
            assert_eq!(path(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn paths_of_s3_are_left_as_they_are() {
        for (sent, canonical) in [
            ("/", "/"),
            ("/b//a/../c/./", "/b//a/../c/./"),
            ("/b/a%20b", "/b/a%20b"),
            ("/b/a+b=c", "/b/a%2Bb%3Dc"),
            ("/b/%2f%7e%25", "/b//~%25"),
            ("/b/ሴ", "/b/%E1%88%B4"),
            ("/b/%ff", "/b/%FF"),
        ] {
            assert_eq!(s3_path(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn queries_are_decoded_encoded_and_sorted() {
        for (sent, canonical) in [
            ("/", ""),
            ("/?", ""),
            ("/?&&", ""),
            ("/?a", "a="),
            ("/?=a", "=a"),
            ("/?b=2&a=1", "a=1&b=2"),
            ("/?a=2&a=1", "a=1&a=2"),
            ("/?a=1&A=1", "A=1&a=1"),
            // By name first: joined, `a-b=` would stand before `a=`.
            ("/?a-b=1&a=1", "a=1&a-b=1"),
            ("/?a=b=c", "a=b%3Dc"),
            ("/?a=%2f%7e", "a=%2F~"),
            ("/?a=+%2B%20", "a=%2B%2B%20"),
            ("/?a=%&b=%zz", "a=%25&b=%25zz"),
            (
                "/?a=1&X-Amz-Signature=abc&b=%58-Amz-Signature",
                "a=1&b=X-Amz-Signature",
            ),
        ] {
            assert_eq!(query(&sent.parse().unwrap()), canonical, "{sent}");
        }
    }

    #[test]
    fn headers_are_joined_and_trimmed() {
        let mut headers = HeaderMap::new();
        for value in ["  a   b  ", "", "c\t d"] {
            headers.append("x-one", HeaderValue::from_static(value));
        }
        let mut text = Vec::new();
        header(&mut text, &headers, &HeaderName::from_static("x-one")).unwrap();
        assert_eq!(text, b"x-one:a b,,c\t d\n");
        assert_eq!(
            header(&mut text, &headers, &HeaderName::from_static("x-two")),
            None
        );
    }
}
