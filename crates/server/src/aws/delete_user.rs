//! `DeleteUser`.

use selfsame_wire::rekognition::{DeleteUserRequest, DeleteUserResponse};

use super::context::{Context, Purpose, user_id};
use super::error::Error;
use super::idempotency;

/// Erases a user. The faces stay in the collection and belong to nobody.
pub(crate) async fn run(context: &Context, input: DeleteUserRequest) -> Result<DeleteUserResponse, Error> {
    let (id, gallery) = context.gallery(&input.collection_id, Purpose::Write).await?;
    let user = user_id(&input.user_id)?;
    let asked = [id.as_str(), user.as_str()];
    let once = idempotency::of("DeleteUser", input.client_request_token, &asked);
    let outcome = gallery
        .remove_user(user, once.clone(), context.app.clock.now())
        .await?;
    if idempotency::outcome(outcome, once.as_ref())? {
        Ok(DeleteUserResponse {})
    } else {
        Err(Error::no_user(&input.user_id))
    }
}
