//! Where in its layer each vertex stands: lines as straight as they can be, nothing on top of anything else.

use super::layers::{Layers, What};

/// Passes over all layers.
const SWEEPS: usize = 32;
/// The space between two boxes, between two lines, and between a box and a line, in pixels.
const BETWEEN_BOXES: f64 = 28.0;
const BETWEEN_LINES: f64 = 14.0;
const BETWEEN_BOX_AND_LINE: f64 = 20.0;
/// Who has no neighbours stays, if that disturbs nobody.
const INERTIA: f64 = 1e-3;

/// The horizontal centre of each vertex, in pixels. Minimises the sum of the distances between the ends of all edges, by
/// their weights, layer by layer: given the others, the best places of one layer are found exactly.
pub(super) fn place(graph: &Layers) -> Vec<f64> {
    let offsets: Vec<Vec<f64>> = graph.layers.iter().map(|layer| offsets(graph, layer)).collect();
    let mut x = vec![0.0; graph.vertices.len()];
    for (layer, offsets) in graph.layers.iter().zip(&offsets) {
        let middle = offsets.last().copied().unwrap_or(0.0) / 2.0;
        for (vertex, offset) in layer.iter().zip(offsets) {
            x[*vertex] = offset - middle;
        }
    }
    let (above, below) = neighbours(graph);
    let count = graph.layers.len();
    let mut best = (cost(graph, &x), x.clone());
    for sweep in 0..SWEEPS {
        let (up, down) = match sweep % 4 {
            _ if sweep >= SWEEPS / 2 => (true, true),
            0 | 2 => (false, true),
            _ => (true, false),
        };
        for step in 0..count {
            // Down: by what is above; up: by what is below; at the end, by both.
            let layer = if sweep % 2 == 0 { step } else { count - 1 - step };
            let wanted = |vertex: usize| {
                let its = |neighbours: &[(usize, f64)]| -> Vec<(f64, f64)> {
                    neighbours
                        .iter()
                        .map(|(other, weight)| (x[*other], *weight))
                        .collect()
                };
                let mut wanted = if down { its(&above[vertex]) } else { Vec::new() };
                wanted.extend(if up { its(&below[vertex]) } else { Vec::new() });
                wanted
            };
            let row = &graph.layers[layer];
            let wanted: Vec<_> = row.iter().map(|vertex| (x[*vertex], wanted(*vertex))).collect();
            for (vertex, settled) in row.iter().zip(settle(&wanted, &offsets[layer])) {
                x[*vertex] = settled;
            }
        }
        let cost = cost(graph, &x);
        if cost < best.0 - 1e-6 {
            best = (cost, x.clone());
        }
    }
    best.1
}

/// Where the vertices of a layer stand if nothing but the space between them counts; the first at 0.
fn offsets(graph: &Layers, layer: &[usize]) -> Vec<f64> {
    let mut offset = 0.0;
    let mut before: Option<usize> = None;
    let mut offsets = Vec::with_capacity(layer.len());
    for vertex in layer {
        if let Some(before) = before {
            let (left, right) = (graph.vertices[before], graph.vertices[*vertex]);
            let lines = [left, right]
                .iter()
                .filter(|vertex| vertex.what == What::Bend)
                .count();
            let space = [BETWEEN_BOXES, BETWEEN_BOX_AND_LINE, BETWEEN_LINES][lines];
            offset += f64::midpoint(left.size.width, right.size.width) + space;
        }
        offsets.push(offset);
        before = Some(*vertex);
    }
    offsets
}

type Weighted = Vec<Vec<(usize, f64)>>;

fn neighbours(graph: &Layers) -> (Weighted, Weighted) {
    let mut above = vec![Vec::new(); graph.vertices.len()];
    let mut below = above.clone();
    for (upper, lower, weight) in &graph.edges {
        above[*lower].push((*upper, *weight));
        below[*upper].push((*lower, *weight));
    }
    (above, below)
}

fn cost(graph: &Layers, x: &[f64]) -> f64 {
    let lengths = graph
        .edges
        .iter()
        .map(|(upper, lower, weight)| weight * (x[*upper] - x[*lower]).abs());
    lengths.sum()
}

/// Vertices that stand as close as they may, and where they want to be.
struct Block {
    vertices: usize,
    /// Places that one of them would like, less its offset, and how much.
    wanted: Vec<(f64, f64)>,
    at: f64,
}

/// The best places of a layer: isotonic regression by pooling adjacent violators, with weighted medians. `wanted` holds for
/// each vertex where it is and where its neighbours would like it.
fn settle(wanted: &[(f64, Vec<(f64, f64)>)], offsets: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<Block> = Vec::new();
    for ((now, wishes), offset) in wanted.iter().zip(offsets) {
        let mut wanted: Vec<(f64, f64)> = wishes.iter().map(|(x, weight)| (x - offset, *weight)).collect();
        if wanted.is_empty() {
            wanted.push((now - offset, INERTIA));
        }
        let mut block = Block {
            vertices: 1,
            at: median(&mut wanted),
            wanted,
        };
        while let Some(before) = blocks.pop_if(|before| before.at > block.at) {
            block.vertices += before.vertices;
            block.wanted.extend(before.wanted);
            block.at = median(&mut block.wanted);
        }
        blocks.push(block);
    }
    let each = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.at, block.vertices));
    let mut least = f64::NEG_INFINITY;
    each.zip(offsets)
        .map(|(at, offset)| {
            // Pooling has seen to that; rounding must not undo it.
            least = at.max(least);
            least + offset
        })
        .collect()
}

/// The weighted median; where it is a whole interval, its middle, so that what leads to two stands between them.
fn median(wanted: &mut [(f64, f64)]) -> f64 {
    wanted.sort_by(|left, right| left.0.total_cmp(&right.0));
    let half = wanted.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let mut lower = None;
    for (x, weight) in wanted.iter() {
        if let Some(lower) = lower {
            return f64::midpoint(lower, *x);
        }
        sum += weight;
        if (sum - half).abs() < 1e-9 {
            lower = Some(*x);
        } else if sum > half {
            return *x;
        }
    }
    lower.unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_weighted() {
        assert!((median(&mut [(3.0, 1.0), (1.0, 1.0)]) - 2.0).abs() < 1e-9);
        assert!((median(&mut [(3.0, 2.0), (1.0, 1.0)]) - 3.0).abs() < 1e-9);
        assert!((median(&mut [(5.0, 1.0)]) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn nobody_comes_too_close() {
        let wanted = [
            (0.0, vec![(100.0, 1.0)]),
            (0.0, vec![(90.0, 1.0)]),
            (0.0, vec![]),
            (0.0, vec![(500.0, 1.0)]),
        ];
        let offsets = [0.0, 50.0, 100.0, 150.0];
        let settled = settle(&wanted, &offsets);
        for pair in settled.windows(2) {
            assert!(pair[1] - pair[0] >= 50.0 - 1e-9, "{settled:?}");
        }
        assert!((settled[3] - 500.0).abs() < 1e-9, "{settled:?}");
    }
}
