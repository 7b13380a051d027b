//! From a file to the pixels of one page. Sizes are checked before a pixel is made; no input makes it panic.

mod pdf;

use image::RgbImage;
use selfsame_vision::decode::{self, Limits};

use crate::Error;

/// One page, upright as far as the file says.
pub(crate) struct Page {
    pub(crate) image: RgbImage,
    /// Width of the original in pixels; of a PDF, of what was rendered.
    pub(crate) width_px: u32,
    /// Height of the original.
    pub(crate) height_px: u32,
}

impl Page {
    /// Decodes a JPEG, PNG, WebP or TIFF, or renders a PDF of one page.
    pub(crate) fn load(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        if pdf::is_pdf(bytes) {
            return pdf::render(bytes, limits);
        }
        let decoded = decode::decode_scan(bytes, limits)?;
        Ok(Self {
            image: decoded.image,
            width_px: decoded.width_px,
            height_px: decoded.height_px,
        })
    }
}
