//! face-api's network for age and gender, from its TF.js weights: a small Xception (Chollet, CVPR 2017).
//!
//! See `ageGenderNet` and `xception` in [its source](https://github.com/vladmandic/face-api/tree/master/src).
//!
//! Input [N, 3, 112, 112] RGB, (pixel − (122.782, 117.001, 104.298)) / 255. Output [N, 3]: the age in years, then the
//! logits of male and female.

use super::Error;
use super::graph::{Graph, Value, Window};
use super::landmarks::separable_conv;
use super::onnx::ModelProto;
use super::tfjs::Weights;

/// Side of the input in pixels.
const SIDE: usize = 112;
/// Channels of the last map.
const WIDTH: usize = 512;

/// A pointwise convolution that skips every other row and column.
const POINT_HALF: Window = Window {
    side: 1,
    stride: 2,
    padding: (0, 0),
};

pub(super) fn import(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let first = conv(
        &mut graph,
        weights,
        "entry_flow/conv_in",
        &Graph::input(),
        (3, 32),
        Window::SAME_HALF,
    )?;
    let first = graph.relu(&first);
    let x = reduction(
        &mut graph,
        weights,
        "entry_flow/reduction_block_0",
        &first,
        &first,
        (32, 64),
    )?;
    let active = graph.relu(&x);
    let mut x = reduction(
        &mut graph,
        weights,
        "entry_flow/reduction_block_1",
        &x,
        &active,
        (64, 128),
    )?;
    for block in 0..2 {
        let mut inner = x.clone();
        for index in 0..3 {
            let name = format!("middle_flow/main_block_{block}/separable_conv{index}");
            let active = graph.relu(&inner);
            inner = separable_conv(&mut graph, weights, &name, &active, (128, 128), Window::SAME)?;
        }
        x = graph.add(&inner, &x);
    }
    let active = graph.relu(&x);
    let x = reduction(
        &mut graph,
        weights,
        "exit_flow/reduction_block",
        &x,
        &active,
        (128, 256),
    )?;
    let x = separable_conv(
        &mut graph,
        weights,
        "exit_flow/separable_conv",
        &x,
        (256, WIDTH),
        Window::SAME,
    )?;
    let x = graph.relu(&x);
    // a 7×7 window on 7×7 cells
    let x = graph.global_average_pool(&x);
    let x = graph.flatten(&x);
    let age = linear(&mut graph, weights, "fc/age", &x, 1)?;
    let gender = linear(&mut graph, weights, "fc/gender", &x, 2)?;
    let output = graph.concatenate(&[&age, &gender]);
    Ok(graph.finish("faceapi-age-gender", SIDE, &output, 3))
}

/// Two separable convolutions on `active` and a pool that halves the sides, plus a pointwise convolution of `x`.
fn reduction(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    active: &Value,
    (inputs, outputs): (usize, usize),
) -> Result<Value, Error> {
    let first = format!("{name}/separable_conv0");
    let inner = separable_conv(graph, weights, &first, active, (inputs, outputs), Window::SAME)?;
    let inner = graph.relu(&inner);
    let second = format!("{name}/separable_conv1");
    let inner = separable_conv(graph, weights, &second, &inner, (outputs, outputs), Window::SAME)?;
    let inner = graph.max_pool(&inner, Window::SAME_HALF);
    let expansion = format!("{name}/expansion_conv");
    let shortcut = conv(graph, weights, &expansion, x, (inputs, outputs), POINT_HALF)?;
    Ok(graph.add(&inner, &shortcut))
}

fn conv(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    (inputs, outputs): (usize, usize),
    window: Window,
) -> Result<Value, Error> {
    let filters = weights.filters(&format!("{name}/filters"), window.side, inputs, outputs)?;
    let bias = weights.get(&format!("{name}/bias"), &[outputs])?;
    Ok(graph.conv(x, &filters, bias, window, 1))
}

fn linear(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    outputs: usize,
) -> Result<Value, Error> {
    let matrix = weights.get(&format!("{name}/weights"), &[WIDTH, outputs])?;
    let bias = weights.get(&format!("{name}/bias"), &[outputs])?;
    Ok(graph.linear(x, matrix, bias))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_weights_are_rejected() {
        let weights = Weights::read(b"[]", b"").unwrap();
        let error = import(&weights).unwrap_err().to_string();
        assert!(error.contains("entry_flow/conv_in/filters"), "{error}");
    }
}
