//! Requests that may be repeated, and what is answered to them.

use std::fmt;

use selfsame_types::FaceId;
use serde::{Deserialize, Serialize};

use super::Refusal;

/// Names a request, so that its repetition is recognised. Tokens of different collections and of different
/// functions are apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Chosen by the client for this request.
    pub token: String,
    /// SHA-256 of everything else that was asked.
    pub digest: [u8; 32],
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency").finish_non_exhaustive()
    }
}

/// The answer to a request that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Once<T> {
    /// It was carried out now, or changed nothing and may be tried again with the same token.
    Now(T),
    /// It was carried out before, with the same token; this is what was answered. Nothing was changed now.
    Before(T),
    /// The token was used for another request. Nothing was changed.
    Mismatch,
}

/// What became of a request to make a user without faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UserCreation {
    /// The user is new.
    Created,
    /// The id is taken. Nothing was changed.
    AlreadyExists,
}

/// What became of a request to give faces to a user, or to take them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Association {
    /// Nobody has this id. Nothing was changed.
    NoSuchUser,
    /// The user would have more than [`crate::MAX_FACES_PER_USER`] faces. Nothing was changed.
    TooMany,
    /// Done, at least with some of the faces.
    Done {
        /// The faces that are the user's now, or, where they were to be taken, that are nobody's now. Each once, in
        /// the order they were named.
        associated: Vec<FaceId>,
        /// The other faces.
        refused: Vec<(FaceId, Refusal)>,
    },
}
