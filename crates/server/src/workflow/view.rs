//! What may be kept and shown of the data of an execution: everything but pictures. A history that held the photos of
//! everyone who ever logged in would be a second, forgotten gallery.

use serde_json::Value;

/// How the base64 text of a picture begins: JPEG, PNG, WebP, TIFF (both byte orders), GIF, PDF.
const PICTURES: [(&str, &str); 7] = [
    ("/9j/", "image/jpeg"),
    ("iVBORw0KGgo", "image/png"),
    ("UklGR", "image/webp"),
    ("SUkq", "image/tiff"),
    ("TU0AK", "image/tiff"),
    ("R0lGOD", "image/gif"),
    ("JVBERi", "application/pdf"),
];
/// Texts longer than this are looked at more closely: no name or address is as long, and every picture is longer.
const LONG_BYTES: usize = 512;
/// How much of a long text must be base64 for it to be left out although it begins like no picture.
const LOOKED_AT_BYTES: usize = 256;

/// The value with every picture replaced by a note of what it was.
pub(crate) fn view(value: &Value) -> Value {
    match value {
        Value::String(text) => match elided(text) {
            Some(note) => Value::String(note),
            None => value.clone(),
        },
        Value::Array(values) => Value::Array(values.iter().map(view).collect()),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), view(value)))
            .collect(),
        _ => value.clone(),
    }
}

/// What stands for a text that is left out.
fn elided(text: &str) -> Option<String> {
    if text.len() <= LONG_BYTES {
        return None;
    }
    let data = match text.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("data:") => {
            text.split_once(',').map_or(text, |(_, data)| data)
        }
        _ => text,
    };
    let known = PICTURES.iter().find(|(start, _)| data.starts_with(start));
    let kind = match known {
        Some((_, kind)) => kind,
        None if is_base64(data) => "base64",
        None => return None,
    };
    Some(format!("[{kind}, {} bytes, not kept]", data.len() / 4 * 3))
}

/// Whether a text has no space and no other character that base64 does not have, as far as is looked.
fn is_base64(text: &str) -> bool {
    text.bytes()
        .take(LOOKED_AT_BYTES)
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pictures_are_left_out_wherever_they_are() {
        let photo = format!("/9j/{}", "A".repeat(1000));
        let address = format!("data:image/png;base64,iVBORw0KGgo{}", "B".repeat(1000));
        let seen = view(&json!({
            "UserId": "ada", "Image": photo, "Nested": [{"Bytes": address}], "Other": "c".repeat(600), "Count": 7,
        }));
        assert_eq!(
            seen,
            json!({
                "UserId": "ada",
                "Image": "[image/jpeg, 753 bytes, not kept]",
                "Nested": [{"Bytes": "[image/png, 756 bytes, not kept]"}],
                "Other": "[base64, 450 bytes, not kept]",
                "Count": 7,
            })
        );
    }

    #[test]
    fn texts_stay() {
        let text = "A sentence with spaces. ".repeat(100);
        for value in [json!(text), json!("/9j/"), json!(null), json!({"a": [true]})] {
            assert_eq!(view(&value), value);
        }
    }
}
