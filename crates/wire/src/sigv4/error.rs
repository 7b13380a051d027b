//! Why a signature is not accepted, in AWS's words.

use crate::ErrorCode;

/// A signature, or the lack of one, that does not open anything. The text is for the client and holds nothing that the
/// client did not send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is not signed at all.
    #[error("Missing Authentication Token")]
    Missing,
    /// Nobody has this access key, or nobody has it any more.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// A session token, which this server gives to nobody.
    #[error(
        "The security token included in the request is invalid. Selfsame's keys have no session token: unset AWS_SESSION_TOKEN."
    )]
    SessionToken,
    /// It cannot be read as a signature.
    #[error("{0}")]
    Incomplete(String),
    /// The host, which every signature must name, is not signed.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    UnsignedHost,
    /// Another header that must be signed is not.
    #[error("'{0}' must be a 'SignedHeader' in the AWS Authorization.")]
    Unsigned(String),
    /// It was made too long ago.
    #[error("Signature expired: {made} is now earlier than {earliest} ({now} - {window})")]
    Expired {
        /// When it was made.
        made: String,
        /// When it would have had to be made.
        earliest: String,
        /// The time here.
        now: String,
        /// How long it is valid.
        window: String,
    },
    /// It was made in the future.
    #[error("Signature not yet current: {made} is still later than {latest} ({now} + {window})")]
    NotYetCurrent {
        /// When it was made.
        made: String,
        /// When it would have had to be made.
        latest: String,
        /// The time here.
        now: String,
        /// How far clocks may differ.
        window: String,
    },
    /// It was made for another place, service or day.
    #[error("{0}")]
    Scope(String),
    /// It does not belong to this request and secret.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
}

impl Error {
    /// The name on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Missing => ErrorCode::MissingAuthenticationTokenException,
            Self::UnknownKey | Self::SessionToken => ErrorCode::UnrecognizedClientException,
            Self::Incomplete(_) => ErrorCode::IncompleteSignatureException,
            Self::UnsignedHost
            | Self::Unsigned(_)
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Scope(_)
            | Self::Mismatch => ErrorCode::InvalidSignatureException,
        }
    }
}

impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// What a client sent, made fit to be repeated in an error: short, and without characters that do not print.
pub(super) fn shown(text: &str) -> String {
    const MAX: usize = 100;
    let mut shown: String = text.chars().take(MAX).flat_map(char::escape_default).collect();
    if text.chars().nth(MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_short_and_prints() {
        assert_eq!(shown("us-east-1"), "us-east-1");
        assert_eq!(shown("a\0b\u{202e}"), "a\\u{0}b\\u{202e}");
        assert_eq!(shown(&"x".repeat(101)), format!("{}…", "x".repeat(100)));
    }
}
