//! The templates of an index, packed for scanning.
//!
//! Rows lie in blocks: a block is one contiguous piece for the codes, one for scales and errors, one for the f32
//! values. Blocks are shared: a snapshot takes their pointers and writes without a lock, while a change copies only the
//! block it touches. A row has a key: the face, or the user, whose template it is. Per row of 128 values: 128 bytes of codes, 8 of scale and error, 512 of f32 values, 16 of id (and
//! about 40 in the map from face to row), so 0.7 GB per million.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::kernel::{Kernel, Lane};
use crate::quantise::{Coded, Probe, cosine, encode, lanes};
use crate::select::Best;

/// Rows in a block. Codes of 128 values then fill 1 MiB; a copy for a snapshot costs about a millisecond.
const BLOCK_ROWS: usize = 8192;

/// Rows whose products are computed before they are looked at: both fit in the first-level cache.
const CHUNK_ROWS: usize = 256;

/// What names a row.
pub(crate) trait Key: Clone + Eq + Hash + Ord {}

impl<K: Clone + Eq + Hash + Ord> Key for K {}

#[derive(Clone)]
pub(crate) struct Block<K> {
    codes: Vec<Lane>,
    scales: Vec<f32>,
    errors: Vec<f32>,
    values: Vec<f32>,
    keys: Vec<K>,
}

impl<K> Default for Block<K> {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            scales: Vec::new(),
            errors: Vec::new(),
            values: Vec::new(),
            keys: Vec::new(),
        }
    }
}

impl<K> Block<K> {
    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn keys(&self) -> &[K] {
        &self.keys
    }
}

/// Templates of one length and where each key's is.
pub(crate) struct Rows<K> {
    dimensions: usize,
    blocks: Vec<Arc<Block<K>>>,
    places: HashMap<K, usize>,
}

impl<K: Key> Rows<K> {
    pub(crate) fn new(dimensions: usize) -> Self {
        Self::with_capacity(dimensions, 0)
    }

    /// With room for `count` rows.
    pub(crate) fn with_capacity(dimensions: usize, count: usize) -> Self {
        Self {
            dimensions,
            blocks: Vec::new(),
            places: HashMap::with_capacity(count),
        }
    }

    pub(crate) const fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The blocks as they are now; later changes do not show in them.
    pub(crate) fn blocks(&self) -> Vec<Arc<Block<K>>> {
        self.blocks.clone()
    }

    /// Adds a row, or gives it a new template. `values` has the right length and unit length.
    pub(crate) fn insert(&mut self, key: K, values: &[f32]) {
        self.remove(&key);
        if self.len().is_multiple_of(BLOCK_ROWS) {
            self.blocks.push(Arc::default());
        }
        self.places.insert(key.clone(), self.len());
        if let Some(block) = self.blocks.last_mut() {
            let block = Arc::make_mut(block);
            let start = block.codes.len();
            block.codes.resize(start + lanes(self.dimensions), Lane::ZERO);
            let Coded { scale, error } = encode(values, &mut block.codes[start..]);
            block.scales.push(scale);
            block.errors.push(error);
            block.values.extend_from_slice(values);
            block.keys.push(key);
        }
    }

    /// Removes a row at once, overwriting its template: the last row takes its place.
    pub(crate) fn remove(&mut self, key: &K) {
        let Some(place) = self.places.remove(key) else {
            return;
        };
        // One entry less than rows, so this is the last row.
        let last = self.places.len();
        let Some(moved) = self.take_last() else { return };
        if place != last {
            self.places.insert(moved.key.clone(), place);
            self.overwrite(place, moved);
        }
    }

    /// Takes the last row out, leaving zeros in its memory.
    fn take_last(&mut self) -> Option<Row<K>> {
        let block = Arc::make_mut(self.blocks.last_mut()?);
        let row = Row {
            key: block.keys.pop()?,
            coded: Coded {
                scale: block.scales.pop()?,
                error: block.errors.pop()?,
            },
            codes: cut(&mut block.codes, lanes(self.dimensions), Lane::ZERO),
            values: cut(&mut block.values, self.dimensions, 0.0),
        };
        if block.keys.is_empty() {
            self.blocks.pop();
        }
        Some(row)
    }

    fn overwrite(&mut self, place: usize, row: Row<K>) {
        let (width, dimensions) = (lanes(self.dimensions), self.dimensions);
        let block = Arc::make_mut(&mut self.blocks[place / BLOCK_ROWS]);
        let at = place % BLOCK_ROWS;
        block.keys[at] = row.key;
        block.scales[at] = row.coded.scale;
        block.errors[at] = row.coded.error;
        block.codes[at * width..(at + 1) * width].copy_from_slice(&row.codes);
        block.values[at * dimensions..(at + 1) * dimensions].copy_from_slice(&row.values);
    }

    /// Offers to `best` every row that could be one of the best.
    pub(crate) fn scan(&self, kernel: Kernel, values: &[f32], best: &mut Best<K>) {
        let probe = Probe::new(values);
        let width = lanes(self.dimensions);
        let (mut dots, mut upper) = ([0i32; CHUNK_ROWS], [0.0f32; CHUNK_ROWS]);
        for block in &self.blocks {
            for (chunk, codes) in block.codes.chunks(CHUNK_ROWS * width).enumerate() {
                let first = chunk * CHUNK_ROWS;
                let rows = first..first + codes.len() / width;
                let dots = &mut dots[..rows.len()];
                let upper = &mut upper[..rows.len()];
                kernel.dots(&probe.codes, codes, dots);
                let largest =
                    probe.upper_bounds(dots, &block.scales[rows.clone()], &block.errors[rows], upper);
                if largest >= best.threshold() {
                    self.rescore(block, first, upper, values, best);
                }
            }
        }
    }

    /// Computes the f32 cosine where the upper bound reaches the threshold, which rises on the way.
    fn rescore(&self, block: &Block<K>, first: usize, upper: &[f32], values: &[f32], best: &mut Best<K>) {
        for (row, upper) in (first..).zip(upper) {
            if *upper >= best.threshold() {
                let stored = &block.values[row * self.dimensions..(row + 1) * self.dimensions];
                best.offer(&block.keys[row], cosine(values, stored));
            }
        }
    }
}

struct Row<K> {
    key: K,
    coded: Coded,
    codes: Vec<Lane>,
    values: Vec<f32>,
}

/// Takes the last `count` elements out of `from`, leaving `blank` in their memory: a deleted template does not stay in
/// spare capacity.
fn cut<T: Copy>(from: &mut Vec<T>, count: usize, blank: T) -> Vec<T> {
    let start = from.len() - count;
    let taken = from[start..].to_vec();
    from[start..].fill(blank);
    from.truncate(start);
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{face, unit_vector};
    use selfsame_types::FaceId;

    fn rows_of(order: &[u64]) -> Rows<FaceId> {
        let mut rows = Rows::new(70);
        for number in order {
            rows.insert(face(*number), &unit_vector(*number, 70));
        }
        rows
    }

    #[test]
    fn a_row_moves_whole_and_a_removed_one_leaves_zeros() {
        let (mut rows, expected) = (rows_of(&[1, 2, 3, 4]), rows_of(&[1, 4, 3]));
        rows.remove(&face(2));
        rows.remove(&face(99));
        assert_eq!(rows.places, expected.places);
        let (found, expected) = (&rows.blocks[0], &expected.blocks[0]);
        assert_eq!(found.codes, expected.codes);
        assert_eq!(found.scales, expected.scales);
        assert_eq!(found.errors, expected.errors);
        assert_eq!(found.values, expected.values);
        assert_eq!(found.keys, expected.keys);

        let mut values = vec![1.0f32, 2.0, 3.0];
        assert_eq!(cut(&mut values, 2, 0.0), [2.0, 3.0]);
        assert_eq!(values, [1.0]);
    }

    #[test]
    fn what_was_handed_out_does_not_change() {
        let mut rows = rows_of(&[1, 2]);
        let before = rows.blocks();
        rows.remove(&face(1));
        rows.remove(&face(2));
        assert!(rows.blocks().is_empty() && rows.len() == 0);
        assert_eq!(before[0].keys(), [face(1), face(2)]);
        assert_eq!(before[0].values()[..70], unit_vector(1, 70));
    }
}
