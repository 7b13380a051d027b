//! `StartSyncExecution`.

use selfsame_store::MachineKind;
use selfsame_wire::ErrorCode;
use selfsame_wire::states::{
    BillingDetails, CloudWatchEventsExecutionDataDetails, IncludedData, StartSyncExecutionInput,
    StartSyncExecutionOutput, SyncExecutionStatus,
};
use selfsame_workflow::execution::Outcome;

use super::access::allow_flow;
use super::payload::{self, moment, some};
use super::refusal;
use crate::aws::{Context, Error};
use crate::envelope::{BILLED_MEMORY_MB, billed_ms};
use crate::workflow::workers::Workbench;
use crate::workflow::{Ended, Start, arn};

/// Runs an Express machine and answers with its end. An inference thread is taken when a task needs one: most machines
/// look at no photo.
pub(crate) async fn run(
    context: &Context,
    input: StartSyncExecutionInput,
) -> Result<StartSyncExecutionOutput, Error> {
    let name = refusal::machine(&input.state_machine_arn)?;
    allow_flow(context, name)?;
    input.name.as_deref().map(refusal::name).transpose()?;
    let app = &context.app;
    let machine = app.workflows.catalog.find(name).await?;
    let machine = machine.ok_or_else(|| refusal::no_machine(&input.state_machine_arn))?;
    if machine.kind != MachineKind::Express {
        return Err(Error::new(
            ErrorCode::StateMachineTypeNotSupported,
            "This operation is not supported by this type of state machine: nobody can wait for a STANDARD one. Use \
             StartExecution, or make a machine of the type EXPRESS.",
        ));
    }
    let value = payload::input(input.input).await?;
    let start = Start {
        machine,
        name: input.name,
        input: value,
        region: context.region.clone(),
        workbench: Workbench::default(),
        limit: None,
    };
    let ended = app.workflows.run(app, start).await.map_err(|error| {
        let full = ErrorCode::ProvisionedThroughputExceededException;
        refusal::not_started(error, &input.state_machine_arn, full)
    })?;
    let mut answer = answer(&ended, &context.region);
    if input.included_data == Some(IncludedData::MetadataOnly) {
        (answer.input, answer.output, answer.cause) = (None, None, None);
        (answer.input_details, answer.output_details) = (None, None);
    }
    answer.trace_header = input.trace_header;
    Ok(answer)
}

fn answer(ended: &Ended, region: &str) -> StartSyncExecutionOutput {
    let (status, output, failure) = match &ended.outcome {
        Outcome::Succeeded(output) => (SyncExecutionStatus::Succeeded, Some(output.to_string()), None),
        Outcome::Failed(failure) | Outcome::Aborted(failure) => {
            (SyncExecutionStatus::Failed, None, Some(failure.clone()))
        }
        Outcome::TimedOut => (SyncExecutionStatus::TimedOut, None, None),
    };
    let (error, cause) = failure.map_or((None, None), |failure| (some(failure.error), some(failure.cause)));
    let included = || CloudWatchEventsExecutionDataDetails { included: Some(true) };
    StartSyncExecutionOutput {
        execution_arn: ended.arn.clone(),
        state_machine_arn: Some(arn::of_machine(region, &ended.machine.name)),
        name: Some(ended.name.clone()),
        start_date: moment(ended.started),
        stop_date: moment(ended.stopped),
        status,
        error,
        cause,
        input: Some(ended.input.to_string()),
        input_details: Some(included()),
        output_details: output.as_ref().map(|_| included()),
        output,
        trace_header: None,
        billing_details: Some(BillingDetails {
            billed_memory_used_in_mb: Some(i64::from(BILLED_MEMORY_MB)),
            billed_duration_in_milliseconds: i64::try_from(billed_ms(ended)).ok(),
        }),
    }
}
