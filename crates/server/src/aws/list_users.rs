//! `ListUsers`.

use selfsame_types::UserId;
use selfsame_wire::rekognition::{ListUsersRequest, ListUsersResponse, User};

use super::context::{Context, Purpose};
use super::error::Error;
use super::page::{self, MAX_USERS};
use super::status;

/// The users of a collection, by id.
pub(crate) async fn run(context: &Context, input: ListUsersRequest) -> Result<ListUsersResponse, Error> {
    let (id, _) = context.gallery(&input.collection_id, Purpose::Read).await?;
    let list = ["ListUsers", id.as_str()];
    let after = match page::position(context, &list, input.next_token.as_deref())? {
        Some(position) => Some(name(position).ok_or_else(Error::pagination_token)?),
        None => None,
    };
    let size = page::size(input.max_results, MAX_USERS);
    // One more tells whether there is another page.
    let limit = u32::try_from(size + 1).unwrap_or(u32::MAX);
    let mut found = context.app.store.list_users(&id, after.as_ref(), limit).await?;
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more);
    let next_token = last.map(|last| context.tokens().issue(&list, last.id.as_str().as_bytes()));
    let users = found.iter().map(|user| User {
        user_id: Some(user.id.to_string()),
        user_status: Some(status::with_faces(user.faces > 0)),
    });
    Ok(ListUsersResponse {
        users: Some(users.collect()),
        next_token,
    })
}

/// Ids of users fit into tokens whole.
fn name(position: Vec<u8>) -> Option<UserId> {
    UserId::new(String::from_utf8(position).ok()?).ok()
}
