//! What the tag operations have in common.

use std::collections::BTreeMap;

use selfsame_types::CollectionId;
use selfsame_wire::ErrorCode;

use super::arn;
use super::context::{Context, Purpose};
use super::error::Error;

/// AWS's limit for one resource.
const MAX_TAGS: usize = 200;

/// The collection behind an ARN, for callers who may, if it exists.
pub(super) async fn resource(context: &Context, arn: &str, purpose: Purpose) -> Result<CollectionId, Error> {
    let Some(id) = arn::collection(arn) else {
        context.allow(purpose)?;
        return Err(Error::invalid_parameters());
    };
    context.allow_collection(id.as_str(), purpose)?;
    if context.app.store.get_collection(&id).await?.is_none() {
        return Err(Error::no_collection(id.as_str()));
    }
    Ok(id)
}

/// Sets tags, all or none.
pub(super) async fn set(
    context: &Context,
    id: &CollectionId,
    tags: &BTreeMap<String, String>,
) -> Result<(), Error> {
    if context.app.store.set_tags(id, tags, MAX_TAGS).await? {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ServiceQuotaExceededException,
        format!("A collection may have {MAX_TAGS} tags."),
    ))
}
