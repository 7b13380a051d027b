//! A small builder of ONNX graphs: one float input, float outputs, operators that every engine has.

use super::onnx::{
    AttributeProto, Dimension, FLOAT, GraphProto, INT64, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, ValueInfoProto, attribute_type,
};
use super::tfjs::Weight;

/// Operator set 13: the first in which `Pad` and the rest have the form they still have; both engines read it.
const OPSET: i64 = 13;
/// The format version that goes with that operator set.
const IR_VERSION: i64 = 7;

/// A value within the graph.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value(String);

/// How a convolution or a pool moves over its input. All windows are square, with the same stride on both axes.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) side: usize,
    pub(super) stride: usize,
    /// Zeros in front of and after the rows and the columns.
    pub(super) padding: (usize, usize),
}

impl Window {
    /// 3 × 3, and the sides stay as they are.
    pub(super) const SAME: Self = Self {
        side: 3,
        stride: 1,
        padding: (1, 1),
    };
    /// 3 × 3, and the sides are halved: TensorFlow's padding "same" on an even side, one zero, at the end only.
    pub(super) const SAME_HALF: Self = Self {
        side: 3,
        stride: 2,
        padding: (0, 1),
    };
    /// 1 × 1.
    pub(super) const POINT: Self = Self {
        side: 1,
        stride: 1,
        padding: (0, 0),
    };
}

/// Collects nodes and weights; names are numbers in order of appearance, so the result is always the same.
#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<NodeProto>,
    weights: Vec<TensorProto>,
}

impl Graph {
    /// The input, whose name is `input`.
    pub(super) fn input() -> Value {
        Value("input".to_owned())
    }

    /// Convolution with bias; `groups` is 1, or the number of channels of a depthwise one.
    pub(super) fn conv(
        &mut self,
        x: &Value,
        filters: &Weight,
        bias: &[f32],
        window: Window,
        groups: usize,
    ) -> Value {
        let filters = self.float_weight(&filters.shape, &filters.data);
        let bias = self.float_weight(&[bias.len()], bias);
        let mut attributes = window_attributes(window);
        attributes.push(int("group", groups));
        self.node("Conv", &[x, &filters, &bias], attributes)
    }

    /// max(x, 0).
    pub(super) fn relu(&mut self, x: &Value) -> Value {
        self.node("Relu", &[x], Vec::new())
    }

    /// a + b, of equal shapes.
    pub(super) fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Add", &[a, b], Vec::new())
    }

    /// Largest value in each window.
    pub(super) fn max_pool(&mut self, x: &Value, window: Window) -> Value {
        self.node("MaxPool", &[x], window_attributes(window))
    }

    /// Mean of each window.
    pub(super) fn average_pool(&mut self, x: &Value, window: Window) -> Value {
        self.node("AveragePool", &[x], window_attributes(window))
    }

    /// Zeros appended at the high end of channels, rows and columns of an NCHW tensor.
    pub(super) fn zero_extend(&mut self, x: &Value, channels: usize, rows: usize, columns: usize) -> Value {
        let ends = [0, 0, 0, 0, 0, channels, rows, columns];
        let bytes = ends
            .iter()
            .flat_map(|&length| (length as i64).to_le_bytes())
            .collect();
        let ends = self.weight(INT64, &[ends.len()], bytes);
        self.node("Pad", &[x, &ends], Vec::new())
    }

    /// Mean over rows and columns: [N, C, H, W] to [N, C, 1, 1].
    pub(super) fn global_average_pool(&mut self, x: &Value) -> Value {
        self.node("GlobalAveragePool", &[x], Vec::new())
    }

    /// [N, C, 1, 1] to [N, C].
    pub(super) fn flatten(&mut self, x: &Value) -> Value {
        self.node("Flatten", &[x], vec![int("axis", 1)])
    }

    /// x · weights + bias, with weights [inputs, outputs].
    pub(super) fn linear(&mut self, x: &Value, weights: &[f32], bias: &[f32]) -> Value {
        let shape = [weights.len() / bias.len().max(1), bias.len()];
        let weights = self.float_weight(&shape, weights);
        let bias = self.float_weight(&[bias.len()], bias);
        self.node("Gemm", &[x, &weights, &bias], Vec::new())
    }

    /// max(x, 0) for positive numbers, x times the channel's slope for others.
    pub(super) fn prelu(&mut self, x: &Value, slopes: &[f32]) -> Value {
        let slopes = self.float_weight(&[slopes.len(), 1, 1], slopes);
        self.node("PRelu", &[x, &slopes], Vec::new())
    }

    /// min(max(x, 0), 6).
    pub(super) fn relu6(&mut self, x: &Value) -> Value {
        let (low, high) = (self.float_weight(&[], &[0.0]), self.float_weight(&[], &[6.0]));
        self.node("Clip", &[x, &low, &high], Vec::new())
    }

    /// 1 / (1 + exp(−x)).
    pub(super) fn sigmoid(&mut self, x: &Value) -> Value {
        self.node("Sigmoid", &[x], Vec::new())
    }

    /// exp(x) over its sum, along the second dimension.
    pub(super) fn softmax(&mut self, x: &Value) -> Value {
        self.node("Softmax", &[x], vec![int("axis", 1)])
    }

    /// One after the other along the second dimension.
    pub(super) fn concatenate(&mut self, values: &[&Value]) -> Value {
        self.node("Concat", values, vec![int("axis", 1)])
    }

    /// The model from `input` [batch, 3, `side`, `side`] to `output` [batch, `outputs`].
    pub(super) fn finish(self, name: &str, side: usize, output: &Value, outputs: usize) -> ModelProto {
        self.finish_with(name, &[3, side, side], &[(output, &[outputs])])
    }

    /// The model from `input` to `output`, `output1`, `output2` …; all shapes without the batch, which may be any.
    pub(super) fn finish_with(
        mut self,
        name: &str,
        input: &[usize],
        outputs: &[(&Value, &[usize])],
    ) -> ModelProto {
        let declared = |name: &str, shape: &[usize]| {
            let fixed = shape.iter().map(|&length| Dimension::Value(length as i64));
            let shape = std::iter::once(Dimension::named("batch")).chain(fixed).collect();
            ValueInfoProto::float(name, shape)
        };
        let mut declarations = Vec::new();
        for (index, (value, shape)) in outputs.iter().enumerate() {
            let public = match index {
                0 => "output".to_owned(),
                _ => format!("output{index}"),
            };
            self.rename(&value.0, &public);
            declarations.push(declared(&public, shape));
        }
        let graph = GraphProto {
            name: name.to_owned(),
            node: self.nodes,
            initializer: self.weights,
            input: vec![declared("input", input)],
            output: declarations,
        };
        ModelProto {
            ir_version: IR_VERSION,
            // no version of ours: the bytes must not change with each release
            producer_name: "selfsame".to_owned(),
            producer_version: String::new(),
            graph: Some(graph),
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: OPSET,
            }],
        }
    }

    fn rename(&mut self, from: &str, to: &str) {
        let names = self
            .nodes
            .iter_mut()
            .flat_map(|node| node.input.iter_mut().chain(&mut node.output));
        for name in names.filter(|name| *name == from) {
            to.clone_into(name);
        }
    }

    fn node(&mut self, operator: &str, inputs: &[&Value], attribute: Vec<AttributeProto>) -> Value {
        let output = format!("v{}", self.nodes.len());
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|value| value.0.clone()).collect(),
            output: vec![output.clone()],
            name: format!("{operator}{}", self.nodes.len()),
            op_type: operator.to_owned(),
            attribute,
            domain: String::new(),
        });
        Value(output)
    }

    fn float_weight(&mut self, shape: &[usize], data: &[f32]) -> Value {
        let bytes = data.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.weight(FLOAT, shape, bytes)
    }

    fn weight(&mut self, data_type: i32, shape: &[usize], bytes: Vec<u8>) -> Value {
        let name = format!("w{}", self.weights.len());
        self.weights.push(TensorProto {
            dims: shape.iter().map(|&length| length as i64).collect(),
            data_type,
            name: name.clone(),
            raw_data: Some(bytes),
            ..TensorProto::default()
        });
        Value(name)
    }
}

fn window_attributes(window: Window) -> Vec<AttributeProto> {
    let (before, after) = window.padding;
    vec![
        ints("kernel_shape", &[window.side; 2]),
        ints("strides", &[window.stride; 2]),
        ints("pads", &[before, before, after, after]),
    ]
}

fn int(name: &str, value: usize) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        i: Some(value as i64),
        r#type: attribute_type::INT,
        ..AttributeProto::default()
    }
}

fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        ints: values.iter().map(|&value| value as i64).collect(),
        r#type: attribute_type::INTS,
        ..AttributeProto::default()
    }
}
