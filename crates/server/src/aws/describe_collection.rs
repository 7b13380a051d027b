//! `DescribeCollection`.

use selfsame_wire::EpochSeconds;
use selfsame_wire::rekognition::{DescribeCollectionRequest, DescribeCollectionResponse};

use super::arn;
use super::context::{Context, Purpose, collection_id};
use super::error::Error;

/// Counts what is in a collection.
pub(crate) async fn run(
    context: &Context,
    input: DescribeCollectionRequest,
) -> Result<DescribeCollectionResponse, Error> {
    let name = input.collection_id;
    context.allow_collection(&name, Purpose::Read)?;
    let id = collection_id(&name)?;
    let store = &context.app.store;
    let (collection, counts) = (store.get_collection(&id).await?, store.counts(&id).await?);
    let (Some(collection), Some(counts)) = (collection, counts) else {
        return Err(Error::no_collection(&name));
    };
    let created = collection.created.as_millisecond();
    Ok(DescribeCollectionResponse {
        face_count: Some(i64::try_from(counts.faces).unwrap_or(i64::MAX)),
        face_model_version: Some(collection.version.into()),
        collection_arn: Some(arn::of_collection(&context.region, &name)),
        creation_timestamp: Some(EpochSeconds::from_milliseconds(created)),
        user_count: Some(i64::try_from(counts.users).unwrap_or(i64::MAX)),
    })
}
