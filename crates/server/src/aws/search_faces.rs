//! `SearchFaces`.

use selfsame_types::{CollectionId, FaceId};
use selfsame_wire::rekognition::{SearchFacesRequest, SearchFacesResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::matches::{self, DEFAULT_THRESHOLD};

/// Looks for the faces of a collection that are most alike one of them.
pub(crate) async fn run(context: &Context, input: SearchFacesRequest) -> Result<SearchFacesResponse, Error> {
    let (id, gallery) = context.gallery(&input.collection_id, Purpose::Read).await?;
    gallery.check_model()?;
    let face: FaceId = input.face_id.parse().map_err(|_| unknown())?;
    let Some(template) = gallery.template_of(face).await? else {
        return Err(without_template(context, &id, face).await?);
    };
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

/// It is not there, or it was left behind when the collection changed its model.
async fn without_template(
    context: &Context,
    collection: &CollectionId,
    face: FaceId,
) -> Result<Error, Error> {
    let found = context.app.store.face_records(collection, &[face]).await?;
    Ok(found.first().map_or_else(unknown, |record| {
        Error::invalid(format!(
            "The face was indexed with model {}, which the collection has left: index its image again.",
            record.version
        ))
    }))
}

/// AWS does not call it a resource.
fn unknown() -> Error {
    Error::invalid("faceId was not found in the collection.")
}
