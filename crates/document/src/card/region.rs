//! Where text stands and which way it runs: what is cut out of a picture in which no outline of a card is seen.

use selfsame_types::Point;

use crate::quad::Quad;

/// Lines less elongated than this say little about the direction of reading.
const ELONGATED: f32 = 2.0;
/// Around the text, as a share of the region's longer side: the portrait beside it, the border of the card.
const MARGIN: f32 = 0.06;

/// The angle in which most of the text runs, in degrees clockwise, above −90 to 90; 0 where no line says.
pub(crate) fn dominant_angle(lines: &[Quad]) -> f32 {
    let mut angles: Vec<(f32, f32)> = lines
        .iter()
        .filter(|line| line.width() >= ELONGATED * line.height())
        .map(|line| (half_turn(line.angle_degrees()), line.width()))
        .collect();
    let total: f32 = angles.iter().map(|(_, weight)| weight).sum();
    // A circle has no smallest angle: turned so that the mean lies in the middle. Directions that may be read both ways have a
    // mean where their doubled angles do (Mardia and Jupp, *Directional Statistics*, § 9.1).
    let doubled = |(angle, weight): &(f32, f32)| {
        let (sine, cosine) = (2.0 * angle.to_radians()).sin_cos();
        (weight * sine, weight * cosine)
    };
    let (sine, cosine) = angles
        .iter()
        .map(doubled)
        .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let base = sine.atan2(cosine).to_degrees() / 2.0;
    for (angle, _) in &mut angles {
        *angle = half_turn(*angle - base);
    }
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut seen = 0.0;
    for (angle, weight) in angles {
        seen += weight;
        if seen * 2.0 >= total {
            return half_turn(angle + base);
        }
    }
    0.0
}

/// An angle of a direction that may be read both ways: above −90 to 90.
fn half_turn(degrees: f32) -> f32 {
    let turned = degrees.rem_euclid(180.0);
    if turned > 90.0 { turned - 180.0 } else { turned }
}

/// A rectangle around text.
pub(crate) struct Region {
    /// Its outline, with the direction of reading.
    pub(crate) outline: Quad,
}

impl Region {
    /// The rectangle along `angle_degrees` that holds all lines, with a margin; `None` without lines.
    pub(crate) fn around(lines: &[Quad], angle_degrees: f32) -> Option<Self> {
        let (sine, cosine) = angle_degrees.to_radians().sin_cos();
        let turned = |p: Point| Point::new(p.x * cosine + p.y * sine, p.y * cosine - p.x * sine);
        let back = |x: f32, y: f32| Point::new(x * cosine - y * sine, x * sine + y * cosine);
        let corners: Vec<Point> = lines.iter().flat_map(|line| line.0.map(turned)).collect();
        let least = |of: fn(&Point) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn(&Point) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        let (left, right) = (least(|p| p.x), most(|p| p.x));
        let (top, bottom) = (least(|p| p.y), most(|p| p.y));
        if !(right > left && bottom > top) {
            return None;
        }
        let margin = MARGIN * (right - left).max(bottom - top);
        let (left, right, top, bottom) = (left - margin, right + margin, top - margin, bottom + margin);
        Some(Self {
            outline: Quad([
                back(left, top),
                back(right, top),
                back(right, bottom),
                back(left, bottom),
            ]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of text around a point.
    fn line(x: f32, y: f32, angle: f32) -> Quad {
        let (sine, cosine) = angle.to_radians().sin_cos();
        let corner = |right: f32, down: f32| {
            Point::new(x + right * cosine - down * sine, y + right * sine + down * cosine)
        };
        Quad([
            corner(-50.0, -6.0),
            corner(50.0, -6.0),
            corner(50.0, 6.0),
            corner(-50.0, 6.0),
        ])
    }

    #[test]
    fn most_of_the_text_decides_about_the_angle() {
        for angle in [-80.0, -30.0, 0.0, 12.0, 88.0, 90.0] {
            let lines = [
                line(100.0, 100.0, angle),
                line(120.0, 150.0, angle + 180.0),
                line(90.0, 200.0, angle + 3.0),
                line(300.0, 50.0, angle + 90.0),
            ];
            let found = dominant_angle(&lines);
            let off = half_turn(found - angle).abs();
            assert!(off < 4.0, "{angle}: {found}");
        }
        assert!(dominant_angle(&[]).abs() < f32::EPSILON);
    }

    #[test]
    fn a_region_holds_all_lines() {
        let lines = [line(200.0, 200.0, 30.0), line(240.0, 260.0, 30.0)];
        let region = Region::around(&lines, 30.0).unwrap().outline;
        assert!((region.angle_degrees() - 30.0).abs() < 0.1);
        let projection = region.projection_to(1.0, 1.0).unwrap();
        for corner in lines.iter().flat_map(|line| line.0) {
            let (x, y) = projection * (corner.x, corner.y);
            assert!((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y), "{x} {y}");
        }
        assert!(Region::around(&[], 0.0).is_none());
    }
}
