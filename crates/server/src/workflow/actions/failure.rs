//! How an action says no, in the names that clients of the public sample know.

use selfsame_workflow::Failure;

/// The error names.
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
    /// The face is not the one on the identity document.
    FaceNotMatchWithIdCard,
    /// Dark glasses.
    SunglassesDetected,
    /// Something covers eyes, nose or mouth.
    CoveredFaceDetected,
    /// Closed eyes.
    ClosedEyesDetected,
    /// Too few pixels.
    SmallFaceDetected,
    /// The photo's border goes through the face.
    CutOffFaceDetected,
    /// Too little light.
    DarkFaceDetected,
    /// Too much light.
    OverexposedFaceDetected,
    /// Out of focus, or moved.
    BlurredFaceDetected,
    /// A photo that cannot be used: undecodable, or of something that may be no face.
    InvalidImage,
}

impl FailureName {
    const ALL: [Self; 15] = [
        Self::UserAlreadyExists,
        Self::UserAccessDenied,
        Self::NoFacesDetected,
        Self::TooManyFacesDetected,
        Self::InvalidPoseDetected,
        Self::FaceNotMatchWithIdCard,
        Self::SunglassesDetected,
        Self::CoveredFaceDetected,
        Self::ClosedEyesDetected,
        Self::SmallFaceDetected,
        Self::CutOffFaceDetected,
        Self::DarkFaceDetected,
        Self::OverexposedFaceDetected,
        Self::BlurredFaceDetected,
        Self::InvalidImage,
    ];

    /// The same text, if it is one of these names.
    pub(crate) fn known(text: &str) -> Option<&'static str> {
        Self::ALL.into_iter().map(Self::as_str).find(|name| *name == text)
    }

    /// As clients know it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UserAlreadyExists => "UserAlreadyExists",
            Self::UserAccessDenied => "UserAccessDenied",
            Self::NoFacesDetected => "NoFacesDetectedException",
            Self::TooManyFacesDetected => "TooManyFacesDetectedException",
            Self::InvalidPoseDetected => "InvalidPoseDetectedException",
            Self::FaceNotMatchWithIdCard => "FaceNotMatchWithIDCard",
            Self::SunglassesDetected => "SunglassesDetectedException",
            Self::CoveredFaceDetected => "CoveredFaceDetectedException",
            Self::ClosedEyesDetected => "ClosedEyesDetectedException",
            Self::SmallFaceDetected => "SmallFaceDetectedException",
            Self::CutOffFaceDetected => "CutOffFaceDetectedException",
            Self::DarkFaceDetected => "DarkFaceDetectedException",
            Self::OverexposedFaceDetected => "OverexposedFaceDetectedException",
            Self::BlurredFaceDetected => "BlurredFaceDetectedException",
            Self::InvalidImage => "InvalidImageError",
        }
    }
}

/// A "no", and what the client can do.
pub(crate) fn failure(name: FailureName, cause: impl Into<String>) -> Failure {
    Failure::new(name.as_str(), cause)
}
