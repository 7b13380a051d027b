//! `UpdateStateMachine`.

use selfsame_store::MachineUpdate;
use selfsame_wire::ErrorCode;
use selfsame_wire::states::{UpdateStateMachineInput, UpdateStateMachineOutput};

use super::access::{Purpose, allow};
use super::payload::moment;
use super::{definition, refusal, submitted};
use crate::aws::{Context, Error};

/// Changes a state machine. Executions that run go on as they began.
pub(crate) async fn run(
    context: &Context,
    input: UpdateStateMachineInput,
) -> Result<UpdateStateMachineOutput, Error> {
    allow(context, Purpose::Define)?;
    let name = refusal::machine(&input.state_machine_arn)?;
    refusal::no_versions(input.publish, input.version_description.as_ref())?;
    let nothing = input.definition.is_none()
        && input.role_arn.is_none()
        && input.logging_configuration.is_none()
        && input.tracing_configuration.is_none()
        && input.encryption_configuration.is_none();
    if nothing {
        return Err(Error::new(
            ErrorCode::MissingRequiredParameter,
            "Nothing to change: give a definition or a roleArn.",
        ));
    }
    input.role_arn.as_deref().map(refusal::role).transpose()?;
    submitted::logging(input.logging_configuration.as_ref())?;
    submitted::encryption(input.encryption_configuration.as_ref())?;
    let (app, absent) = (&context.app, || refusal::no_machine(&input.state_machine_arn));
    if app.workflows.catalog.flow(name).is_some() {
        return Err(refusal::is_a_file(name));
    }
    let machine = app.store.get_machine(name).await?.ok_or_else(absent)?;
    if let Some(text) = &input.definition {
        definition::check(app, text, machine.kind).await?.valid()?;
    }
    let change = MachineUpdate {
        definition: input.definition.clone(),
        role_arn: input.role_arn.clone(),
        revision: app.ids.uuid(),
        now: app.clock.now(),
    };
    let updated = app.store.update_machine(name, change).await?.ok_or_else(absent)?;
    Ok(UpdateStateMachineOutput {
        update_date: moment(updated.updated),
        revision_id: Some(updated.revision.to_string()),
        state_machine_version_arn: None,
    })
}
