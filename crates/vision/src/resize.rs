//! Scaling of whole images and of parts, and the letterbox that detectors want.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

/// How pixels are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// A triangle as wide as the target's pixels: sharp enlarging, no aliasing when shrinking.
    Bilinear,
    /// Cubic (Catmull–Rom): the sharpest enlarging.
    Bicubic,
    /// The mean of the pixels that a target pixel covers: the fastest for shrinking.
    Area,
    /// Between the four nearest pixels, also when shrinking (as `OpenCV`'s `INTER_LINEAR`): for models that were fed so.
    BilinearAliased,
}

/// A part of an image, in pixels; fractions count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    /// Left edge, ≥ 0.
    pub left: f64,
    /// Top edge, ≥ 0.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Crop {
    /// The whole of an image.
    #[must_use]
    pub fn whole(image: &RgbImage) -> Self {
        Self {
            left: 0.0,
            top: 0.0,
            width: f64::from(image.width()),
            height: f64::from(image.height()),
        }
    }
}

/// The image at another size; its aspect ratio may change. An empty image stays black.
#[must_use]
pub fn resize(image: &RgbImage, width_px: u32, height_px: u32, filter: Filter) -> RgbImage {
    resize_crop(image, Crop::whole(image), width_px, height_px, filter)
}

/// A part of the image at another size; black if the part is not within the image.
#[must_use]
pub fn resize_crop(image: &RgbImage, crop: Crop, width_px: u32, height_px: u32, filter: Filter) -> RgbImage {
    let algorithm = match filter {
        Filter::Bilinear => ResizeAlg::Convolution(FilterType::Bilinear),
        Filter::Bicubic => ResizeAlg::Convolution(FilterType::CatmullRom),
        Filter::Area => ResizeAlg::Convolution(FilterType::Box),
        Filter::BilinearAliased => ResizeAlg::Interpolation(FilterType::Bilinear),
    };
    let options =
        ResizeOptions::new()
            .resize_alg(algorithm)
            .crop(crop.left, crop.top, crop.width, crop.height);
    let black = || RgbImage::new(width_px, height_px);
    let Ok(source) = ImageRef::new(image.width(), image.height(), image.as_raw(), PixelType::U8x3) else {
        return black();
    };
    let mut target = Image::new(width_px, height_px, PixelType::U8x3);
    match Resizer::new().resize(&source, &mut target, &options) {
        Ok(()) => RgbImage::from_raw(width_px, height_px, target.into_vec()).unwrap_or_else(black),
        // Only a part that is not within the image can fail.
        Err(_) => black(),
    }
}

/// An image inside a frame whose sides are multiples of some number, in the top left corner, black around it.
#[derive(Clone, PartialEq)]
pub struct Letterbox {
    /// The framed image.
    pub image: RgbImage,
    /// Sides in the frame divided by sides of the original.
    pub scale: f32,
    /// Black columns at the right.
    pub padding_right_px: u32,
    /// Black rows at the bottom.
    pub padding_bottom_px: u32,
}

impl Letterbox {
    /// Where a coordinate of the frame lies in the original.
    #[must_use]
    pub fn to_original(&self, coordinate_px: f32) -> f32 {
        coordinate_px / self.scale
    }
}

/// Scales the image so that its longer side is `long_side_px` (or leaves it if it is not longer and `enlarge` is false),
/// keeping its aspect ratio, and pads both sides to multiples of `multiple_px`.
#[must_use]
pub fn letterbox(image: &RgbImage, long_side_px: u32, multiple_px: u32, enlarge: bool) -> Letterbox {
    let (width, height) = image.dimensions();
    let longest = width.max(height).max(1);
    let mut scale = long_side_px.max(1) as f32 / longest as f32;
    if !enlarge {
        scale = scale.min(1.0);
    }
    let scaled = |side: u32| ((side as f32 * scale).round() as u32).max(1);
    let (content_width, content_height) = (scaled(width), scaled(height));
    let padded = |side: u32| side.next_multiple_of(multiple_px.max(1));
    let (frame_width, frame_height) = (padded(content_width), padded(content_height));
    let content = if (content_width, content_height) == (width, height) {
        None
    } else {
        Some(resize(image, content_width, content_height, Filter::Bilinear))
    };
    let content = content.as_ref().unwrap_or(image);
    let mut frame = RgbImage::new(frame_width, frame_height);
    let (row_bytes, frame_row_bytes) = (content_width as usize * 3, frame_width as usize * 3);
    for (to, from) in frame
        .chunks_exact_mut(frame_row_bytes)
        .zip(content.as_raw().chunks_exact(row_bytes))
    {
        to[..row_bytes].copy_from_slice(from);
    }
    Letterbox {
        image: frame,
        scale,
        padding_right_px: frame_width - content_width,
        padding_bottom_px: frame_height - content_height,
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn gradient(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x % 256) as u8, (y % 256) as u8, ((x + y) % 256) as u8])
        })
    }

    #[test]
    fn halving_by_area_is_the_mean_of_four() {
        let image = RgbImage::from_raw(2, 2, vec![0, 10, 20, 4, 10, 40, 8, 10, 60, 12, 10, 80]).unwrap();
        let half = resize(&image, 1, 1, Filter::Area);
        assert_eq!(half.get_pixel(0, 0).0, [6, 10, 50]);
    }

    #[test]
    fn letterbox_keeps_the_aspect_ratio_and_pads_with_black() {
        let framed = letterbox(&gradient(200, 100), 640, 32, false);
        assert_eq!(framed.image.dimensions(), (224, 128), "not enlarged");
        assert_eq!((framed.padding_right_px, framed.padding_bottom_px), (24, 28));
        assert!((framed.scale - 1.0).abs() < f32::EPSILON);
        assert_eq!(
            framed.image.get_pixel(199, 99),
            gradient(200, 100).get_pixel(199, 99)
        );
        assert_eq!(framed.image.get_pixel(200, 99).0, [0; 3]);
        assert_eq!(framed.image.get_pixel(199, 100).0, [0; 3]);

        let framed = letterbox(&gradient(200, 100), 640, 32, true);
        assert_eq!(framed.image.dimensions(), (640, 320));
        assert!((framed.scale - 3.2).abs() < 1e-6);
        assert!((framed.to_original(320.0) - 100.0).abs() < 1e-4);

        let framed = letterbox(&gradient(1000, 3), 320, 32, false);
        assert_eq!(framed.image.dimensions(), (320, 32));
        assert_eq!(framed.padding_bottom_px, 31, "a thin image keeps a row");
    }

    #[test]
    fn no_size_panics() {
        for (width, height) in [(0, 0), (0, 5), (5, 0), (1, 1)] {
            let image = RgbImage::new(width, height);
            assert_eq!(resize(&image, 4, 4, Filter::Bilinear).dimensions(), (4, 4));
            assert_eq!(resize(&image, 0, 4, Filter::Area).dimensions(), (0, 4));
            let _ = letterbox(&image, 0, 0, true);
            let _ = letterbox(&image, 64, 32, true);
        }
        let beyond = Crop {
            left: 6.0,
            ..Crop::whole(&gradient(8, 8))
        };
        let outside = resize_crop(&gradient(8, 8), beyond, 3, 3, Filter::Bilinear);
        assert!(outside.as_raw().iter().all(|&value| value == 0));
    }
}
