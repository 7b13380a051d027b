//! `ListExecutions`.

use jiff::Timestamp;
use selfsame_store::{ExecutionFilter, ExecutionStatus as Stored, ExecutionSummary, MachineKind};
use selfsame_wire::ErrorCode;
use selfsame_wire::states::{
    ExecutionListItem, ExecutionRedriveFilter, ExecutionStatus, ListExecutionsInput, ListExecutionsOutput,
};
use uuid::Uuid;

use super::access::{Purpose, allow};
use super::payload::moment;
use super::{page, record, refusal};
use crate::aws::{Context, Error};
use crate::workflow::arn;

/// Microseconds, as the store keeps them, and an id.
const POSITION_BYTES: usize = 24;

/// The executions of a Standard machine, the newest first.
pub(crate) async fn run(
    context: &Context,
    input: ListExecutionsInput,
) -> Result<ListExecutionsOutput, Error> {
    allow(context, Purpose::Run)?;
    let machine_arn = machine_arn(&input)?;
    let name = refusal::machine(machine_arn)?;
    let machine = context.app.workflows.catalog.find(name).await?;
    let machine = machine.ok_or_else(|| refusal::no_machine(machine_arn))?;
    if machine.kind == MachineKind::Express {
        return Err(Error::new(
            ErrorCode::StateMachineTypeNotSupported,
            "This operation is not supported by this type of state machine: Express executions are not written down. \
             DescribeExecution shows those of late.",
        ));
    }
    let status = input.status_filter.map(stored).transpose()?;
    let list = [
        "ListExecutions",
        name,
        input.status_filter.map_or("", ExecutionStatus::as_str),
    ];
    let before = match page::position(context, &list, input.next_token.as_ref())? {
        Some(position) => Some(read(&position).ok_or_else(refusal::pagination_token)?),
        None => None,
    };
    if input.redrive_filter == Some(ExecutionRedriveFilter::Redriven) {
        // None ever is.
        return Ok(ListExecutionsOutput::default());
    }
    let size = page::size(input.max_results);
    let filter = ExecutionFilter {
        machine: Some(name.to_owned()),
        status,
    };
    let limit = page::limit(size);
    let mut found = context.app.store.list_executions(&filter, before, limit).await?;
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more);
    Ok(ListExecutionsOutput {
        next_token: last.map(|last| context.tokens().issue(&list, &position(last))),
        executions: found
            .into_iter()
            .map(|found| item(&context.region, found))
            .collect(),
    })
}

/// Either a machine's executions or those of a Map Run are listed, and there are no Map Runs.
fn machine_arn(input: &ListExecutionsInput) -> Result<&str, Error> {
    match (&input.state_machine_arn, &input.map_run_arn) {
        (Some(arn), None) => Ok(arn),
        (None, Some(arn)) => Err(Error::new(
            ErrorCode::ResourceNotFound,
            format!(
                "Resource not found: '{}'. There are no Map Runs here.",
                refusal::shortened(arn)
            ),
        )),
        _ => Err(refusal::invalid(
            "Exactly one of stateMachineArn and mapRunArn must be given.",
        )),
    }
}

fn stored(status: ExecutionStatus) -> Result<Stored, Error> {
    Ok(match status {
        ExecutionStatus::Running => Stored::Running,
        ExecutionStatus::Succeeded => Stored::Succeeded,
        ExecutionStatus::Failed => Stored::Failed,
        ExecutionStatus::TimedOut => Stored::TimedOut,
        ExecutionStatus::Aborted => Stored::Aborted,
        ExecutionStatus::PendingRedrive => {
            return Err(refusal::invalid(
                "PENDING_REDRIVE is for executions of Map Runs, which do not exist here.",
            ));
        }
    })
}

fn item(region: &str, found: ExecutionSummary) -> ExecutionListItem {
    ExecutionListItem {
        execution_arn: arn::of_execution(region, &found.machine, &found.name),
        state_machine_arn: arn::of_machine(region, &found.machine),
        name: found.name,
        status: record::status(found.status),
        start_date: moment(found.started),
        stop_date: found.stopped.map(moment),
        map_run_arn: None,
        item_count: None,
        state_machine_version_arn: None,
        state_machine_alias_arn: None,
        redrive_count: Some(0),
        redrive_date: None,
    }
}

fn position(last: &ExecutionSummary) -> Vec<u8> {
    let started = last.started.as_microsecond().to_be_bytes();
    [started.as_slice(), last.id.as_bytes()].concat()
}

fn read(position: &[u8]) -> Option<(Timestamp, Uuid)> {
    let position: &[u8; POSITION_BYTES] = position.try_into().ok()?;
    let (started, id) = position.split_at(size_of::<i64>());
    let started = Timestamp::from_microsecond(i64::from_be_bytes(started.try_into().ok()?)).ok()?;
    Some((started, Uuid::from_slice(id).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_were_made() {
        let started = "2026-11-23T10:00:00.123456Z".parse().unwrap();
        let last = ExecutionSummary {
            id: Uuid::from_u128(7),
            machine: "review".to_owned(),
            name: "one".to_owned(),
            started,
            stopped: None,
            status: Stored::Running,
        };
        assert_eq!(read(&position(&last)), Some((started, Uuid::from_u128(7))));
        assert_eq!(read(b""), None);
        assert_eq!(read(&[0xff; 25]), None);
    }

    #[test]
    fn one_kind_of_list_is_asked_for() {
        let asked = |machine: Option<&str>, run: Option<&str>| {
            let input = ListExecutionsInput {
                state_machine_arn: machine.map(str::to_owned),
                map_run_arn: run.map(str::to_owned),
                ..ListExecutionsInput::default()
            };
            machine_arn(&input)
                .map(str::to_owned)
                .map_err(|error| error.code())
        };
        assert_eq!(asked(Some("a"), None), Ok("a".to_owned()));
        assert_eq!(asked(None, Some("b")), Err(ErrorCode::ResourceNotFound));
        assert_eq!(asked(None, None), Err(ErrorCode::ValidationException));
        assert_eq!(asked(Some("a"), Some("b")), Err(ErrorCode::ValidationException));
        assert!(stored(ExecutionStatus::PendingRedrive).is_err());
    }
}
