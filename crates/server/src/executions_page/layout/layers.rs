//! Layers from top to bottom: each item lies below everything that leads to it, and a link that passes layers has a place
//! in each of them.

use std::collections::BTreeMap;

use super::arrange::{Item, Link, Size};

/// Links that lead to the same item share their places. More places than this are not worth the time.
const MAX_VERTICES: usize = 8000;
/// The width of a place where links pass, in pixels.
const BEND_WIDTH: f64 = 1.0;

/// What has a place in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Item(usize),
    /// The label of a link.
    Label(usize),
    /// Links that pass.
    Bend,
}

/// A place in a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Vertex {
    pub(super) what: What,
    pub(super) layer: usize,
    pub(super) size: Size,
}

/// An item and everything else, in layers.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "what is in layers has layers")]
pub(super) struct Layers {
    /// The first of them are the items.
    pub(super) vertices: Vec<Vertex>,
    /// From top to bottom, each from left to right.
    pub(super) layers: Vec<Vec<usize>>,
    /// From a vertex of one layer to one of the next, and how much it should be straight.
    pub(super) edges: Vec<(usize, usize, f64)>,
    /// The vertices that a link passes, both ends included. Empty for those that go back.
    pub(super) chains: Vec<Vec<usize>>,
}

/// Puts items and links into layers; `None` where there would be too many places.
pub(super) fn layers(items: &[Item], links: &[Link], back: &[bool], order: &[usize]) -> Option<Layers> {
    let forward = |index: &usize| !back[*index];
    let ranks = ranks(items.len(), links, back, order);
    let last = ranks.iter().copied().max().unwrap_or(0);
    // Labels have a layer of their own below the items that they belong to.
    let mut labelled = vec![false; last + 1];
    for index in (0..links.len()).filter(forward) {
        labelled[ranks[links[index].from]] |= links[index].label.is_some();
    }
    let mut layer_of_rank = Vec::with_capacity(last + 1);
    let mut next = 0;
    for labels in &labelled {
        layer_of_rank.push(next);
        next += 1 + usize::from(*labels);
    }
    let mut built = Layers {
        layers: vec![Vec::new(); next],
        chains: vec![Vec::new(); links.len()],
        ..Layers::default()
    };
    for (index, item) in items.iter().enumerate() {
        built.vertices.push(Vertex {
            what: What::Item(index),
            layer: layer_of_rank[ranks[index]],
            size: item.size,
        });
    }
    let mut shared = BTreeMap::new();
    for index in (0..links.len()).filter(forward) {
        built.chain(index, &links[index], &mut shared);
        if built.vertices.len() > MAX_VERTICES {
            return None;
        }
    }
    built.weigh(links);
    Some(built)
}

/// The longest way to each item.
fn ranks(items: usize, links: &[Link], back: &[bool], order: &[usize]) -> Vec<usize> {
    let mut outgoing = vec![Vec::new(); items];
    for (link, back) in links.iter().zip(back) {
        if !back {
            outgoing[link.from].push(link.to);
        }
    }
    let mut ranks = vec![0; items];
    for item in order {
        for target in &outgoing[*item] {
            ranks[*target] = ranks[*target].max(ranks[*item] + 1);
        }
    }
    ranks
}

impl Layers {
    fn chain(&mut self, index: usize, link: &Link, shared: &mut BTreeMap<(usize, bool, usize), usize>) {
        let (first, last) = (self.vertices[link.from].layer, self.vertices[link.to].layer);
        let mut chain = vec![link.from];
        for layer in first + 1..last {
            let label = link.label.filter(|_| layer == first + 1);
            chain.push(match label {
                Some(size) => self.add(What::Label(index), layer, size),
                None => *shared.entry((link.to, link.is_catch, layer)).or_insert_with(|| {
                    let size = Size {
                        width: BEND_WIDTH,
                        height: 0.0,
                    };
                    self.add(What::Bend, layer, size)
                }),
            });
        }
        chain.push(link.to);
        self.chains[index] = chain;
    }

    fn add(&mut self, what: What, layer: usize, size: Size) -> usize {
        self.vertices.push(Vertex { what, layer, size });
        self.vertices.len() - 1
    }

    /// Long lines should be straight before short ones are: weights as in Gansner et al., "A technique for drawing
    /// directed graphs" (1993), section 4.
    fn weigh(&mut self, links: &[Link]) {
        let mut weights: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (chain, link) in self.chains.iter().zip(links) {
            for (above, below) in chain.iter().zip(chain.iter().skip(1)) {
                let straight = match (self.vertices[*above].what, self.vertices[*below].what) {
                    // A label stands above what it leads to rather than below where it comes from.
                    (What::Label(_), _) | (What::Bend, What::Bend) => 8.0,
                    (What::Item(_), What::Item(_)) | (_, What::Label(_)) => 1.0,
                    (What::Item(_), _) | (_, What::Item(_)) => 2.0,
                };
                *weights.entry((*above, *below)).or_default() += straight * link.weight;
            }
        }
        self.edges = weights
            .into_iter()
            .map(|((above, below), weight)| (above, below, weight))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::super::arrange::tests::{item, link};
    use super::super::cycles::back_links;
    use super::*;

    fn built(count: usize, links: &[Link]) -> Layers {
        let items = vec![item(100.0, 40.0); count];
        let (back, order) = back_links(count, links);
        layers(&items, links, &back, &order).unwrap()
    }

    #[test]
    fn an_item_lies_below_everything_that_leads_to_it() {
        let built = built(4, &[link(0, 1), link(1, 2), link(0, 2), link(2, 3), link(3, 1)]);
        let at: Vec<usize> = built.vertices[..4].iter().map(|vertex| vertex.layer).collect();
        assert_eq!(at, [0, 1, 2, 3]);
        assert_eq!(built.chains[2].len(), 3, "passes one layer");
        assert!(built.chains[4].is_empty(), "goes back");
    }

    #[test]
    fn links_to_one_item_share_their_places() {
        let links = [link(0, 1), link(1, 2), link(2, 3), link(0, 3), link(1, 3)];
        let built = built(4, &links);
        let bends = built
            .vertices
            .iter()
            .filter(|vertex| vertex.what == What::Bend)
            .count();
        assert_eq!(bends, 2, "one in each layer that is passed");
        assert_eq!(built.chains[3][2], built.chains[4][1]);
    }

    #[test]
    fn labels_have_a_layer_of_their_own() {
        let mut links = [link(0, 1), link(0, 2)];
        links[1].label = Some(Size {
            width: 50.0,
            height: 18.0,
        });
        let built = built(3, &links);
        assert_eq!(built.layers.len(), 3);
        assert_eq!(built.vertices[1].layer, 2);
        assert_eq!(built.vertices[built.chains[1][1]].what, What::Label(1));
        assert_eq!(built.vertices[built.chains[0][1]].what, What::Bend);
    }
}
