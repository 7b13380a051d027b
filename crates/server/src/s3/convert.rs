//! Between the adapter's types and ours.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::S3ErrorCode as Code;
use s3s::dto::{ETag, ETagCondition, EncodingType, Initiator, Owner, Timestamp};
use selfsame_store::Condition;
use uuid::Uuid;

use super::error::Error;
use super::unsupported::ACCOUNT;

/// What stays as it is where keys are percent-encoded.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A moment.
pub(super) fn moment(moment: jiff::Timestamp) -> Timestamp {
    since_1970(Duration::from_micros(
        u64::try_from(moment.as_microsecond()).unwrap_or(0),
    ))
}

/// A moment to the second, as HTTP headers have it.
pub(super) fn second(moment: jiff::Timestamp) -> Timestamp {
    since_1970(Duration::from_secs(
        u64::try_from(moment.as_second()).unwrap_or(0),
    ))
}

fn since_1970(duration: Duration) -> Timestamp {
    (SystemTime::UNIX_EPOCH + duration).into()
}

/// An entity tag.
pub(super) fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// Who owns everything.
pub(super) fn owner() -> Owner {
    Owner {
        display_name: Some("selfsame".to_owned()),
        id: Some(ACCOUNT.to_owned()),
    }
}

/// Who began everything.
pub(super) fn initiator() -> Initiator {
    Initiator {
        display_name: Some("selfsame".to_owned()),
        id: Some(ACCOUNT.to_owned()),
    }
}

/// A number of entries: what was asked for, but no more than `max`.
pub(super) fn bounded(asked: Option<i32>, max: u32, name: &str) -> Result<u32, Error> {
    match asked {
        None => Ok(max),
        Some(asked) => u32::try_from(asked).map(|asked| asked.min(max)).map_err(|_| {
            Error::argument(format!(
                "Argument {name} must be an integer between 0 and 2147483647"
            ))
        }),
    }
}

/// What must hold for an object to be replaced.
pub(super) fn condition(
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
) -> Result<Option<Condition>, Error> {
    match (if_match, if_none_match) {
        (None, None) => Ok(None),
        (None, Some(ETagCondition::Any)) => Ok(Some(Condition::Absent)),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Some(Condition::Etag(etag.into_value()))),
        _ => Err(Error::not_implemented(
            "If-Match takes an entity tag, If-None-Match takes *, and one excludes the other",
        )),
    }
}

/// What a failed condition is called.
pub(super) fn refused(exists: bool, condition: Option<&Condition>) -> Error {
    match condition {
        Some(Condition::Etag(_)) if !exists => Error::new(Code::NoSuchKey),
        _ => Error::new(Code::PreconditionFailed),
    }
}

/// The id of an upload. What is none belongs to none.
pub(super) fn upload_id(text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::new(Code::NoSuchUpload))
}

/// A key as part of an address.
pub(super) fn encoded(key: &str) -> String {
    utf8_percent_encode(key, KEY).to_string()
}

/// Texts of a list, encoded if the client asks for it: XML cannot hold every character of a key.
#[derive(Clone, Copy)]
pub(super) struct Encoding(bool);

impl Encoding {
    pub(super) fn new(asked: Option<&EncodingType>) -> Result<Self, Error> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self(false)),
            Some(EncodingType::URL) => Ok(Self(true)),
            Some(_) => Err(Error::argument("Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn text(self, text: String) -> String {
        if self.0 { encoded(&text) } else { text }
    }

    pub(super) fn some(self, text: Option<String>) -> Option<String> {
        text.map(|text| self.text(text))
    }
}

/// Where a list goes on. Opaque, so that nobody makes one.
pub(super) fn token(after: &str) -> String {
    format!("1{}", URL_SAFE_NO_PAD.encode(after))
}

/// What a token stands for.
pub(super) fn from_token(token: &str) -> Result<String, Error> {
    let text = token
        .strip_prefix('1')
        .and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| Error::argument("The continuation token provided is incorrect"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back() {
        for text in ["", "a/b", "ä\u{0}😀", "1"] {
            assert_eq!(from_token(&token(text)).unwrap(), text);
        }
        for wrong in ["", "2YQ", "1%", "1_w", "a"] {
            assert!(from_token(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_are_encoded_so_that_every_client_reads_them() {
        let encoding = Encoding(true);
        assert_eq!(
            encoding.text("a b+c/ä%\u{1}~".to_owned()),
            "a%20b%2Bc/%C3%A4%25%01~"
        );
    }

    #[test]
    fn numbers_are_bounded() {
        assert_eq!(bounded(None, 1000, "max-keys").unwrap(), 1000);
        assert_eq!(bounded(Some(5000), 1000, "max-keys").unwrap(), 1000);
        assert_eq!(bounded(Some(0), 1000, "max-keys").unwrap(), 0);
        assert!(bounded(Some(-1), 1000, "max-keys").is_err());
    }
}
