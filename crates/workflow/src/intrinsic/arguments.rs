//! What intrinsic functions demand of their arguments, and what they say if they do not get it. Converts nothing but
//! numbers to whole numbers.

use serde_json::{Map, Number, Value};

use crate::path::kind;

/// `Base64Encode`, `Base64Decode` and `Hash` take no longer strings
/// ([documentation](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html)).
const MAX_CHARACTERS: usize = 10_000;

/// The arguments of a function that takes `N`.
pub(super) fn exactly<const N: usize>(arguments: Vec<Value>) -> Result<[Value; N], String> {
    arguments
        .try_into()
        .map_err(|arguments: Vec<Value>| format!("It takes {N} arguments, not {}", arguments.len()))
}

pub(super) fn array(value: Value, which: &str) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(elements) => Ok(elements),
        other => Err(unexpected(which, "an array", &other)),
    }
}

pub(super) fn object(value: Value, which: &str) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(unexpected(which, "an object", &other)),
    }
}

pub(super) fn text(value: Value, which: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(unexpected(which, "a string", &other)),
    }
}

/// A string that is not too long to hash or encode.
pub(super) fn short_text(value: Value, which: &str) -> Result<String, String> {
    let text = text(value, which)?;
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        return Err(format!(
            "The {which} must be a string of at most {MAX_CHARACTERS} characters"
        ));
    }
    Ok(text)
}

/// A whole number; others are rounded as AWS does (see [`round`]).
pub(super) fn integer(value: &Value, which: &str) -> Result<i64, String> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| round(number))
            .ok_or_else(|| format!("The {which} must fit in 64 bits, unlike {number}")),
        other => Err(unexpected(which, "a whole number", other)),
    }
}

/// Halves go up, to −1 from −1.5: so does Java, and `LocalStack`'s tests recorded it of AWS.
fn round(number: &Number) -> Option<i64> {
    // 2⁶³: the first number that does not fit. Not `i64::MAX as f64`, which is the same but looks as if it fitted.
    const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
    if number.is_u64() {
        return None;
    }
    let number = number.as_f64()?;
    let floor = number.floor();
    let rounded = if number - floor >= 0.5 { floor + 1.0 } else { floor };
    (-TOO_LARGE..TOO_LARGE)
        .contains(&rounded)
        .then_some(rounded as i64)
}

fn unexpected(which: &str, expected: &str, found: &Value) -> String {
    format!("The {which} must be {expected}, not {}", kind(found))
}
