//! Register: quality → search everybody → store.

use selfsame_store::RegisterOutcome;
use serde_json::json;

use super::{Failure, FailureName, Input, Stop, Success, Tasks};

pub(super) async fn run(tasks: &mut Tasks<'_>, input: Input) -> Result<Success, Stop> {
    // Asked first because it is cheap; the store asks again when it counts.
    if tasks.exists(&input.user).await? {
        return Err(id_taken().into());
    }
    let probe = tasks.inspect(input.image).await?;
    let searched = tasks.search(&probe, None, 0).await?;
    if let Some(other) = &searched.other {
        tracing::info!(user = %input.user, %other, "the face of {} is enrolled as {other}", input.user);
        return Err(face_taken().into());
    }
    let quality = probe.quality().clone();
    let properties = input.properties.unwrap_or_default();
    let (outcome, image) = tasks
        .register(input.user.clone(), properties, probe, &searched)
        .await?;
    match outcome {
        RegisterOutcome::Registered { .. } => {
            let status = "Registered";
            Ok(Success {
                status,
                output: json!({
                    "UserId": input.user,
                    "ImageId": image.to_string(),
                    "Status": status,
                    "Quality": quality,
                }),
            })
        }
        RegisterOutcome::UserExists => Err(id_taken().into()),
        // Whoever was enrolled while we searched.
        _ => Err(face_taken().into()),
    }
}

fn id_taken() -> Failure {
    Failure::new(
        FailureName::UserAlreadyExists,
        "this UserId is registered already; choose another, or authenticate",
    )
}

/// Whose face it is stays with us.
fn face_taken() -> Failure {
    Failure::new(
        FailureName::UserAlreadyExists,
        "this face is registered already under another UserId",
    )
}
