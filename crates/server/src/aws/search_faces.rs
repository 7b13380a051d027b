//! `SearchFaces`.

use selfsame_types::FaceId;
use selfsame_wire::rekognition::{SearchFacesRequest, SearchFacesResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::matches::{self, DEFAULT_THRESHOLD};

/// Looks for the faces of a collection that are most alike one of them.
pub(crate) async fn run(context: &Context, input: SearchFacesRequest) -> Result<SearchFacesResponse, Error> {
    let (_, gallery) = context.gallery(&input.collection_id, Purpose::Read).await?;
    gallery.check_model()?;
    let face: FaceId = input.face_id.parse().map_err(|_| unknown())?;
    let template = gallery.template_of(face).await?.ok_or_else(unknown)?;
    let min_cosine = context.min_cosine(input.face_match_threshold.unwrap_or(DEFAULT_THRESHOLD))?;
    let limit = matches::limit(input.max_faces);
    // One more, because the face itself is the most alike.
    let mut hits = gallery.search_faces(&template, limit + 1, min_cosine).await?;
    hits.retain(|(record, _)| record.face != face);
    hits.truncate(limit);
    Ok(SearchFacesResponse {
        searched_face_id: Some(input.face_id),
        face_matches: Some(matches::faces(context, &hits)?),
        face_model_version: Some(context.model_version()?),
    })
}

/// AWS does not call it a resource.
fn unknown() -> Error {
    Error::invalid("faceId was not found in the collection.")
}
