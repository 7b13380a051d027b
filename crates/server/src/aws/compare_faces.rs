//! `CompareFaces`.

use selfsame_face::filter::Level;
use selfsame_face::{Analysis, Analyzer, Face};
use selfsame_types::{Similarity, Template};
use selfsame_vision::decode::Limits;
use selfsame_wire::rekognition::{
    CompareFacesMatch, CompareFacesRequest, CompareFacesResponse, ComparedSourceImageFace, QualityFilter,
};

use super::context::{Context, Purpose};
use super::error::Error;
use super::face_detail::{Size, bounding_box, compared_face};
use super::image::{self, Choice, Wanted};
use super::quality_filter::{flaws, level};

/// Where AWS draws the line if it is not told.
const DEFAULT_THRESHOLD: f32 = 80.0;

/// Compares the largest face of one image with every face of another. Faces below the quality bar are as if they were
/// not there.
pub(crate) async fn run(
    context: &Context,
    input: CompareFacesRequest,
) -> Result<CompareFacesResponse, Error> {
    context.allow(Purpose::Read)?;
    let threshold = input.similarity_threshold.unwrap_or(DEFAULT_THRESHOLD);
    let level = level(input.quality_filter.unwrap_or(QualityFilter::None));
    let source = image::bytes(context, input.source_image).await?;
    let target = image::bytes(context, input.target_image).await?;
    let (source, target) = image::work(context, move |analyzer, limits| {
        both(analyzer, limits, &source, &target, level)
    })
    .await?;
    image::measure(&context.app.metrics, &source);
    image::measure(&context.app.metrics, &target);
    let analyzer = context.ready()?.engine.analyzer();
    let similarity = |a: &Template, b: &Template| analyzer.similarity(a, b).map(Similarity::value);
    compared(&source, &target, level, threshold, similarity)
}

/// Both images in one go, so that a comparison needs one permit and waits once.
fn both(
    analyzer: &Analyzer,
    limits: Limits,
    source: &[u8],
    target: &[u8],
    level: Level,
) -> Result<(Analysis, Analysis), Error> {
    let passes = move |analysis: &Analysis, face: &Face| {
        flaws(level, face, Size::of(analysis).long_side_px()).is_empty()
    };
    let mut one = image::largest(passes);
    let source = image::look(analyzer, limits, source, Wanted::FIVE_LANDMARKS, &mut one)?;
    // Without a face in the source, the target need not be looked at; AWS says so before it says anything else.
    if image::chosen(&source).is_none() {
        return Err(Error::invalid_parameters());
    }
    let mut all: Choice = Box::new(passes);
    let target = image::look(analyzer, limits, target, Wanted::FIVE_LANDMARKS, &mut all)?;
    Ok((source, target))
}

fn compared(
    source: &Analysis,
    target: &Analysis,
    level: Level,
    threshold: f32,
    similarity: impl Fn(&Template, &Template) -> Option<f32>,
) -> Result<CompareFacesResponse, Error> {
    let (face, probe) = image::chosen(source).ok_or_else(Error::invalid_parameters)?;
    let size = Size::of(target);
    let (mut matches, mut unmatched) = (Vec::new(), Vec::new());
    let good = |face: &&Face| flaws(level, face, size.long_side_px()).is_empty();
    for other in target.faces.iter().filter(good) {
        let alike = other.template.as_ref().and_then(|other| similarity(probe, other));
        match alike {
            Some(alike) if alike >= threshold => matches.push((alike, other)),
            _ => unmatched.push(compared_face(other, size)),
        }
    }
    if matches.is_empty() && unmatched.is_empty() {
        return Err(Error::invalid_parameters());
    }
    matches.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let matches = matches.into_iter().map(|(alike, other)| CompareFacesMatch {
        similarity: Some(alike),
        face: Some(compared_face(other, size)),
    });
    Ok(CompareFacesResponse {
        source_image_face: Some(ComparedSourceImageFace {
            bounding_box: Some(bounding_box(face, Size::of(source))),
            confidence: Some(face.detection.confidence),
        }),
        face_matches: Some(matches.collect()),
        unmatched_faces: Some(unmatched),
        source_image_orientation_correction: None,
        target_image_orientation_correction: None,
    })
}

#[cfg(test)]
mod tests {
    use selfsame_types::FaceModelVersion;

    use super::super::face_detail::tests::face;
    use super::*;

    fn analysis(templates: &[Option<[f32; 2]>]) -> Analysis {
        let faces = templates.iter().map(|values| {
            let template = values.map(|v| Template::new(&v, FaceModelVersion::new("test-1")).unwrap());
            Face { template, ..face() }
        });
        Analysis {
            width_px: 200,
            height_px: 400,
            faces: faces.collect(),
            timings: selfsame_face::StageTimings::default(),
        }
    }

    fn percent(a: &Template, b: &Template) -> Option<f32> {
        a.cosine(b).map(|cosine| (100.0 * cosine).round())
    }

    #[test]
    fn matches_descend_and_the_rest_is_told_too() {
        let source = analysis(&[Some([1.0, 0.0])]);
        let target = analysis(&[Some([0.9, 0.4]), Some([1.0, 0.0]), Some([0.0, 1.0]), None]);
        let answer = compared(&source, &target, Level::None, 80.0, percent).unwrap();
        let similarities: Vec<_> = answer
            .face_matches
            .iter()
            .flatten()
            .map(|m| m.similarity)
            .collect();
        assert_eq!(similarities, [Some(100.0), Some(91.0)]);
        assert_eq!(answer.unmatched_faces.as_ref().map(Vec::len), Some(2));
        insta::assert_json_snapshot!(answer);
    }

    #[test]
    fn without_a_face_on_either_side_there_is_nothing_to_compare() {
        let (nobody, somebody) = (analysis(&[]), analysis(&[Some([1.0, 0.0])]));
        for (source, target) in [(&nobody, &somebody), (&somebody, &nobody)] {
            let error = compared(source, target, Level::None, 80.0, percent).unwrap_err();
            assert_eq!(error.wire().message(), "Request has invalid parameters.");
        }
    }
}
