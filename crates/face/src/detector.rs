//! Finds faces. How a network's answer is read is in a file of its own; everything around it (scales, letterbox,
//! suppression, confidence) is here.

mod centerface;
mod turn;
mod yunet;

use std::sync::Arc;

use image::RgbImage;
use selfsame_types::{BoundingBox, Landmarks, Point};
use selfsame_vision::resize::letterbox;
use selfsame_vision::{ChannelOrder, Model, Normalization};

use self::turn::Turn;
use crate::Error;
use crate::parameters::DetectorKind;

/// A face in an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Around the face from forehead to chin, in pixels; may reach over the image's border.
    pub bounding_box: BoundingBox,
    /// Eyes, nose and mouth corners, in pixels.
    pub landmarks: Landmarks,
    /// That this is a face, 0–100; 90 at the detector's operating point.
    pub confidence: f32,
}

/// Sides of the network's input are multiples of this.
const STRIDE_PX: u32 = 32;

/// The usual scale: longer images are reduced to this. Measured on `faces/identities` (`selfsame eval`): never
/// enlarging to 640 gave FNMR 6.6 % at FMR 1e-2, enlarging small photos to it 8.4 %, because the network sees large
/// faces less precisely; 536 of 536 photos had a face at either.
const USUAL_SIDE_PX: u32 = 640;

/// The finer scale for small faces: twice the usual one.
const FINE_SIDE_PX: u32 = 1280;

/// The coarser scale, where faces that fill the image shrink to a size that the network knows.
const COARSE_SIDE_PX: u32 = 320;

/// Half of that: faces that are cut by the image's border. On photos cut so that the face reaches over it this finds 13 of the 16 of
/// 268 that the other looks miss.
const COARSEST_SIDE_PX: u32 = 160;

/// Faces lower than this share of the long side make a second look at the finer scale worth its fourfold cost: at the usual
/// scale they have under 64 pixels.
const SMALL_FACE: f32 = 0.1;

/// What is known of one kind of network: `docs/ACCURACY.md`, "Detection".
struct Habits {
    /// The looks at the usual and the finer scale.
    usual: Look,
    /// The last look at the coarser scale, where the others found nothing.
    last: Look,
    /// The looks at the coarsest scale and at the turned image, where the last found nothing either.
    desperate: Look,
    /// What the pixels become.
    pixels: Normalization,
}

/// What scores mean at a scale. The share of detections that are faces is a logistic curve of the score, fitted to 268
/// photos of `faces/identities` as they are and in 14 worse forms (small, cut, turned, dark), the same with the faces painted
/// over, and `faces/no-face` in four directions. The forms of a photo together weigh as much as one photo, so that about as
/// many photos show nobody as somebody.
#[derive(Debug)]
struct Look {
    /// Candidates with a lower score are no faces.
    min_score: f32,
    /// Log-odds at a score of 0.
    offset: f32,
    /// Rise of the log-odds per unit of the score.
    slope: f32,
}

/// 0.5 keeps 535 of 536 faces of the photos as they are; the last look is content with less, because the photo would have no
/// face otherwise: it adds the one that is missing, and one on a photo of 60 without. The desperate looks find 52 of
/// 54 faces that are turned by a quarter or half and missed before; at 0.6 they find none on 59 photos without faces and
/// one on 268 with painted ones (at 0.5: two and three).
const CENTERFACE: Habits = Habits {
    usual: Look {
        min_score: 0.5,
        offset: -7.18,
        slope: 18.86,
    },
    last: Look {
        min_score: 0.45,
        offset: -7.86,
        slope: 18.69,
    },
    desperate: Look {
        min_score: 0.6,
        offset: -7.86,
        slope: 18.69,
    },
    pixels: Normalization::RAW_RGB,
};

/// The usual bar is where nine of ten detections are faces, as CenterFace's is.
const YUNET: Habits = Habits {
    usual: Look {
        min_score: 0.7,
        offset: -6.78,
        slope: 12.65,
    },
    last: Look {
        min_score: 0.75,
        offset: -4.76,
        slope: 7.82,
    },
    desperate: Look {
        min_score: 0.8,
        offset: -4.76,
        slope: 7.82,
    },
    pixels: Normalization {
        order: ChannelOrder::Bgr,
        ..Normalization::RAW_RGB
    },
};

/// Two boxes that overlap more than this (intersection over union) show the same face; CenterFace's own setting.
const SAME_FACE_OVERLAP: f32 = 0.3;

/// The most candidates that are compared with each other; a photo of a crowd has some hundreds.
const MAX_CANDIDATES: usize = 4_096;

pub(crate) struct Detector {
    model: Arc<dyn Model>,
    kind: DetectorKind,
}

/// What may be a face.
struct Candidate {
    bounding_box: BoundingBox,
    landmarks: Landmarks,
    score: f32,
}

impl Detector {
    pub(crate) fn new(model: Arc<dyn Model>, kind: DetectorKind) -> Self {
        Self { model, kind }
    }

    /// All faces, the largest first.
    pub(crate) fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, Error> {
        let habits = self.kind.habits();
        let long_side_px = image.width().max(image.height());
        let mut look = &habits.usual;
        let mut candidates = self.at_scale(image, USUAL_SIDE_PX, look)?;
        let largest = candidates
            .iter()
            .map(|c| c.bounding_box.height)
            .fold(0.0, f32::max);
        if long_side_px > USUAL_SIDE_PX && largest < SMALL_FACE * long_side_px as f32 {
            candidates.extend(self.at_scale(image, FINE_SIDE_PX, look)?);
        }
        if candidates.is_empty() {
            look = &habits.last;
            candidates = self.at_scale(image, COARSE_SIDE_PX, look)?;
        }
        if candidates.is_empty() {
            look = &habits.desperate;
            candidates = self.at_scale(image, COARSEST_SIDE_PX, look)?;
        }
        if candidates.is_empty() {
            candidates = self.turned(image, COARSE_SIDE_PX, &Turn::ALL, look)?;
        } else {
            candidates.extend(self.better_placed(image, &candidates, look)?);
        }
        let mut faces: Vec<Detection> = suppress(candidates)
            .iter()
            .map(|candidate| candidate.detection(look))
            .collect();
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        Ok(faces)
    }

    /// Faces that lie on their side or head are found, but their landmarks are placed badly: those again, looked for where they are
    /// upright.
    fn better_placed(
        &self,
        image: &RgbImage,
        candidates: &[Candidate],
        look: &Look,
    ) -> Result<Vec<Candidate>, Error> {
        let is_needed = |turn: &Turn| {
            candidates
                .iter()
                .any(|c| Turn::upright(&c.landmarks) == Some(*turn))
        };
        let turns: Vec<Turn> = Turn::ALL.into_iter().filter(is_needed).collect();
        let mut found = self.turned(image, USUAL_SIDE_PX, &turns, look)?;
        found.retain(|new| candidates.iter().any(|known| known.overlaps(new)));
        Ok(found)
    }

    /// Candidates in pixels of `image`, looked for in the image turned, its long side reduced to `side_px`: photos whose
    /// EXIF orientation is missing, scans upside down, people lying.
    fn turned(
        &self,
        image: &RgbImage,
        side_px: u32,
        turns: &[Turn],
        look: &Look,
    ) -> Result<Vec<Candidate>, Error> {
        if turns.is_empty() {
            return Ok(Vec::new());
        }
        let small = letterbox(image, side_px, 1, false);
        let size_px = small.image.dimensions();
        let mut found = Vec::new();
        for turn in turns {
            let mut candidates = self.at_scale(&turn.apply(&small.image), side_px, look)?;
            for candidate in &mut candidates {
                candidate.bounding_box = turn.undo_box(&candidate.bounding_box, size_px);
                candidate.landmarks = turn.undo_landmarks(&candidate.landmarks, size_px);
                candidate.enlarge(1.0 / small.scale);
            }
            found.extend(candidates);
        }
        Ok(found)
    }

    /// Candidates in pixels of `image`, looked for with its long side reduced to `side_px` (never enlarged).
    fn at_scale(&self, image: &RgbImage, side_px: u32, look: &Look) -> Result<Vec<Candidate>, Error> {
        let boxed = letterbox(image, side_px, STRIDE_PX, false);
        let input = self.kind.habits().pixels.tensor(&boxed.image);
        let outputs = self.model.run(&input)?;
        let mut candidates = match self.kind {
            DetectorKind::CenterFace => centerface::decode(&outputs, look.min_score)?,
            DetectorKind::YuNet => yunet::decode(&outputs, boxed.image.dimensions(), look.min_score)?,
        };
        for candidate in &mut candidates {
            candidate.enlarge(1.0 / boxed.scale);
        }
        Ok(candidates)
    }
}

impl DetectorKind {
    const fn habits(self) -> &'static Habits {
        match self {
            Self::CenterFace => &CENTERFACE,
            Self::YuNet => &YUNET,
        }
    }
}

fn unexpected(reason: String) -> Error {
    Error::Output {
        role: "detector",
        reason,
    }
}

/// Keeps the best of the candidates that show the same face (greedy non-maximum suppression).
fn suppress(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MAX_CANDIDATES);
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if !kept.iter().any(|other| other.overlaps(&candidate)) {
            kept.push(candidate);
        }
    }
    kept
}

impl Candidate {
    /// Whether both show the same face.
    fn overlaps(&self, other: &Self) -> bool {
        self.bounding_box.intersection_over_union(&other.bounding_box) > SAME_FACE_OVERLAP
    }

    /// Moves it into an image whose sides are `factor` times as long.
    fn enlarge(&mut self, factor: f32) {
        self.bounding_box = self.bounding_box.scaled(factor);
        let moved = self
            .landmarks
            .points()
            .map(|p| Point::new(p.x * factor, p.y * factor));
        self.landmarks = Landmarks::from_points(moved);
    }

    fn detection(&self, look: &Look) -> Detection {
        Detection {
            bounding_box: self.bounding_box,
            landmarks: self.landmarks,
            confidence: look.confidence(self.score),
        }
    }
}

impl Look {
    /// Of a hundred detections with this score so many are faces.
    fn confidence(&self, score: f32) -> f32 {
        100.0 / (1.0 + (-self.offset - self.slope * score).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selfsame_vision::{EngineKind, Tensor, engine};

    fn candidate(left: f32, score: f32) -> Candidate {
        Candidate {
            bounding_box: BoundingBox {
                left,
                top: 0.0,
                width: 10.0,
                height: 10.0,
            },
            landmarks: Landmarks::default(),
            score,
        }
    }

    #[test]
    fn the_best_of_overlapping_boxes_stays() {
        let kept = suppress(vec![
            candidate(0.0, 0.6),
            candidate(2.0, 0.9),
            candidate(50.0, 0.7),
        ]);
        let scores: Vec<f32> = kept.iter().map(|c| c.score).collect();
        assert_eq!(scores, [0.9, 0.7]);
    }

    #[test]
    fn confidence_rises_with_the_score() {
        for habits in [&CENTERFACE, &YUNET] {
            for look in [&habits.usual, &habits.last, &habits.desperate] {
                let steps: Vec<f32> = (40..=100).map(|s| look.confidence(s as f32 / 100.0)).collect();
                assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
                assert!((0.0..=100.0).contains(&steps[60]));
            }
        }
    }

    /// What is counted near some scores (weighted detections: right, all), and what the curves say there.
    #[test]
    fn confidence_is_what_was_counted() {
        let counted = [
            (&CENTERFACE.usual, 0.475, 6.00, 6.70),
            (&CENTERFACE.usual, 0.525, 5.60, 5.85),
            (&CENTERFACE.usual, 0.575, 6.73, 6.80),
            (&CENTERFACE.last, 0.475, 2.07, 2.82),
            (&CENTERFACE.last, 0.525, 1.73, 1.98),
            (&YUNET.usual, 0.625, 4.13, 5.55),
            (&YUNET.usual, 0.725, 7.53, 8.48),
            (&YUNET.usual, 0.775, 14.20, 15.22),
        ];
        for (look, score, right, of) in counted {
            let (told, share): (f32, f32) = (look.confidence(score), 100.0 * right / of);
            assert!((told - share).abs() < 7.0, "{score}: {told} for {share}");
        }
    }

    /// Answers with one face whose box is 40 × 80 pixels around cell (row 3, column 5).
    struct OneFace;

    impl Model for OneFace {
        fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, engine::Error> {
            let (rows, columns) = (input.shape[2] / 4, input.shape[3] / 4);
            let map = |planes: usize| Tensor::zeros([1, planes, rows, columns]);
            let (mut heatmap, mut size, offset, mut landmarks) = (map(1), map(2), map(2), map(10));
            let cell = 3 * columns + 5;
            heatmap.data[cell] = 0.9;
            size.data[cell] = (80.0f32 / 4.0).ln();
            size.data[rows * columns + cell] = (40.0f32 / 4.0).ln();
            for plane in 0..10 {
                landmarks.data[plane * rows * columns + cell] = 0.5;
            }
            Ok(vec![heatmap, size, offset, landmarks])
        }

        fn engine(&self) -> EngineKind {
            EngineKind::Rten
        }
    }

    #[test]
    fn maps_become_pixels_of_the_original() {
        // 1280 pixels are looked at with 640: everything comes back twice as large.
        let faces = Detector::new(Arc::new(OneFace), DetectorKind::CenterFace)
            .detect(&RgbImage::new(1280, 960))
            .unwrap();
        assert_eq!(faces.len(), 1);
        let face = faces[0];
        assert!((face.bounding_box.width - 80.0).abs() < 0.01, "{face:?}");
        assert!((face.bounding_box.height - 160.0).abs() < 0.01, "{face:?}");
        assert!((face.bounding_box.center().x - 44.0).abs() < 0.01, "{face:?}");
        assert!((face.landmarks.nose.y - 28.0).abs() < 0.01, "{face:?}");
    }
}
