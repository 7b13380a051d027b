//! The intrinsic functions of strings, encodings, hashes and JSON. They never look into a string but where they say so.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::arguments::{exactly, object, short_text, text};

/// `States.Format(template, value, …)` with a template that is not a literal.
pub(super) fn format(mut arguments: Vec<Value>) -> Result<Value, String> {
    if arguments.is_empty() {
        return Err("It takes at least 1 argument".to_owned());
    }
    let template = text(arguments.remove(0), "first argument")?;
    let pieces: Vec<&str> = template.split("{}").collect();
    fill(&pieces, &arguments)
}

/// Puts the values between the pieces of a template.
pub(super) fn fill(pieces: &[impl AsRef<str>], values: &[Value]) -> Result<Value, String> {
    let placeholders = pieces.len().saturating_sub(1);
    if placeholders != values.len() {
        return Err(format!(
            "The template has {placeholders} `{{}}`, but there are {} values for them",
            values.len()
        ));
    }
    let mut filled = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        filled.push_str(piece.as_ref());
        if let Some(value) = values.get(index) {
            show(value, &mut filled);
        }
    }
    Ok(Value::String(filled))
}

/// Strings as they are, and numbers, booleans and null as in JSON. The specification forbids arrays and objects, but
/// AWS writes them as Java does, `{Arg1=1, Arg2=[]}`: `LocalStack`'s tests recorded it. Recurses as deep as the value.
fn show(value: &Value, shown: &mut String) {
    match value {
        Value::String(text) => shown.push_str(text),
        Value::Array(elements) => {
            shown.push('[');
            for (index, element) in elements.iter().enumerate() {
                shown.push_str(if index == 0 { "" } else { ", " });
                show(element, shown);
            }
            shown.push(']');
        }
        Value::Object(members) => {
            shown.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                shown.push_str(if index == 0 { "" } else { ", " });
                shown.push_str(key);
                shown.push('=');
                show(member, shown);
            }
            shown.push('}');
        }
        other => shown.push_str(&other.to_string()),
    }
}

/// `States.StringSplit(string, delimiters)`: every character of `delimiters` separates, and empty parts are left out
/// (`LocalStack`'s tests recorded that of AWS).
pub(super) fn split(arguments: Vec<Value>) -> Result<Value, String> {
    let [whole, delimiters] = exactly(arguments)?;
    let whole = text(whole, "first argument")?;
    let delimiters = text(delimiters, "second argument")?;
    let delimiters: Vec<char> = delimiters.chars().collect();
    let parts = whole.split(delimiters.as_slice()).filter(|part| !part.is_empty());
    Ok(parts.map(Value::from).collect())
}

/// `States.StringToJson(string)`. A blank string is `null`: `LocalStack`'s tests recorded that of AWS.
pub(super) fn string_to_json(arguments: Vec<Value>) -> Result<Value, String> {
    let [json] = exactly(arguments)?;
    let json = text(json, "argument")?;
    if json.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&json).map_err(|reason| format!("The argument must be JSON, but {reason}"))
}

/// `States.JsonToString(value)`, without spaces.
pub(super) fn json_to_string(arguments: Vec<Value>) -> Result<Value, String> {
    let [value] = exactly(arguments)?;
    Ok(Value::String(value.to_string()))
}

/// `States.JsonMerge(object, object, false)`: the members of the second replace those of the first.
pub(super) fn json_merge(arguments: Vec<Value>) -> Result<Value, String> {
    let [first, second, deep] = exactly(arguments)?;
    let mut merged = object(first, "first argument")?;
    merged.extend(object(second, "second argument")?);
    if deep != Value::Bool(false) {
        return Err("The third argument must be false: only shallow merging is supported".to_owned());
    }
    Ok(Value::Object(merged))
}

/// `States.Base64Encode(string)`
pub(super) fn base64_encode(arguments: Vec<Value>) -> Result<Value, String> {
    let [data] = exactly(arguments)?;
    let data = short_text(data, "argument")?;
    Ok(Value::String(BASE64_STANDARD.encode(data)))
}

/// `States.Base64Decode(string)`. Line breaks are skipped, as MIME does.
pub(super) fn base64_decode(arguments: Vec<Value>) -> Result<Value, String> {
    let [encoded] = exactly(arguments)?;
    let mut encoded = short_text(encoded, "argument")?;
    encoded.retain(|next| !next.is_whitespace());
    let data = BASE64_STANDARD
        .decode(encoded)
        .map_err(|reason| format!("The argument must be Base64, but: {reason}"))?;
    String::from_utf8(data)
        .map(Value::String)
        .map_err(|_| "The argument must be the Base64 of a text in UTF-8".to_owned())
}

/// `States.Hash(string, algorithm)`, in hexadecimal.
pub(super) fn hash(arguments: Vec<Value>) -> Result<Value, String> {
    let [data, algorithm] = exactly(arguments)?;
    let data = short_text(data, "first argument")?;
    let digest = match text(algorithm, "algorithm")?.as_str() {
        "MD5" => hexadecimal::<Md5>(&data),
        "SHA-1" => hexadecimal::<Sha1>(&data),
        "SHA-256" => hexadecimal::<Sha256>(&data),
        "SHA-384" => hexadecimal::<Sha384>(&data),
        "SHA-512" => hexadecimal::<Sha512>(&data),
        other => {
            return Err(format!(
                "The algorithm must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512, not `{other}`"
            ));
        }
    };
    Ok(Value::String(digest))
}

fn hexadecimal<D: Digest>(data: &str) -> String {
    D::digest(data).iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
