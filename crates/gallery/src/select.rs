//! The k best hits seen so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::Hit;

/// A hit that is "greater" the worse it ranks, so that a heap shows the worst of the best first.
#[derive(Clone, Copy)]
struct Ranked(Hit);

impl Ord for Ranked {
    /// Higher cosine first, then the smaller id, so that equal cosines have one order.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .0
            .cosine
            .total_cmp(&self.0.cosine)
            .then_with(|| self.0.face.cmp(&other.0.face))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

/// Keeps the `k` best of the hits it is offered whose cosine is at least `min_cosine`.
pub(crate) struct Best {
    k: usize,
    min_cosine: f32,
    heap: BinaryHeap<Ranked>,
}

impl Best {
    pub(crate) fn new(k: usize, min_cosine: f32) -> Self {
        Self {
            k,
            min_cosine,
            heap: BinaryHeap::new(),
        }
    }

    /// A cosine below this cannot become a hit any more; equal ones may, by their id.
    pub(crate) fn threshold(&self) -> f32 {
        let worst = if self.heap.len() < self.k {
            None
        } else {
            self.heap.peek()
        };
        let threshold = worst.map_or(self.min_cosine, |w| w.0.cosine.max(self.min_cosine));
        // Rounding can take opposite templates below −1, where the cosine is clamped but its upper bound is not.
        if threshold <= -1.0 {
            f32::NEG_INFINITY
        } else {
            threshold
        }
    }

    pub(crate) fn offer(&mut self, hit: Hit) {
        if hit.cosine < self.min_cosine || self.k == 0 {
            return;
        }
        if self.heap.len() < self.k {
            self.heap.push(Ranked(hit));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && Ranked(hit) < *worst
        {
            *worst = Ranked(hit);
        }
    }

    /// Best first.
    pub(crate) fn into_hits(self) -> Vec<Hit> {
        self.heap
            .into_sorted_vec()
            .into_iter()
            .map(|ranked| ranked.0)
            .collect()
    }
}
