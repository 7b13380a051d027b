//! Frame, grid, curves and legend, the same for every plot.

use super::axis::Axis;
use crate::svg::{Anchor, Svg};

const WIDTH_PX: f64 = 760.0;
const HEIGHT_PX: f64 = 600.0;
const LEFT_PX: f64 = 84.0;
const RIGHT_PX: f64 = 28.0;
const TOP_PX: f64 = 56.0;
const BOTTOM_PX: f64 = 66.0;

/// Told apart by people with any colour vision (Okabe and Ito, *Color Universal Design*, 2008), the dark ones first.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// For curves beyond the number of colours, and for prints without colour.
const DASHES: [&str; 3] = ["", "stroke-dasharray:8 4;", "stroke-dasharray:2 3;"];

/// Where the legend stands.
#[derive(Clone, Copy)]
pub(super) enum Corner {
    UpperRight,
    /// Below what stands at the upper border.
    Right,
    LowerRight,
}

pub(super) struct Plot {
    pub(super) svg: Svg,
    x: Axis,
    y: Axis,
}

impl Plot {
    /// Frame, title, grid and labels.
    pub(super) fn new(title: &str, x: Axis, y: Axis) -> Self {
        let mut plot = Self {
            svg: Svg::new(WIDTH_PX, HEIGHT_PX),
            x,
            y,
        };
        let (right, bottom) = (WIDTH_PX - RIGHT_PX, HEIGHT_PX - BOTTOM_PX);
        let (middle, center) = (f64::midpoint(LEFT_PX, right), f64::midpoint(TOP_PX, bottom));
        plot.svg.text((middle, TOP_PX - 24.0), Anchor::Middle, 18, title);
        let grid = "stroke:#dddddd;stroke-width:1";
        for (rate, label) in std::mem::take(&mut plot.x.ticks) {
            let at = plot.at((rate, 0.0)).0;
            plot.svg.line((at, TOP_PX), (at, bottom), grid);
            plot.svg.text((at, bottom + 20.0), Anchor::Middle, 13, &label);
        }
        for (rate, label) in std::mem::take(&mut plot.y.ticks) {
            let at = plot.at((0.0, rate)).1;
            plot.svg.line((LEFT_PX, at), (right, at), grid);
            plot.svg.text((LEFT_PX - 8.0, at + 4.5), Anchor::End, 13, &label);
        }
        plot.svg
            .text((middle, bottom + 48.0), Anchor::Middle, 15, plot.x.label);
        plot.svg.upright_text((22.0, center), 15, plot.y.label);
        let size = (right - LEFT_PX, bottom - TOP_PX);
        plot.svg
            .rectangle((LEFT_PX, TOP_PX), size, "fill:none;stroke:#444444;stroke-width:1");
        plot
    }

    /// Where a pair of rates stands, in pixels.
    pub(super) fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            LEFT_PX + self.x.place(x) * (WIDTH_PX - RIGHT_PX - LEFT_PX),
            HEIGHT_PX - BOTTOM_PX - self.y.place(y) * (HEIGHT_PX - BOTTOM_PX - TOP_PX),
        )
    }

    fn inside(&self, (x, y): (f64, f64)) -> bool {
        let inside =
            |axis: &Axis, rate: f64| (axis.scale)(rate) >= axis.from && (axis.scale)(rate) <= axis.to;
        inside(&self.x, x) && inside(&self.y, y)
    }

    /// Where both rates are equal.
    pub(super) fn diagonal(&mut self, from: f64, to: f64) {
        let (from, to) = (self.at((from, from)), self.at((to, to)));
        self.svg
            .line(from, to, "stroke:#999999;stroke-width:1;stroke-dasharray:4 4");
    }

    /// Joins the points inside the frame.
    pub(super) fn curve(&mut self, number: usize, rates: impl Iterator<Item = (f64, f64)>) {
        let points: Vec<(f64, f64)> = rates
            .filter(|rates| self.inside(*rates))
            .map(|rates| self.at(rates))
            .collect();
        if !points.is_empty() {
            self.svg.polyline(&points, &stroke(number));
        }
    }

    pub(super) fn mark(&mut self, number: usize, rates: (f64, f64)) {
        if self.inside(rates) {
            let style = format!("fill:#ffffff;stroke:{};stroke-width:2", colour(number));
            self.svg.circle(self.at(rates), 4.5, &style);
        }
    }

    pub(super) fn legend(&mut self, texts: &[String], corner: Corner) {
        const ROW_PX: f64 = 22.0;
        /// About the width of a character of 14 px.
        const CHARACTER_PX: f64 = 7.6;
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let size = (
            56.0 + longest as f64 * CHARACTER_PX,
            texts.len() as f64 * ROW_PX + 10.0,
        );
        let left = WIDTH_PX - RIGHT_PX - 12.0 - size.0;
        let top = match corner {
            Corner::UpperRight => TOP_PX + 12.0,
            Corner::Right => TOP_PX + 34.0,
            Corner::LowerRight => HEIGHT_PX - BOTTOM_PX - 12.0 - size.1,
        };
        self.svg
            .rectangle((left, top), size, "fill:#ffffff;stroke:#bbbbbb;stroke-width:1");
        for (i, text) in texts.iter().enumerate() {
            let y = top + 5.0 + (i as f64 + 0.5) * ROW_PX;
            self.svg.line((left + 10.0, y), (left + 38.0, y), &stroke(i));
            self.svg.text((left + 46.0, y + 5.0), Anchor::Start, 14, text);
        }
    }
}

pub(super) fn colour(number: usize) -> &'static str {
    COLOURS[number % COLOURS.len()]
}

pub(super) fn stroke(number: usize) -> String {
    let dashes = DASHES[number % DASHES.len()];
    format!(
        "stroke:{};stroke-width:2.2;stroke-linejoin:round;{dashes}",
        colour(number)
    )
}

/// Fixed colours of a plot, and the CSS variable that takes their place on a page of its own colours.
const THEME: [(&str, &str); 11] = [
    ("#ffffff", "--plot-ground"),
    ("#222222", "--plot-ink"),
    ("#444444", "--plot-frame"),
    ("#dddddd", "--plot-grid"),
    ("#bbbbbb", "--plot-grid"),
    ("#999999", "--plot-faint"),
    ("#0072b2", "--plot-1"),
    ("#d55e00", "--plot-2"),
    ("#009e73", "--plot-3"),
    ("#cc79a7", "--plot-4"),
    ("#e69f00", "--plot-5"),
];

/// A plot for a page that has colours of its own: each fixed colour becomes a CSS variable (`--plot-ground`, `--plot-ink`,
/// `--plot-frame`, `--plot-grid`, `--plot-faint`, `--plot-1` to `--plot-5`) with the fixed one as fallback, and the size is the
/// page's to say.
#[must_use]
pub fn themed(svg: &str) -> String {
    let mut themed = svg.replacen(
        &format!(r#"width="{WIDTH_PX}" height="{HEIGHT_PX}" viewBox"#),
        "viewBox",
        1,
    );
    for (colour, variable) in THEME {
        themed = themed.replace(
            &format!(r#"fill="{colour}""#),
            &format!(r#"style="fill:var({variable},{colour})""#),
        );
        for property in ["fill", "stroke"] {
            themed = themed.replace(
                &format!("{property}:{colour}"),
                &format!("{property}:var({variable},{colour})"),
            );
        }
    }
    themed
}
