//! `DescribeStateMachine`.

use selfsame_store::MachineKind;
use selfsame_wire::states::{
    DescribeStateMachineInput, DescribeStateMachineOutput, EncryptionConfiguration, EncryptionType,
    IncludedData, LogLevel, LoggingConfiguration, StateMachineStatus, TracingConfiguration,
};

use super::access::allow_flow;
use super::payload::moment;
use super::{definition, refusal};
use crate::aws::{Context, Error};
use crate::workflow::arn;

/// What there is to tell of a flow or of a stored machine.
struct Description {
    name: String,
    kind: MachineKind,
    text: String,
    role_arn: String,
    created: jiff::Timestamp,
    revision: Option<String>,
}

/// Shows a state machine with its definition.
pub(crate) async fn run(
    context: &Context,
    input: DescribeStateMachineInput,
) -> Result<DescribeStateMachineOutput, Error> {
    let name = refusal::machine(&input.state_machine_arn)?;
    allow_flow(context, name)?;
    let found = find(context, name).await?;
    let found = found.ok_or_else(|| refusal::no_machine(&input.state_machine_arn))?;
    Ok(DescribeStateMachineOutput {
        state_machine_arn: arn::of_machine(&context.region, &found.name),
        name: found.name,
        status: Some(StateMachineStatus::Active),
        definition: match input.included_data {
            Some(IncludedData::MetadataOnly) => "{}".to_owned(),
            Some(IncludedData::AllData) | None => found.text,
        },
        role_arn: found.role_arn,
        r#type: definition::wire_kind(found.kind),
        creation_date: moment(found.created),
        logging_configuration: Some(LoggingConfiguration {
            level: Some(LogLevel::Off),
            include_execution_data: Some(false),
            destinations: None,
        }),
        tracing_configuration: Some(TracingConfiguration { enabled: Some(false) }),
        label: None,
        revision_id: found.revision,
        description: None,
        encryption_configuration: Some(EncryptionConfiguration {
            kms_key_id: None,
            kms_data_key_reuse_period_seconds: None,
            r#type: EncryptionType::AwsOwnedKey,
        }),
        variable_references: None,
    })
}

/// As stored, so that also a definition can be shown that a later version of ours no longer takes.
async fn find(context: &Context, name: &str) -> Result<Option<Description>, Error> {
    if let Some(flow) = context.app.workflows.catalog.flow(name) {
        return Ok(Some(Description {
            name: flow.name.clone(),
            kind: flow.kind,
            text: flow.text.to_string(),
            role_arn: flow.role_arn.clone(),
            created: flow.created,
            revision: None,
        }));
    }
    let stored = context.app.store.get_machine(name).await?;
    Ok(stored.map(|stored| Description {
        name: stored.name,
        kind: stored.kind,
        text: stored.definition,
        role_arn: stored.role_arn,
        created: stored.created,
        revision: Some(stored.revision.to_string()),
    }))
}
