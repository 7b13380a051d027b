//! `AssociateFaces`.

use selfsame_store::{Association, Refusal};
use selfsame_types::{FaceId, UserId};
use selfsame_wire::ErrorCode;
use selfsame_wire::rekognition::{
    AssociateFacesRequest, AssociateFacesResponse, AssociatedFace, UnsuccessfulFaceAssociation,
    UnsuccessfulFaceAssociationReason as Reason,
};

use super::context::{Context, Purpose, user_id};
use super::delete_faces::faces;
use super::error::Error;
use super::{idempotency, status};
use crate::gallery::Gallery;

/// Where AWS draws the line if it is not told: a face must be this much like the user's others.
const DEFAULT_THRESHOLD: f32 = 75.0;

/// Gives faces of the collection to a user. A face that is not like the user's other faces is refused, and so is one that
/// belongs to somebody else.
pub(crate) async fn run(
    context: &Context,
    input: AssociateFacesRequest,
) -> Result<AssociateFacesResponse, Error> {
    let (id, gallery) = context.gallery(&input.collection_id, Purpose::Write).await?;
    gallery.check_model()?;
    let user = user_id(&input.user_id)?;
    let faces = faces(&input.face_ids)?;
    let threshold = input.user_match_threshold.unwrap_or(DEFAULT_THRESHOLD);
    let min_cosine = context.min_cosine(threshold)?;
    let threshold = threshold.to_string();
    let mut asked = vec![id.as_str(), user.as_str(), threshold.as_str()];
    asked.extend(input.face_ids.iter().map(String::as_str));
    let once = idempotency::of("AssociateFaces", input.client_request_token, &asked);
    let now = context.app.clock.now();
    let joining = gallery
        .associate(user.clone(), faces, min_cosine, once.clone(), now)
        .await?;
    let (associated, refused) = match idempotency::outcome(joining.outcome, once.as_ref())? {
        Association::Done { associated, refused } => (associated, refused),
        Association::TooMany => return Err(too_many()),
        _ => return Err(Error::no_user(&input.user_id)),
    };
    let mut unsuccessful: Vec<_> = refused
        .iter()
        .map(|(face, refusal)| refusal_of(*face, refusal))
        .collect();
    unsuccessful.extend(unlike(context, &gallery, &user, &joining.unlike).await?);
    let has_faces = !associated.is_empty() || !gallery.templates_of(&user).await?.is_empty();
    let associated = associated.iter().map(|face| AssociatedFace {
        face_id: Some(face.to_string()),
    });
    Ok(AssociateFacesResponse {
        associated_faces: Some(associated.collect()),
        unsuccessful_face_associations: Some(unsuccessful),
        user_status: Some(status::with_faces(has_faces)),
    })
}

fn too_many() -> Error {
    Error::new(
        ErrorCode::ServiceQuotaExceededException,
        format!("A user may have {} faces.", selfsame_store::MAX_FACES_PER_USER),
    )
}

fn refusal_of(face: FaceId, refusal: &Refusal) -> UnsuccessfulFaceAssociation {
    let (reason, user) = match refusal {
        Refusal::AssociatedTo(user) => (Reason::AssociatedToADifferentUser, Some(user.to_string())),
        _ => (Reason::FaceNotFound, None),
    };
    UnsuccessfulFaceAssociation {
        face_id: Some(face.to_string()),
        user_id: user,
        confidence: None,
        reasons: Some(vec![reason]),
    }
}

/// The faces that are too little like the user, each with how much.
async fn unlike(
    context: &Context,
    gallery: &Gallery,
    user: &UserId,
    faces: &[FaceId],
) -> Result<Vec<UnsuccessfulFaceAssociation>, Error> {
    let mut refused = Vec::with_capacity(faces.len());
    if faces.is_empty() {
        return Ok(refused);
    }
    let vector = gallery.vector_of(user).await?;
    for face in faces {
        let template = gallery.template_of(*face).await?;
        let cosine = match (&vector, &template) {
            (Some(vector), Some(template)) => vector.cosine(template),
            _ => None,
        };
        refused.push(UnsuccessfulFaceAssociation {
            face_id: Some(face.to_string()),
            user_id: None,
            confidence: cosine.map(|cosine| context.similarity(cosine)).transpose()?,
            reasons: Some(vec![Reason::LowMatchConfidence]),
        });
    }
    Ok(refused)
}
