//! Turns an aligned face into a template.

use std::sync::Arc;

use image::RgbImage;
use selfsame_types::{FaceModelVersion, Point, Template};
use selfsame_vision::preprocess::mirror;
use selfsame_vision::{Model, Normalization};

use crate::Error;
use crate::alignment::align;
use crate::parameters::{AlignmentKind, EmbedderParameters};

pub(crate) struct Embedder {
    model: Arc<dyn Model>,
    version: FaceModelVersion,
    input_px: u32,
    targets: [Point; 5],
    alignment: AlignmentKind,
    normalization: Normalization,
    dimensions: usize,
    flip_average: bool,
}

impl Embedder {
    pub(crate) fn new(model: Arc<dyn Model>, parameters: &EmbedderParameters, flip_average: bool) -> Self {
        // Averaged and single templates are not comparable, so they have versions of their own.
        let suffix = if flip_average { "+flip" } else { "" };
        Self {
            model,
            version: FaceModelVersion::new(&format!("{}{suffix}", parameters.version)),
            input_px: parameters.input_px,
            targets: parameters.alignment.targets(parameters.input_px),
            alignment: parameters.alignment,
            normalization: parameters.pixels,
            dimensions: parameters.dimensions,
            flip_average,
        }
    }

    pub(crate) fn version(&self) -> &FaceModelVersion {
        &self.version
    }

    pub(crate) fn alignment(&self) -> AlignmentKind {
        self.alignment
    }

    /// The chip that the network wants; `None` where the points coincide.
    pub(crate) fn align(&self, image: &RgbImage, points: &[Point; 5]) -> Option<RgbImage> {
        align(image, points, &self.targets, self.input_px)
    }

    /// The template of a chip.
    pub(crate) fn encode(&self, chip: &RgbImage) -> Result<Template, Error> {
        let mut values = self.run(chip)?;
        if self.flip_average {
            for (value, mirrored) in values.iter_mut().zip(self.run(&mirror(chip))?) {
                *value += mirrored;
            }
        }
        Template::new(&values, self.version.clone()).map_err(|error| unexpected(error.to_string()))
    }

    /// The network's answer, at unit length so that face and mirror image weigh the same.
    fn run(&self, chip: &RgbImage) -> Result<Vec<f32>, Error> {
        let outputs = self.model.run(&self.normalization.tensor(chip))?;
        let values = outputs
            .into_iter()
            .next()
            .map(|output| output.data)
            .unwrap_or_default();
        if values.len() != self.dimensions {
            return Err(unexpected(format!(
                "{} values where the manifest says {}",
                values.len(),
                self.dimensions
            )));
        }
        let template =
            Template::new(&values, self.version.clone()).map_err(|error| unexpected(error.to_string()))?;
        Ok(template.values().to_vec())
    }
}

fn unexpected(reason: String) -> Error {
    Error::Output {
        role: "embedder",
        reason,
    }
}
