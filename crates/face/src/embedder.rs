//! Turns a face into a template: one network or two, whose answers are mapped, weighted and put one after the other.
//!
//! With unit-length parts of weights 1 and w the cosine of two templates is the weighted mean of the networks'
//! cosines, so nothing that compares or searches needs to know how many there were.

use std::sync::Arc;

use image::RgbImage;
use selfsame_types::{FaceModelVersion, Point, Template};
use selfsame_vision::preprocess::mirror;
use selfsame_vision::warp::Sampling;
use selfsame_vision::{Model, Normalization};

use crate::Error;
use crate::alignment::align;
use crate::parameters::{AlignmentKind, EmbedderParameters, PointsKind};
use crate::points::PlacedFace;
use crate::template_map::TemplateMap;

/// All networks of a pack that encode faces.
pub(crate) struct Embedder {
    version: FaceModelVersion,
    networks: Vec<Network>,
}

/// One network with what surrounds it.
struct Network {
    model: Arc<dyn Model>,
    input_px: u32,
    targets: [Point; 5],
    alignment: AlignmentKind,
    points: PointsKind,
    sampling: Sampling,
    normalization: Normalization,
    dimensions: usize,
    flip_average: bool,
    map: Option<TemplateMap>,
    /// Length of its part of the template.
    length: f32,
}

/// A template and what the network told of the face besides.
pub(crate) struct Encoded {
    pub(crate) template: Template,
    /// Length of the first network's answer.
    pub(crate) norm: f32,
}

impl Embedder {
    /// From the networks with their parameters, the first of which names the templates; `Err` says what is wrong with
    /// the parameters.
    pub(crate) fn new(networks: Vec<(Arc<dyn Model>, EmbedderParameters)>) -> Result<Self, String> {
        let versions: Vec<&str> = networks.iter().map(|(_, p)| p.version.as_str()).collect();
        // Averaged and single templates are not comparable, so they have versions of their own.
        let averaged = networks.first().is_some_and(|(_, p)| p.flip_average);
        let suffix = if averaged { "+flip" } else { "" };
        let version = FaceModelVersion::new(&format!("{}{suffix}", versions.join("+")));
        let networks = networks
            .into_iter()
            .map(|(model, parameters)| Network::new(model, parameters))
            .collect::<Result<_, _>>()?;
        Ok(Self { version, networks })
    }

    pub(crate) fn version(&self) -> &FaceModelVersion {
        &self.version
    }

    /// Whether it needs points that the detector does not give.
    pub(crate) fn needs_dense_landmarks(&self) -> bool {
        self.networks
            .iter()
            .any(|network| network.alignment == AlignmentKind::Dlib || network.points == PointsKind::Refined)
    }

    /// The chips that the networks want; `None` where the points coincide.
    pub(crate) fn align(&self, mut face: PlacedFace<'_>) -> Result<Option<Vec<RgbImage>>, Error> {
        self.networks
            .iter()
            .map(|network| network.align(&mut face))
            .collect()
    }

    /// The template of a face, from its chips.
    pub(crate) fn encode(&self, chips: &[RgbImage]) -> Result<Encoded, Error> {
        let mut values = Vec::new();
        let mut norm = None;
        for (network, chip) in self.networks.iter().zip(chips) {
            let (part, length) = network.encode(chip)?;
            values.extend(part);
            norm.get_or_insert(length);
        }
        let template = Template::new(&values, self.version.clone()).map_err(|e| unexpected(e.to_string()))?;
        Ok(Encoded {
            template,
            norm: norm.unwrap_or_default(),
        })
    }
}

impl Network {
    fn new(model: Arc<dyn Model>, parameters: EmbedderParameters) -> Result<Self, String> {
        if !(parameters.weight > 0.0 && parameters.weight.is_finite()) {
            return Err(format!("the weight must be above 0, not {}", parameters.weight));
        }
        let dimensions = parameters.dimensions;
        let map = parameters.map.map(|map| map.resolve(dimensions)).transpose()?;
        Ok(Self {
            model,
            input_px: parameters.input_px,
            targets: parameters.alignment.targets(parameters.input_px),
            alignment: parameters.alignment,
            points: parameters.points,
            sampling: parameters.sampling,
            normalization: parameters.pixels,
            dimensions,
            flip_average: parameters.flip_average,
            map,
            // The cosine of concatenated parts weighs them by their squared lengths.
            length: parameters.weight.sqrt(),
        })
    }

    fn align(&self, face: &mut PlacedFace<'_>) -> Result<Option<RgbImage>, Error> {
        let points = face.points(self.alignment, self.points)?;
        Ok(points.and_then(|points| align(face.image, &points, &self.targets, self.input_px, self.sampling)))
    }

    /// This network's part of the template, and the length of its answer to the chip as it is.
    fn encode(&self, chip: &RgbImage) -> Result<(Vec<f32>, f32), Error> {
        let (mut values, norm) = self.run(chip)?;
        if self.flip_average {
            let (mirrored, _) = self.run(&mirror(chip))?;
            for (value, mirrored) in values.iter_mut().zip(mirrored) {
                *value += mirrored;
            }
        }
        if let Some(map) = &self.map {
            let (unit, _) = scaled(&values, 1.0)?;
            values = map.apply(&unit);
        }
        let (part, _) = scaled(&values, self.length)?;
        Ok((part, norm))
    }

    /// The network's answer, at unit length so that face and mirror image weigh the same, and its length before.
    fn run(&self, chip: &RgbImage) -> Result<(Vec<f32>, f32), Error> {
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
        scaled(&values, 1.0)
    }
}

/// The values at another length, and their length before.
fn scaled(values: &[f32], length: f32) -> Result<(Vec<f32>, f32), Error> {
    let norm = values
        .iter()
        .map(|v| f64::from(*v) * f64::from(*v))
        .sum::<f64>()
        .sqrt() as f32;
    if !(norm.is_finite() && norm > f32::EPSILON) {
        return Err(unexpected("values without a direction".to_owned()));
    }
    Ok((values.iter().map(|v| v * length / norm).collect(), norm))
}

fn unexpected(reason: String) -> Error {
    Error::Output {
        role: "embedder",
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selfsame_vision::{EngineKind, Tensor, engine};

    /// Answers with the same two values whatever it sees.
    struct Constant([f32; 2]);

    impl Model for Constant {
        fn run(&self, _: &Tensor) -> Result<Vec<Tensor>, engine::Error> {
            let mut tensor = Tensor::zeros([1, 2]);
            tensor.data.copy_from_slice(&self.0);
            Ok(vec![tensor])
        }

        fn engine(&self) -> EngineKind {
            EngineKind::Rten
        }
    }

    fn network(
        values: [f32; 2],
        change: impl Fn(&mut serde_json::Value),
    ) -> (Arc<dyn Model>, EmbedderParameters) {
        let mut parameters = serde_json::json!({
            "version": "a-1", "input_px": 8, "alignment": "arcface-112", "mean": [0.0, 0.0, 0.0],
            "std": [1.0, 1.0, 1.0], "dimensions": 2
        });
        change(&mut parameters);
        (
            Arc::new(Constant(values)),
            serde_json::from_value(parameters).unwrap(),
        )
    }

    #[test]
    fn two_networks_weigh_as_the_manifest_says() {
        let first = network([3.0, 4.0], |_| {});
        let second = network([0.0, 2.0], |p| {
            p["version"] = "b-7".into();
            p["weight"] = 0.25.into();
            p["map"] = serde_json::json!({ "centre": [1.0, 1.0] });
        });
        let embedder = Embedder::new(vec![first, second]).unwrap();
        assert_eq!(embedder.version().as_str(), "a-1+b-7");
        let chips = vec![RgbImage::new(8, 8), RgbImage::new(8, 8)];
        let encoded = embedder.encode(&chips).unwrap();
        assert!((encoded.norm - 5.0).abs() < 1e-6);
        // (0.6, 0.8), and (0, 1) − (1, 1) at half the length; together their length is √1.25.
        let expected = [0.6, 0.8, -0.5, 0.0].map(|value: f32| value / 1.25f32.sqrt());
        for (value, expected) in encoded.template.values().iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{:?}", encoded.template.values());
        }
    }

    #[test]
    fn parameters_without_meaning_are_refused() {
        let weightless = network([1.0, 0.0], |p| p["weight"] = 0.0.into());
        assert!(Embedder::new(vec![weightless]).is_err());
        let unknown = network([1.0, 0.0], |p| p["map"] = "nonsense".into());
        assert!(Embedder::new(vec![unknown]).is_err());
        let nowhere = network([0.0, 0.0], |_| {});
        let embedder = Embedder::new(vec![nowhere]).unwrap();
        assert!(embedder.encode(&[RgbImage::new(8, 8)]).is_err());
    }
}
