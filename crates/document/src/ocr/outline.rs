//! From a map of probabilities to rectangles around lines of text, as differentiable binarisation wants it (Liao et al.,
//! arXiv:1911.08947, § 3.4): regions above a threshold, which the network draws smaller than the text, made larger again.

use image::{GrayImage, Luma};
use imageproc::contours::{BorderType, find_contours};
use imageproc::geometry::min_area_rect;
use selfsame_types::Point;

use crate::quad::Quad;

/// A pixel belongs to a line from this probability on (the paper's and RapidOCR's).
const THRESHOLD: f32 = 0.3;
/// A region counts if the mean probability inside its rectangle is this (RapidOCR's).
const BOX_THRESHOLD: f32 = 0.5;
/// How much larger the text is than its region: distance = area × this / circumference (the paper's `r'`, 1.5 there and 1.6 in
/// RapidOCR; on 26 licences this reads more).
const UNCLIP_RATIO: f32 = 1.8;
/// Regions thinner than this are specks.
const SMALLEST_PX: f32 = 3.0;
/// A page of text has a few hundred lines; a picture of grass must not cost more.
const MOST_REGIONS: usize = 1000;

/// The network's output: rows of `width` probabilities.
pub(super) struct Map<'a> {
    pub(super) width: u32,
    pub(super) values: &'a [f32],
}

impl Map<'_> {
    fn height(&self) -> u32 {
        (self.values.len() / self.width.max(1) as usize) as u32
    }

    fn at(&self, x: u32, y: u32) -> f32 {
        self.values
            .get(y as usize * self.width as usize + x as usize)
            .copied()
            .unwrap_or(0.0)
    }

    /// Where text is, each pixel grown by one to the right and down: closes the gaps between characters (RapidOCR's
    /// `use_dilation`).
    fn mask(&self) -> GrayImage {
        GrayImage::from_fn(self.width, self.height(), |x, y| {
            let near = [
                (x, y),
                (x.wrapping_sub(1), y),
                (x, y.wrapping_sub(1)),
                (x.wrapping_sub(1), y.wrapping_sub(1)),
            ];
            let inside = |(x, y): (u32, u32)| x < self.width && self.at(x, y) > THRESHOLD;
            Luma([if near.into_iter().any(inside) { 255 } else { 0 }])
        })
    }

    /// The mean probability inside a rectangle.
    fn mean(&self, quad: &Quad) -> f32 {
        let limit = |value: f32, most: u32| value.clamp(0.0, most.saturating_sub(1) as f32);
        let (xs, ys) = (quad.0.map(|p| p.x), quad.0.map(|p| p.y));
        let least = |values: [f32; 4]| values.into_iter().fold(f32::INFINITY, f32::min);
        let most = |values: [f32; 4]| values.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let (left, right) = (
            limit(least(xs).floor(), self.width),
            limit(most(xs).ceil(), self.width),
        );
        let (top, bottom) = (
            limit(least(ys).floor(), self.height()),
            limit(most(ys).ceil(), self.height()),
        );
        let (mut sum, mut count) = (0.0, 0_u32);
        for y in top as u32..=bottom as u32 {
            for x in left as u32..=right as u32 {
                if contains(quad, x as f32, y as f32) {
                    sum += self.at(x, y);
                    count += 1;
                }
            }
        }
        sum / count.max(1) as f32
    }
}

/// Whether a point is inside, or within half a pixel of it. The corners are clockwise on the screen.
fn contains(quad: &Quad, x: f32, y: f32) -> bool {
    (0..4).all(|index| {
        let (a, b) = (quad.0[index], quad.0[(index + 1) % 4]);
        let side = (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
        side >= -0.5 * a.distance(b)
    })
}

/// Rectangles around the lines of text, in pixels of the map.
pub(super) fn outlines(map: &Map<'_>) -> Vec<Quad> {
    let contours = find_contours::<i32>(&map.mask());
    contours
        .into_iter()
        .filter(|contour| contour.border_type == BorderType::Outer)
        .take(MOST_REGIONS)
        .filter_map(|contour| {
            let points: Vec<_> = contour
                .points
                .iter()
                .map(|point| imageproc::point::Point::new(point.x as f32, point.y as f32))
                .collect();
            let corners = min_area_rect(&points).map(|corner| Point::new(corner.x, corner.y));
            let quad = Quad::around_text(corners)?;
            let is_text = quad.height().min(quad.width()) >= SMALLEST_PX && map.mean(&quad) >= BOX_THRESHOLD;
            is_text.then(|| grown(&quad))
        })
        .collect()
}

/// The rectangle moved outwards on all sides by area × ratio / circumference.
fn grown(quad: &Quad) -> Quad {
    let (width, height) = (quad.width(), quad.height());
    let distance = width * height * UNCLIP_RATIO / (2.0 * (width + height));
    quad.widened(distance, distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_of(width: u32, height: u32, inside: impl Fn(u32, u32) -> bool) -> Vec<f32> {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        pixels
            .map(|(x, y)| if inside(x, y) { 0.9 } else { 0.05 })
            .collect()
    }

    #[test]
    fn a_region_becomes_a_rectangle_around_the_text() {
        let values = map_of(200, 60, |x, y| (40..160).contains(&x) && (20..32).contains(&y));
        let found = outlines(&Map {
            width: 200,
            values: &values,
        });
        assert_eq!(found.len(), 1);
        let quad = found[0];
        // 120 × 12 grows by 120 · 12 · 1.8 / 264 = 9.8 on every side.
        let expected = Quad::upright(40.0 - 9.8, 20.0 - 9.8, 160.0 + 9.8, 32.0 + 9.8);
        for (corner, expected) in quad.0.iter().zip(expected.0) {
            assert!(corner.distance(expected) < 2.0, "{quad:?}");
        }
    }

    #[test]
    fn slanted_text_keeps_its_slant() {
        let values = map_of(200, 200, |x, y| {
            let (x, y) = (x as f32 - 100.0, y as f32 - 100.0);
            let angle = 20.0_f32.to_radians();
            let (along, across) = (
                x * angle.cos() + y * angle.sin(),
                y * angle.cos() - x * angle.sin(),
            );
            along.abs() < 60.0 && across.abs() < 6.0
        });
        let found = outlines(&Map {
            width: 200,
            values: &values,
        });
        assert_eq!(found.len(), 1);
        assert!((found[0].angle_degrees() - 20.0).abs() < 2.0, "{:?}", found[0]);
    }

    #[test]
    fn specks_and_faint_regions_are_no_text() {
        let speck = map_of(64, 64, |x, y| (10..12).contains(&x) && y == 10);
        assert!(
            outlines(&Map {
                width: 64,
                values: &speck
            })
            .is_empty()
        );
        let faint: Vec<f32> = map_of(64, 64, |x, _| x > 20)
            .iter()
            .map(|value| value / 2.0)
            .collect();
        assert!(
            outlines(&Map {
                width: 64,
                values: &faint
            })
            .is_empty()
        );
        assert!(
            outlines(&Map {
                width: 0,
                values: &[]
            })
            .is_empty()
        );
    }
}
