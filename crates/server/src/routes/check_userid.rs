//! `POST /check-userid`: is this id taken?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::request::{UserIdRequest, parse};
use crate::access::Portal;
use crate::app::App;
use crate::error::{self, Error};

/// Whether an id is taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CheckUserIdAnswer {
    /// `User Exist` or `User not Exist`.
    #[schema(example = "User not Exist")]
    reason: &'static str,
}

/// Tells whether a user id is taken, for sign-up forms.
#[utoipa::path(
    post,
    path = "/check-userid",
    tag = "Flows",
    operation_id = "check-userid",
    request_body = UserIdRequest,
    responses(
        (status = 200, description = "Whether the id is taken.", body = CheckUserIdAnswer),
        (status = "4XX", description = "The request was not understood or not allowed.", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn check_userid(
    State(app): State<Arc<App>>,
    _portal: Portal,
    request: Request,
) -> Result<Json<CheckUserIdAnswer>, Error> {
    let ready = app.ready()?;
    let (parts, body) = request.into_parts();
    let received = app.bodies.receive_json(&parts.headers, body).await?;
    let user = parse::<UserIdRequest>(&received.bytes).and_then(UserIdRequest::user_id)?;
    let exists = match ready.galleries.portal_if_made().await? {
        Some(gallery) => gallery.exists(&user).await?,
        None => false,
    };
    let reason = if exists { "User Exist" } else { "User not Exist" };
    Ok(Json(CheckUserIdAnswer { reason }))
}
