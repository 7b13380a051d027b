//! `UntagResource`.

use selfsame_wire::rekognition::{UntagResourceRequest, UntagResourceResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::tags;

/// Removes tags of a collection; what it does not have is no mistake.
pub(crate) async fn run(
    context: &Context,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, Error> {
    let id = tags::resource(context, &input.resource_arn, Purpose::Write).await?;
    context.app.store.remove_tags(&id, &input.tag_keys).await?;
    Ok(UntagResourceResponse {})
}
