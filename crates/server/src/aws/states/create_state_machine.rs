//! `CreateStateMachine`.

use selfsame_store::{Machine, MachineCreation};
use selfsame_wire::ErrorCode;
use selfsame_wire::states::{CreateStateMachineInput, CreateStateMachineOutput};

use super::access::{Purpose, allow};
use super::payload::moment;
use super::{definition, refusal, submitted};
use crate::aws::{Context, Error};
use crate::workflow::arn;

/// Makes a state machine. As at AWS, the same again changes nothing, whatever its role and tags.
pub(crate) async fn run(
    context: &Context,
    input: CreateStateMachineInput,
) -> Result<CreateStateMachineOutput, Error> {
    allow(context, Purpose::Define)?;
    refusal::name(&input.name)?;
    refusal::role(&input.role_arn)?;
    refusal::no_versions(input.publish, input.version_description.as_ref())?;
    submitted::logging(input.logging_configuration.as_ref())?;
    submitted::encryption(input.encryption_configuration.as_ref())?;
    submitted::tags(input.tags.as_ref())?;
    let kind = definition::kind(input.r#type);
    definition::check(&context.app, &input.definition, kind)
        .await?
        .valid()?;
    let arn = arn::of_machine(&context.region, &input.name);
    if context.app.workflows.catalog.flow(&input.name).is_some() {
        return Err(exists(
            &arn,
            "The name belongs to a flow of this server: choose another one.",
        ));
    }
    let now = context.app.clock.now();
    let machine = Machine {
        name: input.name,
        kind,
        definition: input.definition,
        role_arn: input.role_arn,
        revision: context.app.ids.uuid(),
        created: now,
        updated: now,
    };
    let created = match context.app.store.create_machine(&machine).await? {
        MachineCreation::Created => now,
        MachineCreation::Exists(other) if other.kind == kind && other.definition == machine.definition => {
            other.created
        }
        _ => {
            return Err(exists(
                &arn,
                "Its definition or type is another one: use UpdateStateMachine, or choose another name.",
            ));
        }
    };
    Ok(CreateStateMachineOutput {
        state_machine_arn: arn,
        creation_date: moment(created),
        state_machine_version_arn: None,
    })
}

fn exists(arn: &str, hint: &str) -> Error {
    Error::new(
        ErrorCode::StateMachineAlreadyExists,
        format!("State Machine Already Exists: '{arn}'. {hint}"),
    )
}
