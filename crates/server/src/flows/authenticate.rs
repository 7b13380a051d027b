//! Authenticate: quality → compare with the user's enrolled faces.
//!
//! The design also allows to search the gallery and accept a face of that user. That would add nothing here: the
//! gallery holds the same templates, its scan is exact, and a hit of another user is not accepted, so no face could
//! pass the search that has not passed the comparison. (In systems that compare with *one* stored face it would.)
//!
//! A caller never names a face: knowing the id of a stored one must not open anything.

use selfsame_types::{Similarity, UserId};
use serde_json::json;

use super::quality::rounded;
use super::tasks::Probe;
use super::{Failure, FailureName, Input, Stop, Success, Tasks};

pub(super) async fn run(tasks: &mut Tasks<'_>, input: Input) -> Result<Success, Stop> {
    let probe = tasks.inspect(input.image).await?;
    let verified = verify(tasks, &probe, &input.user).await?;
    let status = "Verified";
    Ok(Success {
        status,
        output: json!({
            "UserId": input.user,
            "Status": status,
            "Similarity": rounded(verified.similarity.value()),
            "Quality": probe.quality(),
        }),
    })
}

/// Proof that the face is the user's.
pub(super) struct Verified {
    /// How alike it is to the most alike enrolled one.
    pub(super) similarity: Similarity,
    /// How many faces the user has enrolled.
    pub(super) faces: usize,
}

/// The face must be the user's. A wrong face and an unknown user are told apart neither by the answer nor by the work
/// done for it, so that nobody can find out who is registered; and a refusal does not say how close it was, so that
/// nobody can climb towards a match.
pub(super) async fn verify(tasks: &Tasks<'_>, probe: &Probe, user: &UserId) -> Result<Verified, Stop> {
    let (similarity, faces) = tasks.compare(probe, user).await?;
    if tasks.is_match(similarity) {
        return Ok(Verified { similarity, faces });
    }
    Err(Failure::new(
        FailureName::UserAccessDenied,
        "the face is not this user's, or there is no such user",
    )
    .into())
}
