//! Identity documents: the card in a picture, its printed text, its machine readable zone (MRZ) and its barcodes, and
//! the fields on which they agree.
//!
//! Nothing here touches storage, HTTP or an async runtime, nothing knows whose wire protocol asks, and nothing guesses:
//! a field that was not read is absent. The words are those of ICAO Doc 9303 and of the AAMVA DL/ID Card Design
//! Standard.

mod field;
mod text;

pub use field::{Field, Reading};
pub use text::Line;
