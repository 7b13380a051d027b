//! Brightness and sharpness of an aligned face.

use image::RgbImage;
use selfsame_types::Quality;

/// Side of the chip that is judged, in the `arcface-112` alignment: the scale at which embedders see the face, so that
/// a large blurred face and a small one are judged alike.
pub(crate) const CHIP_PX: u32 = 112;

/// The part of the chip that is skin on nearly every face: from temple to temple, from brow to chin.
const CENTER: (std::ops::Range<usize>, std::ops::Range<usize>) = (20..92, 20..100);

/// Variance of the Laplacian that counts as no detail, sharpness 0. Natural faces blurred with σ = 2 chip pixels have
/// 5 to 21 (5th and 95th percentile on `faces/identities`), σ = 3 has 3 to 7.
const NO_DETAIL: f32 = 3.0;

/// Variance of the Laplacian that counts as crisp, sharpness 100: above the 95th percentile (2 254) of the same photos.
const CRISP: f32 = 3_000.0;

/// Judges a chip of [`CHIP_PX`] pixels: brightness is the mean luma (ITU-R BT.601) of the face's centre, sharpness
/// the variance of its Laplacian (Pech-Pacheco et al., ICPR 2000) on a logarithmic scale.
pub(crate) fn assess(chip: &RgbImage) -> Quality {
    let width = chip.width() as usize;
    let luma: Vec<f32> = chip
        .pixels()
        .map(|p| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]))
        .collect();
    let (columns, rows) = CENTER;
    let count = (columns.len() * rows.len()) as f32;
    let (mut brightness, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for y in rows {
        for x in columns.clone() {
            let i = y * width + x;
            let laplacian = luma[i - 1] + luma[i + 1] + luma[i - width] + luma[i + width] - 4.0 * luma[i];
            brightness += luma[i];
            sum += laplacian;
            squares += laplacian * laplacian;
        }
    }
    let mean = sum / count;
    let variance = squares / count - mean * mean;
    Quality {
        brightness: brightness / count / 2.55,
        sharpness: sharpness(variance),
    }
}

fn sharpness(variance: f32) -> f32 {
    let position = (variance.max(f32::MIN_POSITIVE) / NO_DETAIL).ln() / (CRISP / NO_DETAIL).ln();
    (100.0 * position).clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn flat_grey_has_brightness_and_no_detail() {
        let quality = assess(&RgbImage::from_pixel(CHIP_PX, CHIP_PX, Rgb([127, 127, 127])));
        assert!((quality.brightness - 49.8).abs() < 0.1, "{quality:?}");
        assert!(quality.sharpness.abs() < f32::EPSILON, "{quality:?}");
    }

    #[test]
    fn more_detail_is_sharper() {
        let stripes = |period: u32| {
            RgbImage::from_fn(CHIP_PX, CHIP_PX, |x, _| {
                let phase = x as f32 * std::f32::consts::TAU / period as f32;
                Rgb([(127.0 + 60.0 * phase.sin()) as u8; 3])
            })
        };
        let (soft, crisp) = (assess(&stripes(40)).sharpness, assess(&stripes(5)).sharpness);
        assert!(soft + 20.0 < crisp, "{soft} {crisp}");
    }
}
