//! Update: as authenticate, then enrol the new face beside the old ones and merge the properties. Also here a face is
//! enrolled to one user only: one that looks like somebody else's is refused.

use selfsame_store::UpdateOutcome;
use serde_json::json;

use super::authenticate::verify;
use super::quality::rounded;
use super::{Failure, FailureName, Input, Stop, Success, Tasks};

pub(super) async fn run(tasks: &mut Tasks<'_>, input: Input) -> Result<Success, Stop> {
    let probe = tasks.inspect(input.image).await?;
    let verified = verify(tasks, &probe, &input.user).await?;
    let searched = tasks.search(&probe, Some(&input.user), verified.faces).await?;
    if let Some(other) = &searched.other {
        tracing::info!(user = %input.user, %other, "the new face of {} is like that of {other}", input.user);
        return Err(face_taken().into());
    }
    let quality = probe.quality().clone();
    let (outcome, image) = tasks
        .update(input.user.clone(), input.properties, probe, &searched)
        .await?;
    match outcome {
        UpdateOutcome::Updated { .. } => {
            let status = "Updated";
            Ok(Success {
                status,
                output: json!({
                    "UserId": input.user,
                    "ImageId": image.to_string(),
                    "Status": status,
                    "Similarity": rounded(verified.similarity.value()),
                    "Quality": quality,
                }),
            })
        }
        UpdateOutcome::NoSuchUser => Err(Failure::new(
            FailureName::UserAccessDenied,
            "the face is not this user's, or there is no such user",
        )
        .into()),
        _ => Err(face_taken().into()),
    }
}

fn face_taken() -> Failure {
    Failure::new(
        FailureName::UserAlreadyExists,
        "this face is registered already under another UserId",
    )
}
