//! How far a measured rate may be from the true one.

use serde::{Deserialize, Serialize};

/// A 95 % confidence interval of a rate.
///
/// It takes the pairs for independent. They are not where photos or people occur in several pairs, as in most lists: the
/// true uncertainty is larger then (ISO/IEC 19795-1 asks for resampling by person to estimate it).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 97.5 % quantile of the normal distribution: 2.5 % lie on either side of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's score interval for `errors` in `trials` (Wilson, *JASA* 22, 1927), which stays sensible for rates near 0.
/// Without trials nothing is known: 0 to 1.
#[must_use]
pub fn wilson(errors: usize, trials: usize) -> Interval {
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let n = trials as f64;
    let rate = errors as f64 / n;
    let scale = 1.0 / (1.0 + Z * Z / n);
    let center = scale * (rate + Z * Z / (2.0 * n));
    let half = scale * Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
    let low = if errors == 0 {
        0.0
    } else {
        (center - half).max(0.0)
    };
    let high = if errors == trials {
        1.0
    } else {
        (center + half).min(1.0)
    };
    Interval { low, high }
}

/// What is known of a rate that no trial of `trials` showed: with 95 % it is below 3 in as many (the rule of three, ISO/IEC
/// 19795-1).
#[must_use]
pub fn rule_of_three(trials: usize) -> Interval {
    Interval {
        low: 0.0,
        high: (3.0 / trials.max(1) as f64).min(1.0),
    }
}
