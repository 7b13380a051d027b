//! `POST /auth`: is this the person they say?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use super::uploads::Named;
use super::{flow, request};
use crate::access::Portal;
use crate::app::App;
use crate::envelope::Envelope;
use crate::error;
use crate::workflow::AUTHENTICATE;

/// Verifies that the photo shows the user: quality check, comparison with the enrolled faces.
#[utoipa::path(
    post,
    path = "/auth",
    tag = "Flows",
    operation_id = "auth",
    request_body = request::FlowRequest,
    responses(
        (status = 200, description = "How the flow ended: look at `status`. Output: `{UserId, Status: \"Verified\", Similarity, Quality}`. Errors: `UserAccessDenied` (also for unknown users), `NoFacesDetectedException`, `TooManyFacesDetectedException`, `InvalidPoseDetectedException`, `SunglassesDetectedException`, `CoveredFaceDetectedException`, `ClosedEyesDetectedException`, `SmallFaceDetectedException`, `CutOffFaceDetectedException`, `DarkFaceDetectedException`, `OverexposedFaceDetectedException`, `BlurredFaceDetectedException`, `InvalidImageError`.", body = Envelope),
        (status = "4XX", description = "The request was not understood, not allowed or refused for lack of capacity (429).", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn auth(
    State(app): State<Arc<App>>,
    _portal: Portal,
    request: Request,
) -> Result<Json<Envelope>, error::Error> {
    flow::run::<request::FlowRequest>(&app, AUTHENTICATE, Named::Refused, request).await
}
