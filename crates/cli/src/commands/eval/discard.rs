//! What discarding low quality gains on these pairs.

use std::io::Write;

use selfsame_evaluation::Interval;
use selfsame_evaluation::discard::{Comparison, Curve, Discard};
use selfsame_evaluation::resample::{self, DRAWS};
use serde::Serialize;

use super::measure::Measurement;
use super::result::Threshold;
use crate::output::table;

/// Shares whose FNMR is told.
const SHARES: [f64; 4] = [0.0, 0.05, 0.1, 0.2];

/// The curve at one threshold.
#[derive(Serialize)]
pub(super) struct Discarded {
    pub(super) threshold: Threshold,
    #[serde(flatten)]
    pub(super) curve: Curve,
    /// Of the gain, by drawing people or pairs.
    gain_interval: Option<Interval>,
}

impl Discarded {
    /// One for each threshold at which a genuine pair is missed.
    pub(super) fn all(measurement: &Measurement, thresholds: &[Threshold]) -> Vec<Self> {
        thresholds
            .iter()
            .filter_map(|threshold| Self::new(measurement, threshold))
            .collect()
    }

    fn new(measurement: &Measurement, threshold: &Threshold) -> Option<Self> {
        let units = measurement.units();
        let quality = |photo: u32| {
            let seen = measurement.encoded.outcomes[photo as usize].seen()?;
            Some(f64::from(seen.measures.unified_quality()))
        };
        let pairs = measurement.outcomes.iter().zip(&measurement.compared).enumerate();
        let genuine = pairs.filter(|(_, (outcome, _))| outcome.same);
        let comparisons = genuine.filter_map(|(pair, (outcome, (a, b)))| {
            let score = outcome.score?;
            let unit = units
                .comparison(true, measurement.people_of(pair), pair, score)
                .reference;
            Some(Comparison {
                quality: quality(*a)?.min(quality(*b)?),
                missed: score < threshold.cosine,
                unit,
            })
        });
        let discard = Discard::new(comparisons.collect());
        let curve = discard.curve(&units.once())?;
        let intervals = resample::intervals(units, DRAWS, |drawn| {
            vec![discard.curve(drawn).map(|curve| curve.gain)]
        });
        Some(Self {
            threshold: threshold.clone(),
            curve,
            gain_interval: intervals.first().copied().flatten(),
        })
    }

    pub(super) const TITLES: [&'static str; 7] = [
        "threshold",
        "FNMR of all",
        "5 % discarded",
        "10 %",
        "20 %",
        "gain (95 % interval)",
        "at most",
    ];

    pub(super) fn row(&self) -> Vec<String> {
        let at = |share: f64| {
            let points = self.curve.points.iter();
            let nearest = points.min_by(|a, b| (a[0] - share).abs().total_cmp(&(b[0] - share).abs()));
            nearest.map_or_else(String::new, |point| format!("{:.2} %", 100.0 * point[1]))
        };
        let mut row = vec![self.threshold.name.clone()];
        row.extend(SHARES.map(at));
        let interval = self
            .gain_interval
            .map_or_else(String::new, |Interval { low, high }| {
                format!(" ({:.0} to {:.0})", 100.0 * low, 100.0 * high)
            });
        row.push(format!("{:.0} %{interval}", 100.0 * self.curve.gain));
        row.push(format!("{:.0} %", 100.0 * self.curve.best_gain));
        row
    }

    pub(super) fn tell(out: &mut dyn Write, all: &[Self]) -> std::io::Result<()> {
        writeln!(
            out,
            "discarding the genuine pairs of the lowest quality (gain: how much lower FNMR is on average up to 20 %)"
        )?;
        table(out, &Self::TITLES, &all.iter().map(Self::row).collect::<Vec<_>>())
    }
}
