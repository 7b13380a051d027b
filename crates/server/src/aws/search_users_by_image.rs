//! `SearchUsersByImage`.

use selfsame_face::filter::Level;
use selfsame_face::{Analysis, Face};
use selfsame_wire::rekognition::{
    QualityFilter, SearchUsersByImageRequest, SearchUsersByImageResponse, SearchedFaceDetails,
    UnsearchedFace, UnsearchedFaceReason,
};

use super::context::{Context, Purpose};
use super::error::Error;
use super::face_detail::{Size, face_detail};
use super::image::{self, Wanted};
use super::matches::{self, DEFAULT_THRESHOLD};
use super::quality_filter::{flaws, level, unsearched};

/// Looks for the users of a collection that are most alike the largest face of an image. An image without a face finds
/// nobody.
pub(crate) async fn run(
    context: &Context,
    input: SearchUsersByImageRequest,
) -> Result<SearchUsersByImageResponse, Error> {
    let (_, gallery) = context.gallery(&input.collection_id, Purpose::Read).await?;
    gallery.check_model()?;
    let level = level(input.quality_filter.unwrap_or(QualityFilter::None));
    let choice =
        image::largest(move |before, face| flaws(level, face, Size::of(before).long_side_px()).is_empty());
    let bytes = image::bytes(context, input.image).await?;
    let analysis = image::analyze(context, bytes, Wanted::ALL_LANDMARKS, choice).await?;
    let size = Size::of(&analysis);
    let mut answer = SearchUsersByImageResponse {
        user_matches: Some(Vec::new()),
        face_model_version: Some(context.model_version()?),
        searched_face: None,
        unsearched_faces: Some(unsearched_faces(&analysis, level)),
    };
    if let Some((face, template)) = image::chosen(&analysis) {
        let min_cosine = context.min_cosine(input.user_match_threshold.unwrap_or(DEFAULT_THRESHOLD))?;
        let limit = matches::users_limit(input.max_users);
        let hits = gallery.search_users(template, limit, min_cosine).await?;
        answer.user_matches = Some(matches::users(context, &hits)?);
        answer.searched_face = Some(SearchedFaceDetails {
            face_detail: Some(face_detail(face, size)),
        });
    }
    Ok(answer)
}

fn unsearched_faces(analysis: &Analysis, level: Level) -> Vec<UnsearchedFace> {
    let size = Size::of(analysis);
    let mut searched = false;
    let mut unsearched_faces = Vec::new();
    for face in &analysis.faces {
        if face.template.is_some() {
            searched = true;
            continue;
        }
        unsearched_faces.push(UnsearchedFace {
            face_details: Some(face_detail(face, size)),
            reasons: Some(reasons(face, level, size, searched)),
        });
    }
    unsearched_faces
}

/// Why a face was not searched for, after or before the one that was.
fn reasons(face: &Face, level: Level, size: Size, searched: bool) -> Vec<UnsearchedFaceReason> {
    let mut reasons: Vec<UnsearchedFaceReason> = flaws(level, face, size.long_side_px())
        .into_iter()
        .map(unsearched)
        .collect();
    if reasons.is_empty() {
        reasons.push(if searched {
            UnsearchedFaceReason::FaceNotLargest
        } else {
            // Eyes, nose and mouth coincide: there is nothing to make a template of.
            UnsearchedFaceReason::LowFaceQuality
        });
    }
    reasons
}

#[cfg(test)]
mod tests {
    use selfsame_types::{FaceModelVersion, Template};

    use super::super::face_detail::tests::face;
    use super::*;

    #[test]
    fn every_face_that_was_not_searched_has_a_reason() {
        let template = Template::new(&[1.0, 0.0], FaceModelVersion::new("test-1")).unwrap();
        let good = Face {
            template: Some(template),
            ..face()
        };
        let mut dark = face();
        dark.quality.brightness = 1.0;
        let analysis = Analysis {
            width_px: 200,
            height_px: 400,
            faces: vec![dark, face(), good, face()],
            timings: selfsame_face::StageTimings::default(),
        };
        let faces = unsearched_faces(&analysis, Level::Low);
        let words: Vec<Vec<&str>> = faces
            .iter()
            .map(|face| face.reasons.iter().flatten().map(|r| r.as_str()).collect())
            .collect();
        assert_eq!(
            words,
            [
                vec!["LOW_BRIGHTNESS"],
                vec!["LOW_FACE_QUALITY"],
                vec!["FACE_NOT_LARGEST"]
            ]
        );
    }
}
