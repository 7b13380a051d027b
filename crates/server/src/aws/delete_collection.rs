//! `DeleteCollection`.

use selfsame_wire::rekognition::{DeleteCollectionRequest, DeleteCollectionResponse};

use super::context::{Context, Purpose, collection_id};
use super::error::Error;

/// Erases a collection with every face, user and picture in it.
pub(crate) async fn run(
    context: &Context,
    input: DeleteCollectionRequest,
) -> Result<DeleteCollectionResponse, Error> {
    let name = input.collection_id;
    context.allow_collection(&name, Purpose::Write)?;
    let id = collection_id(&name)?;
    if !context.ready()?.galleries.delete(&id).await? {
        return Err(Error::no_collection(&name));
    }
    Ok(DeleteCollectionResponse {
        status_code: Some(200),
    })
}
