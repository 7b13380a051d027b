//! `selfsame:userExists`: `{UserId}` → `{Exists}`.

use std::sync::Arc;

use selfsame_workflow::Failure;
use serde_json::{Value, json};

use super::parameters;
use crate::workflow::Job;
use crate::workflow::workers::broken;

pub(super) async fn run(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let user = parameters::user(parameters)?;
    let gallery = job.portal().await?;
    let exists = gallery.exists(&user).await.map_err(|error| broken(job, &error))?;
    Ok(json!({ "Exists": exists }))
}
