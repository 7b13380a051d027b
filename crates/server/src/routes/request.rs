//! Reading the bodies of requests, with messages that say what to change. Members that are not known are ignored, as
//! AWS does.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use selfsame_store::{MAX_PROPERTIES_BYTES, Properties};
use selfsame_types::UserId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use utoipa::ToSchema;

use crate::error::{Code, Error};

/// A person and a photo.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = FlowRequest)]
pub(super) struct FlowRequest {
    /// 1–128 letters, digits and `_.-:@+`; case matters.
    #[schema(value_type = String, required, example = "ada")]
    user_id: Option<Value>,
    /// The photo: a JPEG, PNG or WebP file in base64, perhaps as a `data:` URL.
    #[schema(value_type = String, required, format = Byte)]
    image: Option<Value>,
    /// What to keep with the person; at most 400 KB.
    #[schema(value_type = Option<Object>, example = json!({"name": "Ada O'Neill"}))]
    properties: Option<Value>,
    #[schema(ignore)]
    bucket: Option<Value>,
    #[schema(ignore)]
    name: Option<Value>,
}

/// What a flow is given.
pub(super) struct FlowInput {
    /// Who the caller says it is.
    pub(super) user: UserId,
    /// What to keep with them; `None` where the request has none.
    pub(super) properties: Option<Properties>,
    /// The photo, as it travels: base64, perhaps as a `data:` URL.
    pub(super) image: String,
    /// The identity document, likewise, where the flow wants one.
    pub(super) id_card: Option<String>,
}

/// The body of a flow.
pub(super) trait Submission: DeserializeOwned {
    /// What the flow is given, or what is wrong.
    fn input(self) -> Result<FlowInput, Error>;
}

/// A person, a photo and an identity document.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = IdCardRequest)]
pub(super) struct IdCardRequest {
    #[serde(flatten)]
    person: FlowRequest,
    /// A picture of the document's front: a JPEG, PNG, WebP, TIFF or PDF file in base64, perhaps as a `data:` URL.
    #[schema(value_type = String, required, format = Byte)]
    id_card: Option<Value>,
    #[schema(ignore)]
    id_card_name: Option<Value>,
}

/// A person and an identity document.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = ExtractRequest)]
pub(super) struct ExtractRequest {
    /// 1–128 letters, digits and `_.-:@+`; case matters.
    #[schema(value_type = String, required, example = "ada")]
    user_id: Option<Value>,
    /// A picture of the document's front: a JPEG, PNG, WebP, TIFF or PDF file in base64, perhaps as a `data:` URL.
    #[schema(value_type = String, required, format = Byte)]
    id_card: Option<Value>,
    /// What to lay under what is read; at most 400 KB.
    #[schema(value_type = Option<Object>)]
    properties: Option<Value>,
    #[schema(ignore)]
    image_name: Option<Value>,
}

/// What is extracted from.
pub(super) struct ExtractInput {
    /// Who the caller says it is.
    pub(super) user: UserId,
    /// What the caller knows already.
    pub(super) properties: Option<Properties>,
    /// The document, as it travels.
    pub(super) id_card: String,
}

/// A person.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = UserIdRequest)]
pub(super) struct UserIdRequest {
    /// 1–128 letters, digits and `_.-:@+`; case matters.
    #[schema(value_type = String, required, example = "ada")]
    user_id: Option<Value>,
}

/// The person in the path.
pub(super) struct UserPath(pub(super) UserId);

impl<S: Send + Sync> FromRequestParts<S> for UserPath {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::validation("The UserId in the path is not valid UTF-8."))?;
        user_id(Some(Value::String(id))).map(Self)
    }
}

/// Reads the JSON of a body. Texts of the parser are not passed on, because they repeat what was sent.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => Error::validation("The body must be a JSON object with each member once."),
        _ => Error::new(Code::Serialization).message(format!(
            "The body is not valid JSON (line {}, column {}).",
            error.line(),
            error.column()
        )),
    })
}

impl UserIdRequest {
    pub(super) fn user_id(self) -> Result<UserId, Error> {
        user_id(self.user_id)
    }
}

impl Submission for FlowRequest {
    fn input(self) -> Result<FlowInput, Error> {
        let user = user_id(self.user_id)?;
        let properties = properties(self.properties)?;
        let image = match self.image {
            Some(Value::String(text)) if !text.is_empty() => text,
            None | Some(Value::String(_)) if self.bucket.is_some() || self.name.is_some() => {
                return Err(Error::validation(
                    "Bucket and Name are not accepted: a stored photo proves nothing about who is there. Send the \
                     photo itself as Image (base64).",
                ));
            }
            None => return Err(Error::validation("Image is missing: send the photo in base64.")),
            Some(Value::String(_)) => {
                return Err(Error::validation("Image is empty: send the photo in base64."));
            }
            Some(_) => {
                return Err(Error::validation(
                    "Image must be a string: send the photo in base64.",
                ));
            }
        };
        Ok(FlowInput {
            user,
            properties,
            image,
            id_card: None,
        })
    }
}

impl Submission for IdCardRequest {
    fn input(self) -> Result<FlowInput, Error> {
        let id_card = card(self.id_card, self.id_card_name.is_some())?;
        Ok(FlowInput {
            id_card: Some(id_card),
            ..self.person.input()?
        })
    }
}

impl ExtractRequest {
    pub(super) fn input(self) -> Result<ExtractInput, Error> {
        Ok(ExtractInput {
            user: user_id(self.user_id)?,
            properties: properties(self.properties)?,
            id_card: card(self.id_card, self.image_name.is_some())?,
        })
    }
}

/// The text of an identity document; `named` if the request names a stored one.
fn card(value: Option<Value>, named: bool) -> Result<String, Error> {
    match value {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        None | Some(Value::String(_)) if named => Err(Error::validation(
            "A stored picture cannot be named: whoever may call this could read everybody's. Send the picture of the \
             document itself as IdCard (base64).",
        )),
        None => Err(Error::validation(
            "IdCard is missing: send a picture of the document in base64.",
        )),
        Some(Value::String(_)) => Err(Error::validation(
            "IdCard is empty: send a picture of the document in base64.",
        )),
        Some(_) => Err(Error::validation(
            "IdCard must be a string: send a picture of the document in base64.",
        )),
    }
}

fn user_id(value: Option<Value>) -> Result<UserId, Error> {
    match value {
        None => Err(Error::validation("UserId is missing.")),
        Some(Value::String(text)) => {
            UserId::new(text).map_err(|error| Error::validation(format!("{error}.")))
        }
        Some(_) => Err(Error::validation("UserId must be a string.")),
    }
}

fn properties(value: Option<Value>) -> Result<Option<Properties>, Error> {
    match value {
        None => Ok(None),
        Some(Value::Object(properties)) => {
            // The store checks again what is stored; here, before any inference is spent on it.
            let size_bytes = serde_json::to_vec(&properties).map_or(usize::MAX, |text| text.len());
            if size_bytes > MAX_PROPERTIES_BYTES {
                return Err(Error::validation(format!(
                    "Properties take {size_bytes} bytes as JSON; at most {MAX_PROPERTIES_BYTES} are kept."
                )));
            }
            Ok(Some(properties))
        }
        Some(_) => Err(Error::validation("Properties must be a JSON object.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(body: &Value) -> Result<FlowInput, String> {
        parse::<FlowRequest>(body.to_string().as_bytes())
            .and_then(FlowRequest::input)
            .map_err(|error| {
                serde_json::to_value(error.body(uuid::Uuid::nil())).unwrap()["Message"].to_string()
            })
    }

    #[test]
    fn what_is_right_is_read() {
        let input = input(&json!({
            "UserId": "Ada@example.org", "Image": "aGk=", "Properties": {"name": "O'Brien — 你好"}, "Extra": 1,
        }))
        .unwrap();
        assert_eq!(input.user.as_str(), "Ada@example.org");
        assert_eq!(input.properties.unwrap()["name"], "O'Brien — 你好");
        assert_eq!(input.image, "aGk=");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = "x".repeat(MAX_PROPERTIES_BYTES);
        for (body, expected) in [
            (json!({"Image": "aGk="}), "UserId is missing"),
            (json!({"UserId": null, "Image": "aGk="}), "UserId is missing"),
            (json!({"UserId": 7, "Image": "aGk="}), "UserId must be a string"),
            (
                json!({"UserId": "", "Image": "aGk="}),
                "UserId must have 1 to 128 characters, not 0",
            ),
            (json!({"UserId": "o'brien", "Image": "aGk="}), "not '\\\\''"),
            (json!({"UserId": "ada"}), "Image is missing"),
            (json!({"UserId": "ada", "Image": ""}), "Image is empty"),
            (
                json!({"UserId": "ada", "Image": {"Bytes": "x"}}),
                "Image must be a string",
            ),
            (
                json!({"UserId": "ada", "Bucket": "b", "Name": "n"}),
                "Bucket and Name are not accepted",
            ),
            (
                json!({"UserId": "ada", "Image": "", "Name": "n"}),
                "Bucket and Name are not accepted",
            ),
            (
                json!({"UserId": "ada", "Image": "aGk=", "Properties": [1]}),
                "must be a JSON object",
            ),
            (
                json!({"UserId": "ada", "Image": "aGk=", "Properties": {"a": long}}),
                "at most 409600",
            ),
            (json!("ada"), "The body must be a JSON object"),
        ] {
            let message = input(&body).err().unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_document_is_sent_and_not_named() {
        let input = |body: Value| {
            parse::<IdCardRequest>(body.to_string().as_bytes())
                .and_then(Submission::input)
                .map_err(|error| {
                    serde_json::to_value(error.body(uuid::Uuid::nil())).unwrap()["Message"].to_string()
                })
        };
        let right = input(json!({"UserId": "ada", "Image": "aGk=", "IdCard": "aG8="}))
            .ok()
            .unwrap();
        assert_eq!(
            (right.image.as_str(), right.id_card.as_deref()),
            ("aGk=", Some("aG8="))
        );
        for (body, expected) in [
            (json!({"UserId": "ada", "Image": "aGk="}), "IdCard is missing"),
            (
                json!({"UserId": "ada", "Image": "aGk=", "IdCard": ""}),
                "IdCard is empty",
            ),
            (
                json!({"UserId": "ada", "Image": "aGk=", "IdCard": 1}),
                "IdCard must be a string",
            ),
            (
                json!({"UserId": "ada", "Image": "aGk=", "IdCardName": "card.jpg"}),
                "A stored picture cannot be named",
            ),
            (json!({"UserId": "ada", "IdCard": "aG8="}), "Image is missing"),
        ] {
            let message = input(body).err().unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn broken_json_is_told_from_wrong_members_and_never_repeated() {
        let error = parse::<FlowRequest>(b"{\"UserId\": \"secret").err().unwrap();
        assert_eq!(error.code, Code::Serialization);
        let error = parse::<FlowRequest>(b"\"secret\"").err().unwrap();
        assert_eq!(error.code, Code::Validation);
        assert!(!format!("{error:?}").contains("secret"));
        let deep = "[".repeat(100_000);
        assert!(parse::<FlowRequest>(deep.as_bytes()).is_err());
        assert!(parse::<FlowRequest>(&[0xFF, 0xFE]).is_err());
    }
}
