//! `DELETE /users/{id}`: erases a person, for administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::UserPath;
use crate::access::Administrator;
use crate::app::App;
use crate::error::{self, Code, Error};

/// That it was done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteUserAnswer {
    /// Who.
    user_id: String,
    /// `Deleted`.
    #[schema(example = "Deleted")]
    status: &'static str,
}

/// Erases a person: faces, photos, properties, from the disk and from memory. Needs an administrator's key.
#[utoipa::path(
    delete,
    path = "/users/{id}",
    tag = "Users",
    operation_id = "delete-user",
    params(("id" = String, Path, description = "The user's id; case matters.")),
    responses(
        (status = 200, description = "The person is erased.", body = DeleteUserAnswer),
        (status = "4XX", description = "Not allowed, or no such user (404).", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn delete_user(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    UserPath(user): UserPath,
) -> Result<Json<DeleteUserAnswer>, Error> {
    let erased = match app.ready()?.galleries.portal_if_made().await? {
        Some(gallery) => gallery.erase(user.clone()).await?,
        None => false,
    };
    // Also where nobody has this id (any more): an execution may have outlived its person.
    app.workflows.forget(&app, user.as_str()).await?;
    if !erased {
        return Err(Error::new(Code::ResourceNotFound));
    }
    tracing::info!(%user, key = %caller.key, "erased {user}");
    Ok(Json(DeleteUserAnswer {
        user_id: user.into(),
        status: "Deleted",
    }))
}
