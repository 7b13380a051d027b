//! Numbers that compare exactly, timestamps as the language defines them, and patterns with `*`. It never looks at a
//! rule.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Number;

/// The order of two numbers, exact also where a float cannot hold a whole number (2⁵³+1).
pub(crate) fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (Some(left), None) => compare_to_float(left, right.as_f64()?),
        (None, Some(right)) => compare_to_float(right, left.as_f64()?).map(Ordering::reverse),
        (None, None) => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}

/// A whole number of at most 65 bits with any float.
fn compare_to_float(whole: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Saturates far beyond 65 bits, so that floats outside of them stay outside.
    let (floor, fraction) = (float.floor() as i128, float - float.floor());
    Some(whole.cmp(&floor).then(if fraction > 0.0 {
        Ordering::Less
    } else {
        Ordering::Equal
    }))
}

/// A timestamp of RFC 3339 with an uppercase `T`, and `Z` if there is no offset
/// (<https://states-language.net/spec.html#timestamps>). `jiff` by itself accepts more.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let (shape, zone) = text.split_at_checked("2016-08-18T17:33:00".len())?;
    if !has_shape(shape, "dddd-dd-ddTdd:dd:dd") {
        return None;
    }
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|next: char| next.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => zone,
    };
    if zone != "Z" && !has_shape(zone, "+dd:dd") && !has_shape(zone, "-dd:dd") {
        return None;
    }
    text.parse().ok()
}

/// Whether a text is the given one, with a digit for each `d`.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, wanted)| match wanted {
                b'd' => byte.is_ascii_digit(),
                _ => byte == wanted,
            })
}

/// What `StringMatches` looks for: texts with anything between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    first: String,
    /// After each `*`.
    others: Vec<String>,
}

impl Pattern {
    /// Reads a pattern: `*` is any characters, `\*` a star and `\\` a backslash. A backslash before anything else is an
    /// error, as the [specification](https://states-language.net/spec.html#choice-state) has it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut pieces = vec![String::new()];
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            let literal = match next {
                '*' => {
                    pieces.push(String::new());
                    continue;
                }
                '\\' => rest.next().filter(|escaped| matches!(escaped, '*' | '\\'))?,
                other => other,
            };
            pieces.last_mut()?.push(literal);
        }
        let mut pieces = pieces.into_iter();
        Some(Self {
            first: pieces.next()?,
            others: pieces.collect(),
        })
    }

    /// Each piece is searched once, after the one before: the first place is as good as any later one.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((last, between)) = self.others.split_last() else {
            return text == self.first;
        };
        let Some(mut rest) = text.strip_prefix(self.first.as_str()) else {
            return false;
        };
        for piece in between {
            match rest.split_once(piece.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}
