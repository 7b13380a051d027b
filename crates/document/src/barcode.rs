//! Barcodes on documents: PDF417 (driver licences of North America) and QR codes. What they say is not understood here.

mod region;

use image::{GrayImage, RgbImage, imageops};
use imageproc::filter::gaussian_blur_f32;
use rxing::{BarcodeFormat, DecodeHints};
use selfsame_vision::decode::Limits;
use selfsame_vision::resize::{Filter, resize};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::page::Page;

/// A kind of barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Symbology {
    /// ISO/IEC 15438.
    Pdf417,
    /// ISO/IEC 18004.
    QrCode,
}

/// A barcode that was read; its own error correction has found nothing wrong.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Barcode {
    /// Its kind.
    pub symbology: Symbology,
    /// What it says.
    pub text: String,
}

impl std::fmt::Debug for Barcode {
    /// What it says is personal data: never printed.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Barcode")
            .field("symbology", &self.symbology)
            .field("characters", &self.text.chars().count())
            .finish_non_exhaustive()
    }
}

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// One look: where nothing speaks for a barcode.
    Once,
    /// Up to some thirty looks, about half a second.
    Thorough,
}

/// Reads the barcodes in an image. The decoder follows straight rows of sharp bars, so what it does not read at once is shown to
/// it again, straightened, at another size and without noise, if something in the picture is as dense as a barcode.
pub(crate) fn read(image: &RgbImage, effort: Effort) -> Vec<Barcode> {
    let found = scan(&imageops::grayscale(image));
    if !found.is_empty() || effort == Effort::Once {
        return found;
    }
    let regions = region::dense(image);
    let mut found = regions
        .iter()
        .map(|region| try_hard(&region::straightened(image, region)));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

/// A region at several sizes, sharp and smoothed.
fn try_hard(region: &RgbImage) -> Vec<Barcode> {
    /// Sides are multiplied by these; bars of a pixel or two are read better enlarged.
    const SCALES: [f32; 4] = [1.0, 2.0, 1.4, 1.7];
    /// Standard deviations of the smoothing in pixels.
    const SMOOTHING: [f32; 4] = [0.0, 0.6, 0.9, 1.3];
    for scale in SCALES {
        let side = |length: u32| ((length as f32 * scale) as u32).max(1);
        let scaled = resize(
            region,
            side(region.width()),
            side(region.height()),
            Filter::Bicubic,
        );
        let grey = imageops::grayscale(&scaled);
        for smoothing in SMOOTHING {
            let smooth = if smoothing > 0.0 {
                gaussian_blur_f32(&grey, smoothing * scale)
            } else {
                grey.clone()
            };
            let found = scan(&smooth);
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// Reads the barcodes in a file with a picture.
pub fn read_file(bytes: &[u8]) -> Result<Vec<Barcode>, Error> {
    Ok(read(
        &Page::load(bytes, &Limits::default())?.image,
        Effort::Thorough,
    ))
}

fn scan(grey: &GrayImage) -> Vec<Barcode> {
    let mut hints = DecodeHints {
        PossibleFormats: Some([BarcodeFormat::PDF_417, BarcodeFormat::QR_CODE].into()),
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let results = rxing::helpers::detect_multiple_in_luma_with_hints(
        grey.as_raw().clone(),
        grey.width(),
        grey.height(),
        &mut hints,
    );
    // Nothing found is an error there, and so is every kind of trouble: what cannot be read is not there.
    let mut barcodes: Vec<Barcode> = Vec::new();
    for result in results.unwrap_or_default() {
        let symbology = match result.getBarcodeFormat() {
            BarcodeFormat::PDF_417 => Symbology::Pdf417,
            BarcodeFormat::QR_CODE => Symbology::QrCode,
            _ => continue,
        };
        let barcode = Barcode {
            symbology,
            text: result.getText().to_owned(),
        };
        if !barcodes.contains(&barcode) {
            barcodes.push(barcode);
        }
    }
    barcodes
}
