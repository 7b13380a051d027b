//! Scales, and where their ticks are.

use crate::normal::quantile;

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

/// A scale from rates to 0–1 along the axis, and where its ticks are.
pub(super) struct Axis {
    pub(super) label: &'static str,
    pub(super) scale: fn(f64) -> f64,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) ticks: Vec<(f64, String)>,
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

    pub(super) fn deviates(label: &'static str, from: f64, to: f64) -> Self {
        let mut axis = Self::new(label, quantile, from, to);
        let inside = |rate: f64| rate >= from * 0.999 && rate <= to * 1.001;
        axis.ticks = DET_TICKS
            .iter()
            .filter(|t| inside(t.0))
            .map(|t| (t.0, t.1.to_owned()))
            .collect();
        axis
    }

    pub(super) fn decades(label: &'static str, from_exponent: i32) -> Self {
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
    pub(super) fn linear(label: &'static str, from: f64) -> Self {
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

    /// Any range of numbers, with steps of 1, 2 or 5 times a power of ten.
    pub(super) fn even(label: &'static str, from: f64, to: f64, text: fn(f64) -> String) -> Self {
        /// About as many ticks fit.
        const TICKS: f64 = 10.0;
        let mut axis = Self::new(label, |value| value, from, to);
        let decade = 10f64.powf(((to - from) / TICKS).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * decade)
            .into_iter()
            .find(|step| (to - from) / step < TICKS + 0.5)
            .unwrap_or(10.0 * decade);
        let (first, last) = (
            (from / step - 1e-9).ceil() as i64,
            (to / step + 1e-9).floor() as i64,
        );
        axis.ticks = (first..=last)
            .map(|i| i as f64 * step)
            .map(|value| (value, text(value)))
            .collect();
        axis
    }

    /// 0 at the start of the axis, 1 at its end; rates beyond them stay at the border.
    pub(super) fn place(&self, rate: f64) -> f64 {
        (((self.scale)(rate) - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// "0.01 %": as many digits as the rate needs, at most four.
pub(super) fn percent(rate: f64) -> String {
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
