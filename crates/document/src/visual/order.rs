//! The order in which a card is read: rows from top to bottom, and from left to right within a row. It never changes
//! what a line says.

use super::geometry::Frame;
use crate::Line;

/// Lines share a row when they overlap by this part of the lower one's height. Half is what keeps two rows of small
/// print beside one large number apart.
const SAME_ROW: f32 = 0.5;

/// A line with its place.
type Placed<'a> = (Frame, &'a Line);

/// The lines in reading order. Lines that have no place (coordinates that are not finite) come last, as they were.
///
/// A row follows its own slope: each line is compared with the nearest one to its left, so that a card that is turned
/// by a few degrees still falls into its rows.
#[must_use]
pub fn reading_order(lines: &[Line]) -> Vec<Line> {
    let (mut placed, mut lost) = (Vec::new(), Vec::new());
    for line in lines {
        match Frame::of(&line.polygon) {
            Some(frame) => placed.push((frame, line)),
            None => lost.push(line.clone()),
        }
    }
    let mut rows = rows_of(placed);
    let slope = slope_of(&rows);
    // Where the middle of a row would meet the left border.
    let level = |row: &[Placed]| {
        let sum: f32 = row
            .iter()
            .map(|(frame, _)| frame.middle_y() - slope * frame.left)
            .sum();
        sum / row.len().max(1) as f32
    };
    rows.sort_by(|one, other| level(one).total_cmp(&level(other)));
    let mut ordered: Vec<Line> = rows.into_iter().flatten().map(|(_, line)| line.clone()).collect();
    ordered.extend(lost);
    ordered
}

/// The rows, each from left to right.
fn rows_of(mut placed: Vec<Placed<'_>>) -> Vec<Vec<Placed<'_>>> {
    placed.sort_by(|(one, _), (other, _)| one.left.total_cmp(&other.left));
    let mut rows: Vec<Vec<Placed>> = Vec::new();
    for (frame, line) in placed {
        let beside = rows.iter_mut().filter_map(|row| {
            let (last, _) = row.last()?;
            let apart = last.overlap_x(&frame) < 0.5 * last.width().min(frame.width());
            let overlap = last.row_overlap(&frame);
            (apart && overlap >= SAME_ROW).then_some((overlap, row))
        });
        match beside.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
            Some((_, row)) => row.push((frame, line)),
            None => rows.push(vec![(frame, line)]),
        }
    }
    rows
}

/// How far the rows fall per pixel to the right: the median over neighbours.
fn slope_of(rows: &[Vec<Placed>]) -> f32 {
    let mut slopes: Vec<f32> = rows
        .iter()
        .flat_map(|row| row.windows(2))
        .filter_map(|pair| {
            let [(one, _), (other, _)] = pair else { return None };
            let across = other.left - one.left;
            (across > 0.0).then(|| (other.middle_y() - one.middle_y()) / across)
        })
        .collect();
    slopes.sort_by(f32::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visual::testing::{line, line_at};
    use selfsame_types::Point;

    fn texts(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| line.text.clone()).collect()
    }

    #[test]
    fn rows_first_then_left_to_right() {
        let lines = [
            line("d", 200.0, 52.0),
            line("b", 210.0, 8.0),
            line("e", 10.0, 90.0),
            line("a", 10.0, 10.0),
            line("c", 12.0, 49.0),
        ];
        assert_eq!(texts(&reading_order(&lines)), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_slight_skew_keeps_the_rows() {
        // Three columns in two rows, 24 px apart, on a card that is turned by 2 degrees: the right end of the first
        // row is lower than the left end of the second one.
        let mut lines = Vec::new();
        for row in 0_u8..2 {
            for column in 0_u8..9 {
                let x = 20.0 + 90.0 * f32::from(column);
                let y = 40.0 + 24.0 * f32::from(row) + x * 0.035;
                lines.push(line_at(&format!("{row}{column}"), x, y, 70.0, 18.0));
            }
        }
        lines.reverse();
        let names: Vec<String> = texts(&reading_order(&lines));
        let wanted: Vec<String> = (0..2)
            .flat_map(|row| (0..9).map(move |column| format!("{row}{column}")))
            .collect();
        assert_eq!(names, wanted);
    }

    #[test]
    fn a_line_without_a_place_is_kept_last() {
        let mut lost = line("lost", 0.0, 0.0);
        lost.polygon[2] = Point::new(f32::NAN, 3.0);
        assert_eq!(texts(&reading_order(&[lost, line("a", 0.0, 0.0)])), ["a", "lost"]);
    }
}
