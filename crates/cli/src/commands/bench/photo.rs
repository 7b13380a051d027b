//! The photo that is measured on: 640×480, with a face in it, as a webcam would send it.

use std::path::Path;

use anyhow::{Context as _, Result};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use selfsame_face::Analyzer;
use selfsame_types::Point;
use selfsame_vision::decode::{self, Limits};

use crate::arguments::Global;
use crate::exit::Failure;
use crate::inference;

/// The size that the project states its speed for.
pub(super) const WIDTH_PX: u32 = 640;
pub(super) const HEIGHT_PX: u32 = 480;
/// What cameras and browsers usually write.
const JPEG_QUALITY: u8 = 90;
/// The sample photo that is used where none is named.
const SAMPLE: &str = "obama.jpg";

/// The bytes of the file at `path`, or of a sample photo.
pub(super) fn read(global: &Global, path: Option<&Path>) -> Result<Vec<u8>> {
    if let Some(path) = path {
        return Ok(fs_err::read(path)?);
    }
    let directory = tempfile::tempdir()?;
    let fetched = inference::resolver(global)?.fetch_files("samples", directory.path())?;
    let sample = fetched.files.iter().find(|file| file.ends_with(SAMPLE));
    let sample = sample.ok_or_else(|| {
        Failure::new("the sample photo is not available").hint("name a photo: --image FILE")
    })?;
    Ok(fs_err::read(sample)?)
}

/// Cuts the widest 4:3 window around the largest face, brings it to 640×480 and encodes it as JPEG.
pub(super) fn prepare(analyzer: &Analyzer, photo: &[u8]) -> Result<Vec<u8>> {
    let decoded = decode::decode(photo, &Limits::default()).context("the photo cannot be used")?;
    let image = decoded.image;
    let face = analyzer.detect(&image)?.into_iter().next();
    let face =
        face.ok_or_else(|| Failure::new("there is no face in the photo").hint("take another: --image FILE"))?;
    let (x, y, width, height) = window(image.width(), image.height(), face.bounding_box.center());
    let cut = imageops::crop_imm(&image, x, y, width, height).to_image();
    let small = imageops::resize(&cut, WIDTH_PX, HEIGHT_PX, FilterType::Triangle);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY).encode_image(&small)?;
    Ok(jpeg)
}

/// The largest 4:3 rectangle in an image, as near to `center` as it can be: left, top, width, height.
fn window(width: u32, height: u32, center: Point) -> (u32, u32, u32, u32) {
    let (cut_width, cut_height) = if width * HEIGHT_PX <= height * WIDTH_PX {
        (width, width * HEIGHT_PX / WIDTH_PX)
    } else {
        (height * WIDTH_PX / HEIGHT_PX, height)
    };
    let start = |center: f32, cut: u32, whole: u32| (center as u32).saturating_sub(cut / 2).min(whole - cut);
    (
        start(center.x, cut_width, width),
        start(center.y, cut_height, height),
        cut_width,
        cut_height,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_the_face() {
        assert_eq!(window(900, 1200, Point::new(450.0, 300.0)), (0, 0, 900, 675));
        assert_eq!(window(900, 1200, Point::new(450.0, 1190.0)), (0, 525, 900, 675));
        assert_eq!(window(1200, 600, Point::new(1000.0, 300.0)), (400, 0, 800, 600));
        assert_eq!(window(640, 480, Point::new(0.0, 0.0)), (0, 0, 640, 480));
    }
}
