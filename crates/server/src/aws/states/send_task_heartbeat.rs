//! `SendTaskHeartbeat`.

use selfsame_wire::states::{SendTaskHeartbeatInput, SendTaskHeartbeatOutput};
use selfsame_workflow::execution::Event;

use super::access::{Purpose, allow};
use super::answer;
use crate::aws::{Context, Error};

/// Says that a task that waits for its token is being worked on: `HeartbeatSeconds` begin anew.
pub(crate) async fn run(
    context: &Context,
    input: SendTaskHeartbeatInput,
) -> Result<SendTaskHeartbeatOutput, Error> {
    allow(context, Purpose::Run)?;
    answer::pass_on(context, &input.task_token, |task| Event::Heartbeat { task }).await?;
    Ok(SendTaskHeartbeatOutput {})
}
