//! Erasing objects, one or many. What is not there counts as erased.

use s3s::S3ErrorCode as Code;
use s3s::S3Request;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    Error as Failed, ObjectIdentifier,
};

use super::error::Error;
use super::service::Operations;

/// Of one request, S3's limit.
const MAX_OBJECTS: usize = 1000;
/// S3's limit.
const MAX_KEY_BYTES: usize = 1024;

pub(super) async fn one(
    operations: &Operations,
    request: S3Request<DeleteObjectInput>,
) -> Result<DeleteObjectOutput, Error> {
    let input = request.input;
    if input.if_match.is_some() {
        return Err(Error::not_implemented("If-Match with DeleteObject"));
    }
    operations
        .store()
        .delete_objects(&input.bucket, &[input.key])
        .await?;
    Ok(DeleteObjectOutput::default())
}

pub(super) async fn many(
    operations: &Operations,
    request: S3Request<DeleteObjectsInput>,
) -> Result<DeleteObjectsOutput, Error> {
    let DeleteObjectsInput { bucket, delete, .. } = request.input;
    if delete.objects.is_empty() || delete.objects.len() > MAX_OBJECTS {
        return Err(Error::new(Code::MalformedXML));
    }
    let (keys, failed): (Vec<_>, Vec<_>) = delete.objects.into_iter().map(wanted).partition(Result::is_ok);
    let keys: Vec<String> = keys.into_iter().filter_map(Result::ok).collect();
    operations.store().delete_objects(&bucket, &keys).await?;
    let quiet = delete.quiet.unwrap_or(false);
    let deleted = keys.into_iter().map(|key| DeletedObject {
        key: Some(key),
        ..DeletedObject::default()
    });
    Ok(DeleteObjectsOutput {
        deleted: (!quiet).then(|| deleted.collect()),
        errors: Some(failed.into_iter().filter_map(Result::err).collect()),
        request_charged: None,
    })
}

/// The key of an object to erase, or why it cannot be erased.
fn wanted(object: ObjectIdentifier) -> Result<String, Failed> {
    let version = object.version_id.as_deref().filter(|version| *version != "null");
    let error = if version.is_some() {
        Error::new(Code::NoSuchVersion)
    } else if object.e_tag.is_some() || object.size.is_some() || object.last_modified_time.is_some() {
        Error::not_implemented("conditions in DeleteObjects")
    } else if object.key.len() > MAX_KEY_BYTES {
        Error::new(Code::KeyTooLongError)
    } else {
        return Ok(object.key);
    };
    Err(Failed {
        code: Some(error.code.as_str().to_owned()),
        message: Some(error.message().to_owned()),
        key: Some(object.key),
        version_id: object.version_id,
    })
}
