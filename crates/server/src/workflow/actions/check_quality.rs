//! `selfsame:checkQuality`: `{Image}` → how good the photo is, or the reason why it cannot be used.

use std::sync::Arc;

use selfsame_workflow::Failure;
use serde_json::Value;

use super::{parameters, quality};
use crate::workflow::Job;

pub(super) async fn run(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let photo = job.workbench.photo(job, parameters::image(parameters)?).await?;
    quality::check(&photo.analysis, &job.app.settings.quality)
}
