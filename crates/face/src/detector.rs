//! Finds faces. The network is CenterFace; everything around it (scales, letterbox, suppression) is here.

use std::sync::Arc;

use image::RgbImage;
use selfsame_types::{BoundingBox, Landmarks, Point};
use selfsame_vision::resize::letterbox;
use selfsame_vision::{Model, Normalization, Tensor};

use crate::Error;

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

/// Heatmap cells are this far apart.
const CELL_PX: f32 = 4.0;

/// The usual scale: longer images are reduced to this. Measured on `faces/identities` (`selfsame eval`): never
/// enlarging to 640 gave FNMR 6.6 % at FMR 1e-2, enlarging small photos to it 8.4 %, because the network sees large
/// faces less precisely; 536 of 536 photos had a face at either.
const USUAL_SIDE_PX: u32 = 640;

/// The finer scale for small faces: twice the usual one.
const FINE_SIDE_PX: u32 = 1280;

/// The coarser scale, where faces that fill the image shrink to a size that the network knows.
const COARSE_SIDE_PX: u32 = 320;

/// Faces lower than this share of the long side make a second look at the finer scale worth its fourfold cost: at the usual
/// scale they have under 64 pixels.
const SMALL_FACE: f32 = 0.1;

/// Peaks of the heatmap below this are no faces: on `faces/no-face` none of 60 photos has a higher one at the usual
/// scale, and 99.8 % of `faces/identities` do (0.4: 93 % and 100 %).
const MIN_SCORE: f32 = 0.5;

/// The last look at the coarser scale is content with less: no photo would have a face otherwise. On the same photos
/// it adds the one of 536 that is missing, and one on a photo of 60 without.
const LAST_LOOK_MIN_SCORE: f32 = 0.45;

/// Two boxes that overlap more than this (intersection over union) show the same face; CenterFace's own setting.
const SAME_FACE_OVERLAP: f32 = 0.3;

/// The most candidates that are compared with each other; a photo of a crowd has some hundreds.
const MAX_CANDIDATES: usize = 4_096;

/// (heatmap score, confidence): monotone, our own. At 0.5 nine of ten detections are faces, at 0.7 none of ours was
/// wrong.
const CONFIDENCE: [(f32, f32); 6] = [
    (0.4, 60.0),
    (0.5, 90.0),
    (0.6, 97.0),
    (0.7, 99.0),
    (0.9, 99.9),
    (1.0, 100.0),
];

pub(crate) struct Detector {
    model: Arc<dyn Model>,
}

struct Candidate {
    bounding_box: BoundingBox,
    landmarks: Landmarks,
    score: f32,
}

impl Detector {
    pub(crate) fn new(model: Arc<dyn Model>) -> Self {
        Self { model }
    }

    /// All faces, the largest first.
    pub(crate) fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, Error> {
        let long_side_px = image.width().max(image.height());
        let mut candidates = self.at_scale(image, USUAL_SIDE_PX, MIN_SCORE)?;
        let largest = candidates
            .iter()
            .map(|c| c.bounding_box.height)
            .fold(0.0, f32::max);
        if long_side_px > USUAL_SIDE_PX && largest < SMALL_FACE * long_side_px as f32 {
            candidates.extend(self.at_scale(image, FINE_SIDE_PX, MIN_SCORE)?);
        }
        if candidates.is_empty() {
            candidates = self.at_scale(image, COARSE_SIDE_PX, LAST_LOOK_MIN_SCORE)?;
        }
        let mut faces: Vec<Detection> = suppress(candidates).iter().map(Candidate::detection).collect();
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        Ok(faces)
    }

    /// Candidates in pixels of `image`, looked for with its long side reduced to `side_px` (never enlarged).
    fn at_scale(&self, image: &RgbImage, side_px: u32, min_score: f32) -> Result<Vec<Candidate>, Error> {
        let boxed = letterbox(image, side_px, STRIDE_PX, false);
        let outputs = self.model.run(&Normalization::RAW_RGB.tensor(&boxed.image))?;
        let mut candidates = decode(&outputs, min_score)?;
        for candidate in &mut candidates {
            candidate.bounding_box = candidate.bounding_box.scaled(1.0 / boxed.scale);
            candidate.landmarks = Landmarks::from_points(
                candidate
                    .landmarks
                    .points()
                    .map(|p| Point::new(p.x / boxed.scale, p.y / boxed.scale)),
            );
        }
        Ok(candidates)
    }
}

/// Reads the four maps (heatmap 1, log size 2 as height and width, offset 2 as y and x, landmarks 10 as y, x pairs;
/// each [1, planes, height / 4, width / 4]) into candidates in pixels of the network's input.
fn decode(outputs: &[Tensor], min_score: f32) -> Result<Vec<Candidate>, Error> {
    let [heatmap, size, offset, landmarks] = outputs else {
        return Err(unexpected(format!("{} outputs instead of 4", outputs.len())));
    };
    let &[1, 1, rows, columns] = heatmap.shape.as_slice() else {
        return Err(unexpected(format!("a heatmap of shape {:?}", heatmap.shape)));
    };
    let cells = rows * columns;
    for (map, planes) in [(heatmap, 1), (size, 2), (offset, 2), (landmarks, 10)] {
        if map.shape != [1, planes, rows, columns] || map.data.len() != planes * cells {
            return Err(unexpected(format!(
                "a map of shape {:?} where {planes} planes belong",
                map.shape
            )));
        }
    }
    let read = |cell: usize| {
        let plane = |map: &Tensor, index: usize| map.data[index * cells + cell];
        let (row, column) = ((cell / columns) as f32, (cell % columns) as f32);
        let height = plane(size, 0).exp() * CELL_PX;
        let width = plane(size, 1).exp() * CELL_PX;
        let left = (column + plane(offset, 1) + 0.5) * CELL_PX - width / 2.0;
        let top = (row + plane(offset, 0) + 0.5) * CELL_PX - height / 2.0;
        let point = |index: usize| {
            Point::new(
                plane(landmarks, 2 * index + 1) * width + left,
                plane(landmarks, 2 * index) * height + top,
            )
        };
        Candidate {
            bounding_box: BoundingBox {
                left,
                top,
                width,
                height,
            },
            landmarks: Landmarks::from_points(std::array::from_fn(point)),
            score: heatmap.data[cell],
        }
    };
    Ok((0..cells)
        .filter(|cell| heatmap.data[*cell] > min_score)
        .map(read)
        .filter(|c| c.bounding_box.area().is_finite())
        .collect())
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
        let overlaps = |other: &Candidate| {
            other
                .bounding_box
                .intersection_over_union(&candidate.bounding_box)
                > SAME_FACE_OVERLAP
        };
        if !kept.iter().any(overlaps) {
            kept.push(candidate);
        }
    }
    kept
}

impl Candidate {
    fn detection(&self) -> Detection {
        Detection {
            bounding_box: self.bounding_box,
            landmarks: self.landmarks,
            confidence: confidence(self.score),
        }
    }
}

fn confidence(score: f32) -> f32 {
    let upper = CONFIDENCE
        .iter()
        .position(|(s, _)| *s >= score)
        .unwrap_or(CONFIDENCE.len() - 1)
        .max(1);
    let ((x0, y0), (x1, y1)) = (CONFIDENCE[upper - 1], CONFIDENCE[upper]);
    (y0 + (y1 - y0) * (score - x0) / (x1 - x0)).clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use selfsame_vision::{EngineKind, engine};

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
        assert!((confidence(0.5) - 90.0).abs() < 1e-4);
        assert!((confidence(1.0) - 100.0).abs() < 1e-4);
        let steps: Vec<f32> = (50..=100).map(|s| confidence(s as f32 / 100.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
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
        let faces = Detector::new(Arc::new(OneFace))
            .detect(&RgbImage::new(1280, 960))
            .unwrap();
        assert_eq!(faces.len(), 1);
        let face = faces[0];
        assert!((face.bounding_box.width - 80.0).abs() < 0.01, "{face:?}");
        assert!((face.bounding_box.height - 160.0).abs() < 0.01, "{face:?}");
        assert!((face.bounding_box.center().x - 44.0).abs() < 0.01, "{face:?}");
        assert!((face.landmarks.nose.y - 28.0).abs() < 0.01, "{face:?}");
    }

    #[test]
    fn maps_of_the_wrong_shape_are_an_error() {
        assert!(decode(&[], MIN_SCORE).is_err());
        let map = || Tensor::zeros([1, 1, 2, 2]);
        assert!(decode(&[map(), map(), map(), map()], MIN_SCORE).is_err());
    }
}
