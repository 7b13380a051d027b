//! Signatures for S3. They differ from those of the other services in three ways: paths are taken as they are, a
//! header says what of the body is signed (a digest, nothing, or each chunk), and the content type need not be signed.
//!
//! [Header](https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html),
//! [query](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html),
//! [chunks](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html),
//! [trailers](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html)

use std::fmt;

use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::error::{Error, shown};
use super::{ALGORITHM, Expected, Form, Presented, canonical, hex, hmac, sha256, signing_key, text_to_sign};

/// Says what of the body is signed; in the query of presigned requests it is spelled with capitals.
const CONTENT_SHA256: &str = "x-amz-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const CHUNK: &str = "AWS4-HMAC-SHA256-PAYLOAD";
const TRAILER: &str = "AWS4-HMAC-SHA256-TRAILER";

/// What a signature covers, without the body.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// As it was sent.
    pub method: &'a Method,
    /// As it was sent: path and query, still encoded.
    pub uri: &'a Uri,
    /// All of them.
    pub headers: &'a HeaderMap,
}

/// What a request says of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    Unsigned,
    /// It has this SHA-256.
    Digest([u8; 32]),
    /// It comes in chunks (`aws-chunked`).
    Chunks {
        /// Each chunk has a signature.
        signed: bool,
        /// Headers follow the last one, if those have been announced.
        trailer: bool,
    },
}

impl Payload {
    /// Reads it; `None` where the request says nothing, which presigned requests may.
    pub fn read(request: &Request<'_>) -> Result<Option<Self>, Error> {
        let Some(text) = payload_text(request) else {
            return Ok(None);
        };
        let payload = match text.as_str() {
            UNSIGNED => Self::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Self::Chunks {
                signed: false,
                trailer: true,
            },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Self::Chunks {
                signed: true,
                trailer: false,
            },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Self::Chunks {
                signed: true,
                trailer: true,
            },
            digest => Self::Digest(digest_of(digest).ok_or_else(|| {
                Error::Incomplete(format!(
                    "x-amz-content-sha256 must be {UNSIGNED}, STREAMING-AWS4-HMAC-SHA256-PAYLOAD (-TRAILER), STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value, not '{}'.",
                    shown(digest)
                ))
            })?),
        };
        Ok(Some(payload))
    }
}

fn payload_text(request: &Request<'_>) -> Option<String> {
    if let Some(value) = request.headers.get(CONTENT_SHA256) {
        return Some(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    canonical::parameters(request.uri)
        .find(|(name, _)| name.as_ref() == b"X-Amz-Content-Sha256")
        .map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
}

/// 64 hexadecimal digits.
fn digest_of(text: &str) -> Option<[u8; 32]> {
    let nibble = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut digest = [0; 32];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != digest.len() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(digest)
}

/// Whether the request was signed with this secret, for this service, at about this time. Gives what signatures over
/// chunks of its body go on from.
pub fn verify(
    presented: &Presented,
    secret: &str,
    request: &Request<'_>,
    now: Timestamp,
    expected: &Expected<'_>,
) -> Result<Chunks, Error> {
    presented.check_with(request.headers, now, expected, false)?;
    if presented.form == (Form::Query { expires_s: None }) {
        return Err(Error::Incomplete(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.".to_owned(),
        ));
    }
    let payload = payload_text(request).unwrap_or_else(|| UNSIGNED.to_owned());
    let canonical =
        canonical::s3_request(request, &presented.signed_headers, &payload).ok_or(Error::Mismatch)?;
    let key = signing_key(presented, secret);
    let text = text_to_sign(ALGORITHM, presented, &[&hex(&sha256(&canonical))]);
    let signature = hex(&hmac(&key, text.as_bytes()));
    if !equal(&signature, &presented.signature) {
        return Err(Error::Mismatch);
    }
    Ok(Chunks {
        presented: presented.clone(),
        key,
        previous: signature,
    })
}

/// A chain of signatures: each covers the one before, so that chunks cannot be left out or change places.
#[derive(Clone)]
pub struct Chunks {
    presented: Presented,
    key: [u8; 32],
    previous: String,
}

impl Chunks {
    /// Whether the next chunk, with this SHA-256, was signed so.
    pub fn chunk(&mut self, digest: &[u8; 32], signature: &str) -> bool {
        // The second would be that of headers which a chunk has not.
        let digests = [hex(&sha256(b"")), hex(digest)];
        self.is_next(CHUNK, &digests, signature)
    }

    /// Whether the headers after the last chunk, as lines `name:value` that end with a line feed, were signed so.
    pub fn trailer(&mut self, lines: &[u8], signature: &str) -> bool {
        self.is_next(TRAILER, &[hex(&sha256(lines))], signature)
    }

    fn is_next(&mut self, kind: &str, digests: &[String], signature: &str) -> bool {
        let mut covers = vec![self.previous.as_str()];
        covers.extend(digests.iter().map(String::as_str));
        let text = text_to_sign(kind, &self.presented, &covers);
        self.previous = hex(&hmac(&self.key, text.as_bytes()));
        equal(&self.previous, signature)
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").finish_non_exhaustive()
    }
}

fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    // The examples of AWS's documentation, see above.
    const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const EXPECTED: Expected<'_> = Expected {
        service: "s3",
        region: Some("us-east-1"),
    };

    fn now() -> Timestamp {
        "2013-05-24T00:00:00Z".parse().unwrap()
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let parsed = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        parsed.collect()
    }

    fn signed(names: &str, signature: &str, pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = headers(pairs);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders={names},Signature={signature}"
        );
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        headers.insert("x-amz-date", HeaderValue::from_static("20130524T000000Z"));
        headers
    }

    fn check(
        method: &Method,
        uri: &str,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(Chunks, Option<Payload>), Error> {
        let uri: Uri = uri.parse().unwrap();
        let request = Request {
            method,
            uri: &uri,
            headers,
        };
        let presented = Presented::read(&uri, headers)?.ok_or(Error::Missing)?;
        let chunks = verify(&presented, SECRET, &request, now, &EXPECTED)?;
        Ok((chunks, Payload::read(&request)?))
    }

    #[test]
    fn the_documented_headers_verify() {
        let bucket = ("host", "examplebucket.s3.amazonaws.com");
        let put = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        for (method, uri, names, signature, pairs) in [
            (
                Method::GET,
                "/test.txt",
                "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                vec![bucket, ("range", "bytes=0-9"), (CONTENT_SHA256, EMPTY)],
            ),
            (
                Method::PUT,
                "/test$file.text",
                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                vec![
                    bucket,
                    ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                    (CONTENT_SHA256, put),
                ],
            ),
            (
                Method::GET,
                "/?lifecycle",
                "host;x-amz-content-sha256;x-amz-date",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
                vec![bucket, (CONTENT_SHA256, EMPTY)],
            ),
            (
                Method::GET,
                "/?max-keys=2&prefix=J",
                "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
                vec![bucket, (CONTENT_SHA256, EMPTY)],
            ),
        ] {
            let headers = signed(names, signature, &pairs);
            let (_, payload) = check(&method, uri, &headers, now()).unwrap();
            assert!(matches!(payload, Some(Payload::Digest(_))), "{uri}");
            let other = check(&Method::DELETE, uri, &headers, now()).unwrap_err();
            assert_eq!(other, Error::Mismatch);
            // The content type may be added on the way, anything of Amazon's may not.
            let mut more = headers.clone();
            more.insert("content-type", HeaderValue::from_static("image/png"));
            check(&method, uri, &more, now()).unwrap();
            more.insert("x-amz-copy-source", HeaderValue::from_static("/secrets/a"));
            let error = check(&method, uri, &more, now()).unwrap_err();
            assert!(matches!(error, Error::Unsigned(_)), "{error:?}");
        }
    }

    #[test]
    fn the_documented_presigned_address_verifies() {
        let uri = format!(
            "/test.txt?X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
        let headers = headers(&[("host", "examplebucket.s3.amazonaws.com")]);
        let at = |text: &str| check(&Method::GET, &uri, &headers, text.parse().unwrap());
        assert_eq!(at("2013-05-24T23:59:59Z").unwrap().1, None);
        assert!(matches!(at("2013-05-25T00:00:01Z"), Err(Error::Expired { .. })));
        assert!(matches!(
            at("2013-05-23T23:44:59Z"),
            Err(Error::NotYetCurrent { .. })
        ));
        assert!(check(&Method::PUT, &uri, &headers, now()).is_err());
        let forever = uri.replace("&X-Amz-Expires=86400", "");
        assert!(matches!(
            check(&Method::GET, &forever, &headers, now()),
            Err(Error::Incomplete(_))
        ));
    }

    #[test]
    fn the_documented_chunks_verify() {
        let names = "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class";
        let headers = signed(
            names,
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            &[
                ("host", "s3.amazonaws.com"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                (CONTENT_SHA256, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
                ("content-encoding", "aws-chunked"),
                ("x-amz-decoded-content-length", "66560"),
                ("content-length", "66824"),
            ],
        );
        let uri = "/examplebucket/chunkObject.txt";
        let (chunks, payload) = check(&Method::PUT, uri, &headers, now()).unwrap();
        let expected = Payload::Chunks {
            signed: true,
            trailer: false,
        };
        assert_eq!(payload, Some(expected));
        let pieces = [
            (
                65536,
                "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            ),
            (
                1024,
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            ),
            (
                0,
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            ),
        ];
        let digest = |count| sha256(&vec![b'a'; count]);
        let mut chain = chunks.clone();
        for (count, signature) in pieces {
            assert!(chain.chunk(&digest(count), signature), "{count}");
        }
        let mut chain = chunks.clone();
        assert!(!chain.chunk(&digest(1024), pieces[1].1), "one was left out");
        let mut chain = chunks;
        assert!(!chain.chunk(&digest(65535), pieces[0].1), "a byte was left out");
    }

    #[test]
    fn the_documented_trailer_verifies() {
        let names = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer";
        let headers = signed(
            names,
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
            &[
                ("host", "s3.amazonaws.com"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                (CONTENT_SHA256, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
                ("content-encoding", "aws-chunked"),
                ("x-amz-decoded-content-length", "66560"),
                ("x-amz-trailer", "x-amz-checksum-crc32c"),
            ],
        );
        let uri = "/examplebucket/chunkObject.txt";
        let (mut chunks, _) = check(&Method::PUT, uri, &headers, now()).unwrap();
        for (count, signature) in [
            (
                65536,
                "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            ),
            (
                1024,
                "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            ),
            (
                0,
                "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            ),
        ] {
            assert!(chunks.chunk(&sha256(&vec![b'a'; count]), signature), "{count}");
        }
        let signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
        assert!(
            !chunks
                .clone()
                .trailer(b"x-amz-checksum-crc32c:sOO9/Q==\n", signature)
        );
        assert!(chunks.trailer(b"x-amz-checksum-crc32c:sOO8/Q==\n", signature));
    }

    #[test]
    fn other_payloads_are_refused() {
        let uri = Uri::from_static("/");
        let read = |value: &str| {
            let headers = headers(&[(CONTENT_SHA256, value)]);
            Payload::read(&Request {
                method: &Method::GET,
                uri: &uri,
                headers: &headers,
            })
        };
        assert_eq!(read(UNSIGNED), Ok(Some(Payload::Unsigned)));
        assert_eq!(read(EMPTY), Ok(Some(Payload::Digest(sha256(b"")))));
        for value in [
            "",
            "UNSIGNED",
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
            &EMPTY[1..],
            &EMPTY.replace('e', "g"),
            &format!("{EMPTY}00"),
        ] {
            assert!(matches!(read(value), Err(Error::Incomplete(_))), "{value}");
        }
    }
}
