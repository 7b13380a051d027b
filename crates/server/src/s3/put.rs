//! `PutObject`: the body goes to the disk as it comes.

use s3s::S3Request;
use s3s::dto::{PutObjectInput, PutObjectOutput};
use selfsame_store::{Attributes, Condition, NewObject, PutOutcome, Source};

use super::attributes::attributes;
use super::checksum::{checksum_fields, kind};
use super::convert::{condition, etag, refused};
use super::error::Error;
use super::receive::Slot;
use super::service::Operations;

pub(super) async fn object(
    operations: &Operations,
    request: S3Request<PutObjectInput>,
) -> Result<PutObjectOutput, Error> {
    let source = body(&request.extensions)?;
    let mut input = request.input;
    let attributes: Attributes = attributes!(input);
    let condition = condition(input.if_match, input.if_none_match)?;
    let object = store(
        operations,
        &input.bucket,
        input.key,
        attributes,
        condition,
        source,
    )
    .await?;
    let mut output = PutObjectOutput {
        e_tag: Some(etag(&object.etag)),
        checksum_type: object.checksum.as_ref().map(kind),
        ..PutObjectOutput::default()
    };
    checksum_fields!(output, object.checksum.as_ref());
    Ok(output)
}

/// The body that goes to the store.
pub(super) fn body(extensions: &axum::http::Extensions) -> Result<Box<dyn Source>, Error> {
    let body = extensions.get::<Slot>().and_then(Slot::take);
    let body = body.ok_or_else(|| Error::request("This request has no body that could be stored."))?;
    Ok(Box::new(body))
}

/// Stores an object in place of what has its key.
pub(super) async fn store(
    operations: &Operations,
    bucket: &str,
    key: String,
    attributes: Attributes,
    condition: Option<Condition>,
    source: Box<dyn Source>,
) -> Result<selfsame_store::Object, Error> {
    let app = &operations.app;
    let new = NewObject {
        key,
        blob: app.ids.uuid(),
        attributes,
        condition: condition.clone(),
        now: app.clock.now(),
    };
    match operations.store().put_object(bucket, new, source).await? {
        PutOutcome::Stored(object) => Ok(*object),
        PutOutcome::ConditionFailed { exists } => Err(refused(exists, condition.as_ref())),
        _ => Err(Error::internal(super::Unexpected)),
    }
}
