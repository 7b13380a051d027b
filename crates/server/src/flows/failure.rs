//! How a flow says no.

use crate::error::Error;

/// The error names that clients of the public sample know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureName {
    /// The user id, or the face, is registered already.
    UserAlreadyExists,
    /// The face is not this user's, or there is no such user: nobody learns which.
    UserAccessDenied,
    /// Nobody in the photo.
    NoFacesDetected,
    /// More than one face.
    TooManyFacesDetected,
    /// Looking elsewhere.
    InvalidPoseDetected,
    /// A photo that cannot be used: undecodable, dark, blurred.
    InvalidImage,
}

impl FailureName {
    /// As clients know it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UserAlreadyExists => "UserAlreadyExists",
            Self::UserAccessDenied => "UserAccessDenied",
            Self::NoFacesDetected => "NoFacesDetectedException",
            Self::TooManyFacesDetected => "TooManyFacesDetectedException",
            Self::InvalidPoseDetected => "InvalidPoseDetectedException",
            Self::InvalidImage => "InvalidImageError",
        }
    }
}

/// A "no", and what the client can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) name: FailureName,
    pub(crate) cause: String,
}

impl Failure {
    pub(crate) fn new(name: FailureName, cause: impl Into<String>) -> Self {
        Self {
            name,
            cause: cause.into(),
        }
    }
}

/// Why a flow ended before its last step.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It said no.
    Failed(Failure),
    /// It took too long; nothing was stored.
    TimedOut,
    /// The machinery failed, or the request turned out to be invalid.
    Broken(Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<crate::gallery::Error> for Stop {
    fn from(error: crate::gallery::Error) -> Self {
        Self::Broken(error.into())
    }
}
