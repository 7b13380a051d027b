//! Documents photographed in silico: what a barcode looks like in a picture of a given sharpness, noise, angle and
//! compression; and specimens of whole documents. For measuring and for tests, never for reading.

mod european;
mod sheet;
mod specimen;
mod zone;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};
use imageproc::filter::gaussian_blur_f32;
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use imageproc::noise::gaussian_noise;
use rxing::{BarcodeFormat, EncodeHints, MultiFormatWriter, Writer as _};

use crate::Error;

pub use european::{driving_licence, identity_card, identity_card_back};
pub use sheet::{Font, Sheet};
pub use specimen::{Person, licence, passport, passport_with_zone};
pub use zone::{td3, zone};

/// What happens between a card and the file of its picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Degradation {
    /// Pixels per module of the barcode.
    pub module_px: u32,
    /// Standard deviation of the blur in pixels; 0 for none.
    pub blur_px: f32,
    /// Standard deviation of the noise in grey values of 255.
    pub noise: f64,
    /// Rotation in degrees.
    pub rotation_degrees: f32,
    /// How much nearer the right side is than the left, as a share of its length.
    pub perspective: f32,
    /// Quality of the JPEG, 1 to 100.
    pub jpeg_quality: u8,
}

impl Degradation {
    /// A scan.
    pub const CLEAN: Self = Self {
        module_px: 3,
        blur_px: 0.0,
        noise: 0.0,
        rotation_degrees: 0.0,
        perspective: 0.0,
        jpeg_quality: 95,
    };
    /// A photo taken with care.
    pub const MODERATE: Self = Self {
        module_px: 3,
        blur_px: 0.8,
        noise: 8.0,
        rotation_degrees: 3.0,
        perspective: 0.05,
        jpeg_quality: 80,
    };
    /// A photo taken in a hurry.
    pub const STRONG: Self = Self {
        module_px: 3,
        blur_px: 1.6,
        noise: 16.0,
        rotation_degrees: 8.0,
        perspective: 0.12,
        jpeg_quality: 50,
    };
}

/// A picture of a PDF417 barcode with this text on white, as a JPEG file; `None` if the text fits in none.
#[must_use]
pub fn pdf417(text: &str, degradation: &Degradation, seed: u64) -> Option<Vec<u8>> {
    let bars = bars(text, degradation.module_px)?;
    photo(&bars, degradation, seed)
}

/// A photo of what an image shows, as a JPEG file; `None` if the image is empty.
#[must_use]
pub fn photo(image: &RgbImage, degradation: &Degradation, seed: u64) -> Option<Vec<u8>> {
    let mut file = std::io::Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut file, degradation.jpeg_quality);
    photograph(image, degradation, seed)
        .write_with_encoder(encoder)
        .ok()?;
    Some(file.into_inner())
}

/// A photo of a sheet that is so many pixels wide before the camera turns, as a JPEG file.
pub fn photo_of(
    sheet: &Sheet,
    width_px: u32,
    degradation: &Degradation,
    seed: u64,
) -> Result<Vec<u8>, Error> {
    let picture = sheet.picture()?;
    let height_px = picture.height() * width_px.max(1) / picture.width().max(1);
    let picture = resize(&picture, width_px.max(1), height_px.max(1), FilterType::Triangle);
    photo(&picture, degradation, seed).ok_or(Error::NoDocument)
}

fn bars(text: &str, module_px: u32) -> Option<RgbImage> {
    /// White around the bars, in modules: ISO/IEC 15438 wants two.
    const QUIET: u32 = 12;
    let hints = EncodeHints {
        // The AAMVA standard (annex D) asks for level 3 at least, and issuers use 3 to 5.
        ErrorCorrection: Some("4".to_owned()),
        Margin: Some("2".to_owned()),
        ..EncodeHints::default()
    };
    let matrix = MultiFormatWriter
        .encode_with_hints(text, &BarcodeFormat::PDF_417, 1, 1, &hints)
        .ok()?;
    let (width, height) = (matrix.getWidth(), matrix.getHeight());
    Some(RgbImage::from_fn(
        (width + 2 * QUIET) * module_px,
        (height + 2 * QUIET) * module_px,
        |x, y| {
            let (x, y) = (
                (x / module_px).checked_sub(QUIET),
                (y / module_px).checked_sub(QUIET),
            );
            let dark = match (x, y) {
                (Some(x), Some(y)) if x < width && y < height => matrix.get(x, y),
                _ => false,
            };
            if dark {
                Rgb([25, 25, 30])
            } else {
                Rgb([240, 240, 235])
            }
        },
    ))
}

fn photograph(image: &RgbImage, degradation: &Degradation, seed: u64) -> RgbImage {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let (sine, cosine) = degradation.rotation_degrees.to_radians().sin_cos();
    let (frame_width, frame_height) = (
        width * cosine.abs() + height * sine.abs(),
        width * sine.abs() + height * cosine.abs(),
    );
    let turned = |x: f32, y: f32| {
        let (x, y) = (x - width / 2.0, y - height / 2.0);
        (
            x * cosine - y * sine + frame_width / 2.0,
            x * sine + y * cosine + frame_height / 2.0,
        )
    };
    let far = degradation.perspective * height / 2.0;
    let from = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let to = [
        turned(0.0, far),
        turned(width, 0.0),
        turned(width, height),
        turned(0.0, height - far),
    ];
    let mut picture = RgbImage::new(frame_width.ceil() as u32, frame_height.ceil() as u32);
    match Projection::from_control_points(from, to) {
        Some(projection) => warp_into(
            image,
            projection,
            Interpolation::Bilinear,
            Border::Constant(Rgb([200, 200, 200])),
            &mut picture,
        ),
        None => picture.clone_from(image),
    }
    if degradation.blur_px > 0.0 {
        picture = gaussian_blur_f32(&picture, degradation.blur_px);
    }
    if degradation.noise > 0.0 {
        picture = gaussian_noise(&picture, 0.0, degradation.noise, seed);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::barcode::{Effort, Symbology, read};

    #[test]
    fn what_is_photographed_is_read() {
        let text = "@\n\u{1e}\rANSI 636000090002DL00410278ZV03190008DLDAQT64235789\nDCSSAMPLE\nDACMICHAEL\r";
        for degradation in [Degradation::CLEAN, Degradation::MODERATE] {
            let file = pdf417(text, &degradation, 1).unwrap();
            let image = image::load_from_memory(&file).unwrap().into_rgb8();
            let found = read(&image, Effort::Thorough);
            assert_eq!(found.len(), 1, "{degradation:?}");
            assert_eq!(
                (found[0].symbology, found[0].text.as_str()),
                (Symbology::Pdf417, text)
            );
        }
        assert!(pdf417(&"x".repeat(5000), &Degradation::CLEAN, 1).is_none());
    }
}
