//! Pixels → the numbers a network was trained on, and mirroring.

use image::RgbImage;
use serde::Deserialize;

use crate::tensor::Tensor;

/// The order of the colour planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ChannelOrder {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red: networks trained with `OpenCV`.
    Bgr,
}

/// How pixels become numbers: `(value − mean) / std`, values 0–255, `mean` and `std` in the order of the planes. In a
/// manifest these are `colour`, `mean` and `std`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Normalization {
    /// The order of the planes.
    #[serde(rename = "colour", default)]
    pub order: ChannelOrder,
    /// Subtracted, per plane.
    pub mean: [f32; 3],
    /// Divided by, per plane; not 0.
    pub std: [f32; 3],
}

impl Normalization {
    /// RGB planes of the values 0–255 as they are.
    pub const RAW_RGB: Self = Self {
        order: ChannelOrder::Rgb,
        mean: [0.0; 3],
        std: [1.0; 3],
    };

    /// The image as a tensor of shape [1, 3, height, width].
    #[must_use]
    pub fn tensor(&self, image: &RgbImage) -> Tensor {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let mut tensor = Tensor {
            shape: vec![1, 3, height, width],
            data: Vec::with_capacity(3 * width * height),
        };
        let (pixels, _) = image.as_chunks::<3>();
        for plane in 0..3 {
            let channel = match self.order {
                ChannelOrder::Rgb => plane,
                ChannelOrder::Bgr => 2 - plane,
            };
            let (factor, offset) = (1.0 / self.std[plane], -self.mean[plane] / self.std[plane]);
            tensor.data.extend(
                pixels
                    .iter()
                    .map(|pixel| f32::from(pixel[channel]) * factor + offset),
            );
        }
        tensor
    }
}

/// Left and right exchanged.
#[must_use]
pub fn mirror(image: &RgbImage) -> RgbImage {
    let mut mirrored = image.clone();
    crate::orientation::mirror_rows(&mut mirrored);
    mirrored
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> RgbImage {
        // Two columns, one row.
        RgbImage::from_raw(2, 1, vec![10, 20, 30, 40, 50, 60]).unwrap()
    }

    #[test]
    fn planes_in_the_order_asked_for() {
        let raw = Normalization::RAW_RGB.tensor(&image());
        assert_eq!(raw.shape, [1, 3, 1, 2]);
        assert_eq!(raw.data, [10.0, 40.0, 20.0, 50.0, 30.0, 60.0]);
        let normalization = Normalization {
            order: ChannelOrder::Bgr,
            mean: [30.0, 20.0, 10.0],
            std: [30.0, 15.0, 10.0],
        };
        let data = normalization.tensor(&image()).data;
        let expected = [0.0, 1.0, 0.0, 2.0, 0.0, 3.0];
        for (value, expected) in data.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{data:?}");
        }
    }

    #[test]
    fn mirrored_twice_is_the_same() {
        let mirrored = mirror(&image());
        assert_eq!(mirrored.as_raw(), &[40, 50, 60, 10, 20, 30]);
        assert!(mirror(&mirrored) == image());
    }
}
