//! Copies within the server: the bytes are read and written again, so that every object owns its own.

use std::ops;

use s3s::S3ErrorCode as Code;
use s3s::S3Request;
use s3s::dto::{
    ChecksumAlgorithm, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, CopySource,
    MetadataDirective, Range, TaggingDirective, UploadPartCopyInput, UploadPartCopyOutput,
};
use selfsame_store::{Attributes, OpenObject};

use super::access::allow;
use super::attributes::{attributes, from_header};
use super::checksum::{Algorithm, checksum_fields, kind};
use super::conditions::Conditions;
use super::convert::{etag, moment, upload_id};
use super::error::Error;
use super::put::store;
use super::receive::FromObject;
use super::service::Operations;
use super::uploads::{algorithm, find, part_number, store_part};

/// The object to copy, which the caller may read and which is as the conditions want it.
async fn source(
    operations: &Operations,
    source: &CopySource,
    conditions: &Conditions,
) -> Result<OpenObject, Error> {
    let CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = source
    else {
        return Err(Error::not_implemented("access points"));
    };
    allow(&operations.caller, "GetObject", Some(bucket))?;
    if version_id.as_deref().is_some_and(|version| version != "null") {
        return Err(Error::new(Code::NoSuchVersion));
    }
    let opened = operations.store().open_object(bucket, key).await?;
    let opened = opened.ok_or_else(|| Error::new(Code::NoSuchKey))?;
    conditions.check_source(&opened.object)?;
    Ok(opened)
}

fn is_same(source: &CopySource, bucket: &str, key: &str) -> bool {
    matches!(source, CopySource::Bucket { bucket: from, key: name, .. } if **from == *bucket && **name == *key)
}

/// The attributes of a copy: those of the source, or those of the request.
fn attributes_of(input: &mut CopyObjectInput, source: &Attributes) -> Result<Attributes, Error> {
    let directive = input.metadata_directive.as_ref().map(MetadataDirective::as_str);
    let replaces = directive == Some(MetadataDirective::REPLACE);
    let tagging = input.tagging_directive.as_ref().map(TaggingDirective::as_str);
    let tags = if tagging == Some(TaggingDirective::REPLACE) {
        from_header(input.tagging.as_deref())?
    } else {
        source.tags.clone()
    };
    let copied = if replaces {
        attributes!(input)
    } else {
        source.clone()
    };
    Ok(Attributes { tags, ..copied })
}

pub(super) async fn object(
    operations: &Operations,
    request: S3Request<CopyObjectInput>,
) -> Result<CopyObjectOutput, Error> {
    let mut input = request.input;
    let conditions = Conditions {
        etag_is: input.copy_source_if_match.take(),
        etag_is_not: input.copy_source_if_none_match.take(),
        modified_since: input.copy_source_if_modified_since.take(),
        unmodified_since: input.copy_source_if_unmodified_since.take(),
    };
    let replaces =
        input.metadata_directive.as_ref().map(MetadataDirective::as_str) == Some(MetadataDirective::REPLACE);
    if is_same(&input.copy_source, &input.bucket, &input.key) && !replaces {
        return Err(Error::request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    let opened = source(operations, &input.copy_source, &conditions).await?;
    let attributes = attributes_of(&mut input, &opened.object.attributes)?;
    let asked = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let kept = opened
        .object
        .checksum
        .as_ref()
        .map(|checksum| checksum.algorithm.as_str());
    let algorithm = asked.or(kept).and_then(Algorithm::named);
    let size_bytes = opened.object.size_bytes;
    let bytes = Box::new(FromObject::new(opened.read(0..size_bytes), algorithm));
    let stored = store(operations, &input.bucket, input.key, attributes, None, bytes).await?;
    let mut result = CopyObjectResult {
        e_tag: Some(etag(&stored.etag)),
        last_modified: Some(moment(stored.modified)),
        checksum_type: stored.checksum.as_ref().map(kind),
        ..CopyObjectResult::default()
    };
    checksum_fields!(result, stored.checksum.as_ref());
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        ..CopyObjectOutput::default()
    })
}

pub(super) async fn part(
    operations: &Operations,
    request: S3Request<UploadPartCopyInput>,
) -> Result<UploadPartCopyOutput, Error> {
    let input = request.input;
    let number = part_number(input.part_number)?;
    let id = upload_id(&input.upload_id)?;
    let upload = find(operations, &input.bucket, &input.key, id).await?;
    let conditions = Conditions {
        etag_is: input.copy_source_if_match,
        etag_is_not: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    let opened = source(operations, &input.copy_source, &conditions).await?;
    let range = range(input.copy_source_range.as_deref(), opened.object.size_bytes)?;
    let bytes = Box::new(FromObject::new(opened.read(range), algorithm(&upload)));
    let part = store_part(operations, &input.bucket, &input.key, id, number, bytes).await?;
    let mut result = CopyPartResult {
        e_tag: Some(etag(&part.etag)),
        last_modified: Some(moment(part.modified)),
        ..CopyPartResult::default()
    };
    checksum_fields!(result, part.checksum.as_ref());
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        ..UploadPartCopyOutput::default()
    })
}

/// `bytes=FIRST-LAST`, which must lie within the source.
fn range(text: Option<&str>, size_bytes: u64) -> Result<ops::Range<u64>, Error> {
    let Some(text) = text else {
        return Ok(0..size_bytes);
    };
    let invalid = || {
        Error::argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
        )
    };
    match Range::parse(text) {
        Ok(Range::Int {
            first,
            last: Some(last),
        }) if last < size_bytes => Ok(first..last + 1),
        Ok(Range::Int { last: Some(_), .. }) => Err(Error::argument(format!(
            "Range specified is not valid for source object of size: {size_bytes}"
        ))),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lie_within_the_source() {
        assert_eq!(range(None, 10).unwrap(), 0..10);
        assert_eq!(range(Some("bytes=0-9"), 10).unwrap(), 0..10);
        for wrong in ["bytes=0-10", "bytes=5-", "bytes=-5", "0-5", "bytes=5-4"] {
            assert_eq!(
                range(Some(wrong), 10).unwrap_err().code,
                Code::InvalidArgument,
                "{wrong}"
            );
        }
    }
}
