//! `DescribeExecution`.

use selfsame_wire::states::{
    CloudWatchEventsExecutionDataDetails, DescribeExecutionInput, DescribeExecutionOutput,
    ExecutionRedriveStatus, IncludedData,
};

use super::access::{Purpose, allow};
use super::payload::moment;
use super::{record, refusal};
use crate::aws::{Context, Error};
use crate::workflow::arn;

/// Shows an execution; unlike AWS's, also an Express one, as long as it is remembered.
pub(crate) async fn run(
    context: &Context,
    input: DescribeExecutionInput,
) -> Result<DescribeExecutionOutput, Error> {
    allow(context, Purpose::Run)?;
    let found = record::find(context, &input.execution_arn).await?;
    let found = found.ok_or_else(|| refusal::no_execution(&input.execution_arn))?;
    let (error, cause) = found.failure();
    let (machine, name) = (found.machine(), found.name());
    let included = || CloudWatchEventsExecutionDataDetails { included: Some(true) };
    let shown = input.included_data != Some(IncludedData::MetadataOnly);
    let output = found.output().filter(|_| shown);
    let execution_arn = match found {
        record::Record::Recent(ref ended) => ended.arn.clone(),
        record::Record::Stored(_) => {
            own_arn(&context.region, &input.execution_arn, machine, name, found.id())
        }
    };
    Ok(DescribeExecutionOutput {
        execution_arn,
        state_machine_arn: arn::of_machine(&context.region, machine),
        name: Some(name.to_owned()),
        status: found.status(),
        start_date: moment(found.started()),
        stop_date: found.stopped().map(moment),
        input: shown.then(|| found.input()),
        input_details: shown.then(included),
        output_details: output.as_ref().map(|_| included()),
        output,
        trace_header: None,
        map_run_arn: None,
        error,
        cause: cause.filter(|_| shown),
        state_machine_version_arn: None,
        state_machine_alias_arn: None,
        redrive_count: Some(0),
        redrive_date: None,
        redrive_status: Some(ExecutionRedriveStatus::NotRedrivable),
        redrive_status_reason: Some("Selfsame starts no execution anew; start another one.".to_owned()),
    })
}

/// The ARN in the region that the caller signed for, of the kind that they asked with.
fn own_arn(region: &str, asked: &str, machine: &str, name: &str, id: uuid::Uuid) -> String {
    if arn::execution(asked).is_some_and(|arn| arn.express) {
        arn::of_express(region, machine, name, id)
    } else {
        arn::of_execution(region, machine, name)
    }
}
