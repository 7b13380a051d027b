//! How large a payload is as JSON, without writing it.

use serde_json::Value;

/// The length of the compact JSON text in bytes, but for escapes: near enough for a limit, and cheap, because the length
/// of a text is known.
pub(super) fn size_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.as_u64().map_or(20, |number| {
            number.checked_ilog10().map_or(1, |digits| digits as usize + 1)
        }),
        Value::String(text) => text.len() + 2,
        Value::Array(values) => values.iter().map(|value| size_bytes(value) + 1).sum::<usize>() + 2,
        Value::Object(members) => {
            let each = |(name, value): (&String, &Value)| name.len() + 4 + size_bytes(value);
            members.iter().map(each).sum::<usize>() + 2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_the_length_of_the_text() {
        let value = serde_json::json!({"a": [1, 22, true, false, null], "bild": "x".repeat(1000), "c": {}});
        let text = value.to_string().len();
        let size = size_bytes(&value);
        assert!(size >= text && size <= text + 16, "{size} {text}");
    }
}
