//! The few numbers that a benchmark states.

use std::time::Duration;

use serde::Serialize;

/// Latency as it is reported everywhere: milliseconds, median and 99th percentile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Latency {
    /// Half of the values are below.
    pub(crate) median_ms: f64,
    /// 99 of 100 values are below.
    pub(crate) p99_ms: f64,
}

impl Latency {
    /// Of any number of durations; zeros where there is none.
    pub(crate) fn of(durations: &[Duration]) -> Self {
        let mut values_ms: Vec<f64> = durations.iter().map(|d| d.as_secs_f64() * 1e3).collect();
        values_ms.sort_by(f64::total_cmp);
        Self {
            median_ms: quantile(&values_ms, 0.5),
            p99_ms: quantile(&values_ms, 0.99),
        }
    }
}

/// The value at `fraction` (0–1) of ascending `sorted` values, by the nearest-rank method; 0 where there is none.
pub(crate) fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let rank = (fraction * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_rank() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert!((quantile(&values, 0.5) - 50.0).abs() < 1e-9);
        assert!((quantile(&values, 0.99) - 99.0).abs() < 1e-9);
        assert!((quantile(&[7.0], 0.99) - 7.0).abs() < 1e-9);
        assert!(quantile(&[], 0.5).abs() < 1e-9);
    }

    #[test]
    fn latency_is_in_milliseconds() {
        let latency = Latency::of(&[
            Duration::from_millis(3),
            Duration::from_millis(1),
            Duration::from_millis(2),
        ]);
        assert!((latency.median_ms - 2.0).abs() < 1e-9);
        assert!((latency.p99_ms - 3.0).abs() < 1e-9);
    }
}
