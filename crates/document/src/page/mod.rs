//! From a file to the pixels of one page. Sizes are checked before a pixel is made; no input makes it panic.

mod gate;
mod pdf;

use image::RgbImage;
use selfsame_vision::decode::{self, Limits};
use selfsame_vision::resize::{Filter, resize};

use crate::Error;

/// Smaller pictures are enlarged to this longer side: readers of text were trained on larger print. On 26 licences of 243 to
/// 700 pixels 900 reads less and 1400 no more.
const LEAST_LONG_SIDE_PX: u32 = 1100;

/// JPEGs are decoded at this size or larger, whatever a caller wants for faces: bars and print are finer than faces, and photos
/// of 12 megapixels are halved, not quartered.
const TARGET_LONG_SIDE_PX: u32 = 2000;

/// One page, upright as far as the file says.
pub(crate) struct Page {
    /// The pixels; more than the original has, if that is small.
    pub(crate) image: RgbImage,
    /// Width of the original in pixels; of a PDF, of what was rendered.
    pub(crate) width_px: u32,
    /// Height of the original.
    pub(crate) height_px: u32,
}

impl Page {
    /// Decodes a JPEG, PNG, WebP or TIFF, or renders a PDF of one page.
    pub(crate) fn load(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::load_within(bytes, limits, limits.max_bytes)
    }

    /// The same, with a limit of its own for PDFs; 0 refuses them.
    pub(crate) fn load_within(bytes: &[u8], limits: &Limits, max_pdf_bytes: usize) -> Result<Self, Error> {
        if pdf::is_pdf(bytes) {
            return pdf::render(bytes, limits.max_bytes.min(max_pdf_bytes));
        }
        let limits = Limits {
            target_long_side_px: limits.target_long_side_px.max(TARGET_LONG_SIDE_PX),
            ..*limits
        };
        let decoded = decode::decode_scan(bytes, &limits).map_err(|error| match error {
            decode::Error::UnknownFormat => Error::UnknownFormat,
            other => Error::Image(other),
        })?;
        Ok(Self {
            image: enlarged(decoded.image),
            width_px: decoded.width_px,
            height_px: decoded.height_px,
        })
    }
}

fn enlarged(image: RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    let longer = width.max(height);
    if longer >= LEAST_LONG_SIDE_PX {
        return image;
    }
    let side =
        |length: u32| (u64::from(length) * u64::from(LEAST_LONG_SIDE_PX) / u64::from(longer.max(1))) as u32;
    resize(&image, side(width).max(1), side(height).max(1), Filter::Bicubic)
}
