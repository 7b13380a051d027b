//! The order in each layer: so that lines cross as rarely as possible.

use super::layers::Layers;

/// Passes over all layers, down and up. More change nothing in graphs that people write.
const SWEEPS: usize = 16;

/// Orders every layer: first as somebody finds the vertices who walks along the links in their order, then by the mean
/// position of the neighbours above or below, and last by exchanging neighbours. The best order found is kept.
pub(super) fn order(graph: &mut Layers, links: &[usize]) {
    let (above, below) = neighbours(graph);
    graph.layers = found(graph, links);
    let mut best = (crossings(graph, &below), graph.layers.clone());
    for sweep in 0..SWEEPS {
        let count = graph.layers.len();
        let down = sweep % 2 == 0;
        for step in 1..count {
            let (layer, before) = if down {
                (step, step - 1)
            } else {
                (count - 1 - step, count - step)
            };
            let towards = if down { &above } else { &below };
            let fixed = positions(graph.vertices.len(), &graph.layers[before]);
            sort(&mut graph.layers[layer], towards, &fixed);
        }
        exchange(graph, &above, &below);
        let crossings = crossings(graph, &below);
        if crossings < best.0 {
            best = (crossings, graph.layers.clone());
        }
    }
    graph.layers = best.1;
}

type Neighbours = Vec<Vec<usize>>;

fn neighbours(graph: &Layers) -> (Neighbours, Neighbours) {
    let mut above = vec![Vec::new(); graph.vertices.len()];
    let mut below = above.clone();
    for (upper, lower, _) in &graph.edges {
        above[*lower].push(*upper);
        below[*upper].push(*lower);
    }
    (above, below)
}

/// The order in which a walk comes across the vertices: depth first, along the links in their order.
fn found(graph: &Layers, links: &[usize]) -> Vec<Vec<usize>> {
    // The order of edges is that of numbers; the walk needs that of links.
    let mut next = vec![Vec::new(); graph.vertices.len()];
    for chain in links.iter().map(|link| &graph.chains[*link]) {
        for (upper, lower) in chain.iter().zip(chain.iter().skip(1)) {
            if !next[*upper].contains(lower) {
                next[*upper].push(*lower);
            }
        }
    }
    let mut layers = vec![Vec::new(); graph.layers.len()];
    let mut seen = vec![false; graph.vertices.len()];
    for first in 0..graph.vertices.len() {
        let mut pending = vec![first];
        while let Some(vertex) = pending.pop() {
            if std::mem::replace(&mut seen[vertex], true) {
                continue;
            }
            layers[graph.vertices[vertex].layer].push(vertex);
            pending.extend(next[vertex].iter().rev());
        }
    }
    layers
}

fn positions(vertices: usize, layer: &[usize]) -> Vec<usize> {
    let mut positions = vec![0; vertices];
    for (position, vertex) in layer.iter().enumerate() {
        positions[*vertex] = position;
    }
    positions
}

/// Sorts a layer by the mean position of the neighbours in one that stays. Who has none keeps the place.
fn sort(layer: &mut [usize], neighbours: &Neighbours, fixed: &[usize]) {
    let mut keyed: Vec<(f64, usize)> = layer
        .iter()
        .enumerate()
        .map(|(position, vertex)| {
            let its = &neighbours[*vertex];
            let sum: usize = its.iter().map(|neighbour| fixed[*neighbour]).sum();
            let mean = if its.is_empty() {
                position as f64
            } else {
                sum as f64 / its.len() as f64
            };
            (mean, *vertex)
        })
        .collect();
    // Stable: equal means keep their order.
    keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
    for (place, (_, vertex)) in layer.iter_mut().zip(keyed) {
        *place = vertex;
    }
}

/// Exchanges two that stand side by side wherever that leaves fewer crossings.
fn exchange(graph: &mut Layers, above: &Neighbours, below: &Neighbours) {
    let vertices = graph.vertices.len();
    for layer in 0..graph.layers.len() {
        let upper = layer
            .checked_sub(1)
            .map(|upper| positions(vertices, &graph.layers[upper]));
        let lower = graph
            .layers
            .get(layer + 1)
            .map(|lower| positions(vertices, lower));
        let count = |left: usize, right: usize| {
            let pairs = |neighbours: &Neighbours, fixed: &Option<Vec<usize>>| {
                let Some(fixed) = fixed else { return 0 };
                let crossed = |a: &usize| {
                    neighbours[right]
                        .iter()
                        .filter(|b| fixed[*a] > fixed[**b])
                        .count()
                };
                neighbours[left].iter().map(crossed).sum::<usize>()
            };
            pairs(above, &upper) + pairs(below, &lower)
        };
        let row = &mut graph.layers[layer];
        for place in 1..row.len() {
            let (left, right) = (row[place - 1], row[place]);
            if count(right, left) < count(left, right) {
                row.swap(place - 1, place);
            }
        }
    }
}

/// How many pairs of edges cross, over all layers.
fn crossings(graph: &Layers, below: &Neighbours) -> usize {
    let pairs = graph.layers.iter().zip(graph.layers.iter().skip(1));
    pairs
        .map(|(upper, lower)| {
            let at = positions(graph.vertices.len(), lower);
            let mut ends = Vec::new();
            for vertex in upper {
                let mut its: Vec<usize> = below[*vertex].iter().map(|other| at[*other]).collect();
                its.sort_unstable();
                ends.extend(its);
            }
            inversions(&ends, lower.len())
        })
        .sum()
}

/// How many pairs of numbers below `bound` are in the wrong order: with a Fenwick tree, in time n·log n.
fn inversions(numbers: &[usize], bound: usize) -> usize {
    let mut tree = vec![0; bound + 1];
    let mut found = 0;
    for (before, number) in numbers.iter().enumerate() {
        let mut at = number + 1;
        let mut not_greater = 0;
        while at > 0 {
            not_greater += tree[at];
            at &= at - 1;
        }
        found += before - not_greater;
        at = number + 1;
        while at <= bound {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::arrange::tests::{item, link};
    use super::super::cycles::back_links;
    use super::super::layers::layers;
    use super::*;

    #[test]
    fn inversions_are_counted() {
        for (numbers, expected) in [
            (&[0, 1, 2][..], 0),
            (&[2, 1, 0], 3),
            (&[1, 1, 0], 2),
            (&[0, 0], 0),
            (&[], 0),
        ] {
            assert_eq!(inversions(numbers, 3), expected, "{numbers:?}");
        }
    }

    #[test]
    fn what_need_not_cross_does_not() {
        // 0 leads to 1, 2, 3; they lead on to 6, 5, 4 in this order, so that the numbers' order would cross.
        let links = [
            link(0, 1),
            link(0, 2),
            link(0, 3),
            link(1, 6),
            link(2, 5),
            link(3, 4),
        ];
        let items = vec![item(100.0, 40.0); 7];
        let (back, topological) = back_links(7, &links);
        let mut graph = layers(&items, &links, &back, &topological).unwrap();
        order(&mut graph, &[0, 1, 2, 3, 4, 5]);
        let (_, below) = neighbours(&graph);
        assert_eq!(crossings(&graph, &below), 0);
        assert_eq!(graph.layers[1], [1, 2, 3], "as it is written");
    }
}
