//! Lays one graph out: layers from top to bottom (Sugiyama, Tagawa and Toda, "Methods for visual understanding of
//! hierarchical system structures", 1981). It knows sizes only, not what they are sizes of.

use super::cycles::back_links;
use super::layers::layers;
use super::order::order;
use super::place::place;
use super::route::Rows;
use super::trunk::trunk;

/// A point, in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Point {
    pub(in super::super) x: f64,
    pub(in super::super) y: f64,
}

/// A size, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Size {
    pub(in super::super) width: f64,
    pub(in super::super) height: f64,
}

/// A place on the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Rect {
    /// The upper left corner.
    pub(in super::super) at: Point,
    pub(in super::super) size: Size,
}

/// What is to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) size: Size,
    /// How far up from its lower end links leave it: something may hang below the box.
    pub(super) hanging: f64,
}

/// What leads from one item to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Not the way that is hoped for: drawn apart from the others.
    pub(super) is_catch: bool,
    /// How much it should be straight.
    pub(super) weight: f64,
    pub(super) label: Option<Size>,
}

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Segment {
    Line(Point),
    /// A quadratic Bézier curve: control point, end.
    Corner(Point, Point),
    /// A cubic one.
    Curve(Point, Point, Point),
}

/// Where a line goes as it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Direction {
    Down,
    Left,
    Right,
}

/// The line of a link.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Route {
    pub(in super::super) start: Point,
    pub(in super::super) segments: Vec<Segment>,
    pub(in super::super) end: Direction,
    /// The middle of the label.
    pub(in super::super) label: Option<Point>,
}

/// A graph with places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arranged {
    pub(super) size: Size,
    pub(super) items: Vec<Rect>,
    pub(super) routes: Vec<Route>,
}

impl Point {
    pub(super) fn moved(self, by: Self) -> Self {
        Self {
            x: self.x + by.x,
            y: self.y + by.y,
        }
    }
}

impl Rect {
    pub(super) fn moved(self, by: Point) -> Self {
        Self {
            at: self.at.moved(by),
            ..self
        }
    }
}

impl Segment {
    pub(super) fn moved(self, by: Point) -> Self {
        match self {
            Self::Line(to) => Self::Line(to.moved(by)),
            Self::Corner(control, to) => Self::Corner(control.moved(by), to.moved(by)),
            Self::Curve(first, second, to) => Self::Curve(first.moved(by), second.moved(by), to.moved(by)),
        }
    }
}

impl Route {
    pub(super) fn moved(self, by: Point) -> Self {
        Self {
            start: self.start.moved(by),
            segments: self
                .segments
                .into_iter()
                .map(|segment| segment.moved(by))
                .collect(),
            label: self.label.map(|label| label.moved(by)),
            ..self
        }
    }
}

/// Lays a graph out. The first item is the one at which everything begins. The same graph always gets the same layout;
/// `None` where it is too large.
pub(super) fn arrange(items: &[Item], links: &[Link]) -> Option<Arranged> {
    let (back, topological) = back_links(items.len(), links);
    let trunk = trunk(items.len(), links, &back, &topological);
    let mut graph = layers(items, &trunk.links, &back, &topological)?;
    order(&mut graph, &trunk.order);
    let x = place(&graph);
    Some(Rows::new(items, links, &graph, &x).arranged())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn item(width: f64, height: f64) -> Item {
        Item {
            size: Size { width, height },
            hanging: 0.0,
        }
    }

    pub(in super::super) fn link(from: usize, to: usize) -> Link {
        Link {
            from,
            to,
            is_catch: false,
            weight: 1.0,
            label: None,
        }
    }

    /// A small generator: the same graphs in every run.
    struct Numbers(u64);

    impl Numbers {
        /// Knuth's MMIX constants; the upper bits are good.
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % bound
        }

        fn graph(&mut self) -> (Vec<Item>, Vec<Link>) {
            let count = 1 + self.below(14);
            let items = (0..count)
                .map(|_| item(12.0 + self.below(250) as f64, 12.0 + self.below(90) as f64))
                .collect();
            let links = (0..self.below(3 * count))
                .map(|_| Link {
                    is_catch: self.below(3) == 0,
                    weight: 1.0 + self.below(4) as f64,
                    label: (self.below(3) == 0).then_some(Size {
                        width: 20.0 + self.below(120) as f64,
                        height: 18.0,
                    }),
                    ..link(self.below(count), self.below(count))
                })
                .collect();
            (items, links)
        }
    }

    fn overlap(left: Rect, right: Rect) -> bool {
        left.at.x < right.at.x + right.size.width
            && right.at.x < left.at.x + left.size.width
            && left.at.y < right.at.y + right.size.height
            && right.at.y < left.at.y + left.size.height
    }

    fn check(items: &[Item], links: &[Link], arranged: &Arranged) {
        assert_eq!(
            (arranged.items.len(), arranged.routes.len()),
            (items.len(), links.len())
        );
        let inside = |point: Point| {
            (0.0..=arranged.size.width).contains(&point.x) && (0.0..=arranged.size.height).contains(&point.y)
        };
        let mut boxes = arranged.items.clone();
        for (route, link) in arranged.routes.iter().zip(links) {
            assert_eq!(route.label.is_some(), link.label.is_some());
            boxes.extend(route.label.zip(link.label).map(|(middle, size)| Rect {
                at: Point {
                    x: middle.x - size.width / 2.0,
                    y: middle.y - size.height / 2.0,
                },
                size,
            }));
            for point in route.points() {
                assert!(inside(point), "{point:?} {:?}", arranged.size);
            }
            let end = route.points().last().copied().unwrap();
            let target = arranged.items[link.to];
            let touches = (target.at.x - 1.0..=target.at.x + target.size.width + 1.0).contains(&end.x)
                && (target.at.y - 1.0..=target.at.y + target.size.height).contains(&end.y);
            assert!(touches, "{end:?} {target:?}");
        }
        for (index, left) in boxes.iter().enumerate() {
            assert!(inside(left.at), "{left:?}");
            for right in &boxes[index + 1..] {
                assert!(!overlap(*left, *right), "{left:?} {right:?} in {links:?}");
            }
        }
    }

    impl Route {
        /// Every point that it goes through, without those of curves between their ends.
        fn points(&self) -> Vec<Point> {
            let ends = self.segments.iter().map(|segment| match segment {
                Segment::Line(to) | Segment::Corner(_, to) | Segment::Curve(_, _, to) => *to,
            });
            std::iter::once(self.start).chain(ends).collect()
        }
    }

    #[test]
    fn nothing_overlaps_and_nothing_is_lost() {
        let mut numbers = Numbers(7);
        for _ in 0..2000 {
            let (items, links) = numbers.graph();
            let arranged = arrange(&items, &links).unwrap();
            check(&items, &links, &arranged);
            assert_eq!(arrange(&items, &links).unwrap(), arranged, "always the same");
        }
    }

    #[test]
    fn a_chain_is_straight() {
        let items = [item(100.0, 40.0), item(220.0, 40.0), item(60.0, 40.0)];
        let arranged = arrange(&items, &[link(0, 1), link(1, 2)]).unwrap();
        let middle = |index: usize| arranged.items[index].at.x + items[index].size.width / 2.0;
        assert!((middle(0) - middle(1)).abs() < 0.01 && (middle(1) - middle(2)).abs() < 0.01);
        assert!(arranged.items[0].at.y < arranged.items[1].at.y);
    }

    #[test]
    fn the_trunk_is_straight_and_the_rest_beside_it() {
        let items = [item(100.0, 40.0); 6];
        let links = [link(0, 1), link(0, 2), link(0, 3), link(3, 4), link(0, 5)];
        let arranged = arrange(&items, &links).unwrap();
        let x: Vec<f64> = arranged.items.iter().map(|item| item.at.x).collect();
        assert!((x[0] - x[3]).abs() < 0.01 && (x[3] - x[4]).abs() < 0.01, "{x:?}");
        assert!(x[1] < x[2] && x[2] < x[3] && x[3] < x[5], "{x:?}");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let items = [item(100.0, 40.0); 300];
        let mut links = Vec::new();
        for from in 0..299 {
            links.push(link(from, from + 1));
            links.extend((from + 2..300).step_by(7).map(|to| link(from, to)));
        }
        assert_eq!(arrange(&items, &links), None);
    }
}
