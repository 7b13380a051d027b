//! Where a barcode may be: the regions of a picture that are dense with edges and have the shape of one; and what they look
//! like straightened. Reads nothing.

use image::{GrayImage, Luma, RgbImage, imageops};
use imageproc::contours::find_contours;
use imageproc::contrast::{ThresholdType, threshold};
use imageproc::distance_transform::Norm;
use imageproc::filter::box_filter;
use imageproc::geometry::{approximate_polygon_dp, arc_length, convex_hull, min_area_rect};
use imageproc::gradients::sobel_gradients;
use imageproc::morphology::open;
use selfsame_types::Point;
use selfsame_vision::resize::{Filter, resize};

use crate::quad::Quad;

/// The longer side of the picture that is searched: bars of a pixel are a grey area there, and still dense with edges.
const LONG_SIDE_PX: f32 = 800.0;
/// Half the side of the area over which edges are counted, as a share of the longer side.
const NEIGHBOURHOOD: f32 = 0.012;
/// Density of edges from which a pixel is dense, of the densest's.
const DENSE: f32 = 0.4;
/// A barcode covers this share of the picture or more.
const LEAST_AREA: f32 = 0.015;
/// So many outlines are looked at, the largest first.
const MOST_OUTLINES: usize = 2;
/// Around a region, as shares of its shorter side: a PDF417 code begins with a bar eight modules wide, which is less dense.
const MARGIN_ALONG: f32 = 0.25;
const MARGIN_ACROSS: f32 = 0.1;

/// Regions dense with edges, the largest first.
pub(super) fn dense(image: &RgbImage) -> Vec<Quad> {
    let longest = image.width().max(image.height()).max(1) as f32;
    let scale = (LONG_SIDE_PX / longest).min(1.0);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let small = resize(image, side(image.width()), side(image.height()), Filter::Area);
    if small.width() < 32 || small.height() < 32 {
        return Vec::new();
    }
    let mask = mask(&imageops::grayscale(&small));
    let least = LEAST_AREA * (mask.width() * mask.height()) as f32;
    let mut found: Vec<Quad> = find_contours::<i32>(&mask)
        .into_iter()
        .flat_map(|contour| outlines(contour.points))
        .filter(|quad| quad.area() >= least)
        .collect();
    found.sort_by(|a, b| b.area().total_cmp(&a.area()));
    found.truncate(MOST_OUTLINES);
    found
        .into_iter()
        .map(|quad| quad.map(|p| Point::new(p.x / scale, p.y / scale)))
        .collect()
}

/// Where edges are dense.
fn mask(grey: &GrayImage) -> GrayImage {
    let gradients = sobel_gradients(grey);
    // What is an edge at all is one here: dark bars on a shaded card count as much as black ones on white.
    let edges = GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        Luma([(gradients.get_pixel(x, y).0[0] / 3).min(255) as u8])
    });
    let radius = ((grey.width().max(grey.height()) as f32 * NEIGHBOURHOOD) as u32).max(2);
    let density = box_filter(&edges, radius, radius);
    let most = density.pixels().map(|pixel| pixel.0[0]).max().unwrap_or(0);
    let mask = threshold(&density, (f32::from(most) * DENSE) as u8, ThresholdType::Binary);
    // Lines of text are thinner than a barcode and fall away.
    open(&mask, Norm::LInf, (radius as u8).saturating_mul(2).max(3))
}

/// What may be the outline of a region: the corners of its hull where it has four, and a rectangle around it.
fn outlines(points: Vec<imageproc::point::Point<i32>>) -> Vec<Quad> {
    let hull = convex_hull(points);
    if hull.len() < 3 {
        return Vec::new();
    }
    let length = arc_length(&hull, true);
    let corners = [0.02, 0.04, 0.06]
        .into_iter()
        .map(|share| approximate_polygon_dp(&hull, share * length, true))
        .find(|corners| corners.len() <= 4);
    let hull_of_four = match corners.as_deref() {
        Some(&[a, b, c, d]) => Some([a, b, c, d]),
        _ => None,
    };
    [hull_of_four, Some(min_area_rect(&hull))]
        .into_iter()
        .flatten()
        .filter_map(|corners| Quad::around_text(corners.map(|p| Point::new(p.x as f32, p.y as f32))))
        .collect()
}

/// A region as it lies, along its longer side: codes are wider than high.
pub(super) fn straightened(image: &RgbImage, region: &Quad) -> RgbImage {
    let shorter = region.width().min(region.height());
    let wide = region.widened(MARGIN_ALONG * shorter, MARGIN_ACROSS * shorter);
    let side = |length: f32| (length.round() as u32).clamp(1, 4000);
    let (width, height) = (side(wide.width()), side(wide.height()));
    wide.cut(image, width, height)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn bars_are_dense_and_paper_is_not() {
        let mut card = RgbImage::from_pixel(900, 600, Rgb([230, 235, 240]));
        for (x, y, pixel) in card.enumerate_pixels_mut() {
            if (200..700).contains(&x) && (300..450).contains(&y) && (x / 3 + y / 9 * 7) % 5 < 2 {
                *pixel = Rgb([20, 20, 20]);
            }
        }
        let found = dense(&card);
        assert!(!found.is_empty(), "{found:?}");
        let middle = found[0].centre();
        assert!(middle.distance(Point::new(450.0, 375.0)) < 25.0, "{middle:?}");
        assert!(
            (found[0].width() / found[0].height() - 500.0 / 150.0).abs() < 0.6,
            "{found:?}"
        );
        let straight = straightened(&card, &found[0]);
        assert!(straight.width() > 2 * straight.height());
        let blank = RgbImage::from_pixel(900, 600, Rgb([230, 235, 240]));
        assert!(dense(&blank).is_empty());
    }
}
