//! ROC and DET curves, histograms and discard curves as SVG. Rates stand on axes that give each decade its room: an evaluation is read at low false
//! match rates, which a linear axis would press into its corner.

mod axis;
mod discard;
mod frame;
mod histogram;

use crate::{EqualError, Point, Report};
use axis::{Axis, percent};
use frame::{Corner, Plot};

pub use discard::discard;
pub use frame::themed;
pub use histogram::histogram;

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
    let texts = curves.iter().map(|curve| match curve.eer {
        Some(eer) => format!("{} (EER {})", curve.label, percent(eer.rate)),
        None => curve.label.clone(),
    });
    plot.legend(&texts.collect::<Vec<_>>(), Corner::UpperRight);
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
    let texts: Vec<String> = curves.iter().map(|curve| curve.label.clone()).collect();
    plot.legend(&texts, Corner::LowerRight);
    plot.svg.finish()
}
