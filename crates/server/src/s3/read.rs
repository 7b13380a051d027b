//! `GetObject` and `HeadObject`: the whole, a range or a part, if the conditions hold.

use std::ops;

use axum::body::Body;
use futures_util::TryStreamExt as _;
use s3s::S3ErrorCode as Code;
use s3s::S3Request;
use s3s::dto::{
    ChecksumMode, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Range, StreamingBlob,
};
use selfsame_store::{Checksum, Object, ObjectBytes};

use super::attributes::attribute_fields;
use super::checksum::{checksum_fields, kind};
use super::conditions::Conditions;
use super::convert::{etag, second};
use super::error::Error;
use super::service::Operations;

/// What of an object is asked for.
struct Wanted {
    range: ops::Range<u64>,
    /// Of the answer to a request for less than everything.
    content_range: Option<String>,
    parts: Option<i32>,
}

impl Wanted {
    fn new(object: &Object, range: Option<Range>, part: Option<i32>) -> Result<Self, Error> {
        let range = match (range, part) {
            (None, None) => {
                return Ok(Self {
                    range: 0..object.size_bytes,
                    content_range: None,
                    parts: None,
                });
            }
            (Some(_), Some(_)) => {
                return Err(Error::request(
                    "Cannot specify both Range header and partNumber query parameter",
                ));
            }
            (Some(range), None) => range
                .check(object.size_bytes)
                .map_err(|_| Error::new(Code::InvalidRange))?,
            (None, Some(number)) => part_range(object, number)?,
        };
        let last = range.end.saturating_sub(1);
        let content_range = format!("bytes {}-{last}/{}", range.start, object.size_bytes);
        // An empty object has no byte that a range could name.
        let content_range = (!range.is_empty()).then_some(content_range);
        let parts = part.filter(|_| is_of_parts(object));
        Ok(Self {
            range,
            content_range,
            parts: parts.and(i32::try_from(object.segments.len()).ok()),
        })
    }

    /// The object's checksum, where it is asked for and speaks of what is sent.
    fn checksum<'a>(&self, object: &'a Object, mode: Option<&ChecksumMode>) -> Option<&'a Checksum> {
        let enabled = mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        let whole = self.range == (0..object.size_bytes);
        object.checksum.as_ref().filter(|_| enabled && whole)
    }
}

/// Parts leave their number in the entity tag.
fn is_of_parts(object: &Object) -> bool {
    object.etag.contains('-')
}

fn part_range(object: &Object, number: i32) -> Result<ops::Range<u64>, Error> {
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .filter(|index| *index < 10_000)
        .ok_or_else(|| Error::argument("Part number must be an integer between 1 and 10000, inclusive"))?;
    let size = *object.segments.get(index).ok_or_else(|| {
        Error::with(
            Code::Custom("InvalidPartNumber".into()),
            "The requested partnumber is not satisfiable",
        )
    })?;
    let begin = object.segments.iter().take(index).sum();
    Ok(begin..begin + size)
}

/// The fields that both answers have.
macro_rules! described {
    ($output:ident, $object:expr, $wanted:expr, $checksum:expr) => {{
        let (object, wanted, checksum): (&Object, &Wanted, Option<&Checksum>) = ($object, $wanted, $checksum);
        $output.accept_ranges = Some("bytes".to_owned());
        $output.content_length = i64::try_from(wanted.range.end - wanted.range.start).ok();
        $output.content_range.clone_from(&wanted.content_range);
        $output.parts_count = wanted.parts;
        $output.e_tag = Some(etag(&object.etag));
        $output.last_modified = Some(second(object.modified));
        attribute_fields!($output, &object.attributes);
        checksum_fields!($output, checksum);
        $output.checksum_type = checksum.map(kind);
    }};
}

pub(super) async fn get(
    operations: &Operations,
    request: S3Request<GetObjectInput>,
) -> Result<GetObjectOutput, Error> {
    let input = request.input;
    let opened = operations.store().open_object(&input.bucket, &input.key).await?;
    let opened = opened.ok_or_else(|| Error::new(Code::NoSuchKey))?;
    let conditions = Conditions {
        etag_is: input.if_match,
        etag_is_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    let object = &opened.object;
    conditions.check(object)?;
    let wanted = Wanted::new(object, input.range, input.part_number)?;
    let checksum = wanted.checksum(object, input.checksum_mode.as_ref());
    let tags = object.attributes.tags.len() as i32;
    let mut output = GetObjectOutput {
        tag_count: (tags > 0).then_some(tags),
        ..GetObjectOutput::default()
    };
    described!(output, object, &wanted, checksum);
    output.body = Some(streamed(opened.read(wanted.range)));
    Ok(output)
}

/// Bytes on their way to the client. Once they flow, a failure can only cut them off.
fn streamed(bytes: ObjectBytes) -> StreamingBlob {
    let span = tracing::Span::current();
    let bytes = bytes.inspect_err(move |error| {
        let _entered = span.enter();
        Error::internal(Cut(error.to_string())).log("GetObject");
    });
    s3s::Body::http_body_unsync(Body::from_stream(bytes)).into()
}

#[derive(Debug, thiserror::Error)]
#[error("an object was cut off on its way out: {0}")]
struct Cut(String);

pub(super) async fn head(
    operations: &Operations,
    request: S3Request<HeadObjectInput>,
) -> Result<HeadObjectOutput, Error> {
    let input = request.input;
    let object = operations.store().get_object(&input.bucket, &input.key).await?;
    let object = object.ok_or_else(|| Error::new(Code::NoSuchKey))?;
    let conditions = Conditions {
        etag_is: input.if_match,
        etag_is_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&object)?;
    let wanted = Wanted::new(&object, input.range, input.part_number)?;
    let checksum = wanted.checksum(&object, input.checksum_mode.as_ref());
    let mut output = HeadObjectOutput::default();
    described!(output, &object, &wanted, checksum);
    Ok(output)
}

#[cfg(test)]
mod tests {
    use selfsame_store::Attributes;

    use super::*;

    fn object(segments: &[u64]) -> Object {
        Object {
            key: "k".to_owned(),
            size_bytes: segments.iter().sum(),
            etag: if segments.len() > 1 { "e-3" } else { "e" }.to_owned(),
            checksum: None,
            attributes: Attributes::default(),
            modified: jiff::Timestamp::UNIX_EPOCH,
            segments: segments.to_vec(),
        }
    }

    fn wanted(segments: &[u64], range: Option<&str>, part: Option<i32>) -> Result<Wanted, Code> {
        let range = range.map(|range| Range::parse(range).unwrap());
        Wanted::new(&object(segments), range, part).map_err(|error| error.code)
    }

    #[test]
    fn ranges_are_those_of_http() {
        let of = |text| {
            let wanted = wanted(&[10], Some(text), None)?;
            Ok::<_, Code>((wanted.range, wanted.content_range.unwrap()))
        };
        assert_eq!(of("bytes=0-4"), Ok((0..5, "bytes 0-4/10".to_owned())));
        assert_eq!(of("bytes=5-"), Ok((5..10, "bytes 5-9/10".to_owned())));
        assert_eq!(of("bytes=5-100"), Ok((5..10, "bytes 5-9/10".to_owned())));
        assert_eq!(of("bytes=-3"), Ok((7..10, "bytes 7-9/10".to_owned())));
        assert_eq!(of("bytes=-30"), Ok((0..10, "bytes 0-9/10".to_owned())));
        assert_eq!(of("bytes=10-"), Err(Code::InvalidRange));
        assert_eq!(of("bytes=-0"), Err(Code::InvalidRange));
        assert_eq!(
            wanted(&[0], Some("bytes=0-"), None).err(),
            Some(Code::InvalidRange)
        );
    }

    #[test]
    fn parts_are_counted_from_one() {
        let of = |part| wanted(&[5, 0, 3], None, Some(part)).map(|wanted| (wanted.range, wanted.parts));
        assert_eq!(of(1), Ok((0..5, Some(3))));
        assert_eq!(of(2), Ok((5..5, Some(3))));
        assert_eq!(of(3), Ok((5..8, Some(3))));
        assert_eq!(of(4), Err(Code::Custom("InvalidPartNumber".into())));
        for wrong in [0, -1, 10_001] {
            assert_eq!(of(wrong), Err(Code::InvalidArgument), "{wrong}");
        }
        let whole = wanted(&[8], None, Some(1)).unwrap();
        assert_eq!((whole.range, whole.parts), (0..8, None));
        assert_eq!(whole.content_range.as_deref(), Some("bytes 0-7/8"));
        assert_eq!(
            wanted(&[8], Some("bytes=0-1"), Some(1)).err(),
            Some(Code::InvalidRequest)
        );
    }
}
