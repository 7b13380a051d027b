//! Moments and time spans as people read them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// A moment, to the millisecond, in UTC.
pub(super) struct Moment(pub(super) Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<time datetime=\"{}\">{}</time>",
            self.0,
            self.0.strftime("%Y-%m-%d %H:%M:%S%.3f")
        )
    }
}

/// The time between two moments; never negative, whatever the clock did.
pub(super) fn between(from: Timestamp, to: Timestamp) -> SignedDuration {
    to.duration_since(from).max(SignedDuration::ZERO)
}

/// From here on milliseconds are too many digits for a column.
const LONG_SECONDS: i64 = 100;

/// A time span in milliseconds; in whatever fits if it is long.
pub(super) struct Milliseconds(pub(super) SignedDuration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_secs() >= LONG_SECONDS {
            return Span(self.0).fmt(f);
        }
        let micros = self.0.as_micros();
        if micros < 10_000 {
            return write!(f, "{}.{} ms", micros / 1000, micros / 100 % 10);
        }
        let digits = ((micros + 500) / 1000).to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                // A narrow space that does not break.
                f.write_str("\u{202f}")?;
            }
            write!(f, "{digit}")?;
        }
        f.write_str(" ms")
    }
}

/// A time span in whatever fits.
pub(super) struct Span(pub(super) SignedDuration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0 => Milliseconds(self.0).fmt(f),
            1..60 => write!(f, "{:.2} s", self.0.as_secs_f64()),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            3600..86_400 => write!(f, "{} h {} min", seconds / 3600, seconds / 60 % 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds / 3600 % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        for (micros, milliseconds, span) in [
            (0, "0.0 ms", "0.0 ms"),
            (4_260, "4.2 ms", "4.2 ms"),
            (12_700, "13 ms", "13 ms"),
            (1_234_000, "1\u{202f}234 ms", "1.23 s"),
            (61_000_000, "61\u{202f}000 ms", "1 min 1 s"),
            (99_999_000, "99\u{202f}999 ms", "1 min 39 s"),
            (100_000_000, "1 min 40 s", "1 min 40 s"),
            (7_320_000_000, "2 h 2 min", "2 h 2 min"),
            (90_000_000_000, "1 d 1 h", "1 d 1 h"),
        ] {
            let duration = SignedDuration::from_micros(micros);
            assert_eq!(Milliseconds(duration).to_string(), milliseconds);
            assert_eq!(Span(duration).to_string(), span);
        }
    }

    #[test]
    fn moments_are_utc() {
        let moment: Timestamp = "2026-11-23T11:15:00.0425+01:00".parse().unwrap();
        assert_eq!(
            Moment(moment).to_string(),
            "<time datetime=\"2026-11-23T10:15:00.0425Z\">2026-11-23 10:15:00.042</time>"
        );
    }
}
