//! `StopExecution`.

use jiff::Timestamp;
use selfsame_wire::states::{StopExecutionInput, StopExecutionOutput};
use selfsame_workflow::Failure;

use super::access::{Purpose, allow};
use super::payload::moment;
use super::{record, refusal};
use crate::aws::{Context, Error};

/// Stops a Standard execution; what it wrote is taken back. One that is over stays as it is.
pub(crate) async fn run(context: &Context, input: StopExecutionInput) -> Result<StopExecutionOutput, Error> {
    allow(context, Purpose::Run)?;
    let arn = refusal::execution(&input.execution_arn)?;
    if arn.express {
        return Err(refusal::invalid(
            "Express executions cannot be stopped: they end by themselves, within five minutes.",
        ));
    }
    let workflows = &context.app.workflows;
    if !workflows.is_open() {
        return Err(Error::not_ready());
    }
    let mut at = stopped_at(context, &input.execution_arn).await?;
    if at.is_none() {
        let failure = Failure::new(input.error.unwrap_or_default(), input.cause.unwrap_or_default());
        workflows.stop(&arn.machine, &arn.name, failure).await;
        at = stopped_at(context, &input.execution_arn).await?;
    }
    // It has begun at this very moment: the client comes back by itself.
    let at = at.ok_or_else(Error::throughput)?;
    Ok(StopExecutionOutput {
        stop_date: moment(at),
    })
}

/// When it ended, if it has.
async fn stopped_at(context: &Context, arn: &str) -> Result<Option<Timestamp>, Error> {
    let found = record::find(context, arn).await?;
    let found = found.ok_or_else(|| refusal::no_execution(arn))?;
    Ok(found.stopped())
}
