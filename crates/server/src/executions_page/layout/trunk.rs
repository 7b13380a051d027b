//! The trunk: of all ways on from an item, the one that leads furthest. It is drawn straight, and the others stand on both
//! sides of it.

use super::arrange::Link;

/// How much straighter the trunk is than other links, and how much each one that leads furthest from a side.
const TRUNK: f64 = 4.0;
const SIDE: f64 = 2.0;

/// Links as they are laid out, and the order in which those of one item stand from left to right.
pub(super) struct Trunk {
    /// With the weights of the trunk.
    pub(super) links: Vec<Link>,
    /// All links.
    pub(super) order: Vec<usize>,
}

/// Finds the trunk of a graph whose links back are known, with its items in topological order.
pub(super) fn trunk(items: usize, links: &[Link], back: &[bool], topological: &[usize]) -> Trunk {
    let mut outgoing = vec![Vec::new(); items];
    for (index, link) in links.iter().enumerate() {
        outgoing[link.from].push(index);
    }
    let mut heights = vec![0_usize; items];
    for item in topological.iter().rev() {
        let forward = outgoing[*item].iter().filter(|link| !back[**link]);
        heights[*item] = forward
            .map(|link| heights[links[*link].to] + 1)
            .max()
            .unwrap_or(0);
    }
    let mut weighed = links.to_vec();
    let mut on = vec![None; items];
    let mut order = Vec::with_capacity(links.len());
    for (item, its) in outgoing.into_iter().enumerate() {
        let (mut flow, catch): (Vec<usize>, Vec<usize>) =
            its.into_iter().partition(|link| !links[*link].is_catch);
        // Of equals the weightier, or the last: a Choice state's is the one that is taken where no rule matches.
        let main = flow
            .iter()
            .copied()
            .filter(|link| !back[*link])
            .max_by(|left, right| {
                let (left, right) = (&links[*left], &links[*right]);
                heights[left.to]
                    .cmp(&heights[right.to])
                    .then(left.weight.total_cmp(&right.weight))
            });
        if let Some(main) = main {
            on[item] = Some(main);
            weighed[main].weight *= SIDE;
            flow.retain(|link| *link != main);
            flow.insert(flow.len().div_ceil(2), main);
        }
        order.extend(flow);
        order.extend(catch);
    }
    let mut at = 0;
    while let Some(main) = on.get(at).copied().flatten() {
        weighed[main].weight *= TRUNK / SIDE;
        at = links[main].to;
    }
    Trunk {
        links: weighed,
        order,
    }
}

#[cfg(test)]
mod tests {
    use super::super::arrange::tests::link;
    use super::super::cycles::back_links;
    use super::*;

    #[test]
    fn what_leads_furthest_stands_in_the_middle() {
        let mut links = [
            link(0, 1),
            link(0, 2),
            link(0, 3),
            link(0, 4),
            link(4, 5),
            link(5, 0),
        ];
        links[0].is_catch = true;
        let (back, topological) = back_links(6, &links);
        let trunk = trunk(6, &links, &back, &topological);
        assert_eq!(trunk.order, [1, 3, 2, 0, 4, 5], "failures on the right");
        let heavy: Vec<usize> = (0..6).filter(|link| trunk.links[*link].weight > 3.0).collect();
        assert_eq!(heavy, [3, 4]);
    }

    #[test]
    fn a_side_that_comes_back_does_not_bend_it() {
        let mut links = [link(0, 1), link(0, 2), link(1, 3), link(2, 3)];
        links[1].is_catch = true;
        let (back, topological) = back_links(4, &links);
        let trunk = trunk(4, &links, &back, &topological);
        assert!(trunk.links[2].weight > trunk.links[3].weight);
    }
}
