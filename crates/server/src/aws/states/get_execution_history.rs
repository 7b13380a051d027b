//! `GetExecutionHistory`.

use selfsame_wire::states::{GetExecutionHistoryInput, GetExecutionHistoryOutput};
use selfsame_workflow::execution::HistoryEvent;

use super::access::{Purpose, allow};
use super::events::{self, Shown};
use super::record::{self, Record};
use super::{page, refusal};
use crate::aws::{Context, Error};

/// The history of an execution, from either end; unlike AWS's, also that of an Express one, as long as it is remembered.
pub(crate) async fn run(
    context: &Context,
    input: GetExecutionHistoryInput,
) -> Result<GetExecutionHistoryOutput, Error> {
    allow(context, Purpose::Run)?;
    let found = record::find(context, &input.execution_arn).await?;
    let found = found.ok_or_else(|| refusal::no_execution(&input.execution_arn))?;
    let newest_first = input.reverse_order == Some(true);
    let id = found.id().to_string();
    let list = [
        "GetExecutionHistory",
        id.as_str(),
        if newest_first { "newest" } else { "oldest" },
    ];
    let from = match page::position(context, &list, input.next_token.as_ref())? {
        Some(position) => {
            let number = position.as_slice().try_into().map(u64::from_be_bytes);
            number.map_err(|_| refusal::pagination_token())?
        }
        None if newest_first => u64::MAX,
        None => 1,
    };
    let size = page::size(input.max_results);
    let mut lines = lines(context, &found, from, page::limit(size), newest_first).await?;
    // The first line of the next page, if there is one.
    let next = lines.get(size).map(|line| line.id);
    lines.truncate(size);
    let machine = context.app.workflows.catalog.find(found.machine()).await?;
    let shown = Shown {
        region: &context.region,
        role_arn: machine.as_ref().map(|machine| machine.role_arn.as_str()),
        data: input.include_execution_data != Some(false),
    };
    Ok(GetExecutionHistoryOutput {
        events: lines
            .iter()
            .filter_map(|line| events::event(line, &shown))
            .collect(),
        next_token: next.map(|next| context.tokens().issue(&list, &next.to_be_bytes())),
    })
}

/// Up to `limit` lines, from the one with this number on.
async fn lines(
    context: &Context,
    found: &Record,
    from: u64,
    limit: u32,
    newest_first: bool,
) -> Result<Vec<HistoryEvent>, Error> {
    match found {
        Record::Stored(record) => {
            let store = &context.app.store;
            let texts = store
                .execution_events(record.id, from, limit, newest_first)
                .await?;
            let lines: Result<Vec<_>, _> = texts.iter().map(|text| serde_json::from_str(text)).collect();
            lines.map_err(Error::internal)
        }
        Record::Recent(ended) => Ok(remembered(&ended.events, from, limit, newest_first)),
    }
}

/// The same of a history in memory.
fn remembered(events: &[HistoryEvent], from: u64, limit: u32, newest_first: bool) -> Vec<HistoryEvent> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if newest_first {
        let upto = events.iter().rev().filter(|event| event.id <= from);
        upto.take(limit).cloned().collect()
    } else {
        let onwards = events.iter().filter(|event| event.id >= from);
        onwards.take(limit).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use selfsame_workflow::execution::Detail;

    use super::*;

    #[test]
    fn a_remembered_history_is_read_from_both_ends() {
        let at = "2026-11-23T10:00:00Z".parse().unwrap();
        let line = |id: u64| HistoryEvent {
            id,
            previous: id - 1,
            at,
            detail: Detail::ParallelStateStarted,
        };
        let events: Vec<HistoryEvent> = (1..=5).map(line).collect();
        let ids = |from, limit, newest_first| {
            let found = remembered(&events, from, limit, newest_first);
            found.iter().map(|event| event.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(1, 3, false), [1, 2, 3]);
        assert_eq!(ids(4, 3, false), [4, 5]);
        assert_eq!(ids(u64::MAX, 2, true), [5, 4]);
        assert_eq!(ids(3, 9, true), [3, 2, 1]);
    }
}
