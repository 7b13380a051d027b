//! The states that an execution entered, one row each: when, for how long, and what went in and out.

use std::fmt;

use jiff::Timestamp;

use super::escape::Escaped;
use super::json::{self, Pretty};
use super::time::{Milliseconds, between};
use super::trace::{Fate, Trace, Visit};

/// More than this of values would make the page too slow for a phone.
const MAX_BYTES: usize = 2 << 20;

/// The rows of all visits.
pub(super) struct Rows<'a> {
    pub(super) trace: &'a Trace,
    pub(super) started: Timestamp,
    /// The end, or the present.
    pub(super) until: Timestamp,
}

impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "<div class=\"rows\">\n<div class=\"row titles\" aria-hidden=\"true\"><span>#</span><span>State</span>\
             <span>When</span><span>From</span><span>Duration</span></div>\n<ol>\n",
        )?;
        let mut bytes = 0;
        let mut left_out = 0;
        for (index, visit) in self.trace.visits.iter().enumerate() {
            if visit.input.is_none() {
                left_out += 1;
                continue;
            }
            if left_out > 0 {
                writeln!(f, "<li class=\"gap\">{left_out} states are not shown here</li>")?;
                left_out = 0;
            }
            let values = [&visit.input, &visit.output];
            bytes += values.into_iter().flatten().map(Pretty::bytes).sum::<usize>();
            self.row(f, index, visit, bytes <= MAX_BYTES)?;
        }
        f.write_str("</ol>\n</div>\n")
    }
}

impl Rows<'_> {
    fn row(&self, f: &mut fmt::Formatter<'_>, index: usize, visit: &Visit, with_values: bool) -> fmt::Result {
        let number = index + 1;
        let class = visit.fate.class();
        let left = visit.left.unwrap_or(self.until);
        write!(
            f,
            "<li id=\"v{number}\" class=\"depth-{}\"><details><summary class=\"row {class}\"><span class=\"number\">{number}</span>\
             <span class=\"which\"><span class=\"dot\"></span><span class=\"name\">{}</span>",
            visit.depth.min(4),
            Escaped(&visit.state)
        )?;
        Self::tags(f, visit)?;
        writeln!(
            f,
            "</span>{}<span class=\"from\">+{}</span><span class=\"took\">{}</span></summary>",
            Bar {
                within: (self.started, self.until),
                of: (visit.entered, left)
            },
            Milliseconds(between(self.started, visit.entered)),
            Milliseconds(between(visit.entered, left)),
        )?;
        f.write_str("<div class=\"inside\">")?;
        failures(f, visit)?;
        if with_values {
            values(f, visit)?;
        } else {
            f.write_str("<p class=\"note\">The values before this one have filled the page.</p>")?;
        }
        f.write_str("</div></details></li>\n")
    }

    fn tags(f: &mut fmt::Formatter<'_>, visit: &Visit) -> fmt::Result {
        write!(f, "<span class=\"tag\">{}</span>", Escaped(&visit.kind))?;
        if let Some(item) = visit.item {
            write!(f, "<span class=\"tag\">item {item}</span>")?;
        }
        if visit.attempts > 1 {
            write!(f, "<span class=\"tag\">{} attempts</span>", visit.attempts)?;
        }
        match visit.fate {
            Fate::Succeeded => f.write_str("<span class=\"hidden\">succeeded</span>"),
            Fate::Running if visit.submitted => {
                f.write_str("<span class=\"tag fate\">waits for an answer</span>")
            }
            fate => write!(f, "<span class=\"tag fate\">{}</span>", fate.word()),
        }
    }
}

fn failures(f: &mut fmt::Formatter<'_>, visit: &Visit) -> fmt::Result {
    for (index, failed) in visit.failures.iter().enumerate() {
        f.write_str("<div class=\"failure\">")?;
        if visit.failures.len() > 1 || visit.attempts > 1 {
            write!(f, "<span class=\"tag\">attempt {}</span>", index + 1)?;
        }
        write!(
            f,
            "{}</div>",
            Failure {
                error: &failed.error,
                cause: &failed.cause
            }
        )?;
    }
    Ok(())
}

fn values(f: &mut fmt::Formatter<'_>, visit: &Visit) -> fmt::Result {
    for (title, value) in [("Input", &visit.input), ("Output", &visit.output)] {
        if let Some(value) = value {
            write!(f, "<section><h3>{title}</h3>{value}</section>")?;
        }
    }
    Ok(())
}

/// An error and its cause.
pub(super) struct Failure<'a> {
    pub(super) error: &'a str,
    pub(super) cause: &'a str,
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<strong>{}</strong>", Escaped(&json::text(self.error)))?;
        match Pretty::of_text(self.cause) {
            Some(pretty) => write!(f, "{pretty}"),
            None if self.cause.is_empty() => Ok(()),
            None => write!(f, "<p>{}</p>", Escaped(&json::text(self.cause))),
        }
    }
}

/// When a state was active, within the time of the whole execution. A picture, because styles may not stand in the page.
struct Bar {
    within: (Timestamp, Timestamp),
    of: (Timestamp, Timestamp),
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: f64 = 1000.0;
        /// What is shorter would not be seen.
        const LEAST: f64 = 8.0;
        let whole = between(self.within.0, self.within.1).as_secs_f64().max(1e-6);
        let share = |moment| (between(self.within.0, moment).as_secs_f64() / whole).min(1.0) * WIDTH;
        let from = share(self.of.0).min(WIDTH - LEAST);
        let width = (share(self.of.1) - from).max(LEAST);
        write!(
            f,
            "<svg class=\"bar\" viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"rail\" width=\"1000\" height=\"8\"/><rect x=\"{from:.0}\" width=\"{width:.0}\" height=\"8\"/></svg>"
        )
    }
}
