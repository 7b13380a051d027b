//! Barcodes on documents: PDF417 (driver licences of North America) and QR codes. What they say is not understood here.

use image::{GrayImage, RgbImage, imageops};
use rxing::{BarcodeFormat, DecodeHints};
use selfsame_types::Point;
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
    /// Points of its pattern, in pixels of the image.
    pub points: Vec<Point>,
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

/// Reads the barcodes in an image: as it is, then, where nothing is found, enlarged, because bars of a pixel or two are read
/// better so.
pub(crate) fn read(image: &RgbImage) -> Vec<Barcode> {
    /// Larger images are not enlarged.
    const ENLARGED_UP_TO_PX: u32 = 1300;
    let grey = imageops::grayscale(image);
    let found = scan(&grey, 1.0);
    if !found.is_empty() || image.width().max(image.height()) > ENLARGED_UP_TO_PX {
        return found;
    }
    let enlarged = resize(image, image.width() * 2, image.height() * 2, Filter::Bilinear);
    scan(&imageops::grayscale(&enlarged), 0.5)
}

/// Reads the barcodes in a file with a picture.
pub fn read_file(bytes: &[u8]) -> Result<Vec<Barcode>, Error> {
    Ok(read(&Page::load(bytes, &Limits::default())?.image))
}

fn scan(grey: &GrayImage, to_image: f32) -> Vec<Barcode> {
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
            points: result
                .getPoints()
                .iter()
                .map(|point| Point::new(point.x * to_image, point.y * to_image))
                .collect(),
        };
        if !barcodes.iter().any(|known| known.text == barcode.text) {
            barcodes.push(barcode);
        }
    }
    barcodes
}
