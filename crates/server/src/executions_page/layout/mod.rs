//! Where everything of a chart is drawn: charts inside of states first, then the states around them.
//!
//! * `arrange` lays out one graph: `cycles` (which links go back), `layers` (what is above what), `order` (what is left
//!   of what), `trunk` (what is straight), `place` and
//!   `route` (coordinates), `lanes` (ways back).

mod arrange;
mod cycles;
mod lanes;
mod layers;
mod order;
mod place;
mod route;
mod trunk;

use arrange::{Arranged, Item, Link, arrange};

pub(super) use arrange::{Direction, Point, Rect, Route, Segment, Size};

use super::chart::{self, Chart, Class, Node};
use super::measure::{self, NAME_PX, SMALL_PX};

/// The widest and the narrowest text of a box, in pixels.
const MAX_TEXT: f64 = 160.0;
const MIN_TEXT: f64 = 76.0;
/// The widest label.
const MAX_LABEL: f64 = 180.0;
/// Left of the text, with the symbol of the state's type; right of it.
pub(super) const TEXT_LEFT: f64 = 38.0;
const TEXT_RIGHT: f64 = 16.0;
/// The height of a box with one line of text below its name, and of each more.
const BOX_HEIGHT: f64 = 48.0;
pub(super) const LINE_HEIGHT: f64 = 16.0;
/// Around the charts inside of a box, and between them.
const INNER: f64 = 14.0;
/// The point at which everything begins, and the one that hangs below a last state.
pub(super) const START: f64 = 12.0;
pub(super) const HANGING: f64 = 26.0;

/// A picture of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    /// States, those around others before those inside.
    pub(super) states: Vec<Placed>,
    /// Lines, in no order that matters.
    pub(super) lines: Vec<Line>,
    /// Where charts begin: the upper left corner of a square.
    pub(super) starts: Vec<Rect>,
}

/// A state with a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) hint: String,
    /// The name, in one line or two.
    pub(super) title: Vec<String>,
    /// What it does.
    pub(super) detail: String,
    /// The box.
    pub(super) rect: Rect,
    /// The boxes around the charts inside of it.
    pub(super) frames: Vec<Rect>,
    /// Whether the end is drawn below it.
    pub(super) ends: bool,
}

/// A link with a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// `None` where it comes from the beginning of a chart.
    pub(super) from: Option<String>,
    pub(super) to: String,
    pub(super) class: Class,
    pub(super) route: Route,
    /// The box of the label, and what stands in it.
    pub(super) label: Option<(Rect, String)>,
    /// The whole text of the label.
    pub(super) hint: String,
}

/// Lays a chart out; `None` where it is too large. The same chart always gets the same layout.
pub(super) fn layout(chart: &Chart) -> Option<Layout> {
    lay(chart, 0)
}

/// As deep as states are nested, which the parser bounds.
fn lay(chart: &Chart, depth: usize) -> Option<Layout> {
    let mut boxes = Vec::with_capacity(chart.nodes.len());
    for node in &chart.nodes {
        boxes.push(Boxed::new(node, depth)?);
    }
    let start = Item {
        size: Size {
            width: START,
            height: START,
        },
        hanging: 0.0,
    };
    let items: Vec<Item> = std::iter::once(start)
        .chain(boxes.iter().map(Boxed::item))
        .collect();
    let labels: Vec<Option<String>> = chart.links.iter().map(label).collect();
    let links = chart.links.iter().zip(&labels).map(|(link, label)| Link {
        from: link.from + 1,
        to: link.to + 1,
        is_catch: link.class == Class::Catch,
        weight: weight(chart, link),
        label: label.as_deref().map(label_size),
    });
    let first = Link {
        from: 0,
        to: 1,
        is_catch: false,
        weight: 2.0,
        label: None,
    };
    let links: Vec<Link> = std::iter::once(first).chain(links).collect();
    let arranged = arrange(&items, &links)?;
    Some(assemble(chart, boxes, arranged, labels))
}

/// The way that is hoped for is straighter than others.
fn weight(chart: &Chart, link: &chart::Link) -> f64 {
    let fails = chart.nodes.get(link.to).is_some_and(|node| node.kind == "Fail");
    match link.class {
        Class::Catch => 1.0,
        Class::Flow if fails => 1.0,
        Class::Flow => 2.0,
    }
}

fn label(link: &chart::Link) -> Option<String> {
    let first = link.rules.first()?;
    let more = match link.rules.len() - 1 {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let most = MAX_LABEL - measure::width(&more, SMALL_PX);
    Some(format!("{}{more}", measure::fit(first, SMALL_PX, most)))
}

fn label_size(label: &str) -> Size {
    Size {
        width: (measure::width(label, SMALL_PX) + 14.0).round(),
        height: 18.0,
    }
}

/// A state with the charts inside of it laid out.
struct Boxed {
    title: Vec<String>,
    /// The widest line of text.
    text: f64,
    size: Size,
    /// The box without what hangs below it.
    height: f64,
    inner: Vec<(Point, Layout)>,
    ends: bool,
}

impl Boxed {
    fn new(node: &Node, depth: usize) -> Option<Self> {
        let title = measure::lines(&node.name, NAME_PX, MAX_TEXT);
        let widths = title.iter().map(|line| measure::width(line, NAME_PX));
        let text = widths
            .chain([measure::width(&node.detail, SMALL_PX).min(MAX_TEXT), MIN_TEXT])
            .fold(0.0, f64::max);
        let mut width = (text + TEXT_LEFT + TEXT_RIGHT).round();
        let mut height = BOX_HEIGHT + LINE_HEIGHT * (title.len() as f64 - 1.0);
        let mut inner = Vec::new();
        let mut x = INNER;
        for chart in &node.charts {
            let layout = lay(chart, depth + 1)?;
            let right = x + layout.size.width + 2.0 * INNER;
            inner.push((Point { x, y: height }, layout));
            x = right + INNER;
        }
        if !inner.is_empty() {
            // Charts that are narrower than the title stand in the middle.
            let aside = ((width - x) / 2.0).max(0.0);
            for (at, _) in &mut inner {
                at.x += aside;
            }
            width = width.max(x);
            let heights = inner.iter().map(|(_, layout)| layout.size.height + 2.0 * INNER);
            height += heights.fold(0.0, f64::max) + INNER;
        }
        let ends = node.ends && depth == 0;
        Some(Self {
            title,
            text: width - TEXT_LEFT - TEXT_RIGHT + 1.0,
            size: Size {
                width,
                height: if ends { height + HANGING } else { height },
            },
            height,
            inner,
            ends,
        })
    }

    fn item(&self) -> Item {
        Item {
            size: self.size,
            hanging: self.size.height - self.height,
        }
    }

    /// The boxes around the charts inside, all as high as the highest.
    fn frames(&self, at: Point) -> Vec<Rect> {
        let frame = |(inner, layout): &(Point, Layout)| Rect {
            at: inner.moved(at),
            size: Size {
                width: layout.size.width + 2.0 * INNER,
                height: self.height - inner.y - INNER,
            },
        };
        self.inner.iter().map(frame).collect()
    }
}

fn assemble(chart: &Chart, boxes: Vec<Boxed>, arranged: Arranged, labels: Vec<Option<String>>) -> Layout {
    let mut layout = Layout {
        size: arranged.size,
        states: Vec::new(),
        lines: Vec::new(),
        starts: arranged.items.first().copied().into_iter().collect(),
    };
    let mut inside = Vec::new();
    for ((node, boxed), rect) in chart.nodes.iter().zip(boxes).zip(arranged.items.iter().skip(1)) {
        layout.states.push(Placed {
            name: node.name.clone(),
            kind: node.kind,
            hint: node.hint.clone(),
            detail: measure::fit(&node.detail, SMALL_PX, boxed.text),
            rect: Rect {
                size: Size {
                    height: boxed.height,
                    ..rect.size
                },
                ..*rect
            },
            frames: boxed.frames(rect.at),
            ends: boxed.ends,
            title: boxed.title,
        });
        for (at, inner) in boxed.inner {
            let by = at.moved(rect.at).moved(Point { x: INNER, y: INNER });
            inside.push((by, inner));
        }
    }
    let name = |index: usize| chart.nodes[index].name.clone();
    let mut routes = arranged.routes.into_iter();
    layout.lines.extend(routes.next().map(|route| Line {
        from: None,
        to: name(0),
        class: Class::Flow,
        route,
        label: None,
        hint: String::new(),
    }));
    for ((link, label), route) in chart.links.iter().zip(labels).zip(routes) {
        layout.lines.push(Line {
            from: Some(name(link.from)),
            to: name(link.to),
            class: link.class,
            label: route
                .label
                .zip(label)
                .map(|(middle, text)| (around(middle, label_size(&text)), text)),
            route,
            hint: link.rules.join("\n"),
        });
    }
    for (by, inner) in inside {
        layout.add(inner, by);
    }
    layout
}

fn around(middle: Point, size: Size) -> Rect {
    Rect {
        at: Point {
            x: middle.x - size.width / 2.0,
            y: middle.y - size.height / 2.0,
        },
        size,
    }
}

impl Layout {
    /// Takes in what was laid out for a place inside.
    fn add(&mut self, inner: Self, by: Point) {
        self.starts
            .extend(inner.starts.into_iter().map(|start| start.moved(by)));
        self.states.extend(inner.states.into_iter().map(|state| Placed {
            rect: state.rect.moved(by),
            frames: state.frames.into_iter().map(|frame| frame.moved(by)).collect(),
            ..state
        }));
        self.lines.extend(inner.lines.into_iter().map(|line| Line {
            route: line.route.moved(by),
            label: line.label.map(|(rect, text)| (rect.moved(by), text)),
            ..line
        }));
    }
}

#[cfg(test)]
mod tests;
