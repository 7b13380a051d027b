//! `selfsame:verifyUser`: `{UserId, Image}` → `{IsMatch, Similarity, Threshold}`: how alike the face is to the most alike of
//! the user's. A user who does not exist has no faces: the work, and the answer that follows, are the same, so that nobody
//! can find out who is registered. A caller never names a face: knowing the id of a stored one must not open anything.

use std::sync::Arc;

use selfsame_types::Similarity;
use selfsame_workflow::Failure;
use serde_json::{Value, json};

use super::parameters;
use super::quality::{rounded, usable};
use crate::metrics::Stage;
use crate::workflow::Job;
use crate::workflow::workers::broken;

pub(super) async fn run(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let user = parameters::user(parameters)?;
    let photo = job.workbench.photo(job, parameters::image(parameters)?).await?;
    let probe = usable(&photo.analysis, &job.app.settings.quality)?;
    let gallery = job.portal().await?;
    let begun = std::time::Instant::now();
    let templates = gallery
        .templates_of(&user)
        .await
        .map_err(|error| broken(job, &error))?;
    job.app.metrics.stage(Stage::Store, begun.elapsed());
    let ready = job.ready()?;
    let best = templates
        .iter()
        .filter_map(|(_, template)| ready.engine.analyzer().similarity(&probe.template, template))
        .fold(Similarity::MIN, |best, one| if one > best { one } else { best });
    let threshold = job.app.settings.similarity;
    Ok(json!({
        "IsMatch": best >= threshold,
        "Similarity": rounded(best.value()),
        "Threshold": rounded(threshold.value()),
    }))
}
