//! The zones of a card: what machines read, what people read, and what both mean together.

use std::collections::BTreeMap;

use image::RgbImage;
use jiff::civil::Date;
use selfsame_types::Point;

use super::MachineReadableZone;
use crate::barcode::{self, Barcode, Symbology};
use crate::document::{Fields, Finding, Policy, Sources, check, fuse};
use crate::field::{Field, Reading};
use crate::kind::Kind;
use crate::mrz::decode::{self, CLASSES, Posteriors, STEPS_PER_CELL};
use crate::mrz::{self, Mrz};
use crate::ocr::{Ocr, Recogniser};
use crate::page::Page;
use crate::quad::Quad;
use crate::scan::Scan;
use crate::text::Line;
use crate::{Error, aamva, visual};

/// What machines read.
#[derive(Default)]
pub(super) struct Machine {
    pub(super) mrz: Option<FoundMrz>,
    pub(super) barcodes: Vec<Barcode>,
    licence: Option<aamva::Payload>,
    today: Option<Date>,
}

/// A machine readable zone and what it says.
pub(super) struct FoundMrz {
    pub(super) zone: MachineReadableZone,
    mrz: Mrz,
}

/// What all zones mean.
pub(super) struct Meaning {
    pub(super) kind: Kind,
    pub(super) kind_confidence: f32,
    pub(super) fields: Fields,
    pub(super) findings: Vec<Finding>,
}

/// Reads the machine readable zone and the barcodes.
pub(super) fn machine(ocr: &Ocr, page: &Page, scan: &Scan, today: Date) -> Result<Machine, Error> {
    let mrz = read_mrz(ocr, scan)?;
    // Documents with an MRZ carry no barcode that says more.
    let mut barcodes = Vec::new();
    if mrz.is_none() {
        barcodes = barcode::read(&scan.card.image);
        if barcodes.is_empty() {
            barcodes = barcode::read(&page.image);
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
        today: Some(today),
    })
}

fn read_mrz(ocr: &Ocr, scan: &Scan) -> Result<Option<FoundMrz>, Error> {
    let lines: Vec<Line> = scan.texts.iter().map(|text| text.line.clone()).collect();
    let Some(located) = mrz::locate(&lines) else {
        return Ok(None);
    };
    let mut posteriors = Vec::new();
    for polygon in &located.polygons {
        posteriors.push(look(
            ocr.recogniser(),
            &scan.card.image,
            polygon,
            located.polygons.len(),
        )?);
    }
    let decoded = decode::zone(&posteriors).filter(|decoded| is_believable(&decoded.mrz));
    Ok(decoded.map(|decoded| {
        let confidence = decoded.lines.iter().map(decode::Decoded::confidence).sum::<f32>();
        FoundMrz {
            zone: MachineReadableZone {
                lines: decoded.mrz.lines.clone(),
                confidence: confidence / decoded.lines.len().max(1) as f32,
                checks: decoded.mrz.checks.clone(),
                corrections: decoded.corrections,
            },
            mrz: decoded.mrz,
        }
    }))
}

/// Any lines can be forced into a zone; one of its check digits must hold, of which each does so by chance once in ten.
fn is_believable(mrz: &Mrz) -> bool {
    let holding = mrz.checks.iter().filter(|check| check.holds).count();
    holding >= 2
}

/// Reads a picture that is one line of a zone.
pub(super) fn single_line(ocr: &Ocr, image: &RgbImage) -> Result<Option<String>, Error> {
    let line = Quad::upright(0.0, 0.0, image.width() as f32, image.height() as f32);
    let posteriors = look(ocr.recogniser(), image, &line.0, 2)?;
    Ok(decode::single(&posteriors).map(|decoded| decoded.text()))
}

/// What the recogniser sees in one line of a zone, cut out as [`decode`] wants it.
fn look(
    recogniser: &Recogniser,
    card: &RgbImage,
    polygon: &[Point; 4],
    lines: usize,
) -> Result<Posteriors, Error> {
    /// Added around a line, in its heights.
    const MARGIN_ALONG: f32 = 0.5;
    const MARGIN_ACROSS: f32 = 0.3;
    let line = Quad(*polygon);
    let height = line.height();
    let wide = line.widened(MARGIN_ALONG * height, MARGIN_ACROSS * height);
    let cells = if lines == 3 { 30.0 } else { 44.0 };
    let step_px = crate::ocr::STRIDE_PX as f32;
    let width = step_px * STEPS_PER_CELL * cells * wide.width() / line.width().max(1.0);
    let cut = wide.cut(
        card,
        width.round().clamp(step_px, 4096.0) as u32,
        crate::ocr::HEIGHT_PX,
    );
    let seen = recogniser.look(&cut)?;
    let classes: Vec<Option<usize>> = (0..recogniser.alphabet().len())
        .map(|output| match output {
            crate::ocr::BLANK => Some(0),
            output => recogniser.alphabet().character(output).and_then(decode::class),
        })
        .collect();
    let steps = seen.width_px.div_ceil(crate::ocr::STRIDE_PX) as usize;
    let steps = seen
        .output
        .data
        .chunks_exact(classes.len())
        .take(steps)
        .map(|probabilities| {
            let mut sums = [0.0; CLASSES];
            for (class, probability) in classes.iter().zip(probabilities) {
                if let Some(class) = class {
                    sums[*class] += probability;
                }
            }
            sums
        });
    Ok(Posteriors {
        steps: steps.collect(),
    })
}

/// What all zones mean together.
pub(super) fn meaning(machine: &Machine, scan: &Scan, policy: Policy) -> Meaning {
    let today = machine.today.unwrap_or(policy.today);
    let lines: Vec<Line> = scan.texts.iter().map(|text| text.line.clone()).collect();
    let size = visual::Size {
        width: scan.card.image.width() as f32,
        height: scan.card.image.height() as f32,
    };
    let (kind, kind_confidence) = kind(machine, visual::classify(&lines));
    let read = visual::read(&lines, size, kind);
    let barcode: BTreeMap<Field, Reading> = machine
        .licence
        .as_ref()
        .map(|licence| licence.readings())
        .unwrap_or_default();
    let mrz = machine
        .mrz
        .as_ref()
        .map(|found| found.mrz.readings(today))
        .unwrap_or_default();
    let visual = read
        .readings
        .into_iter()
        .map(|(field, located)| (field, (located.reading, located.polygon)));
    let fields = fuse(Sources {
        barcode,
        mrz,
        visual: visual.collect(),
    });
    let mut findings = check(&fields, &policy);
    let failing = machine.mrz.iter().flat_map(|found| &found.zone.checks);
    findings.extend(
        failing
            .filter(|check| !check.holds)
            .map(|check| Finding::CheckDigitFailed { of: check.which }),
    );
    Meaning {
        kind,
        kind_confidence,
        fields,
        findings,
    }
}

/// What kind of document it is: the machine's zone knows better than the print.
fn kind(machine: &Machine, printed: visual::Classified) -> (Kind, f32) {
    /// A zone with check digits that hold leaves no doubt.
    const CERTAIN: f32 = 0.99;
    if let Some(found) = &machine.mrz {
        let kind = match found.mrz.document_code.chars().next() {
            Some('P') => Kind::Passport,
            Some('V') => Kind::Visa,
            _ => Kind::IdentityCard,
        };
        return (kind, CERTAIN);
    }
    match &machine.licence {
        Some(licence) if is_identification_card(licence) => (Kind::IdCardBack, CERTAIN),
        Some(_) => (Kind::DriverLicenceBack, CERTAIN),
        None => (printed.kind, printed.confidence),
    }
}

fn is_identification_card(payload: &aamva::Payload) -> bool {
    let has = |kind: &str| payload.subfiles.iter().any(|subfile| subfile == kind);
    has("ID") && !has("DL")
}
