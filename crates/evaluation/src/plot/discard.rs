//! Error-versus-discard curves.

use super::axis::{Axis, percent};
use super::frame::{Corner, Plot};
use crate::discard::Curve;

/// FNMR at fixed thresholds over the share of genuine comparisons that is discarded, the lowest quality first; a label for
/// each. Falling fast is good; level means that the quality says nothing.
#[must_use]
pub fn discard(title: &str, curves: &[(String, &Curve)]) -> String {
    let points = || curves.iter().flat_map(|(_, curve)| &curve.points);
    let to = points().map(|point| point[0]).fold(0.0, f64::max);
    let highest = points().map(|point| point[1]).fold(0.0, f64::max);
    if to <= 0.0 || highest <= 0.0 {
        return Plot::new(
            title,
            Axis::even("share of comparisons discarded", 0.0, 0.5, percent),
            Axis::even("FNMR of the rest", 0.0, 0.1, percent),
        )
        .svg
        .finish();
    }
    let x = Axis::even(
        "share of comparisons discarded, the lowest quality first",
        0.0,
        to,
        percent,
    );
    let y = Axis::even(
        "FNMR of the rest, threshold unchanged",
        0.0,
        highest * 1.15,
        percent,
    );
    let mut plot = Plot::new(title, x, y);
    for (number, (_, curve)) in curves.iter().enumerate() {
        plot.curve(number, curve.points.iter().map(|[share, rate]| (*share, *rate)));
        // What the best possible score would do.
        let rate = curve.points.first().map_or(0.0, |point| point[1]);
        let (start, end) = (plot.at((0.0, rate)), plot.at((rate.min(to), 0.0)));
        plot.svg
            .line(start, end, "stroke:#999999;stroke-width:1;stroke-dasharray:2 4");
    }
    let texts: Vec<String> = curves.iter().map(|(label, _)| label.clone()).collect();
    plot.legend(&texts, Corner::UpperRight);
    plot.svg.finish()
}
