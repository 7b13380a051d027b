//! MediaPipe's iris network (Ablavatski et al., arXiv:2006.11341), from the TF.js graph model that Human publishes.
//!
//! Its weights are named by number, so the graph itself is read: a chain of residual blocks of separable convolutions
//! with PReLU, which divides into two ends. Only the operators that it has are known here.
//!
//! Input [N, 3, 64, 64] RGB 0–1, the eye on the left of an upright image (mirror the other). Output [N, 228]: x, y in
//! pixels of the input and a depth, of 71 points around the eye (0–15 its outline: 0 the outer corner, 1–7 below, 8 the
//! inner corner, 9–15 above from outer to inner), then of the iris: centre and four points of its rim.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Error;
use super::graph::{Graph, Value, Window};
use super::onnx::ModelProto;
use super::tfjs::{Weight, Weights};

/// Side of the input in pixels.
const SIDE: usize = 64;
/// 76 points of three coordinates.
const OUTPUTS: usize = 228;

#[derive(Deserialize)]
struct File {
    #[serde(rename = "modelTopology")]
    topology: Topology,
}

#[derive(Deserialize)]
struct Topology {
    node: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    name: String,
    op: String,
    #[serde(default)]
    input: Vec<String>,
    #[serde(default)]
    attr: BTreeMap<String, Attribute>,
}

/// The kinds of attribute that matter; texts are Base64, whole numbers are text.
#[derive(Default, Deserialize)]
struct Attribute {
    s: Option<String>,
    list: Option<List>,
}

#[derive(Default, Deserialize)]
struct List {
    #[serde(default)]
    i: Vec<String>,
    #[serde(default)]
    s: Vec<String>,
}

/// A map, its channels and its side.
#[derive(Clone)]
struct Map {
    value: Value,
    channels: usize,
    side: usize,
}

struct Builder<'a> {
    graph: Graph,
    weights: &'a Weights,
    maps: BTreeMap<&'a str, Map>,
}

pub(super) fn import(model: &[u8], shard: &[u8]) -> Result<ModelProto, Error> {
    let weights = Weights::read_graph_model(model, shard)?;
    let file: File = serde_json::from_slice(model).map_err(|source| Error::WeightsManifest { source })?;
    let mut builder = Builder {
        graph: Graph::default(),
        weights: &weights,
        maps: BTreeMap::new(),
    };
    let mut last = None;
    for node in file.topology.node.iter().filter(|node| node.op != "Const") {
        let map = builder.node(node)?;
        builder.maps.insert(&node.name, map.clone());
        last = Some(map);
    }
    let Some(last) = last.filter(|last| last.channels == OUTPUTS && last.side == 1) else {
        return Err(Error::unexpected("its last node is not 228 numbers"));
    };
    let output = builder.graph.flatten(&last.value);
    Ok(builder.graph.finish("human-iris", SIDE, &output, OUTPUTS))
}

impl<'a> Builder<'a> {
    /// Adds a node whose inputs have been added.
    fn node(&mut self, node: &Node) -> Result<Map, Error> {
        if node.op == "Placeholder" {
            return Ok(Map {
                value: Graph::input(),
                channels: 3,
                side: SIDE,
            });
        }
        let x = self.map(node, 0)?;
        match node.op.as_str() {
            "_FusedConv2D" => self.conv(node, &x),
            "DepthwiseConv2dNative" => self.depthwise(node, &x),
            "AddV2" => self.add(node, &x),
            "Prelu" => {
                let slopes = self.slopes(node, 1, x.channels)?;
                Ok(Map {
                    value: self.graph.prelu(&x.value, slopes),
                    ..x
                })
            }
            "MaxPool" => {
                let side = number(node, "ksize", 1)?;
                let (window, after) = window(node, side, x.side)?;
                Ok(Map {
                    value: self.graph.max_pool(&x.value, window),
                    channels: x.channels,
                    side: after,
                })
            }
            "Pad" => self.pad(node, &x),
            "ConcatV2" => {
                let other = self.map(node, 1)?;
                if (x.side, other.side) != (1, 1) || node.input.len() != 3 {
                    return Err(wrong(node, "does not join two rows of numbers"));
                }
                Ok(Map {
                    value: self.graph.concatenate(&[&x.value, &other.value]),
                    channels: x.channels + other.channels,
                    side: 1,
                })
            }
            "Identity" => Ok(x),
            other => Err(wrong(node, &format!("is the unknown operator {other}"))),
        }
    }

    fn conv(&mut self, node: &Node, x: &Map) -> Result<Map, Error> {
        let name = input(node, 1)?;
        let &[side, _, inputs, channels] = self.weight(node, 1)?.shape.as_slice() else {
            return Err(wrong(node, "has filters that are not four-dimensional"));
        };
        if inputs != x.channels {
            return Err(wrong(node, "has filters for other channels"));
        }
        let filters = self.weights.filters(name, side, inputs, channels)?;
        let bias = self.weights.get(input(node, 2)?, &[channels])?;
        let (window, after) = window(node, side, x.side)?;
        let value = self.graph.conv(&x.value, &filters, bias, window, 1);
        let fused = texts(node, "fused_ops");
        let value = match fused.as_slice() {
            // "BiasAdd", "Prelu"
            ["Qmlhc0FkZA=="] => value,
            ["Qmlhc0FkZA==", "UHJlbHU="] => {
                let slopes = self.slopes(node, 3, channels)?;
                self.graph.prelu(&value, slopes)
            }
            _ => return Err(wrong(node, "fuses something else than a bias and PReLU")),
        };
        Ok(Map {
            value,
            channels,
            side: after,
        })
    }

    fn depthwise(&mut self, node: &Node, x: &Map) -> Result<Map, Error> {
        let name = input(node, 1)?;
        let side = self.weight(node, 1)?.shape.first().copied().unwrap_or_default();
        let filters = self.weights.depthwise_filters(name, side, x.channels)?;
        let (window, after) = window(node, side, x.side)?;
        let bias = vec![0.0; x.channels];
        Ok(Map {
            value: self.graph.conv(&x.value, &filters, &bias, window, x.channels),
            channels: x.channels,
            side: after,
        })
    }

    fn add(&mut self, node: &Node, x: &Map) -> Result<Map, Error> {
        let other = self.map(node, 1)?;
        if (x.channels, x.side) != (other.channels, other.side) {
            return Err(wrong(node, "adds maps of different shapes"));
        }
        Ok(Map {
            value: self.graph.add(&x.value, &other.value),
            ..other
        })
    }

    /// Further channels of zeros at the end; any other padding is not known.
    fn pad(&mut self, node: &Node, x: &Map) -> Result<Map, Error> {
        let paddings = self.weight(node, 1)?;
        let &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, more] = paddings.data.as_slice() else {
            return Err(wrong(node, "pads more than the end of the channels"));
        };
        // as many again at most: the sizes come from a file
        let more = more as usize;
        if more > x.channels {
            return Err(wrong(node, "pads too much"));
        }
        Ok(Map {
            value: self.graph.zero_extend(&x.value, more, 0, 0),
            channels: x.channels + more,
            side: x.side,
        })
    }

    fn map(&self, node: &Node, index: usize) -> Result<Map, Error> {
        let found = self.maps.get(input(node, index)?);
        found
            .cloned()
            .ok_or_else(|| wrong(node, "comes before its inputs"))
    }

    fn weight(&self, node: &Node, index: usize) -> Result<&'a Weight, Error> {
        let found = self.weights.find(input(node, index)?);
        found.ok_or_else(|| wrong(node, "misses a weight"))
    }

    fn slopes(&self, node: &Node, index: usize, channels: usize) -> Result<&'a [f32], Error> {
        self.weights.get(input(node, index)?, &[1, 1, channels])
    }
}

fn input(node: &Node, index: usize) -> Result<&str, Error> {
    let found = node.input.get(index);
    found
        .map(String::as_str)
        .ok_or_else(|| wrong(node, "misses an input"))
}

fn texts<'a>(node: &'a Node, attribute: &str) -> Vec<&'a str> {
    let list = node
        .attr
        .get(attribute)
        .and_then(|attribute| attribute.list.as_ref());
    list.map(|list| list.s.iter().map(String::as_str).collect())
        .unwrap_or_default()
}

fn number(node: &Node, attribute: &str, index: usize) -> Result<usize, Error> {
    let list = node
        .attr
        .get(attribute)
        .and_then(|attribute| attribute.list.as_ref());
    let text = list.and_then(|list| list.i.get(index));
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| wrong(node, &format!("misses the attribute {attribute}")))
}

/// The window of a node on a map of `from` rows and columns, and how many remain. Rows and columns are treated alike;
/// TensorFlow's padding "same" puts the odd zero at the end.
fn window(node: &Node, side: usize, from: usize) -> Result<(Window, usize), Error> {
    let stride = number(node, "strides", 1)?;
    let padding = node
        .attr
        .get("padding")
        .and_then(|attribute| attribute.s.as_deref());
    if !(1..=SIDE).contains(&side) || !(1..=SIDE).contains(&stride) {
        return Err(wrong(node, "has a window of impossible size"));
    }
    let (zeros, after) = match padding {
        // "SAME", "VALID"
        Some("U0FNRQ==") => {
            let after = from.div_ceil(stride);
            (((after - 1) * stride + side).saturating_sub(from), after)
        }
        Some("VkFMSUQ=") if side <= from => (0, (from - side) / stride + 1),
        _ => return Err(wrong(node, "has another padding")),
    };
    let window = Window {
        side,
        stride,
        padding: (zeros / 2, zeros - zeros / 2),
    };
    Ok((window, after))
}

fn wrong(node: &Node, what: &str) -> Error {
    Error::unexpected(format!("the node `{}` {what}", node.name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A pool over everything, padded and joined until it has 228 channels, is not the iris network but of its kind.
    const SMALL: &str = r#"{"format": "graph-model", "modelTopology": {"node": [
        {"name": "w", "op": "Const"},
        {"name": "x", "op": "Placeholder"},
        {"name": "d", "op": "DepthwiseConv2dNative", "input": ["x", "w"], "attr": {
            "padding": {"s": "U0FNRQ=="}, "strides": {"list": {"i": ["1", "2", "2", "1"]}}}},
        {"name": "c", "op": "_FusedConv2D", "input": ["d", "f", "b", "p"], "attr": {
            "fused_ops": {"list": {"s": ["Qmlhc0FkZA==", "UHJlbHU="]}},
            "padding": {"s": "VkFMSUQ="}, "strides": {"list": {"i": ["1", "1", "1", "1"]}}}},
        {"name": "m", "op": "MaxPool", "input": ["c"], "attr": {"ksize": {"list": {"i": ["1", "32", "32", "1"]}},
            "padding": {"s": "VkFMSUQ="}, "strides": {"list": {"i": ["1", "32", "32", "1"]}}}},
        {"name": "a", "op": "AddV2", "input": ["m", "m"]},
        {"name": "j", "op": "ConcatV2", "input": ["a", "m", "w"]},
        {"name": "z", "op": "Pad", "input": ["j", "q"]},
        {"name": "o", "op": "Identity", "input": ["z"]}
    ]}, "weightsManifest": [{"weights": [
        {"name": "w", "shape": [3, 3, 3, 1], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}},
        {"name": "f", "shape": [1, 1, 3, 57], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}},
        {"name": "b", "shape": [57], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}},
        {"name": "p", "shape": [1, 1, 57], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}},
        {"name": "q", "shape": [4, 2], "dtype": "int32"}
    ]}]}"#;

    fn shard() -> Vec<u8> {
        let mut bytes = vec![1; 27 + 3 * 57 + 57 + 57];
        bytes.extend([0i32, 0, 0, 0, 0, 0, 0, 114].iter().flat_map(|n| n.to_le_bytes()));
        bytes
    }

    #[test]
    fn a_graph_of_its_operators_is_converted() {
        let graph = import(SMALL.as_bytes(), &shard()).unwrap().graph.unwrap();
        let operators: Vec<&str> = graph.node.iter().map(|node| node.op_type.as_str()).collect();
        assert_eq!(
            operators,
            [
                "Conv", "Conv", "PRelu", "MaxPool", "Add", "Concat", "Pad", "Flatten"
            ]
        );
        assert_eq!(graph.output[0].length(1), Some(228));
    }

    #[test]
    fn what_it_does_not_know_is_rejected() {
        let cases = [
            ("MaxPool", "AvgPool", "unknown operator AvgPool"),
            ("\"UHJlbHU=\"", "\"UmVsdQ==\"", "fuses something else"),
            ("[\"j\", \"q\"]", "[\"j\", \"b\"]", "pads more"),
            ("[\"m\", \"m\"]", "[\"m\", \"c\"]", "different shapes"),
            ("[\"d\", \"f\", ", "[\"o\", \"f\", ", "before its inputs"),
            ("\"32\", \"32\"", "\"99\", \"99\"", "impossible size"),
            ("[\"z\"]", "[\"j\"]", "228 numbers"),
        ];
        for (from, to, expected) in cases {
            let error = import(SMALL.replace(from, to).as_bytes(), &shard())
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
    }

    proptest! {
        #[test]
        fn damaged_models_never_panic(position in 0usize..3000, byte in any::<u8>()) {
            let mut bytes = SMALL.as_bytes().to_vec();
            let position = position % bytes.len();
            bytes[position] = byte;
            let _ = import(&bytes, &shard());
        }
    }
}
