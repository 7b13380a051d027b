//! `DisassociateFaces`.

use selfsame_store::{Association, Refusal};
use selfsame_types::FaceId;
use selfsame_wire::rekognition::{
    DisassociateFacesRequest, DisassociateFacesResponse, DisassociatedFace, UnsuccessfulFaceDisassociation,
    UnsuccessfulFaceDisassociationReason as Reason,
};

use super::context::{Context, Purpose, user_id};
use super::delete_faces::faces;
use super::error::Error;
use super::{idempotency, status};

/// Takes faces away from a user. They stay in the collection and belong to nobody.
pub(crate) async fn run(
    context: &Context,
    input: DisassociateFacesRequest,
) -> Result<DisassociateFacesResponse, Error> {
    let (id, gallery) = context.gallery(&input.collection_id, Purpose::Write).await?;
    let user = user_id(&input.user_id)?;
    let mut asked = vec![id.as_str(), user.as_str()];
    asked.extend(input.face_ids.iter().map(String::as_str));
    let once = idempotency::of("DisassociateFaces", input.client_request_token, &asked);
    let now = context.app.clock.now();
    let faces = faces(&input.face_ids)?;
    let outcome = gallery
        .disassociate(user.clone(), faces, once.clone(), now)
        .await?;
    let Association::Done {
        associated: taken,
        refused,
    } = idempotency::outcome(outcome, once.as_ref())?
    else {
        return Err(Error::no_user(&input.user_id));
    };
    let has_faces = !gallery.templates_of(&user).await?.is_empty();
    let taken = taken.iter().map(|face| DisassociatedFace {
        face_id: Some(face.to_string()),
    });
    let refused = refused.iter().map(|(face, refusal)| refusal_of(*face, refusal));
    Ok(DisassociateFacesResponse {
        disassociated_faces: Some(taken.collect()),
        unsuccessful_face_disassociations: Some(refused.collect()),
        user_status: Some(status::with_faces(has_faces)),
    })
}

fn refusal_of(face: FaceId, refusal: &Refusal) -> UnsuccessfulFaceDisassociation {
    let (reason, user) = match refusal {
        Refusal::AssociatedTo(user) => (Reason::AssociatedToADifferentUser, Some(user.to_string())),
        _ => (Reason::FaceNotFound, None),
    };
    UnsuccessfulFaceDisassociation {
        face_id: Some(face.to_string()),
        user_id: user,
        reasons: Some(vec![reason]),
    }
}
