//! The numbers that heads judge: parts of feature maps, and what was measured at the eyes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use selfsame_vision::Tensor;
use serde::{Deserialize, Serialize};

/// A group of numbers that describe one part or one side of a face.
///
/// The parts of FaceRes's maps are means over cells of the chip, whose 14 × 14 cells lie so: eyes at row 6.5, nose tip
/// at row 8.5, corners of the mouth at row 10.5, chin at rows 12 to 13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeatureGroup {
    /// 512 means of the coarse map from brow to cheekbone.
    Eyes,
    /// 512 means of the coarse map around the mouth.
    Mouth,
    /// 256 means of the fine map around the mouth.
    MouthFine,
    /// 512 means of the coarse map from the upper lip to below the chin.
    Chin,
    /// 512 means of the coarse map from the nose to the chin.
    LowerFace,
    /// 256 means of the expression network.
    Expression,
    /// How far both eyes are open: height over width of the lids' outline, mean of both eyes.
    Openness,
    /// Age in years as two networks see it: FaceRes, then face-api.
    Age,
    /// Log odds of male as two networks see it: FaceRes, then face-api.
    Male,
    /// Logits of the expressions calm, happy, sad, angry, fear, disgusted, surprised.
    EmotionLogits,
    /// Degrees by which the left eye looks right and up, then the right one.
    Gaze,
}

/// The numbers of one face, as far as they were asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features(BTreeMap<FeatureGroup, Vec<f32>>);

impl Features {
    /// The numbers of a group, if it was computed.
    #[must_use]
    pub fn group(&self, group: FeatureGroup) -> Option<&[f32]> {
        self.0.get(&group).map(Vec::as_slice)
    }

    /// The numbers of several groups one after the other; `None` where one of them was not computed.
    #[must_use]
    pub fn concatenated(&self, groups: &[FeatureGroup]) -> Option<Vec<f32>> {
        let mut values = Vec::new();
        for group in groups {
            values.extend_from_slice(self.group(*group)?);
        }
        Some(values)
    }

    pub(super) fn insert(&mut self, group: FeatureGroup, values: Vec<f32>) {
        self.0.insert(group, values);
    }

    /// Adds the wanted parts of the maps of FaceRes: [1, 256, 28, 28] and [1, 512, 14, 14]. `None` where the maps have
    /// other shapes.
    pub(super) fn add_maps(
        &mut self,
        fine: &Tensor,
        coarse: &Tensor,
        wanted: &BTreeSet<FeatureGroup>,
    ) -> Option<()> {
        for (group, map, side, rows, columns) in [
            (FeatureGroup::Eyes, coarse, 14, 5..8, 3..11),
            (FeatureGroup::Mouth, coarse, 14, 9..12, 4..10),
            (FeatureGroup::MouthFine, fine, 28, 18..24, 8..20),
            (FeatureGroup::Chin, coarse, 14, 10..14, 3..11),
            (FeatureGroup::LowerFace, coarse, 14, 8..13, 3..11),
        ] {
            if wanted.contains(&group) {
                self.insert(group, means(map, side, rows, columns)?);
            }
        }
        Some(())
    }
}

/// Mean of each channel of a [1, C, `side`, `side`] map over some of its cells.
fn means(map: &Tensor, side: usize, rows: Range<usize>, columns: Range<usize>) -> Option<Vec<f32>> {
    let &[1, channels, height, width] = map.shape.as_slice() else {
        return None;
    };
    if (height, width) != (side, side) || map.data.len() != channels * side * side {
        return None;
    }
    let count = (rows.len() * columns.len()) as f32;
    let mean = |plane: &[f32]| {
        let cells = rows.clone().flat_map(|row| &plane[row * side..][columns.clone()]);
        cells.sum::<f32>() / count
    };
    Some(map.data.chunks_exact(side * side).map(mean).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each cell of channel c holds 1000·c + 100·row + column.
    fn map(channels: usize, side: usize) -> Tensor {
        let mut tensor = Tensor::zeros([1, channels, side, side]);
        for (index, value) in tensor.data.iter_mut().enumerate() {
            let (channel, row, column) = (index / (side * side), index / side % side, index % side);
            *value = (1000 * channel + 100 * row + column) as f32;
        }
        tensor
    }

    #[test]
    fn a_part_is_the_mean_of_its_cells() {
        let means = means(&map(2, 14), 14, 5..8, 3..11).unwrap();
        // the middle of rows 5 to 7 and of columns 3 to 10
        assert_eq!(means, [606.5, 1606.5]);
    }

    #[test]
    fn only_what_is_wanted_is_added() {
        let mut features = Features::default();
        let wanted = BTreeSet::from([FeatureGroup::Mouth, FeatureGroup::MouthFine]);
        features.add_maps(&map(256, 28), &map(512, 14), &wanted).unwrap();
        assert_eq!(features.group(FeatureGroup::Mouth).unwrap().len(), 512);
        assert_eq!(features.group(FeatureGroup::MouthFine).unwrap().len(), 256);
        assert_eq!(features.group(FeatureGroup::Eyes), None);
        let both = [FeatureGroup::Mouth, FeatureGroup::MouthFine];
        assert_eq!(features.concatenated(&both).unwrap().len(), 768);
        assert_eq!(features.concatenated(&[FeatureGroup::Eyes]), None);
    }

    #[test]
    fn maps_of_other_shapes_are_refused() {
        let wanted = BTreeSet::from([FeatureGroup::Eyes]);
        let small = map(512, 7);
        assert_eq!(Features::default().add_maps(&map(256, 28), &small, &wanted), None);
    }
}
