//! Printed text: where its lines are and what they say. Knows no document and no field; other scripts than Latin come out
//! as the network reads them.
//!
//! The networks are those of PP-OCRv4: a detector that maps where text is (differentiable binarisation, Liao et al.,
//! arXiv:1911.08947), a classifier that tells upright from upside down, and a recogniser with connectionist temporal
//! classification (CTC). `benches/peers` compares with RapidOCR's pipeline on the same files.

mod alphabet;
mod detector;
mod loading;
mod orientation;
mod outline;
mod recogniser;

use std::sync::Arc;

use image::RgbImage;
use selfsame_vision::Engine;
use selfsame_vision::pack::Resolved;

use crate::Error;
use crate::quad::Quad;
use crate::text::Line;

pub(crate) use alphabet::BLANK;
use detector::Detector;
use loading::Loader;
use orientation::Orientation;
pub(crate) use recogniser::{HEIGHT_PX, Recogniser, STRIDE_PX};

/// The networks that read text, loaded once and shared between threads.
pub(crate) struct Ocr {
    detector: Detector,
    orientation: Orientation,
    recogniser: Recogniser,
}

/// A line of text with the place of every character in it.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) line: Line,
    /// The middle of each character of `line.text`, 0 (left end of the line) to 1.
    pub(crate) places: Vec<f32>,
}

impl Ocr {
    pub(crate) fn load(resolved: &Resolved, engine: &Engine, concurrency: usize) -> Result<Self, Error> {
        let loader = Loader {
            resolved,
            engine,
            concurrency,
        };
        Ok(Self {
            detector: Detector::new(loader.network("text-detector")?),
            orientation: Orientation::new(loader.network("text-orientation")?),
            recogniser: Recogniser::new(
                loader.network("text-recognizer")?,
                loader.alphabet("text-recognizer")?,
            ),
        })
    }

    /// The outlines of all lines of text.
    pub(crate) fn find(&self, image: &RgbImage) -> Result<Vec<Quad>, Error> {
        self.detector.find(image)
    }

    /// Whether the text in most of `quads` stands upside down in them. Only the largest are asked.
    pub(crate) fn is_upside_down(&self, image: &RgbImage, quads: &[Quad]) -> Result<bool, Error> {
        self.orientation.is_upside_down(image, quads)
    }

    /// What the line in an outline says; `None` where there is nothing to read.
    pub(crate) fn read(&self, image: &RgbImage, quad: &Quad) -> Result<Option<Text>, Error> {
        let recognised = self.recogniser.read(image, quad)?;
        Ok(recognised.into_text(quad))
    }

    pub(crate) fn recogniser(&self) -> &Recogniser {
        &self.recogniser
    }
}

/// A network and how pixels become its numbers.
struct Network {
    model: Arc<dyn selfsame_vision::Model>,
    normalization: selfsame_vision::Normalization,
    role: &'static str,
}

impl Network {
    /// Runs it on an image and returns its only output.
    fn run(&self, image: &RgbImage) -> Result<selfsame_vision::Tensor, Error> {
        let outputs = self.model.run(&self.normalization.tensor(image))?;
        outputs
            .into_iter()
            .next()
            .ok_or_else(|| self.wrong("it has no output"))
    }

    fn wrong(&self, reason: impl Into<String>) -> Error {
        Error::Output {
            role: self.role,
            reason: reason.into(),
        }
    }
}
