//! Is this photo good enough to decide on? Thresholds come from the configuration; the measuring is done elsewhere.

use selfsame_face::{Analysis, Face};
use selfsame_types::Template;
use selfsame_workflow::Failure;
use serde_json::{Value, json};

use super::{FailureName, failure};
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
    check_pose(face, thresholds)?;
    check_light_and_focus(face, thresholds)?;
    template(face)?;
    Ok(describe(face))
}

/// The one face, whatever its pose and light: those are for [`check`], which a flow may leave out.
pub(super) fn usable(analysis: &Analysis, thresholds: &QualityConfig) -> Result<Usable, Failure> {
    let face = single_face(analysis, thresholds)?;
    Ok(Usable {
        template: template(face)?,
        metadata: metadata(face, analysis, &describe(face)),
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
    check_pose(face, thresholds).err().unwrap_or_else(|| {
        failure(
            FailureName::InvalidImage,
            format!(
                "the face is not clear enough (confidence {:.1}, above {} is needed); send a sharper photo",
                face.detection.confidence, thresholds.min_confidence
            ),
        )
    })
}

fn check_pose(face: &Face, thresholds: &QualityConfig) -> Result<(), Failure> {
    let angles = [
        ("pitch", face.pose.pitch),
        ("roll", face.pose.roll),
        ("yaw", face.pose.yaw),
    ];
    // An angle that is no number is refused, too.
    let too_far = |angle: f32| angle.is_nan() || angle.abs() >= thresholds.max_angle_degrees;
    match angles.iter().find(|(_, angle)| too_far(*angle)) {
        None => Ok(()),
        Some((name, angle)) => Err(failure(
            FailureName::InvalidPoseDetected,
            format!(
                "the head is turned too far ({name} {angle:.0}°, below {}° is needed); look into the camera",
                thresholds.max_angle_degrees
            ),
        )),
    }
}

fn check_light_and_focus(face: &Face, thresholds: &QualityConfig) -> Result<(), Failure> {
    let quality = &face.quality;
    let below = |value: f32, min: f32| value.is_nan() || value < min;
    let problem = if below(quality.brightness, thresholds.min_brightness) {
        format!(
            "the face is too dark (brightness {:.0}, at least {} is needed); turn towards a light",
            quality.brightness, thresholds.min_brightness
        )
    } else if below(quality.sharpness, thresholds.min_sharpness) {
        format!(
            "the face is blurred (sharpness {:.0}, at least {} is needed); hold the camera still",
            quality.sharpness, thresholds.min_sharpness
        )
    } else {
        return Ok(());
    };
    Err(failure(FailureName::InvalidImage, problem))
}

/// What is known of the face. Sunglasses are not looked for yet, so the answer is "unknown" and never "no".
fn describe(face: &Face) -> Value {
    json!({
        "Confidence": rounded(face.detection.confidence),
        "Brightness": rounded(face.quality.brightness),
        "Sharpness": rounded(face.quality.sharpness),
        "Pose": {
            "Pitch": rounded(face.pose.pitch),
            "Roll": rounded(face.pose.roll),
            "Yaw": rounded(face.pose.yaw),
        },
        "Sunglasses": "unknown",
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
mod tests {
    use selfsame_face::{Detection, StageTimings};
    use selfsame_types::{BoundingBox, FaceModelVersion, Landmarks, Pose, Quality};

    use super::*;

    fn face() -> Face {
        Face {
            detection: Detection {
                bounding_box: BoundingBox {
                    left: 10.0,
                    top: 20.0,
                    width: 50.0,
                    height: 60.0,
                },
                landmarks: Landmarks::default(),
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
            embedding_norm: None,
        }
    }

    fn analysis(faces: Vec<Face>) -> Analysis {
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
    fn dark_blurred_and_unlocatable_faces() {
        let (name, cause) = refused(|f| f.quality.brightness = 3.0);
        assert_eq!(name, FailureName::InvalidImage.as_str());
        assert!(cause.contains("too dark"), "{cause}");
        assert!(refused(|f| f.quality.sharpness = f32::NAN).1.contains("blurred"));
        assert!(refused(|f| f.template = None).1.contains("located"));
    }
}
