//! The machine readable zone in the pixels of a card: where it stands, and its lines read again as the monospaced print that
//! they are. What its characters mean is `mrz`'s business.

use image::RgbImage;
use selfsame_types::Point;

use super::MachineReadableZone;
use crate::Error;
use crate::mrz::decode::{self, CLASSES, DecodedZone, Posteriors, STEPS_PER_CELL};
use crate::mrz::{self, Mrz};
use crate::ocr::{BLANK, HEIGHT_PX, Ocr, Recogniser, STRIDE_PX};
use crate::quad::Quad;
use crate::scan::Scan;
use crate::text::Line;

/// A machine readable zone and what it says.
pub(super) struct FoundMrz {
    pub(super) zone: MachineReadableZone,
    pub(super) decoded: DecodedZone,
}

/// Finds the zone and reads it.
pub(super) fn read(ocr: &Ocr, scan: &Scan) -> Result<Option<FoundMrz>, Error> {
    // Runs of fillers read badly, so that what is hardly text elsewhere may be a line here.
    let lines: Vec<Line> = scan
        .texts
        .iter()
        .chain(&scan.faint)
        .map(|text| text.line.clone())
        .collect();
    let Some(located) = mrz::locate(&lines) else {
        return Ok(None);
    };
    let mut decoded = Vec::new();
    for view in VIEWS {
        let lines = located.polygons.iter();
        let lines = lines.map(|line| {
            look(
                ocr.recogniser(),
                &scan.card.image,
                line,
                located.polygons.len(),
                view,
            )
        });
        decoded.extend(decode::zone(&lines.collect::<Result<Vec<_>, _>>()?));
        if decoded.last().is_some_and(|decoded| decoded.mrz.is_consistent()) {
            break;
        }
    }
    let best = decode::best(decoded).filter(|decoded| is_believable(&decoded.mrz));
    Ok(best.map(|decoded| FoundMrz {
        zone: MachineReadableZone {
            lines: decoded.mrz.lines.clone(),
            confidence: decoded.confidence(),
            checks: decoded.mrz.checks.clone(),
            corrections: decoded.corrections.clone(),
        },
        decoded,
    }))
}

/// Any lines can be forced into a zone; of its check digits each holds by chance once in ten.
fn is_believable(mrz: &Mrz) -> bool {
    let holding = mrz.checks.iter().filter(|check| check.holds).count();
    holding >= 2
}

/// How a line of a zone is cut out and stretched.
#[derive(Clone, Copy)]
struct View {
    /// Added above and below, in heights of the line.
    margin_across: f32,
    /// Outputs of the recogniser per character.
    steps_per_cell: f32,
}

/// The second is tried where a check digit fails in the first. Chosen on 200 synthetic lines and 16 specimens: more above and
/// below costs a third of the characters, less loses whole specimens. Chosen with outlines of RapidOCR's size; ours are larger
/// (`UNCLIP_RATIO`), by 0.036 of their height on each side, which is taken away here.
const VIEWS: [View; 2] = [
    View {
        margin_across: -0.036,
        steps_per_cell: STEPS_PER_CELL,
    },
    View {
        margin_across: 0.24,
        steps_per_cell: 5.0,
    },
];

/// Added before and after a line, in its heights.
const MARGIN_ALONG: f32 = 0.5;

/// Reads a picture that is one dark line of a zone on light ground.
pub(super) fn single_line(ocr: &Ocr, image: &RgbImage) -> Result<Option<String>, Error> {
    let Some(ink) = ink(image) else {
        return Ok(None);
    };
    // A detector's outlines are a little larger than what is printed.
    let around = 0.2 * ink.height();
    let line = ink.widened(around, around);
    // Lines of 30, 36 and 44 characters are 27, 32 and 39 times as long as they are high (medians of 200 synthetic lines): pitch
    // and height of OCR-B.
    let (characters, lines) = match ink.width() / ink.height() {
        ratio if ratio < 29.5 => (30, 3),
        ratio if ratio < 36.0 => (36, 2),
        _ => (44, 2),
    };
    let view = View {
        margin_across: 0.0,
        ..VIEWS[0]
    };
    let posteriors = look(ocr.recogniser(), image, &line.0, lines, view)?;
    Ok(decode::single(&posteriors, characters).map(|decoded| decoded.text()))
}

/// What is dark.
fn ink(image: &RgbImage) -> Option<Quad> {
    let dark = image
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0] < 128)
        .map(|(x, y, _)| (x, y));
    let bounds = dark.fold(None, |bounds: Option<[u32; 4]>, (x, y)| {
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    });
    let [left, top, right, bottom] = bounds?.map(|side| side as f32);
    Some(Quad::upright(left, top, right + 1.0, bottom + 1.0))
}

/// What the recogniser sees in one line of a zone, cut out as [`decode`] wants it.
fn look(
    recogniser: &Recogniser,
    card: &RgbImage,
    polygon: &[Point; 4],
    lines: usize,
    view: View,
) -> Result<Posteriors, Error> {
    let line = Quad(*polygon);
    let height = line.height();
    let wide = line.widened(MARGIN_ALONG * height, view.margin_across * height);
    let cells = if lines == 3 { 30.0 } else { 44.0 };
    let steps = (view.steps_per_cell * cells * wide.width() / line.width().max(1.0)).round();
    let width = STRIDE_PX * steps.clamp(1.0, 512.0) as u32;
    let seen = recogniser.look(&wide.cut(card, width, HEIGHT_PX))?;
    let classes: Vec<Option<usize>> = (0..recogniser.alphabet().len())
        .map(|output| match output {
            BLANK => Some(0),
            output => recogniser.alphabet().character(output).and_then(decode::class),
        })
        .collect();
    let steps = seen.output.data.chunks_exact(classes.len());
    let steps = steps.take(steps_of(seen.width_px)).map(|probabilities| {
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

const fn steps_of(width_px: u32) -> usize {
    (width_px / STRIDE_PX) as usize
}
