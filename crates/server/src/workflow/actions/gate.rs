//! The quality gate: each thing that may be wrong with a photo has an error of its own, whose text ends with what the person
//! can do. Thresholds come from the configuration; the measuring is done elsewhere.

use selfsame_face::attributes::Judgement;
use selfsame_face::filter::side_px;
use selfsame_face::{Analysis, Face, cut_off_percent};
use selfsame_workflow::Failure;

use super::{FailureName, failure};
use crate::config::QualityConfig;

/// Refuses a face for the first thing that is wrong. What is worn comes last: of a face that is turned away, small, cut
/// off, dark or blurred the networks say anything.
pub(super) fn check(face: &Face, analysis: &Analysis, thresholds: &QualityConfig) -> Result<(), Failure> {
    pose(face, thresholds)?;
    place(face, analysis, thresholds)?;
    light_and_focus(face, thresholds)?;
    worn(face, thresholds)
}

/// Sunglasses, masks, hands, hats; and closed eyes.
fn worn(face: &Face, thresholds: &QualityConfig) -> Result<(), Failure> {
    let found = &face.attributes;
    if let Some(sure) = surer(found.sunglasses, true, thresholds.max_sunglasses) {
        return Err(failure(
            FailureName::SunglassesDetected,
            format!("the eyes are behind sunglasses ({sure:.0} % sure); take off your sunglasses"),
        ));
    }
    if let Some(sure) = surer(found.face_occluded, true, thresholds.max_covered) {
        return Err(failure(
            FailureName::CoveredFaceDetected,
            format!(
                "something covers the face ({sure:.0} % sure); take off what covers your eyes, nose or mouth, and lower your hands"
            ),
        ));
    }
    match surer(found.eyes_open, false, thresholds.max_closed_eyes) {
        None => Ok(()),
        Some(sure) => Err(failure(
            FailureName::ClosedEyesDetected,
            format!("the eyes are closed ({sure:.0} % sure); open your eyes"),
        )),
    }
}

/// How sure it is that the answer is `value`, where that is above `max` percent.
fn surer(judgement: Option<Judgement<bool>>, value: bool, max: f32) -> Option<f32> {
    let judgement = judgement.filter(|judgement| judgement.value == value)?;
    (judgement.confidence > max).then_some(judgement.confidence)
}

/// Looking into the camera.
pub(super) fn pose(face: &Face, thresholds: &QualityConfig) -> Result<(), Failure> {
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

/// Near enough, and whole.
fn place(face: &Face, analysis: &Analysis, thresholds: &QualityConfig) -> Result<(), Failure> {
    let side = side_px(face, analysis.width_px.max(analysis.height_px));
    if side.is_nan() || side < thresholds.min_face_px {
        return Err(failure(
            FailureName::SmallFaceDetected,
            format!(
                "the face is too small ({side:.0} pixels, at least {} are needed); move closer",
                thresholds.min_face_px
            ),
        ));
    }
    let outside = cut_off_percent(&face.detection.landmarks, analysis.width_px, analysis.height_px);
    if outside > thresholds.max_cut_off {
        return Err(failure(
            FailureName::CutOffFaceDetected,
            format!(
                "{outside:.0} % of the face are outside of the photo, at most {} % may be; move to the middle",
                thresholds.max_cut_off
            ),
        ));
    }
    Ok(())
}

fn light_and_focus(face: &Face, thresholds: &QualityConfig) -> Result<(), Failure> {
    let quality = &face.quality;
    let below = |value: f32, min: f32| value.is_nan() || value < min;
    if below(quality.brightness, thresholds.min_brightness) {
        return Err(failure(
            FailureName::DarkFaceDetected,
            format!(
                "the face is too dark (brightness {:.0}, at least {} is needed); turn towards a light",
                quality.brightness, thresholds.min_brightness
            ),
        ));
    }
    if quality.brightness > thresholds.max_brightness {
        return Err(failure(
            FailureName::OverexposedFaceDetected,
            format!(
                "the face is too bright (brightness {:.0}, at most {} may be); move out of the glaring light",
                quality.brightness, thresholds.max_brightness
            ),
        ));
    }
    if below(quality.sharpness, thresholds.min_sharpness) {
        return Err(failure(
            FailureName::BlurredFaceDetected,
            format!(
                "the face is blurred (sharpness {:.0}, at least {} is needed); hold the camera still",
                quality.sharpness, thresholds.min_sharpness
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use selfsame_types::{Landmarks, Point};

    use super::*;
    use crate::workflow::actions::quality::tests::{analysis, face};

    fn refused(change: impl FnOnce(&mut Face)) -> (String, String) {
        let mut face = face();
        change(&mut face);
        let failure = check(&face, &analysis(vec![face.clone()]), &QualityConfig::default()).unwrap_err();
        (failure.error, failure.cause)
    }

    fn sure(value: bool, confidence: f32) -> Judgement<bool> {
        Judgement { value, confidence }
    }

    #[test]
    fn each_flaw_has_a_name_and_a_hint() {
        type Change = fn(&mut Face);
        let flaws: [(Change, &str, &str); 11] = [
            (
                |f| f.attributes.sunglasses = Some(sure(true, 91.0)),
                "SunglassesDetectedException",
                "take off your sunglasses",
            ),
            (
                |f| f.attributes.face_occluded = Some(sure(true, 91.0)),
                "CoveredFaceDetectedException",
                "take off what covers",
            ),
            (
                |f| f.attributes.eyes_open = Some(sure(false, 91.0)),
                "ClosedEyesDetectedException",
                "open your eyes",
            ),
            (
                |f| f.pose.yaw = 60.0,
                "InvalidPoseDetectedException",
                "look into the camera",
            ),
            (
                |f| f.detection.bounding_box.width = 20.0,
                "SmallFaceDetectedException",
                "move closer",
            ),
            (
                |f| f.detection.bounding_box.width = f32::NAN,
                "SmallFaceDetectedException",
                "move closer",
            ),
            (
                |f| moved(f, -35.0),
                "CutOffFaceDetectedException",
                "move to the middle",
            ),
            (
                |f| f.quality.brightness = 3.0,
                "DarkFaceDetectedException",
                "turn towards a light",
            ),
            (
                |f| f.quality.brightness = 95.0,
                "OverexposedFaceDetectedException",
                "out of the glaring light",
            ),
            (
                |f| f.quality.sharpness = 3.0,
                "BlurredFaceDetectedException",
                "hold the camera still",
            ),
            (
                |f| f.quality.sharpness = f32::NAN,
                "BlurredFaceDetectedException",
                "hold the camera still",
            ),
        ];
        for (change, name, hint) in flaws {
            let (error, cause) = refused(change);
            assert_eq!(error, name);
            assert!(cause.contains(hint), "{cause}");
            assert!(FailureName::known(&error).is_some(), "{error}");
        }
    }

    fn moved(face: &mut Face, right: f32) {
        let points = face.detection.landmarks.points();
        face.detection.landmarks =
            Landmarks::from_points(points.map(|point| Point::new(point.x + right, point.y)));
    }

    #[test]
    fn doubt_is_no_reason_and_what_is_worn_comes_last() {
        let passes = |change: fn(&mut Face)| {
            let mut face = face();
            change(&mut face);
            check(&face, &analysis(vec![face.clone()]), &QualityConfig::default()).is_ok()
        };
        assert!(passes(|_| ()));
        assert!(passes(|f| f.attributes.sunglasses = Some(sure(true, 79.0))));
        assert!(passes(|f| f.attributes.sunglasses = Some(sure(false, 99.0))));
        assert!(passes(|f| f.attributes.eyes_open = Some(sure(true, 99.0))));
        let (error, _) = refused(|f| {
            f.attributes.face_occluded = Some(sure(true, 99.0));
            f.attributes.sunglasses = Some(sure(true, 99.0));
        });
        assert_eq!(error, "SunglassesDetectedException", "the hint that helps");
        let (error, _) = refused(|f| {
            f.attributes.face_occluded = Some(sure(true, 99.0));
            f.quality.brightness = 3.0;
        });
        assert_eq!(error, "DarkFaceDetectedException");
    }

    #[test]
    fn who_wants_no_gate_has_none() {
        let mut face = face();
        face.attributes.sunglasses = Some(sure(true, 99.0));
        let open = QualityConfig {
            max_sunglasses: 100.0,
            ..QualityConfig::default()
        };
        assert!(check(&face, &analysis(vec![face.clone()]), &open).is_ok());
    }
}
