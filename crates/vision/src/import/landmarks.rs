//! face-api's networks for 68 facial landmarks and for expressions, from their TF.js weights.
//!
//! Both are four dense blocks of separable convolutions, each halving the sides (112 → 56 → 28 → 14 → 7), a mean, and
//! one linear layer: see `faceLandmarkNet`, `faceExpressionNet` and `faceFeatureExtractor` in
//! [its source](https://github.com/vladmandic/face-api/tree/master/src).
//!
//! Input [N, 3, 112, 112] RGB, (pixel − (122.782, 117.001, 104.298)) / 255. Output of the landmarks [N, 136]: x and y
//! in turn, in units of the input's side. Outputs of the expressions [N, 7]: logits of neutral, happy, sad, angry,
//! fearful, disgusted, surprised; and [N, 256]: the means that they are computed from.

use super::Error;
use super::graph::{Graph, Value, Window};
use super::onnx::ModelProto;
use super::tfjs::Weights;

/// Side of the input in pixels.
const SIDE: usize = 112;
/// 68 points of two coordinates.
const COORDINATES: usize = 136;
/// Kinds of expressions.
const EXPRESSIONS: usize = 7;
/// Channels before the first block and after each.
const WIDTHS: [usize; 5] = [3, 32, 64, 128, 256];

pub(super) fn import(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let means = features(&mut graph, weights)?;
    let output = last_layer(&mut graph, weights, &means, COORDINATES)?;
    Ok(graph.finish("faceapi-landmarks-68", SIDE, &output, COORDINATES))
}

pub(super) fn import_expressions(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let means = features(&mut graph, weights)?;
    let logits = last_layer(&mut graph, weights, &means, EXPRESSIONS)?;
    let outputs: [(&Value, &[usize]); 2] = [(&logits, &[EXPRESSIONS]), (&means, &[WIDTHS[4]])];
    Ok(graph.finish_with("faceapi-expression", &[3, SIDE, SIDE], &outputs))
}

/// [N, 256].
fn features(graph: &mut Graph, weights: &Weights) -> Result<Value, Error> {
    let mut value = Graph::input();
    for (index, widths) in WIDTHS.windows(2).enumerate() {
        value = dense_block(graph, weights, index, &value, (widths[0], widths[1]))?;
    }
    // a 7×7 window on 7×7 cells
    let value = graph.global_average_pool(&value);
    Ok(graph.flatten(&value))
}

fn last_layer(graph: &mut Graph, weights: &Weights, x: &Value, outputs: usize) -> Result<Value, Error> {
    let fc = weights.get("fc/weights", &[WIDTHS[4], outputs])?;
    let bias = weights.get("fc/bias", &[outputs])?;
    Ok(graph.linear(x, fc, bias))
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
        let filters = weights.filters(
            &format!("{}/filters", name(0)),
            Window::SAME_HALF.side,
            inputs,
            outputs,
        )?;
        let bias = weights.get(&format!("{}/bias", name(0)), &[outputs])?;
        graph.conv(x, &filters, bias, Window::SAME_HALF, 1)
    } else {
        separable_conv(graph, weights, &name(0), x, (inputs, outputs), Window::SAME_HALF)?
    };
    let first = graph.relu(&first);
    let second = separable_conv(graph, weights, &name(1), &first, (outputs, outputs), Window::SAME)?;
    let sum = graph.add(&first, &second);
    let x = graph.relu(&sum);
    let third = separable_conv(graph, weights, &name(2), &x, (outputs, outputs), Window::SAME)?;
    let sum = graph.add(&sum, &third);
    let x = graph.relu(&sum);
    let fourth = separable_conv(graph, weights, &name(3), &x, (outputs, outputs), Window::SAME)?;
    let sum = graph.add(&sum, &fourth);
    Ok(graph.relu(&sum))
}

/// A depthwise convolution without bias, then a pointwise one with it.
pub(super) fn separable_conv(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    (inputs, outputs): (usize, usize),
    window: Window,
) -> Result<Value, Error> {
    let depthwise = weights.depthwise_filters(&format!("{name}/depthwise_filter"), window.side, inputs)?;
    let pointwise = weights.filters(
        &format!("{name}/pointwise_filter"),
        Window::POINT.side,
        inputs,
        outputs,
    )?;
    let bias = weights.get(&format!("{name}/bias"), &[outputs])?;
    let x = graph.conv(x, &depthwise, &vec![0.0; inputs], window, inputs);
    Ok(graph.conv(&x, &pointwise, bias, Window::POINT, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_weights_are_rejected() {
        let weights = Weights::read(b"[]", b"").unwrap();
        for import in [import, import_expressions] {
            assert!(
                import(&weights)
                    .unwrap_err()
                    .to_string()
                    .contains("dense0/conv0/filters")
            );
        }
    }
}
