//! `DeleteFaces`.

use std::collections::HashSet;

use selfsame_store::Refusal;
use selfsame_types::FaceId;
use selfsame_wire::rekognition::{
    DeleteFacesRequest, DeleteFacesResponse, UnsuccessfulFaceDeletion, UnsuccessfulFaceDeletionReason,
};

use super::context::{Context, Purpose};
use super::error::Error;

/// Erases faces. One that belongs to a user must leave the user first.
pub(crate) async fn run(context: &Context, input: DeleteFacesRequest) -> Result<DeleteFacesResponse, Error> {
    let (_, gallery) = context.gallery(&input.collection_id, Purpose::Write).await?;
    let deletion = gallery.delete_faces(faces(&input.face_ids)?).await?;
    let refused = deletion.refused.iter().map(|(face, refusal)| {
        let (reason, user) = match refusal {
            Refusal::AssociatedTo(user) => (
                UnsuccessfulFaceDeletionReason::AssociatedToAnExistingUser,
                Some(user.to_string()),
            ),
            _ => (UnsuccessfulFaceDeletionReason::FaceNotFound, None),
        };
        UnsuccessfulFaceDeletion {
            face_id: Some(face.to_string()),
            user_id: user,
            reasons: Some(vec![reason]),
        }
    });
    Ok(DeleteFacesResponse {
        unsuccessful_face_deletions: Some(refused.collect()),
        deleted_faces: Some(deletion.deleted.iter().map(ToString::to_string).collect()),
    })
}

/// Faces by their ids, each once, in their order. The ids have passed the validation of the service model, whose
/// pattern every id of ours has; another text of this form names no face, which the store says.
pub(super) fn faces(ids: &[String]) -> Result<Vec<FaceId>, Error> {
    let mut seen = HashSet::new();
    let mut faces = Vec::with_capacity(ids.len());
    for id in ids {
        let face = id.parse().map_err(|_| Error::invalid_parameters())?;
        if seen.insert(face) {
            faces.push(face);
        }
    }
    Ok(faces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_given_twice_counts_once() {
        let ids = [1u128, 2, 1].map(|n| uuid::Uuid::from_u128(n).to_string());
        let expected = [1, 2].map(|n| FaceId::new(uuid::Uuid::from_u128(n)));
        assert_eq!(faces(&ids).unwrap(), expected);
        assert!(faces(&["x".to_owned()]).is_err());
    }
}
