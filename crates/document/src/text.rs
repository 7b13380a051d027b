//! Lines of text as a reader of pixels found them.

use selfsame_types::Point;
use serde::{Deserialize, Serialize};

/// One line of printed text on an upright card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it says. Words are apart by one space where the reader saw one; readers often lose spaces.
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f32,
    /// Its corners in pixels of the card: top left, top right, bottom right, bottom left in reading direction.
    pub polygon: [Point; 4],
}
