//! Repair of misread characters, by what may stand in a column and by check digits.
//!
//! A column that takes only letters or only digits decides between the look-alikes of both. Where both are possible, a
//! check digit may decide: of all readings of a field that satisfy it, the cheapest is taken, unless a second one costs
//! about as much. Fields that no check digit of their own protects are repaired by their columns only. A check digit of one
//! decimal accepts a tenth of all wrong readings, so the number of repairs for its sake is bounded.

use serde::{Deserialize, Serialize};

use super::check::{Check, WEIGHTS, Which, value};
use super::layout::{Class, Format, Layout, Protected};
use super::{Error, FILLER, Mrz, at, characters, measure};

/// What replacing a character by its nearest look-alike costs.
const NEAR: u32 = 100;
/// What replacing it by another of its kind costs.
const FAR: u32 = 150;
/// How much a field's repair may cost beyond the cheapest reading that its columns allow: one look-alike. With two, chance
/// finds a reading that satisfies the digit in most fields.
const BUDGET: u32 = 170;
/// By how much the next reading that satisfies a check digit must cost more: more than look-alikes differ among themselves.
const MARGIN: u32 = 60;
/// How many readings of a field are kept for each remainder.
const KEPT: usize = 8;

/// Look-alikes in OCR-B and in the fonts that stand in for it: a digit, its nearest letter, other letters.
const LOOK_ALIKES: [(char, char, &str); 6] = [
    ('0', 'O', "QD"),
    ('1', 'I', "L"),
    ('2', 'Z', ""),
    ('5', 'S', ""),
    ('6', 'G', ""),
    ('8', 'B', ""),
];

/// One character that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The line, from 0.
    pub line: usize,
    /// The column, from 0.
    pub column: usize,
    /// What was read.
    pub read: char,
    /// What it was replaced by.
    pub corrected: char,
}

/// What may be in a place, with what believing it costs, cheapest first. Never empty.
pub(super) type Options = Vec<(char, u32)>;

impl Mrz {
    /// Splits the lines of one zone as [`Mrz::parse`] does, but repairs what columns and check digits allow, and says
    /// what it repaired.
    pub fn correct(lines: &[&str]) -> Result<(Self, Vec<Correction>), Error> {
        let (format, read) = measure(lines)?;
        let options = (0..format.line_count())
            .map(|line| {
                let classes = format.classes(line);
                read[line]
                    .chars()
                    .zip(classes)
                    .map(|(character, class)| textual(character, class))
                    .collect()
            })
            .collect();
        Ok(repair(format, &read, options))
    }
}

/// The look-alikes of a character, with what it costs to believe them instead.
pub(super) fn look_alikes(character: char) -> Vec<(char, u32)> {
    let mut found = Vec::new();
    for (digit, near, far) in LOOK_ALIKES {
        if character == digit {
            found.push((near, NEAR));
            found.extend(far.chars().map(|letter| (letter, FAR)));
        } else if character == near {
            found.push((digit, NEAR));
        } else if far.contains(character) {
            found.push((digit, FAR));
        }
    }
    found
}

/// The options for a character of which nothing but the reader's choice is known.
fn textual(character: char, class: Class) -> Options {
    let mut options: Options = look_alikes(character)
        .into_iter()
        .filter(|(other, _)| class.allows(*other))
        .collect();
    if class.allows(character) || options.is_empty() {
        options.insert(0, (character, 0));
    }
    options
}

/// Takes the cheapest option everywhere, then lets each check digit choose.
///
/// `read` are the characters that corrections are told from.
pub(super) fn repair(format: Format, read: &[String], options: Vec<Vec<Options>>) -> (Mrz, Vec<Correction>) {
    let layout = Layout::of(format);
    let mut lines: Vec<String> = options
        .iter()
        .map(|line| line.iter().map(|cell| cheapest(cell).0).collect())
        .collect();
    let mut zone = Workbench {
        options,
        open: Vec::new(),
    };
    for field in layout.protected(&lines) {
        if field.which != Which::Composite {
            zone.settle(&mut lines, &field);
        }
    }
    // The repair of a number may have moved its check digit, so the fields are asked for again.
    let fields = layout.protected(&lines);
    if let Some((composite, others)) = fields
        .split_last()
        .filter(|(last, _)| last.which == Which::Composite)
    {
        zone.settle_composite(&mut lines, composite, others);
    }
    let corrections = differences(read, &lines);
    (Mrz::split(format, lines), corrections)
}

fn differences(read: &[String], lines: &[String]) -> Vec<Correction> {
    let mut corrections = Vec::new();
    for (line, (before, after)) in read.iter().zip(lines).enumerate() {
        for (column, (read, corrected)) in before.chars().zip(after.chars()).enumerate() {
            if read != corrected {
                corrections.push(Correction {
                    line,
                    column,
                    read,
                    corrected,
                });
            }
        }
    }
    corrections
}

fn cheapest(options: &Options) -> (char, u32) {
    options
        .iter()
        .copied()
        .min_by_key(|(_, cost)| *cost)
        .unwrap_or((FILLER, 0))
}

/// The options of every place, and the fields that their own check digit left open.
struct Workbench {
    options: Vec<Vec<Options>>,
    open: Vec<Open>,
}

/// Readings of a field that satisfy its check digit and cost about the same.
struct Open {
    places: Vec<(usize, usize)>,
    readings: Vec<String>,
}

impl Workbench {
    /// Lets a field's own check digit choose among its readings.
    fn settle(&mut self, lines: &mut [String], field: &Protected) {
        if holds(lines, field) {
            return;
        }
        let cells: Vec<&Options> = field.data.iter().map(|place| self.at(*place)).collect();
        let readings = readings(&cells, self.at(field.digit));
        let places: Vec<_> = field.data.iter().copied().chain([field.digit]).collect();
        let base: u32 = places.iter().map(|place| cheapest(self.at(*place)).1).sum();
        let mut readings: Vec<_> = readings
            .into_iter()
            .filter(|(cost, _)| *cost <= base.saturating_add(BUDGET))
            .collect();
        let Some(best) = readings.first().map(|(cost, _)| *cost) else {
            return;
        };
        readings.retain(|(cost, _)| *cost < best + MARGIN);
        if readings.len() >= KEPT {
            // There may have been more, the right one among them.
            readings.clear();
        }
        match readings.as_slice() {
            [(_, reading)] => put(lines, &places, reading),
            _ => self.open.push(Open {
                places,
                readings: readings.into_iter().map(|(_, text)| text).collect(),
            }),
        }
    }

    /// Lets the composite check digit choose: for the one field that its own digit left open, or for the optional data
    /// that have no other.
    fn settle_composite(&mut self, lines: &mut Vec<String>, composite: &Protected, others: &[Protected]) {
        if let [open] = self.open.as_slice() {
            let mut fitting = open.readings.iter().filter_map(|reading| {
                let mut attempt = lines.clone();
                put(&mut attempt, &open.places, reading);
                holds(&attempt, composite).then_some(attempt)
            });
            if let (Some(only), None) = (fitting.next(), fitting.next()) {
                *lines = only;
            }
            return;
        }
        if !self.open.is_empty() || !others.iter().all(|field| holds(lines, field)) {
            return;
        }
        for (line, column) in others
            .iter()
            .flat_map(|field| field.data.iter().copied().chain([field.digit]))
        {
            let settled = at(lines, (line, column));
            if let Some(cell) = self.options.get_mut(line).and_then(|line| line.get_mut(column)) {
                *cell = vec![(settled, 0)];
            }
        }
        self.settle(lines, composite);
    }

    fn at(&self, (line, column): (usize, usize)) -> &Options {
        const NONE: &Options = &Vec::new();
        self.options
            .get(line)
            .and_then(|line| line.get(column))
            .unwrap_or(NONE)
    }
}

fn holds(lines: &[String], field: &Protected) -> bool {
    Check::new(
        field.which,
        &characters(lines, &field.data),
        at(lines, field.digit),
    )
    .holds
}

fn put(lines: &mut [String], places: &[(usize, usize)], reading: &str) {
    for ((line, column), character) in places.iter().zip(reading.chars()) {
        if let Some(line) = lines.get_mut(*line) {
            *line = line
                .chars()
                .enumerate()
                .map(|(at, old)| if at == *column { character } else { old })
                .collect();
        }
    }
}

/// The cheapest readings of cells whose check digit is among `digit`'s options, cheapest first, the digit appended.
///
/// A walk over the cells that keeps, for each remainder of the weighted sum, the few cheapest ways to reach it: exact, and
/// linear in the cells.
fn readings(cells: &[&Options], digit: &Options) -> Vec<(u32, String)> {
    let mut ways: Vec<Vec<(u32, String)>> = vec![Vec::new(); 10];
    ways[0].push((0, String::new()));
    for (options, weight) in cells.iter().zip(WEIGHTS.into_iter().cycle()) {
        let mut next: Vec<Vec<(u32, String)>> = vec![Vec::new(); 10];
        for (remainder, kept) in ways.iter().enumerate() {
            for (cost, text) in kept {
                for (character, price) in *options {
                    let reached = (remainder + (value(*character) * weight) as usize) % 10;
                    next[reached].push((cost.saturating_add(*price), format!("{text}{character}")));
                }
            }
        }
        for kept in &mut next {
            kept.sort();
            kept.truncate(KEPT);
        }
        ways = next;
    }
    let mut complete: Vec<(u32, String)> = digit
        .iter()
        .filter_map(|(character, price)| Some((character.to_digit(10)? as usize, *character, *price)))
        .flat_map(|(remainder, character, price)| {
            ways[remainder]
                .iter()
                .map(move |(cost, text)| (cost.saturating_add(price), format!("{text}{character}")))
        })
        .collect();
    complete.sort();
    complete
}
