//! Ways back: links that close a loop run beside everything they pass, so that nobody takes them for the way down.

use super::arrange::Link;
use super::layers::{Layers, What};

/// Between a way back and whatever is beside it, in pixels.
const SPACE: f64 = 18.0;

/// The way of one link back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lane {
    /// -1 on the left, 1 on the right.
    pub(super) side: f64,
    pub(super) x: f64,
    /// Something stands between the first item and the way: it leaves below, as the so-manieth in this gap.
    pub(super) leaves_below: Option<usize>,
    /// Something stands between the way and the last item: it comes from above, as the so-manieth in this gap.
    pub(super) enters_above: Option<usize>,
    /// Half the width that it takes, with its label.
    half: f64,
    /// The layers that it passes, both ends included.
    upper: usize,
    lower: usize,
}

/// The ways of all links that go back; short ones further inside. The others have none.
pub(super) fn lanes(graph: &Layers, links: &[Link], x: &[f64]) -> Vec<Option<Lane>> {
    let mut back: Vec<usize> = (0..links.len())
        .filter(|index| graph.chains[*index].is_empty())
        .collect();
    let layer = |item: usize| graph.vertices[item].layer;
    back.sort_by_key(|index| (layer(links[*index].from) - layer(links[*index].to), *index));
    let mut lanes: Vec<Option<Lane>> = vec![None; links.len()];
    let mut below = vec![0; graph.layers.len()];
    let mut above = vec![0; graph.layers.len()];
    for index in back {
        let link = &links[index];
        let (upper, lower) = (layer(link.to), layer(link.from));
        let (left, right) = extent(graph, x, upper, lower);
        let from_left = x[link.from] + x[link.to] - 2.0 * left;
        let from_right = 2.0 * right - x[link.from] - x[link.to];
        let side = if from_left + 1.0 < from_right { -1.0 } else { 1.0 };
        let half = link.label.map_or(0.0, |label| label.width / 2.0);
        // Distances from the middle, to the outside.
        let edge = if side > 0.0 { right } else { -left };
        let taken = lanes
            .iter()
            .flatten()
            .filter(|lane| lane.side * side > 0.0 && lane.upper <= lower && upper <= lane.lower);
        let edge = taken.map(|lane| lane.x * side + lane.half).fold(edge, f64::max);
        lanes[index] = Some(Lane {
            side,
            x: side * (edge + SPACE + half),
            leaves_below: blocked(graph, link.from, side).then(|| next(&mut below[lower])),
            enters_above: blocked(graph, link.to, side).then(|| next(&mut above[upper])),
            half,
            upper,
            lower,
        });
    }
    lanes
}

fn next(count: &mut usize) -> usize {
    *count += 1;
    *count - 1
}

/// How far some layers reach to the left and to the right.
fn extent(graph: &Layers, x: &[f64], upper: usize, lower: usize) -> (f64, f64) {
    let vertices = graph.layers[upper..=lower].iter().flatten();
    vertices.fold((f64::MAX, f64::MIN), |(left, right), vertex| {
        let half = graph.vertices[*vertex].size.width / 2.0;
        (left.min(x[*vertex] - half), right.max(x[*vertex] + half))
    })
}

/// Whether a box stands between an item and this side.
fn blocked(graph: &Layers, item: usize, side: f64) -> bool {
    let layer = &graph.layers[graph.vertices[item].layer];
    let Some(place) = layer.iter().position(|vertex| *vertex == item) else {
        return false;
    };
    let beside = if side > 0.0 {
        &layer[place + 1..]
    } else {
        &layer[..place]
    };
    beside
        .iter()
        .any(|vertex| graph.vertices[*vertex].what != What::Bend)
}

impl Lane {
    /// Where it ends on its side, label included.
    pub(super) fn outside(&self) -> f64 {
        self.x + self.side * self.half
    }

    /// The layers that it touches.
    pub(super) const fn layers(&self) -> (usize, usize) {
        (self.upper, self.lower)
    }
}
