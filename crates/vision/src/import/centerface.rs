//! CenterFace as published: shapes fixed at [10, 3, 32, 32] and every weight listed as an input too.
//!
//! The graph is fully convolutional, so only the declarations need changing. Nodes and weights stay as they are.

use std::collections::HashSet;

use prost::Message;

use super::Error;
use super::onnx::{Dimension, GraphProto, ModelProto, ValueInfoProto};

/// Output channels in order: heatmap of face centres (0–1), log of height and width in cells, offset of the centre
/// (y, x) in cells, five landmarks (y, x) in units of the box. Each output has a quarter of the input's sides.
const OUTPUT_CHANNELS: [i64; 4] = [1, 2, 2, 10];

/// Input: `input.1`, RGB, 0–255, NCHW with sides that are multiples of 32.
pub(super) fn import(bytes: &[u8]) -> Result<ModelProto, Error> {
    let mut model = ModelProto::decode(bytes).map_err(|source| Error::Onnx { source })?;
    let graph = model
        .graph
        .as_mut()
        .ok_or_else(|| Error::unexpected("it has no graph"))?;
    drop_unused_weights(graph);
    let weights: HashSet<&str> = graph
        .initializer
        .iter()
        .map(|weight| weight.name.as_str())
        .collect();
    graph.input.retain(|input| !weights.contains(input.name.as_str()));
    let [input] = graph.input.as_mut_slice() else {
        return Err(Error::unexpected("it does not have exactly one input"));
    };
    *input = with_symbolic_sides(input, 3, ["batch", "height", "width"])?;
    if graph.output.len() != OUTPUT_CHANNELS.len() {
        return Err(Error::unexpected("it does not have four outputs"));
    }
    for (output, channels) in graph.output.iter_mut().zip(OUTPUT_CHANNELS) {
        *output = with_symbolic_sides(output, channels, ["batch", "height_cells", "width_cells"])?;
    }
    Ok(model)
}

/// The counters of the training's batch normalisation are stored too, and read by nothing.
fn drop_unused_weights(graph: &mut GraphProto) {
    let used: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| &node.input)
        .map(String::as_str)
        .collect();
    let is_used = |name: &str| used.contains(name);
    let unused: HashSet<String> = graph
        .initializer
        .iter()
        .map(|weight| &weight.name)
        .filter(|name| !is_used(name))
        .cloned()
        .collect();
    graph.initializer.retain(|weight| !unused.contains(&weight.name));
    graph.input.retain(|input| !unused.contains(&input.name));
}

fn with_symbolic_sides(
    value: &ValueInfoProto,
    channels: i64,
    names: [&str; 3],
) -> Result<ValueInfoProto, Error> {
    let name = &value.name;
    if value.rank() != Some(4) || value.length(1) != Some(channels) {
        return Err(Error::unexpected(format!(
            "`{name}` is not a four-dimensional tensor of {channels} channels"
        )));
    }
    let [batch, height, width] = names.map(Dimension::named);
    Ok(ValueInfoProto::float(
        name,
        vec![batch, Dimension::Value(channels), height, width],
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::onnx::{FLOAT, NodeProto, TensorProto};

    fn value(name: &str, channels: i64) -> ValueInfoProto {
        let fixed = [10, channels, 8, 8].map(Dimension::Value).to_vec();
        ValueInfoProto::float(name, fixed)
    }

    fn weight(name: &str) -> TensorProto {
        TensorProto {
            name: name.to_owned(),
            data_type: FLOAT,
            dims: vec![1],
            float_data: vec![0.5],
            ..TensorProto::default()
        }
    }

    /// The published file's shape in small: weights among the inputs, one of them unused.
    fn published() -> ModelProto {
        let node = NodeProto {
            op_type: "Conv".to_owned(),
            input: vec!["input.1".to_owned(), "w".to_owned()],
            output: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            ..NodeProto::default()
        };
        let mut graph = GraphProto {
            node: vec![node],
            initializer: vec![weight("w"), weight("counter")],
            input: vec![value("input.1", 3), value("w", 1), value("counter", 1)],
            ..GraphProto::default()
        };
        graph.output = ["a", "b", "c", "d"]
            .into_iter()
            .zip(OUTPUT_CHANNELS)
            .map(|(n, c)| value(n, c))
            .collect();
        ModelProto {
            graph: Some(graph),
            ..ModelProto::default()
        }
    }

    #[test]
    fn declares_symbolic_sides_and_keeps_nodes_and_used_weights() {
        let before = published();
        let after = import(&before.encode_to_vec()).unwrap().graph.unwrap();
        let before = before.graph.unwrap();
        assert_eq!(after.node, before.node);
        assert_eq!(after.initializer, [weight("w")]);
        let [batch, height, width] = ["batch", "height", "width"].map(Dimension::named);
        let expected = ValueInfoProto::float("input.1", vec![batch, Dimension::Value(3), height, width]);
        assert_eq!(after.input, [expected]);
        let channels: Vec<Option<i64>> = after.output.iter().map(|output| output.length(1)).collect();
        assert_eq!(channels, OUTPUT_CHANNELS.map(Some));
        assert!(after.output.iter().all(|output| output.length(2).is_none()));
    }

    #[test]
    fn rejects_other_models() {
        let mut no_graph = published();
        no_graph.graph = None;
        let mut two_inputs = published();
        two_inputs.graph.as_mut().unwrap().input.push(value("more", 3));
        let mut three_outputs = published();
        three_outputs.graph.as_mut().unwrap().output.pop();
        let mut grey = published();
        grey.graph.as_mut().unwrap().input[0] = value("input.1", 1);
        for model in [no_graph, two_inputs, three_outputs, grey] {
            let error = import(&model.encode_to_vec()).unwrap_err();
            assert!(matches!(error, Error::Unexpected { .. }), "{error}");
        }
        assert!(matches!(import(b"\xff\xff").unwrap_err(), Error::Onnx { .. }));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = import(&bytes);
        }

        #[test]
        fn damaged_models_never_panic(position in 0usize..400, byte in any::<u8>(), length in 0usize..400) {
            let mut bytes = published().encode_to_vec();
            let position = position % bytes.len();
            bytes[position] = byte;
            bytes.truncate(length.max(1));
            let _ = import(&bytes);
        }
    }
}
