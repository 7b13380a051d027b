//! The contact sheet: the pairs that are judged wrong first, with the faces that were compared.

use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::{Rgb, RgbImage, imageops};
use selfsame_types::BoundingBox;
use selfsame_vision::decode::{self, Limits};

use super::super::measure::Measurement;
use super::super::result::AtSimilarity;
use super::super::worst::Named;
use super::html::{Page, Pair};

/// Side of a face on the sheet.
const SIDE_PX: u32 = 112;

/// The part around a face's box that is shown: a quarter of its longer side on each side.
const MARGIN: f32 = 0.25;

/// Enough for a face of 112 pixels.
const JPEG_QUALITY: u8 = 82;

/// What lies outside a photo.
const OUTSIDE: Rgb<u8> = Rgb([128; 3]);

/// The threshold that decides what is wrong: similarity 95.
const DECIDING: f32 = 95.0;

/// Both kinds of pairs, one after the other.
pub(super) fn sheet(
    page: &mut Page,
    worst: &[Named],
    measurement: &Measurement,
    similarities: &[AtSimilarity],
    with_photos: bool,
) {
    let deciding = similarities
        .iter()
        .find(|at| (at.similarity - DECIDING).abs() < 0.01);
    let threshold = deciding.map_or(1.0, |at| f64::from(at.cosine));
    page.section("The pairs that are judged wrong first");
    page.paragraph(
        "Look here before blaming the model: wrong labels are among them. A red frame marks a wrong decision at similarity 95.",
    );
    for (same, title) in [
        (false, "Two people by the labels, most alike: false matches first"),
        (
            true,
            "One person by the labels, least alike: false non-matches first",
        ),
    ] {
        page.subsection(title);
        let pairs = worst.iter().filter(|named| named.same == same).map(|named| Pair {
            photos: named.photos.map(|photo| {
                let picture = with_photos.then(|| thumbnail(measurement, photo).ok()).flatten();
                (short(&measurement.photos[photo]), picture)
            }),
            caption: format!("cosine {:.3}", named.cosine),
            wrong: (named.cosine >= threshold) != same,
        });
        page.sheet(&pairs.collect::<Vec<_>>());
    }
}

/// The last folder and the file: enough to find a photo, and nothing of where the collection lies.
fn short(path: &Path) -> String {
    let parts: Vec<_> = path
        .iter()
        .rev()
        .take(2)
        .map(|part| part.to_string_lossy())
        .collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// The face that was compared, as JPEG in base64.
fn thumbnail(measurement: &Measurement, photo: usize) -> Result<String> {
    let seen = measurement.encoded.outcomes[photo].seen().context("no face")?;
    let bytes = fs_err::read(&measurement.photos[photo])?;
    let decoded = decode::decode(&bytes, &Limits::default())?;
    let face = around(&decoded.image, seen.bounding_box.scaled(decoded.scale));
    let mut jpeg = Cursor::new(Vec::new());
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY).encode_image(&face)?;
    Ok(BASE64.encode(jpeg.into_inner()))
}

/// A square around a box, grey where the photo ends.
fn around(image: &RgbImage, area: BoundingBox) -> RgbImage {
    let side = (area.width.max(area.height) * (1.0 + 2.0 * MARGIN))
        .round()
        .max(1.0);
    let center = area.center();
    let (left, top) = (
        (center.x - side / 2.0).round() as i64,
        (center.y - side / 2.0).round() as i64,
    );
    // No face is larger than a few photos.
    let side_px = (side as u32).min(4 * image.width().max(image.height()));
    let mut square = RgbImage::from_pixel(side_px, side_px, OUTSIDE);
    imageops::replace(&mut square, image, -left, -top);
    imageops::resize(&square, SIDE_PX, SIDE_PX, imageops::FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_at_the_border_is_padded() {
        let image = RgbImage::from_pixel(100, 100, Rgb([200, 0, 0]));
        let face = around(
            &image,
            BoundingBox {
                left: -20.0,
                top: -20.0,
                width: 40.0,
                height: 40.0,
            },
        );
        assert_eq!(face.dimensions(), (SIDE_PX, SIDE_PX));
        assert_eq!(
            (face.get_pixel(2, 2), face.get_pixel(109, 109)),
            (&OUTSIDE, &Rgb([200, 0, 0]))
        );
    }

    #[test]
    fn names_say_nothing_of_where_photos_lie() {
        assert_eq!(short(Path::new("/home/ada/set/bob/1.jpg")), "bob/1.jpg");
        assert_eq!(short(Path::new("1.jpg")), "1.jpg");
    }
}
