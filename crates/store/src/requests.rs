//! What every backend does in the same way about requests that may be repeated.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{Association, Idempotency, Once, Refusal, UserCreation};
use crate::rules::to_microseconds;
use crate::{Error, Result};

/// How long an answer is kept for repetitions of its request: as long as Rekognition keeps tokens, eight hours.
const KEPT: SignedDuration = SignedDuration::from_hours(8);

/// Which function was asked. Part of what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    CreateUser,
    RemoveUser,
    Associate,
    Disassociate,
}

impl Operation {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::CreateUser => "create-user",
            Self::RemoveUser => "remove-user",
            Self::Associate => "associate",
            Self::Disassociate => "disassociate",
        }
    }
}

/// An answer that may be kept.
pub(crate) trait Outcome: Serialize + DeserializeOwned + Send + Sync {
    /// Whether the request was carried out. A request that was refused as a whole has left no trace; its repetition
    /// is looked at anew.
    fn is_done(&self) -> bool;

    /// Whether a user's id is part of it.
    fn names_users(&self) -> bool {
        false
    }
}

impl Outcome for UserCreation {
    fn is_done(&self) -> bool {
        *self == Self::Created
    }
}

/// Whether there was something to do.
impl Outcome for bool {
    fn is_done(&self) -> bool {
        *self
    }
}

impl Outcome for Association {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    fn names_users(&self) -> bool {
        let Self::Done { refused, .. } = self else {
            return false;
        };
        refused
            .iter()
            .any(|(_, reason)| matches!(reason, Refusal::AssociatedTo(_)))
    }
}

/// Answers kept since before this moment (in microseconds) are forgotten.
pub(crate) fn oldest_kept(now: Timestamp) -> i64 {
    to_microseconds(now).saturating_sub(KEPT.as_micros() as i64)
}

/// An answer as it is stored.
pub(crate) fn outcome_text(outcome: &impl Outcome) -> Result<String> {
    // Ids and names of variants: this cannot fail.
    serde_json::to_string(outcome).map_err(|source| Error::Database(source.into()))
}

/// What is answered where a token is known.
pub(crate) fn replay<T: Outcome>(asked: &Idempotency, digest: &[u8], outcome: &str) -> Result<Once<T>> {
    if digest != asked.digest {
        return Ok(Once::Mismatch);
    }
    let outcome = serde_json::from_str(outcome).map_err(|_| Error::corrupt("a kept answer"))?;
    Ok(Once::Before(outcome))
}
