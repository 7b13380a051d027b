//! The change log of a collection: how an index follows the store.

use crate::{FaceId, Template};

/// A position in a collection's change log; the first change has 1, so 0 means "nothing yet".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One step of a collection's history. Applying a change twice is the same as applying it once.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A face was enrolled.
    Enrolled {
        /// Where in the log.
        seq: Seq,
        /// Which face.
        face: FaceId,
        /// Its template.
        template: Template,
    },
    /// A face was erased. Its template is gone from the log too.
    Erased {
        /// Where in the log.
        seq: Seq,
        /// Which face.
        face: FaceId,
    },
}

impl Change {
    /// Where in the log it stands.
    #[must_use]
    pub const fn seq(&self) -> Seq {
        match self {
            Self::Enrolled { seq, .. } | Self::Erased { seq, .. } => *seq,
        }
    }
}
