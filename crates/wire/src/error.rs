//! What a client is told when a request fails.

use serde::Serialize;

pub use crate::generated::ErrorCode;

/// A refusal, in the words that the client will read. Never holds an internal cause: that belongs in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Error {
    code: ErrorCode,
    message: String,
}

impl Error {
    /// A refusal with this message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// Which error.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What the client reads.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.code.status()
    }

    /// The body of the answer. The reference is the id of the request, under which the log has more.
    #[must_use]
    pub fn body<'a>(&'a self, logref: &'a str) -> ErrorBody<'a> {
        let name = self.code.as_str();
        ErrorBody {
            kind: name,
            code: name,
            logref,
            message: &self.message,
        }
    }
}

/// The body of a failed request, in the form of AWS's JSON protocols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody<'a> {
    /// The error's name, where the protocol has it.
    #[serde(rename = "__type")]
    pub kind: &'a str,
    /// The same, for clients that look here.
    #[serde(rename = "Code")]
    pub code: &'a str,
    /// The id of the request.
    #[serde(rename = "Logref")]
    pub logref: &'a str,
    /// What went wrong.
    #[serde(rename = "Message")]
    pub message: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_this() {
        let error = Error::new(ErrorCode::ThrottlingException, "Slow \"down\".");
        assert_eq!(
            serde_json::to_string(&error.body("0f8f")).unwrap(),
            r#"{"__type":"ThrottlingException","Code":"ThrottlingException","Logref":"0f8f","Message":"Slow \"down\"."}"#
        );
        assert_eq!(error.to_string(), "ThrottlingException: Slow \"down\".");
    }

    #[test]
    fn only_our_own_faults_are_not_the_clients() {
        let faults: Vec<_> = ErrorCode::ALL
            .iter()
            .filter(|code| code.status() != 400)
            .collect();
        assert_eq!(
            faults,
            [
                &ErrorCode::InternalServerError,
                &ErrorCode::ServiceUnavailableException
            ]
        );
        assert_eq!(ErrorCode::InternalServerError.status(), 500);
        assert_eq!(ErrorCode::ServiceUnavailableException.status(), 503);
    }
}
