//! `YuNet` (Wu et al., *A Tiny Millisecond-level Face Detector*, Machine Intelligence Research 20, 2023): three grids
//! without anchors.

use selfsame_types::{BoundingBox, Landmarks, Point};
use selfsame_vision::Tensor;

use super::{Candidate, unexpected};
use crate::Error;

/// Distance of the cells of each grid.
const STRIDES_PX: [u32; 3] = [8, 16, 32];

/// Outputs per grid: class, object, box, points.
const KINDS: [(&str, usize); 4] = [("class", 1), ("object", 1), ("box", 4), ("points", 10)];

/// One grid's outputs, each [cells × values].
struct Grid<'a> {
    stride_px: f32,
    columns: usize,
    class: &'a [f32],
    object: &'a [f32],
    boxes: &'a [[f32; 4]],
    points: &'a [[f32; 10]],
}

/// Reads the twelve outputs (class, object, box, points, each for strides 8, 16 and 32; each [1, cells, values], cells
/// row by row) into candidates in pixels of the network's input, whose `size_px` (width, height) is a multiple of 32.
///
/// Boxes are offsets of the centre and logarithms of the sides, points offsets from the cell's corner (x, y in turn), all in
/// strides. The score is the geometric mean of class and object.
pub(super) fn decode(
    outputs: &[Tensor],
    size_px: (u32, u32),
    min_score: f32,
) -> Result<Vec<Candidate>, Error> {
    if outputs.len() != KINDS.len() * STRIDES_PX.len() {
        return Err(unexpected(format!("{} outputs instead of 12", outputs.len())));
    }
    let mut candidates = Vec::new();
    for (index, stride_px) in STRIDES_PX.into_iter().enumerate() {
        let grid = Grid::read(outputs, index, (size_px.0 / stride_px, size_px.1 / stride_px))?;
        candidates.extend(grid.candidates(min_score));
    }
    Ok(candidates)
}

impl<'a> Grid<'a> {
    /// Grid `index` of `size` (columns, rows).
    fn read(outputs: &'a [Tensor], index: usize, size: (u32, u32)) -> Result<Self, Error> {
        let cells = size.0 as usize * size.1 as usize;
        let output = |kind: usize| {
            let (name, values) = KINDS[kind];
            let tensor = &outputs[kind * STRIDES_PX.len() + index];
            if tensor.shape == [1, cells, values] && tensor.data.len() == cells * values {
                Ok(tensor.data.as_slice())
            } else {
                Err(unexpected(format!(
                    "{name} output of shape {:?} where [1, {cells}, {values}] belongs",
                    tensor.shape
                )))
            }
        };
        Ok(Self {
            stride_px: STRIDES_PX[index] as f32,
            columns: size.0 as usize,
            class: output(0)?,
            object: output(1)?,
            boxes: output(2)?.as_chunks().0,
            points: output(3)?.as_chunks().0,
        })
    }

    fn candidates(&self, min_score: f32) -> impl Iterator<Item = Candidate> {
        let score =
            |cell: usize| (self.class[cell].clamp(0.0, 1.0) * self.object[cell].clamp(0.0, 1.0)).sqrt();
        (0..self.class.len())
            .map(move |cell| (cell, score(cell)))
            .filter(move |(_, score)| *score > min_score)
            .map(|(cell, score)| self.candidate(cell, score))
            .filter(|c| {
                c.bounding_box.area().is_finite()
                    && c.landmarks
                        .points()
                        .iter()
                        .all(|p| p.x.is_finite() && p.y.is_finite())
            })
    }

    fn candidate(&self, cell: usize, score: f32) -> Candidate {
        let (column, row) = ((cell % self.columns) as f32, (cell / self.columns) as f32);
        let place = |x: f32, y: f32| Point::new((column + x) * self.stride_px, (row + y) * self.stride_px);
        let [x, y, log_width, log_height] = self.boxes[cell];
        let (center, points) = (place(x, y), self.points[cell]);
        let (width, height) = (
            log_width.exp() * self.stride_px,
            log_height.exp() * self.stride_px,
        );
        Candidate {
            bounding_box: BoundingBox {
                left: center.x - width / 2.0,
                top: center.y - height / 2.0,
                width,
                height,
            },
            landmarks: Landmarks::from_points(std::array::from_fn(|i| {
                place(points[2 * i], points[2 * i + 1])
            })),
            score,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Outputs for 64 × 32 pixels, all 0.
    fn silence() -> Vec<Tensor> {
        KINDS
            .into_iter()
            .flat_map(|(_, values)| {
                STRIDES_PX.map(|s| Tensor::zeros([1, (64 / s * (32 / s)) as usize, values]))
            })
            .collect()
    }

    #[test]
    fn a_cell_becomes_pixels() {
        let mut outputs = silence();
        // Stride 16: 4 columns, 2 rows; column 3 of row 1.
        let cell = 7;
        outputs[1].data[cell] = 0.9;
        outputs[4].data[cell] = 0.4;
        outputs[7].data[cell * 4..][..4].copy_from_slice(&[0.5, -0.25, 2f32.ln(), 3f32.ln()]);
        outputs[10].data[cell * 10..][..4].copy_from_slice(&[-0.5, 0.0, 0.5, 0.25]);
        let found = decode(&outputs, (64, 32), 0.5).unwrap();
        assert_eq!(found.len(), 1);
        let face = &found[0];
        assert!((face.score - 0.6).abs() < 1e-6);
        let expected = BoundingBox {
            left: 40.0,
            top: -12.0,
            width: 32.0,
            height: 48.0,
        };
        assert!(
            face.bounding_box.intersection_over_union(&expected) > 0.9999,
            "{:?}",
            face.bounding_box
        );
        assert_eq!(face.landmarks.left_eye, Point::new(40.0, 16.0));
        assert_eq!(face.landmarks.right_eye, Point::new(56.0, 20.0));
        assert_eq!(face.landmarks.nose, Point::new(48.0, 16.0));
        assert!(decode(&outputs, (64, 32), 0.61).unwrap().is_empty());
    }

    #[test]
    fn outputs_of_the_wrong_shape_are_an_error() {
        assert!(decode(&[], (64, 32), 0.5).is_err());
        assert!(decode(&silence(), (32, 32), 0.5).is_err());
        let mut wrong = silence();
        wrong[8] = Tensor::zeros([1, 8, 5]);
        let error = decode(&wrong, (64, 32), 0.5)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            error.contains("[1, 2, 4] belongs") || error.contains("[1, 8, 4] belongs"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn no_answer_panics(output in 0usize..12, place in any::<prop::sample::Index>(), value in prop::num::f32::ANY) {
            let mut outputs = silence();
            let data = &mut outputs[output].data;
            let place = place.index(data.len());
            data[place] = value;
            let found = decode(&outputs, (64, 32), 0.5).unwrap();
            prop_assert!(found.iter().all(|c| c.score > 0.5 && c.bounding_box.area().is_finite()));
        }
    }
}
