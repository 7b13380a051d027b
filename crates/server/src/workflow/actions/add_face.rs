//! `selfsame:addFace`: `{UserId, Image, Properties?, Search?}` → `{ImageId, FaceId}`: adds a face to a user and sets
//! properties; those that are not named stay. If the execution succeeds, the oldest faces above the limit are erased; if it
//! fails, all of it is taken back. Whether the face is the user's is for `verifyUser` to say.

use std::sync::Arc;
use std::time::Instant;

use selfsame_store::{UpdateOutcome, UpdateUser};
use selfsame_workflow::Failure;
use selfsame_workflow::execution::TaskStart;
use serde_json::Value;

use super::quality::usable;
use super::{FailureName, failure, parameters};
use crate::metrics::Stage;
use crate::workflow::Job;
use crate::workflow::actions::enrolled::{self, new_face};
use crate::workflow::workers::broken;

pub(super) async fn run(job: &Arc<Job>, start: &TaskStart) -> Result<Value, Failure> {
    let parameters = &start.parameters;
    let user = parameters::user(parameters)?;
    let policy = parameters::policy(parameters)?;
    let properties = parameters::properties(parameters)?;
    let photo = job.workbench.photo(job, parameters::image(parameters)?).await?;
    let face = new_face(
        job,
        start.task,
        usable(&photo.analysis, &job.app.settings.quality)?,
        &photo,
    );
    let (id, answer) = (face.id, enrolled::told(&face));
    let gallery = job.portal().await?;
    job.written.add(gallery.collection(), &user);
    let done = enrolled::is_done(&gallery, &user, id).await;
    if done.map_err(|error| broken(job, &error))? {
        return Ok(answer);
    }
    let begun = Instant::now();
    let update = UpdateUser {
        user: user.clone(),
        properties,
        face,
        max_faces: job.app.settings.faces_per_user,
        journal: Some(job.id),
        now: job.app.clock.now(),
    };
    let outcome = gallery
        .update(update, policy)
        .await
        .map_err(|error| broken(job, &error))?;
    job.app.metrics.stage(Stage::Store, begun.elapsed());
    match outcome {
        UpdateOutcome::Updated { .. } => Ok(answer),
        // Erased since they were verified.
        UpdateOutcome::NoSuchUser => Err(failure(
            FailureName::UserAccessDenied,
            "the face is not this user's, or there is no such user",
        )),
        _ => Err(enrolled::face_taken()),
    }
}
