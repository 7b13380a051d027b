//! AWS Signature Version 4 for the JSON services, and in [`s3`] for S3: reading and verifying signatures in the
//! `Authorization` header and in the query (presigned requests).
//!
//! Why not `scratchstack-aws-signature`: it knows no `X-Amz-Expires`, so that a presigned request lives fifteen minutes
//! whatever it says; at its finest level it logs the signature that it expected; and it brings a date library, a regex
//! engine, a builder and `tower` for three dozen lines of HMAC. Of it we took the texts of AWS's errors. Our tests run
//! AWS's published vectors, and verify what AWS's own signer (`aws-sigv4`) and botocore sign.
//!
//! What is stricter than the letter, always in the client's interest:
//! * the body is hashed by the server; `UNSIGNED-PAYLOAD` verifies nothing here ([`s3`] takes it);
//! * `host`, `content-type` and every `x-amz-*` header of the request must be signed, so that a request cannot be
//!   replayed with another target;
//! * whatever could be read in two ways (a header or a parameter given twice, two signatures) is refused.
//!
//! A signature can be replayed unchanged until it expires: that is the protocol's, and TLS is the answer to it.
//!
//! [The procedure](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)

mod canonical;
mod error;
mod fields;
mod moment;
mod presented;
pub mod s3;
mod sign;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub use error::Error;
pub use presented::{Form, Presented};
pub use sign::Signer;

/// The one algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Ends every scope.
const TERMINATOR: &str = "aws4_request";

/// What a signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// As it was sent.
    pub method: &'a Method,
    /// As it was sent: path and query, still encoded.
    pub uri: &'a Uri,
    /// All of them.
    pub headers: &'a HeaderMap,
    /// SHA-256 of the body, by [`sha256`].
    pub body: &'a [u8; 32],
}

/// For what a signature must have been made.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The service that is asked.
    pub service: &'a str,
    /// The region of this server; `None` accepts every region.
    pub region: Option<&'a str>,
}

/// Whether the request was signed with this secret, for this service, at about this time. It begins with
/// [`Presented::check`].
pub fn verify(
    presented: &Presented,
    secret: &str,
    request: &Request<'_>,
    now: Timestamp,
    expected: &Expected<'_>,
) -> Result<(), Error> {
    presented.check(request.headers, now, expected)?;
    let calculated = signature(presented, secret, request).ok_or(Error::Mismatch)?;
    let equal = calculated.as_bytes().ct_eq(presented.signature.as_bytes());
    if bool::from(equal) {
        Ok(())
    } else {
        Err(Error::Mismatch)
    }
}

/// SHA-256, as it goes into [`Request::body`].
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The signature that belongs to the request, in hexadecimal; `None` where a signed header is missing.
fn signature(presented: &Presented, secret: &str, request: &Request<'_>) -> Option<String> {
    let canonical = canonical::request(request, &presented.signed_headers)?;
    let text = text_to_sign(ALGORITHM, presented, &[&hex(&sha256(&canonical))]);
    Some(hex(&hmac(&signing_key(presented, secret), text.as_bytes())))
}

/// What the key is used on: what kind of signature it is, when and for what it was made, and what it covers.
fn text_to_sign(kind: &str, presented: &Presented, covers: &[&str]) -> String {
    let Presented {
        date,
        region,
        service,
        ..
    } = presented;
    let time = moment::format(presented.time);
    let covers = covers.join("\n");
    format!("{kind}\n{time}\n{date}/{region}/{service}/{TERMINATOR}\n{covers}")
}

/// The key of one day, region and service.
fn signing_key(presented: &Presented, secret: &str) -> [u8; 32] {
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), presented.date.as_bytes());
    for part in [presented.region.as_str(), &presented.service, TERMINATOR] {
        key = hmac(&key, part.as_bytes());
    }
    key
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |index: u8| char::from(DIGITS[usize::from(index & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_in_lowercase() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
