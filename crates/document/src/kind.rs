//! Kinds of identity documents.

use serde::{Deserialize, Serialize};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Kind {
    /// Front of a driver licence: of a US state or a Canadian province, or of Europe (Directive 2006/126/EC).
    DriverLicenceFront,
    /// Its back, with a barcode.
    DriverLicenceBack,
    /// Front of an identification card of a US state or a Canadian province.
    IdCardFront,
    /// Its back.
    IdCardBack,
    /// Data page of a passport (ICAO Doc 9303-4).
    Passport,
    /// A visa (ICAO Doc 9303-7).
    Visa,
    /// Any other identity card, such as those of ICAO Doc 9303-5 and 9303-6.
    IdentityCard,
    /// Something that nothing on it says.
    Other,
}
