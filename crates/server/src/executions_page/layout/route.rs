//! The height of everything, and the lines.

use super::arrange::{Arranged, Direction, Item, Link, Point, Rect, Route, Segment, Size};
use super::lanes::{Lane, lanes};
use super::layers::{Layers, What};

/// Between two layers, and between a layer and labels that belong to it, in pixels.
const BETWEEN_LAYERS: f64 = 34.0;
const ABOVE_LABELS: f64 = 24.0;
const BELOW_LABELS: f64 = 20.0;
/// Lines that go far to the side need more height, or they become too flat.
const FLATTEST: f64 = 0.1;
const MOST_FOR_FLATNESS: f64 = 32.0;
/// Horizontal pieces of ways back: from the layer, and from each other.
const BELOW_LAYER: f64 = 10.0;
const ABOVE_LAYER: f64 = 14.0;
const EACH_MORE: f64 = 6.0;
/// Corners of ways back.
const RADIUS: f64 = 9.0;
/// How far from the middle of a box a second kind of line leaves and arrives.
const PORT: f64 = 36.0;
/// Around everything.
const PADDING: f64 = 3.0;

/// A graph in layers, with all coordinates.
pub(super) struct Rows<'a> {
    items: &'a [Item],
    links: &'a [Link],
    graph: &'a Layers,
    x: Vec<f64>,
    lanes: Vec<Option<Lane>>,
    tops: Vec<f64>,
    bottoms: Vec<f64>,
    size: Size,
}

impl<'a> Rows<'a> {
    pub(super) fn new(items: &'a [Item], links: &'a [Link], graph: &'a Layers, x: &[f64]) -> Self {
        let mut lanes = lanes(graph, links, x);
        let halves = graph.vertices.iter().map(|vertex| vertex.size.width / 2.0);
        let outer = lanes
            .iter()
            .flatten()
            .map(|lane| (lane.outside().min(lane.x), lane.outside().max(lane.x)));
        let sides = x
            .iter()
            .zip(halves)
            .map(|(x, half)| (x - half, x + half))
            .chain(outer);
        let (left, right) = sides.fold((f64::MAX, f64::MIN), |(left, right), (l, r)| {
            (left.min(l), right.max(r))
        });
        let shift = PADDING - left;
        for lane in lanes.iter_mut().flatten() {
            lane.x += shift;
        }
        let (mut tops, mut bottoms) = (Vec::new(), Vec::new());
        let mut y = PADDING + gap(graph, x, &lanes, None);
        for layer in 0..graph.layers.len() {
            tops.push(y);
            let heights = graph.layers[layer]
                .iter()
                .map(|vertex| graph.vertices[*vertex].size.height);
            y += heights.fold(0.0, f64::max);
            bottoms.push(y);
            y += gap(graph, x, &lanes, Some(layer));
        }
        Self {
            items,
            links,
            graph,
            x: x.iter().map(|x| x + shift).collect(),
            lanes,
            tops,
            bottoms,
            size: Size {
                width: right - left + 2.0 * PADDING,
                height: y + PADDING,
            },
        }
    }

    pub(super) fn arranged(&self) -> Arranged {
        let items = self.items.iter().enumerate();
        Arranged {
            size: self.size,
            items: items.map(|(index, _)| self.rect(index)).collect(),
            routes: (0..self.links.len()).map(|link| self.route(link)).collect(),
        }
    }

    fn rect(&self, item: usize) -> Rect {
        let size = self.items[item].size;
        Rect {
            at: Point {
                x: self.x[item] - size.width / 2.0,
                y: self.tops[self.graph.vertices[item].layer],
            },
            size,
        }
    }

    fn route(&self, link: usize) -> Route {
        match &self.lanes[link] {
            Some(lane) => self.back(&self.links[link], lane),
            None => self.down(link),
        }
    }

    /// From a box down to another.
    fn down(&self, index: usize) -> Route {
        let link = &self.links[index];
        let chain = &self.graph.chains[index];
        let inner = chain.get(1..chain.len() - 1).unwrap_or_default();
        let towards = |x: f64, item: usize| if x < self.x[item] - 0.5 { -1.0 } else { 1.0 };
        let first = inner.first().map_or(self.x[link.to], |vertex| self.x[*vertex]);
        let last = inner.last().map_or(self.x[link.from], |vertex| self.x[*vertex]);
        let (mut leaves, mut arrives) = (self.x[link.from], self.x[link.to]);
        if link.is_catch {
            leaves += self.port(link.from) * towards(first, link.from);
            if self
                .links
                .iter()
                .any(|other| other.to == link.to && !other.is_catch)
            {
                arrives += self.port(link.to) * towards(last, link.to);
            }
        }
        let mut pen = Pen::new(Point {
            x: leaves,
            y: self.leaving(link.from),
        });
        pen.down_to(self.bottom_of(link.from));
        let mut label = None;
        for vertex in inner {
            let layer = self.graph.vertices[*vertex].layer;
            let (x, top, bottom) = (self.x[*vertex], self.tops[layer], self.bottoms[layer]);
            pen.curve_to(Point { x, y: top });
            pen.down_to(bottom);
            if self.graph.vertices[*vertex].what == What::Label(index) {
                let y = top + self.graph.vertices[*vertex].size.height / 2.0;
                label = Some(Point { x, y });
            }
        }
        pen.curve_to(Point {
            x: arrives,
            y: self.rect(link.to).at.y,
        });
        pen.finish(Direction::Down, label)
    }

    /// From a box back to one above, or to itself.
    fn back(&self, link: &Link, lane: &Lane) -> Route {
        let side = |item: usize, dy: f64| Point {
            x: self.x[item] + lane.side * self.items[item].size.width / 2.0,
            y: self.middle(item) + dy,
        };
        let port = |item: usize| self.x[item] + lane.side * self.port(item);
        // To itself: two different points of the same side.
        let height = self.leaving(link.from) - self.rect(link.from).at.y;
        let apart = if link.from == link.to { height / 5.0 } else { 0.0 };
        let mut points = Vec::new();
        if let Some(count) = lane.leaves_below {
            let x = port(link.from);
            let y = self.bottom_of(link.from) + BELOW_LAYER + EACH_MORE * count as f64;
            points.extend([
                Point {
                    x,
                    y: self.leaving(link.from),
                },
                Point { x, y },
                Point { x: lane.x, y },
            ]);
        } else {
            let start = side(link.from, apart);
            points.extend([start, Point { x: lane.x, ..start }]);
        }
        let end = if let Some(count) = lane.enters_above {
            let x = port(link.to);
            let top = self.rect(link.to).at.y;
            let y = top - ABOVE_LAYER - EACH_MORE * count as f64;
            points.extend([Point { x: lane.x, y }, Point { x, y }, Point { x, y: top }]);
            Direction::Down
        } else {
            let end = side(link.to, -apart);
            points.extend([Point { x: lane.x, ..end }, end]);
            if lane.side > 0.0 {
                Direction::Left
            } else {
                Direction::Right
            }
        };
        let label = link.label.map(|_| Point {
            x: lane.x,
            y: f64::midpoint(self.middle(link.from), self.middle(link.to)),
        });
        rounded(&points, end, label)
    }

    fn bottom_of(&self, item: usize) -> f64 {
        self.bottoms[self.graph.vertices[item].layer]
    }

    /// Where lines leave a box.
    fn leaving(&self, item: usize) -> f64 {
        let rect = self.rect(item);
        rect.at.y + rect.size.height - self.items[item].hanging
    }

    fn middle(&self, item: usize) -> f64 {
        f64::midpoint(self.rect(item).at.y, self.leaving(item))
    }

    fn port(&self, item: usize) -> f64 {
        (self.items[item].size.width / 4.0).min(PORT)
    }
}

/// The space below a layer, or above the first one.
fn gap(graph: &Layers, x: &[f64], lanes: &[Option<Lane>], layer: Option<usize>) -> f64 {
    let labels = |layer: usize| {
        let first = graph.layers.get(layer).and_then(|layer| layer.first());
        first.is_some_and(|_| {
            graph.layers[layer]
                .iter()
                .all(|vertex| !matches!(graph.vertices[*vertex].what, What::Item(_)))
        })
    };
    let below = layer.map_or(0, |layer| layer + 1);
    let counts = lanes.iter().flatten().fold((0, 0), |(leaving, entering), lane| {
        let (upper, lower) = lane.layers();
        let leaves = Some(lower) == layer && lane.leaves_below.is_some();
        let enters = upper == below && lane.enters_above.is_some();
        (leaving + usize::from(leaves), entering + usize::from(enters))
    });
    let needed = |count: usize, first: f64| {
        if count == 0 {
            0.0
        } else {
            first + EACH_MORE * count as f64
        }
    };
    let back = needed(counts.0, BELOW_LAYER) + needed(counts.1, ABOVE_LAYER);
    let Some(layer) = layer.filter(|_| below < graph.layers.len()) else {
        return back;
    };
    let between = if labels(below) {
        ABOVE_LABELS
    } else if labels(layer) {
        BELOW_LABELS
    } else {
        BETWEEN_LAYERS
    };
    let edges = graph
        .edges
        .iter()
        .filter(|(upper, _, _)| graph.vertices[*upper].layer == layer);
    let farthest = edges
        .map(|(upper, lower, _)| (x[*upper] - x[*lower]).abs())
        .fold(0.0, f64::max);
    let for_flatness = (farthest * FLATTEST).min(MOST_FOR_FLATNESS);
    between.max(for_flatness).max(back + 4.0)
}

/// Draws a line from top to bottom.
struct Pen {
    start: Point,
    at: Point,
    segments: Vec<Segment>,
}

impl Pen {
    const fn new(start: Point) -> Self {
        Self {
            start,
            at: start,
            segments: Vec::new(),
        }
    }

    fn down_to(&mut self, y: f64) {
        if y <= self.at.y + 0.01 {
            return;
        }
        self.at.y = y;
        // A straight line goes on.
        match self.segments.last_mut() {
            Some(Segment::Line(end)) => end.y = y,
            _ => self.segments.push(Segment::Line(self.at)),
        }
    }

    fn curve_to(&mut self, to: Point) {
        if (to.x - self.at.x).abs() < 0.5 {
            self.down_to(to.y);
            return;
        }
        let middle = f64::midpoint(self.at.y, to.y);
        let control = |x: f64| Point { x, y: middle };
        self.segments
            .push(Segment::Curve(control(self.at.x), control(to.x), to));
        self.at = to;
    }

    fn finish(self, end: Direction, label: Option<Point>) -> Route {
        Route {
            start: self.start,
            segments: self.segments,
            end,
            label,
        }
    }
}

/// Horizontal and vertical lines with round corners.
fn rounded(points: &[Point], end: Direction, label: Option<Point>) -> Route {
    let mut segments = Vec::new();
    for corner in points.windows(3) {
        let [before, at, after] = corner else { continue };
        let radius = RADIUS
            .min(distance(*before, *at) / 2.0)
            .min(distance(*at, *after) / 2.0);
        segments.push(Segment::Line(near(*at, *before, radius)));
        segments.push(Segment::Corner(*at, near(*at, *after, radius)));
    }
    segments.extend(points.last().map(|last| Segment::Line(*last)));
    Route {
        start: points.first().copied().unwrap_or(Point { x: 0.0, y: 0.0 }),
        segments,
        end,
        label,
    }
}

fn distance(from: Point, to: Point) -> f64 {
    (from.x - to.x).abs() + (from.y - to.y).abs()
}

/// The point on the way from one to another, so far from the first.
fn near(from: Point, to: Point, distance: f64) -> Point {
    Point {
        x: from.x + (to.x - from.x).clamp(-distance, distance),
        y: from.y + (to.y - from.y).clamp(-distance, distance),
    }
}
