//! Why an operation fails: what the client is told, and the cause, which only the log gets to see.

use std::error::Error as StdError;
use std::sync::Arc;

use selfsame_types::CollectionId;
use selfsame_wire::ErrorCode;

/// A failed operation.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    wire: selfsame_wire::Error,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// The client can do something about it.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        selfsame_wire::Error::new(code, message).into()
    }

    /// Ours.
    pub(crate) fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(
            ErrorCode::InternalServerError,
            "Something went wrong on our side; the server's log has the cause under this Logref.",
        )
        .because(cause)
    }

    /// With a cause for the log.
    pub(crate) fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// `InvalidParameterException` with AWS's text for everything that has none of its own.
    pub(super) fn invalid_parameters() -> Self {
        Self::invalid("Request has invalid parameters.")
    }

    /// `InvalidParameterException`.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidParameterException, message)
    }

    /// `InvalidParameterException` where a face is needed.
    pub(super) fn no_face() -> Self {
        Self::invalid("There are no faces in the image. Should be at least 1.")
    }

    /// `ResourceNotFoundException`.
    pub(super) fn no_collection(name: &str) -> Self {
        Self::new(
            ErrorCode::ResourceNotFoundException,
            format!("The collection id: {name} does not exist"),
        )
    }

    /// `ResourceNotFoundException`.
    pub(super) fn no_user(name: &str) -> Self {
        Self::new(
            ErrorCode::ResourceNotFoundException,
            format!("The user id: {name} does not exist"),
        )
    }

    /// `IdempotentParameterMismatchException`.
    pub(super) fn token_in_use(token: &str) -> Self {
        Self::new(
            ErrorCode::IdempotentParameterMismatchException,
            format!("The ClientRequestToken: {token} you have supplied is already in use."),
        )
    }

    /// `InvalidPaginationTokenException`.
    pub(super) fn pagination_token() -> Self {
        Self::new(
            ErrorCode::InvalidPaginationTokenException,
            "Invalid Pagination Token",
        )
    }

    /// Over capacity: clients come back by themselves.
    pub(super) fn throughput() -> Self {
        Self::new(
            ErrorCode::ProvisionedThroughputExceededException,
            "Provisioned Rate exceeded.",
        )
    }

    /// Models are still being loaded.
    pub(super) fn not_ready() -> Self {
        Self::new(
            ErrorCode::ServiceUnavailableException,
            "The server is not ready; /health/ready tells when it is.",
        )
    }

    /// Which error.
    pub(crate) const fn code(&self) -> ErrorCode {
        self.wire.code()
    }

    /// What the client reads.
    pub(crate) const fn wire(&self) -> &selfsame_wire::Error {
        &self.wire
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
}

impl From<selfsame_wire::Error> for Error {
    fn from(wire: selfsame_wire::Error) -> Self {
        Self { wire, cause: None }
    }
}

impl From<selfsame_store::Error> for Error {
    fn from(error: selfsame_store::Error) -> Self {
        use selfsame_store::Error as Store;
        match error {
            // Deleted while the request was under way.
            Store::NoSuchCollection(name) => Self::no_collection(name.as_str()),
            Store::Busy(_) => Self::throughput().because(error),
            other => Self::internal(other),
        }
    }
}

impl From<crate::gallery::Error> for Error {
    fn from(error: crate::gallery::Error) -> Self {
        use crate::gallery::Error as Gallery;
        match error {
            Gallery::Store(error) => error.into(),
            Gallery::OtherModel {
                collection,
                stored,
                loaded,
            } => Self::invalid(other_model(&collection, stored.as_str(), loaded.as_str())),
            other => Self::internal(other),
        }
    }
}

fn other_model(collection: &CollectionId, stored: &str, loaded: &str) -> String {
    format!(
        "The faces in the collection {collection} were indexed with model {stored}, but the server runs {loaded}: \
         index them again into a new collection, run the server with the model pack of {stored}, or change the \
         collection's model with `selfsame reindex`."
    )
}

/// What the portal's machinery refuses, in the words of this protocol.
impl From<crate::error::Error> for Error {
    fn from(error: crate::error::Error) -> Self {
        use crate::error::Code;
        match error.code {
            Code::Throttling => Self::throughput(),
            Code::ServiceUnavailable => match error.cause() {
                // The store is busy.
                Some(cause) => Self::throughput().because(Other(cause)),
                None => Self::not_ready(),
            },
            Code::RequestTooLarge => Self::new(
                ErrorCode::RequestEntityTooLargeException,
                "Image size is too large.",
            ),
            Code::RequestTimeout => Self::new(
                ErrorCode::RequestTimeoutException,
                "The body was not received in time.",
            ),
            Code::AccessDenied | Code::Unauthorized => {
                Self::new(ErrorCode::AccessDeniedException, error.text())
            }
            Code::Serialization | Code::UnsupportedMediaType => {
                Self::new(ErrorCode::SerializationException, error.text())
            }
            _ => Self::internal(Other(error.cause().unwrap_or_else(|| error.name().to_owned()))),
        }
    }
}

/// An error of another part, already told as text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Other(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_stay_inside() {
        let error = Error::internal(std::io::Error::other("secret path"));
        assert_eq!(error.cause().as_deref(), Some("secret path"));
        let body = serde_json::to_string(&error.wire().body("id")).unwrap();
        assert!(!body.contains("secret"), "{body}");
    }

    #[test]
    fn what_the_store_refuses_has_a_name() {
        let gone = selfsame_store::Error::NoSuchCollection(CollectionId::new("staff").unwrap());
        let error = Error::from(gone);
        assert_eq!(error.code(), ErrorCode::ResourceNotFoundException);
        assert_eq!(error.wire().message(), "The collection id: staff does not exist");
    }
}
