//! ROC and DET curves as SVG. Rates stand on axes that give each decade its room: an evaluation is read at low false
//! match rates, which a linear axis would press into its corner.

use crate::normal::quantile;
use crate::svg::{Anchor, Svg};
use crate::{EqualError, Point, Report};

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Stands in the legend.
    pub label: String,
    /// By falling threshold, as in [`Report::curve`].
    pub points: Vec<Point>,
    /// Where both rates are equal, if it is to be marked in a DET plot.
    pub eer: Option<EqualError>,
    /// The lowest rates that can be told from 0: one error among the pairs. Lower ones are not drawn.
    pub floor: Floor,
}

/// One error among the pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    /// One false match.
    pub fmr: f64,
    /// One false non-match.
    pub fnmr: f64,
}

impl Curve {
    /// The curve of a report.
    #[must_use]
    pub fn of(report: &Report, label: &str) -> Self {
        Self {
            label: label.to_owned(),
            points: report.curve.clone(),
            eer: Some(report.eer),
            floor: Floor {
                fmr: 1.0 / report.pairs.impostor.max(1) as f64,
                fnmr: 1.0 / report.pairs.genuine.max(1) as f64,
            },
        }
    }
}

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

/// Rates that a DET axis may show, with their labels.
const DET_TICKS: [(f64, &str); 11] = [
    (1e-6, "0.0001 %"),
    (1e-5, "0.001 %"),
    (1e-4, "0.01 %"),
    (1e-3, "0.1 %"),
    (5e-3, "0.5 %"),
    (0.01, "1 %"),
    (0.02, "2 %"),
    (0.05, "5 %"),
    (0.1, "10 %"),
    (0.2, "20 %"),
    (0.4, "40 %"),
];

/// Where DET axes end: a face matcher that is worse there has no use.
const DET_TO: f64 = 0.4;

/// Detection error trade-off (ISO/IEC 19795-1): FNMR over FMR, both on normal-deviate axes, on which normally
/// distributed scores give a straight line. Nearer to the lower left corner is better.
#[must_use]
pub fn det(title: &str, curves: &[Curve]) -> String {
    let lowest = |of: fn(&Floor) -> f64| curves.iter().map(|c| of(&c.floor)).fold(0.01, f64::min).max(1e-6);
    // At a tick; the tiny number keeps rounding from adding a decade.
    let decade = |rate: f64| 10f64.powf((rate.log10() + 1e-9).floor());
    let (x_from, y_from) = (
        decade(lowest(|floor| floor.fmr)),
        decade(lowest(|floor| floor.fnmr)),
    );
    let x = Axis::deviates("False match rate (FMR)", x_from, DET_TO);
    let y = Axis::deviates("False non-match rate (FNMR)", y_from, DET_TO);
    let mut plot = Plot::new(title, x, y);
    plot.diagonal(x_from.max(y_from), DET_TO);
    for (i, curve) in curves.iter().enumerate() {
        let visible = curve
            .points
            .iter()
            .filter(|p| p.fmr >= curve.floor.fmr && p.fnmr >= curve.floor.fnmr);
        plot.curve(i, visible.map(|p| (p.fmr, p.fnmr)));
        if let Some(eer) = curve.eer {
            plot.mark(i, (eer.rate, eer.rate));
        }
    }
    plot.legend(curves, Corner::UpperRight, |curve| match curve.eer {
        Some(eer) => format!("{} (EER {})", curve.label, percent(eer.rate)),
        None => curve.label.clone(),
    });
    plot.svg.finish()
}

/// Receiver operating characteristic: the share of genuine pairs that match (1 − FNMR) over FMR, which stands on a
/// logarithmic axis. Nearer to the upper left corner is better.
#[must_use]
pub fn roc(title: &str, curves: &[Curve]) -> String {
    let lowest = curves.iter().map(|c| c.floor.fmr).fold(0.01, f64::min).max(1e-6);
    let visible = |curve: &Curve| {
        let floor = curve.floor.fmr;
        curve
            .points
            .iter()
            .filter(move |p| p.fmr >= floor)
            .map(|p| (p.fmr, 1.0 - p.fnmr))
            .collect::<Vec<_>>()
    };
    let lowest_rate = curves
        .iter()
        .flat_map(&visible)
        .map(|(_, rate)| rate)
        .fold(0.9, f64::min);
    // Tenths of the whole below the lowest point, so that a good curve uses the height.
    let from = ((lowest_rate * 10.0).floor() / 10.0).max(0.0);
    let x = Axis::decades("False match rate (FMR)", (lowest.log10() + 1e-9).floor() as i32);
    let mut plot = Plot::new(title, x, Axis::linear("True match rate (1 − FNMR)", from));
    for (i, curve) in curves.iter().enumerate() {
        plot.curve(i, visible(curve).into_iter());
    }
    plot.legend(curves, Corner::LowerRight, |curve| curve.label.clone());
    plot.svg.finish()
}

/// A scale from rates to 0–1 along the axis, and where its ticks are.
struct Axis {
    label: &'static str,
    scale: fn(f64) -> f64,
    from: f64,
    to: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    fn new(label: &'static str, scale: fn(f64) -> f64, from: f64, to: f64) -> Self {
        Self {
            label,
            scale,
            from: scale(from),
            to: scale(to),
            ticks: Vec::new(),
        }
    }

    fn deviates(label: &'static str, from: f64, to: f64) -> Self {
        let mut axis = Self::new(label, quantile, from, to);
        let inside = |rate: f64| rate >= from * 0.999 && rate <= to * 1.001;
        axis.ticks = DET_TICKS
            .iter()
            .filter(|t| inside(t.0))
            .map(|t| (t.0, t.1.to_owned()))
            .collect();
        axis
    }

    fn decades(label: &'static str, from_exponent: i32) -> Self {
        let mut axis = Self::new(label, f64::log10, 10f64.powi(from_exponent), 1.0);
        axis.ticks = (from_exponent..=0)
            .map(|exponent| {
                let rate = 10f64.powi(exponent);
                (rate, percent(rate))
            })
            .collect();
        axis
    }

    /// From `from`, a tenth, to 1.
    fn linear(label: &'static str, from: f64) -> Self {
        /// Steps of 1, 2, 5 or 10 %, whichever gives at most ten ticks.
        const STEPS: [f64; 4] = [0.01, 0.02, 0.05, 0.1];
        let mut axis = Self::new(label, |rate| rate, from, 1.0);
        let step = STEPS
            .into_iter()
            .find(|step| (1.0 - from) / step < 10.5)
            .unwrap_or(0.1);
        let count = ((1.0 - from) / step).round() as u32;
        axis.ticks = (0..=count)
            .map(|i| 1.0 - f64::from(i) * step)
            .map(|rate| (rate, percent(rate)))
            .collect();
        axis
    }

    /// 0 at the start of the axis, 1 at its end; rates beyond them stay at the border.
    fn place(&self, rate: f64) -> f64 {
        (((self.scale)(rate) - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// "0.01 %": as many digits as the rate needs, at most four.
fn percent(rate: f64) -> String {
    let percent = rate * 100.0;
    let digits = if percent > 0.0 {
        (2.0 - percent.log10().floor()).clamp(0.0, 4.0) as usize
    } else {
        0
    };
    let text = format!("{percent:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} %")
}

#[derive(Clone, Copy)]
enum Corner {
    UpperRight,
    LowerRight,
}

struct Plot {
    svg: Svg,
    x: Axis,
    y: Axis,
}

impl Plot {
    /// Frame, title, grid and labels.
    fn new(title: &str, x: Axis, y: Axis) -> Self {
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
    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
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
    fn diagonal(&mut self, from: f64, to: f64) {
        let (from, to) = (self.at((from, from)), self.at((to, to)));
        self.svg
            .line(from, to, "stroke:#999999;stroke-width:1;stroke-dasharray:4 4");
    }

    /// Joins the points inside the frame.
    fn curve(&mut self, number: usize, rates: impl Iterator<Item = (f64, f64)>) {
        let points: Vec<(f64, f64)> = rates
            .filter(|rates| self.inside(*rates))
            .map(|rates| self.at(rates))
            .collect();
        if !points.is_empty() {
            self.svg.polyline(&points, &stroke(number));
        }
    }

    fn mark(&mut self, number: usize, rates: (f64, f64)) {
        if self.inside(rates) {
            let style = format!("fill:#ffffff;stroke:{};stroke-width:2", colour(number));
            self.svg.circle(self.at(rates), 4.5, &style);
        }
    }

    fn legend(&mut self, curves: &[Curve], corner: Corner, text: impl Fn(&Curve) -> String) {
        const ROW_PX: f64 = 22.0;
        /// About the width of a character of 14 px.
        const CHARACTER_PX: f64 = 7.6;
        let texts: Vec<String> = curves.iter().map(text).collect();
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let size = (
            56.0 + longest as f64 * CHARACTER_PX,
            texts.len() as f64 * ROW_PX + 10.0,
        );
        let left = WIDTH_PX - RIGHT_PX - 12.0 - size.0;
        let top = match corner {
            Corner::UpperRight => TOP_PX + 12.0,
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

fn colour(number: usize) -> &'static str {
    COLOURS[number % COLOURS.len()]
}

fn stroke(number: usize) -> String {
    let dashes = DASHES[number % DASHES.len()];
    format!(
        "stroke:{};stroke-width:2.2;stroke-linejoin:round;{dashes}",
        colour(number)
    )
}
