//! What clients are told when a request itself fails: one table, code → HTTP status → external message. Causes go to
//! the log, never to the client. (A flow that says no is not such an error: see [`crate::envelope`].)

use std::error::Error as StdError;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Every way in which a request can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// The body is no JSON.
    Serialization,
    /// A member is missing or has the wrong type or form.
    Validation,
    /// No key, or one that is unknown or revoked.
    Unauthorized,
    /// A key that may not do this.
    AccessDenied,
    /// No such user.
    ResourceNotFound,
    /// No such route.
    UnknownRoute,
    /// The route exists, for another method.
    MethodNotAllowed,
    /// The client sent too slowly.
    RequestTimeout,
    /// The body is too large.
    RequestTooLarge,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// Over capacity.
    Throttling,
    /// Ours.
    InternalServerError,
    /// Not ready yet, or no longer.
    ServiceUnavailable,
}

/// The table: code, HTTP status, name on the wire, external message. In the order of [`Code`].
const TABLE: [(Code, StatusCode, &str, &str); 13] = [
    (
        Code::Serialization,
        StatusCode::BAD_REQUEST,
        "SerializationException",
        "The body is not valid JSON.",
    ),
    (
        Code::Validation,
        StatusCode::BAD_REQUEST,
        "ValidationException",
        "Request has invalid parameters.",
    ),
    (
        Code::Unauthorized,
        StatusCode::UNAUTHORIZED,
        "UnauthorizedException",
        "Send a valid API key as `Authorization: Bearer …` or `X-Api-Key`.",
    ),
    (
        Code::AccessDenied,
        StatusCode::FORBIDDEN,
        "AccessDeniedException",
        "This API key may not do that; use an administrator's.",
    ),
    (
        Code::ResourceNotFound,
        StatusCode::NOT_FOUND,
        "ResourceNotFoundException",
        "There is no such user.",
    ),
    (
        Code::UnknownRoute,
        StatusCode::NOT_FOUND,
        "UnknownOperationException",
        "There is no such route; /docs lists them.",
    ),
    (
        Code::MethodNotAllowed,
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowedException",
        "The route exists, but not for this method; /docs lists them.",
    ),
    (
        Code::RequestTimeout,
        StatusCode::REQUEST_TIMEOUT,
        "RequestTimeoutException",
        "The body was not received in time.",
    ),
    (
        Code::RequestTooLarge,
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLargeException",
        "Image size is too large.",
    ),
    (
        Code::UnsupportedMediaType,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UnsupportedMediaTypeException",
        "Send the body as JSON, with `Content-Type: application/json`.",
    ),
    (
        Code::Throttling,
        StatusCode::TOO_MANY_REQUESTS,
        "ThrottlingException",
        "Provisioned Rate exceeded.",
    ),
    (
        Code::InternalServerError,
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalServerError",
        "Something went wrong on our side; the server's log has the cause under this Logref.",
    ),
    (
        Code::ServiceUnavailable,
        StatusCode::SERVICE_UNAVAILABLE,
        "ServiceUnavailableException",
        "The server is not ready; /health/ready tells when it is.",
    ),
];

impl Code {
    const fn entry(self) -> (StatusCode, &'static str, &'static str) {
        let (_, status, name, message) = TABLE[self as usize];
        (status, name, message)
    }
}

/// A failed request. It becomes a response without a body; [`crate::http::observe`] logs the cause and writes the
/// body, because only there the id of the request is known.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    /// Which row of the table.
    pub(crate) code: Code,
    /// Instead of the table's text.
    message: Option<String>,
    /// For the log.
    cause: Option<Arc<dyn StdError + Send + Sync>>,
    /// When to come back.
    retry_after_seconds: Option<u32>,
}

impl Error {
    /// With the table's text.
    pub(crate) const fn new(code: Code) -> Self {
        Self {
            code,
            message: None,
            cause: None,
            retry_after_seconds: None,
        }
    }

    /// With a text that says what the client should change.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(Code::Validation).message(message)
    }

    /// Ours, with the cause for the log.
    pub(crate) fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..Self::new(Code::InternalServerError)
        }
    }

    /// Instead of the table's text. Never put an internal error's text here.
    pub(crate) fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Tells the client when to come back.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.code.entry().0
    }

    /// The name on the wire.
    pub(crate) const fn name(&self) -> &'static str {
        self.code.entry().1
    }

    /// The whole chain of causes, for the log.
    pub(crate) fn cause(&self) -> Option<String> {
        let mut text = self.cause.as_ref()?.to_string();
        let mut next = self.cause.as_ref()?.source();
        while let Some(error) = next {
            text = format!("{text}: {error}");
            next = error.source();
        }
        Some(text)
    }

    /// What the client reads.
    pub(crate) fn text(&self) -> String {
        self.message
            .clone()
            .unwrap_or_else(|| self.code.entry().2.to_owned())
    }

    /// The body.
    pub(crate) fn body(&self, logref: Uuid) -> Body {
        Body {
            r#type: self.name(),
            code: self.name(),
            message: self.text(),
            logref,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        if self.code == Code::Unauthorized {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"selfsame\""),
            );
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<selfsame_store::Error> for Error {
    fn from(error: selfsame_store::Error) -> Self {
        use selfsame_store::Error as Store;
        match error {
            // What the client can change; these texts hold numbers only.
            Store::PropertiesTooLarge { .. } | Store::NestedTooDeeply { .. } => {
                Self::validation(error.to_string())
            }
            Store::Busy(_) => Self {
                code: Code::ServiceUnavailable,
                ..Self::internal(error)
                    .message("The server is busy; try again.")
                    .retry_after(1)
            },
            other => Self::internal(other),
        }
    }
}

impl From<crate::gallery::Error> for Error {
    fn from(error: crate::gallery::Error) -> Self {
        match error {
            crate::gallery::Error::Store(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

/// The body of a failed request, in the form of AWS's JSON protocols.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct Body {
    /// The error's name.
    #[serde(rename = "__type")]
    #[schema(example = "ValidationException")]
    r#type: &'static str,
    /// The same, for clients that look here.
    #[serde(rename = "Code")]
    #[schema(example = "ValidationException")]
    code: &'static str,
    /// What to do.
    #[serde(rename = "Message")]
    #[schema(example = "UserId is missing.")]
    message: String,
    /// The id under which the server's log has more; also in the header `X-Request-Id`.
    #[serde(rename = "Logref")]
    #[schema(value_type = String)]
    logref: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_this() {
        let rows: Vec<String> = TABLE
            .iter()
            .enumerate()
            .map(|(index, (code, status, name, message))| {
                assert_eq!(*code as usize, index, "in the order of the enum");
                format!("{} {name}: {message}", status.as_u16())
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"));
    }

    #[test]
    fn causes_stay_inside() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        let error = Error::internal(Outer(std::io::Error::other("secret path")));
        assert_eq!(error.cause().as_deref(), Some("outer: secret path"));
        let body = serde_json::to_string(&error.body(Uuid::nil())).unwrap();
        assert!(!body.contains("secret") && !body.contains("outer"), "{body}");
        insta::assert_snapshot!(body);
    }

    #[test]
    fn clients_learn_how_to_come_back() {
        let response = Error::new(Code::Unauthorized).into_response();
        assert_eq!(
            response.headers()[header::WWW_AUTHENTICATE],
            "Bearer realm=\"selfsame\""
        );
        let response = Error::new(Code::Throttling).retry_after(2).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(response.status(), 429);
    }
}
