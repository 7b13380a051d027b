//! Why an image was not decoded, in words for the client who sent it.

use super::Format;

/// Why an image was refused. The texts may be shown to the client: they hold no path and no internals.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No bytes.
    #[error("the image is empty: send the bytes of a JPEG, PNG or WebP file")]
    Empty,
    /// The file is too long.
    #[error(
        "the image has {} bytes; at most {limit_bytes} are accepted: send a smaller one",
        size_bytes
    )]
    TooLarge {
        /// The file's length.
        size_bytes: usize,
        /// The longest that is accepted.
        limit_bytes: usize,
    },
    /// The bytes are no image that we know.
    #[error("the bytes are not an image: send a JPEG, PNG or WebP file")]
    UnknownFormat,
    /// An image, but of a format that is not decoded.
    #[error("{name} images are not accepted: send a JPEG, PNG or WebP file")]
    UnsupportedFormat {
        /// The format's usual name.
        name: &'static str,
    },
    /// The right format with a rare feature.
    #[error(
        "the {format} image uses a feature that is not supported ({feature}): save it as a plain JPEG and send it again"
    )]
    UnsupportedFeature {
        /// The file's format.
        format: Format,
        /// The feature.
        feature: String,
    },
    /// More than one page, of which nobody can say which one is meant.
    #[error("the {format} file has several pages: send each page on its own")]
    SeveralPages {
        /// The file's format.
        format: Format,
    },
    /// The file is damaged or ends too early.
    #[error("the {format} image is damaged: send it again")]
    Corrupt {
        /// The file's format.
        format: Format,
        /// What the decoder said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The picture is too large when decoded.
    #[error(
        "the image has {:.1} megapixels; at most {:.0} are accepted: send a smaller one",
        megapixels(*pixels),
        megapixels(*limit_pixels)
    )]
    TooManyPixels {
        /// Width × height.
        pixels: u64,
        /// The most that are accepted.
        limit_pixels: u64,
    },
    /// The picture is too wide or too high.
    #[error(
        "the image is {width_px} × {height_px} pixels; no side may be longer than {limit_px}: send a smaller one"
    )]
    SideTooLong {
        /// The width.
        width_px: u32,
        /// The height.
        height_px: u32,
        /// The longest side that is accepted.
        limit_px: u32,
    },
    /// The picture is too small for anything to be found on it.
    #[error(
        "the image is {width_px} × {height_px} pixels; each side must have at least {limit_px}: send a larger one"
    )]
    TooSmall {
        /// The width.
        width_px: u32,
        /// The height.
        height_px: u32,
        /// The shortest side that is accepted.
        limit_px: u32,
    },
}

fn megapixels(pixels: u64) -> f64 {
    pixels as f64 / 1e6
}

impl Error {
    /// A damaged file, with our own words for what is wrong.
    pub(super) fn corrupt(format: Format, reason: &'static str) -> Self {
        Self::Corrupt {
            format,
            source: reason.into(),
        }
    }

    pub(super) fn from_codec(format: Format, error: image::ImageError) -> Self {
        match error {
            image::ImageError::Unsupported(error) => Self::UnsupportedFeature {
                format,
                feature: error.to_string(),
            },
            error => Self::Corrupt {
                format,
                source: Box::new(error),
            },
        }
    }
}
