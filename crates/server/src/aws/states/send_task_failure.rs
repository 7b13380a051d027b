//! `SendTaskFailure`.

use selfsame_wire::states::{SendTaskFailureInput, SendTaskFailureOutput};
use selfsame_workflow::Failure;
use selfsame_workflow::execution::Event;

use super::access::{Purpose, allow};
use super::answer;
use crate::aws::{Context, Error};

/// Ends a task that waits for its token, badly: `Retry` and `Catch` decide what follows.
pub(crate) async fn run(
    context: &Context,
    input: SendTaskFailureInput,
) -> Result<SendTaskFailureOutput, Error> {
    allow(context, Purpose::Run)?;
    let failure = Failure::new(input.error.unwrap_or_default(), input.cause.unwrap_or_default());
    answer::pass_on(context, &input.task_token, |task| Event::Failed { task, failure }).await?;
    Ok(SendTaskFailureOutput {})
}
