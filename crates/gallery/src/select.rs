//! The k best rows seen so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A row that is "greater" the worse it ranks, so that a heap shows the worst of the best first.
struct Ranked<K> {
    key: K,
    cosine: f32,
}

impl<K: Ord> Ranked<K> {
    /// Higher cosine first, then the smaller key, so that equal cosines have one order.
    fn rank(&self, key: &K, cosine: f32) -> Ordering {
        cosine.total_cmp(&self.cosine).then_with(|| self.key.cmp(key))
    }
}

impl<K: Ord> Ord for Ranked<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank(&other.key, other.cosine)
    }
}

impl<K: Ord> PartialOrd for Ranked<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> PartialEq for Ranked<K> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<K: Ord> Eq for Ranked<K> {}

/// Keeps the `k` best of the rows it is offered whose cosine is at least `min_cosine`.
pub(crate) struct Best<K> {
    k: usize,
    min_cosine: f32,
    heap: BinaryHeap<Ranked<K>>,
}

impl<K: Ord + Clone> Best<K> {
    pub(crate) fn new(k: usize, min_cosine: f32) -> Self {
        Self {
            k,
            min_cosine,
            heap: BinaryHeap::new(),
        }
    }

    /// A cosine below this cannot become a hit any more; equal ones may, by their key.
    pub(crate) fn threshold(&self) -> f32 {
        let worst = if self.heap.len() < self.k {
            None
        } else {
            self.heap.peek()
        };
        let threshold = worst.map_or(self.min_cosine, |worst| worst.cosine.max(self.min_cosine));
        // Rounding can take opposite templates below −1, where the cosine is clamped but its upper bound is not.
        if threshold <= -1.0 {
            f32::NEG_INFINITY
        } else {
            threshold
        }
    }

    pub(crate) fn offer(&mut self, key: &K, cosine: f32) {
        if cosine < self.min_cosine || self.k == 0 {
            return;
        }
        let ranked = || Ranked {
            key: key.clone(),
            cosine,
        };
        if self.heap.len() < self.k {
            self.heap.push(ranked());
        } else if let Some(mut worst) = self.heap.peek_mut()
            && worst.rank(key, cosine) == Ordering::Greater
        {
            *worst = ranked();
        }
    }

    /// Best first.
    pub(crate) fn into_sorted(self) -> impl Iterator<Item = (K, f32)> {
        let sorted = self.heap.into_sorted_vec();
        sorted.into_iter().map(|ranked| (ranked.key, ranked.cosine))
    }
}
