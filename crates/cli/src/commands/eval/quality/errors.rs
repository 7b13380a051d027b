//! What a set of faces costs when it is compared: with good photos of the same people, and among each other.

use selfsame_evaluation::people::{Draws, Rate, Tally};
use selfsame_face::Analyzer;
use selfsame_types::{Similarity, Template};
use serde::Serialize;

use super::Faces;
use super::sample::Seen;

/// A face with the photo that shows it and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) photo: usize,
    pub(super) person: usize,
    pub(super) seen: &'a Seen,
}

/// Intervals are of 95 %, by drawing people; a rate is `None` without trials.
#[derive(Serialize)]
pub(super) struct Errors {
    faces: usize,
    people: usize,
    /// Of the pairs with another, unspoilt photo of the same person that match at similarity 80 while both are
    /// unspoilt: those that no longer do.
    pub(super) lost_at_80: Option<Rate>,
    pub(super) fnmr_at_80: Option<Rate>,
    pub(super) fnmr_at_95: Option<Rate>,
    /// Of the pairs of faces of two people, both in this set: those that match at similarity 80, which promises 1 in 100.
    pub(super) fmr_at_80: Option<Rate>,
}

/// Cosines behind similarities 80 and 95.
#[derive(Clone, Copy)]
pub(super) struct Thresholds {
    at_80: f32,
    at_95: f32,
}

impl Thresholds {
    pub(super) fn new(analyzer: &Analyzer) -> Self {
        let cosine = |similarity| analyzer.calibration().cosine(Similarity::new(similarity));
        Self {
            at_80: cosine(80.0),
            at_95: cosine(95.0),
        }
    }
}

impl Errors {
    pub(super) fn new(set: &[Of<'_>], faces: &Faces, draws: &Draws) -> Self {
        let mut people: Vec<usize> = set.iter().map(|of| of.person).collect();
        people.sort_unstable();
        people.dedup();
        let mut tallies = Tallies::default();
        for of in set {
            tallies.compare(*of, faces);
        }
        Self {
            faces: set.len(),
            people: people.len(),
            lost_at_80: tallies.lost.rate(draws),
            fnmr_at_80: tallies.missed_at_80.rate(draws),
            fnmr_at_95: tallies.missed_at_95.rate(draws),
            fmr_at_80: among(set, faces.thresholds).rate(draws),
        }
    }

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            self.faces.to_string(),
            self.people.to_string(),
            cell(self.lost_at_80),
            cell(self.fnmr_at_80),
            cell(self.fnmr_at_95),
            cell(self.fmr_at_80),
        ]
    }

    pub(super) const TITLES: [&'static str; 6] = [
        "faces",
        "people",
        "lost at 80, %",
        "FNMR at 80, %",
        "FNMR at 95, %",
        "FMR at 80 among each other, %",
    ];
}

/// A rate in percent with its interval.
pub(super) fn cell(rate: Option<Rate>) -> String {
    match rate {
        None => "-".to_owned(),
        Some(Rate {
            rate, interval: None, ..
        }) => format!("{:.1}", 100.0 * rate),
        Some(Rate {
            rate,
            interval: Some(interval),
            ..
        }) => format!(
            "{:.1} ({:.1} to {:.1})",
            100.0 * rate,
            100.0 * interval.low,
            100.0 * interval.high
        ),
    }
}

#[derive(Default)]
struct Tallies {
    lost: Tally,
    missed_at_80: Tally,
    missed_at_95: Tally,
}

impl Tallies {
    /// Compares a face with the other unspoilt photos of its person.
    fn compare(&mut self, of: Of<'_>, faces: &Faces) {
        let Thresholds { at_80, at_95 } = faces.thresholds;
        let unspoilt = faces.unspoilt(of.photo);
        for other in faces.photos_of(of.person).filter(|other| *other != of.photo) {
            let Some(other) = faces.unspoilt(other) else {
                continue;
            };
            let cosine = cosine(&of.seen.template, &other.template);
            self.missed_at_80.add(of.person, cosine < at_80);
            self.missed_at_95.add(of.person, cosine < at_95);
            let before = unspoilt.map(|seen| self::cosine(&seen.template, &other.template));
            if before.is_some_and(|before| before >= at_80) {
                self.lost.add(of.person, cosine < at_80);
            }
        }
    }
}

/// What one face costs, compared with all unspoilt photos of the others.
#[derive(Default, Serialize)]
pub(super) struct SampleCounts {
    /// Pairs with another, unspoilt photo of the same person.
    genuine: u32,
    missed_at_80: u32,
    missed_at_95: u32,
    /// Of those pairs: that match at 80 while both are unspoilt, and those that no longer do.
    held: u32,
    lost: u32,
    /// Pairs with an unspoilt photo of somebody else.
    impostor: u32,
    matched_at_80: u32,
}

impl SampleCounts {
    pub(super) fn of(of: Of<'_>, faces: &Faces) -> Self {
        let Thresholds { at_80, at_95 } = faces.thresholds;
        let unspoilt = faces.unspoilt(of.photo);
        let mut counts = Self::default();
        for (photo, other) in faces.photos.iter().enumerate() {
            let Some(seen) = faces.unspoilt(photo).filter(|_| photo != of.photo) else {
                continue;
            };
            let score = cosine(&of.seen.template, &seen.template);
            if other.person != of.person {
                counts.impostor += 1;
                counts.matched_at_80 += u32::from(score >= at_80);
                continue;
            }
            counts.genuine += 1;
            counts.missed_at_80 += u32::from(score < at_80);
            counts.missed_at_95 += u32::from(score < at_95);
            if unspoilt.is_some_and(|own| cosine(&own.template, &seen.template) >= at_80) {
                counts.held += 1;
                counts.lost += u32::from(score < at_80);
            }
        }
        counts
    }
}

fn among(set: &[Of<'_>], thresholds: Thresholds) -> Tally {
    let mut tally = Tally::default();
    for (position, a) in set.iter().enumerate() {
        for b in set[position + 1..].iter().filter(|b| b.person != a.person) {
            let matches = cosine(&a.seen.template, &b.seen.template) >= thresholds.at_80;
            tally.add_pair(a.person, b.person, matches);
        }
    }
    tally
}

/// All templates are of one analyzer, so every two can be compared.
fn cosine(a: &Template, b: &Template) -> f32 {
    a.cosine(b).unwrap_or(-1.0)
}
