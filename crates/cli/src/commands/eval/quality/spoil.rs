//! Photos made worse in one way, where too few are bad by nature.

use image::{Rgb, RgbImage, imageops};
use selfsame_face::Face;
use selfsame_types::Point;
use serde::Serialize;

/// One way, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Spoil {
    /// Values times this, plus noise of [`NOISE_LEVELS`]: a camera that gets too little light has that, too.
    Darker(f32),
    /// Values times this; what exceeds white is white.
    Brighter(f32),
    /// Gaussian blur with this many pixels of a 112-pixel face as standard deviation (by three box filters).
    Blurred(f32),
    /// Reduced until the shorter side of the face's box has this many pixels.
    Smaller(f32),
    /// Turned around the face by so many degrees.
    Tilted(f32),
}

/// What every photo goes through.
pub(super) const SPOILS: [Spoil; 26] = [
    Spoil::Darker(0.5),
    Spoil::Darker(0.25),
    Spoil::Darker(0.18),
    Spoil::Darker(0.12),
    Spoil::Darker(0.09),
    Spoil::Darker(0.06),
    Spoil::Darker(0.03),
    Spoil::Brighter(2.0),
    Spoil::Brighter(3.0),
    Spoil::Blurred(1.0),
    Spoil::Blurred(1.5),
    Spoil::Blurred(2.0),
    Spoil::Blurred(2.5),
    Spoil::Blurred(3.0),
    Spoil::Smaller(60.0),
    Spoil::Smaller(48.0),
    Spoil::Smaller(40.0),
    Spoil::Smaller(32.0),
    Spoil::Smaller(28.0),
    Spoil::Smaller(24.0),
    Spoil::Smaller(20.0),
    Spoil::Smaller(16.0),
    Spoil::Tilted(30.0),
    Spoil::Tilted(45.0),
    Spoil::Tilted(60.0),
    Spoil::Tilted(75.0),
];

/// Standard deviation of the noise in dark photos, in levels of 256.
const NOISE_LEVELS: f32 = 2.0;

/// Root mean square distance of the five landmarks from their centre in a face of 112 pixels (the ArcFace template).
const LANDMARK_SPREAD_PX: f32 = 23.25;

/// A spoilt photo, and where the face should be found in it.
pub(super) struct Spoilt {
    pub(super) image: RgbImage,
    pub(super) center: Point,
    /// The shorter side of the face's box.
    pub(super) side_px: f32,
}

impl Spoil {
    /// Spoils `image` for `face`, which was found in it; `None` where it cannot be done: the face is smaller already.
    pub(super) fn apply(self, image: &RgbImage, face: &Face) -> Option<Spoilt> {
        let area = face.detection.bounding_box;
        let side_px = area.width.min(area.height);
        let (center, spread_px) = spread(&face.detection.landmarks.points());
        let unmoved = |image| Spoilt {
            image,
            center: area.center(),
            side_px,
        };
        match self {
            Self::Darker(factor) => Some(unmoved(times(image, factor, NOISE_LEVELS))),
            Self::Brighter(factor) => Some(unmoved(times(image, factor, 0.0))),
            Self::Blurred(sigma) => {
                let sigma_px = sigma * spread_px / LANDMARK_SPREAD_PX;
                (sigma_px > 0.0).then(|| unmoved(imageops::fast_blur(image, sigma_px)))
            }
            Self::Tilted(degrees) => Some(unmoved(turned(image, degrees, center))),
            Self::Smaller(wanted_px) => {
                let scale = wanted_px / side_px;
                let scaled = |length: u32| ((length as f32 * scale).round() as u32).max(1);
                let middle = area.center();
                (scale < 1.0).then(|| Spoilt {
                    image: imageops::resize(
                        image,
                        scaled(image.width()),
                        scaled(image.height()),
                        imageops::FilterType::Triangle,
                    ),
                    center: Point::new(middle.x * scale, middle.y * scale),
                    side_px: wanted_px,
                })
            }
        }
    }

    pub(super) fn describe(self) -> String {
        match self {
            Self::Darker(factor) => format!("darker × {factor}"),
            Self::Brighter(factor) => format!("brighter × {factor}"),
            Self::Blurred(sigma) => format!("blurred σ {sigma}"),
            Self::Smaller(side_px) => format!("smaller {side_px} px"),
            Self::Tilted(degrees) => format!("tilted {degrees}°"),
        }
    }
}

/// Centre of the points and their root mean square distance from it.
fn spread(points: &[Point; 5]) -> (Point, f32) {
    let mean = |values: [f32; 5]| values.iter().sum::<f32>() / 5.0;
    let center = Point::new(mean(points.map(|p| p.x)), mean(points.map(|p| p.y)));
    (center, mean(points.map(|p| p.distance(center).powi(2))).sqrt())
}

fn times(image: &RgbImage, factor: f32, noise_levels: f32) -> RgbImage {
    let mut changed = image.clone();
    for (position, value) in changed.iter_mut().enumerate() {
        let level = f32::from(*value) * factor + noise_levels * noise(position as u64);
        *value = level.round().clamp(0.0, 255.0) as u8;
    }
    changed
}

/// A number that looks random, the same for the same position: mean 0, standard deviation 1, nearly normal (the sum of
/// four uniform ones, from `SplitMix64`'s mixing function).
fn noise(position: u64) -> f32 {
    let mut z = (position + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    let uniform = |quarter: u64| ((z >> (16 * quarter)) & 0xffff) as f32 / 65_535.0 - 0.5;
    (0..4).map(uniform).sum::<f32>() * 3f32.sqrt()
}

/// Clockwise around `center`; beyond the border its pixels go on.
fn turned(image: &RgbImage, degrees: f32, center: Point) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (right, bottom) = (image.width() as f32 - 1.0, image.height() as f32 - 1.0);
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let (dx, dy) = (x as f32 - center.x, y as f32 - center.y);
        let from_x = (center.x + cos * dx + sin * dy).clamp(0.0, right);
        let from_y = (center.y - sin * dx + cos * dy).clamp(0.0, bottom);
        imageops::interpolate_bilinear(image, from_x, from_y).unwrap_or(Rgb([0; 3]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_mean_0_and_deviation_1() {
        let values: Vec<f32> = (0..10_000).map(noise).collect();
        let mean = values.iter().sum::<f32>() / 10_000.0;
        let square = values.iter().map(|v| v * v).sum::<f32>() / 10_000.0;
        assert!(
            mean.abs() < 0.03 && (square - 1.0).abs() < 0.05,
            "{mean} {square}"
        );
    }

    #[test]
    fn clockwise_moves_the_right_to_the_bottom() {
        let mut image = RgbImage::new(11, 11);
        image.put_pixel(10, 5, Rgb([200; 3]));
        let turned = turned(&image, 90.0, Point::new(5.0, 5.0));
        assert!(turned.get_pixel(5, 10)[0] > 150 && turned.get_pixel(10, 5)[0] < 50);
    }

    #[test]
    fn darkness_and_light_are_clamped() {
        let grey = RgbImage::from_pixel(4, 4, Rgb([100; 3]));
        assert!(times(&grey, 3.0, 0.0).iter().all(|v| *v == 255));
        assert!(times(&grey, 0.5, 0.0).iter().all(|v| *v == 50));
    }
}
