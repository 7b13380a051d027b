//! `ListStateMachines`.

use selfsame_store::MachineKind;
use selfsame_wire::states::{ListStateMachinesInput, ListStateMachinesOutput, StateMachineListItem};

use super::access::{Purpose, allow};
use super::payload::moment;
use super::{definition, page, refusal};
use crate::aws::{Context, Error};
use crate::workflow::arn;

/// A line of the list.
struct Line {
    name: String,
    kind: MachineKind,
    created: jiff::Timestamp,
}

/// Names the flows and the stored machines, by name.
pub(crate) async fn run(
    context: &Context,
    input: ListStateMachinesInput,
) -> Result<ListStateMachinesOutput, Error> {
    allow(context, Purpose::Run)?;
    let list = ["ListStateMachines"];
    let after = match page::position(context, &list, input.next_token.as_ref())? {
        Some(position) => Some(String::from_utf8(position).map_err(|_| refusal::pagination_token())?),
        None => None,
    };
    let size = page::size(input.max_results);
    let mut lines = lines(context, after.as_deref(), page::limit(size)).await?;
    let more = lines.len() > size;
    lines.truncate(size);
    let last = lines.last().filter(|_| more);
    // A name of eighty characters can be longer than a short token may.
    let next_token = last.map(|last| context.tokens().issue_long(&list, last.name.as_bytes()));
    let item = |line: Line| StateMachineListItem {
        state_machine_arn: arn::of_machine(&context.region, &line.name),
        name: line.name,
        r#type: definition::wire_kind(line.kind),
        creation_date: moment(line.created),
    };
    Ok(ListStateMachinesOutput {
        state_machines: lines.into_iter().map(item).collect(),
        next_token,
    })
}

/// The lines after a name. A flow hides a stored machine of its name, as it does where one is started.
async fn lines(context: &Context, after: Option<&str>, limit: u32) -> Result<Vec<Line>, Error> {
    let app = &context.app;
    let catalog = &app.workflows.catalog;
    let stored = app.store.list_machines(after, limit).await?;
    let stored = stored.into_iter().map(|machine| Line {
        name: machine.name,
        kind: machine.kind,
        created: machine.created,
    });
    let stored = stored.filter(|line| catalog.flow(&line.name).is_none());
    let flows = catalog.flows().into_iter().map(|flow| Line {
        name: flow.name.clone(),
        kind: flow.kind,
        created: flow.created,
    });
    let flows = flows.filter(|line| after.is_none_or(|after| line.name.as_str() > after));
    let mut lines: Vec<Line> = flows.chain(stored).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(lines)
}
