//! The calibration that fits these photos: how it was made, how far its extrapolation can be trusted, and how far off the
//! shipped one is on them.

use std::io::Write;

use selfsame_evaluation::Interval;
use selfsame_evaluation::calibration::{self, Curve, false_alarm_rate, tail_size};
use selfsame_evaluation::people::Scores as ByPerson;
use selfsame_evaluation::resample::{self, DRAWS, Units};
use selfsame_evaluation::tail::{Tail, weighted_moments};
use selfsame_face::Analyzer;
use selfsame_types::Similarity;
use serde::Serialize;

use super::result::{SIMILARITIES, power};
use crate::output::table;

/// Sizes of galleries whose false alarms are told.
pub(super) const GALLERIES: [f64; 6] = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

/// A calibration, and what speaks for and against it.
#[derive(Serialize)]
pub(in crate::commands) struct Fitted {
    /// The whole curve.
    #[serde(flatten)]
    pub(super) curve: Curve,
    /// The part of it that a manifest needs.
    manifest: Vec<[f64; 2]>,
    /// Whether the tail is exponential; `None` where the highest scores are all equal.
    pub(super) tail: Option<TailCheck>,
    /// The shipped calibration on these photos.
    shipped: Vec<Shipped>,
}

/// The shape of the tail, by two methods; the calibration takes it for 0.
#[derive(Serialize)]
pub(super) struct TailCheck {
    #[serde(flatten)]
    tail: Tail,
    /// 95 % interval of the shape by moments, drawing people or pairs.
    moments_interval: Option<Interval>,
    drawn: &'static str,
    verdict: Verdict,
    /// log10 of the false match rate that the fitted tail gives where the calibration says 10⁻⁴, 10⁻⁵ and 10⁻⁶; those that were
    /// counted are left out.
    instead_of: Vec<InsteadOf>,
}

#[derive(Serialize)]
struct InsteadOf {
    log10_fmr: f64,
    cosine: f64,
    /// `None` where the fitted tail has ended before.
    by_fitted_shape: Option<f64>,
}

/// What the shape says of extrapolated rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// 0 is in the interval.
    Exponential,
    /// The shape is below 0: true rates are lower than said.
    Shorter,
    /// The shape is above 0: true rates are higher than said.
    Longer,
}

/// What a threshold of the shipped calibration does here.
#[derive(Serialize)]
struct Shipped {
    similarity: f32,
    cosine: f32,
    /// log10 of the false match rate that it promises.
    promised: f64,
    /// log10 of the false match rate here, by the fitted curve.
    here: f64,
    /// 95 % interval of the false match rate that was counted, without logarithm; `None` where there is no false match.
    interval: Option<Interval>,
    extrapolated: bool,
    /// How many factors of ten more strangers match than promised; fewer where it is below 0.
    decades_off: f64,
}

impl Fitted {
    /// `None` with too few impostor pairs.
    pub(in crate::commands) fn new(
        impostor: &[f64],
        by_person: &ByPerson,
        units: Units,
        analyzer: &Analyzer,
    ) -> Option<Self> {
        let curve = calibration::fit(impostor).ok()?;
        Some(Self {
            manifest: curve.manifest(),
            tail: TailCheck::new(&curve, by_person, units),
            shipped: shipped(&curve, by_person, units, analyzer),
            curve,
        })
    }

    pub(in crate::commands) fn tell(&self, out: &mut dyn Write, analyzer: &Analyzer) -> std::io::Result<()> {
        self.tell_shipped(out)?;
        writeln!(out)?;
        if let Some(tail) = &self.tail {
            tail.lines().iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out)?;
        }
        writeln!(out, "{}", self.toml(analyzer))
    }

    fn tell_shipped(&self, out: &mut dyn Write) -> std::io::Result<()> {
        table(out, &Self::TITLES, &self.shipped_rows())
    }

    pub(super) const TITLES: [&'static str; 6] = [
        "similarity",
        "cosine",
        "stands for FMR",
        "FMR here, fitted",
        "95 % interval",
        "decades off",
    ];

    /// One row per similarity of the shipped calibration.
    pub(super) fn shipped_rows(&self) -> Vec<Vec<String>> {
        let row = |at: &Shipped| {
            let mark = if at.extrapolated { " (extrapolated)" } else { "" };
            vec![
                at.similarity.to_string(),
                format!("{:.3}", at.cosine),
                format!("{:.0e}", 10f64.powf(at.promised)),
                format!("{:.1e}{mark}", 10f64.powf(at.here)),
                at.interval.map_or_else(
                    || "no false match".to_owned(),
                    |i| format!("{} to {}", power(i.low), power(i.high)),
                ),
                // Adding 0 makes 0 of what rounds to −0.
                format!("{:+.2}", (at.decades_off * 100.0).round() / 100.0 + 0.0),
            ]
        };
        self.shipped.iter().map(row).collect()
    }

    /// As it stands in a pack's manifest.
    pub(in crate::commands) fn toml(&self, analyzer: &Analyzer) -> String {
        let anchors: Vec<String> = self
            .manifest
            .iter()
            .map(|[cosine, log10]| format!("[{cosine:.4}, {log10:.2}]"))
            .collect();
        let version = analyzer.version().as_str();
        let name = if version.ends_with("+flip") {
            "flip_averaged"
        } else {
            "single"
        };
        format!(
            "# {version}: fitted to {} impostor pairs; counted to 10^{:.2} (cosine {:.3}), beyond that extrapolated\n\
             [roles.embedder.parameters.calibration]\n{name} = [{}]",
            self.curve.impostor_pairs,
            self.curve.counted_to,
            self.curve.score_at(self.curve.counted_to),
            anchors.join(", ")
        )
    }
}

fn shipped(curve: &Curve, by_person: &ByPerson, units: Units, analyzer: &Analyzer) -> Vec<Shipped> {
    if !analyzer.calibration().is_measured() {
        return Vec::new();
    }
    let cosines = SIMILARITIES.map(|value| analyzer.calibration().cosine(Similarity::new(value)));
    let intervals = resample::intervals(units, DRAWS, |drawn| {
        cosines
            .iter()
            .map(|cosine| by_person.fmr(f64::from(*cosine), drawn))
            .collect()
    });
    let rows = SIMILARITIES.iter().zip(cosines).zip(intervals);
    rows.map(|((value, cosine), interval)| {
        let promised = f64::from(Similarity::new(*value).log10_false_match_rate());
        let here = curve.log10_fmr(f64::from(cosine));
        Shipped {
            similarity: *value,
            cosine,
            promised,
            here,
            interval: interval.filter(|interval| interval.high > 0.0),
            extrapolated: here < curve.counted_to,
            decades_off: here - promised,
        }
    })
    .collect()
}

impl TailCheck {
    fn new(curve: &Curve, by_person: &ByPerson, units: Units) -> Option<Self> {
        let count = tail_size(by_person.impostor());
        let highest = |drawn: &[u32]| by_person.highest_impostors(count + 1, drawn);
        let tail = Tail::fit(&highest(&units.once()), count, by_person.impostor())?;
        let moments_interval = resample::intervals(units, DRAWS, |drawn| {
            let falling = highest(drawn);
            let shape = falling.get(count).and_then(|threshold| {
                let excesses: Vec<f64> = falling[..count].iter().map(|score| score - threshold).collect();
                weighted_moments(&excesses)
            });
            vec![shape.map(|pareto| pareto.shape)]
        });
        let moments_interval = moments_interval.first().copied().flatten();
        // The wider of the two answers: people, not pairs, are independent.
        let interval = moments_interval.unwrap_or(tail.shape_interval);
        let low = interval.low.min(tail.shape_interval.low);
        let high = interval.high.max(tail.shape_interval.high);
        let instead_of = [-4.0, -5.0, -6.0]
            .into_iter()
            .filter(|log10| *log10 < curve.counted_to);
        Some(Self {
            verdict: match (low, high) {
                (_, high) if high < 0.0 => Verdict::Shorter,
                (low, _) if low > 0.0 => Verdict::Longer,
                _ => Verdict::Exponential,
            },
            instead_of: instead_of
                .map(|log10_fmr| {
                    let cosine = curve.score_at(log10_fmr);
                    InsteadOf {
                        log10_fmr,
                        cosine,
                        by_fitted_shape: Some(tail.log10_fmr(cosine)).filter(|rate| rate.is_finite()),
                    }
                })
                .collect(),
            tail,
            moments_interval,
            drawn: units.name(),
        })
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let Interval { low, high } = self.tail.shape_interval;
        let moments = self
            .moments_interval
            .map_or_else(String::new, |Interval { low, high }| {
                format!(" ({low:+.2} to {high:+.2} by drawing {})", self.drawn)
            });
        let verdict = match self.verdict {
            Verdict::Exponential => {
                "nothing speaks against the exponential tail (shape 0) that is extrapolated with"
            }
            Verdict::Shorter => {
                "the tail ends sooner than the exponential one: extrapolated rates are too high, on the safe side"
            }
            Verdict::Longer => {
                "the tail is longer than the exponential one: extrapolated rates are too low; count further"
            }
        };
        let mut lines = vec![
            format!(
                "tail: of the {} highest impostor scores (from cosine {:.3}) the generalised Pareto shape is {:+.2} \
                 ({low:+.2} to {high:+.2}, pairs taken as independent) by likelihood, {:+.2}{moments} by moments",
                self.tail.scores, self.tail.threshold, self.tail.likelihood.shape, self.tail.moments.shape,
            ),
            format!("tail: {verdict}"),
        ];
        lines.extend(self.instead_of.iter().map(|at| {
            let found = at
                .by_fitted_shape
                .map_or_else(|| "0".to_owned(), |rate| format!("10^{rate:.2}"));
            format!(
                "tail: where the calibration says 10^{:.0} (cosine {:.3}), that shape gives {found}",
                at.log10_fmr, at.cosine
            )
        }));
        lines
    }
}

/// What a threshold on the similarity does in a search.
#[derive(Serialize)]
pub(in crate::commands) struct InSearch {
    similarity: f32,
    cosine: f32,
    fmr: f64,
    /// For galleries of 10² to 10⁷.
    false_alarm_rates: [f64; 6],
}

/// Similarities whose false alarms are told.
const SEARCHED: [f32; 6] = [80.0, 90.0, 95.0, 97.0, 99.0, 99.5];

impl InSearch {
    /// For each similarity; the false match rate is the promised one.
    pub(in crate::commands) fn promised(analyzer: &Analyzer) -> Vec<Self> {
        if !analyzer.calibration().is_measured() {
            return Vec::new();
        }
        let at = |value| {
            let similarity = Similarity::new(value);
            let log10 = f64::from(similarity.log10_false_match_rate());
            Self::at(value, analyzer.calibration().cosine(similarity), log10)
        };
        SEARCHED.map(at).into()
    }

    /// For each similarity; the false match rate is that of a fitted curve at the shipped threshold.
    pub(in crate::commands) fn fitted(analyzer: &Analyzer, fitted: &Fitted) -> Vec<Self> {
        if !analyzer.calibration().is_measured() {
            return Vec::new();
        }
        let at = |value| {
            let cosine = analyzer.calibration().cosine(Similarity::new(value));
            Self::at(value, cosine, fitted.curve.log10_fmr(f64::from(cosine)))
        };
        SEARCHED.map(at).into()
    }

    fn at(similarity: f32, cosine: f32, log10_fmr: f64) -> Self {
        Self {
            similarity,
            cosine,
            fmr: 10f64.powf(log10_fmr),
            false_alarm_rates: GALLERIES.map(|enrolled| false_alarm_rate(log10_fmr, enrolled)),
        }
    }

    pub(super) const TITLES: [&'static str; 9] = [
        "similarity",
        "cosine",
        "FMR 1:1",
        "false alarms in 1:100",
        "1:1000",
        "1:10⁴",
        "1:10⁵",
        "1:10⁶",
        "1:10⁷",
    ];

    pub(super) fn row(&self) -> Vec<String> {
        let mut row = vec![
            self.similarity.to_string(),
            format!("{:.3}", self.cosine),
            format!("{:.1e}", self.fmr),
        ];
        row.extend(self.false_alarm_rates.iter().map(|rate| share(*rate)));
        row
    }

    pub(in crate::commands) fn tell(out: &mut dyn Write, rows: &[Self]) -> std::io::Result<()> {
        table(
            out,
            &Self::TITLES,
            &rows.iter().map(Self::row).collect::<Vec<_>>(),
        )
    }
}

/// In percent, with as many digits as a small rate needs.
pub(super) fn share(rate: f64) -> String {
    let percent = 100.0 * rate;
    if percent >= 10.0 {
        format!("{percent:.0} %")
    } else if percent >= 0.095 {
        format!("{percent:.1} %")
    } else if percent >= 0.000_95 {
        format!("{percent:.3} %")
    } else {
        format!("{percent:.0e} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fitted_curve_is_a_calibration() {
        let scores: Vec<f64> = (0..5_000)
            .map(|i| -0.04 * ((f64::from(i) + 0.5) / 5_000.0).ln() - 0.1)
            .collect();
        let curve = calibration::fit(&scores).unwrap();
        let anchors: Vec<(f32, f32)> = curve
            .manifest()
            .iter()
            .map(|[x, y]| (*x as f32, *y as f32))
            .collect();
        let calibration = selfsame_face::Calibration::new(&anchors).expect("monotone");
        assert!((calibration.cosine_at(-6.0) - (0.04 * 6.0 * std::f32::consts::LN_10 - 0.1)).abs() < 0.03);
        assert!((calibration.cosine_at(-1.0) - (0.04 * std::f32::consts::LN_10 - 0.1)).abs() < 0.003);
    }

    #[test]
    fn small_shares_keep_a_digit() {
        for (rate, text) in [
            (0.632, "63 %"),
            (0.0123, "1.2 %"),
            (0.000_4, "0.040 %"),
            (1e-8, "1e-6 %"),
        ] {
            assert_eq!(share(rate), text);
        }
    }
}
