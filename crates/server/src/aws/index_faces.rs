//! `IndexFaces`.

use selfsame_face::filter::Level;
use selfsame_face::{Analysis, Face};
use selfsame_store::{Enrolled, NewImage, NewImageFace};
use selfsame_types::{FaceId, ImageId};
use selfsame_wire::ErrorCode;
use selfsame_wire::rekognition::{
    FaceRecord, IndexFacesRequest, IndexFacesResponse, QualityFilter, Reason, UnindexedFace,
};
use sha2::{Digest as _, Sha256};

use super::attributes;
use super::context::{Context, Purpose};
use super::error::Error;
use super::face_detail::{Size, face_detail};
use super::image::{self, Choice, Wanted};
use super::quality_filter::{flaws, level, unindexed};
use super::stored_face;

/// AWS's limit for one collection.
const MAX_COLLECTION_FACES: usize = 20_000_000;

/// Adds the faces of an image to a collection. The same image under the same `ExternalImageId` adds nothing a second
/// time: its faces come back as they are.
pub(crate) async fn run(context: &Context, input: IndexFacesRequest) -> Result<IndexFacesResponse, Error> {
    let (_, gallery) = context.gallery(&input.collection_id, Purpose::Write).await?;
    gallery.check_model()?;
    let level = level(input.quality_filter.unwrap_or(QualityFilter::Auto));
    let max_faces = input
        .max_faces
        .and_then(|max| usize::try_from(max).ok())
        .unwrap_or(usize::MAX);
    let bytes = image::bytes(context, input.image).await?;
    let wanted = Wanted::with(attributes::wanted(input.detection_attributes.as_deref()));
    let (analysis, digest) = analyze(context, bytes, wanted, level, max_faces).await?;
    image::measure(&context.app.metrics, &analysis);
    let size = Size::of(&analysis);
    let enrolled = if analysis.faces.iter().any(|face| face.template.is_some()) {
        if gallery.faces().await? >= MAX_COLLECTION_FACES {
            return Err(Error::new(
                ErrorCode::ServiceQuotaExceededException,
                format!("A collection may have {MAX_COLLECTION_FACES} faces."),
            ));
        }
        let new = new_image(context, &analysis, digest, input.external_image_id);
        gallery.enrol(new).await?
    } else {
        Vec::new()
    };
    let version = context.model_version()?;
    Ok(IndexFacesResponse {
        face_records: Some(records(&analysis, &enrolled, size)),
        orientation_correction: None,
        unindexed_faces: Some(unindexed_faces(&analysis, level, max_faces)),
        face_model_version: Some(version),
    })
}

/// The analysis, and the digest by which the image is known again.
async fn analyze(
    context: &Context,
    bytes: Vec<u8>,
    wanted: Wanted,
    level: Level,
    max_faces: usize,
) -> Result<(Analysis, [u8; 32]), Error> {
    let mut choice: Choice = Box::new(move |before, face| {
        let room = templates(before) < max_faces;
        room && flaws(level, face, Size::of(before).long_side_px()).is_empty()
    });
    image::work(context, move |analyzer, limits| {
        let analysis = image::look(analyzer, limits, &bytes, wanted, &mut choice)?;
        Ok((analysis, Sha256::digest(&bytes).into()))
    })
    .await
}

fn templates(analysis: &Analysis) -> usize {
    let with = analysis.faces.iter().filter(|face| face.template.is_some());
    with.count()
}

fn new_image(
    context: &Context,
    analysis: &Analysis,
    digest: [u8; 32],
    external_image_id: Option<String>,
) -> NewImage {
    let size = Size::of(analysis);
    let face = |(ordinal, face): (u32, &Face)| {
        Some(NewImageFace {
            ordinal,
            id: FaceId::new(context.app.ids.uuid()),
            template: face.template.clone()?,
            metadata: stored_face::metadata(face, size),
        })
    };
    NewImage {
        image: ImageId::new(context.app.ids.uuid()),
        digest,
        external_image_id,
        faces: (0..).zip(&analysis.faces).filter_map(face).collect(),
        now: context.app.clock.now(),
    }
}

/// Enrolled faces come back in the order in which they were given: that of the faces with templates.
fn records(analysis: &Analysis, enrolled: &[Enrolled], size: Size) -> Vec<FaceRecord> {
    let indexed = analysis.faces.iter().filter(|face| face.template.is_some());
    indexed
        .zip(enrolled)
        .map(|(face, enrolled)| FaceRecord {
            // The answer has the version as a whole; AWS does not repeat it in each face here, as lists and searches do.
            face: Some(selfsame_wire::rekognition::Face {
                index_faces_model_version: None,
                ..stored_face::face(&enrolled.record)
            }),
            face_detail: Some(face_detail(face, size)),
        })
        .collect()
}

fn unindexed_faces(analysis: &Analysis, level: Level, max_faces: usize) -> Vec<UnindexedFace> {
    let size = Size::of(analysis);
    let mut indexed = 0;
    let mut unindexed_faces = Vec::new();
    for face in &analysis.faces {
        if face.template.is_some() {
            indexed += 1;
            continue;
        }
        let mut reasons: Vec<Reason> = flaws(level, face, size.long_side_px())
            .into_iter()
            .map(unindexed)
            .collect();
        if reasons.is_empty() {
            reasons.push(if indexed < max_faces {
                // Eyes, nose and mouth coincide: there is nothing to make a template of.
                Reason::LowFaceQuality
            } else {
                Reason::ExceedsMaxFaces
            });
        }
        unindexed_faces.push(UnindexedFace {
            reasons: Some(reasons),
            face_detail: Some(face_detail(face, size)),
        });
    }
    unindexed_faces
}

#[cfg(test)]
mod tests {
    use selfsame_types::{FaceModelVersion, Template};

    use super::super::face_detail::tests::face;
    use super::*;

    #[test]
    fn every_face_that_is_left_out_has_a_reason() {
        let template = Template::new(&[1.0, 0.0], FaceModelVersion::new("test-1")).unwrap();
        let good = Face {
            template: Some(template),
            ..face()
        };
        let mut turned = face();
        turned.pose.yaw = 80.0;
        turned.quality.brightness = 1.0;
        let analysis = Analysis {
            width_px: 200,
            height_px: 400,
            faces: vec![face(), turned, good, face()],
            timings: selfsame_face::StageTimings::default(),
        };
        let reasons = |max_faces| -> Vec<Vec<&str>> {
            let faces = unindexed_faces(&analysis, Level::Auto, max_faces);
            let words = |face: UnindexedFace| face.reasons.iter().flatten().map(|r| r.as_str()).collect();
            faces.into_iter().map(words).collect()
        };
        assert_eq!(
            reasons(1),
            [
                vec!["LOW_FACE_QUALITY"],
                vec!["EXTREME_POSE", "LOW_BRIGHTNESS"],
                vec!["EXCEEDS_MAX_FACES"]
            ]
        );
        assert_eq!(reasons(2)[2], ["LOW_FACE_QUALITY"]);
    }
}
