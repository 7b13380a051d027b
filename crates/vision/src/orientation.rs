//! Turns and mirrors images as EXIF demands. Phones store portraits lying on their side, so this is on the hot path: it
//! goes over the source row by row, in bands that stay in the cache.

use image::RgbImage;
use image::metadata::Orientation;

/// Whether width and height change places.
pub(crate) const fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The upright image.
pub(crate) fn apply(mut image: RgbImage, orientation: Orientation) -> RgbImage {
    match orientation {
        Orientation::NoTransforms => image,
        Orientation::FlipHorizontal => {
            mirror_rows(&mut image);
            image
        }
        Orientation::Rotate180 => {
            let (pixels, _) = image.as_chunks_mut::<3>();
            pixels.reverse();
            image
        }
        Orientation::FlipVertical => {
            // Turned by 180° and mirrored.
            let (pixels, _) = image.as_chunks_mut::<3>();
            pixels.reverse();
            mirror_rows(&mut image);
            image
        }
        // Transposed and then mirrored in x, in y, in neither or in both.
        Orientation::Rotate90 => transpose(&image, true, false),
        Orientation::Rotate270 => transpose(&image, false, true),
        Orientation::Rotate90FlipH => transpose(&image, false, false),
        Orientation::Rotate270FlipH => transpose(&image, true, true),
    }
}

/// Left and right exchanged.
pub(crate) fn mirror_rows(image: &mut RgbImage) {
    let width = image.width() as usize;
    let (pixels, _) = image.as_chunks_mut::<3>();
    for row in pixels.chunks_exact_mut(width.max(1)) {
        row.reverse();
    }
}

/// Rows become columns; the result is mirrored as asked.
fn transpose(image: &RgbImage, mirror_x: bool, mirror_y: bool) -> RgbImage {
    /// Source rows per band: a destination cache line of 64 bytes holds 21 pixels.
    const BAND: usize = 32;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut turned = RgbImage::new(image.height(), image.width());
    let (source, _) = image.as_chunks::<3>();
    let (target, _) = turned.as_chunks_mut::<3>();
    for band_start in (0..height).step_by(BAND) {
        let band_end = (band_start + BAND).min(height);
        for x in 0..width {
            let row = if mirror_y { width - 1 - x } else { x };
            let columns = if mirror_x {
                height - band_end..height - band_start
            } else {
                band_start..band_end
            };
            let target_row = &mut target[row * height..][columns];
            let column = source[band_start * width + x..].iter().step_by(width);
            if mirror_x {
                target_row
                    .iter_mut()
                    .rev()
                    .zip(column)
                    .for_each(|(to, from)| *to = *from);
            } else {
                target_row
                    .iter_mut()
                    .zip(column)
                    .for_each(|(to, from)| *to = *from);
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb};

    use super::*;

    #[test]
    fn all_eight_agree_with_the_image_crate() {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (37, 70), (64, 33)] {
            let image = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x * y) as u8]));
            for value in 1..=8 {
                let orientation = Orientation::from_exif(value).unwrap();
                let mut expected = DynamicImage::from(image.clone());
                expected.apply_orientation(orientation);
                let upright = apply(image.clone(), orientation);
                assert!(
                    upright == expected.into_rgb8(),
                    "{orientation:?} of {width} × {height}"
                );
                assert_eq!(swaps_sides(orientation), value >= 5);
            }
        }
    }
}
