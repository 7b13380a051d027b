//! dlib's face recognition network (29 convolutions, 128 numbers out), from the weights that face-api publishes.
//!
//! The structure is that of
//! [dlib's example](https://github.com/davisking/dlib/blob/master/examples/dnn_face_recognition_ex.cpp): residual
//! blocks, of which the first of each width halves the sides. Where the two operands of a residual sum differ, dlib
//! extends the smaller with zeros at the high end of channels, rows and columns. Batch normalisation is a fixed
//! scale per channel and folded into the filters here.
//!
//! Input [N, 3, 150, 150] RGB, (pixel − (122.782, 117.001, 104.298)) / 256, output [N, 128], not normalised.

use super::Error;
use super::graph::{Graph, Value, Window};
use super::onnx::ModelProto;
use super::tfjs::{Weight, Weights};

/// Side of the input in pixels.
const SIDE: usize = 150;
/// Length of the output.
const OUTPUTS: usize = 128;

/// A residual block: its name in the weights, its width, and whether it halves the sides.
struct Block {
    name: &'static str,
    width: usize,
    halves: bool,
}

const fn block(name: &'static str, width: usize, halves: bool) -> Block {
    Block { name, width, halves }
}

const BLOCKS: [Block; 14] = [
    block("conv32_1", 32, false),
    block("conv32_2", 32, false),
    block("conv32_3", 32, false),
    block("conv64_down", 64, true),
    block("conv64_1", 64, false),
    block("conv64_2", 64, false),
    block("conv64_3", 64, false),
    block("conv128_down", 128, true),
    block("conv128_1", 128, false),
    block("conv128_2", 128, false),
    block("conv256_down", 256, true),
    block("conv256_1", 256, false),
    block("conv256_2", 256, false),
    block("conv256_down_out", 256, true),
];

const HALF: Window = Window {
    side: 3,
    stride: 2,
    padding: (0, 0),
};
const HALF_POOL: Window = Window {
    side: 2,
    stride: 2,
    padding: (0, 0),
};
const FIRST: Window = Window {
    side: 7,
    stride: 2,
    padding: (0, 0),
};

/// Where the graph has arrived.
struct State {
    value: Value,
    width: usize,
    side: usize,
}

pub(super) fn import(weights: &Weights) -> Result<ModelProto, Error> {
    let mut graph = Graph::default();
    let value = scaled_conv(
        &mut graph,
        weights,
        "conv32_down",
        &Graph::input(),
        (3, 32),
        FIRST,
    )?;
    let value = graph.relu(&value);
    let value = graph.max_pool(&value, HALF);
    let mut state = State {
        value,
        width: 32,
        side: output_side(output_side(SIDE, FIRST), HALF),
    };
    for block in &BLOCKS {
        state = residual(&mut graph, weights, &state, block)?;
    }
    let value = graph.global_average_pool(&state.value);
    let value = graph.flatten(&value);
    let fc = weights.get("fc", &[state.width, OUTPUTS])?;
    let output = graph.linear(&value, fc, &[0.0; OUTPUTS]);
    Ok(graph.finish("dlib-face-recognition-resnet", SIDE, &output, OUTPUTS))
}

fn residual(graph: &mut Graph, weights: &Weights, from: &State, block: &Block) -> Result<State, Error> {
    let (name, width) = (block.name, block.width);
    let window = if block.halves { HALF } else { Window::SAME };
    let first = format!("{name}/conv1");
    let inner = scaled_conv(graph, weights, &first, &from.value, (from.width, width), window)?;
    let inner = graph.relu(&inner);
    let second = format!("{name}/conv2");
    let mut inner = scaled_conv(graph, weights, &second, &inner, (width, width), Window::SAME)?;
    let mut shortcut = from.value.clone();
    let mut side = from.side;
    if block.halves {
        shortcut = graph.average_pool(&shortcut, HALF_POOL);
        // the convolution's side is never the larger one: (n − 3) / 2 + 1 against (n − 2) / 2 + 1
        side = output_side(from.side, HALF_POOL);
        let missing = side - output_side(from.side, HALF);
        if missing > 0 {
            inner = graph.zero_extend(&inner, 0, missing, missing);
        }
        if width > from.width {
            shortcut = graph.zero_extend(&shortcut, width - from.width, 0, 0);
        }
    }
    let sum = graph.add(&shortcut, &inner);
    let value = graph.relu(&sum);
    Ok(State { value, width, side })
}

/// A convolution with bias, followed by a scale and an offset per channel, as one convolution.
fn scaled_conv(
    graph: &mut Graph,
    weights: &Weights,
    name: &str,
    x: &Value,
    (inputs, outputs): (usize, usize),
    window: Window,
) -> Result<Value, Error> {
    let filters = weights.filters(&format!("{name}/conv/filters"), window.side, inputs, outputs)?;
    let bias = weights.get(&format!("{name}/conv/bias"), &[outputs])?;
    let scale = weights.get(&format!("{name}/scale/weights"), &[outputs])?;
    let offset = weights.get(&format!("{name}/scale/biases"), &[outputs])?;
    let (filters, bias) = fold(filters, bias, scale, offset);
    Ok(graph.conv(x, &filters, &bias, window, 1))
}

/// (x·w + b)·s + o = x·(w·s) + (b·s + o), per output channel, in double precision and rounded once.
fn fold(mut filters: Weight, bias: &[f32], scale: &[f32], offset: &[f32]) -> (Weight, Vec<f32>) {
    let each = filters.data.len() / scale.len();
    for (filter, &scale) in filters.data.chunks_exact_mut(each).zip(scale) {
        for number in filter {
            *number = (f64::from(*number) * f64::from(scale)) as f32;
        }
    }
    let bias = bias.iter().zip(scale).zip(offset);
    let bias = bias
        .map(|((&bias, &scale), &offset)| (f64::from(bias) * f64::from(scale) + f64::from(offset)) as f32)
        .collect();
    (filters, bias)
}

/// How many windows fit on a side without padding.
fn output_side(side: usize, window: Window) -> usize {
    (side - window.side) / window.stride + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sides_are_those_that_were_measured() {
        let mut side = output_side(output_side(SIDE, FIRST), HALF);
        let mut sides = vec![side];
        for _ in BLOCKS.iter().filter(|block| block.halves) {
            side = output_side(side, HALF_POOL);
            sides.push(side);
        }
        assert_eq!(sides, [35, 17, 8, 4, 2]);
    }

    #[test]
    fn folding_keeps_the_function() {
        let filters = Weight {
            shape: vec![2, 1, 1, 1],
            data: vec![3.0, -1.0],
        };
        let (filters, bias) = fold(filters, &[1.0, 2.0], &[2.0, 0.5], &[0.25, -1.0]);
        for x in [-2.0f32, 0.0, 5.0] {
            let folded = [0, 1].map(|channel| filters.data[channel] * x + bias[channel]);
            // small binary fractions: exact
            let expected = [(3.0 * x + 1.0) * 2.0 + 0.25, (-x + 2.0) * 0.5 - 1.0];
            assert_eq!(folded.map(f32::to_bits), expected.map(f32::to_bits));
        }
    }

    #[test]
    fn other_weights_are_rejected() {
        let weights = Weights::read(b"[]", b"").unwrap();
        assert!(
            import(&weights)
                .unwrap_err()
                .to_string()
                .contains("conv32_down/conv/filters")
        );
    }
}
