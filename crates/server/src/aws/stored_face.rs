//! Faces in a collection: what is kept of them beside the template, and how AWS tells it.

use selfsame_face::Face;
use selfsame_store::{FaceRecord, Properties};
use selfsame_wire::rekognition as wire;
use serde_json::{Value, json};

use super::face_detail::{Size, bounding_box};

/// What is kept: the box as ratios, confidence, angles, quality; the same names as the portal's.
pub(super) fn metadata(face: &Face, size: Size) -> Properties {
    let area = bounding_box(face, size);
    let mut metadata = Properties::new();
    metadata.insert("BoundingBox".to_owned(), json!(area));
    metadata.insert("Confidence".to_owned(), json!(face.detection.confidence));
    metadata.insert("Brightness".to_owned(), json!(face.quality.brightness));
    metadata.insert("Sharpness".to_owned(), json!(face.quality.sharpness));
    metadata.insert(
        "Pose".to_owned(),
        json!({ "Pitch": face.pose.pitch, "Roll": face.pose.roll, "Yaw": face.pose.yaw }),
    );
    metadata
}

/// A face as lists and searches tell it.
pub(super) fn face(record: &FaceRecord) -> wire::Face {
    let area = record.metadata.get("BoundingBox");
    let side = |name: &str| area.and_then(|area| number(area.get(name)));
    wire::Face {
        face_id: Some(record.face.to_string()),
        bounding_box: area.map(|_| wire::BoundingBox {
            width: side("Width"),
            height: side("Height"),
            left: side("Left"),
            top: side("Top"),
        }),
        image_id: Some(record.image.to_string()),
        external_image_id: record.external_image_id.clone(),
        confidence: number(record.metadata.get("Confidence")),
        index_faces_model_version: index_version(record.version.as_str()),
        user_id: record.user.as_ref().map(ToString::to_string),
    }
}

/// AWS has digits and dots here ("7.0"): those at the end of our version ("mobilefacenet-1"), before what tells how the
/// model is used ("+flip").
fn index_version(model_version: &str) -> Option<String> {
    let (model, _) = model_version.split_once('+').unwrap_or((model_version, ""));
    let digits = model.rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let digits = digits.trim_matches('.');
    (!digits.is_empty()).then(|| digits.to_owned())
}

fn number(value: Option<&Value>) -> Option<f32> {
    value.and_then(Value::as_f64).map(|value| value as f32)
}

#[cfg(test)]
mod tests {
    use selfsame_store::FaceRecord;
    use selfsame_types::{FaceId, FaceModelVersion, ImageId, Seq, UserId};
    use uuid::Uuid;

    use super::super::face_detail::tests::{SIZE, face as detected};
    use super::*;

    fn record() -> FaceRecord {
        FaceRecord {
            face: FaceId::new(Uuid::from_u128(1)),
            image: ImageId::new(Uuid::from_u128(2)),
            seq: Seq(1),
            version: FaceModelVersion::new("mobilefacenet-1"),
            user: Some(UserId::new("ada").unwrap()),
            external_image_id: Some("passport:7".to_owned()),
            created: "2026-11-23T10:00:00Z".parse().unwrap(),
            picture: None,
            metadata: metadata(&detected(), SIZE),
        }
    }

    #[test]
    fn what_was_kept_is_what_is_told() {
        insta::assert_json_snapshot!(face(&record()));
        // Bit for bit what was told when the face was indexed.
        let told = face(&record()).bounding_box.unwrap();
        assert_eq!(told, bounding_box(&detected(), SIZE));
    }

    #[test]
    fn what_is_not_known_is_absent() {
        let bare = FaceRecord {
            metadata: Properties::new(),
            version: FaceModelVersion::new("custom"),
            user: None,
            external_image_id: None,
            ..record()
        };
        let text = serde_json::to_string(&face(&bare)).unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn versions_are_digits() {
        assert_eq!(index_version("mobilefacenet-1").as_deref(), Some("1"));
        assert_eq!(index_version("arcface-2.5").as_deref(), Some("2.5"));
        assert_eq!(
            index_version("mobilefacenet-foamliu-1+flip").as_deref(),
            Some("1")
        );
        assert_eq!(index_version("custom"), None);
        assert_eq!(index_version("custom-."), None);
    }
}
