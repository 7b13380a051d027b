//! `GET /users/{id}/card`: the picture of a person's identity document, for administrators, where it was kept.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::request::UserPath;
use crate::access::Administrator;
use crate::app::App;
use crate::cards::CardError;
use crate::error::{self, Code, Error};

/// The picture of a person's identity document as JPEG: the card alone, upright. Needs an administrator's key, and the key
/// that it was encrypted with at the server.
#[utoipa::path(
    get,
    path = "/users/{id}/card",
    tag = "Users",
    operation_id = "get-card",
    params(("id" = String, Path, description = "The user's id; case matters.")),
    responses(
        (status = 200, description = "The picture.", content_type = "image/jpeg", body = Vec<u8>),
        (status = "4XX", description = "Not allowed, no such user or no card kept (404).", body = error::Body),
        (status = "5XX", description = "The server failed, has another key than the card's, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn get_card(
    State(app): State<Arc<App>>,
    _administrator: Administrator,
    UserPath(user): UserPath,
) -> Result<impl IntoResponse, Error> {
    let collection = app.ready()?.galleries.portal_id();
    let sealed = match app.store.card(collection, &user).await {
        Ok(sealed) => sealed,
        Err(selfsame_store::Error::NoSuchCollection(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let sealed = sealed.ok_or_else(|| Error::new(Code::ResourceNotFound))?;
    let key = app.settings.card_key.as_ref();
    let key = key.ok_or_else(|| Error::internal(CardError::OtherKey))?;
    let jpeg = key.open(&sealed, (collection, &user)).map_err(Error::internal)?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-store")], jpeg))
}
