//! Reads the lines of a machine readable zone from a model's probabilities, as the monospaced print that they are.
//!
//! A model trained with CTC (connectionist temporal classification) gives, for each step along a line, the probabilities
//! of all characters and of *blank*. The usual decoding takes the best of every step and merges repetitions: it loses
//! fillers of a run and may find any number of characters. Here the number is known, 30, 36 or 44, and so is that they
//! stand at one pitch. A dynamic programme puts exactly so many cells on the steps, at nearly equal distances, each on a
//! character that its column allows, so that little of what the model saw is left over between them. A cell in which the
//! model saw nothing is a filler.
//!
//! # What to feed it
//!
//! Measured with the recognition model of PP-OCRv4 (input 3×48×W, a step per 8 pixels). It leaves characters out when they
//! are narrow (fewer than four steps each) or low (less than about 0.6 of the crop's height):
//!
//! * Extend the lines of one zone to common left and right borders; detectors cut runs of fillers.
//! * Widen each line by half of its height on the left and on the right, and not at all above and below: the detector's
//!   boxes have margin enough, the characters fill 0.7 of them.
//! * Warp it to 48 rows and `W = 8 · S · N` columns times widened by original width, where `N` is 30 for three lines and
//!   44 for two, and `S` is [`STEPS_PER_CELL`]; bicubic, border replicated. The aspect is *not* kept.
//! * Where a check digit fails, a second crop widened by 0.3 above and below at five steps per cell reads some of the
//!   smallest prints better: see [`best`].
//! * Never ask the model that turns upside-down lines: it takes runs of fillers for upside-down text.
//! * Sum the probabilities that mean one class: see [`class`].

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::correct::{Correction, Options, look_alikes, repair};
use super::layout::{Class, Format, Layout};
use super::{FILLER, Mrz};
use crate::{Field, Reading};

/// Blank, the letters, the digits, the filler.
pub const CLASSES: usize = 38;

/// How many steps of the model a character should take, for the crops.
pub const STEPS_PER_CELL: f32 = 4.5;

/// The characters of the classes from 1 on; class 0 is blank.
const CHARACTERS: &[u8; CLASSES - 1] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";

/// What a cell is worth in which the model saw no filler, beside one that it saw and elsewhere: only repetitions are
/// merged, so that a filler is not lost alone. And what any other character is worth that it saw no trace of.
const FILLER_FLOOR_BESIDE_FILLER: f32 = 0.02;
const FILLER_FLOOR: f32 = 1e-3;
const CHARACTER_FLOOR: f32 = 1e-4;
/// The least probability of blank that is believed: more would let one stray step outweigh a whole cell.
const BLANK_FLOOR: f32 = 1e-3;
/// How far the distance of two cells may be from the pitch, in pitches, at one standard deviation.
const JITTER: f32 = 0.2;
/// What the probability of a character is worth that its column does not allow: what was seen clearly is not replaced by
/// a filler.
const FORBIDDEN: f32 = 0.05;
/// How many steps away a filler is beside a cell.
const BESIDE: usize = 8;
/// The share of a line's steps that its cells may take: from a crop with wide margins to one cut to the characters.
const COVERAGE: std::ops::RangeInclusive<u8> = 78..=102;
/// What a check digit that holds or fails says for or against a format, in nats: one of ten holds by chance.
const CHECK_EVIDENCE: f32 = 2.3;

/// Costs of [`super::correct`] per nat of probability, the most that a look-alike costs, and what an option costs to be
/// considered at all.
const COST_PER_NAT: f32 = 100.0;
const LOOK_ALIKE_COST: f32 = 150.0;
const MAX_COST: f32 = 600.0;

/// The probabilities of one line: for each step along it blank, `A` to `Z`, `0` to `9`, the filler, each 0 to 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Posteriors {
    /// The steps from left to right.
    pub steps: Vec<[f32; CLASSES]>,
}

/// The class that a character of a model's character set counts for: lower case counts as upper case, and what readers
/// make of the filler as the filler. The probabilities of characters without a class are left out.
#[must_use]
pub fn class(character: char) -> Option<usize> {
    let character = match character {
        '<' | '«' | '‹' | '《' | '〈' | '＜' | 'く' | '≤' => FILLER,
        other => other.to_ascii_uppercase(),
    };
    let index = CHARACTERS
        .iter()
        .position(|known| char::from(*known) == character)?;
    Some(index + 1)
}

/// One character of a decoded line.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What it is.
    pub character: char,
    /// Its probability in its step, among the characters that its column allows.
    pub probability: f32,
    /// The step at its centre.
    pub step: usize,
    /// Other characters that its column allows, with what believing them costs.
    options: Options,
}

/// A decoded line.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Its characters.
    pub cells: Vec<Cell>,
    /// The logarithm of how well the cells explain the steps: comparable among readings of the same steps only.
    pub score: f32,
}

impl Decoded {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.character).collect()
    }

    /// The mean probability of its characters.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        self.cells.iter().map(|cell| cell.probability).sum::<f32>() / self.cells.len().max(1) as f32
    }
}

/// A decoded zone.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedZone {
    /// The format that explains the lines best.
    pub format: Format,
    /// Its lines as the model saw them.
    pub lines: Vec<Decoded>,
    /// Its fields after the repairs that the check digits allow.
    pub mrz: Mrz,
    /// Those repairs.
    pub corrections: Vec<Correction>,
}

/// Decodes the lines of one zone and splits them, with the repairs that check digits allow among what the model held
/// possible. Nothing if there are not two or three lines, or if a line has fewer steps than characters.
#[must_use]
pub fn zone(lines: &[Posteriors]) -> Option<DecodedZone> {
    Format::ALL
        .into_iter()
        .filter(|format| format.line_count() == lines.len())
        .filter_map(|format| {
            let decoded: Vec<Decoded> = lines
                .iter()
                .enumerate()
                .map(|(index, steps)| line(steps, &format.classes(index)))
                .collect::<Option<_>>()?;
            // A visa says so in its first letter, and nothing else does.
            let visa = decoded.first()?.cells.first()?.character == 'V';
            if lines.len() == 2 && visa != format.is_visa() {
                return None;
            }
            let (mrz, corrections) = correct(format, &decoded);
            let score = decoded.iter().map(|line| line.score).sum::<f32>() + evidence(&mrz);
            Some((
                score,
                DecodedZone {
                    format,
                    lines: decoded,
                    mrz,
                    corrections,
                },
            ))
        })
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, zone)| zone)
}

/// The best of several attempts at one zone, for instance from crops of different heights: the one with the fewest check
/// digits that fail, then the fewest repairs, then the most probable characters.
#[must_use]
pub fn best(attempts: impl IntoIterator<Item = DecodedZone>) -> Option<DecodedZone> {
    attempts.into_iter().min_by(|one, other| {
        let failing = |zone: &DecodedZone| zone.mrz.checks.iter().filter(|check| !check.holds).count();
        (failing(one), one.corrections.len())
            .cmp(&(failing(other), other.corrections.len()))
            .then_with(|| other.confidence().total_cmp(&one.confidence()))
    })
}

impl DecodedZone {
    /// The mean probability of the zone's characters.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        self.lines.iter().map(Decoded::confidence).sum::<f32>() / self.lines.len().max(1) as f32
    }

    /// The fields as [`Mrz::readings`] has them, those without a check digit no surer than the mean of their characters.
    #[must_use]
    pub fn readings(&self, today: Date) -> BTreeMap<Field, Reading> {
        let layout = Layout::of(self.format);
        let mut readings = self.mrz.readings(today);
        for (field, slot) in [
            (Field::LastName, &layout.names),
            (Field::FirstName, &layout.names),
            (Field::MiddleName, &layout.names),
            (Field::Nationality, &layout.nationality),
            (Field::Issuer, &layout.issuer),
            (Field::Sex, &layout.sex),
        ] {
            let cells = self
                .lines
                .get(slot.line)
                .and_then(|line| line.cells.get(slot.columns.clone()));
            if let (Some(reading), Some(cells)) = (readings.get_mut(&field), cells) {
                let mean = cells.iter().map(|cell| cell.probability).sum::<f32>() / cells.len().max(1) as f32;
                reading.confidence = reading.confidence.min(mean);
            }
        }
        readings
    }
}

/// Decodes one line of an unknown place in an unknown format with so many characters, the one that its columns fit best.
/// Check digits are left alone: most protect characters on other lines too.
#[must_use]
pub fn single(posteriors: &Posteriors, characters: usize) -> Option<Decoded> {
    Format::ALL
        .into_iter()
        .filter(|format| format.width() == characters)
        .flat_map(|format| (0..format.line_count()).map(move |index| (format, index)))
        .filter_map(|(format, index)| line(posteriors, &format.classes(index)))
        .max_by(|one, other| one.score.total_cmp(&other.score))
}

fn correct(format: Format, lines: &[Decoded]) -> (Mrz, Vec<Correction>) {
    let read: Vec<String> = lines.iter().map(Decoded::text).collect();
    let mut options: Vec<Vec<Options>> = lines
        .iter()
        .map(|line| line.cells.iter().map(|cell| cell.options.clone()).collect())
        .collect();
    let names = Layout::of(format).names;
    if let Some(tail) = tail(names.of(&read)) {
        let cells = options
            .get_mut(names.line)
            .and_then(|line| line.get_mut(names.columns));
        for cell in cells.into_iter().flatten().skip(tail) {
            *cell = vec![(FILLER, 0)];
        }
    }
    repair(format, &read, options)
}

/// Where the fillers after the names begin: three in a row stand nowhere else (part 3, section 4.6). Faint ones are read
/// as `K`, `S` or `C`; but where most of what follows is letters, some letters before them were not read.
fn tail(names: &str) -> Option<usize> {
    let start = names.find("<<<")?;
    let rest = &names[start..];
    let fillers = rest.chars().filter(|character| *character == FILLER).count();
    (fillers * 2 > rest.len()).then_some(start)
}

/// What the check digits say for the format.
fn evidence(mrz: &Mrz) -> f32 {
    mrz.checks
        .iter()
        .map(|check| {
            if check.holds {
                CHECK_EVIDENCE
            } else {
                -CHECK_EVIDENCE
            }
        })
        .sum()
}

/// Decodes one line with as many cells as there are classes, each holding what its class allows. Nothing if there are
/// fewer steps than cells or none.
#[must_use]
pub fn line(posteriors: &Posteriors, classes: &[Class]) -> Option<Decoded> {
    let steps = posteriors.steps.len();
    if classes.is_empty() || steps < classes.len() {
        return None;
    }
    let grid = Grid::new(posteriors, classes);
    let pitch = |percent: u8| steps as f32 * f32::from(percent) / 100.0 / classes.len() as f32;
    let (score, places) = COVERAGE
        .step_by(3)
        .filter_map(|percent| grid.place(pitch(percent)))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    let cells = places
        .into_iter()
        .zip(classes)
        .map(|(step, class)| cell(&posteriors.steps[step], step, *class, grid.fillers[step]))
        .collect();
    Some(Decoded { cells, score })
}

/// What each character is worth in a step of a column: its probability, where the column does not allow it a little of
/// that, the rest going to those look-alikes that it allows.
fn worths(step: &[f32; CLASSES], class: Class, filler: f32) -> [f32; CLASSES - 1] {
    let mut worths = [CHARACTER_FLOOR; CLASSES - 1];
    worths[CLASSES - 2] = filler;
    for (character, probability) in CHARACTERS.iter().map(|byte| char::from(*byte)).zip(&step[1..]) {
        let seen = probability.clamp(0.0, 1.0);
        if class.allows(character) {
            worths[place(character)] += seen;
            continue;
        }
        worths[place(character)] = CHARACTER_FLOOR * FORBIDDEN + seen * FORBIDDEN;
        for (other, cost) in look_alikes(character) {
            if class.allows(other) {
                worths[place(other)] += seen * (-(cost as f32) / COST_PER_NAT).exp();
            }
        }
    }
    worths
}

/// The index of a character in the alphabet.
fn place(character: char) -> usize {
    match character {
        'A'..='Z' => character as usize - 'A' as usize,
        '0'..='9' => character as usize - '0' as usize + 26,
        _ => CLASSES - 2,
    }
}

/// What a filler is worth at least in each step.
fn filler_floors(steps: &[[f32; CLASSES]]) -> Vec<f32> {
    (0..steps.len())
        .map(|at| {
            let beside = &steps[at.saturating_sub(BESIDE)..(at + BESIDE + 1).min(steps.len())];
            let seen = beside
                .iter()
                .map(|step| step[CLASSES - 1].clamp(0.0, 1.0))
                .fold(0.0, f32::max);
            (seen * FILLER_FLOOR_BESIDE_FILLER).max(FILLER_FLOOR)
        })
        .collect()
}

fn cell(step: &[f32; CLASSES], at: usize, class: Class, filler: f32) -> Cell {
    let seen = CHARACTERS
        .iter()
        .map(|byte| char::from(*byte))
        .zip(worths(step, class, filler));
    let seen: Vec<(char, f32)> = seen.collect();
    let total: f32 = seen.iter().map(|(_, worth)| worth).sum();
    let (character, best) = seen
        .iter()
        .copied()
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .unwrap_or((FILLER, 1.0));
    let alike = look_alikes(character);
    let mut options: Options = seen
        .into_iter()
        .map(|(other, probability)| {
            let nats = (best / probability).ln() * COST_PER_NAT;
            let is_alike = other != character && alike.iter().any(|(look_alike, _)| *look_alike == other);
            // A look-alike that the model thinks little of still costs a little more than one that it considered.
            (
                other,
                if is_alike {
                    nats.min(LOOK_ALIKE_COST + nats / 20.0)
                } else {
                    nats
                },
            )
        })
        .filter(|(_, cost)| *cost <= MAX_COST)
        .map(|(other, cost)| (other, cost.max(0.0) as u32))
        .collect();
    options.sort_by_key(|(_, cost)| *cost);
    Cell {
        character,
        probability: best / total.max(f32::MIN_POSITIVE),
        step: at,
        options,
    }
}

/// What cells are worth on the steps of a line.
struct Grid {
    /// What a filler is worth at least, per step.
    fillers: Vec<f32>,
    /// For each cell the index into `worth`.
    kinds: Vec<usize>,
    /// For each class that occurs, the logarithm of the best allowed character's probability per step.
    worth: Vec<Vec<f32>>,
    /// `left_over[i]` is the logarithm of blank, summed over the steps before `i`.
    left_over: Vec<f32>,
}

impl Grid {
    fn new(posteriors: &Posteriors, classes: &[Class]) -> Self {
        let mut distinct: Vec<Class> = Vec::new();
        let mut kinds = Vec::with_capacity(classes.len());
        for class in classes {
            let known = distinct.iter().position(|other| other == class);
            kinds.push(known.unwrap_or(distinct.len()));
            if known.is_none() {
                distinct.push(*class);
            }
        }
        let fillers = filler_floors(&posteriors.steps);
        let worth = distinct
            .into_iter()
            .map(|class| {
                let best = |(step, filler): (&[f32; CLASSES], &f32)| {
                    worths(step, class, *filler)
                        .into_iter()
                        .fold(f32::MIN_POSITIVE, f32::max)
                        .ln()
                };
                posteriors.steps.iter().zip(&fillers).map(best).collect()
            })
            .collect();
        let mut left_over = vec![0.0];
        let mut sum = 0.0;
        for step in &posteriors.steps {
            sum += step[0].clamp(BLANK_FLOOR, 1.0).ln();
            left_over.push(sum);
        }
        Self {
            fillers,
            kinds,
            worth,
            left_over,
        }
    }

    fn steps(&self) -> usize {
        self.left_over.len() - 1
    }

    /// What leaving the steps from `from` to before `to` to no cell is worth.
    fn skipped(&self, from: usize, to: usize) -> f32 {
        if from < to {
            self.left_over[to] - self.left_over[from]
        } else {
            0.0
        }
    }

    /// The best places of the cells at one pitch, with their score.
    fn place(&self, pitch: f32) -> Option<(f32, Vec<usize>)> {
        let steps = self.steps();
        let reach = ((pitch * 0.5).floor().max(1.0) as usize)..=((pitch * 1.5).ceil() as usize);
        let mut scores: Vec<f32> = (0..steps)
            .map(|step| self.worth[self.kinds[0]][step] + self.skipped(0, step.saturating_sub(1)))
            .collect();
        let mut origins: Vec<Vec<usize>> = Vec::with_capacity(self.kinds.len());
        for kind in &self.kinds[1..] {
            let mut next = vec![f32::NEG_INFINITY; steps];
            let mut origin = vec![0; steps];
            for step in 0..steps {
                for distance in reach.clone() {
                    let Some(from) = step.checked_sub(distance) else {
                        break;
                    };
                    let stretch = (distance as f32 / pitch - 1.0) / JITTER;
                    let score = scores[from] - stretch * stretch / 2.0
                        + self.skipped(from + 2, step.saturating_sub(1));
                    if score > next[step] {
                        next[step] = score;
                        origin[step] = from;
                    }
                }
                next[step] += self.worth[*kind][step];
            }
            scores = next;
            origins.push(origin);
        }
        let (mut step, score) = scores
            .iter()
            .enumerate()
            .map(|(step, score)| (step, score + self.skipped((step + 2).min(steps), steps)))
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
            .filter(|(_, score)| score.is_finite())?;
        let mut places = vec![step];
        for origin in origins.iter().rev() {
            step = origin[step];
            places.push(step);
        }
        places.reverse();
        Some((score, places))
    }
}

#[cfg(test)]
mod tests;
