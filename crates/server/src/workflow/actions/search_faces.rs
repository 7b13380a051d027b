//! `selfsame:searchFaces`: `{Image, ExceptUserId?}` → `{IsDuplicate, CheckedThrough, MinCosine}`: whether the face is
//! somebody's (else's). The result is given to `enrolUser` and `addFace`, which look at everything enrolled since, under
//! the collection's lock. Whose face it is stays with us.

use std::sync::Arc;

use selfsame_workflow::Failure;
use serde_json::Value;

use super::parameters;
use super::quality::usable;
use crate::metrics::Stage;
use crate::workflow::Job;
use crate::workflow::workers::broken;

pub(super) async fn run(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let own = parameters::optional_user(parameters, "ExceptUserId")?;
    let photo = job.workbench.photo(job, parameters::image(parameters)?).await?;
    let probe = usable(&photo.analysis, &job.app.settings.quality)?;
    let gallery = job.portal().await?;
    let ready = job.ready()?;
    let begun = std::time::Instant::now();
    let searched = async {
        let own_faces = match &own {
            Some(user) => gallery.templates_of(user).await?.len(),
            None => 0,
        };
        let faces = gallery.faces().await?;
        let calibration = ready.engine.analyzer().calibration();
        let min_cosine = job.app.settings.duplicate_cosine(calibration, faces);
        gallery
            .search(&probe.template, min_cosine, own.as_ref(), own_faces)
            .await
    };
    let searched = searched.await.map_err(|error| broken(job, &error))?;
    job.app.metrics.stage(Stage::Search, begun.elapsed());
    if let Some(other) = &searched.other {
        let id = job.id;
        tracing::info!(%id, %other, "the face is like that of {other}");
    }
    Ok(parameters::search(searched.policy, searched.other.is_some()))
}
