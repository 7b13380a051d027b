//! Outlines of cards: quadrilaterals of the shape of a card, whose sides are edges in the picture.

use image::{GrayImage, Luma, RgbImage, imageops};
use imageproc::contours::find_contours;
use imageproc::contrast::{ThresholdType, otsu_level, threshold};
use imageproc::distance_transform::Norm;
use imageproc::edges::canny;
use imageproc::filter::gaussian_blur_f32;
use imageproc::geometry::{approximate_polygon_dp, arc_length, convex_hull};
use imageproc::morphology::{close, dilate};
use selfsame_types::Point;
use selfsame_vision::resize::{Filter, resize};

use crate::quad::Quad;

/// The longer side of the picture that is searched: a card's border is an edge at every size, print is not.
const LONG_SIDE_PX: f32 = 512.0;
/// Canny's thresholds on the gradient of 8-bit values, low enough for a white card on a light table.
const CANNY: (f32, f32) = (12.0, 36.0);
/// A card covers this share of the picture or more.
const LEAST_AREA: f32 = 0.04;
/// Longer side / shorter side: ID-1 is 1.586, ID-2 1.419, ID-3 1.420 (ISO/IEC 7810); seen from 30° a side shrinks by 0.87, and
/// nearer parts are larger.
const RATIO: std::ops::RangeInclusive<f32> = 1.15..=2.1;
/// The share of each side that lies on an edge.
const LEAST_SUPPORT: f32 = 0.55;
/// Inner angles in degrees: 90 but for the perspective.
const ANGLES: std::ops::RangeInclusive<f32> = 60.0..=120.0;
/// Sides nearer to the picture's border than this share of its longer side are no edges of a card.
const BORDER: f32 = 0.01;

/// Outlines of cards in a picture, the best supported first. None overlaps another.
pub(crate) fn outlines(page: &RgbImage) -> Vec<Quad> {
    let longest = page.width().max(page.height()).max(1) as f32;
    let scale = (LONG_SIDE_PX / longest).min(1.0);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let small = resize(page, side(page.width()), side(page.height()), Filter::Bilinear);
    if small.width() < 16 || small.height() < 16 {
        return Vec::new();
    }
    let grey = gaussian_blur_f32(&imageops::grayscale(&small), 1.2);
    let edges = canny(&grey, CANNY.0, CANNY.1);
    // A side that is a pixel off is still a side.
    let near_edges = dilate(&edges, Norm::LInf, 2);
    let mut found: Vec<(f32, Quad)> = masks(&grey, &edges)
        .iter()
        .flat_map(quadrilaterals)
        .filter_map(|quad| Some((support(&quad, &near_edges)?, quad)))
        .collect();
    // Of nearly equal ones the larger: the border, not the line printed inside of it.
    let worth = |(support, quad): &(f32, Quad)| support * quad.area().sqrt();
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let mut best: Vec<Quad> = Vec::new();
    for (_, quad) in found {
        if !best.iter().any(|known| overlap(known, &quad)) {
            best.push(quad);
        }
    }
    best.into_iter()
        .map(|quad| quad.map(|p| Point::new(p.x / scale, p.y / scale)))
        .collect()
}

/// Pictures in which a card may be one connected region: its closed border, and what is lighter or darker than the rest.
fn masks(grey: &GrayImage, edges: &GrayImage) -> [GrayImage; 3] {
    let level = otsu_level(grey);
    [
        close(edges, Norm::LInf, 3),
        threshold(grey, level, ThresholdType::Binary),
        threshold(grey, level, ThresholdType::BinaryInverted),
    ]
}

/// The regions of a mask whose hull is a quadrilateral of a card's shape.
fn quadrilaterals(mask: &GrayImage) -> Vec<Quad> {
    let least = LEAST_AREA * (mask.width() * mask.height()) as f32;
    find_contours::<i32>(mask)
        .into_iter()
        .filter_map(|contour| {
            // A short contour encloses little, whatever its shape.
            if (contour.points.len() as f32) < 2.0 * least.sqrt() {
                return None;
            }
            let hull = convex_hull(contour.points);
            let length = arc_length(&hull, true);
            // More and more roughly, until four corners are left.
            let corners = [0.02, 0.03, 0.045, 0.06]
                .into_iter()
                .map(|share| approximate_polygon_dp(&hull, share * length, true))
                .find(|corners| corners.len() <= 4)?;
            let [a, b, c, d] = corners[..] else {
                return None;
            };
            let corners = [a, b, c, d].map(|p| Point::new(p.x as f32, p.y as f32));
            let quad = Quad::around_card(corners)?;
            (quad.area() >= least && has_the_shape_of_a_card(&quad)).then_some(quad)
        })
        .collect()
}

fn has_the_shape_of_a_card(quad: &Quad) -> bool {
    let (width, height) = (quad.width(), quad.height());
    let ratio = width.max(height) / width.min(height).max(1.0);
    RATIO.contains(&ratio) && (0..4).all(|corner| ANGLES.contains(&inner_angle(quad, corner)))
}

fn inner_angle(quad: &Quad, corner: usize) -> f32 {
    let (before, at, after) = (quad.0[(corner + 3) % 4], quad.0[corner], quad.0[(corner + 1) % 4]);
    let (a, b) = (
        (before.x - at.x, before.y - at.y),
        (after.x - at.x, after.y - at.y),
    );
    let cosine = (a.0 * b.0 + a.1 * b.1) / (a.0.hypot(a.1) * b.0.hypot(b.1)).max(f32::EPSILON);
    cosine.clamp(-1.0, 1.0).acos().to_degrees()
}

/// The mean share of the sides that lies on edges; `None` where a side has too little of it or is the picture's border.
fn support(quad: &Quad, edges: &GrayImage) -> Option<f32> {
    const SAMPLES: usize = 64;
    let (width, height) = (edges.width() as f32, edges.height() as f32);
    let border = BORDER * width.max(height);
    let on_edge = |p: Point| {
        let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < width && p.y < height;
        inside && edges.get_pixel(p.x as u32, p.y as u32) != &Luma([0])
    };
    let at_border = |p: Point| p.x < border || p.y < border || p.x > width - border || p.y > height - border;
    let mut sum = 0.0;
    for index in 0..4 {
        let (a, b) = (quad.0[index], quad.0[(index + 1) % 4]);
        let points = (0..SAMPLES).map(|sample| {
            let share = (sample as f32 + 0.5) / SAMPLES as f32;
            Point::new(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)
        });
        let (hits, outside) = points.fold((0, 0), |(hits, outside), p| {
            (
                hits + usize::from(on_edge(p)),
                outside + usize::from(at_border(p)),
            )
        });
        let share = hits as f32 / SAMPLES as f32;
        if share < LEAST_SUPPORT || outside * 2 > SAMPLES {
            return None;
        }
        sum += share;
    }
    Some(sum / 4.0)
}

/// Whether the middle of one lies in the other.
fn overlap(a: &Quad, b: &Quad) -> bool {
    a.contains(b.centre()) || b.contains(a.centre())
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use imageproc::drawing::draw_polygon_mut;

    use super::*;

    fn table_with(cards: &[[(i32, i32); 4]]) -> RgbImage {
        // Stripes: a table with a grain.
        let mut page = RgbImage::from_fn(900, 700, |x, y| {
            Rgb([60 + ((x / 9 + y / 40) % 3) as u8 * 6, 50, 40])
        });
        for corners in cards {
            let corners = corners.map(|(x, y)| imageproc::point::Point::new(x, y));
            draw_polygon_mut(&mut page, &corners, Rgb([220, 225, 230]));
        }
        page
    }

    #[test]
    fn a_card_seen_from_the_side_is_found() {
        let corners = [(200, 180), (650, 210), (630, 480), (180, 440)];
        let found = outlines(&table_with(&[corners]));
        assert_eq!(found.len(), 1, "{found:?}");
        for (corner, (x, y)) in found[0].0.iter().zip(corners) {
            assert!(corner.distance(Point::new(x as f32, y as f32)) < 8.0, "{found:?}");
        }
    }

    #[test]
    fn two_cards_are_two_and_an_empty_table_is_none() {
        let left = [(60, 80), (380, 80), (380, 280), (60, 280)];
        let right = [(480, 350), (840, 350), (840, 575), (480, 575)];
        assert_eq!(outlines(&table_with(&[left, right])).len(), 2);
        assert!(outlines(&table_with(&[])).is_empty());
        let square = [(100, 100), (400, 100), (400, 400), (100, 400)];
        assert!(outlines(&table_with(&[square])).is_empty());
        assert!(outlines(&RgbImage::new(3, 3)).is_empty());
    }
}
