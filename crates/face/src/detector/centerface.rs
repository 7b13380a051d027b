//! CenterFace (Xu et al., *CenterFace: Joint Face Detection and Alignment Using Face as Point*, 2019): one heatmap.

use selfsame_types::{BoundingBox, Landmarks, Point};
use selfsame_vision::Tensor;

use super::{Candidate, unexpected};
use crate::Error;

/// Heatmap cells are this far apart.
const CELL_PX: f32 = 4.0;

/// Reads the four maps (heatmap 1, log size 2 as height and width, offset 2 as y and x, landmarks 10 as y, x pairs;
/// each [1, planes, height / 4, width / 4]) into candidates in pixels of the network's input.
pub(super) fn decode(outputs: &[Tensor], min_score: f32) -> Result<Vec<Candidate>, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_of_the_wrong_shape_are_an_error() {
        assert!(decode(&[], 0.5).is_err());
        let map = || Tensor::zeros([1, 1, 2, 2]);
        assert!(decode(&[map(), map(), map(), map()], 0.5).is_err());
    }
}
