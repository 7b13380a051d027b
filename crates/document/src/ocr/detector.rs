//! Where text is: a map of probabilities, and the outlines in it.

use image::RgbImage;
use selfsame_vision::resize::{Filter, resize};

use super::Network;
use super::outline::{Map, outlines};
use crate::Error;
use crate::quad::Quad;

/// The shorter side of the network's input, and the longest that the longer one may be. RapidOCR's defaults; more on a card
/// finds no more lines, less loses small print (`selfsame eval-documents`).
const SHORT_SIDE_PX: f32 = 736.0;
const LONG_SIDE_PX: f32 = 1280.0;
/// So many lines are read, the largest: a card has sixty at most, and each costs some 20 ms.
const MOST_LINES: usize = 200;
/// The network halves its input five times.
const MULTIPLE_PX: f32 = 32.0;

pub(super) struct Detector(Network);

impl Detector {
    pub(super) fn new(network: Network) -> Self {
        Self(network)
    }

    /// The outlines of all lines of text, in pixels of the image.
    pub(super) fn find(&self, image: &RgbImage) -> Result<Vec<Quad>, Error> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        if image.width() == 0 || image.height() == 0 {
            return Ok(Vec::new());
        }
        let scale = (SHORT_SIDE_PX / width.min(height)).min(LONG_SIDE_PX / width.max(height));
        let side = |length: f32| ((length * scale / MULTIPLE_PX).round().max(1.0) * MULTIPLE_PX) as u32;
        let (input_width, input_height) = (side(width), side(height));
        let filter = if scale < 0.5 {
            Filter::Bilinear
        } else {
            Filter::BilinearAliased
        };
        let input = resize(image, input_width, input_height, filter);
        let output = self.0.run(&input)?;
        let expected = [1, 1, input_height as usize, input_width as usize];
        if output.shape != expected {
            return Err(self.0.wrong(format!(
                "its output has the shape {:?}, not {expected:?}",
                output.shape
            )));
        }
        let map = Map {
            width: input_width,
            values: &output.data,
        };
        let (x, y) = (width / input_width as f32, height / input_height as f32);
        let enlarge = |quad: Quad| {
            quad.map(|corner| {
                selfsame_types::Point::new(
                    (corner.x * x).clamp(0.0, width),
                    (corner.y * y).clamp(0.0, height),
                )
            })
        };
        let mut found: Vec<Quad> = outlines(&map).into_iter().map(enlarge).collect();
        if found.len() > MOST_LINES {
            found.sort_by(|a, b| b.area().total_cmp(&a.area()));
            found.truncate(MOST_LINES);
        }
        Ok(found)
    }
}
