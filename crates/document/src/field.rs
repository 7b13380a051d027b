//! What an identity document says: the names of its fields and one reading of one of them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A field of an identity document, whatever it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Field {
    /// Family name, ICAO's *primary identifier*.
    LastName,
    /// The first of the given names, ICAO's *secondary identifier* up to the first space.
    FirstName,
    /// The given names after the first.
    MiddleName,
    /// `JR`, `SR`, `III` and the like.
    Suffix,
    /// Street, number and flat, in one line.
    Address,
    /// City of the address.
    City,
    /// State or province of the address, as printed (US, Canada: two letters).
    State,
    /// Postal code of the address, as printed.
    PostalCode,
    /// County of the address.
    County,
    /// Number of the document or licence, as printed.
    DocumentNumber,
    /// Date of birth.
    DateOfBirth,
    /// Date of issue.
    DateOfIssue,
    /// Date of expiry.
    DateOfExpiry,
    /// `M`, `F` or `X`.
    Sex,
    /// Height with its unit, as printed.
    Height,
    /// Weight with its unit, as printed.
    Weight,
    /// Colour of the eyes, as printed.
    EyeColour,
    /// Colour of the hair, as printed.
    HairColour,
    /// Class of vehicles.
    Class,
    /// Endorsements of a driver licence.
    Endorsements,
    /// Restrictions of a driver licence.
    Restrictions,
    /// Set when the document says that its holder is a veteran.
    Veteran,
    /// Place of birth, as printed.
    PlaceOfBirth,
    /// Nationality: ICAO's code of three letters from an MRZ, else as printed.
    Nationality,
    /// Who issued it: ICAO's code of three letters from an MRZ; two letters of a US state or Canadian province; else as
    /// printed.
    Issuer,
    /// AAMVA's document discriminator (field 5, `DD`).
    Discriminator,
    /// A personal number, or optional data of an MRZ.
    PersonalNumber,
}

/// One reading of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The value as the document prints it, without its label. Never empty.
    pub text: String,
    /// The date that it means, of fields that are dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// How sure the reader is, 0 to 1. What was checked by a check digit or an error-correcting code has 0.99 or more.
    pub confidence: f32,
}
