//! `ListFaces`.

use selfsame_store::FaceFilter;
use selfsame_types::{Seq, UserId};
use selfsame_wire::rekognition::{ListFacesRequest, ListFacesResponse};
use sha2::{Digest as _, Sha256};

use super::context::{Context, Purpose};
use super::delete_faces::faces;
use super::error::Error;
use super::page::{self, MAX_RESULTS};
use super::stored_face;

/// The faces of a collection, of one of its users, or those of a list, in the order in which they were indexed.
pub(crate) async fn run(context: &Context, input: ListFacesRequest) -> Result<ListFacesResponse, Error> {
    let (id, gallery) = context.gallery(&input.collection_id, Purpose::Read).await?;
    let filter_name = filter_name(&input);
    let list = ["ListFaces", id.as_str(), filter_name.as_str()];
    let after = match page::position(context, &list, input.next_token.as_deref())? {
        Some(position) => Some(sequence(&position).ok_or_else(Error::pagination_token)?),
        None => None,
    };
    let filter = FaceFilter {
        user: match &input.user_id {
            Some(user) => Some(UserId::new(user.as_str()).map_err(|_| Error::invalid_parameters())?),
            None => None,
        },
        faces: input.face_ids.as_deref().map(faces).transpose()?,
    };
    let size = page::size(input.max_results, MAX_RESULTS);
    // One more tells whether there is another page.
    let limit = u32::try_from(size + 1).unwrap_or(u32::MAX);
    let mut records = context.app.store.list_faces(&id, &filter, after, limit).await?;
    let more = records.len() > size;
    records.truncate(size);
    let last = records.last().filter(|_| more);
    let next_token = last.map(|last| context.tokens().issue(&list, &last.seq.0.to_be_bytes()));
    Ok(ListFacesResponse {
        faces: Some(records.iter().map(stored_face::face).collect()),
        next_token,
        face_model_version: Some(gallery.version().as_str().to_owned()),
    })
}

/// What a token is bound to beside the collection. A filter can be long, so it is a digest.
fn filter_name(input: &ListFacesRequest) -> String {
    let mut digest = Sha256::new();
    for part in input.user_id.iter().chain(input.face_ids.iter().flatten()) {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let kind = (input.user_id.is_some(), input.face_ids.as_ref().map(Vec::len));
    format!("{kind:?} {:?}", digest.finalize())
}

fn sequence(position: &[u8]) -> Option<Seq> {
    Some(Seq(u64::from_be_bytes(position.try_into().ok()?)))
}
