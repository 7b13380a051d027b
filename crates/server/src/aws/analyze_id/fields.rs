//! Our fields under AWS's names, in the order of the recorded answers. All of them are told every time: what was not read is
//! an empty text.

use selfsame_document::{Document, Field, FieldValue, Kind};
use selfsame_wire::textract::{AnalyzeIDDetections, IdentityDocumentField, NormalizedValue, ValueType};

/// How sure we are that nothing is there. Recorded answers have 97 to 99.7 for absent fields.
const ABSENT_PERCENT: f32 = 99.0;

/// A field of AWS's.
enum Told {
    /// One of ours.
    Read(Field),
    /// The name of the state that issued the document.
    StateName,
    /// What kind of document it is.
    IdType,
    /// The lines of the MRZ.
    MrzCode,
}

const ORDER: [(&str, Told); 21] = [
    ("FIRST_NAME", Told::Read(Field::FirstName)),
    ("LAST_NAME", Told::Read(Field::LastName)),
    ("MIDDLE_NAME", Told::Read(Field::MiddleName)),
    ("SUFFIX", Told::Read(Field::Suffix)),
    ("CITY_IN_ADDRESS", Told::Read(Field::City)),
    ("ZIP_CODE_IN_ADDRESS", Told::Read(Field::PostalCode)),
    ("STATE_IN_ADDRESS", Told::Read(Field::State)),
    ("STATE_NAME", Told::StateName),
    ("DOCUMENT_NUMBER", Told::Read(Field::DocumentNumber)),
    ("EXPIRATION_DATE", Told::Read(Field::DateOfExpiry)),
    ("DATE_OF_BIRTH", Told::Read(Field::DateOfBirth)),
    ("DATE_OF_ISSUE", Told::Read(Field::DateOfIssue)),
    ("ID_TYPE", Told::IdType),
    ("ENDORSEMENTS", Told::Read(Field::Endorsements)),
    ("VETERAN", Told::Read(Field::Veteran)),
    ("RESTRICTIONS", Told::Read(Field::Restrictions)),
    ("CLASS", Told::Read(Field::Class)),
    ("ADDRESS", Told::Read(Field::Address)),
    ("COUNTY", Told::Read(Field::County)),
    ("PLACE_OF_BIRTH", Told::Read(Field::PlaceOfBirth)),
    ("MRZ_CODE", Told::MrzCode),
];

/// What AWS has no names for, in the manner of its names.
const EXTRAS: [(&str, Field); 9] = [
    ("SEX", Field::Sex),
    ("HEIGHT", Field::Height),
    ("WEIGHT", Field::Weight),
    ("EYE_COLOR", Field::EyeColour),
    ("HAIR_COLOR", Field::HairColour),
    ("NATIONALITY", Field::Nationality),
    ("ISSUER", Field::Issuer),
    ("DOCUMENT_DISCRIMINATOR", Field::Discriminator),
    ("PERSONAL_NUMBER", Field::PersonalNumber),
];

/// Every field of AWS's; with `extras` also ours that were read, and a `FINDING` for whatever speaks against the document.
pub(super) fn all(document: &Document, extras: bool) -> Vec<IdentityDocumentField> {
    let told = ORDER
        .iter()
        .map(|(name, told)| field(name, value(document, told)));
    let mut fields: Vec<IdentityDocumentField> = told.collect();
    if extras {
        let read = EXTRAS
            .iter()
            .filter_map(|(name, ours)| Some((name, document.fields.get(ours)?)));
        fields.extend(read.map(|(name, value)| field(name, detection(value))));
        let findings = document.findings.iter();
        fields.extend(findings.map(|finding| field("FINDING", detected(&finding.to_string(), 1.0))));
    }
    fields
}

fn field(name: &str, value: AnalyzeIDDetections) -> IdentityDocumentField {
    IdentityDocumentField {
        r#type: Some(AnalyzeIDDetections {
            text: name.to_owned(),
            ..AnalyzeIDDetections::default()
        }),
        value_detection: Some(value),
    }
}

/// The texts alone, by AWS's names: what is kept with a person.
pub(crate) fn named(document: &Document) -> impl Iterator<Item = (&'static str, String)> + '_ {
    ORDER
        .iter()
        .map(|(name, told)| (*name, value(document, told).text))
}

fn value(document: &Document, told: &Told) -> AnalyzeIDDetections {
    match told {
        Told::Read(field) => document.fields.get(field).map_or_else(absent, detection),
        Told::StateName => document
            .state_name()
            .map_or_else(absent, |(name, confidence)| detected(name, confidence)),
        Told::IdType => match id_type(document.kind) {
            "" => absent(),
            text => detected(text, document.kind_confidence),
        },
        Told::MrzCode => match &document.mrz {
            None => absent(),
            Some(mrz) => detected(&mrz.lines.join("\n"), mrz.confidence),
        },
    }
}

fn detection(value: &FieldValue) -> AnalyzeIDDetections {
    AnalyzeIDDetections {
        normalized_value: value.reading.date.map(|date| NormalizedValue {
            value: Some(format!("{date}T00:00:00")),
            value_type: Some(ValueType::Date),
        }),
        ..detected(&value.reading.text, value.reading.confidence)
    }
}

fn detected(text: &str, confidence: f32) -> AnalyzeIDDetections {
    AnalyzeIDDetections {
        text: text.to_owned(),
        normalized_value: None,
        confidence: Some(100.0 * confidence),
    }
}

fn absent() -> AnalyzeIDDetections {
    AnalyzeIDDetections {
        text: String::new(),
        normalized_value: None,
        confidence: Some(ABSENT_PERCENT),
    }
}

/// `DRIVER LICENSE FRONT` and `PASSPORT` were recorded; the others are in their manner.
const fn id_type(kind: Kind) -> &'static str {
    match kind {
        Kind::DriverLicenceFront => "DRIVER LICENSE FRONT",
        Kind::DriverLicenceBack => "DRIVER LICENSE BACK",
        Kind::IdCardFront => "ID CARD FRONT",
        Kind::IdCardBack => "ID CARD BACK",
        Kind::IdentityCard => "ID CARD",
        Kind::Passport => "PASSPORT",
        Kind::Visa => "VISA",
        _ => "",
    }
}
