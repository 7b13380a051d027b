//! Is the tail of impostor scores exponential? A check of what [`calibration`](crate::calibration) assumes.
//!
//! Excesses over a high threshold follow a generalised Pareto distribution with a shape ξ and a scale σ (Pickands 1975):
//! P(excess > x) = (1 + ξ x / σ)^(−1/ξ), and exp(−x / σ) where ξ = 0. The calibration sets ξ to 0. Here ξ is estimated, by
//! maximum likelihood and by probability-weighted moments (Hosking and Wallis, *Technometrics* 29, 1987). Below 0 the tail
//! ends sooner than the exponential one: rates that were extrapolated are too high, which is the safe side. Above 0 it is
//! longer: they are too low, and strangers get in more often than said.

use serde::{Deserialize, Serialize};

use crate::Interval;

/// Shapes below have no regular likelihood (Smith, *Biometrika* 72, 1985), and no scores of faces have them.
const LOWEST_SHAPE: f64 = -0.5;

/// Values of the profile that are looked at before the best is refined.
const GRID: u32 = 400;

/// Steps of the refinement: the bracket shrinks by 0.618 with each, to 1e-12 of its width.
const REFINEMENTS: u32 = 60;

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Shape and scale of a tail.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pareto {
    /// ξ.
    pub shape: f64,
    /// σ, in units of the score.
    pub scale: f64,
}

/// What the highest impostor scores say of the tail.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// Excesses are counted from here.
    pub threshold: f64,
    /// Scores above it.
    pub scores: usize,
    /// log10 of the share of impostor pairs above it.
    pub log10_share: f64,
    /// By maximum likelihood.
    pub likelihood: Pareto,
    /// By probability-weighted moments.
    pub moments: Pareto,
    /// 95 % interval of the shape by maximum likelihood, (1 + ξ) / √n on either side; for independent pairs.
    pub shape_interval: Interval,
}

impl Tail {
    /// From the highest `count` of `impostor_pairs` scores: `falling` begins with them and has at least one more. `None`
    /// where all of them are equal.
    #[must_use]
    pub fn fit(falling: &[f64], count: usize, impostor_pairs: usize) -> Option<Self> {
        let threshold = *falling.get(count)?;
        let excesses: Vec<f64> = falling[..count].iter().map(|score| score - threshold).collect();
        let (likelihood, moments) = (maximum_likelihood(&excesses)?, weighted_moments(&excesses)?);
        let half = Z * (1.0 + likelihood.shape) / (count as f64).sqrt();
        Some(Self {
            threshold,
            scores: count,
            log10_share: (count as f64 / impostor_pairs as f64).log10(),
            likelihood,
            moments,
            shape_interval: Interval {
                low: likelihood.shape - half,
                high: likelihood.shape + half,
            },
        })
    }

    /// log10 of the false match rate at a score above the threshold, by the fitted tail; −∞ where it has ended.
    #[must_use]
    pub fn log10_fmr(&self, score: f64) -> f64 {
        self.log10_share + self.likelihood.log10_survival(score - self.threshold)
    }
}

impl Pareto {
    /// log10 P(excess > x); −∞ beyond the end of a tail with a negative shape.
    #[must_use]
    pub fn log10_survival(self, excess: f64) -> f64 {
        /// Nearer to 0 than this, rounding would spoil the general formula.
        const EXPONENTIAL: f64 = 1e-9;
        let position = excess / self.scale;
        let log = if self.shape.abs() < EXPONENTIAL {
            -position
        } else {
            -(self.shape * position).max(-1.0).ln_1p() / self.shape
        };
        log / std::f64::consts::LN_10
    }
}

/// By the profile likelihood of τ = ξ / σ (Davison 1984): for a given τ, ξ is the mean of ln(1 + τ x). `None` where there is
/// no positive excess.
#[must_use]
pub fn maximum_likelihood(excesses: &[f64]) -> Option<Pareto> {
    let n = excesses.len() as f64;
    let mean = excesses.iter().sum::<f64>() / n;
    let highest = excesses.iter().copied().fold(0.0, f64::max);
    if excesses.is_empty() || highest.is_nan() || highest <= 0.0 {
        return None;
    }
    // τ · highest from nearly −1, in steps that are fine near 0 and near −1, to shapes that no scores have.
    let ratio = |step: f64| step.exp() - 1.0;
    let (from, to) = (-8.0, 8.0);
    let at = |step: f64| pareto(ratio(step) / highest, mean, excesses);
    let value = |step: f64| {
        let Pareto { shape, scale } = at(step);
        if shape < LOWEST_SHAPE {
            f64::NEG_INFINITY
        } else {
            -(scale.ln() + shape)
        }
    };
    let width = (to - from) / f64::from(GRID);
    let best = (0..=GRID)
        .map(|i| from + f64::from(i) * width)
        .max_by(|a, b| value(*a).total_cmp(&value(*b)))?;
    let (mut low, mut high) = (best - width, best + width);
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..REFINEMENTS {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if value(a) < value(b) {
            low = a;
        } else {
            high = b;
        }
    }
    Some(at(f64::midpoint(low, high)))
}

/// The likeliest distribution for a given τ.
fn pareto(tau: f64, mean: f64, excesses: &[f64]) -> Pareto {
    let shape = excesses.iter().map(|x| (tau * x).ln_1p()).sum::<f64>() / excesses.len() as f64;
    // At τ = 0 the exponential distribution, whose scale is the mean.
    let scale = if (tau * mean).abs() < 1e-9 {
        mean
    } else {
        shape / tau
    };
    Pareto { shape, scale }
}

/// By probability-weighted moments, with plotting positions (i − 0.35) / n. `None` where all excesses are equal.
#[must_use]
pub fn weighted_moments(excesses: &[f64]) -> Option<Pareto> {
    let n = excesses.len() as f64;
    let mut rising = excesses.to_vec();
    rising.sort_by(f64::total_cmp);
    let mean = rising.iter().sum::<f64>() / n;
    let weighted = rising
        .iter()
        .enumerate()
        .map(|(i, x)| (1.0 - (i as f64 + 0.65) / n) * x)
        .sum::<f64>()
        / n;
    let difference = mean - 2.0 * weighted;
    (difference > 0.0).then(|| Pareto {
        shape: 2.0 - mean / difference,
        scale: 2.0 * mean * weighted / difference,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Excesses of a known distribution at its exact quantiles.
    fn quantiles(shape: f64, scale: f64, n: u32) -> Vec<f64> {
        (0..n)
            .map(|i| {
                let survival = (f64::from(i) + 0.5) / f64::from(n);
                if shape.abs() < 1e-12 {
                    -scale * survival.ln()
                } else {
                    scale * (survival.powf(-shape) - 1.0) / shape
                }
            })
            .collect()
    }

    #[test]
    fn known_tails_are_recovered() {
        for shape in [-0.3, -0.1, 0.0, 0.1, 0.3] {
            let excesses = quantiles(shape, 0.05, 5_000);
            for found in [maximum_likelihood(&excesses), weighted_moments(&excesses)] {
                let found = found.unwrap();
                assert!((found.shape - shape).abs() < 0.02, "{shape}: {found:?}");
                assert!((found.scale - 0.05).abs() < 0.001, "{shape}: {found:?}");
            }
        }
    }

    #[test]
    fn a_tail_that_ends_lets_nobody_beyond() {
        let tail = Pareto {
            shape: -0.25,
            scale: 0.1,
        };
        assert!(tail.log10_survival(0.4) == f64::NEG_INFINITY);
        assert!((tail.log10_survival(0.2) - 4.0 * 0.5f64.log10()).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_have_no_tail() {
        assert_eq!(Tail::fit(&[0.5; 40], 30, 4000), None);
        assert_eq!(Tail::fit(&[0.5; 30], 30, 4000), None, "one more is needed");
        assert_eq!(maximum_likelihood(&[]), None);
    }

    proptest! {
        #[test]
        fn any_excesses_give_numbers(excesses in prop::collection::vec(0.0f64..1.0, 2..60)) {
            for found in [maximum_likelihood(&excesses), weighted_moments(&excesses)].into_iter().flatten() {
                prop_assert!(found.shape.is_finite() && found.scale.is_finite() && found.scale >= 0.0);
            }
        }
    }
}
