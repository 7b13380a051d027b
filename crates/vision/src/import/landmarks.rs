//! face-api's network for 68 facial landmarks, from its TF.js weights.
//!
//! Four dense blocks of separable convolutions, each halving the sides (112 → 56 → 28 → 14 → 7), a mean, and one
//! linear layer: see `faceLandmarkNet` and `faceFeatureExtractor` in
//! [its source](https://github.com/vladmandic/face-api/tree/master/src).
//!
//! Input [N, 3, 112, 112] RGB, (pixel − (122.782, 117.001, 104.298)) / 255. Output [N, 136]: x and y in turn, in
//! units of the input's side.

use super::Error;
use super::graph::{Graph, Value, Window};
use super::onnx::ModelProto;
use super::tfjs::Weights;

/// Side of the input in pixels.
const SIDE: usize = 112;
/// 68 points of two coordinates.
const OUTPUTS: usize = 136;
/// Channels before the first block and after each.
const WIDTHS: [usize; 5] = [3, 32, 64, 128, 256];

const SAME: Window = Window {
    side: 3,
    stride: 1,
    padding: (1, 1),
};
/// TensorFlow's padding "same" with stride 2 on an even side: one zero, at the end only.
const SAME_HALF: Window = Window {
    side: 3,
    stride: 2,
    padding: (0, 1),
};
const POINT: Window = Window {
    side: 1,
    stride: 1,
    padding: (0, 0),
};

pub(super) fn import(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let mut value = Graph::input();
    for (index, widths) in WIDTHS.windows(2).enumerate() {
        value = dense_block(&mut graph, weights, index, &value, (widths[0], widths[1]))?;
    }
    // a 7×7 window on 7×7 cells
    let value = graph.global_average_pool(&value);
    let value = graph.flatten(&value);
    let fc = weights.get("fc/weights", &[WIDTHS[4], OUTPUTS])?;
    let bias = weights.get("fc/bias", &[OUTPUTS])?;
    let output = graph.linear(&value, fc, bias);
    Ok(graph.finish("faceapi-landmarks-68", SIDE, &output, OUTPUTS))
}

/// Four convolutions; each but the first gets the sum of all before it.
fn dense_block(
    graph: &mut Graph,
    weights: &Weights,
    index: usize,
    x: &Value,
    (inputs, outputs): (usize, usize),
) -> Result<Value, Error> {
    let name = |conv: usize| format!("dense{index}/conv{conv}");
    let first = if index == 0 {
        let filters = weights.filters(&format!("{}/filters", name(0)), SAME_HALF.side, inputs, outputs)?;
        let bias = weights.get(&format!("{}/bias", name(0)), &[outputs])?;
        graph.conv(x, &filters, bias, SAME_HALF, 1)
    } else {
        separable_conv(graph, weights, &name(0), x, (inputs, outputs), SAME_HALF)?
    };
    let first = graph.relu(&first);
    let second = separable_conv(graph, weights, &name(1), &first, (outputs, outputs), SAME)?;
    let sum = graph.add(&first, &second);
    let x = graph.relu(&sum);
    let third = separable_conv(graph, weights, &name(2), &x, (outputs, outputs), SAME)?;
    let sum = graph.add(&sum, &third);
    let x = graph.relu(&sum);
    let fourth = separable_conv(graph, weights, &name(3), &x, (outputs, outputs), SAME)?;
    let sum = graph.add(&sum, &fourth);
    Ok(graph.relu(&sum))
}

/// A depthwise convolution without bias, then a pointwise one with it.
fn separable_conv(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    (inputs, outputs): (usize, usize),
    window: Window,
) -> Result<Value, Error> {
    let depthwise = weights.depthwise_filters(&format!("{name}/depthwise_filter"), window.side, inputs)?;
    let pointwise = weights.filters(&format!("{name}/pointwise_filter"), POINT.side, inputs, outputs)?;
    let bias = weights.get(&format!("{name}/bias"), &[outputs])?;
    let x = graph.conv(x, &depthwise, &vec![0.0; inputs], window, inputs);
    Ok(graph.conv(&x, &pointwise, bias, POINT, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_weights_are_rejected() {
        let weights = Weights::read(b"[]", b"").unwrap();
        assert!(
            import(&weights)
                .unwrap_err()
                .to_string()
                .contains("dense0/conv0/filters")
        );
    }
}
