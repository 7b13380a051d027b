//! `selfsame:enrolUser`: `{UserId, Image, Properties?, Search?}` → `{ImageId, FaceId}`: registers a user with a face, a
//! photo and properties, or nothing. With the result of `searchFaces` a face that is somebody's is refused, also if it was
//! enrolled a moment ago; without it, faces are not compared. If the execution fails later, all of it is taken back.

use std::sync::Arc;
use std::time::Instant;

use selfsame_store::{NewUser, RegisterOutcome};
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
    let policy = parameters::policy(parameters)?.unwrap_or(enrolled::ANY_FACE);
    let properties = parameters::properties(parameters)?.unwrap_or_default();
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
    let new = NewUser {
        user: user.clone(),
        properties,
        face,
        journal: Some(job.id),
        now: job.app.clock.now(),
    };
    let outcome = gallery
        .register(new, policy)
        .await
        .map_err(|error| broken(job, &error))?;
    job.app.metrics.stage(Stage::Store, begun.elapsed());
    match outcome {
        RegisterOutcome::Registered { .. } => Ok(answer),
        RegisterOutcome::UserExists => Err(failure(
            FailureName::UserAlreadyExists,
            "this UserId is registered already; choose another, or authenticate",
        )),
        _ => Err(enrolled::face_taken()),
    }
}
