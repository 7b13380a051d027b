//! `ListTagsForResource`.

use selfsame_wire::rekognition::{ListTagsForResourceRequest, ListTagsForResourceResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::tags;

/// All tags of a collection.
pub(crate) async fn run(
    context: &Context,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Error> {
    let id = tags::resource(context, &input.resource_arn, Purpose::Read).await?;
    Ok(ListTagsForResourceResponse {
        tags: Some(context.app.store.tags(&id).await?),
    })
}
