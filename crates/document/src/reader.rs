//! The front door: a file in, a document out.

mod monospaced;
mod placing;
mod second_look;
mod zones;

use std::time::{Duration, Instant};

use image::RgbImage;
use jiff::civil::Date;
use selfsame_types::Point;
use selfsame_vision::Engine;
use selfsame_vision::decode::Limits;
use selfsame_vision::pack::Resolved;
use serde::{Deserialize, Serialize};

use crate::barcode::Barcode;
use crate::document::{Fields, Finding, Policy};
use crate::field::Field;
use crate::kind::Kind;
use crate::ocr::Ocr;
use crate::page::Page;
use crate::quad::Quad;
use crate::scan::{Scan, scan};
use crate::{Error, mrz, states};

/// What may be sent and what is asked of the holder.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// What may be decoded at all.
    pub limits: Limits,
    /// The date of the reader, by which years of two digits are understood and expiry is judged.
    pub today: Date,
    /// The age in full years that the holder must have; `None` if any will do.
    pub least_age_years: Option<u8>,
    /// The longest PDF file that is read, if `limits` allow as much; 0 for none. What a page unfolds to in memory is not bounded
    /// otherwise: up to a thousand times the file.
    pub max_pdf_bytes: usize,
}

/// Reads identity documents. Its methods run on the caller's thread and block it.
pub struct Reader {
    ocr: Ocr,
}

/// An identity document. Never printed whole: it is all personal data.
pub struct Document {
    /// What kind of document it is.
    pub kind: Kind,
    /// How sure that is, 0 to 1.
    pub kind_confidence: f32,
    /// What it says.
    pub fields: Fields,
    /// What speaks against it.
    pub findings: Vec<Finding>,
    /// Its machine readable zone.
    pub mrz: Option<MachineReadableZone>,
    /// Its barcodes.
    pub barcodes: Vec<Barcode>,
    /// The printed lines in reading order.
    pub lines: Vec<PageLine>,
    /// The same lines' outlines in pixels of the upright card.
    pub card_lines: Vec<[Point; 4]>,
    /// Width of the picture in pixels.
    pub width_px: u32,
    /// Height of the picture in pixels.
    pub height_px: u32,
    /// The outline of the card in the picture, in pixels, from the corner at which reading begins.
    pub outline: [Point; 4],
    /// Whether the picture shows the card in a mirror.
    pub mirrored: bool,
    /// The card alone, upright.
    pub card: RgbImage,
    /// Where the time went.
    pub timings: Timings,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Document")
            .field("kind", &self.kind)
            .field("fields", &self.fields.len())
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}

/// A machine readable zone.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MachineReadableZone {
    /// Its lines, corrected.
    pub lines: Vec<String>,
    /// How sure the reader is, 0 to 1.
    pub confidence: f32,
    /// Every check digit.
    pub checks: Vec<mrz::Check>,
    /// What was read and corrected.
    pub corrections: Vec<mrz::Correction>,
}

/// A line of text on the page.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PageLine {
    /// What it says.
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f32,
    /// Its corners in pixels of the picture, in reading direction.
    pub polygon: [Point; 4],
    /// Its words.
    pub words: Vec<Word>,
}

/// A word of a line.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// Its corners in pixels of the picture.
    pub polygon: [Point; 4],
}

/// Time spent in each stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Bytes to pixels.
    pub decode: Duration,
    /// Finding the card, finding and reading text.
    pub text: Duration,
    /// Barcodes and the machine readable zone.
    pub machine: Duration,
    /// What the text means.
    pub fields: Duration,
}

impl Document {
    /// Where a point of the upright card lies in the picture, in pixels.
    #[must_use]
    pub fn in_picture(&self, point: Point) -> Point {
        let (width, height) = (self.card.width() as f32, self.card.height() as f32);
        let projection = Quad(self.outline).projection_to(width, height);
        projection.map_or(point, |projection| {
            let (x, y) = projection.invert() * (point.x, point.y);
            Point::new(x, y)
        })
    }

    /// The name of the US state or Canadian province that issued the document, in capitals, and how sure that is.
    #[must_use]
    pub fn state_name(&self) -> Option<(&'static str, f32)> {
        let issuer = self.fields.get(&Field::Issuer)?;
        let name = states::name(&issuer.reading.text)?;
        Some((name, issuer.reading.confidence))
    }
}

impl Reader {
    /// Loads the models of a resolved pack for as many threads as will call it at the same time.
    pub fn load(resolved: &Resolved, engine: &Engine, concurrency: usize) -> Result<Self, Error> {
        Ok(Self {
            ocr: Ocr::load(resolved, engine, concurrency)?,
        })
    }

    /// Reads the document on a page.
    pub fn read(&self, bytes: &[u8], options: &ReadOptions) -> Result<Document, Error> {
        let begun = Instant::now();
        let page = Page::load_within(bytes, &options.limits, options.max_pdf_bytes)?;
        let decode = begun.elapsed();
        let begun = Instant::now();
        let scans = scan(&self.ocr, &page.image)?;
        let text = begun.elapsed();
        let mut documents = Vec::new();
        for scan in scans {
            let mut document = self.understand(&page, scan, options)?;
            document.timings.decode = decode;
            document.timings.text += text;
            documents.push(document);
        }
        the_only(documents)
    }

    /// Reads a picture of one line of a machine readable zone and nothing else; `None` if it is none.
    pub fn read_mrz_line(&self, bytes: &[u8], limits: &Limits) -> Result<Option<String>, Error> {
        let page = Page::load(bytes, limits)?;
        monospaced::single_line(&self.ocr, &page.image)
    }

    fn understand(&self, page: &Page, scan: Scan, options: &ReadOptions) -> Result<Document, Error> {
        let begun = Instant::now();
        let machine = zones::machine(&self.ocr, page, &scan)?;
        let mut timings = Timings {
            machine: begun.elapsed(),
            ..Timings::default()
        };
        let begun = Instant::now();
        let policy = Policy {
            today: options.today,
            least_age_years: options.least_age_years,
        };
        let meaning = zones::meaning(&self.ocr, &machine, &scan, policy)?;
        timings.fields = begun.elapsed();
        let place = placing::Placing::new(page, &scan.card);
        Ok(Document {
            kind: meaning.kind,
            kind_confidence: meaning.kind_confidence,
            fields: meaning.fields,
            findings: meaning.findings,
            mrz: machine.mrz.map(|found| found.zone),
            barcodes: machine.barcodes,
            lines: place.lines(&scan.texts),
            card_lines: scan.texts.iter().map(|text| text.line.polygon).collect(),
            width_px: page.width_px,
            height_px: page.height_px,
            outline: place.outline(),
            mirrored: scan.mirrored,
            card: scan.card.image,
            timings,
        })
    }
}

/// The document that was meant: the only one that is one, else something that may be.
fn the_only(documents: Vec<Document>) -> Result<Document, Error> {
    let (mut known, unknown): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .partition(|document| document.kind != Kind::Other);
    if known.len() > 1 {
        return Err(Error::SeveralCards { cards: known.len() });
    }
    let says_something =
        |document: &Document| document.lines.len() >= LEAST_LINES || !document.barcodes.is_empty();
    known
        .pop()
        .or_else(|| unknown.into_iter().find(says_something))
        .ok_or(Error::NoDocument)
}

/// Fewer lines are no document: a sign in a landscape.
const LEAST_LINES: usize = 4;
