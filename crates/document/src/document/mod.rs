//! What a document says, all sources taken together.

mod checks;
mod fusion;

use std::collections::BTreeMap;

use selfsame_types::Point;
use serde::{Deserialize, Serialize};

use crate::field::{Field, Reading};

pub(crate) use checks::check;
pub use checks::{Finding, Policy, age_years};
pub(crate) use fusion::{Sources, fuse};

/// What was read: in the order in which one is believed before the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Source {
    /// A barcode, whose error correction found nothing wrong.
    Barcode,
    /// The machine readable zone.
    Mrz,
    /// The text that people read.
    VisualZone,
}

/// A field with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The value.
    #[serde(flatten)]
    pub reading: Reading,
    /// What it was read from.
    pub source: Source,
    /// Where it is printed, in pixels of the upright card; only of the visual zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polygon: Option<[Point; 4]>,
    /// The other sources that say something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disagreeing: Vec<Source>,
}

/// A reading of the visual zone and where it stands on the card.
pub(crate) type Located = (Reading, [Point; 4]);

/// The fields of a document.
pub type Fields = BTreeMap<Field, FieldValue>;
