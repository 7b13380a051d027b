//! Similarity transforms between images and the chips cut out by them.

mod cubic;

use image::RgbImage;
use selfsame_types::Point;
use serde::Deserialize;

use crate::resize::{Crop, Filter, resize_crop};

/// How values between pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Sampling {
    /// Between the four nearest pixels.
    #[default]
    Bilinear,
    /// From the sixteen nearest pixels by cubic convolution (Keys, *Cubic convolution interpolation for digital image
    /// processing*, 1981) with a slope of −0.75, as `OpenCV`'s `INTER_CUBIC`: sharper.
    Bicubic,
}

/// Scaling, rotation and translation: `x' = a·x − b·y + tx`, `y' = b·x + a·y + ty`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity2D {
    /// Scale × cosine of the angle.
    pub a: f32,
    /// Scale × sine of the angle; positive turns x towards y, clockwise on the screen.
    pub b: f32,
    /// Shift in x.
    pub tx: f32,
    /// Shift in y.
    pub ty: f32,
}

/// No similarity transform follows from the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Degenerate {
    /// Fewer than two pairs.
    #[error("a similarity transform needs two pairs of points or more")]
    TooFew,
    /// All points of a side lie on one spot, or a coordinate is not a number.
    #[error("the points coincide or are not finite")]
    Coincide,
}

impl Default for Similarity2D {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Similarity2D {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self {
        a: 1.0,
        b: 0.0,
        tx: 0.0,
        ty: 0.0,
    };

    /// The transform that brings `from[i]` closest to `to[i]` in the sense of least squares (Umeyama, *Least-squares
    /// estimation of transformation parameters between two point patterns*, PAMI 13(4), 1991), without mirroring.
    ///
    /// In two dimensions the solution is closed: with complex numbers, `Σ conj(p)·q / Σ |p|²` over centred points.
    pub fn estimate(from: &[Point], to: &[Point]) -> Result<Self, Degenerate> {
        let pairs = from.len().min(to.len());
        if pairs < 2 {
            return Err(Degenerate::TooFew);
        }
        let (from, to) = (&from[..pairs], &to[..pairs]);
        let center = |points: &[Point]| {
            let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| {
                (x + f64::from(point.x), y + f64::from(point.y))
            });
            (x / pairs as f64, y / pairs as f64)
        };
        let ((from_x, from_y), (to_x, to_y)) = (center(from), center(to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p.x) - from_x, f64::from(p.y) - from_y);
            let (qx, qy) = (f64::from(q.x) - to_x, f64::from(q.y) - to_y);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (dot / spread, cross / spread);
        let transform = Self {
            a: a as f32,
            b: b as f32,
            tx: (to_x - a * from_x + b * from_y) as f32,
            ty: (to_y - b * from_x - a * from_y) as f32,
        };
        let usable = transform.scale() > 0.0 && transform.is_finite();
        if usable {
            Ok(transform)
        } else {
            Err(Degenerate::Coincide)
        }
    }

    /// How much longer a distance becomes.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The angle in degrees by which it turns, −180 to 180, positive clockwise on the screen.
    #[must_use]
    pub fn rotation_degrees(&self) -> f32 {
        self.b.atan2(self.a).to_degrees()
    }

    /// Where a point goes.
    #[must_use]
    pub fn apply(&self, point: Point) -> Point {
        Point::new(
            self.a * point.x - self.b * point.y + self.tx,
            self.b * point.x + self.a * point.y + self.ty,
        )
    }

    /// The way back; `None` if everything goes to one spot.
    #[must_use]
    pub fn invert(&self) -> Option<Self> {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        let inverse = Self {
            a,
            b,
            tx: -(a * self.tx - b * self.ty),
            ty: -(b * self.tx + a * self.ty),
        };
        (square > 0.0 && inverse.is_finite()).then_some(inverse)
    }

    /// First `self`, then `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let shift = next.apply(Point::new(self.tx, self.ty));
        Self {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            tx: shift.x,
            ty: shift.y,
        }
    }

    fn is_finite(&self) -> bool {
        [self.a, self.b, self.tx, self.ty]
            .iter()
            .all(|value| value.is_finite())
    }
}

/// Cuts out a chip of `width_px` × `height_px`: its pixel (x, y) is the image's value at `chip_to_image` of (x, y),
/// interpolated bilinearly between pixel centres at whole coordinates, black outside (as `OpenCV`'s `warpAffine`
/// with `INTER_LINEAR | WARP_INVERSE_MAP`).
///
/// Details finer than the chip's pixels alias: see [`warp_antialiased`] for large faces.
#[must_use]
pub fn warp(image: &RgbImage, chip_to_image: &Similarity2D, width_px: u32, height_px: u32) -> RgbImage {
    warp_sampled(image, chip_to_image, width_px, height_px, Sampling::Bilinear)
}

/// As [`warp`], with a choice of [`Sampling`].
#[must_use]
pub fn warp_sampled(
    image: &RgbImage,
    chip_to_image: &Similarity2D,
    width_px: u32,
    height_px: u32,
    sampling: Sampling,
) -> RgbImage {
    let mut chip = RgbImage::new(width_px, height_px);
    let source = Source::new(image);
    if width_px == 0 || source.pixels.is_empty() || !chip_to_image.is_finite() {
        return chip;
    }
    let (pixels, _) = chip.as_chunks_mut::<3>();
    for (y, row) in pixels.chunks_exact_mut(width_px as usize).enumerate() {
        // Along a row the position moves by (a, b).
        let start = chip_to_image.apply(Point::new(0.0, y as f32));
        for (x, pixel) in row.iter_mut().enumerate() {
            let x = x as f32;
            let (x, y) = (start.x + chip_to_image.a * x, start.y + chip_to_image.b * x);
            *pixel = match sampling {
                Sampling::Bilinear => source.at(x, y),
                Sampling::Bicubic => cubic::at(&source, x, y),
            };
        }
    }
    chip
}

/// As [`warp`], after averaging the needed part of the image down when the chip is less than half as large. Four of
/// the source's pixels, at most, then lie under one of the chip's, and interpolation sees them all.
#[must_use]
pub fn warp_antialiased(
    image: &RgbImage,
    chip_to_image: &Similarity2D,
    width_px: u32,
    height_px: u32,
) -> RgbImage {
    warp_antialiased_sampled(image, chip_to_image, width_px, height_px, Sampling::Bilinear)
}

/// As [`warp_antialiased`], with a choice of [`Sampling`].
#[must_use]
pub fn warp_antialiased_sampled(
    image: &RgbImage,
    chip_to_image: &Similarity2D,
    width_px: u32,
    height_px: u32,
    sampling: Sampling,
) -> RgbImage {
    let shrink = chip_to_image.scale();
    // Written so that a NaN takes the plain way too.
    if !(shrink > 2.0 && chip_to_image.is_finite()) {
        return warp_sampled(image, chip_to_image, width_px, height_px, sampling);
    }
    let part = needed_part(image, chip_to_image, width_px, height_px);
    // A side of the part that is shorter than one chip pixel cannot be averaged.
    let reduced_px = [part.width, part.height].map(|side| (side / f64::from(shrink)) as u32);
    if reduced_px.contains(&0) {
        return warp_sampled(image, chip_to_image, width_px, height_px, sampling);
    }
    // The same factor for both sides; what this cuts off at the far border is less than one chip pixel.
    let crop = Crop {
        width: f64::from(reduced_px[0]) * f64::from(shrink),
        height: f64::from(reduced_px[1]) * f64::from(shrink),
        ..part
    };
    let reduced = resize_crop(image, crop, reduced_px[0], reduced_px[1], Filter::Area);
    // Averaging moves a pixel's centre c to (c + 1/2) / factor − 1/2.
    let to_reduced = Similarity2D {
        a: 1.0 / shrink,
        b: 0.0,
        tx: (0.5 - part.left as f32) / shrink - 0.5,
        ty: (0.5 - part.top as f32) / shrink - 0.5,
    };
    warp_sampled(
        &reduced,
        &chip_to_image.then(&to_reduced),
        width_px,
        height_px,
        sampling,
    )
}

/// The whole pixels under the chip, with one chip pixel of margin.
fn needed_part(image: &RgbImage, chip_to_image: &Similarity2D, width_px: u32, height_px: u32) -> Crop {
    let (right, bottom) = (width_px as f32, height_px as f32);
    let corners = [(-1.0, -1.0), (right, -1.0), (-1.0, bottom), (right, bottom)]
        .map(|(x, y)| chip_to_image.apply(Point::new(x, y)));
    let bounds = |values: [f32; 4], size: u32| {
        let limit = size as f32;
        let lowest = values.into_iter().fold(f32::INFINITY, f32::min);
        let highest = values.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let start = lowest.floor().clamp(0.0, limit);
        let end = (highest.ceil() + 1.0).clamp(start, limit);
        (f64::from(start), f64::from(end - start))
    };
    let (left, width) = bounds(corners.map(|corner| corner.x), image.width());
    let (top, height) = bounds(corners.map(|corner| corner.y), image.height());
    Crop {
        left,
        top,
        width,
        height,
    }
}

/// The next whole number below. `f32::floor` is a call into the mathematics library on x86-64 without SSE 4.1, and this is
/// the innermost loop. The cast saturates, so a place far outside stays outside.
#[inline]
fn floor(value: f32) -> i32 {
    let truncated = value as i32;
    truncated.saturating_sub(i32::from(truncated as f32 > value))
}

/// An image as rows of pixels.
struct Source<'a> {
    pixels: &'a [[u8; 3]],
    width: usize,
    height: usize,
}

impl<'a> Source<'a> {
    fn new(image: &'a RgbImage) -> Self {
        let (pixels, _) = image.as_chunks::<3>();
        Self {
            pixels,
            width: image.width() as usize,
            height: image.height() as usize,
        }
    }

    /// The interpolated value.
    #[inline]
    fn at(&self, x: f32, y: f32) -> [u8; 3] {
        let (column, row) = (floor(x), floor(y));
        let (right, down) = (x - column as f32, y - row as f32);
        let inside =
            column >= 0 && row >= 0 && (column as usize) + 1 < self.width && (row as usize) + 1 < self.height;
        let corners = if inside {
            let first = row as usize * self.width + column as usize;
            let (upper, lower) = (&self.pixels[first..first + 2], &self.pixels[first + self.width..]);
            [upper[0], upper[1], lower[0], lower[1]]
        } else {
            let (next_column, next_row) = (column.saturating_add(1), row.saturating_add(1));
            [
                self.or_black(column, row),
                self.or_black(next_column, row),
                self.or_black(column, next_row),
                self.or_black(next_column, next_row),
            ]
        };
        let weights = [
            (1.0 - right) * (1.0 - down),
            right * (1.0 - down),
            (1.0 - right) * down,
            right * down,
        ];
        std::array::from_fn(|channel| {
            let value: f32 = corners
                .iter()
                .zip(weights)
                .map(|(corner, weight)| f32::from(corner[channel]) * weight)
                .sum();
            (value + 0.5) as u8
        })
    }

    fn or_black(&self, column: i32, row: i32) -> [u8; 3] {
        match (usize::try_from(column), usize::try_from(row)) {
            (Ok(column), Ok(row)) if column < self.width && row < self.height => {
                self.pixels[row * self.width + column]
            }
            _ => [0; 3],
        }
    }
}

#[cfg(test)]
mod tests;
