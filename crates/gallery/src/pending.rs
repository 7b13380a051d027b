//! Changes that arrived before the ones they follow.

use std::collections::BTreeMap;

use selfsame_types::{Change, FaceId, Seq};

/// Most changes that may wait for a missing one. Beyond it the newest are dropped: the log still has them, and the
/// index does not claim to.
const MOST: usize = 1024;

/// The waiting room. What waits is not searched yet, except that an erasure takes effect at once.
#[derive(Debug, Default)]
pub(crate) struct Pending(BTreeMap<Seq, Change>);

impl Pending {
    pub(crate) fn add(&mut self, change: Change) {
        self.0.insert(change.seq(), change);
        if self.0.len() > MOST {
            self.0.pop_last();
        }
    }

    /// The change with exactly this position.
    pub(crate) fn take(&mut self, seq: Seq) -> Option<Change> {
        self.0.remove(&seq)
    }

    /// Forgets what lies at or before `seq`.
    pub(crate) fn forget_through(&mut self, seq: Seq) {
        self.0 = self.0.split_off(&seq.next());
    }

    /// Whether an erasure of `face` after `seq` waits, so that enrolling it now would bring it back.
    pub(crate) fn erases(&self, face: FaceId, seq: Seq) -> bool {
        self.0
            .range(seq..)
            .any(|(_, change)| matches!(change, Change::Erased { face: erased, .. } if *erased == face))
    }
}
