//! `selfsame:undo`: takes back what this execution has written: for the compensation path of a definition. (An execution
//! that fails does so by itself.)

use std::sync::Arc;

use selfsame_workflow::Failure;
use serde_json::{Value, json};

use crate::workflow::Job;
use crate::workflow::undo::{Verdict, conclude};
use crate::workflow::workers::internal;

pub(super) async fn run(job: &Arc<Job>) -> Result<Value, Failure> {
    if conclude(&job.app, job.id, Verdict::TakeBack, &job.written).await {
        Ok(json!({}))
    } else {
        Err(internal())
    }
}
