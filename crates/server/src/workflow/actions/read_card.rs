//! `selfsame:readCard`: `{IdCard}` → `{Properties, IdType, IsExpired, ChecksHold, ZonesAgree, AgeYears}`: what an identity
//! document says, under AWS's names. All of the names are there: what was not read is an empty text, so that merging them
//! over a client's leaves nothing of the client's under these names.

use std::sync::Arc;

use selfsame_document::{Document, Field, Finding, age_years};
use selfsame_workflow::Failure;
use serde_json::{Map, Value, json};

use super::parameters;
use crate::aws::named_fields;
use crate::workflow::Job;

pub(super) async fn run(job: &Arc<Job>, parameters: &Value) -> Result<Value, Failure> {
    let card = job.workbench.card(job, parameters::card(parameters)?).await?;
    let properties = properties(&card.document);
    let found = |wanted: fn(&Finding) -> bool| card.document.findings.iter().any(wanted);
    let birth = card.document.fields.get(&Field::DateOfBirth);
    let birth = birth.and_then(|value| value.reading.date);
    Ok(json!({
        "IdType": properties.get("ID_TYPE"),
        "IsExpired": found(|finding| matches!(finding, Finding::Expired { .. })),
        "ChecksHold": !found(|finding| matches!(finding, Finding::CheckDigitFailed { .. })),
        "ZonesAgree": !found(|finding| matches!(finding, Finding::ZonesDisagree { .. })),
        "AgeYears": birth.map(|birth| age_years(birth, job.app.today())),
        "Properties": properties,
    }))
}

/// What the document says, under AWS's names.
pub(crate) fn properties(document: &Document) -> Map<String, Value> {
    named_fields(document)
        .map(|(name, text)| (name.to_owned(), Value::String(text)))
        .collect()
}
