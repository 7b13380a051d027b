//! Reading the parameters of actions, with messages for who writes definitions.

use selfsame_store::{DuplicatePolicy, MAX_PROPERTIES_BYTES, Properties};
use selfsame_types::{Seq, UserId};
use selfsame_workflow::Failure;
use serde_json::{Value, json};

use crate::workflow::workers::INVALID_PARAMETERS;

/// `Image`: a photo in base64.
pub(super) fn image(parameters: &Value) -> Result<&str, Failure> {
    let text = parameters.get("Image").and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| invalid("Image must be a photo in base64."))
}

/// `IdCard`: a picture of an identity document in base64.
pub(super) fn card(parameters: &Value) -> Result<&str, Failure> {
    let text = parameters.get("IdCard").and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| invalid("IdCard must be a picture of an identity document in base64."))
}

/// `IdCard`, where there may be none.
pub(super) fn optional_card(parameters: &Value) -> Result<Option<&str>, Failure> {
    match parameters.get("IdCard") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => card(parameters).map(Some),
    }
}

/// `UserId`
pub(super) fn user(parameters: &Value) -> Result<UserId, Failure> {
    optional_user(parameters, "UserId")?.ok_or_else(|| invalid("UserId is missing."))
}

/// A member that may name a user.
pub(super) fn optional_user(parameters: &Value, name: &str) -> Result<Option<UserId>, Failure> {
    match parameters.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => UserId::new(text.as_str())
            .map(Some)
            .map_err(|error| invalid(&format!("{name}: {error}."))),
        Some(_) => Err(invalid(&format!("{name} must be a string."))),
    }
}

/// `Properties`: what to keep with a user.
pub(super) fn properties(parameters: &Value) -> Result<Option<Properties>, Failure> {
    match parameters.get("Properties") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(properties)) => {
            let size_bytes = serde_json::to_vec(properties).map_or(usize::MAX, |text| text.len());
            if size_bytes > MAX_PROPERTIES_BYTES {
                return Err(invalid(&format!(
                    "Properties take {size_bytes} bytes as JSON; at most {MAX_PROPERTIES_BYTES} are kept."
                )));
            }
            Ok(Some(properties.clone()))
        }
        Some(_) => Err(invalid("Properties must be an object.")),
    }
}

/// `Search`: what `searchFaces` gave; without it, nothing counts as the same face.
pub(super) fn policy(parameters: &Value) -> Result<Option<DuplicatePolicy>, Failure> {
    let Some(search) = parameters.get("Search").filter(|search| !search.is_null()) else {
        return Ok(None);
    };
    let through = search.get("CheckedThrough").and_then(Value::as_u64);
    let cosine = search.get("MinCosine").and_then(Value::as_f64);
    match (through, cosine) {
        (Some(through), Some(cosine)) => Ok(Some(DuplicatePolicy {
            checked_through: Seq(through),
            min_cosine: cosine as f32,
        })),
        _ => Err(invalid("Search must be the result of selfsame:searchFaces.")),
    }
}

/// The other way round.
pub(super) fn search(policy: DuplicatePolicy, is_duplicate: bool) -> Value {
    json!({
        "IsDuplicate": is_duplicate,
        "CheckedThrough": policy.checked_through.0,
        "MinCosine": f64::from(policy.min_cosine),
    })
}

fn invalid(message: &str) -> Failure {
    Failure::new(INVALID_PARAMETERS, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_comes_back_as_it_was() {
        let policy = DuplicatePolicy {
            checked_through: Seq(17),
            min_cosine: 0.466_123,
        };
        let parameters = json!({ "Search": search(policy, false) });
        assert_eq!(super::policy(&parameters), Ok(Some(policy)));
        assert_eq!(super::policy(&json!({})), Ok(None));
        assert!(super::policy(&json!({"Search": {"IsDuplicate": false}})).is_err());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (result, expected) in [
            (image(&json!({})).map(|_| ()), "Image must be"),
            (card(&json!({"IdCard": ""})).map(|_| ()), "IdCard must be"),
            (optional_card(&json!({"IdCard": 7})).map(|_| ()), "IdCard must be"),
            (user(&json!({})).map(|_| ()), "UserId is missing"),
            (user(&json!({"UserId": "o'brien"})).map(|_| ()), "UserId: "),
            (user(&json!({"UserId": 7})).map(|_| ()), "must be a string"),
            (
                properties(&json!({"Properties": []})).map(|_| ()),
                "must be an object",
            ),
        ] {
            let failure = result.unwrap_err();
            assert!(failure.cause.contains(expected), "{failure}");
            assert_eq!(failure.error, INVALID_PARAMETERS);
        }
    }
}
