//! What tasks do that AWS has no equivalent of: `arn:aws:states:::selfsame:…`. One file per action, each a function from
//! parameters to a result. Who is registered, and with whose face, is decided here and nowhere in a definition.

mod add_face;
mod check_quality;
mod enrol_user;
mod enrolled;
mod failure;
mod gate;
mod match_card;
mod notify;
mod parameters;
mod quality;
mod read_card;
mod search_faces;
mod undo;
mod user_exists;
mod verify_user;

use std::sync::Arc;

use selfsame_workflow::Failure;
use selfsame_workflow::execution::TaskStart;
use serde_json::{Value, json};

use super::Job;

pub(crate) use failure::{FailureName, failure};
pub(crate) use quality::worth as photo_worth;
pub(crate) use read_card::properties as card_properties;

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Whether a photo is good enough to decide on.
    CheckQuality,
    /// Whether a user id is taken.
    UserExists,
    /// Whether a face is a user's.
    VerifyUser,
    /// Whether a face is the one on an identity document.
    MatchCard,
    /// What an identity document says.
    ReadCard,
    /// Whether a face is somebody's.
    SearchFaces,
    /// Registers a user with a face.
    EnrolUser,
    /// Adds a face to a user.
    AddFace,
    /// Takes back what the execution wrote.
    Undo,
    /// Gives the caller the answer; what follows is done later.
    Answer,
    /// Waits for somebody to answer.
    Review,
    /// Tells somebody by a signed request.
    Notify,
    /// Nothing: for trying things out and for measuring.
    NoOp,
}

impl Action {
    const ALL: [(&'static str, Self); 13] = [
        ("checkQuality", Self::CheckQuality),
        ("userExists", Self::UserExists),
        ("verifyUser", Self::VerifyUser),
        ("matchCard", Self::MatchCard),
        ("readCard", Self::ReadCard),
        ("searchFaces", Self::SearchFaces),
        ("enrolUser", Self::EnrolUser),
        ("addFace", Self::AddFace),
        ("undo", Self::Undo),
        ("answer", Self::Answer),
        ("review", Self::Review),
        ("notify", Self::Notify),
        ("noOp", Self::NoOp),
    ];

    /// The action that a resource names.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, action)| *action).ok_or_else(|| {
            let all: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("there is no action selfsame:{name}: there are {}", all.join(", "))
        })
    }

    /// Whether it gives the task's token to somebody who will answer.
    pub(super) const fn hands_over_tokens(self) -> bool {
        matches!(self, Self::Review | Self::Notify)
    }

    /// Whether it makes no sense without a token.
    pub(super) const fn needs_token(self) -> bool {
        matches!(self, Self::Review)
    }

    pub(super) async fn run(self, job: &Arc<Job>, start: &TaskStart) -> Result<Value, Failure> {
        let parameters = &start.parameters;
        match self {
            Self::CheckQuality => check_quality::run(job, parameters).await,
            Self::UserExists => user_exists::run(job, parameters).await,
            Self::VerifyUser => verify_user::run(job, parameters).await,
            Self::MatchCard => match_card::run(job, parameters).await,
            Self::ReadCard => read_card::run(job, parameters).await,
            Self::SearchFaces => search_faces::run(job, parameters).await,
            Self::EnrolUser => enrol_user::run(job, start).await,
            Self::AddFace => add_face::run(job, start).await,
            Self::Undo => undo::run(job).await,
            Self::Notify => notify::run(job, start).await,
            // The token is in the history, where who decides finds it.
            Self::Answer | Self::Review | Self::NoOp => Ok(json!({})),
        }
    }
}
