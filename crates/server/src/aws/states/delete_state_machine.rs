//! `DeleteStateMachine`.

use selfsame_wire::states::{DeleteStateMachineInput, DeleteStateMachineOutput};

use super::access::{Purpose, allow};
use super::refusal;
use crate::aws::{Context, Error};

/// Removes a state machine; one that is not there is no error. Its executions go on, and their histories stay.
pub(crate) async fn run(
    context: &Context,
    input: DeleteStateMachineInput,
) -> Result<DeleteStateMachineOutput, Error> {
    allow(context, Purpose::Define)?;
    let name = refusal::machine(&input.state_machine_arn)?;
    if context.app.workflows.catalog.flow(name).is_some() {
        return Err(refusal::is_a_file(name));
    }
    context.app.store.delete_machine(name).await?;
    Ok(DeleteStateMachineOutput {})
}
