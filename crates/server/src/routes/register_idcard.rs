//! `POST /register-idcard`: a new person with an identity document.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use super::uploads::Named;
use super::{flow, request};
use crate::access::Portal;
use crate::app::App;
use crate::envelope::Envelope;
use crate::error;
use crate::workflow::REGISTER_ID_CARD;

/// Registers a person with a photo and a picture of an identity document: as `/register`, and the face must be the one on
/// the card. What the card says is read here and goes over what the request has under the same names. All or nothing; the
/// picture of the card is kept encrypted, or not at all where the server has no key for it.
#[utoipa::path(
    post,
    path = "/register-idcard",
    tag = "Flows",
    operation_id = "register_idcard",
    request_body = request::IdCardRequest,
    responses(
        (status = 200, description = "How the flow ended: look at `status`. Output: `{UserId, ImageId, Status: \"Registered\", Similarity, Quality}`. Errors: those of `/register`, and `FaceNotMatchWithIDCard`.", body = Envelope),
        (status = "4XX", description = "The request was not understood, not allowed or refused for lack of capacity (429).", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn register_idcard(
    State(app): State<Arc<App>>,
    _portal: Portal,
    request: Request,
) -> Result<Json<Envelope>, error::Error> {
    flow::run::<request::IdCardRequest>(&app, REGISTER_ID_CARD, Named::Read, request).await
}
