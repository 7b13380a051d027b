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

/// How many photos a request may bring, of which the best is used. Ours: a second of a camera that looks five times.
pub const MAX_PHOTOS: usize = 5;

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
    /// Instead of `Image`, up to five photos: the best of them is used.
    #[schema(value_type = Option<Vec<String>>)]
    images: Option<Value>,
    /// What to keep with the person; at most 400 KB.
    #[schema(value_type = Option<Object>, example = json!({"name": "Ada O'Neill"}))]
    properties: Option<Value>,
    #[schema(ignore)]
    bucket: Option<Value>,
    #[schema(ignore)]
    name: Option<Value>,
}

/// A picture in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picture {
    /// As it travels: base64, perhaps as a `data:` URL.
    Text(String),
    /// An object that the request names.
    Object {
        /// Its bucket, where the request says one.
        bucket: Option<String>,
        /// Its name there.
        key: String,
        /// The member of the request that names it, for messages.
        member: &'static str,
    },
}

/// What a flow is given.
pub(super) struct FlowInput {
    /// Who the caller says it is.
    pub(super) user: UserId,
    /// What to keep with them; `None` where the request has none.
    pub(super) properties: Option<Properties>,
    /// The photos, at least one.
    pub(super) photos: Vec<Picture>,
    /// The identity document, where the flow wants one.
    pub(super) id_card: Option<Picture>,
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
    /// The document.
    pub(super) id_card: Picture,
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
        Ok(FlowInput {
            user,
            properties,
            photos: match self.images {
                Some(images) if self.image.is_none() => several(images)?,
                _ => vec![picture(PHOTO, self.image, self.bucket, self.name)?],
            },
            id_card: None,
        })
    }
}

impl Submission for IdCardRequest {
    fn input(self) -> Result<FlowInput, Error> {
        let id_card = picture(DOCUMENT, self.id_card, None, self.id_card_name)?;
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
            id_card: picture(EXTRACTED, self.id_card, None, self.image_name)?,
        })
    }
}

/// The members of a request that may hold a picture, and what it is called.
#[derive(Clone, Copy)]
struct Members {
    text: &'static str,
    name: &'static str,
    what: &'static str,
}

const PHOTO: Members = Members {
    text: "Image",
    name: "Name",
    what: "the photo",
};
const DOCUMENT: Members = Members {
    text: "IdCard",
    name: "IdCardName",
    what: "a picture of the document",
};
const EXTRACTED: Members = Members {
    name: "ImageName",
    ..DOCUMENT
};

/// A picture: the one that the request holds goes before the one that it names.
fn picture(
    members: Members,
    text: Option<Value>,
    bucket: Option<Value>,
    name: Option<Value>,
) -> Result<Picture, Error> {
    let Members {
        text: member, what, ..
    } = members;
    match (text, name) {
        (Some(Value::String(text)), _) if !text.is_empty() => Ok(Picture::Text(text)),
        (None | Some(Value::String(_)), Some(Value::String(key))) if !key.is_empty() => {
            let bucket = match bucket {
                None | Some(Value::Null) => None,
                Some(Value::String(bucket)) => Some(bucket),
                Some(_) => return Err(Error::validation("Bucket must be a string.")),
            };
            Ok(Picture::Object {
                bucket,
                key,
                member: members.name,
            })
        }
        (None | Some(Value::String(_)), Some(_)) => Err(Error::validation(format!(
            "{} must be the name of an object, as a string.",
            members.name
        ))),
        (None, None) => Err(Error::validation(format!(
            "{member} is missing: send {what} in base64."
        ))),
        (Some(Value::String(_)), None) => Err(Error::validation(format!(
            "{member} is empty: send {what} in base64."
        ))),
        (Some(_), _) => Err(Error::validation(format!(
            "{member} must be a string: send {what} in base64."
        ))),
    }
}

/// Photos of which the best is wanted.
fn several(images: Value) -> Result<Vec<Picture>, Error> {
    let wrong = || {
        Error::validation(format!(
            "Images must be 1 to {MAX_PHOTOS} photos, each a string in base64."
        ))
    };
    let Value::Array(images) = images else {
        return Err(wrong());
    };
    if !(1..=MAX_PHOTOS).contains(&images.len()) {
        return Err(wrong());
    }
    let photo = |image| match image {
        Value::String(text) if !text.is_empty() => Ok(Picture::Text(text)),
        _ => Err(wrong()),
    };
    images.into_iter().map(photo).collect()
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
        assert_eq!(input.photos, [Picture::Text("aGk=".to_owned())]);
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
            (json!({"UserId": "ada", "Bucket": "b"}), "Image is missing"),
            (
                json!({"UserId": "ada", "Bucket": 1, "Name": "n"}),
                "Bucket must be a string",
            ),
            (
                json!({"UserId": "ada", "Image": "", "Name": ["n"]}),
                "Name must be the name of an object",
            ),
            (
                json!({"UserId": "ada", "Image": "aGk=", "Properties": [1]}),
                "must be a JSON object",
            ),
            (
                json!({"UserId": "ada", "Image": "aGk=", "Properties": {"a": long}}),
                "at most 409600",
            ),
            (
                json!({"UserId": "ada", "Images": []}),
                "Images must be 1 to 5 photos",
            ),
            (
                json!({"UserId": "ada", "Images": ["a", "b", "c", "d", "e", "f"]}),
                "Images must be 1 to 5 photos",
            ),
            (
                json!({"UserId": "ada", "Images": ["a", 2]}),
                "Images must be 1 to 5 photos",
            ),
            (json!("ada"), "The body must be a JSON object"),
        ] {
            let message = input(&body).err().unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn several_photos_may_come_and_one_goes_before_them() {
        let photos = |body: Value| input(&body).unwrap().photos.len();
        assert_eq!(photos(json!({"UserId": "ada", "Images": ["a", "b"]})), 2);
        assert_eq!(
            photos(json!({"UserId": "ada", "Image": "a", "Images": ["a", "b"]})),
            1
        );
    }

    #[test]
    fn a_document_is_sent_or_named() {
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
        let text = |text: &str| Picture::Text(text.to_owned());
        assert_eq!(
            (right.photos, right.id_card),
            (vec![text("aGk=")], Some(text("aG8=")))
        );
        let named =
            input(json!({"UserId": "ada", "Bucket": "b", "Name": "me.jpg", "IdCardName": "card.jpg"}))
                .ok()
                .unwrap();
        let object = |bucket: Option<&str>, key: &str, member| Picture::Object {
            bucket: bucket.map(str::to_owned),
            key: key.to_owned(),
            member,
        };
        assert_eq!(named.photos, [object(Some("b"), "me.jpg", "Name")]);
        assert_eq!(named.id_card, Some(object(None, "card.jpg", "IdCardName")));
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
                json!({"UserId": "ada", "Image": "aGk=", "IdCardName": ""}),
                "IdCardName must be the name of an object",
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
