//! Why a request fails: a documented code, a text for the client, and the cause, which only the log gets to see.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use s3s::{S3Error, S3ErrorCode as Code};
use selfsame_wire::sigv4;
use uuid::Uuid;

/// A failed request.
#[derive(Debug, Clone)]
pub(super) struct Error {
    pub(super) code: Code,
    message: Cow<'static, str>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// With the text that S3 has for the code.
    pub(super) fn new(code: Code) -> Self {
        let message = text(&code).into();
        Self {
            code,
            message,
            cause: None,
        }
    }

    /// With a text of its own. Never put an internal error's text here.
    pub(super) fn with(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            cause: None,
        }
    }

    /// `InvalidArgument`.
    pub(super) fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::with(Code::InvalidArgument, message)
    }

    /// `InvalidRequest`.
    pub(super) fn request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::with(Code::InvalidRequest, message)
    }

    /// A header or parameter that asks for what this server does not do.
    pub(super) fn not_implemented(what: &str) -> Self {
        Self::with(
            Code::NotImplemented,
            format!("A header you provided implies functionality that is not implemented: {what}"),
        )
    }

    /// Ours.
    pub(super) fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(Code::InternalError).because(cause)
    }

    /// With a cause for the log.
    pub(super) fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// What the client reads.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status. Codes that the adapter does not know are the client's matter.
    fn status(&self) -> StatusCode {
        self.code.status_code().unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// A failure is logged once, where the operation ends.
    pub(super) fn log(&self, operation: &str) {
        let outcome = self.code.as_str();
        if let Some(cause) = &self.cause {
            let cause = chain(cause.as_ref());
            tracing::error!(operation, outcome, cause, "{operation} failed: {cause}");
        } else {
            tracing::debug!(operation, outcome, "{operation}: {outcome}");
        }
    }

    /// For the adapter, which writes it as XML.
    pub(super) fn into_adapter(self, request: Uuid) -> S3Error {
        let status = self.status();
        let mut error = S3Error::with_message(self.code, self.message);
        error.set_request_id(request.to_string());
        error.set_status_code(status);
        error
    }

    /// For requests that never reach the adapter.
    pub(super) fn into_response(self, request: Uuid) -> Response {
        let status = self.status();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{}</Code><Message>{}</Message><RequestId>{request}</RequestId></Error>",
            self.code.as_str(),
            escaped(&self.message)
        );
        let mut response = (status, body).into_response();
        let xml = HeaderValue::from_static("application/xml");
        response.headers_mut().insert(header::CONTENT_TYPE, xml);
        response
    }
}

/// An error and everything below it.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

/// As XML 1.0 can hold it: what it cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => escaped.push(character),
            _ => {}
        }
    }
    escaped
}

/// S3's own texts: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
const fn text(code: &Code) -> &'static str {
    match code {
        Code::AccessDenied => "Access Denied",
        Code::BadDigest => {
            "The Content-MD5 or checksum value that you specified did not match what the server received."
        }
        Code::BucketAlreadyOwnedByYou => {
            "Your previous request to create the named bucket succeeded and you already own it."
        }
        Code::BucketNotEmpty => "The bucket you tried to delete is not empty.",
        Code::EntityTooLarge => "Your proposed upload exceeds the maximum allowed object size.",
        Code::EntityTooSmall => "Your proposed upload is smaller than the minimum allowed object size.",
        Code::IncompleteBody => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header."
        }
        Code::InternalError => "We encountered an internal error. Please try again.",
        Code::InvalidBucketName => "The specified bucket is not valid.",
        Code::InvalidURI => "The specified URI couldn't be parsed.",
        Code::MissingRequestBodyError => "Request body is empty.",
        Code::MethodNotAllowed => "The specified method is not allowed against this resource.",
        Code::NotImplemented => "A header or operation you asked for is not implemented.",
        Code::InvalidAccessKeyId => "The AWS access key ID that you provided does not exist in our records.",
        Code::InvalidDigest => "The Content-MD5 or checksum value that you specified is not valid.",
        Code::InvalidPart => {
            "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag might not have matched the part's entity tag."
        }
        Code::InvalidPartOrder => {
            "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        }
        Code::InvalidRange => "The requested range is not satisfiable",
        Code::InvalidStorageClass => "The storage class that you specified is not valid.",
        Code::KeyTooLongError => "Your key is too long.",
        Code::MalformedXML => {
            "The XML that you provided was not well formed or did not validate against our published schema."
        }
        Code::MaxMessageLengthExceeded => "Your request was too large.",
        Code::MetadataTooLarge => "Your metadata headers exceed the maximum allowed metadata size.",
        Code::MissingContentLength => "You must provide the Content-Length HTTP header.",
        Code::NoSuchBucket => "The specified bucket does not exist.",
        Code::NoSuchKey => "The specified key does not exist.",
        Code::NoSuchUpload => {
            "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed."
        }
        Code::NoSuchVersion => "The version ID specified in the request does not match an existing version.",
        Code::NotModified => "Not Modified",
        Code::PreconditionFailed => "At least one of the preconditions you specified did not hold.",
        Code::RequestTimeTooSkewed => {
            "The difference between the request time and the server's time is too large."
        }
        Code::RequestTimeout => {
            "Your socket connection to the server was not read from or written to within the timeout period."
        }
        Code::SignatureDoesNotMatch => {
            "The request signature that the server calculated does not match the signature that you provided. Check your AWS secret access key and signing method."
        }
        Code::SlowDown => "Please reduce your request rate.",
        Code::TooManyBuckets => "You have attempted to create more buckets than are allowed for an account.",
        _ => "The request cannot be carried out.",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref().map(|cause| cause.as_ref() as _)
    }
}

impl From<selfsame_store::Error> for Error {
    fn from(error: selfsame_store::Error) -> Self {
        use selfsame_store::Error as Store;
        match error {
            Store::NoSuchBucket => Self::new(Code::NoSuchBucket),
            Store::Received(cause) => match cause.downcast::<Self>() {
                Ok(error) => *error,
                Err(cause) => Self::internal(Store::Received(cause)),
            },
            Store::Busy(_) => Self::new(Code::SlowDown).because(error),
            other => Self::internal(other),
        }
    }
}

impl From<crate::error::Error> for Error {
    fn from(error: crate::error::Error) -> Self {
        use crate::error::Code as Ours;
        match error.code {
            Ours::Throttling | Ours::ServiceUnavailable => Self::new(Code::SlowDown),
            Ours::AccessDenied | Ours::Unauthorized => Self::with(Code::AccessDenied, error.text()),
            _ => Self::internal(Other(error.cause().unwrap_or_else(|| error.name().to_owned()))),
        }
    }
}

/// An error of another part, already told as text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Other(String);

/// A signature in the header and one in the query have different names for what is wrong with them.
pub(super) fn signature(error: &sigv4::Error, presigned: bool) -> Error {
    let malformed = if presigned {
        Code::AuthorizationQueryParametersError
    } else {
        Code::AuthorizationHeaderMalformed
    };
    match error {
        sigv4::Error::Missing => Error::new(Code::AccessDenied),
        sigv4::Error::UnknownKey => Error::new(Code::InvalidAccessKeyId),
        sigv4::Error::SessionToken => Error::with(Code::InvalidToken, error.to_string()),
        sigv4::Error::Unsigned(_) => Error::with(
            Code::AccessDenied,
            format!("There were headers present in the request which were not signed: {error}"),
        ),
        sigv4::Error::Expired { .. } if presigned => Error::with(Code::AccessDenied, "Request has expired"),
        sigv4::Error::Expired { .. } | sigv4::Error::NotYetCurrent { .. } => {
            Error::new(Code::RequestTimeTooSkewed)
        }
        sigv4::Error::Mismatch => Error::new(Code::SignatureDoesNotMatch),
        _ => Error::with(malformed, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn causes_stay_inside() {
        let error = Error::internal(std::io::Error::other("secret path"));
        let response = error.into_response(Uuid::nil());
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(!body.contains("secret"), "{body}");
        assert!(
            body.contains("<RequestId>00000000-0000-0000-0000-000000000000</RequestId>"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn texts_are_escaped() {
        let error = Error::argument("a<b>&\u{0}\u{1}c\u{ffff}😀");
        let body = to_bytes(error.into_response(Uuid::nil()).into_body(), 10_000)
            .await
            .unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("<Message>a&lt;b&gt;&amp;c😀</Message>"), "{body}");
    }

    #[test]
    fn what_a_source_said_comes_back() {
        let error = selfsame_store::Error::Received(Box::new(Error::new(Code::BadDigest)));
        assert_eq!(Error::from(error).code, Code::BadDigest);
        let error = selfsame_store::Error::Received("another text".into());
        assert_eq!(Error::from(error).code, Code::InternalError);
    }
}
