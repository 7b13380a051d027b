//! `StartExecution`.

use selfsame_wire::ErrorCode;
use selfsame_wire::states::{StartExecutionInput, StartExecutionOutput};

use super::access::{Purpose, allow};
use super::payload::{self, moment};
use super::refusal;
use crate::aws::{Context, Error};
use crate::workflow::workers::Workbench;
use crate::workflow::{Start, arn};

/// Starts an execution. A Standard one is written down before the answer; the same again while it runs is no second one.
pub(crate) async fn run(
    context: &Context,
    input: StartExecutionInput,
) -> Result<StartExecutionOutput, Error> {
    allow(context, Purpose::Run)?;
    let name = refusal::machine(&input.state_machine_arn)?;
    input.name.as_deref().map(refusal::name).transpose()?;
    let app = &context.app;
    let machine = app.workflows.catalog.find(name).await?;
    let machine = machine.ok_or_else(|| refusal::no_machine(&input.state_machine_arn))?;
    let value = payload::input(input.input).await?;
    let taken = arn::of_execution(&context.region, name, input.name.as_deref().unwrap_or_default());
    let start = Start {
        machine,
        name: input.name,
        input: value,
        region: context.region.clone(),
        workbench: Workbench::default(),
        limit: None,
    };
    let started = app.workflows.start(app, start).await;
    let started =
        started.map_err(|error| refusal::not_started(error, &taken, ErrorCode::ExecutionLimitExceeded))?;
    Ok(StartExecutionOutput {
        execution_arn: started.arn,
        start_date: moment(started.at),
    })
}
