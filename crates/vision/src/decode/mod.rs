//! Files from strangers → upright RGB pixels. Sizes are checked before a pixel is decoded; nothing here trusts a
//! header, a file name or a content type, and no input makes it panic.
//!
//! What is decided here, for every caller:
//!
//! - The format follows from the first bytes: JPEG, PNG or WebP; [`decode_scan`] takes TIFF as well, of one page.
//! - EXIF orientation is applied. Colour profiles are ignored: the values are taken as sRGB.
//! - Transparency is laid on white, the paper that cut-out portraits are made for.
//! - Of an animation the first frame counts.
//! - A file that ends before its image does is refused, also JPEG, which other programs show with a grey
//!   part: half a face must not be enrolled. Damage *within* a complete JPEG may pass as wrong pixels, as in every
//!   decoder.

mod error;
mod jpeg;
mod tiff;

use std::fmt;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};

pub use error::Error;

use crate::orientation;

/// What is accepted. Checked before any pixel is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the file. 15 MiB is what Amazon Rekognition accepts (as MB), so that its clients' photos fit.
    pub max_bytes: usize,
    /// Width × height. 50 megapixels are the largest common phone photos; decoded they take 150 MB.
    pub max_pixels: u64,
    /// Longest side; 12 000 admits panoramas and scans of the above.
    pub max_side_px: u32,
    /// Shortest side. 80 is Rekognition's documented minimum.
    pub min_side_px: u32,
    /// JPEGs are decoded at 1/2, 1/4 or 1/8 while the longer side stays at least this long.
    pub target_long_side_px: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 15 << 20,
            max_pixels: 50_000_000,
            max_side_px: 12_000,
            min_side_px: 80,
            target_long_side_px: 1920,
        }
    }
}

/// A file format that is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// ISO/IEC 10918-1, baseline and progressive, Huffman coded, 8 bits, grey, RGB, YCbCr, CMYK or YCCK.
    Jpeg,
    /// Every colour type and depth.
    Png,
    /// Lossy and lossless.
    WebP,
    /// TIFF 6.0 as scanners write it: one page.
    Tiff,
}

impl Format {
    /// The media type (RFC 6838) of files of this format.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Tiff => "image/tiff",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
        })
    }
}

/// A decoded image.
#[derive(Clone, PartialEq)]
pub struct Decoded {
    /// The pixels, upright, 8-bit sRGB; smaller than the original if the codec reduced it.
    pub image: RgbImage,
    /// Width of the upright original.
    pub width_px: u32,
    /// Height of the upright original.
    pub height_px: u32,
    /// Longer side of `image` divided by that of the original, ≤ 1.
    pub scale: f32,
    /// The file's format.
    pub format: Format,
}

impl fmt::Debug for Decoded {
    /// Pixels are personal data: never printed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Decoded")
            .field("width_px", &self.width_px)
            .field("height_px", &self.height_px)
            .field("scale", &self.scale)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// Decodes a photo.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let format = sniff(bytes, limits)?;
    if format == Format::Tiff {
        return Err(Error::UnsupportedFormat { name: "TIFF" });
    }
    decode_as(format, bytes, limits)
}

/// Decodes a photo or what a scanner made: as [`decode`], and TIFF.
pub fn decode_scan(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    decode_as(sniff(bytes, limits)?, bytes, limits)
}

fn decode_as(format: Format, bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    // The codecs are fuzzed and written in safe Rust, yet a panic in one of them must cost one request only.
    let (pixels, original, orientation) =
        catch_unwind(AssertUnwindSafe(|| decode_pixels(format, bytes, limits)))
            .unwrap_or_else(|_| Err(Error::corrupt(format, "the decoder gave up")))?;
    let scale = pixels.width().max(pixels.height()) as f32 / original.0.max(original.1) as f32;
    let (width_px, height_px) = if orientation::swaps_sides(orientation) {
        (original.1, original.0)
    } else {
        original
    };
    Ok(Decoded {
        image: orientation::apply(pixels, orientation),
        width_px,
        height_px,
        scale,
        format,
    })
}

/// The pixels as stored, the stored size and the turn that makes it upright.
type Stored = (RgbImage, (u32, u32), Orientation);

fn decode_pixels(format: Format, bytes: &[u8], limits: &Limits) -> Result<Stored, Error> {
    let codec = |error| Error::from_codec(format, error);
    match format {
        Format::Jpeg => {
            let header = jpeg::read_header(bytes)?;
            check_size(header.width_px, header.height_px, limits)?;
            let image = jpeg::decode(bytes, &header, limits)?;
            Ok((image, (header.width_px, header.height_px), header.orientation))
        }
        Format::Png => {
            let (width_px, height_px) = png_size(bytes)?;
            check_size(width_px, height_px, limits)?;
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), codec_limits(width_px, height_px))
                .map_err(codec)?;
            read(decoder, format, (width_px, height_px))
        }
        Format::WebP => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(codec)?;
            let (width_px, height_px) = decoder.dimensions();
            check_size(width_px, height_px, limits)?;
            read(decoder, format, (width_px, height_px))
        }
        Format::Tiff => {
            if tiff::has_several_pages(bytes) {
                return Err(Error::SeveralPages { format });
            }
            let decoder = TiffDecoder::new(Cursor::new(bytes)).map_err(codec)?;
            let (width_px, height_px) = decoder.dimensions();
            check_size(width_px, height_px, limits)?;
            read(decoder, format, (width_px, height_px))
        }
    }
}

fn read(mut decoder: impl ImageDecoder, format: Format, size: (u32, u32)) -> Result<Stored, Error> {
    let codec = |error| Error::from_codec(format, error);
    if decoder.dimensions() != size {
        return Err(Error::corrupt(format, "two headers disagree about the size"));
    }
    decoder.set_limits(codec_limits(size.0, size.1)).map_err(codec)?;
    let orientation = decoder.orientation().map_err(codec)?;
    let image = DynamicImage::from_decoder(decoder).map_err(codec)?;
    Ok((to_rgb(image), size, orientation))
}

/// What a codec may allocate: the pixels at 16 bits and four channels, twice (the codec's own rows or planes), and 16 MiB for
/// tables and metadata, which a hostile file could blow up on their own.
fn codec_limits(width_px: u32, height_px: u32) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_image_width = Some(width_px);
    limits.max_image_height = Some(height_px);
    limits.max_alloc = Some(u64::from(width_px) * u64::from(height_px) * 16 + (16 << 20));
    limits
}

/// Which format the first bytes announce; the length is checked first.
fn sniff(bytes: &[u8], limits: &Limits) -> Result<Format, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    if bytes.len() > limits.max_bytes {
        return Err(Error::TooLarge {
            size_bytes: bytes.len(),
            limit_bytes: limits.max_bytes,
        });
    }
    let container = bytes.get(4..8).zip(bytes.get(8..12));
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Format::WebP),
        [b'G', b'I', b'F', b'8', ..] => Err(Error::UnsupportedFormat { name: "GIF" }),
        [b'B', b'M', ..] if bytes.len() > 26 => Err(Error::UnsupportedFormat { name: "BMP" }),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Ok(Format::Tiff),
        [b'%', b'P', b'D', b'F', ..] => Err(Error::UnsupportedFormat { name: "PDF" }),
        // ISO base media files: the brand says which picture codec.
        _ => match container {
            Some((b"ftyp", b"avif" | b"avis")) => Err(Error::UnsupportedFormat { name: "AVIF" }),
            Some((b"ftyp", b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1")) => {
                Err(Error::UnsupportedFormat { name: "HEIC" })
            }
            _ => Err(Error::UnknownFormat),
        },
    }
}

/// Width and height from the header chunk, which must come first (PNG, third edition, § 5.6 and § 11.2.1).
fn png_size(bytes: &[u8]) -> Result<(u32, u32), Error> {
    match bytes.get(8..24) {
        Some(
            [
                0,
                0,
                0,
                13,
                b'I',
                b'H',
                b'D',
                b'R',
                w0,
                w1,
                w2,
                w3,
                h0,
                h1,
                h2,
                h3,
            ],
        ) => Ok((
            u32::from_be_bytes([*w0, *w1, *w2, *w3]),
            u32::from_be_bytes([*h0, *h1, *h2, *h3]),
        )),
        _ => Err(Error::corrupt(Format::Png, "the header chunk is missing")),
    }
}

fn check_size(width_px: u32, height_px: u32, limits: &Limits) -> Result<(), Error> {
    let pixels = u64::from(width_px) * u64::from(height_px);
    if pixels > limits.max_pixels {
        return Err(Error::TooManyPixels {
            pixels,
            limit_pixels: limits.max_pixels,
        });
    }
    if width_px.max(height_px) > limits.max_side_px {
        return Err(Error::SideTooLong {
            width_px,
            height_px,
            limit_px: limits.max_side_px,
        });
    }
    // An image without pixels is never acceptable, whatever is configured.
    if width_px.min(height_px) < limits.min_side_px.max(1) {
        return Err(Error::TooSmall {
            width_px,
            height_px,
            limit_px: limits.min_side_px.max(1),
        });
    }
    Ok(())
}

/// 8-bit RGB; transparent pixels are laid on white.
fn to_rgb(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let (width, height) = image.dimensions();
    let over_white = |value: u8, alpha: u16| {
        let blended = u16::from(value) * alpha + 255 * (255 - alpha);
        // Rounded division by 255.
        ((blended + 127) / 255) as u8
    };
    let pixels = image
        .as_raw()
        .chunks_exact(4)
        .flat_map(|pixel| {
            let alpha = u16::from(pixel[3]);
            [pixel[0], pixel[1], pixel[2]].map(|value| over_white(value, alpha))
        })
        .collect();
    RgbImage::from_raw(width, height, pixels).unwrap_or_default()
}

#[cfg(test)]
mod tests;
