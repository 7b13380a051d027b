//! Draws a layout as SVG. Colours and fonts are in the style sheet; here are shapes, classes and places.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::chart::Class;
use super::escape::Escaped;
use super::layout::{
    Direction, HANGING, LINE_HEIGHT, Layout, Line, Placed, Point, Rect, Route, START, Segment, TEXT_LEFT,
};
use super::trace::{Fate, Seen, Trace};

/// How long an arrow's head is, in pixels, and half its width.
const HEAD: f64 = 8.0;
const HEAD_HALF: f64 = 4.5;
/// The radius of the mark that tells how a state ended.
const MARK: f64 = 8.0;

/// A layout with what an execution did in it.
pub(super) struct Svg<'a> {
    layout: &'a Layout,
    states: HashMap<&'a str, Seen>,
    /// Each line, and whether it was taken.
    lines: Vec<(&'a Line, bool)>,
}

impl<'a> Svg<'a> {
    pub(super) fn new(layout: &'a Layout, trace: &'a Trace) -> Self {
        let steps: BTreeSet<(Option<&str>, &str, Class)> = trace
            .steps
            .iter()
            .map(|(from, to, class)| (from.as_deref(), to.as_str(), *class))
            .collect();
        let taken = |line: &Line| steps.contains(&(line.from.as_deref(), line.to.as_str(), line.class));
        let mut lines: Vec<_> = layout.lines.iter().map(|line| (line, taken(line))).collect();
        // Those that were taken lie above the others. Of each kind those that begin highest come first: they cover most
        // of what is shared.
        lines.sort_by(|(left, its), (right, others)| {
            its.cmp(others)
                .then(left.route.start.y.total_cmp(&right.route.start.y))
        });
        Self {
            layout,
            states: trace.states(),
            lines,
        }
    }
}

impl fmt::Display for Svg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, height) = (self.layout.size.width.ceil(), self.layout.size.height.ceil());
        // Room for the marks, which stand over the corners.
        let (width, height) = (width + 12.0, height + 12.0);
        if let Some(start) = self.layout.starts.first() {
            // A narrow window shows the beginning first. Styles may not stand in the page: this has the width itself.
            let x = Number(start.at.x + START / 2.0 + 6.0);
            writeln!(
                f,
                "<div class=\"anchor\"><svg width=\"{x}\" height=\"1\"></svg><i></i></div>"
            )?;
        }
        writeln!(
            f,
            "<svg class=\"graph\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"-6 -6 {width} {height}\" role=\"group\" aria-label=\"The states as a graph\">"
        )?;
        let containers = self.layout.states.iter().filter(|state| !state.frames.is_empty());
        for state in containers {
            self.state(f, state)?;
        }
        let mut above: BTreeMap<Class, Vec<Upright>> = BTreeMap::new();
        for (line, _) in self.lines.iter().filter(|(_, taken)| *taken) {
            above.entry(line.class).or_default().extend(uprights(&line.route));
        }
        let mut drawn: BTreeMap<(Class, bool), Vec<Upright>> = BTreeMap::new();
        for (line, taken) in &self.lines {
            let begun = || {
                if *taken {
                    Vec::new()
                } else {
                    above.get(&line.class).cloned().unwrap_or_default()
                }
            };
            let drawn = drawn.entry((line.class, *taken)).or_insert_with(begun);
            draw(f, line, *taken, drawn)?;
            drawn.extend(uprights(&line.route));
        }
        for start in &self.layout.starts {
            let Point { x, y } = start.at;
            let (x, y, r) = (
                Number(x + START / 2.0),
                Number(y + START / 2.0),
                Number(START / 2.0),
            );
            let class = if self.states.is_empty() {
                "start"
            } else {
                "start taken"
            };
            writeln!(f, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>")?;
        }
        let others = self.layout.states.iter().filter(|state| state.frames.is_empty());
        for state in others {
            self.state(f, state)?;
        }
        for (line, taken) in &self.lines {
            label(f, line, *taken)?;
        }
        f.write_str("</svg>\n")
    }
}

/// A vertical piece of a line.
#[derive(Debug, Clone, Copy)]
struct Upright {
    x: f64,
    top: f64,
    bottom: f64,
}

fn uprights(route: &Route) -> Vec<Upright> {
    let mut at = route.start;
    let mut found = Vec::new();
    for segment in &route.segments {
        let to = end_of(segment);
        if let Segment::Line(_) = segment {
            found.push(Upright {
                x: to.x,
                top: at.y,
                bottom: to.y,
            });
        }
        at = to;
    }
    found
}

/// Draws a line, except for vertical pieces on which another one of its class lies: dashes upon dashes would fill each
/// other's gaps.
fn draw(f: &mut fmt::Formatter<'_>, line: &Line, taken: bool, drawn: &[Upright]) -> fmt::Result {
    let class = match (line.class, taken) {
        (Class::Flow, false) => "line",
        (Class::Flow, true) => "line taken",
        (Class::Catch, false) => "line catch",
        (Class::Catch, true) => "line catch taken",
    };
    let path = Path {
        route: &line.route,
        drawn,
    };
    let head = Head(&line.route);
    writeln!(
        f,
        "<g class=\"{class}\"><path d=\"{path}\"/><path class=\"head\" d=\"{head}\"/></g>"
    )
}

impl Svg<'_> {
    fn state(&self, f: &mut fmt::Formatter<'_>, state: &Placed) -> fmt::Result {
        let seen = self.states.get(state.name.as_str());
        let class = seen.map_or("unseen", |seen| seen.fate.class());
        let around = if state.frames.is_empty() { "" } else { " around" };
        // With a visit there is a row below to go to.
        match seen {
            Some(seen) => write!(
                f,
                "<a class=\"state {class}{around}\" href=\"#v{}\">",
                seen.first + 1
            )?,
            None => write!(f, "<g class=\"state {class}{around}\">")?,
        }
        let hint = Escaped(&state.hint);
        match seen {
            Some(seen) => write!(f, "<title>{hint}\n{}</title>", Told(*seen))?,
            None => write!(f, "<title>{hint}\nnot entered</title>")?,
        }
        if state.ends {
            end(
                f,
                state.rect,
                seen.is_some_and(|seen| seen.fate == Fate::Succeeded),
            )?;
        }
        rect(f, "box", state.rect, 10.0)?;
        for frame in &state.frames {
            rect(f, "frame", *frame, 7.0)?;
        }
        texts(f, state)?;
        if let Some(seen) = seen {
            mark(f, state.rect, *seen)?;
        }
        f.write_str(if seen.is_some() { "</a>\n" } else { "</g>\n" })
    }
}

fn texts(f: &mut fmt::Formatter<'_>, state: &Placed) -> fmt::Result {
    let Point { x, y } = state.rect.at;
    let lines = state.title.len() as f64;
    // The icon stands in the middle of the texts, also where there are charts below them.
    let (left, top) = (
        Number(x + 11.0),
        Number(y + 14.0 + LINE_HEIGHT / 2.0 * (lines - 1.0)),
    );
    write!(
        f,
        "<path class=\"icon\" transform=\"translate({left} {top})\" d=\"{}\"/>",
        icon(state.kind)
    )?;
    let left = Number(x + TEXT_LEFT);
    let mut line = y + 21.0;
    for title in &state.title {
        write!(
            f,
            "<text class=\"name\" x=\"{left}\" y=\"{}\">{}</text>",
            Number(line),
            Escaped(title)
        )?;
        line += LINE_HEIGHT;
    }
    let detail = Escaped(&state.detail);
    write!(
        f,
        "<text class=\"detail\" x=\"{left}\" y=\"{}\">{detail}</text>",
        Number(line)
    )
}

/// A symbol for each type of state, 20 pixels square.
const fn icon(kind: &str) -> &'static str {
    match kind.as_bytes() {
        b"Task" => "M11 2.5 4.5 11.5H9L8.5 17.5 15.5 8.5H10.5Z",
        b"Choice" => "M10 2.5 17.5 10 10 17.5 2.5 10Z",
        b"Wait" => "M10 2.5a7.5 7.5 0 1 0 .01 0ZM10 6V10.3L13 12",
        b"Succeed" => "M10 2.5a7.5 7.5 0 1 0 .01 0ZM6.5 10.2 9 12.7 13.5 7.6",
        b"Fail" => "M10 2.5a7.5 7.5 0 1 0 .01 0ZM7.2 7.2 12.8 12.8M12.8 7.2 7.2 12.8",
        b"Parallel" => "M4.5 3.5V16.5M10 3.5V16.5M15.5 3.5V16.5",
        b"Map" => "M10 3 17.5 7 10 11 2.5 7ZM2.5 11 10 15 17.5 11",
        _ => "M3 10H16.5M11.5 5 16.5 10 11.5 15",
    }
}

/// How the state ended, on its upper right corner, and how often it was entered.
fn mark(f: &mut fmt::Formatter<'_>, rect: Rect, seen: Seen) -> fmt::Result {
    let (x, y) = (rect.at.x + rect.size.width - 4.0, rect.at.y + 2.0);
    if seen.visits > 1 {
        let text = format!("×{}", seen.visits);
        let width = 7.0 * text.chars().count() as f64 + 8.0;
        let left = x - MARK - width + 3.0;
        let pill = Rect {
            at: Point { x: left, y: y - MARK },
            size: super::layout::Size {
                width: width + 6.0,
                height: 2.0 * MARK,
            },
        };
        super::svg::rect(f, "count", pill, MARK)?;
        let middle = Number(left + width / 2.0);
        write!(
            f,
            "<text class=\"times\" x=\"{middle}\" y=\"{}\">{text}</text>",
            Number(y + 3.7)
        )?;
    }
    let sign = match seen.fate {
        Fate::Succeeded => "M-3.5 .2-1 2.7 3.6-2.4",
        Fate::Failed => "M-2.8-2.8 2.8 2.8M2.8-2.8-2.8 2.8",
        Fate::Caught => "M0-4V.8M0 3.6V3.7",
        Fate::Running => "M-3.5 0V.1M0 0V.1M3.5 0V.1",
        Fate::Stopped => "M-2.6-2.6H2.6V2.6H-2.6Z",
    };
    let (x, y) = (Number(x), Number(y));
    write!(
        f,
        "<g class=\"mark\" transform=\"translate({x} {y})\"><circle r=\"{MARK}\"/><path d=\"{sign}\"/></g>"
    )
}

/// The end of the execution, below its last state.
fn end(f: &mut fmt::Formatter<'_>, rect: Rect, reached: bool) -> fmt::Result {
    let (x, y) = (rect.at.x + rect.size.width / 2.0, rect.at.y + rect.size.height);
    let class = if reached { "end taken" } else { "end" };
    let (middle, bottom) = (Number(x), Number(y + HANGING - 7.0));
    write!(
        f,
        "<g class=\"{class}\"><path d=\"M{middle} {}V{}\"/><circle cx=\"{middle}\" cy=\"{bottom}\" r=\"6\"/>\
         <circle class=\"core\" cx=\"{middle}\" cy=\"{bottom}\" r=\"3\"/></g>",
        Number(y),
        Number(y + HANGING - 13.0)
    )
}

fn rect(f: &mut fmt::Formatter<'_>, class: &str, rect: Rect, radius: f64) -> fmt::Result {
    write!(
        f,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{radius}\"/>",
        Number(rect.at.x),
        Number(rect.at.y),
        Number(rect.size.width),
        Number(rect.size.height)
    )
}

fn label(f: &mut fmt::Formatter<'_>, line: &Line, taken: bool) -> fmt::Result {
    let Some((place, text)) = &line.label else {
        return Ok(());
    };
    let class = if taken { "label taken" } else { "label" };
    write!(f, "<g class=\"{class}\"><title>{}</title>", Escaped(&line.hint))?;
    rect(f, "pill", *place, 9.0)?;
    let middle = Number(place.at.x + place.size.width / 2.0);
    let base = Number(place.at.y + place.size.height / 2.0 + 3.8);
    writeln!(
        f,
        "<text x=\"{middle}\" y=\"{base}\">{}</text></g>",
        Escaped(text)
    )
}

/// How a state fared, in words.
struct Told(Seen);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.fate.word())?;
        if self.0.visits > 1 {
            write!(f, ", entered {} times", self.0.visits)?;
        }
        Ok(())
    }
}

/// A coordinate, to half a pixel at most: more would only make the page longer.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        // No minus before a zero.
        write!(f, "{}", rounded + 0.0)
    }
}

/// The line of a route, up to its head.
struct Path<'a> {
    route: &'a Route,
    drawn: &'a [Upright],
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Route {
            start, segments, end, ..
        } = self.route;
        write!(f, "M{}", Place(*start))?;
        let mut at = *start;
        for (index, segment) in segments.iter().enumerate() {
            let mut to = end_of(segment);
            if index + 1 == segments.len() {
                to = before_head(to, *end);
            }
            match segment {
                Segment::Line(_) => match self.drawn_from(at, to) {
                    Some(y) if y <= at.y => write!(f, "M{}", Place(to))?,
                    Some(y) => write!(f, "L{}M{}", Place(Point { y, ..to }), Place(to))?,
                    None => write!(f, "L{}", Place(to))?,
                },
                Segment::Corner(control, _) => write!(f, "Q{} {}", Place(*control), Place(to))?,
                Segment::Curve(first, second, _) => {
                    write!(f, "C{} {} {}", Place(*first), Place(*second), Place(to))?;
                }
            }
            at = to;
        }
        Ok(())
    }
}

impl Path<'_> {
    /// From where down to its end another line lies on a vertical piece.
    fn drawn_from(&self, from: Point, to: Point) -> Option<f64> {
        let same = |left: f64, right: f64| (left - right).abs() < 0.5;
        let covers =
            |other: &&Upright| same(other.x, from.x) && other.top < to.y && to.y <= other.bottom + 0.5;
        let covering = self
            .drawn
            .iter()
            .filter(covers)
            .filter(|_| same(from.x, to.x) && from.y < to.y);
        covering.map(|other| other.top).min_by(f64::total_cmp)
    }
}

/// A point of a path.
struct Place(Point);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Number(self.0.x), Number(self.0.y))
    }
}

const fn end_of(segment: &Segment) -> Point {
    match segment {
        Segment::Line(end) | Segment::Corner(_, end) | Segment::Curve(_, _, end) => *end,
    }
}

/// Where the line ends so that it does not reach out of its head.
fn before_head(end: Point, direction: Direction) -> Point {
    let Point { x, y } = end;
    match direction {
        Direction::Down => Point { x, y: y - HEAD + 1.0 },
        Direction::Left => Point { x: x + HEAD - 1.0, y },
        Direction::Right => Point { x: x - HEAD + 1.0, y },
    }
}

/// The head of an arrow.
struct Head<'a>(&'a Route);

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(end) = self.0.segments.last().map(end_of) else {
            return Ok(());
        };
        let (left, right) = match self.0.end {
            Direction::Down => ((-HEAD_HALF, -HEAD), (HEAD_HALF, -HEAD)),
            Direction::Left => ((HEAD, -HEAD_HALF), (HEAD, HEAD_HALF)),
            Direction::Right => ((-HEAD, -HEAD_HALF), (-HEAD, HEAD_HALF)),
        };
        write!(f, "M{} {}", Number(end.x), Number(end.y - 0.5))?;
        for (x, y) in [left, right] {
            write!(f, "L{} {}", Number(end.x + x), Number(end.y + y))?;
        }
        f.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::layout;
    use super::super::samples;
    use super::*;

    #[test]
    fn a_small_definition() {
        let run = samples::review();
        let layout = layout(run.chart.as_ref().unwrap()).unwrap();
        insta::assert_snapshot!(Svg::new(&layout, &run.trace).to_string());
    }

    #[test]
    fn names_are_only_names() {
        let text = r#"{"StartAt": "<script>alert(1)</script>", "States": {
            "<script>alert(1)</script>": {"Type": "Choice", "Comment": "</title><script>",
                "Choices": [{"Variable": "$.x", "StringEquals": "</text><script>", "Next": "\"'&"}],
                "Default": "\"'&"},
            "\"'&": {"Type": "Fail", "Error": "<b>"}}}"#;
        let run = samples::run(text, serde_json::json!({"x": "</text><script>"}), &mut |_, _| {
            None
        });
        let layout = layout(run.chart.as_ref().unwrap()).unwrap();
        let svg = Svg::new(&layout, &run.trace).to_string();
        assert!(
            !svg.contains("<script") && !svg.contains("<b>") && !svg.contains("\"'&"),
            "{svg}"
        );
        assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{svg}");
    }

    #[test]
    fn every_way_that_was_taken_is_drawn() {
        for run in [
            samples::register(samples::Ending::TakenBack),
            samples::nested(samples::Ending::Failed),
        ] {
            let layout = layout(run.chart.as_ref().unwrap()).unwrap();
            let svg = Svg::new(&layout, &run.trace);
            let taken = svg.lines.iter().filter(|(_, taken)| *taken).count();
            assert!(taken >= run.trace.visits.len() - 3, "{taken}");
            let drawn = |step: &super::super::trace::Step| {
                let mut lines = layout.lines.iter();
                lines.any(|line| (&line.from, &line.to, line.class) == (&step.0, &step.1, step.2))
            };
            assert!(run.trace.steps.iter().all(drawn));
        }
    }
}
