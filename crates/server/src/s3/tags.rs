//! The tags of objects.

use s3s::S3ErrorCode as Code;
use s3s::S3Request;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use selfsame_store::Tags;

use super::attributes;
use super::error::Error;
use super::service::Operations;

pub(super) async fn get(
    operations: &Operations,
    request: S3Request<GetObjectTaggingInput>,
) -> Result<GetObjectTaggingOutput, Error> {
    let input = request.input;
    let object = operations.store().get_object(&input.bucket, &input.key).await?;
    let object = object.ok_or_else(|| Error::new(Code::NoSuchKey))?;
    let tags = object.attributes.tags.into_iter().map(|(key, value)| Tag {
        key: Some(key),
        value: Some(value),
    });
    Ok(GetObjectTaggingOutput {
        tag_set: tags.collect(),
        version_id: None,
    })
}

pub(super) async fn put(
    operations: &Operations,
    request: S3Request<PutObjectTaggingInput>,
) -> Result<PutObjectTaggingOutput, Error> {
    let input = request.input;
    let pairs = input.tagging.tag_set.into_iter();
    let pairs = pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    let tags = attributes::tags(pairs.collect())?;
    set(operations, &input.bucket, &input.key, &tags).await?;
    Ok(PutObjectTaggingOutput::default())
}

pub(super) async fn delete(
    operations: &Operations,
    request: S3Request<DeleteObjectTaggingInput>,
) -> Result<DeleteObjectTaggingOutput, Error> {
    let input = request.input;
    set(operations, &input.bucket, &input.key, &Tags::new()).await?;
    Ok(DeleteObjectTaggingOutput::default())
}

async fn set(operations: &Operations, bucket: &str, key: &str, tags: &Tags) -> Result<(), Error> {
    if operations.store().set_object_tags(bucket, key, tags).await? {
        Ok(())
    } else {
        Err(Error::new(Code::NoSuchKey))
    }
}
