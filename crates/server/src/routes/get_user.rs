//! `GET /users/{id}`: what is stored about a person, for administrators. Never templates.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use selfsame_store::{FaceRecord, User};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::request::UserPath;
use crate::access::Administrator;
use crate::app::App;
use crate::envelope::seconds;
use crate::error::{self, Code, Error};

/// A person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = User)]
pub(super) struct UserAnswer {
    /// Who, in the application's words.
    user_id: String,
    /// What the application keeps with them.
    properties: Map<String, Value>,
    /// When they registered, in seconds since 1970.
    created: f64,
    /// When anything about them changed last, in seconds since 1970.
    updated: f64,
    /// Their faces, oldest first.
    faces: Vec<FaceAnswer>,
}

/// An enrolled face.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Face)]
pub(super) struct FaceAnswer {
    /// Which face.
    face_id: String,
    /// The image it was found in.
    image_id: String,
    /// When it was enrolled, in seconds since 1970.
    created: f64,
    /// Whether the photo was kept.
    image_kept: bool,
    /// What was said of it at enrolment: box, pose, quality.
    detail: Map<String, Value>,
}

impl From<User> for UserAnswer {
    fn from(user: User) -> Self {
        Self {
            user_id: user.id.to_string(),
            properties: user.properties,
            created: seconds(user.created),
            updated: seconds(user.updated),
            faces: user.faces.into_iter().map(FaceAnswer::from).collect(),
        }
    }
}

impl From<FaceRecord> for FaceAnswer {
    fn from(face: FaceRecord) -> Self {
        Self {
            face_id: face.face.to_string(),
            image_id: face.image.to_string(),
            created: seconds(face.created),
            image_kept: face.picture.is_some(),
            detail: face.metadata,
        }
    }
}

/// Shows what is stored about a person: properties, faces, times. Needs an administrator's key.
#[utoipa::path(
    get,
    path = "/users/{id}",
    tag = "Users",
    operation_id = "get-user",
    params(("id" = String, Path, description = "The user's id; case matters.")),
    responses(
        (status = 200, description = "The person.", body = UserAnswer),
        (status = "4XX", description = "Not allowed, or no such user (404).", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn get_user(
    State(app): State<Arc<App>>,
    _administrator: Administrator,
    UserPath(user): UserPath,
) -> Result<Json<UserAnswer>, Error> {
    let found = match app.ready()?.galleries.portal_if_made().await? {
        Some(gallery) => gallery.user(&user).await?,
        None => None,
    };
    let user = found.ok_or_else(|| Error::new(Code::ResourceNotFound))?;
    Ok(Json(user.into()))
}
