//! `TagResource`.

use selfsame_wire::rekognition::{TagResourceRequest, TagResourceResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::tags;

/// Adds tags to a collection; a tag that it has gets the new value.
pub(crate) async fn run(context: &Context, input: TagResourceRequest) -> Result<TagResourceResponse, Error> {
    let id = tags::resource(context, &input.resource_arn, Purpose::Write).await?;
    tags::set(context, &id, &input.tags).await?;
    Ok(TagResourceResponse {})
}
