//! Progress on standard error: a bar on a terminal, a plain line now and then elsewhere. Never on standard output.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::talk;

/// Often enough to see that something happens, seldom enough for a log.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// The unit that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Images, pairs, rounds.
    Items,
    /// Bytes of a download.
    Bytes,
}

/// The progress of one piece of work; may be told from several threads.
pub(crate) struct Progress {
    label: String,
    unit: Unit,
    bar: Option<ProgressBar>,
    plain: Mutex<Plain>,
}

struct Plain {
    done: u64,
    total: u64,
    told: Instant,
}

impl Progress {
    /// Starts; `total` 0 means that nobody knows.
    pub(crate) fn start(label: impl Into<String>, unit: Unit, total: u64) -> Self {
        let label = label.into();
        let bar = std::io::stderr().is_terminal().then(|| bar(&label, unit, total));
        if bar.is_none() {
            talk(format_args!("{label} …"));
        }
        Self {
            label,
            unit,
            bar,
            plain: Mutex::new(Plain {
                done: 0,
                total,
                told: Instant::now(),
            }),
        }
    }

    /// `count` more are done.
    pub(crate) fn advance(&self, count: u64) {
        if let Some(bar) = &self.bar {
            return bar.inc(count);
        }
        let mut plain = self
            .plain
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        plain.done += count;
        if plain.told.elapsed() >= LINE_INTERVAL {
            plain.told = Instant::now();
            talk(format_args!(
                "{}: {}",
                self.label,
                amount(self.unit, plain.done, plain.total)
            ));
        }
    }

    /// Ends; the bar goes, so that it does not stand between the lines of a result.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(label: &str, unit: Unit, total: u64) -> ProgressBar {
    let template = match unit {
        Unit::Items => "{msg} [{bar:30}] {pos}/{len} {eta}",
        Unit::Bytes => "{msg} [{bar:30}] {bytes}/{total_bytes} {eta}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    bar.with_style(style.progress_chars("=> "))
        .with_message(label.to_owned())
}

fn amount(unit: Unit, done: u64, total: u64) -> String {
    let number = |value: u64| match unit {
        Unit::Items => value.to_string(),
        Unit::Bytes => format!("{:.1} MB", value as f64 / 1e6),
    };
    if total == 0 {
        return number(done);
    }
    format!("{} of {} ({} %)", number(done), number(total), done * 100 / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_how_much() {
        assert_eq!(amount(Unit::Items, 5, 20), "5 of 20 (25 %)");
        assert_eq!(amount(Unit::Bytes, 1_500_000, 0), "1.5 MB");
    }
}
