//! Error rates of groups of people.

use std::io::Write;

use selfsame_evaluation::Interval;
use selfsame_evaluation::groups::{Differential, Group, GroupRate, Grouped, Ratio, Support, differential};
use selfsame_evaluation::resample::DRAWS;
use serde::Serialize;

use super::measure::{Attribute, Measurement};
use super::result::Threshold;
use crate::output::table;

/// The groups of one attribute at one threshold.
#[derive(Serialize)]
pub(super) struct ByGroup {
    pub(super) threshold: Threshold,
    #[serde(flatten)]
    pub(super) differential: Differential,
    /// Pairs with a score of which one photo has no label.
    pub(super) unlabelled: usize,
}

impl ByGroup {
    /// Every attribute at every threshold.
    pub(super) fn all(measurement: &Measurement, thresholds: &[Threshold]) -> Vec<Self> {
        let attributes = measurement.attributes.iter();
        attributes
            .flat_map(|attribute| {
                let at = |threshold| Self::new(measurement, attribute, threshold);
                thresholds.iter().map(at)
            })
            .collect()
    }

    fn new(measurement: &Measurement, attribute: &Attribute, threshold: &Threshold) -> Self {
        let units = measurement.units();
        let mut unlabelled = 0;
        let pairs = measurement.outcomes.iter().zip(&measurement.compared).enumerate();
        let grouped = pairs.filter_map(|(pair, (outcome, photos))| {
            let score = outcome.score?;
            let groups = attribute.of_pair(pair, *photos);
            unlabelled += usize::from(groups.is_none());
            Some(Grouped {
                comparison: units.comparison(outcome.same, measurement.people_of(pair), pair, score),
                groups: groups?,
            })
        });
        Self {
            differential: differential(&attribute.name, threshold.cosine, grouped, units, DRAWS),
            threshold: threshold.clone(),
            unlabelled,
        }
    }

    pub(super) const TITLES: [&'static str; 7] = [
        "group",
        "FMR (95 % interval)",
        "false matches",
        "",
        "FNMR (95 % interval)",
        "misses",
        "",
    ];

    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let groups = self.differential.groups.iter().chain([&self.differential.across]);
        groups.map(row).collect()
    }

    /// What stands over the table.
    pub(super) fn title(&self) -> String {
        format!(
            "{}, at {}",
            self.differential.attribute,
            self.threshold.describe()
        )
    }

    /// How far groups are apart, in sentences.
    pub(super) fn ratios(&self) -> Vec<String> {
        let mut lines: Vec<String> = [
            ("FMR", self.differential.fmr_ratio),
            ("FNMR", self.differential.fnmr_ratio),
        ]
        .into_iter()
        .map(|(name, ratio)| ratio_line(name, ratio))
        .collect();
        if self.unlabelled > 0 {
            lines.push(format!("{} pairs have a photo without a label", self.unlabelled));
        }
        lines
    }

    pub(super) fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.title())?;
        table(out, &Self::TITLES, &self.rows())?;
        self.ratios().iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// What the marks in the tables mean.
pub(super) const MARKS: &str = "few: fewer than 30 errors, read the interval; none: no error, the interval is the rule of \
three's (below 3 in as many trials)";

fn ratio_line(name: &str, ratio: Option<Ratio>) -> String {
    let Some(ratio) = ratio else {
        return format!("{name}: no ratio, as it needs two groups with an error each");
    };
    let interval = |interval: Option<Interval>| {
        interval.map_or_else(String::new, |Interval { low, high }| {
            format!(" ({low:.1} to {high:.1})")
        })
    };
    format!(
        "{name}: the highest is {:.1}{} times the lowest, {:.1}{} times the geometric mean",
        ratio.max_to_min,
        interval(ratio.max_to_min_interval),
        ratio.max_to_geometric_mean,
        interval(ratio.max_to_geometric_mean_interval)
    )
}

fn row(group: &Group) -> Vec<String> {
    let mut row = vec![group.name.clone()];
    for rate in [group.fmr, group.fnmr] {
        row.extend(cells(rate));
    }
    row
}

fn cells(rate: Option<GroupRate>) -> [String; 3] {
    let Some(GroupRate { rate, support }) = rate else {
        return ["-".to_owned(), "no pairs".to_owned(), String::new()];
    };
    let interval = rate.interval.map_or_else(String::new, |Interval { low, high }| {
        format!(" ({} to {})", small(low), small(high))
    });
    let mark = match support {
        Support::Enough => "",
        Support::Few => "few",
        Support::NoError => "none",
    };
    [
        format!("{} %{interval}", small(rate.rate)),
        format!("{} of {}", rate.events, rate.trials),
        mark.to_owned(),
    ]
}

/// Percent, with three digits that count.
fn small(rate: f64) -> String {
    let percent = 100.0 * rate;
    let digits = if percent <= 0.0 {
        0
    } else {
        (1.0 - percent.log10().floor()).clamp(1.0, 5.0) as usize
    };
    format!("{percent:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::small;

    #[test]
    fn small_rates_keep_their_digits() {
        for (rate, text) in [
            (0.0, "0"),
            (0.123, "12.3"),
            (0.001, "0.10"),
            (0.000_123, "0.012"),
            (1.0, "100.0"),
        ] {
            assert_eq!(small(rate), text);
        }
    }
}
