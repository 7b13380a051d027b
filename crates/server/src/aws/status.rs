//! `UserStatus`.

use selfsame_wire::rekognition::UserStatus;

/// A user with faces can be found and is active; one without is merely there. Changes are done when they are answered,
/// so nobody is ever in the middle of one.
pub(super) const fn with_faces(has_faces: bool) -> UserStatus {
    if has_faces {
        UserStatus::Active
    } else {
        UserStatus::Created
    }
}
