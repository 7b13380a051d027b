//! The zones of a card: what machines read, what people read, and what both mean together.

use std::collections::BTreeMap;

use super::monospaced::{self, FoundMrz};
use super::second_look;
use crate::barcode::{self, Barcode, Effort, Symbology};
use crate::document::{Fields, Finding, Located, Policy, Sources, check, fuse};
use crate::field::{Field, Reading};
use crate::kind::Kind;
use crate::ocr::Ocr;
use crate::page::Page;
use crate::scan::Scan;
use crate::text::Line;
use crate::{Error, aamva, visual};

/// What machines read.
pub(super) struct Machine {
    pub(super) mrz: Option<FoundMrz>,
    pub(super) barcodes: Vec<Barcode>,
    licence: Option<aamva::Payload>,
    /// What the print says that it is.
    printed: visual::Classified,
}

/// What all zones mean.
pub(super) struct Meaning {
    pub(super) kind: Kind,
    pub(super) kind_confidence: f32,
    pub(super) fields: Fields,
    pub(super) findings: Vec<Finding>,
}

/// Reads the machine readable zone and the barcodes.
pub(super) fn machine(ocr: &Ocr, page: &Page, scan: &Scan) -> Result<Machine, Error> {
    let mrz = monospaced::read(ocr, scan)?;
    let printed = visual::classify(&lines_of(scan));
    // Documents with an MRZ carry no barcode that says more.
    let mut barcodes = Vec::new();
    if mrz.is_none() {
        // A front says what it is; what says nothing may be a back.
        let effort = match printed.kind {
            Kind::Other => Effort::Thorough,
            _ => Effort::Once,
        };
        barcodes = barcode::read(&scan.card.image, effort);
        // The decoder may have more pixels to look at in the picture, unless it is the card.
        if barcodes.is_empty() && !scan.card.is_whole {
            barcodes = barcode::read(&page.image, effort);
        }
    }
    let licence = barcodes
        .iter()
        .filter(|barcode| barcode.symbology == Symbology::Pdf417)
        .find_map(|barcode| aamva::Payload::parse(&barcode.text).ok());
    Ok(Machine {
        mrz,
        barcodes,
        licence,
        printed,
    })
}

fn lines_of(scan: &Scan) -> Vec<Line> {
    scan.texts.iter().map(|text| text.line.clone()).collect()
}

/// What all zones mean together.
pub(super) fn meaning(ocr: &Ocr, machine: &Machine, scan: &Scan, policy: Policy) -> Result<Meaning, Error> {
    let lines = lines_of(scan);
    let size = visual::Size {
        width: scan.card.image.width() as f32,
        height: scan.card.image.height() as f32,
    };
    let (kind, kind_confidence) = kind(machine);
    let read = match kind {
        // What is printed on backs explains codes; it is no field.
        Kind::DriverLicenceBack | Kind::IdCardBack => visual::Visual::default(),
        _ => visual::read(&lines, size, kind),
    };
    let barcode: BTreeMap<Field, Reading> = machine
        .licence
        .as_ref()
        .map(aamva::Payload::readings)
        .unwrap_or_default();
    let mrz = machine
        .mrz
        .as_ref()
        .map(|found| found.decoded.readings(policy.today))
        .unwrap_or_default();
    let visual = read.readings.into_iter();
    let visual = visual.map(|(field, located)| (field, (located.reading, located.polygon)));
    let mut visual: BTreeMap<Field, Located> = visual.collect();
    let known = |readings: &BTreeMap<Field, Reading>| readings.contains_key(&Field::Sex);
    if !visual.contains_key(&Field::Sex) && !known(&mrz) && !known(&barcode) {
        let found = second_look::sex(ocr, &scan.card.image, &scan.texts)?;
        visual.extend(found.map(|located| (Field::Sex, located)));
    }
    let fields = fuse(Sources { barcode, mrz, visual });
    let mut findings = check(&fields, policy);
    let failing = machine.mrz.iter().flat_map(|found| &found.zone.checks);
    findings.extend(
        failing
            .filter(|check| !check.holds)
            .map(|check| Finding::CheckDigitFailed { of: check.which }),
    );
    Ok(Meaning {
        kind,
        kind_confidence,
        fields,
        findings,
    })
}

/// What kind of document it is: the machine's zone knows better than the print.
fn kind(machine: &Machine) -> (Kind, f32) {
    /// A zone with check digits that hold leaves no doubt.
    const CERTAIN: f32 = 0.99;
    if let Some(found) = &machine.mrz {
        let kind = match found.decoded.mrz.document_code.chars().next() {
            Some('P') => Kind::Passport,
            Some('V') => Kind::Visa,
            _ => Kind::IdentityCard,
        };
        return (kind, CERTAIN);
    }
    match &machine.licence {
        Some(licence) if is_identification_card(licence) => (Kind::IdCardBack, CERTAIN),
        Some(_) => (Kind::DriverLicenceBack, CERTAIN),
        None => (machine.printed.kind, machine.printed.confidence),
    }
}

fn is_identification_card(payload: &aamva::Payload) -> bool {
    let has = |kind: &str| payload.subfiles.iter().any(|subfile| subfile == kind);
    has("ID") && !has("DL")
}
