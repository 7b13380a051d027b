//! Upright or upside down.

use image::{RgbImage, imageops};

use super::Network;
use crate::Error;
use crate::quad::Quad;

/// The network's input.
const HEIGHT_PX: u32 = 48;
const WIDTH_PX: u32 = 192;
/// How many lines are asked: the longest have most to tell.
const VOTERS: usize = 8;

pub(super) struct Orientation(Network);

impl Orientation {
    pub(super) fn new(network: Network) -> Self {
        Self(network)
    }

    pub(super) fn is_upside_down(&self, image: &RgbImage, quads: &[Quad]) -> Result<bool, Error> {
        let mut voters: Vec<&Quad> = quads.iter().collect();
        voters.sort_by(|a, b| b.area().total_cmp(&a.area()));
        let mut surplus = 0.0;
        for quad in voters.into_iter().take(VOTERS) {
            surplus += self.probability(image, quad)? - 0.5;
        }
        Ok(surplus > 0.0)
    }

    /// That a line is upside down.
    fn probability(&self, image: &RgbImage, quad: &Quad) -> Result<f32, Error> {
        let ratio = quad.width() / quad.height().max(1.0);
        let width = ((HEIGHT_PX as f32 * ratio).ceil() as u32).clamp(1, WIDTH_PX);
        let line = quad.cut(image, width, HEIGHT_PX);
        // Grey is zero to the network, as in its training.
        let mut input = RgbImage::from_pixel(WIDTH_PX, HEIGHT_PX, image::Rgb([127; 3]));
        imageops::replace(&mut input, &line, 0, 0);
        let output = self.0.run(&input)?;
        match output.data[..] {
            [_, upside_down] => Ok(upside_down),
            _ => Err(self
                .0
                .wrong(format!("it has {} outputs, not 2", output.data.len()))),
        }
    }
}
