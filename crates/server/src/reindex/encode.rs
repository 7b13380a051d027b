//! From the photo that a face was enrolled with to its template by another model.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use selfsame_face::{Analysis, AnalyzeOptions, Analyzer};
use selfsame_store::{FaceRecord, Properties};
use selfsame_types::{BoundingBox, FaceId, Template};
use selfsame_vision::decode::Limits;
use serde_json::Value;

/// How much a box of today and the box of the enrolment share at least (intersection over union) if they are one face's.
/// Detectors draw their boxes differently; two faces of one photo share less, or the detector would have taken them for
/// one (its own threshold is the same, `face/src/detector.rs`).
const SAME_FACE_OVERLAP: f32 = 0.3;

/// Why a face has no template of the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nobody has kept it.
    #[error("no stored photo")]
    NoPhoto,
    /// The detector sees no face, or none in this place.
    #[error("no face is found in its place in the photo")]
    NoFace,
    /// The file cannot be decoded under today's limits.
    #[error("the photo cannot be read: {0}")]
    Unreadable(String),
}

impl Problem {
    /// A word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoPhoto => "no-photo",
            Self::NoFace => "no-face",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

pub(super) type Photo = (FaceRecord, Vec<u8>);
type Made = (Vec<(FaceId, Template)>, Vec<(FaceRecord, Problem)>);

/// The templates of these faces, made by so many threads, and what went wrong with the others.
pub(super) fn templates(
    analyzer: &Analyzer,
    limits: &Limits,
    threads: usize,
    photos: &[Photo],
) -> Result<Made, selfsame_face::Error> {
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(photos.len()));
    let work = || {
        while let Some((record, bytes)) = photos.get(next.fetch_add(1, Ordering::Relaxed)) {
            let one = template(analyzer, limits, record, bytes);
            made.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((record.clone(), one));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, photos.len().max(1)) {
            scope.spawn(work);
        }
    });
    let (mut templates, mut problems) = (Vec::new(), Vec::new());
    for (record, one) in made.into_inner().unwrap_or_else(PoisonError::into_inner) {
        match one? {
            Ok(template) => templates.push((record.face, template)),
            Err(problem) => problems.push((record, problem)),
        }
    }
    Ok((templates, problems))
}

/// An error only where the photo is not to blame.
fn template(
    analyzer: &Analyzer,
    limits: &Limits,
    record: &FaceRecord,
    bytes: &[u8],
) -> Result<Result<Template, Problem>, selfsame_face::Error> {
    let options = AnalyzeOptions {
        limits: *limits,
        ..AnalyzeOptions::default()
    };
    let place = place(&record.metadata);
    let mut in_place = |analysis: &Analysis, face: &selfsame_face::Face| {
        overlap(analysis, &face.detection.bounding_box, place.as_ref()) >= SAME_FACE_OVERLAP
    };
    let analysis = match analyzer.analyze_choosing(bytes, &options, &mut in_place) {
        Ok(analysis) => analysis,
        Err(selfsame_face::Error::Image(error)) => return Ok(Err(Problem::Unreadable(error.to_string()))),
        Err(error) => return Err(error),
    };
    if place.is_none() && analysis.faces.len() > 1 {
        return Ok(Err(Problem::NoFace));
    }
    let best = analysis
        .faces
        .iter()
        .filter_map(|face| {
            Some((
                overlap(&analysis, &face.detection.bounding_box, place.as_ref()),
                face.template.clone()?,
            ))
        })
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    Ok(best.map(|(_, template)| template).ok_or(Problem::NoFace))
}

/// How much a box and the place of the enrolment share, 0 to 1. Where nobody has written the place down, everything is it.
fn overlap(analysis: &Analysis, area: &BoundingBox, place: Option<&BoundingBox>) -> f32 {
    let Some(place) = place else { return 1.0 };
    let (width, height) = (analysis.width_px as f32, analysis.height_px as f32);
    area.intersection_over_union(&BoundingBox {
        left: place.left * width,
        top: place.top * height,
        width: place.width * width,
        height: place.height * height,
    })
}

/// Where the face was at its enrolment, in ratios of the photo's sides.
fn place(metadata: &Properties) -> Option<BoundingBox> {
    let area = metadata.get("BoundingBox")?;
    let side = |name: &str| area.get(name).and_then(Value::as_f64).map(|ratio| ratio as f32);
    Some(BoundingBox {
        left: side("Left")?,
        top: side("Top")?,
        width: side("Width")?,
        height: side("Height")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let of = |value: Value| value.as_object().cloned().unwrap_or_default();
        let written = json!({ "BoundingBox": { "Left": 0.25, "Top": 0.5, "Width": 0.5, "Height": 0.25 } });
        let found = place(&of(written)).unwrap();
        let analysis = Analysis {
            width_px: 200,
            height_px: 400,
            faces: Vec::new(),
            timings: selfsame_face::StageTimings::default(),
        };
        let same = BoundingBox {
            left: 50.0,
            top: 200.0,
            width: 100.0,
            height: 100.0,
        };
        assert!((overlap(&analysis, &same, Some(&found)) - 1.0).abs() < 1e-6);
        let beside = BoundingBox { left: 150.0, ..same };
        assert!(overlap(&analysis, &beside, Some(&found)) < SAME_FACE_OVERLAP);
        assert_eq!(place(&of(json!({ "BoundingBox": { "Left": 0.25 } }))), None);
        assert_eq!(place(&of(json!({}))), None);
    }

    fn record(number: u128, metadata: Properties) -> FaceRecord {
        FaceRecord {
            face: FaceId::new(uuid::Uuid::from_u128(number)),
            image: selfsame_types::ImageId::new(uuid::Uuid::from_u128(number)),
            user: None,
            external_image_id: None,
            seq: selfsame_types::Seq(number as u64),
            version: selfsame_types::FaceModelVersion::new("older"),
            created: jiff::Timestamp::UNIX_EPOCH,
            picture: None,
            metadata,
        }
    }

    /// A group, and where its faces are.
    fn group(analyzer: &Analyzer) -> (Vec<u8>, Analysis) {
        let samples = selfsame_vision::pack::testing::samples_for_tests();
        let photo = fs_err::read(samples.join("sample1.jpg")).unwrap();
        let seen = analyzer.analyze(&photo, &AnalyzeOptions::default()).unwrap();
        assert!(seen.faces.len() > 2, "a group");
        (photo, seen)
    }

    fn at(seen: &Analysis, area: &BoundingBox) -> Properties {
        let (width, height) = (seen.width_px as f32, seen.height_px as f32);
        let area = json!({ "BoundingBox": {
            "Left": area.left / width, "Top": area.top / height,
            "Width": area.width / width, "Height": area.height / height,
        } });
        area.as_object().cloned().unwrap()
    }

    /// In a photo of several people, each face gets its own template again.
    #[test]
    fn faces_are_found_in_their_places() {
        let resolved = selfsame_vision::pack::testing::default_models_for_tests();
        let analyzer = Analyzer::load(resolved, selfsame_face::AnalyzerOptions::default()).unwrap();
        let (photo, seen) = group(&analyzer);
        let places = seen
            .faces
            .iter()
            .map(|face| at(&seen, &face.detection.bounding_box));
        let photos = places
            .zip(0..)
            .map(|(place, number)| (record(number, place), photo.clone()));
        let photos: Vec<Photo> = photos.collect();
        let (made, problems) = templates(&analyzer, &Limits::default(), 2, &photos).unwrap();
        assert_eq!((made.len(), problems.len()), (seen.faces.len(), 0));
        for (face, template) in &made {
            let own = face.uuid().as_u128() as usize;
            for (index, other) in seen.faces.iter().enumerate() {
                let cosine = template.cosine(other.template.as_ref().unwrap()).unwrap();
                assert_eq!(cosine > 0.999, index == own, "{own} and {index}: {cosine}");
            }
        }
    }

    #[test]
    fn what_cannot_be_found_is_not_guessed() {
        let resolved = selfsame_vision::pack::testing::default_models_for_tests();
        let analyzer = Analyzer::load(resolved, selfsame_face::AnalyzerOptions::default()).unwrap();
        let (photo, seen) = group(&analyzer);
        let corner = BoundingBox {
            left: 0.0,
            top: 0.0,
            width: 30.0,
            height: 30.0,
        };
        let photos = [
            (record(1, at(&seen, &corner)), photo.clone()),
            (record(2, Properties::new()), photo),
            (record(3, Properties::new()), b"no photo".to_vec()),
        ];
        let (made, mut problems) = templates(&analyzer, &Limits::default(), 2, &photos).unwrap();
        assert_eq!(made, []);
        problems.sort_by_key(|(record, _)| record.seq);
        let problems: Vec<&str> = problems.iter().map(|(_, problem)| problem.code()).collect();
        assert_eq!(problems, ["no-face", "no-face", "unreadable"]);
    }
}
