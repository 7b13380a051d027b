//! Quadrilaterals in a picture: the outline of a line of text or of a card, and the upright cut-out of what is inside.

use image::RgbImage;
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use selfsame_types::Point;
use selfsame_vision::resize::{Filter, resize};

/// Four corners in pixels: top left, top right, bottom right, bottom left in the direction of reading. Clockwise on the
/// screen, so that what is cut out is never mirrored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quad(pub(crate) [Point; 4]);

/// Boxes less elongated than this may be one character: their longer side says nothing about the direction of reading.
const ELONGATED: f32 = 1.3;
/// A cut-out is taken at most so many times larger and averaged down: more would cost more than it shows.
const MOST_OVERSAMPLING: u32 = 4;

impl Quad {
    /// The upright rectangle.
    pub(crate) const fn upright(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self([
            Point::new(left, top),
            Point::new(right, top),
            Point::new(right, bottom),
            Point::new(left, bottom),
        ])
    }

    /// A rectangle around text, whose corners come in any order: text runs along the longer side, to the right, or down
    /// where it runs up and down. `None` where the corners are not finite.
    pub(crate) fn around_text(corners: [Point; 4]) -> Option<Self> {
        let mut corners = clockwise(corners)?;
        let across = corners[0].distance(corners[1]) + corners[2].distance(corners[3]);
        let down = corners[1].distance(corners[2]) + corners[3].distance(corners[0]);
        let (longer, shorter) = (across.max(down), across.min(down));
        let may_start = |index: usize| {
            let side = if index.is_multiple_of(2) { across } else { down };
            longer < ELONGATED * shorter || side >= longer
        };
        let direction = |index: usize| {
            let (from, to) = (corners[index], corners[(index + 1) % 4]);
            let length = from.distance(to).max(f32::EPSILON);
            // Down a little better than up, where neither is to the right.
            (to.x - from.x) / length + 0.01 * (to.y - from.y) / length
        };
        let start = (0..4)
            .filter(|index| may_start(*index))
            .max_by(|a, b| direction(*a).total_cmp(&direction(*b)))?;
        corners.rotate_left(start);
        Some(Self(corners))
    }

    /// A card: its corners in any order, the first being the one nearest to the picture's top left corner. `None` where the
    /// corners are not finite.
    pub(crate) fn around_card(corners: [Point; 4]) -> Option<Self> {
        let mut corners = clockwise(corners)?;
        let start = (0..4).min_by(|a, b| {
            let far = |index: &usize| corners[*index].x + corners[*index].y;
            far(a).total_cmp(&far(b))
        })?;
        corners.rotate_left(start);
        Some(Self(corners))
    }

    /// Mean length of the sides along the direction of reading, in pixels.
    pub(crate) fn width(&self) -> f32 {
        let [a, b, c, d] = self.0;
        f32::midpoint(a.distance(b), c.distance(d))
    }

    /// Mean length of the sides across the direction of reading, in pixels.
    pub(crate) fn height(&self) -> f32 {
        let [a, b, c, d] = self.0;
        f32::midpoint(b.distance(c), d.distance(a))
    }

    /// The direction of reading, in degrees clockwise from the right, −180 to 180.
    pub(crate) fn angle_degrees(&self) -> f32 {
        let [a, b, c, d] = self.0;
        let (x, y) = (b.x - a.x + c.x - d.x, b.y - a.y + c.y - d.y);
        y.atan2(x).to_degrees()
    }

    /// The area in square pixels.
    pub(crate) fn area(&self) -> f32 {
        let double: f32 = (0..4)
            .map(|index| {
                let (a, b) = (self.0[index], self.0[(index + 1) % 4]);
                a.x * b.y - b.x * a.y
            })
            .sum();
        double.abs() / 2.0
    }

    /// The middle of the corners.
    pub(crate) fn centre(&self) -> Point {
        let [a, b, c, d] = self.0;
        a.midpoint(c).midpoint(b.midpoint(d))
    }

    /// Whether a point is inside, or on a side.
    pub(crate) fn contains(&self, point: Point) -> bool {
        (0..4).all(|index| {
            let (a, b) = (self.0[index], self.0[(index + 1) % 4]);
            (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) >= 0.0
        })
    }

    /// Every corner moved.
    pub(crate) fn map(self, change: impl FnMut(Point) -> Point) -> Self {
        Self(self.0.map(change))
    }

    /// Every side moved outwards: by `along` at both ends of the direction of reading, by `across` above and below.
    pub(crate) fn widened(&self, along: f32, across: f32) -> Self {
        let [a, b, c, d] = self.0;
        let unit = |from: Point, to: Point| {
            let length = from.distance(to).max(f32::EPSILON);
            ((to.x - from.x) / length, (to.y - from.y) / length)
        };
        let out = |corner: Point, right: (f32, f32), down: (f32, f32)| {
            Point::new(
                corner.x + along * right.0 + across * down.0,
                corner.y + along * right.1 + across * down.1,
            )
        };
        Self([
            out(a, unit(b, a), unit(d, a)),
            out(b, unit(a, b), unit(c, b)),
            out(c, unit(d, c), unit(b, c)),
            out(d, unit(c, d), unit(a, d)),
        ])
    }

    /// The same outline, read upside down.
    pub(crate) fn turned(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([c, d, a, b])
    }

    /// What is inside, `width_px` × `height_px`, upright and without perspective; what lies outside the picture repeats its
    /// border. Black where the corners make no quadrilateral.
    pub(crate) fn cut(&self, image: &RgbImage, width_px: u32, height_px: u32) -> RgbImage {
        let shrink = (self.height() / height_px.max(1) as f32).min(self.width() / width_px.max(1) as f32);
        let oversampling = (shrink as u32).clamp(1, MOST_OVERSAMPLING);
        let (width, height) = (width_px * oversampling, height_px * oversampling);
        let mut cut = RgbImage::new(width, height);
        // Where pixels are averaged anyway, it makes no difference.
        let interpolation = if shrink < 1.5 {
            Interpolation::Bicubic
        } else {
            Interpolation::Bilinear
        };
        if image.width() == 0 || image.height() == 0 || width == 0 || height == 0 {
            return cut;
        }
        if let Some(projection) = self.projection_to(width as f32, height as f32) {
            warp_into(image, projection, interpolation, Border::Replicate, &mut cut);
        }
        if oversampling == 1 {
            cut
        } else {
            resize(&cut, width_px, height_px, Filter::Area)
        }
    }

    /// From the picture to an upright rectangle with its top left corner at the origin.
    pub(crate) fn projection_to(&self, width: f32, height: f32) -> Option<Projection> {
        let from = self.0.map(|corner| (corner.x, corner.y));
        let to = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        Projection::from_control_points(from, to)
    }
}

/// The corners clockwise on the screen, from any of them.
fn clockwise(mut corners: [Point; 4]) -> Option<[Point; 4]> {
    if !corners
        .iter()
        .all(|corner| corner.x.is_finite() && corner.y.is_finite())
    {
        return None;
    }
    let centre = Quad(corners).centre();
    let angle = |corner: &Point| (corner.y - centre.y).atan2(corner.x - centre.x);
    corners.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    Some(corners)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn corners(values: [(f32, f32); 4]) -> [Point; 4] {
        values.map(|(x, y)| Point::new(x, y))
    }

    #[test]
    fn text_runs_along_the_longer_side_to_the_right() {
        let quad = Quad::around_text(corners([(10.0, 5.0), (0.0, 5.0), (10.0, 0.0), (0.0, 0.0)])).unwrap();
        assert_eq!(quad, Quad::upright(0.0, 0.0, 10.0, 5.0));
        assert!(quad.angle_degrees().abs() < 1e-3);
        // Standing text is read downwards.
        let quad = Quad::around_text(corners([(0.0, 0.0), (5.0, 0.0), (5.0, 40.0), (0.0, 40.0)])).unwrap();
        assert_eq!(quad.0[0], Point::new(5.0, 0.0));
        assert!((quad.angle_degrees() - 90.0).abs() < 1e-3);
        assert!((quad.width() - 40.0).abs() < 1e-3 && (quad.height() - 5.0).abs() < 1e-3);
        // A single character is upright, however tall.
        let quad = Quad::around_text(corners([(0.0, 0.0), (10.0, 0.0), (10.0, 12.0), (0.0, 12.0)])).unwrap();
        assert_eq!(quad.0[0], Point::new(0.0, 0.0));
        assert!(Quad::around_text(corners([(f32::NAN, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])).is_none());
    }

    #[test]
    fn what_is_cut_out_stands_upright() {
        // Left half red, right half blue, then seen upside down.
        let image = RgbImage::from_fn(40, 20, |x, _| {
            if x < 20 {
                Rgb([255, 0, 0])
            } else {
                Rgb([0, 0, 255])
            }
        });
        let quad = Quad::upright(0.0, 0.0, 40.0, 20.0);
        let cut = quad.cut(&image, 20, 10);
        assert_eq!(
            (cut.get_pixel(2, 5), cut.get_pixel(17, 5)),
            (&Rgb([255, 0, 0]), &Rgb([0, 0, 255]))
        );
        let turned = quad.turned().cut(&image, 20, 10);
        assert_eq!(turned.get_pixel(2, 5), &Rgb([0, 0, 255]));
        assert!((quad.area() - 800.0).abs() < 1e-3);
        // Corners on one line make nothing, and no panic.
        let flat = Quad(corners([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]));
        assert_eq!(flat.cut(&image, 4, 4).dimensions(), (4, 4));
    }
}
