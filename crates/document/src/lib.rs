//! Identity documents: the card in a picture, its printed text, its machine readable zone (MRZ) and its barcodes, and
//! the fields on which they agree.
//!
//! [`Reader`] is the front door. Nothing here touches storage, HTTP or an async runtime, nothing knows whose wire protocol
//! asks, and nothing guesses: a field that was not read is absent. The words are those of ICAO Doc 9303 and of the AAMVA
//! DL/ID Card Design Standard.

pub mod aamva;
mod annotate;
mod barcode;
mod card;
mod document;
mod error;
mod field;
mod kind;
pub mod mrz;
mod ocr;
mod page;
mod quad;
mod reader;
mod scan;
pub mod silico;
mod states;
mod text;
pub mod visual;

pub use annotate::annotate;
pub use barcode::{Barcode, Symbology, read_file as read_barcodes};
pub use document::{FieldValue, Fields, Finding, Policy, Source, age_years};
pub use error::Error;
pub use field::{Field, Reading};
pub use kind::Kind;
pub use reader::{Document, MachineReadableZone, PageLine, ReadOptions, Reader, Timings, Word};
pub use text::Line;
