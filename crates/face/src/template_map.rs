//! What is done to a network's answer before it becomes a template: a linear map with few free numbers.
//!
//! Embeddings of all people lie off centre and spread unevenly: some directions tell age, sex or the camera rather
//! than the person, and strangers who agree in them come too close. The map subtracts the mean of many people's
//! embeddings and turns to the directions of their spread, each scaled so that the largest count less (a partial whitening);
//! of a network that uses few of its directions it keeps only those. It is fitted by `scripts/fit_template_map.py`; `docs/MODELS.md` says on what.

use serde::Deserialize;

/// The maps that come with the program: name and TOML, as `models/maps/NAME.toml`.
pub const TEMPLATE_MAPS: &[(&str, &str)] = &[
    (
        "mobilefacenet-foamliu-1",
        include_str!("../../../models/maps/mobilefacenet-foamliu-1.toml"),
    ),
    (
        "dlib-resnet-1",
        include_str!("../../../models/maps/dlib-resnet-1.toml"),
    ),
];

/// `map` of an embedder: the name of one that comes with the program, or the numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum MapChoice {
    Named(String),
    Own(TemplateMap),
}

/// A linear map of unit-length embeddings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateMap {
    /// Subtracted first; one value per value of the network.
    centre: Vec<f32>,
    /// If there are any, the result is the products with these directions instead of the values themselves.
    #[serde(default)]
    kept: Vec<Vec<f32>>,
}

impl MapChoice {
    /// The map for a network with so many values, or what is wrong with it.
    pub(crate) fn resolve(self, dimensions: usize) -> Result<TemplateMap, String> {
        let map = match self {
            Self::Own(map) => map,
            Self::Named(name) => {
                let (_, text) = TEMPLATE_MAPS
                    .iter()
                    .find(|(known, _)| *known == name)
                    .ok_or_else(|| format!("there is no map `{name}`; known are {}", names()))?;
                toml::from_str(text).map_err(|error| format!("map `{name}`: {error}"))?
            }
        };
        let mut lengths = std::iter::once(map.centre.len()).chain(map.kept.iter().map(Vec::len));
        match lengths.find(|length| *length != dimensions) {
            None => Ok(map),
            Some(length) => Err(format!(
                "the map is for {length} values, the network has {dimensions}"
            )),
        }
    }
}

fn names() -> String {
    let names: Vec<&str> = TEMPLATE_MAPS.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

impl TemplateMap {
    /// The mapped values; not of unit length.
    pub(crate) fn apply(&self, values: &[f32]) -> Vec<f32> {
        let centred: Vec<f32> = values.iter().zip(&self.centre).map(|(v, c)| v - c).collect();
        if self.kept.is_empty() {
            return centred;
        }
        self.kept
            .iter()
            .map(|direction| dot(&centred, direction))
            .collect()
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> MapChoice {
        #[derive(Deserialize)]
        struct Parameters {
            map: MapChoice,
        }
        toml::from_str::<Parameters>(text).unwrap().map
    }

    #[test]
    fn centred_and_kept() {
        let centring = map("map = { centre = [1.0, 0.0, 0.0] }").resolve(3).unwrap();
        assert_eq!(centring.apply(&[3.0, 4.0, 5.0]), [2.0, 4.0, 5.0]);
        let keeping = map("map = { centre = [1.0, 0.0], kept = [[0.6, 0.8]] }");
        let kept = keeping.resolve(2).unwrap().apply(&[6.0, 10.0]);
        assert!((kept[0] - 11.0).abs() < 1e-5 && kept.len() == 1, "{kept:?}");
    }

    #[test]
    fn the_maps_of_the_program_fit_their_networks() {
        for (name, values) in [("mobilefacenet-foamliu-1", 128), ("dlib-resnet-1", 64)] {
            let map = MapChoice::Named(name.to_owned()).resolve(128).unwrap();
            assert_eq!(map.apply(&[0.1; 128]).len(), values, "{name}");
            // Uncorrelated directions, scaled.
            for (index, kept) in map.kept.iter().enumerate() {
                let next = &map.kept[(index + 1) % map.kept.len()];
                assert!(
                    dot(kept, kept) > 0.1 && dot(kept, next).abs() < 0.02,
                    "{name} {index}"
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let error = map("map = \"nonsense\"").resolve(128).unwrap_err();
        assert!(
            error.contains("known are mobilefacenet-foamliu-1, dlib-resnet-1"),
            "{error}"
        );
        let error = map("map = { centre = [1.0] }").resolve(2).unwrap_err();
        assert_eq!(error, "the map is for 1 values, the network has 2");
    }
}
