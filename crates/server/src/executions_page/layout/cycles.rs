//! Which links go back. Without them, a graph has an order from top to bottom.

use super::arrange::Link;

/// Finds the links that close a loop, as seen by somebody who walks from the first item along the links in their order.
/// Gives for each link whether it goes back, and the items in a topological order of the others.
pub(super) fn back_links(items: usize, links: &[Link]) -> (Vec<bool>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        OnTheWay,
        Left,
    }
    let mut outgoing = vec![Vec::new(); items];
    for (index, link) in links.iter().enumerate() {
        outgoing[link.from].push(index);
    }
    let mut seen = vec![Seen::Not; items];
    let mut back = vec![false; links.len()];
    let mut left = Vec::with_capacity(items);
    for first in 0..items {
        if seen[first] != Seen::Not {
            continue;
        }
        seen[first] = Seen::OnTheWay;
        let mut way = vec![(first, 0)];
        while let Some((item, next)) = way.last_mut() {
            let Some(&link) = outgoing[*item].get(*next) else {
                seen[*item] = Seen::Left;
                left.push(*item);
                way.pop();
                continue;
            };
            *next += 1;
            let target = links[link].to;
            match seen[target] {
                Seen::Not => {
                    seen[target] = Seen::OnTheWay;
                    way.push((target, 0));
                }
                Seen::OnTheWay => back[link] = true,
                Seen::Left => {}
            }
        }
    }
    left.reverse();
    (back, left)
}

#[cfg(test)]
mod tests {
    use super::super::arrange::tests::link;
    use super::*;

    #[test]
    fn loops_are_opened_where_they_close() {
        let links = [
            link(0, 1),
            link(1, 2),
            link(2, 1),
            link(2, 2),
            link(2, 3),
            link(0, 3),
        ];
        let (back, order) = back_links(5, &links);
        assert_eq!(back, [false, false, true, true, false, false]);
        let at = |item| order.iter().position(|other| *other == item).unwrap();
        for (link, back) in links.iter().zip(back) {
            assert!(back || at(link.from) < at(link.to), "{link:?}");
        }
        assert_eq!(order.len(), 5, "also what nothing leads to");
    }
}
