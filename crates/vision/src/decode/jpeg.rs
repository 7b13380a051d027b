//! JPEG: header, completeness and the choice between two decoders.
//!
//! zune-jpeg is the faster one at full size and knows CMYK; jpeg-decoder can decode at 1/2, 1/4 and 1/8 with
//! smaller inverse transforms, which makes it the faster one for photos of 12 megapixels that are wanted at two or three.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};

use super::{Error, Format, Limits, codec_limits, to_rgb};

/// What the segments before the first scan say.
pub(super) struct Header {
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    /// 1 grey, 3 colour, 4 CMYK or YCCK.
    components: u8,
    pub(super) orientation: Orientation,
}

/// Marker codes of ISO/IEC 10918-1, table B.1 (each follows a 0xFF).
mod marker {
    pub(super) const TEMPORARY: u8 = 0x01;
    /// Start of frame, baseline; the codes up to `SOF_LAST` are frames too, with three exceptions.
    pub(super) const SOF_FIRST: u8 = 0xc0;
    pub(super) const SOF_PROGRESSIVE: u8 = 0xc2;
    pub(super) const HUFFMAN_TABLES: u8 = 0xc4;
    pub(super) const EXTENSIONS: u8 = 0xc8;
    pub(super) const ARITHMETIC_CONDITIONING: u8 = 0xcc;
    pub(super) const SOF_LAST: u8 = 0xcf;
    pub(super) const RESTART_FIRST: u8 = 0xd0;
    pub(super) const RESTART_LAST: u8 = 0xd7;
    pub(super) const END: u8 = 0xd9;
    pub(super) const SCAN: u8 = 0xda;
    pub(super) const APP1: u8 = 0xe1;
}

fn corrupt(reason: &'static str) -> Error {
    Error::corrupt(Format::Jpeg, reason)
}

fn unsupported(feature: &str) -> Error {
    Error::UnsupportedFeature {
        format: Format::Jpeg,
        feature: feature.to_owned(),
    }
}

/// Reads the header and makes sure that the file goes on to the end of its image.
pub(super) fn read_header(bytes: &[u8]) -> Result<Header, Error> {
    let mut segments = Segments { bytes, position: 2 };
    let mut header: Option<Header> = None;
    let mut orientation = None;
    loop {
        let (code, content) = segments
            .next_segment()
            .ok_or_else(|| corrupt("the file ends within its header"))?;
        match code {
            marker::SCAN => break,
            marker::END => return Err(corrupt("the file has no image data")),
            marker::HUFFMAN_TABLES | marker::EXTENSIONS | marker::ARITHMETIC_CONDITIONING => {}
            marker::SOF_FIRST..=marker::SOF_LAST => {
                if header.is_some() {
                    return Err(corrupt("the file has two frames"));
                }
                header = Some(read_frame(code, content)?);
            }
            marker::APP1 if orientation.is_none() => {
                orientation = content
                    .strip_prefix(b"Exif\0\0")
                    .and_then(Orientation::from_exif_chunk);
            }
            _ => {}
        }
    }
    let mut header = header.ok_or_else(|| corrupt("the image data come before the frame header"))?;
    if !segments.reaches_the_end() {
        return Err(corrupt("the file ends before its image does"));
    }
    header.orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(header)
}

/// ISO/IEC 10918-1, § B.2.2.
fn read_frame(code: u8, content: &[u8]) -> Result<Header, Error> {
    let &[precision_bits, h0, h1, w0, w1, components, ..] = content else {
        return Err(corrupt("the frame header is too short"));
    };
    if code > marker::SOF_PROGRESSIVE {
        return Err(unsupported("lossless, hierarchical or arithmetic coding"));
    }
    if precision_bits != 8 {
        return Err(unsupported("12 bits per sample"));
    }
    if !matches!(components, 1 | 3 | 4) {
        return Err(unsupported("an unusual number of colour components"));
    }
    let height_px = u32::from(u16::from_be_bytes([h0, h1]));
    if height_px == 0 {
        return Err(unsupported("a height that is given after the image data"));
    }
    Ok(Header {
        width_px: u32::from(u16::from_be_bytes([w0, w1])),
        height_px,
        components,
        orientation: Orientation::NoTransforms,
    })
}

/// Walks over the marker segments of a file.
struct Segments<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Segments<'a> {
    /// The next marker and its segment's content, empty for markers that stand alone.
    fn next_segment(&mut self) -> Option<(u8, &'a [u8])> {
        let code = self.next_marker()?;
        let stands_alone = matches!(
            code,
            marker::TEMPORARY | marker::END | marker::RESTART_FIRST..=marker::RESTART_LAST
        );
        if stands_alone {
            return Some((code, &[]));
        }
        let length = self.bytes.get(self.position..self.position + 2)?;
        // The length counts its own two bytes.
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let content = self.bytes.get(self.position + 2..self.position + length.max(2))?;
        self.position += length.max(2);
        Some((code, content))
    }

    /// Skips to the next 0xFF that announces a marker: one that no 0 (stuffing) and no other 0xFF (fill) follows.
    fn next_marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.bytes.get(self.position..)?;
            let found = rest.iter().position(|&byte| byte == 0xff)?;
            let code = *rest.get(found + 1)?;
            match code {
                0xff => self.position += found + 1,
                0 => self.position += found + 2,
                _ => {
                    self.position += found + 2;
                    return Some(code);
                }
            }
        }
    }

    /// Whether an end marker follows the scans.
    fn reaches_the_end(mut self) -> bool {
        while let Some((code, _)) = self.next_segment() {
            if code == marker::END {
                return true;
            }
        }
        false
    }
}

/// Decodes the pixels, reduced if the longer side stays long enough.
pub(super) fn decode(bytes: &[u8], header: &Header, limits: &Limits) -> Result<RgbImage, Error> {
    let half_long_side_px = header.width_px.max(header.height_px).div_ceil(2);
    if header.components != 4 && half_long_side_px >= limits.target_long_side_px {
        match decode_reduced(bytes, header, limits) {
            // It does not know every sampling; the other decoder may.
            Err(Error::UnsupportedFeature { .. }) => {}
            result => return result,
        }
    }
    let codec = |error| Error::from_codec(Format::Jpeg, error);
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(codec)?;
    if decoder.dimensions() != (header.width_px, header.height_px) {
        return Err(corrupt("two headers disagree about the size"));
    }
    decoder
        .set_limits(codec_limits(header.width_px, header.height_px))
        .map_err(codec)?;
    DynamicImage::from_decoder(decoder).map(to_rgb).map_err(codec)
}

fn decode_reduced(bytes: &[u8], header: &Header, limits: &Limits) -> Result<RgbImage, Error> {
    let codec = |error| match error {
        jpeg_decoder::Error::Unsupported(feature) => unsupported(&format!("{feature:?}")),
        error => Error::Corrupt {
            format: Format::Jpeg,
            source: Box::new(error),
        },
    };
    let target_px = u16::try_from(limits.target_long_side_px).unwrap_or(u16::MAX);
    // The decoder stops at the first scale at which *either* side is long enough: ask for the longer one only.
    let (width_px, height_px) = if header.width_px >= header.height_px {
        (target_px, u16::MAX)
    } else {
        (u16::MAX, target_px)
    };
    let mut decoder = Decoder::new(Cursor::new(bytes));
    let (width_px, height_px) = decoder.scale(width_px, height_px).map_err(codec)?;
    let (width_px, height_px) = (u32::from(width_px), u32::from(height_px));
    if width_px > header.width_px || height_px > header.height_px {
        return Err(corrupt("two headers disagree about the size"));
    }
    let pixels = decoder.decode().map_err(codec)?;
    let image = match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::RGB24) => RgbImage::from_raw(width_px, height_px, pixels),
        Some(PixelFormat::L8) => image::GrayImage::from_raw(width_px, height_px, pixels)
            .map(|grey| DynamicImage::from(grey).into_rgb8()),
        _ => return Err(unsupported("an unusual pixel format")),
    };
    image.ok_or_else(|| corrupt("the decoder returned too few pixels"))
}
