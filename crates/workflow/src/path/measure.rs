//! How large and how deep a value may become while it is put together: hostile definitions must not fill the memory
//! or the stack. It never measures exactly, and the limit of a payload is the interpreter's business.

use serde_json::Value;

use crate::failure::{DATA_LIMIT, Failure};

/// How deep a result may nest. `serde_json` parses 128 levels, and an execution wraps its data in a few of its own.
pub(crate) const MAX_DEPTH: usize = 100;
/// How much one expression or template may gather: as much as a payload may have (photos travel in ours), and once more
/// what is made of it.
pub(crate) const MAX_SIZE_BYTES: usize = 48 << 20;

/// How many values the paths of one expression or template may look at. A payload of 256 KiB holds at most 131 072 (an
/// array of digits), and this many take some ten milliseconds.
const MAX_VISITS: usize = 1_000_000;

/// What is left of [`MAX_VISITS`] and [`MAX_SIZE_BYTES`].
#[derive(Debug)]
pub(crate) struct Budget {
    visits: usize,
    bytes: usize,
}

impl Budget {
    pub(crate) const fn new() -> Self {
        Self {
            visits: MAX_VISITS,
            bytes: MAX_SIZE_BYTES,
        }
    }

    /// Looks at one more value, or fails.
    pub(super) fn visit(&mut self) -> Result<(), Failure> {
        self.visits = self.visits.checked_sub(1).ok_or_else(|| {
            Failure::new(
                DATA_LIMIT,
                format!("Paths look at more than {MAX_VISITS} values; use fewer `..`, wildcards and filters"),
            )
        })?;
        Ok(())
    }

    /// Looks at a value and everything in it, as a comparison may do, or fails.
    pub(super) fn visit_all(&mut self, value: &Value) -> Result<(), Failure> {
        /// Comparing so much of two strings takes about as long as a step to another value.
        const BYTES_PER_VISIT: usize = 64;
        let mut waiting = vec![value];
        while let Some(next) = waiting.pop() {
            self.visit()?;
            match next {
                Value::Array(elements) => waiting.extend(elements),
                Value::Object(members) => waiting.extend(members.values()),
                Value::String(text) => (0..text.len() / BYTES_PER_VISIT).try_for_each(|_| self.visit())?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds `value` to what is put together, or fails.
    pub(crate) fn gather(&mut self, value: &Value) -> Result<(), Failure> {
        let size = size_bytes(value, self.bytes);
        self.bytes = size
            .and_then(|size| self.bytes.checked_sub(size))
            .ok_or_else(|| {
                Failure::new(
                    DATA_LIMIT,
                    format!("An expression gathers more than {MAX_SIZE_BYTES} bytes; select less"),
                )
            })?;
        Ok(())
    }
}

/// Fails if a value nests deeper than `limit`.
pub(crate) fn check_depth(value: &Value, limit: usize) -> Result<(), Failure> {
    if is_deeper(value, limit) {
        return Err(Failure::new(
            DATA_LIMIT,
            format!("The result nests deeper than {MAX_DEPTH} levels; flatten it"),
        ));
    }
    Ok(())
}

/// Recurses at most `limit` times.
fn is_deeper(value: &Value, limit: usize) -> bool {
    match value {
        Value::Array(elements) => limit == 0 || elements.iter().any(|element| is_deeper(element, limit - 1)),
        Value::Object(members) => limit == 0 || members.values().any(|member| is_deeper(member, limit - 1)),
        _ => false,
    }
}

/// About the length of the value as JSON, or nothing if that is more than `limit`.
fn size_bytes(value: &Value, limit: usize) -> Option<usize> {
    let mut total = 0_usize;
    // A stack of its own, as the value may be as deep as whoever made it liked.
    let mut waiting = vec![value];
    while let Some(next) = waiting.pop() {
        total += match next {
            Value::Null | Value::Bool(_) => 4,
            Value::Number(_) => 8,
            Value::String(text) => text.len() + 2,
            Value::Array(elements) => {
                waiting.extend(elements);
                elements.len() + 2
            }
            Value::Object(members) => {
                waiting.extend(members.values());
                members.keys().map(|key| key.len() + 4).sum::<usize>() + 2
            }
        };
        if total > limit {
            return None;
        }
    }
    Some(total)
}
