//! `CreateUser`.

use selfsame_store::UserCreation;
use selfsame_wire::ErrorCode;
use selfsame_wire::rekognition::{CreateUserRequest, CreateUserResponse};

use super::context::{Context, Purpose, user_id};
use super::error::Error;
use super::idempotency;

/// Makes a user without faces.
pub(crate) async fn run(context: &Context, input: CreateUserRequest) -> Result<CreateUserResponse, Error> {
    let (id, gallery) = context.gallery(&input.collection_id, Purpose::Write).await?;
    let user = user_id(&input.user_id)?;
    let asked = [id.as_str(), user.as_str()];
    let once = idempotency::of("CreateUser", input.client_request_token, &asked);
    let outcome = gallery
        .create_user(user, once.clone(), context.app.clock.now())
        .await?;
    match idempotency::outcome(outcome, once.as_ref())? {
        UserCreation::Created => Ok(CreateUserResponse {}),
        _ => Err(Error::new(
            ErrorCode::ConflictException,
            format!("The user id: {} already exists.", input.user_id),
        )),
    }
}
