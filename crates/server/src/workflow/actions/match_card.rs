//! `selfsame:matchCard`: `{Image, IdCard}` → `{IsMatch, Similarity, Threshold}`: how alike the face in a photo is to the
//! portrait on an identity document. Whose document it is, and whether it is genuine, is not known here.

use std::sync::Arc;

use selfsame_face::{Analysis, Face};
use selfsame_types::Template;
use selfsame_workflow::Failure;
use serde_json::{Value, json};

use super::quality::{rounded, usable};
use super::{FailureName, failure, parameters};
use crate::workflow::Job;

pub(super) async fn run(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let photo = job.workbench.photo(job, parameters::image(parameters)?).await?;
    let probe = usable(&photo.analysis, &job.app.settings.quality)?;
    let card = job.workbench.card(job, parameters::card(parameters)?).await?;
    let portrait = portrait(&card.portraits)?;
    let analyzer = job.ready()?.engine.analyzer();
    let similarity = analyzer.similarity(&probe.template, portrait);
    let similarity = similarity.unwrap_or(selfsame_types::Similarity::MIN);
    let threshold = job.app.settings.similarity;
    Ok(json!({
        "IsMatch": similarity >= threshold,
        "Similarity": rounded(similarity.value()),
        "Threshold": rounded(threshold.value()),
    }))
}

/// The largest face: the others are ghost images, which are the same person's.
fn portrait(faces: &Analysis) -> Result<&Template, Failure> {
    let template = |face: &Face| face.template.is_some();
    let largest = faces.faces.iter().find(|face| template(face));
    largest.and_then(|face| face.template.as_ref()).ok_or_else(|| {
        failure(
            FailureName::InvalidImage,
            "there is no portrait on the card; send a sharper picture of its front, without glare",
        )
    })
}
