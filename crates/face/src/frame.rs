//! How much of a face the photo's border cuts off. A box cannot say it: detectors draw it around what is seen.

use std::ops::RangeInclusive;

use selfsame_types::{Landmarks, Point};
use selfsame_vision::Similarity2D;

use crate::parameters::AlignmentKind;

/// Where a face lies in the 112-pixel ArcFace alignment: from ear to ear, and from the hairline to the chin. The eyes
/// are at 52 there and the mouth at 92; the chin follows 0.58 of that distance below the mouth and the hairline 0.9 above the
/// eyes (facial thirds: Farkas, *Anthropometry of the Head and Face*, 1994).
const COLUMNS: RangeInclusive<u32> = 12..=100;
const ROWS: RangeInclusive<u32> = 16..=115;
/// Distance of the points that are looked at: a thousand of them, so that a percent is ten.
const STEP: usize = 3;

/// Percent of a face, 0–100, that lies outside of an image of this size; both in the same pixels. 0 where the points
/// coincide, so that nothing follows from them.
#[must_use]
pub fn cut_off_percent(landmarks: &Landmarks, width_px: u32, height_px: u32) -> f32 {
    let targets = AlignmentKind::ArcFace.targets(112);
    let Ok(place) = Similarity2D::estimate(&targets, &landmarks.points()) else {
        return 0.0;
    };
    let (width, height) = (width_px as f32, height_px as f32);
    let (mut all, mut outside) = (0_u32, 0_u32);
    for y in ROWS.step_by(STEP) {
        for x in COLUMNS.step_by(STEP) {
            let point = place.apply(Point::new(x as f32, y as f32));
            all += 1;
            if !(0.0..width).contains(&point.x) || !(0.0..height).contains(&point.y) {
                outside += 1;
            }
        }
    }
    100.0 * outside as f32 / all as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A face in the middle of 336 × 336 pixels, moved.
    fn cut_off(right: f32, down: f32) -> f32 {
        let points = AlignmentKind::ArcFace
            .targets(112)
            .map(|p| Point::new(p.x + 112.0 + right, p.y + 112.0 + down));
        cut_off_percent(&Landmarks::from_points(points), 336, 336)
    }

    #[test]
    fn a_face_in_the_middle_is_whole() {
        assert!(cut_off(0.0, 0.0).abs() < f32::EPSILON);
        assert!(cut_off(100.0, -100.0).abs() < f32::EPSILON);
    }

    #[test]
    fn half_a_face_is_half() {
        for (right, down) in [(168.0, 0.0), (-168.0, 0.0), (0.0, 158.5), (0.0, -177.5)] {
            let percent = cut_off(right, down);
            assert!((percent - 50.0).abs() < 3.0, "{right} {down}: {percent}");
        }
        assert!((cut_off(400.0, 0.0) - 100.0).abs() < f32::EPSILON);
    }

    #[test]
    fn a_face_cut_below_the_mouth_lacks_a_fifth() {
        // The border at row 95 of the alignment: 20 of 99 rows are missing.
        let percent = cut_off(0.0, 336.0 - 112.0 - 95.0);
        assert!((18.0..23.0).contains(&percent), "{percent}");
    }

    #[test]
    fn points_that_coincide_say_nothing() {
        let nowhere = Landmarks::from_points([Point::new(-9.0, -9.0); 5]);
        assert!(cut_off_percent(&nowhere, 10, 10).abs() < f32::EPSILON);
    }
}
