//! The first run of a model sets up what later ones use again; nobody's photo should wait for that.

use image::{Rgb, RgbImage};
use selfsame_types::{BoundingBox, Landmarks};

use super::Analyzer;
use crate::attributes::AttributeSet;
use crate::parameters::AlignmentKind;
use crate::points::PlacedFace;
use crate::{Detection, Error};

/// The detector's usual size.
const SIDE_PX: u32 = 640;

impl Analyzer {
    /// Runs each model once, on a grey image as if a face filled it; of those for attributes the ones that `attributes`
    /// needs. Threads that do this at the same time warm up as many of the models' sessions.
    pub fn warm_up(&self, attributes: AttributeSet) -> Result<(), Error> {
        let grey = RgbImage::from_pixel(SIDE_PX, SIDE_PX, Rgb([127; 3]));
        self.detect(&grey)?;
        let points = AlignmentKind::ArcFace.targets(SIDE_PX);
        let side = SIDE_PX as f32;
        let detection = Detection {
            bounding_box: BoundingBox {
                left: 0.0,
                top: 0.0,
                width: side,
                height: side,
            },
            landmarks: Landmarks::from_points(points),
            confidence: 100.0,
        };
        let landmarks = self.landmarks.as_ref();
        let dense = landmarks.map(|l| l.locate(&grey, &detection)).transpose()?;
        let face = PlacedFace::new(&grey, &detection, landmarks, dense);
        if let Some(chips) = self.embedder.align(face)? {
            self.embedder.encode(&chips)?;
        }
        self.attributes(&grey, &detection, attributes)?;
        Ok(())
    }
}
