//! `SendTaskSuccess`.

use selfsame_wire::states::{SendTaskSuccessInput, SendTaskSuccessOutput};
use selfsame_workflow::execution::Event;

use super::access::{Purpose, allow};
use super::{answer, payload};
use crate::aws::{Context, Error};

/// Ends a task that waits for its token, well. The answer comes when that is written down.
pub(crate) async fn run(
    context: &Context,
    input: SendTaskSuccessInput,
) -> Result<SendTaskSuccessOutput, Error> {
    allow(context, Purpose::Run)?;
    let output = payload::output(input.output).await?;
    answer::pass_on(context, &input.task_token, |task| Event::Succeeded {
        task,
        output,
    })
    .await?;
    Ok(SendTaskSuccessOutput {})
}
