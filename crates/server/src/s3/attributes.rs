//! What is kept beside an object: headers, metadata and tags, on their way in and out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use s3s::S3ErrorCode as Code;
use s3s::dto::{Metadata, Timestamp, TimestampFormat};
use selfsame_store::Tags;

use super::error::Error;

/// What objects have that nobody said anything about.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";
/// S3's limits: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>
const MAX_METADATA_BYTES: usize = 2048;
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>
const MAX_TAGS: usize = 10;
const MAX_TAG_KEY_CHARACTERS: usize = 128;
const MAX_TAG_VALUE_CHARACTERS: usize = 256;

pub(super) const CACHE_CONTROL: &str = "cache-control";
pub(super) const CONTENT_DISPOSITION: &str = "content-disposition";
pub(super) const CONTENT_ENCODING: &str = "content-encoding";
pub(super) const CONTENT_LANGUAGE: &str = "content-language";
pub(super) const CONTENT_TYPE: &str = "content-type";
pub(super) const EXPIRES: &str = "expires";

/// The headers that are there, of all that are kept.
pub(super) fn headers<const N: usize>(
    texts: [(&str, Option<String>); N],
    expires: Option<&Timestamp>,
) -> BTreeMap<String, String> {
    let expires = expires.and_then(http_date);
    let texts = texts.into_iter().chain([(EXPIRES, expires)]);
    texts
        .filter_map(|(name, value)| Some((name.to_owned(), value.filter(|value| !value.is_empty())?)))
        .collect()
}

fn http_date(moment: &Timestamp) -> Option<String> {
    let mut text = Vec::new();
    moment.format(TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// A kept moment.
pub(super) fn expires(text: Option<&String>) -> Option<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text?).ok()
}

/// Metadata of an application.
pub(super) fn metadata(given: Option<Metadata>) -> Result<BTreeMap<String, String>, Error> {
    let given = given.unwrap_or_default();
    let size_bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size_bytes > MAX_METADATA_BYTES {
        return Err(Error::new(Code::MetadataTooLarge));
    }
    Ok(given.into_iter().collect())
}

/// The attributes of an object that a request makes.
macro_rules! attributes {
    ($input:ident) => {{
        use $crate::s3::attributes::*;
        let headers = headers(
            [
                (CACHE_CONTROL, $input.cache_control.take()),
                (CONTENT_DISPOSITION, $input.content_disposition.take()),
                (CONTENT_ENCODING, $input.content_encoding.take()),
                (CONTENT_LANGUAGE, $input.content_language.take()),
                (CONTENT_TYPE, $input.content_type.take()),
            ],
            $input.expires.as_ref(),
        );
        selfsame_store::Attributes {
            headers,
            metadata: metadata($input.metadata.take())?,
            tags: from_header($input.tagging.as_deref())?,
        }
    }};
}
pub(super) use attributes;

/// Puts what is kept beside an object into an answer.
macro_rules! attribute_fields {
    ($output:ident, $attributes:expr) => {{
        use $crate::s3::attributes::*;
        let attributes: &selfsame_store::Attributes = $attributes;
        let text = |name: &str| attributes.headers.get(name).cloned();
        $output.cache_control = text(CACHE_CONTROL);
        $output.content_disposition = text(CONTENT_DISPOSITION);
        $output.content_encoding = text(CONTENT_ENCODING);
        $output.content_language = text(CONTENT_LANGUAGE);
        $output.content_type = text(CONTENT_TYPE).or_else(|| Some(DEFAULT_CONTENT_TYPE.to_owned()));
        $output.expires = expires(attributes.headers.get(EXPIRES));
        $output.metadata = Some(attributes.metadata.clone().into_iter().collect());
    }};
}
pub(super) use attribute_fields;

/// Tags in a header: `name=value&other=`, encoded as in a query.
pub(super) fn from_header(text: Option<&str>) -> Result<Tags, Error> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        let decoded = percent_decode_str(&text).decode_utf8().map(Cow::into_owned);
        decoded.map_err(|_| {
            invalid(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters.",
            )
        })
    };
    let pairs = text
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name)?, decoded(value)?))
    });
    tags(pairs.collect::<Result<Vec<_>, Error>>()?)
}

/// Checked tags.
pub(super) fn tags(pairs: Vec<(String, String)>) -> Result<Tags, Error> {
    if pairs.len() > MAX_TAGS {
        return Err(Error::with(
            Code::Custom("BadRequest".into()),
            "Object tags cannot be greater than 10",
        ));
    }
    let mut tags = Tags::new();
    for (name, value) in pairs {
        if !is_tag(&name, MAX_TAG_KEY_CHARACTERS) || name.is_empty() {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if !is_tag(&value, MAX_TAG_VALUE_CHARACTERS) {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if name.starts_with("aws:") {
            return Err(invalid("System tags cannot be added/updated by requester"));
        }
        if tags.insert(name, value).is_some() {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(tags)
}

fn is_tag(text: &str, max_characters: usize) -> bool {
    let allowed = |character: char| match character {
        ' ' | '+' | '-' | '=' | '.' | '_' | ':' | '/' | '@' => true,
        _ if character.is_ascii() => character.is_ascii_alphanumeric(),
        _ => !character.is_control(),
    };
    text.chars().count() <= max_characters && text.chars().all(allowed)
}

fn invalid(message: &'static str) -> Error {
    Error::with(Code::InvalidTag, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_from_a_header() {
        let tags = from_header(Some("a=1&b+c=%C3%A4&empty=&none")).unwrap();
        let pairs: Vec<(&str, &str)> = tags
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "1"), ("b c", "ä"), ("empty", ""), ("none", "")]);
        assert_eq!(from_header(None).unwrap(), Tags::new());
        assert_eq!(from_header(Some("")).unwrap(), Tags::new());
        for text in ["a=1&a=2", "=1", "aws:x=1", "a=%FF", "a=%00", "a=<b>"] {
            assert_eq!(
                from_header(Some(text)).unwrap_err().code,
                Code::InvalidTag,
                "{text}"
            );
        }
    }

    #[test]
    fn tags_are_limited() {
        let many = |count: usize| {
            (0..count)
                .map(|index| (index.to_string(), String::new()))
                .collect()
        };
        assert!(tags(many(10)).is_ok());
        assert!(tags(many(11)).is_err());
        let long = |name: usize, value: usize| tags(vec![("ä".repeat(name), "ä".repeat(value))]);
        assert!(long(128, 256).is_ok());
        assert!(long(129, 0).is_err() && long(1, 257).is_err());
    }

    #[test]
    fn metadata_is_limited() {
        let of = |bytes: usize| metadata(Some([("k".to_owned(), "v".repeat(bytes - 1))].into()));
        assert!(of(2048).is_ok());
        assert_eq!(of(2049).unwrap_err().code, Code::MetadataTooLarge);
    }

    #[test]
    fn dates_come_back() {
        let text = "Fri, 24 May 2013 00:00:00 GMT".to_owned();
        let moment = expires(Some(&text)).unwrap();
        let kept = headers([], Some(&moment));
        assert_eq!(kept[EXPIRES], text);
    }
}
