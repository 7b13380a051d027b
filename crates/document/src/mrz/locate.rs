//! Finds a zone among the lines that a general reader of text has found.
//!
//! Such a reader does badly on zones: it merges fillers, takes them for other characters, or turns a line of them upside
//! down. So one line that looks like a zone's is enough, and its neighbours of the same length count as well.

use selfsame_types::Point;

use super::layout::Class;
use crate::Line;

/// The least share of a line's characters that must be in the alphabet.
const IN_ALPHABET: f32 = 0.9;
/// The fewest characters of a zone's line that readers leave over.
const FEWEST: usize = 20;
/// What the mark of a third line must be, unless it ends with the others within a fiftieth of their length.
const THIRD: f32 = 0.3;
const ENDS: f32 = 0.02;
/// By how much the lengths of neighbours may differ, and their directions in radians.
const LENGTHS: f32 = 0.15;
const DIRECTIONS: f32 = 0.06;
/// The largest distance of the middles of neighbours, in heights of a line; they are printed at two to two and a half.
const SPACING: f32 = 4.0;
/// The least length of a line in its heights; the widest print of thirty characters has about twenty.
const SLENDER: f32 = 12.0;

/// The lines of a zone within the lines that were searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The lines' places among those that were searched, from the top of the zone.
    pub lines: Vec<usize>,
    /// Their corners, extended to common left and right borders: what to read again. Top left, top right, bottom right,
    /// bottom left in reading direction.
    pub polygons: Vec<[Point; 4]>,
}

/// What text of a general reader says in the alphabet of zones: upper case, with the fillers that readers take for
/// quotation marks; white space is left out. Other characters stay, for [`super::Mrz::parse`] to name them.
#[must_use]
pub fn normalise(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        match character {
            '«' | '《' | '≪' => normal.push_str("<<"),
            '‹' | '〈' | '＜' | 'く' | '≤' | 'ㄑ' => normal.push('<'),
            other => normal.push(other.to_ascii_uppercase()),
        }
    }
    normal
}

/// Finds the zone among lines, the one with most that speaks for it. Nothing if there is none of two or three lines.
#[must_use]
pub fn locate(lines: &[Line]) -> Option<Zone> {
    let boxes: Vec<Box> = lines.iter().map(|line| Box::of(&line.polygon)).collect();
    let marks: Vec<f32> = lines
        .iter()
        .zip(&boxes)
        .map(|(line, shape)| mark(&line.text, shape))
        .collect();
    let mut seeds: Vec<usize> = (0..lines.len()).filter(|index| marks[*index] >= 1.0).collect();
    seeds.sort_by(|one, other| marks[*other].total_cmp(&marks[*one]));
    seeds
        .into_iter()
        .find_map(|seed| gather(seed, &boxes, &marks))
        .map(|chosen| {
            let shapes: Vec<&Box> = chosen.iter().map(|index| &boxes[*index]).collect();
            let polygons = aligned(&shapes);
            Zone {
                lines: chosen,
                polygons,
            }
        })
}

/// How much a line's text looks like a zone's: at least 1 for one that can only be one.
fn mark(text: &str, shape: &Box) -> f32 {
    let text = normalise(text);
    let count = text.chars().count();
    if count < FEWEST || shape.length < SLENDER * shape.height {
        return 0.0;
    }
    let inside = text
        .chars()
        .filter(|c| Class::Any.allows(*c) || *c == '>')
        .count();
    if (inside as f32) < IN_ALPHABET * count as f32 {
        return 0.0;
    }
    // Upside down, fillers are `>`.
    let fillers = text.chars().filter(|c| matches!(c, '<' | '>')).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    fillers as f32 / 3.0
        + if digits * 3 > count && count >= 28 {
            0.7
        } else {
            0.0
        }
}

/// The seed and those of its neighbours that belong to its zone, from the top; nothing if there is none.
fn gather(seed: usize, boxes: &[Box], marks: &[f32]) -> Option<Vec<usize>> {
    let first = &boxes[seed];
    let mut zone: Vec<(f32, usize)> = vec![(0.0, seed)];
    let mut candidates: Vec<(f32, usize)> = (0..boxes.len())
        .filter(|index| *index != seed && first.is_like(&boxes[*index]))
        .map(|index| (first.below(&boxes[index]), index))
        .collect();
    candidates.sort_by(|(one, _), (other, _)| one.abs().total_cmp(&other.abs()));
    for (below, index) in candidates {
        let near = zone
            .iter()
            .any(|(at, _)| (at - below).abs() < SPACING * first.height);
        let apart = zone.iter().all(|(at, _)| (at - below).abs() > 0.5 * first.height);
        if near && apart {
            zone.push((below, index));
        }
    }
    zone.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    while zone.len() > 3 {
        // A printed line of the same length above or below looks least like a zone's.
        let last = zone.len() - 1;
        let weaker = if marks[zone[0].1] < marks[zone[last].1] {
            0
        } else {
            last
        };
        zone.remove(weaker);
    }
    // Most zones have two lines: a third one has to look like a zone's, or to end where the seed ends.
    let stranger = |(_, index): &(f32, usize)| marks[*index] < THIRD && !first.ends_with(&boxes[*index]);
    if zone.len() == 3
        && let Some(place) = zone.iter().position(stranger)
    {
        zone.remove(place);
    }
    (zone.len() >= 2).then(|| zone.into_iter().map(|(_, index)| index).collect())
}

/// A line's polygon as a box: its middle, its direction, its sizes.
struct Box {
    middle: Point,
    /// Unit vector in reading direction.
    along: Point,
    length: f32,
    height: f32,
}

impl Box {
    fn of(polygon: &[Point; 4]) -> Self {
        let [top_left, top_right, bottom_right, bottom_left] = *polygon;
        let left = top_left.midpoint(bottom_left);
        let right = top_right.midpoint(bottom_right);
        let length = left.distance(right).max(f32::EPSILON);
        let along = Point::new((right.x - left.x) / length, (right.y - left.y) / length);
        let height = top_left
            .midpoint(top_right)
            .distance(bottom_left.midpoint(bottom_right));
        Self {
            middle: left.midpoint(right),
            along,
            length,
            height,
        }
    }

    /// How far `other`'s middle lies below this one, across the reading direction.
    fn below(&self, other: &Self) -> f32 {
        (other.middle.y - self.middle.y) * self.along.x - (other.middle.x - self.middle.x) * self.along.y
    }

    /// Whether both may be lines of one zone: of one direction, one above the other, and of one length, or one within
    /// the other's length where a detector has cut off fillers.
    fn is_like(&self, other: &Self) -> bool {
        let turn = self.along.x * other.along.y - self.along.y * other.along.x;
        let same_way = self.along.x * other.along.x + self.along.y * other.along.y > 0.0;
        let (start, end) = self.span(other);
        let tolerance = LENGTHS * self.length;
        let half = self.length / 2.0;
        let left_agrees = (start + half).abs() < tolerance;
        let right_agrees = (end - half).abs() < tolerance;
        let long_enough = other.length > self.length / 2.0 && other.length < self.length * 2.0;
        let one_height = other.height > self.height * 0.6 && other.height < self.height * 1.7;
        let near = self.below(other).abs() < 2.0 * SPACING * self.height;
        turn.abs() < DIRECTIONS
            && same_way
            && left_agrees
            && (right_agrees || long_enough)
            && one_height
            && near
    }

    /// Whether `other` starts and ends where this one does.
    fn ends_with(&self, other: &Self) -> bool {
        let (start, end) = self.span(other);
        let half = self.length / 2.0;
        (start + half).abs() < ENDS * self.length && (end - half).abs() < ENDS * self.length
    }

    /// Where `other` starts and ends along this one, from its middle.
    fn span(&self, other: &Self) -> (f32, f32) {
        let offset =
            (other.middle.x - self.middle.x) * self.along.x + (other.middle.y - self.middle.y) * self.along.y;
        (offset - other.length / 2.0, offset + other.length / 2.0)
    }
}

/// The boxes as polygons with common left and right borders.
fn aligned(boxes: &[&Box]) -> Vec<[Point; 4]> {
    let Some(first) = boxes.first() else {
        return Vec::new();
    };
    let (start, end) = boxes
        .iter()
        .map(|shape| first.span(shape))
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(start, end), span| {
            (start.min(span.0), end.max(span.1))
        });
    boxes
        .iter()
        .map(|shape| {
            let middle = first.span(shape).0 + shape.length / 2.0;
            let at = |along: f32, across: f32| {
                let (x, y) = (shape.along.x, shape.along.y);
                Point::new(
                    shape.middle.x + (along - middle) * x - across * y,
                    shape.middle.y + (along - middle) * y + across * x,
                )
            };
            let half = shape.height / 2.0;
            [at(start, -half), at(end, -half), at(end, half), at(start, half)]
        })
        .collect()
}
