//! From the pixels of a page to an upright card and the text on it: which part of the page is the card, which way it
//! stands, whether it is seen in a mirror. Does not understand a word of it.

use image::RgbImage;
use selfsame_types::Point;

use crate::Error;
use crate::card::{Card, Region, dominant_angle, outlines};
use crate::ocr::{Ocr, Text};
use crate::quad::Quad;
use crate::text::Line;
use crate::visual::order::reading_order;

/// A card and its text in reading order.
pub(crate) struct Scan {
    pub(crate) card: Card,
    pub(crate) texts: Vec<Text>,
    /// What may be lines, but is hardly read.
    pub(crate) faint: Vec<Text>,
    /// Whether the picture showed the card in a mirror.
    pub(crate) mirrored: bool,
}

/// Lines that are read with less are not text (RapidOCR's `text_score`).
const LEAST_CONFIDENCE: f32 = 0.5;
/// An outline is a card's if it holds so many lines.
const LEAST_LINES: usize = 3;
/// One outline holds this share of the text or more; else it is a box on the card, or something beside it.
const LEAST_SHARE: f32 = 0.75;
/// Of more documents in one picture than this the rest need not be read to say that there are several.
const MOST_CARDS: usize = 3;
/// The page is taken as it is if the text's region covers this share of it and stands nearly straight.
const NEARLY_ALL: f32 = 0.6;
const NEARLY_STRAIGHT_DEGREES: f32 = 2.5;
/// Text that is read this well is not seen in a mirror; mirrored print reads at 0.5 to 0.8.
const SURELY_READ: f32 = 0.85;
/// By so much the mirrored picture must read better.
const CLEARLY_BETTER: f32 = 0.05;

impl Scan {
    /// Mean confidence over characters; 0 without text.
    fn confidence(&self) -> f32 {
        let characters = |text: &Text| text.places.len() as f32;
        let sum: f32 = self
            .texts
            .iter()
            .map(|text| text.line.confidence * characters(text))
            .sum();
        let count: f32 = self.texts.iter().map(characters).sum();
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

/// The cards that a page may show, each with its text; the page itself where no outline of a card is seen. Never empty.
pub(crate) fn scan(ocr: &Ocr, page: &RgbImage) -> Result<Vec<Scan>, Error> {
    let lines = ocr.find(page)?;
    let holding = |outline: &Quad| {
        lines
            .iter()
            .filter(|line| outline.contains(line.centre()))
            .count()
    };
    let mut holders: Vec<(usize, Quad)> = outlines(page)
        .into_iter()
        .filter(|outline| !lines.iter().any(|line| crosses(line, outline)))
        .map(|outline| (holding(&outline), outline))
        .filter(|(held, _)| *held >= LEAST_LINES)
        .collect();
    holders.sort_by_key(|(held, _)| std::cmp::Reverse(*held));
    let held: usize = holders.iter().map(|(held, _)| held).sum();
    if holders.is_empty() || (held as f32) < LEAST_SHARE * lines.len() as f32 {
        return Ok(vec![without_outline(ocr, page, &lines)?]);
    }
    // The outline that nearly all text is in, or all that share it.
    let only = holders[0].0 as f32 >= LEAST_SHARE * lines.len() as f32;
    let cards = holders.iter().take(if only { 1 } else { MOST_CARDS });
    cards
        .filter_map(|(_, outline)| {
            let inside: Vec<Quad> = lines
                .iter()
                .filter(|line| outline.contains(line.centre()))
                .copied()
                .collect();
            Card::cut(page, &along_the_text(outline, dominant_angle(&inside)))
        })
        .map(|card| {
            let lines = ocr.find(&card.image)?;
            read(ocr, card, &lines)
        })
        .collect()
}

/// Whether a line of text runs over an outline: then it is a box on a card, or a shadow, and no card's border.
fn crosses(line: &Quad, outline: &Quad) -> bool {
    /// Detectors' outlines are a little larger than the text.
    const SLACK: f32 = 0.5;
    let slack = SLACK * line.height();
    let core = line.widened(-slack.min(line.width() / 3.0), -slack / 2.0);
    let inside = core.0.iter().filter(|corner| outline.contains(**corner)).count();
    (1..4).contains(&inside)
}

/// The outline begun at the corner from which the text runs along its first side, or against it.
fn along_the_text(outline: &Quad, text_degrees: f32) -> Quad {
    let off = (text_degrees - outline.angle_degrees()).rem_euclid(180.0);
    let [a, b, c, d] = outline.0;
    if (45.0..135.0).contains(&off) {
        Quad([b, c, d, a])
    } else {
        *outline
    }
}

/// The part of the page where text is, or the page, if that is most of it.
fn without_outline(ocr: &Ocr, page: &RgbImage, lines: &[Quad]) -> Result<Scan, Error> {
    let angle = dominant_angle(lines);
    let region = Region::around(lines, angle).map(|region| region.outline);
    let page_area = page.width() as f32 * page.height() as f32;
    let as_it_is =
        |region: &Quad| angle.abs() < NEARLY_STRAIGHT_DEGREES && region.area() >= NEARLY_ALL * page_area;
    let region = region.filter(|region| !as_it_is(region));
    match region.and_then(|region| Card::cut(page, &region)) {
        Some(card) => {
            let lines = ocr.find(&card.image)?;
            read(ocr, card, &lines)
        }
        None => read(ocr, Card::whole(page), lines),
    }
}

/// Turns the card upright and reads its lines; in a mirror, if that reads better.
fn read(ocr: &Ocr, card: Card, lines: &[Quad]) -> Result<Scan, Error> {
    let scan = read_upright(ocr, card, lines)?;
    if scan.texts.is_empty() && lines.is_empty() || scan.confidence() >= SURELY_READ {
        return Ok(scan);
    }
    let mirrored = scan.card.mirrored();
    let lines = ocr.find(&mirrored.image)?;
    let reflection = read_upright(ocr, mirrored, &lines)?;
    let better = reflection.confidence() > scan.confidence() + CLEARLY_BETTER
        && reflection.texts.len() >= scan.texts.len();
    Ok(if better {
        Scan {
            mirrored: true,
            ..reflection
        }
    } else {
        scan
    })
}

fn read_upright(ocr: &Ocr, card: Card, lines: &[Quad]) -> Result<Scan, Error> {
    let (card, lines) = if !lines.is_empty() && ocr.is_upside_down(&card.image, lines)? {
        let (width, height) = (card.image.width() as f32, card.image.height() as f32);
        let turn = |line: &Quad| line.map(|p| Point::new(width - p.x, height - p.y)).turned();
        (card.turned(), lines.iter().map(turn).collect())
    } else {
        (card, lines.to_vec())
    };
    let mut all = Vec::new();
    for line in &lines {
        all.extend(ocr.read(&card.image, line)?);
    }
    let (texts, faint) = all
        .into_iter()
        .partition(|text| text.line.confidence >= LEAST_CONFIDENCE);
    Ok(Scan {
        card,
        texts: in_reading_order(texts),
        faint,
        mirrored: false,
    })
}

/// As a person reads: rows from the top, each from the left.
fn in_reading_order(mut texts: Vec<Text>) -> Vec<Text> {
    let lines: Vec<Line> = texts.iter().map(|text| text.line.clone()).collect();
    let ordered = reading_order(&lines);
    let place = |text: &Text| ordered.iter().position(|line| line.polygon == text.line.polygon);
    texts.sort_by_cached_key(place);
    texts
}
