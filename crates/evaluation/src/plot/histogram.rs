//! How scores of genuine and impostor pairs are spread.

use super::axis::{Axis, percent};
use super::frame::{Corner, Plot, colour, stroke};
use crate::Scores;
use crate::svg::Anchor;

/// Bars over the whole range.
const BARS: usize = 60;

/// Scores of a cosine; nothing is outside.
const RANGE: (f64, f64) = (-1.0, 1.0);

/// Shares of genuine and of impostor pairs in each sixtieth of the range of scores, with lines at thresholds (score, label).
#[must_use]
pub fn histogram(title: &str, scores: &Scores, thresholds: &[(f64, String)]) -> String {
    let kinds = [scores.genuine(), scores.impostor()];
    let extreme = |better: fn(f64, f64) -> f64, start: f64| {
        kinds
            .iter()
            .flat_map(|kind| [kind[0], kind[kind.len() - 1]])
            .fold(start, better)
    };
    // Whole tenths around the scores.
    let from = (extreme(f64::min, RANGE.1) * 10.0).floor().max(RANGE.0 * 10.0) / 10.0;
    let to = ((extreme(f64::max, RANGE.0) * 10.0).floor() + 1.0)
        .clamp(from * 10.0 + 1.0, RANGE.1 * 10.0 + 1.0)
        / 10.0;
    let bin = (to - from) / BARS as f64;
    let shares = kinds.map(|kind| shares(kind, from, bin));
    let highest = shares.iter().flatten().copied().fold(0.0, f64::max);
    let x = Axis::even("score (cosine)", from, to, |value| format!("{:.1}", value + 0.0));
    let y = Axis::even("share of pairs per bar", 0.0, highest * 1.1, percent);
    let mut plot = Plot::new(title, x, y);
    for (number, shares) in shares.iter().enumerate() {
        let mut outline = vec![plot.at((from, 0.0))];
        for (number_of_bar, share) in shares.iter().enumerate() {
            let left = from + number_of_bar as f64 * bin;
            outline.extend([plot.at((left, *share)), plot.at((left + bin, *share))]);
        }
        outline.push(plot.at((to, 0.0)));
        let style = format!("fill:{};fill-opacity:0.35;{}", colour(number), stroke(number));
        plot.svg.polygon(&outline, &style);
    }
    for (score, label) in thresholds
        .iter()
        .filter(|(score, _)| *score > from && *score < to)
    {
        let (foot, head) = (plot.at((*score, 0.0)), plot.at((*score, highest * 1.1)));
        plot.svg
            .line(foot, head, "stroke:#444444;stroke-width:1;stroke-dasharray:4 3");
        plot.svg
            .text((head.0 + 3.0, head.1 + 14.0), Anchor::Start, 12, label);
    }
    let texts = ["genuine", "impostor"]
        .iter()
        .zip(kinds)
        .map(|(name, kind)| format!("{name} ({} pairs)", kind.len()));
    plot.legend(&texts.collect::<Vec<_>>(), Corner::Right);
    plot.svg.finish()
}

fn shares(rising: &[f64], from: f64, bin: f64) -> Vec<f64> {
    let below = |edge: usize| match edge {
        0 => 0,
        BARS => rising.len(),
        _ => rising.partition_point(|score| *score < from + edge as f64 * bin),
    };
    (0..BARS)
        .map(|bar| (below(bar + 1) - below(bar)) as f64 / rising.len() as f64)
        .collect()
}
