//! `ListCollections`.

use selfsame_wire::rekognition::{ListCollectionsRequest, ListCollectionsResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::page::{self, MAX_RESULTS};
use super::token;

/// Names the collections that the caller may touch, by name, with the models of their faces.
pub(crate) async fn run(
    context: &Context,
    input: ListCollectionsRequest,
) -> Result<ListCollectionsResponse, Error> {
    context.allow(Purpose::Read)?;
    let list = ["ListCollections"];
    let all = context.app.store.list_collections().await?;
    let visible: Vec<_> = all
        .into_iter()
        .filter(|collection| context.caller.may_collection(collection.id.as_str()))
        .collect();
    let names: Vec<&str> = visible.iter().map(|collection| collection.id.as_str()).collect();
    let first = match page::position(context, &list, input.next_token.as_deref())? {
        Some(position) => token::after_name(&names, &position).ok_or_else(Error::pagination_token)?,
        None => 0,
    };
    let size = page::size(input.max_results, MAX_RESULTS);
    let end = names.len().min(first.saturating_add(size));
    let page = visible.get(first..end).unwrap_or_default();
    let next_token = (end < names.len() && end > 0).then(|| {
        context
            .tokens()
            .issue(&list, &token::name_position(names[end - 1]))
    });
    Ok(ListCollectionsResponse {
        collection_ids: Some(page.iter().map(|c| c.id.to_string()).collect()),
        face_model_versions: Some(page.iter().map(|c| c.version.to_string()).collect()),
        next_token,
    })
}
