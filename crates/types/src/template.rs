//! Templates: what an embedder makes of a face, and how two of them are compared.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Names the model, its preprocessing and its post-processing ("mobilefacenet-1"). Templates of different versions
/// are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct FaceModelVersion(Arc<str>);

impl FaceModelVersion {
    /// Wraps a version text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for FaceModelVersion {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<FaceModelVersion> for String {
    fn from(version: FaceModelVersion) -> Self {
        version.as_str().to_owned()
    }
}

impl fmt::Display for FaceModelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why numbers are not a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTemplate {
    /// No direction: empty, zero, infinite or not a number.
    #[error("a template needs finite values with a length above zero")]
    NoDirection,
    /// The byte form has a length that is no multiple of four.
    #[error("a stored template must be a whole number of 4-byte values, not {0} bytes")]
    Length(usize),
}

/// A unit-length vector of 128 to 1 024 values, with the version of the model that made it. Biometric data: it is
/// never logged, so `Debug` shows only its size.
#[derive(Clone, PartialEq)]
pub struct Template {
    values: Arc<[f32]>,
    version: FaceModelVersion,
}

impl Template {
    /// Scales `values` to unit length.
    pub fn new(values: &[f32], version: FaceModelVersion) -> Result<Self, InvalidTemplate> {
        let norm = values
            .iter()
            .map(|v| f64::from(*v) * f64::from(*v))
            .sum::<f64>()
            .sqrt();
        if !norm.is_finite() || norm <= f64::from(f32::EPSILON) {
            return Err(InvalidTemplate::NoDirection);
        }
        Ok(Self {
            values: values.iter().map(|v| (f64::from(*v) / norm) as f32).collect(),
            version,
        })
    }

    /// The unit-length values.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The model that made it.
    #[must_use]
    pub const fn version(&self) -> &FaceModelVersion {
        &self.version
    }

    /// Cosine of the angle to `other`, −1 to 1; `None` where versions or lengths differ, because such a number
    /// would mean nothing.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> Option<f32> {
        if self.version != other.version || self.values.len() != other.values.len() {
            return None;
        }
        Some(
            self.values
                .iter()
                .zip(other.values.iter())
                .map(|(a, b)| a * b)
                .sum::<f32>()
                .clamp(-1.0, 1.0),
        )
    }

    /// One template that stands for several of the same person: the mean of the unit vectors, scaled to unit length
    /// again, so that each weighs the same and their order matters only in the last bits. Errors of single photos
    /// average out in it. `None` where it would mean nothing: no templates, different versions or lengths, or
    /// templates that cancel each other out.
    #[must_use]
    pub fn aggregate(templates: &[Self]) -> Option<Self> {
        let first = templates.first()?;
        let mut sum = vec![0.0f64; first.values.len()];
        for template in templates {
            if template.version != first.version || template.values.len() != sum.len() {
                return None;
            }
            for (sum, value) in sum.iter_mut().zip(template.values.iter()) {
                *sum += f64::from(*value);
            }
        }
        let count = templates.len() as f64;
        let mean: Vec<f32> = sum.iter().map(|sum| (sum / count) as f32).collect();
        Self::new(&mean, first.version.clone()).ok()
    }

    /// Little-endian f32 values, for storage.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    /// Reads what [`Template::to_bytes`] wrote, bit for bit.
    pub fn from_bytes(bytes: &[u8], version: FaceModelVersion) -> Result<Self, InvalidTemplate> {
        let (chunks, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(InvalidTemplate::Length(bytes.len()));
        }
        let values: Arc<[f32]> = chunks.iter().map(|c| f32::from_le_bytes(*c)).collect();
        if values.is_empty() || !values.iter().all(|v| v.is_finite()) {
            return Err(InvalidTemplate::NoDirection);
        }
        Ok(Self { values, version })
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({} values, {})", self.values.len(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version() -> FaceModelVersion {
        FaceModelVersion::new("test-1")
    }

    #[test]
    fn versions_are_never_compared() {
        let a = Template::new(&[1.0, 0.0], version()).unwrap();
        let b = Template::new(&[1.0, 0.0], FaceModelVersion::new("test-2")).unwrap();
        assert_eq!(a.cosine(&b), None);
        assert_eq!(a.cosine(&a), Some(1.0));
    }

    #[test]
    fn debug_shows_no_biometric_data() {
        let template = Template::new(&[3.0, 4.0], version()).unwrap();
        assert_eq!(format!("{template:?}"), "Template(2 values, test-1)");
    }

    #[test]
    fn nothing_to_point_with_is_refused() {
        for values in [&[][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[f32::INFINITY, 1.0]] {
            assert_eq!(
                Template::new(values, version()),
                Err(InvalidTemplate::NoDirection)
            );
        }
    }

    #[test]
    fn one_template_stands_for_several() {
        let unit = |values: &[f32]| Template::new(values, version()).unwrap();
        let (east, north) = (unit(&[2.0, 0.0]), unit(&[0.0, 0.5]));
        let between = Template::aggregate(&[east.clone(), north.clone()]).unwrap();
        assert_eq!(between, unit(&[1.0, 1.0]), "each weighs the same");
        assert_eq!(between.version(), &version());
        let nearer = Template::aggregate(&[east.clone(), north.clone(), east.clone()]).unwrap();
        assert_eq!(nearer, unit(&[2.0, 1.0]));
        assert_eq!(
            Template::aggregate(std::slice::from_ref(&east)),
            Some(east.clone())
        );
    }

    #[test]
    fn what_has_no_common_direction_is_not_aggregated() {
        let unit = |values: &[f32]| Template::new(values, version()).unwrap();
        let east = unit(&[1.0, 0.0]);
        let other_model = Template::new(&[1.0, 0.0], FaceModelVersion::new("test-2")).unwrap();
        assert_eq!(Template::aggregate(&[]), None);
        for other in [unit(&[-1.0, 0.0]), unit(&[1.0, 0.0, 0.0]), other_model] {
            assert_eq!(
                Template::aggregate(&[east.clone(), other.clone()]),
                None,
                "{other:?}"
            );
            assert_eq!(
                Template::aggregate(&[other.clone(), east.clone()]),
                None,
                "{other:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn an_aggregate_is_a_unit_vector_no_further_from_its_parts_than_they_are_from_each_other(
            parts in prop::collection::vec(prop::collection::vec(-1.0f32..1.0, 5), 1..9),
        ) {
            let parts: Vec<Template> =
                parts.iter().filter_map(|values| Template::new(values, version()).ok()).collect();
            prop_assume!(!parts.is_empty());
            let Some(whole) = Template::aggregate(&parts) else { return Ok(()) };
            let norm: f32 = whole.values().iter().map(|v| v * v).sum();
            prop_assert!((norm - 1.0).abs() < 1e-4);
            // The mean cosine to the parts is the length of their mean, so at least that of any single part's.
            let mean = |probe: &Template| {
                parts.iter().map(|part| probe.cosine(part).unwrap()).sum::<f32>() / parts.len() as f32
            };
            for part in &parts {
                prop_assert!(mean(&whole) >= mean(part) - 1e-4);
            }
        }

        #[test]
        fn bytes_round_trip(values in prop::collection::vec(-10.0f32..10.0, 1..200)) {
            prop_assume!(values.iter().any(|v| v.abs() > 1e-3));
            let template = Template::new(&values, version()).unwrap();
            let norm: f32 = template.values().iter().map(|v| v * v).sum();
            prop_assert!((norm - 1.0).abs() < 1e-4);
            prop_assert_eq!(Template::from_bytes(&template.to_bytes(), version()).unwrap(), template);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Template::from_bytes(&bytes, version());
        }
    }
}
