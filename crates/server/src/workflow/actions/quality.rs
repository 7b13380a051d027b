//! Is this photo good enough to decide on? Thresholds come from the configuration; the measuring is done elsewhere.

use selfsame_face::{Analysis, Face, unified_quality};
use selfsame_types::Template;
use selfsame_workflow::Failure;
use serde_json::{Value, json};

use super::{FailureName, failure, gate};
use crate::config::QualityConfig;

/// The one face of a photo, with what is kept of it.
pub(super) struct Usable {
    /// The template.
    pub(super) template: Template,
    /// For the store: how good the photo is, and where the face is.
    pub(super) metadata: serde_json::Map<String, Value>,
}

/// How good the photo is, or the reason why it cannot be used.
pub(super) fn check(analysis: &Analysis, thresholds: &QualityConfig) -> Result<Value, Failure> {
    let face = single_face(analysis, thresholds)?;
    gate::check(face, analysis, thresholds)?;
    template(face)?;
    Ok(describe(face, analysis))
}

/// How well the person in a photo can be compared with others, to choose between photos: 0–100 where the photo passes,
/// 100 less where it does not, and less than all of those where there is not one person.
pub(crate) fn worth(analysis: &Analysis, thresholds: &QualityConfig) -> f32 {
    let Ok(face) = single_face(analysis, thresholds) else {
        return -200.0;
    };
    let quality = unified_quality(face, analysis.width_px.max(analysis.height_px));
    if check(analysis, thresholds).is_ok() {
        quality
    } else {
        quality - 100.0
    }
}

/// The one face, whatever its pose and light: those are for [`check`], which a flow may leave out.
pub(super) fn usable(analysis: &Analysis, thresholds: &QualityConfig) -> Result<Usable, Failure> {
    let face = single_face(analysis, thresholds)?;
    Ok(Usable {
        template: template(face)?,
        metadata: metadata(face, analysis, &describe(face, analysis)),
    })
}

fn template(face: &Face) -> Result<Template, Failure> {
    face.template.clone().ok_or_else(|| {
        failure(
            FailureName::InvalidImage,
            "the eyes, nose and mouth cannot be located; send a photo with the whole face visible",
        )
    })
}

fn single_face<'a>(analysis: &'a Analysis, thresholds: &QualityConfig) -> Result<&'a Face, Failure> {
    let clear = |face: &&Face| face.detection.confidence > thresholds.min_confidence;
    let mut faces = analysis.faces.iter().filter(clear);
    match (faces.next(), faces.count(), analysis.faces.first()) {
        (Some(face), 0, _) => Ok(face),
        (Some(_), others, _) => Err(failure(
            FailureName::TooManyFacesDetected,
            format!(
                "there are {} faces in the photo; send one with a single person",
                others + 1
            ),
        )),
        (None, _, Some(doubtful)) => Err(doubt(doubtful, thresholds)),
        (None, _, None) => Err(failure(
            FailureName::NoFacesDetected,
            "there is no face in the photo; send one with the whole face visible",
        )),
    }
}

/// Faces in profile are also the doubtful ones: what helps is said first.
fn doubt(face: &Face, thresholds: &QualityConfig) -> Failure {
    gate::pose(face, thresholds).err().unwrap_or_else(|| {
        failure(
            FailureName::InvalidImage,
            format!(
                "the face is not clear enough (confidence {:.1}, above {} is needed); send a sharper photo",
                face.detection.confidence, thresholds.min_confidence
            ),
        )
    })
}

/// What is known of the face. Where the pack has no model for it, `Sunglasses` is "unknown" and never "no".
fn describe(face: &Face, analysis: &Analysis) -> Value {
    let sunglasses = face
        .attributes
        .sunglasses
        .map_or("unknown", |judgement| if judgement.value { "yes" } else { "no" });
    let long_side_px = analysis.width_px.max(analysis.height_px);
    json!({
        "Quality": rounded(unified_quality(face, long_side_px)),
        "Confidence": rounded(face.detection.confidence),
        "Brightness": rounded(face.quality.brightness),
        "Sharpness": rounded(face.quality.sharpness),
        "Pose": {
            "Pitch": rounded(face.pose.pitch),
            "Roll": rounded(face.pose.roll),
            "Yaw": rounded(face.pose.yaw),
        },
        "Sunglasses": sunglasses,
    })
}

/// With the face's place as ratios of the image's sides, the form of `FaceDetail`.
fn metadata(face: &Face, analysis: &Analysis, quality: &Value) -> serde_json::Map<String, Value> {
    let (width, height) = (analysis.width_px as f32, analysis.height_px as f32);
    let area = &face.detection.bounding_box;
    let ratio = |value: f32| (f64::from(value) * 1e5).round() / 1e5;
    let mut metadata = quality.as_object().cloned().unwrap_or_default();
    metadata.insert(
        "BoundingBox".to_owned(),
        json!({
            "Left": ratio(area.left / width),
            "Top": ratio(area.top / height),
            "Width": ratio(area.width / width),
            "Height": ratio(area.height / height),
        }),
    );
    metadata
}

/// Two digits: more would be noise.
pub(super) fn rounded(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

#[cfg(test)]
pub(super) mod tests {
    use selfsame_face::attributes::Attributes;
    use selfsame_face::{Detection, StageTimings};
    use selfsame_types::{BoundingBox, FaceModelVersion, Landmarks, Point, Pose, Quality};

    use super::*;

    /// A good face of 50 × 60 pixels in a photo of 100 × 200.
    pub(in crate::workflow::actions) fn face() -> Face {
        Face {
            detection: Detection {
                bounding_box: BoundingBox {
                    left: 10.0,
                    top: 20.0,
                    width: 50.0,
                    height: 60.0,
                },
                landmarks: Landmarks::from_points(
                    [
                        (25.0, 45.0),
                        (45.0, 45.0),
                        (35.0, 56.0),
                        (27.0, 66.0),
                        (43.0, 66.0),
                    ]
                    .map(|(x, y)| Point::new(x, y)),
                ),
                confidence: 99.5,
            },
            pose: Pose {
                pitch: -3.0,
                roll: 1.0,
                yaw: 12.345,
            },
            quality: Quality {
                brightness: 50.0,
                sharpness: 60.0,
            },
            dense_landmarks: None,
            template: Some(Template::new(&[1.0, 0.0], FaceModelVersion::new("test-1")).unwrap()),
            attributes: Attributes::default(),
            embedding_norm: None,
        }
    }

    pub(in crate::workflow::actions) fn analysis(faces: Vec<Face>) -> Analysis {
        Analysis {
            width_px: 100,
            height_px: 200,
            faces,
            timings: StageTimings::default(),
        }
    }

    fn checked(faces: Vec<Face>) -> Result<Value, Failure> {
        check(&analysis(faces), &QualityConfig::default())
    }

    fn refused(change: impl FnOnce(&mut Face)) -> (String, String) {
        let mut face = face();
        change(&mut face);
        let failure = checked(vec![face]).err().unwrap();
        (failure.error, failure.cause)
    }

    #[test]
    fn a_good_photo_passes_and_is_described() {
        let found = usable(&analysis(vec![face()]), &QualityConfig::default()).unwrap();
        insta::assert_json_snapshot!(found.metadata);
        assert_eq!(checked(vec![face()]).unwrap()["Sunglasses"], "unknown");
    }

    #[test]
    fn a_flow_without_a_check_takes_faces_in_any_pose_and_light_but_one() {
        let mut face = face();
        (face.pose.yaw, face.quality.brightness) = (80.0, 0.0);
        assert!(checked(vec![face.clone()]).is_err());
        assert!(usable(&analysis(vec![face.clone()]), &QualityConfig::default()).is_ok());
        assert!(usable(&analysis(vec![face.clone(), face]), &QualityConfig::default()).is_err());
    }

    #[test]
    fn nobody_and_too_many() {
        assert_eq!(
            checked(vec![]).err().unwrap().error,
            FailureName::NoFacesDetected.as_str()
        );
        let failure = checked(vec![face(), face(), face()]).err().unwrap();
        assert_eq!(failure.error, FailureName::TooManyFacesDetected.as_str());
        assert!(failure.cause.contains("3 faces"), "{}", failure.cause);
    }

    #[test]
    fn what_is_hardly_a_face_does_not_count() {
        let mut ghost = face();
        ghost.detection.confidence = 90.0;
        assert!(checked(vec![ghost.clone(), face()]).is_ok());
        let failure = checked(vec![ghost]).err().unwrap();
        assert_eq!(failure.error, FailureName::InvalidImage.as_str());
        assert!(failure.cause.contains("confidence 90.0"), "{}", failure.cause);
    }

    #[test]
    fn each_angle_counts_and_so_does_nonsense() {
        for (change, name) in [
            (
                Box::new(|f: &mut Face| f.pose.pitch = 45.0) as Box<dyn FnOnce(&mut Face)>,
                "pitch 45°",
            ),
            (Box::new(|f: &mut Face| f.pose.roll = -90.0), "roll -90°"),
            (Box::new(|f: &mut Face| f.pose.yaw = 46.0), "yaw 46°"),
            (Box::new(|f: &mut Face| f.pose.yaw = f32::NAN), "yaw NaN°"),
        ] {
            let (failure, cause) = refused(change);
            assert_eq!(failure, FailureName::InvalidPoseDetected.as_str());
            assert!(cause.contains(name), "{cause}");
        }
        let mut almost = face();
        almost.pose.yaw = -44.9;
        assert!(checked(vec![almost]).is_ok());
    }

    #[test]
    fn a_face_without_a_template_is_refused() {
        let (name, cause) = refused(|f| f.template = None);
        assert_eq!(name, FailureName::InvalidImage.as_str());
        assert!(cause.contains("located"), "{cause}");
    }

    #[test]
    fn of_several_photos_the_one_that_passes_is_worth_most() {
        let thresholds = QualityConfig::default();
        let worth = |faces| super::worth(&analysis(faces), &thresholds);
        let mut softer = face();
        softer.quality.sharpness = 30.0;
        let mut dark = face();
        dark.quality.brightness = 3.0;
        let worths = [
            worth(vec![face()]),
            worth(vec![softer]),
            worth(vec![dark]),
            worth(vec![face(), face()]),
        ];
        assert!(worths.is_sorted_by(|a, b| a > b), "{worths:?}");
    }
}
