//! Faces as AWS describes them: places as ratios of the image's sides, names of landmarks, angles, quality. What is not
//! computed is absent, whatever attributes were asked for.

use selfsame_face::Face;
use selfsame_types::Point;
use selfsame_wire::rekognition as wire;
use selfsame_wire::rekognition::LandmarkType;

use super::attributes;

/// Landmarks in AWS's order, each as the points of the iBUG order whose middle it is. AWS's "left" is the viewer's, as
/// iBUG's. The eyes' centres stand for the pupils: where the eyes look is not computed.
const LANDMARKS: [(LandmarkType, &[usize]); 30] = [
    (LandmarkType::EyeLeft, &LEFT_EYE),
    (LandmarkType::EyeRight, &RIGHT_EYE),
    (LandmarkType::MouthLeft, &[48]),
    (LandmarkType::MouthRight, &[54]),
    (LandmarkType::Nose, &[30]),
    (LandmarkType::LeftEyeBrowLeft, &[17]),
    (LandmarkType::LeftEyeBrowRight, &[21]),
    (LandmarkType::LeftEyeBrowUp, &[19]),
    (LandmarkType::RightEyeBrowLeft, &[22]),
    (LandmarkType::RightEyeBrowRight, &[26]),
    (LandmarkType::RightEyeBrowUp, &[24]),
    (LandmarkType::LeftEyeLeft, &[36]),
    (LandmarkType::LeftEyeRight, &[39]),
    (LandmarkType::LeftEyeUp, &[37, 38]),
    (LandmarkType::LeftEyeDown, &[40, 41]),
    (LandmarkType::RightEyeLeft, &[42]),
    (LandmarkType::RightEyeRight, &[45]),
    (LandmarkType::RightEyeUp, &[43, 44]),
    (LandmarkType::RightEyeDown, &[46, 47]),
    (LandmarkType::NoseLeft, &[31]),
    (LandmarkType::NoseRight, &[35]),
    (LandmarkType::MouthUp, &[51]),
    (LandmarkType::MouthDown, &[57]),
    (LandmarkType::LeftPupil, &LEFT_EYE),
    (LandmarkType::RightPupil, &RIGHT_EYE),
    (LandmarkType::UpperJawlineLeft, &[0]),
    (LandmarkType::MidJawlineLeft, &[4]),
    (LandmarkType::ChinBottom, &[8]),
    (LandmarkType::MidJawlineRight, &[12]),
    (LandmarkType::UpperJawlineRight, &[16]),
];
const LEFT_EYE: [usize; 6] = [36, 37, 38, 39, 40, 41];
const RIGHT_EYE: [usize; 6] = [42, 43, 44, 45, 46, 47];

/// The sides of an image, by which places are divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// In pixels, upright.
    pub(super) width_px: u32,
    /// In pixels, upright.
    pub(super) height_px: u32,
}

impl Size {
    /// Of an analysed image.
    pub(super) const fn of(analysis: &selfsame_face::Analysis) -> Self {
        Self {
            width_px: analysis.width_px,
            height_px: analysis.height_px,
        }
    }

    /// The longer side.
    pub(super) fn long_side_px(self) -> u32 {
        self.width_px.max(self.height_px)
    }

    fn landmark(self, kind: LandmarkType, point: Point) -> wire::Landmark {
        wire::Landmark {
            r#type: Some(kind),
            x: Some(point.x / self.width_px as f32),
            y: Some(point.y / self.height_px as f32),
        }
    }
}

/// The box; it may reach over the image's border.
pub(super) fn bounding_box(face: &Face, size: Size) -> wire::BoundingBox {
    let (width, height) = (size.width_px as f32, size.height_px as f32);
    let area = &face.detection.bounding_box;
    wire::BoundingBox {
        width: Some(area.width / width),
        height: Some(area.height / height),
        left: Some(area.left / width),
        top: Some(area.top / height),
    }
}

/// The `DEFAULT` attributes, with all thirty landmarks where they were located, and what else was asked for.
pub(super) fn face_detail(face: &Face, size: Size) -> wire::FaceDetail {
    let mut detail = wire::FaceDetail {
        bounding_box: Some(bounding_box(face, size)),
        landmarks: Some(all_landmarks(face, size)),
        pose: Some(pose(face)),
        quality: Some(quality(face)),
        confidence: Some(face.detection.confidence),
        ..wire::FaceDetail::default()
    };
    attributes::describe(&face.attributes, &mut detail);
    detail
}

/// As `CompareFaces` has it.
pub(super) fn compared_face(face: &Face, size: Size) -> wire::ComparedFace {
    wire::ComparedFace {
        bounding_box: Some(bounding_box(face, size)),
        confidence: Some(face.detection.confidence),
        landmarks: Some(five_landmarks(face, size)),
        pose: Some(pose(face)),
        quality: Some(quality(face)),
        ..wire::ComparedFace::default()
    }
}

fn pose(face: &Face) -> wire::Pose {
    wire::Pose {
        roll: Some(face.pose.roll),
        yaw: Some(face.pose.yaw),
        pitch: Some(face.pose.pitch),
    }
}

fn quality(face: &Face) -> wire::ImageQuality {
    wire::ImageQuality {
        brightness: Some(face.quality.brightness),
        sharpness: Some(face.quality.sharpness),
    }
}

/// A pack without a model for dense landmarks gives the detector's five.
fn all_landmarks(face: &Face, size: Size) -> Vec<wire::Landmark> {
    let Some(dense) = &face.dense_landmarks else {
        return five_landmarks(face, size);
    };
    LANDMARKS
        .iter()
        .filter_map(|(kind, indices)| Some(size.landmark(*kind, middle(dense, indices)?)))
        .collect()
}

fn five_landmarks(face: &Face, size: Size) -> Vec<wire::Landmark> {
    let points = &face.detection.landmarks;
    [
        (LandmarkType::EyeLeft, points.left_eye),
        (LandmarkType::EyeRight, points.right_eye),
        (LandmarkType::MouthLeft, points.left_mouth),
        (LandmarkType::MouthRight, points.right_mouth),
        (LandmarkType::Nose, points.nose),
    ]
    .map(|(kind, point)| size.landmark(kind, point))
    .to_vec()
}

/// `None` where a point is missing.
fn middle(points: &[Point], indices: &[usize]) -> Option<Point> {
    let mut sum = Point::default();
    for &index in indices {
        let point = points.get(index)?;
        sum = Point::new(sum.x + point.x, sum.y + point.y);
    }
    let count = indices.len() as f32;
    Some(Point::new(sum.x / count, sum.y / count))
}

#[cfg(test)]
pub(super) mod tests {
    use selfsame_face::Detection;
    use selfsame_types::{BoundingBox, Landmarks, Pose, Quality};

    use super::*;

    /// A face in an image of 200 × 400 pixels, cut by the left border.
    pub(in crate::aws) fn face() -> Face {
        Face {
            detection: Detection {
                bounding_box: BoundingBox {
                    left: -10.0,
                    top: 100.0,
                    width: 100.0,
                    height: 150.0,
                },
                landmarks: Landmarks::from_points([
                    Point::new(20.0, 140.0),
                    Point::new(60.0, 140.0),
                    Point::new(40.0, 180.0),
                    Point::new(25.0, 210.0),
                    Point::new(55.0, 210.0),
                ]),
                confidence: 99.5,
            },
            pose: Pose {
                pitch: 1.5,
                roll: -2.25,
                yaw: 12.0,
            },
            quality: Quality {
                brightness: 62.5,
                sharpness: 81.25,
            },
            dense_landmarks: Some((0..68).map(|i| Point::new(i as f32, 4.0 * i as f32)).collect()),
            template: None,
            attributes: selfsame_face::attributes::Attributes::default(),
            embedding_norm: None,
        }
    }

    pub(in crate::aws) const SIZE: Size = Size {
        width_px: 200,
        height_px: 400,
    };

    #[test]
    fn a_whole_face() {
        insta::assert_json_snapshot!(face_detail(&face(), SIZE));
    }

    #[test]
    fn a_compared_face() {
        insta::assert_json_snapshot!(compared_face(&face(), SIZE));
    }

    #[test]
    fn every_landmark_once() {
        let mut kinds: Vec<LandmarkType> = LANDMARKS.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), 30);
        assert_eq!(kinds.len(), LandmarkType::ALL.len());
    }

    #[test]
    fn without_a_model_for_them_there_are_five() {
        let mut sparse = face();
        sparse.dense_landmarks = None;
        let detail = face_detail(&sparse, SIZE);
        assert_eq!(detail.landmarks.map(|all| all.len()), Some(5));
    }
}
