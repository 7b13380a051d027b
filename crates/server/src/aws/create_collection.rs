//! `CreateCollection`.

use selfsame_store::Creation;
use selfsame_wire::ErrorCode;
use selfsame_wire::rekognition::{CreateCollectionRequest, CreateCollectionResponse};

use super::context::{Context, Purpose, collection_id};
use super::error::Error;
use super::{arn, tags};

/// Makes a collection for templates of the loaded model. Its name decides who may: a limited key makes only what it
/// may use.
pub(crate) async fn run(
    context: &Context,
    input: CreateCollectionRequest,
) -> Result<CreateCollectionResponse, Error> {
    let name = input.collection_id;
    context.allow_collection(&name, Purpose::Write)?;
    let id = collection_id(&name)?;
    let Creation::Created(collection) = context.ready()?.galleries.create(&id).await? else {
        return Err(Error::new(
            ErrorCode::ResourceAlreadyExistsException,
            format!("The collection id: {name} already exists."),
        ));
    };
    if let Some(tags) = input.tags.filter(|tags| !tags.is_empty()) {
        tags::set(context, &id, &tags).await?;
    }
    Ok(CreateCollectionResponse {
        status_code: Some(200),
        collection_arn: Some(arn::short_of_collection(&context.region, &name)),
        face_model_version: Some(collection.version.into()),
    })
}
