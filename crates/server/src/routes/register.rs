//! `POST /register`: a new person.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use super::uploads::Named;
use super::{flow, request};
use crate::access::Portal;
use crate::app::App;
use crate::envelope::Envelope;
use crate::error;
use crate::workflow::REGISTER;

/// Registers a person with a photo: quality check, search for the same face, enrolment. All or nothing.
#[utoipa::path(
    post,
    path = "/register",
    tag = "Flows",
    operation_id = "register",
    request_body = request::FlowRequest,
    responses(
        (status = 200, description = "How the flow ended: look at `status`. Output: `{UserId, ImageId, Status: \"Registered\", Quality}`. Errors: `UserAlreadyExists`, `NoFacesDetectedException`, `TooManyFacesDetectedException`, `InvalidPoseDetectedException`, `SunglassesDetectedException`, `CoveredFaceDetectedException`, `ClosedEyesDetectedException`, `SmallFaceDetectedException`, `CutOffFaceDetectedException`, `DarkFaceDetectedException`, `OverexposedFaceDetectedException`, `BlurredFaceDetectedException`, `InvalidImageError`.", body = Envelope),
        (status = "4XX", description = "The request was not understood, not allowed or refused for lack of capacity (429).", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn register(
    State(app): State<Arc<App>>,
    _portal: Portal,
    request: Request,
) -> Result<Json<Envelope>, error::Error> {
    flow::run::<request::FlowRequest>(&app, REGISTER, Named::Read, request).await
}
