//! FaceRes, a MobileNet (Howard et al., arXiv:1704.04861) for faces, age and gender, from the TF.js graph model that
//! Human publishes.
//!
//! It becomes two models, so that features are to be had without age and gender:
//!
//! * the trunk, from pixels to two feature maps. Input [N, 3, 224, 224] BGR, pixel − (103.939, 116.779, 123.68); outputs
//!   [N, 256, 28, 28] after block 5 and [N, 512, 14, 14] after block 11;
//! * the rest. Input: the trunk's second output; outputs [N, 100], the probabilities of ages 0 to 99, and [N, 1], the
//!   probability of male.
//!
//! Batch normalisation of depthwise convolutions is a scale per channel and folded into the filters; that of the others
//! was folded before publication.

use super::Error;
use super::graph::{Graph, Value, Window};
use super::onnx::ModelProto;
use super::tfjs::{Weight, Weights};

/// Side of the trunk's input in pixels.
const SIDE: usize = 224;
/// The block whose output is the trunk's first, and its shape.
const FINE: (usize, [usize; 3]) = (5, [256, 28, 28]);
/// The block whose output is the trunk's second, and its shape.
const COARSE: (usize, [usize; 3]) = (11, [512, 14, 14]);
/// Channels in front of the first block and after each.
const WIDTHS: [usize; 14] = [
    32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024,
];
/// Blocks that halve the sides.
const HALVING: [usize; 4] = [2, 4, 6, 12];
/// Numbers that age and gender are computed from.
const FEATURES: usize = 256;
/// Ages 0 to 99.
const AGES: usize = 100;

pub(super) fn import_trunk(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let filters = weights.filters("conv1/convolution/merged_input", 3, 3, WIDTHS[0])?;
    let bias = weights.get("conv1_bn/batchnorm_1/sub", &[WIDTHS[0]])?;
    let x = graph.conv(&Graph::input(), &filters, bias, Window::SAME_HALF, 1);
    let mut x = graph.relu6(&x);
    let mut fine = None;
    for index in 1..=COARSE.0 {
        x = block(&mut graph, weights, &x, index)?;
        if index == FINE.0 {
            fine = Some(x.clone());
        }
    }
    let fine = fine.unwrap_or_else(|| x.clone());
    let outputs: [(&Value, &[usize]); 2] = [(&fine, &FINE.1), (&x, &COARSE.1)];
    Ok(graph.finish_with("human-faceres-trunk", &[3, SIDE, SIDE], &outputs))
}

pub(super) fn import_age_gender(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let mut x = Graph::input();
    for index in COARSE.0 + 1..WIDTHS.len() {
        x = block(&mut graph, weights, &x, index)?;
    }
    let x = graph.global_average_pool(&x);
    let x = graph.flatten(&x);
    let width = WIDTHS[WIDTHS.len() - 1];
    let x = linear(&mut graph, weights, "feats", &x, (width, FEATURES))?;
    let x = graph.relu(&x);
    let ages = linear(&mut graph, weights, "age_pred", &x, (FEATURES, AGES))?;
    let ages = graph.softmax(&ages);
    let male = linear(&mut graph, weights, "gender_pred", &x, (FEATURES, 1))?;
    let male = graph.sigmoid(&male);
    let outputs: [(&Value, &[usize]); 2] = [(&ages, &[AGES]), (&male, &[1])];
    Ok(graph.finish_with("human-faceres-age-gender", &COARSE.1, &outputs))
}

/// A depthwise and a pointwise convolution.
fn block(graph: &mut Graph, weights: &Weights, x: &Value, index: usize) -> Result<Value, Error> {
    let (inputs, outputs) = (WIDTHS[index - 1], WIDTHS[index]);
    let window = if HALVING.contains(&index) {
        Window::SAME_HALF
    } else {
        Window::SAME
    };
    let depthwise =
        weights.depthwise_filters(&format!("conv_dw_{index}/depthwise_kernel"), window.side, inputs)?;
    let scale = weights.get(&format!("conv_dw_{index}_bn/batchnorm_1/mul"), &[inputs])?;
    let bias = weights.get(&format!("conv_dw_{index}_bn/batchnorm_1/sub"), &[inputs])?;
    let x = graph.conv(x, &scaled(depthwise, scale), bias, window, inputs);
    let x = graph.relu6(&x);
    let name = format!("conv_pw_{index}/convolution/merged_input");
    let pointwise = weights.filters(&name, Window::POINT.side, inputs, outputs)?;
    let bias = weights.get(&format!("conv_pw_{index}_bn/batchnorm_1/sub"), &[outputs])?;
    let x = graph.conv(&x, &pointwise, bias, Window::POINT, 1);
    Ok(graph.relu6(&x))
}

/// Each channel's filter times its factor.
fn scaled(mut filters: Weight, factors: &[f32]) -> Weight {
    let each = filters.data.len() / factors.len();
    for (filter, factor) in filters.data.chunks_exact_mut(each).zip(factors) {
        for number in filter {
            *number *= factor;
        }
    }
    filters
}

fn linear(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    (inputs, outputs): (usize, usize),
) -> Result<Value, Error> {
    let kernel = weights.get(&format!("{name}/kernel"), &[inputs, outputs])?;
    let bias = weights.get(&format!("{name}/bias"), &[outputs])?;
    Ok(graph.linear(x, kernel, bias))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_weights_are_rejected() {
        let weights = Weights::read(b"[]", b"").unwrap();
        let error = import_trunk(&weights).unwrap_err().to_string();
        assert!(error.contains("conv1/convolution/merged_input"), "{error}");
        let error = import_age_gender(&weights).unwrap_err().to_string();
        assert!(error.contains("conv_dw_12/depthwise_kernel"), "{error}");
    }

    #[test]
    fn each_channel_has_its_factor() {
        let filters = Weight {
            shape: vec![2, 1, 1, 2],
            data: vec![1.0, 2.0, 3.0, 4.0],
        };
        assert_eq!(scaled(filters, &[2.0, -1.0]).data, [2.0, 4.0, -3.0, -4.0]);
    }
}
