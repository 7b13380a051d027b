//! `selfsame:enrolUser`: `{UserId, Image, Properties?, IdCard?, Search?}` → `{ImageId, FaceId}`: registers a user with a
//! face, a photo, properties and an encrypted identity document if those are kept, or nothing. With the result of `searchFaces` a face that is somebody's is refused, also if it was
//! enrolled a moment ago; without it, faces are not compared. If the execution fails later, all of it is taken back.

use std::sync::Arc;
use std::time::Instant;

use selfsame_store::{NewUser, RegisterOutcome};
use selfsame_types::UserId;
use selfsame_workflow::Failure;
use selfsame_workflow::execution::TaskStart;
use serde_json::Value;

use super::quality::usable;
use super::{FailureName, failure, parameters};
use crate::gallery::Gallery;
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
    let card = card(job, &user, &gallery, parameters).await?;
    let begun = Instant::now();
    let new = NewUser {
        user: user.clone(),
        properties,
        face,
        card,
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

/// The identity document, encrypted, if there is one and a key to encrypt it with.
async fn card(
    job: &Arc<Job>,
    user: &UserId,
    gallery: &Gallery,
    parameters: &Value,
) -> Result<Option<Vec<u8>>, Failure> {
    let (Some(text), Some(key)) = (parameters::optional_card(parameters)?, &job.app.settings.card_key) else {
        return Ok(None);
    };
    let card = job.workbench.card(job, text).await?;
    let (key, app) = (key.clone(), Arc::clone(&job.app));
    let owner = (gallery.collection().clone(), user.clone());
    let sealing = tokio::task::spawn_blocking(move || {
        key.seal(&card.document.card, (&owner.0, &owner.1), app.ids.as_ref())
    });
    let sealed = sealing.await.map_err(|error| broken(job, &error))?;
    sealed.map(Some).map_err(|error| broken(job, &error))
}
