//! Weights as TensorFlow.js publishes them: a JSON manifest and a binary file of numbers, some quantised to a byte.
//!
//! The format is that of the
//! [TF.js loader](https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts): the tensors lie one
//! after the other in the order of the manifest, little-endian, without padding.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Error;

/// Most numbers in one set of weights: 256 million (1 GiB), far above any model here, so that a hostile manifest
/// cannot claim more memory than its binary file earns.
const MAX_NUMBERS: usize = 1 << 28;

/// A graph model's file as far as its weights go.
#[derive(Deserialize)]
struct GraphModel {
    #[serde(rename = "weightsManifest")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    weights: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    #[serde(default)]
    scale: f64,
    #[serde(default)]
    min: f64,
}

/// A tensor of any rank in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weight {
    pub(super) shape: Vec<usize>,
    pub(super) data: Vec<f32>,
}

/// Named tensors. Taking one out checks its shape.
#[derive(Debug)]
pub(super) struct Weights(BTreeMap<String, Weight>);

impl Weights {
    /// Reads the manifest and the binary file that holds all its groups.
    pub(super) fn read(manifest: &[u8], shard: &[u8]) -> Result<Self, Error> {
        let groups = serde_json::from_slice(manifest).map_err(|source| Error::WeightsManifest { source })?;
        Self::read_groups(groups, shard)
    }

    /// Reads the weights of a graph model: the manifest is a part of the file that describes the graph.
    pub(super) fn read_graph_model(model: &[u8], shard: &[u8]) -> Result<Self, Error> {
        let model: GraphModel =
            serde_json::from_slice(model).map_err(|source| Error::WeightsManifest { source })?;
        Self::read_groups(model.groups, shard)
    }

    fn read_groups(groups: Vec<Group>, shard: &[u8]) -> Result<Self, Error> {
        let mut rest = shard;
        let mut weights = BTreeMap::new();
        for entry in groups.into_iter().flat_map(|group| group.weights) {
            let data = entry.take(&mut rest)?;
            let Entry { name, shape, .. } = entry;
            if weights.insert(name.clone(), Weight { shape, data }).is_some() {
                return Err(Error::unexpected(format!("the tensor `{name}` occurs twice")));
            }
        }
        match rest.len() {
            0 => Ok(Self(weights)),
            left => Err(Error::unexpected(format!(
                "{left} bytes are left after the last tensor"
            ))),
        }
    }

    /// The tensor called `name`, which must have this shape.
    pub(super) fn get(&self, name: &str, shape: &[usize]) -> Result<&[f32], Error> {
        let weight = self
            .0
            .get(name)
            .ok_or_else(|| Error::unexpected(format!("the tensor `{name}` is missing")))?;
        if weight.shape != shape {
            let found = &weight.shape;
            return Err(Error::unexpected(format!(
                "`{name}` has shape {found:?} instead of {shape:?}"
            )));
        }
        Ok(&weight.data)
    }

    /// The tensor called `name`, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<&Weight> {
        self.0.get(name)
    }

    /// A convolution's filters, from TensorFlow's [height, width, in, out] to ONNX's [out, in, height, width].
    pub(super) fn filters(
        &self,
        name: &str,
        side: usize,
        inputs: usize,
        outputs: usize,
    ) -> Result<Weight, Error> {
        let data = self.get(name, &[side, side, inputs, outputs])?;
        let area = side * side;
        let mut transposed = vec![0.0; data.len()];
        for (index, &number) in data.iter().enumerate() {
            let (position, input, output) = (
                index / (inputs * outputs),
                index / outputs % inputs,
                index % outputs,
            );
            transposed[(output * inputs + input) * area + position] = number;
        }
        Ok(Weight {
            shape: vec![outputs, inputs, side, side],
            data: transposed,
        })
    }

    /// A depthwise convolution's filters, from [height, width, channels, 1] to ONNX's [channels, 1, height, width].
    pub(super) fn depthwise_filters(
        &self,
        name: &str,
        side: usize,
        channels: usize,
    ) -> Result<Weight, Error> {
        let data = self.get(name, &[side, side, channels, 1])?;
        let area = side * side;
        let mut transposed = vec![0.0; data.len()];
        for (index, &number) in data.iter().enumerate() {
            transposed[index % channels * area + index / channels] = number;
        }
        Ok(Weight {
            shape: vec![channels, 1, side, side],
            data: transposed,
        })
    }
}

impl Entry {
    /// Takes this tensor's bytes from the front of `rest`.
    fn take(&self, rest: &mut &[u8]) -> Result<Vec<f32>, Error> {
        let name = &self.name;
        let (is_float, is_whole) = (self.dtype == "float32", self.dtype == "int32");
        if !is_float && !is_whole {
            let reason = format!("`{name}` has type {}, not float32 or int32", self.dtype);
            return Err(Error::unexpected(reason));
        }
        let numbers = self
            .shape
            .iter()
            .try_fold(1usize, |product, &length| product.checked_mul(length))
            .filter(|&numbers| numbers <= MAX_NUMBERS)
            .ok_or_else(|| Error::unexpected(format!("`{name}` is too large")))?;
        let bytes_each = match &self.quantization {
            None => 4,
            Some(quantization) if is_float && quantization.dtype == "uint8" => 1,
            Some(quantization) if is_float && quantization.dtype == "float16" => 2,
            Some(other) => {
                let reason = format!("`{name}` is quantised to {}, not uint8 or float16", other.dtype);
                return Err(Error::unexpected(reason));
            }
        };
        let Some((bytes, left)) = rest.split_at_checked(numbers * bytes_each) else {
            return Err(Error::unexpected(format!("the binary file ends within `{name}`")));
        };
        *rest = left;
        Ok(match &self.quantization {
            Some(Quantization { dtype, .. }) if dtype == "float16" => bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|&chunk| half_to_single(u16::from_le_bytes(chunk)))
                .collect(),
            // TF.js computes this in double precision and rounds once
            Some(Quantization { scale, min, .. }) => bytes
                .iter()
                .map(|&byte| (f64::from(byte) * scale + min) as f32)
                .collect(),
            // shapes and axes: small whole numbers, exact in single precision
            None if is_whole => bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&chunk| i32::from_le_bytes(chunk) as f32)
                .collect(),
            None => bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&chunk| f32::from_le_bytes(chunk))
                .collect(),
        })
    }
}

/// IEEE 754 binary16 to binary32, exactly.
fn half_to_single(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0f32 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2.0f32.powi(-24),
        31 if fraction > 0.0 => f32::NAN,
        31 => f32::INFINITY,
        _ => (1.0 + fraction / 1024.0) * 2.0f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANIFEST: &str = r#"[{"paths": ["w.bin"], "weights": [
        {"name": "a", "shape": [2], "dtype": "float32"},
        {"name": "q", "shape": [1, 1, 2, 3], "dtype": "float32",
         "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}},
        {"name": "d", "shape": [1, 2, 2, 1], "dtype": "float32",
         "quantization": {"dtype": "uint8", "scale": 1.0, "min": 0.0}}
    ]}]"#;

    fn shard() -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(1.5f32.to_le_bytes());
        bytes.extend((-2.0f32).to_le_bytes());
        bytes.extend([0, 1, 2, 3, 4, 5]);
        bytes.extend([10, 20, 30, 40]);
        bytes
    }

    #[test]
    fn reads_plain_and_quantised_tensors_and_transposes_filters() {
        let weights = Weights::read(MANIFEST.as_bytes(), &shard()).unwrap();
        assert_eq!(weights.get("a", &[2]).unwrap(), [1.5, -2.0]);
        assert_eq!(
            weights.get("q", &[1, 1, 2, 3]).unwrap(),
            [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5]
        );
        let filters = weights.filters("q", 1, 2, 3).unwrap();
        assert_eq!(filters.shape, [3, 2, 1, 1]);
        assert_eq!(filters.data, [-1.0, 0.5, -0.5, 1.0, 0.0, 1.5]);
    }

    #[test]
    fn transposes_depthwise_filters() {
        let manifest = r#"[{"weights": [{"name": "d", "shape": [2, 2, 2, 1], "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 1.0, "min": 0.0}}]}]"#;
        let weights = Weights::read(manifest.as_bytes(), &[0, 10, 1, 11, 2, 12, 3, 13]).unwrap();
        let filters = weights.depthwise_filters("d", 2, 2).unwrap();
        assert_eq!(filters.shape, [2, 1, 2, 2]);
        assert_eq!(filters.data, [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0]);
    }

    #[test]
    fn reads_half_precision_and_whole_numbers_of_a_graph_model() {
        let model = r#"{"format": "graph-model", "weightsManifest": [{"weights": [
            {"name": "h", "shape": [5], "dtype": "float32", "quantization": {"dtype": "float16", "original_dtype": "float32"}},
            {"name": "i", "shape": [2], "dtype": "int32"}
        ]}]}"#;
        // 1, −2, the largest, the smallest, and a third: the values of the standard's own table
        let mut shard: Vec<u8> = [0x3c00u16, 0xc000, 0x7bff, 0x0001, 0x3555]
            .iter()
            .flat_map(|half| half.to_le_bytes())
            .collect();
        shard.extend([7i32, -1].iter().flat_map(|whole| whole.to_le_bytes()));
        let weights = Weights::read_graph_model(model.as_bytes(), &shard).unwrap();
        let halves = weights.get("h", &[5]).unwrap();
        assert_eq!(halves, [1.0, -2.0, 65504.0, 5.960_464_5e-8, 0.333_251_95]);
        assert_eq!(weights.find("i").unwrap().data, [7.0, -1.0]);
        assert!(weights.find("z").is_none());
        assert!(half_to_single(0x7c00).is_infinite() && half_to_single(0x7e00).is_nan());
    }

    #[test]
    fn rejects_what_does_not_fit() {
        let too_long: Vec<u8> = shard().into_iter().chain([0]).collect();
        let huge = MANIFEST.replace("[2]", "[4294967296, 4294967296, 4294967296]");
        let large = MANIFEST.replace("[2]", "[999999999]");
        let cases: [(&str, &[u8], &str); 7] = [
            (MANIFEST, &shard()[..10], "ends within `q`"),
            (MANIFEST, &too_long, "1 bytes are left"),
            (&huge, &shard(), "too large"),
            (&large, &shard(), "too large"),
            (&MANIFEST.replace("uint8", "uint16"), &shard(), "not uint8"),
            (
                &MANIFEST.replacen("float32", "string", 1),
                &shard(),
                "not float32",
            ),
            (&MANIFEST.replace("\"d\"", "\"a\""), &shard(), "occurs twice"),
        ];
        for (manifest, shard, expected) in cases {
            let error = Weights::read(manifest.as_bytes(), shard).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let weights = Weights::read(MANIFEST.as_bytes(), &shard()).unwrap();
        assert!(
            weights
                .get("z", &[2])
                .unwrap_err()
                .to_string()
                .contains("missing")
        );
        assert!(
            weights
                .get("a", &[3])
                .unwrap_err()
                .to_string()
                .contains("[2] instead of [3]")
        );
    }

    proptest! {
        #[test]
        fn damaged_manifests_never_panic(position in 0usize..500, byte in any::<u8>(), shard in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut bytes = MANIFEST.as_bytes().to_vec();
            let position = position % bytes.len();
            bytes[position] = byte;
            let _ = Weights::read(&bytes, &shard);
        }

        #[test]
        fn what_is_read_has_as_many_numbers_as_its_shape(shape in proptest::collection::vec(0usize..4, 0..4)) {
            let numbers: usize = shape.iter().product();
            let manifest = format!(r#"[{{"weights": [{{"name": "a", "shape": {shape:?}, "dtype": "float32"}}]}}]"#);
            let weights = Weights::read(manifest.as_bytes(), &vec![0; numbers * 4]).unwrap();
            prop_assert_eq!(weights.get("a", &shape).unwrap().len(), numbers);
        }
    }
}
