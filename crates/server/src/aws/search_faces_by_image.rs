//! `SearchFacesByImage`.

use selfsame_wire::rekognition::{QualityFilter, SearchFacesByImageRequest, SearchFacesByImageResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::face_detail::{Size, bounding_box};
use super::image::{self, Wanted};
use super::matches::{self, DEFAULT_THRESHOLD};
use super::quality_filter::{flaws, level};

/// Looks for the faces of a collection that are most alike the largest face of an image.
pub(crate) async fn run(
    context: &Context,
    input: SearchFacesByImageRequest,
) -> Result<SearchFacesByImageResponse, Error> {
    let (_, gallery) = context.gallery(&input.collection_id, Purpose::Read).await?;
    gallery.check_model()?;
    let level = level(input.quality_filter.unwrap_or(QualityFilter::None));
    let choice =
        image::largest(move |before, face| flaws(level, face, Size::of(before).long_side_px()).is_empty());
    let bytes = image::bytes(context, input.image).await?;
    let analysis = image::analyze(context, bytes, Wanted::FIVE_LANDMARKS, choice).await?;
    let (face, template) = image::chosen(&analysis).ok_or_else(Error::no_face)?;
    let min_cosine = context.min_cosine(input.face_match_threshold.unwrap_or(DEFAULT_THRESHOLD))?;
    let hits = matches::search(context, &gallery, template, input.max_faces, min_cosine).await?;
    Ok(SearchFacesByImageResponse {
        searched_face_bounding_box: Some(bounding_box(face, Size::of(&analysis))),
        searched_face_confidence: Some(face.detection.confidence),
        face_matches: Some(matches::faces(context, &hits)?),
        face_model_version: Some(context.model_version()?),
    })
}
