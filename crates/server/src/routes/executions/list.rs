//! `GET /executions`: the executions of late.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use selfsame_store::{ExecutionFilter, ExecutionSummary};
use serde::Deserialize;
use uuid::Uuid;

use super::found::{outcome, status};
use super::page;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Error;
use crate::executions_page::{List, Listed};
use crate::workflow::{Ended, arn};

/// How many are on a page.
const LISTED: usize = 50;
/// How many machines of clients are offered.
const MACHINES: u32 = 50;
/// In the ARNs of executions whose region nobody has noted: any will do.
const REGION: &str = "us-east-1";

/// Which ones.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    /// Of this machine only.
    machine: Option<String>,
    /// Those that started before this one.
    before: Option<String>,
}

/// Where an execution stands in the list: by its start, then its id.
type Position = (Timestamp, Uuid);

/// Lists executions, those that began last first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    _visitor: Visitor,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Error> {
    let which = which.map(|Query(which)| which).unwrap_or_default();
    let machine = which.machine.filter(|name| arn::is_name(name));
    let before = which.before.as_deref().and_then(position);
    let region = app.settings.region.as_deref().unwrap_or(REGION);
    let filter = ExecutionFilter {
        machine: machine.clone(),
        ..ExecutionFilter::default()
    };
    let stored = app
        .store
        .list_executions(&filter, before, LISTED as u32 + 1)
        .await?;
    let mut all: Vec<(Position, Listed)> = stored
        .into_iter()
        .map(|summary| of_store(region, summary))
        .collect();
    let recent = app.workflows.recent.list();
    let wanted = recent
        .iter()
        .filter(|ended| machine.as_ref().is_none_or(|name| &ended.machine.name == name));
    let earlier = wanted.filter(|ended| before.is_none_or(|before| (ended.started, ended.id) < before));
    all.extend(earlier.map(|ended| of_memory(ended)));
    all.sort_by_key(|(position, _)| std::cmp::Reverse(*position));
    let more = all.len() > LISTED;
    all.truncate(LISTED);
    let last = all
        .last()
        .filter(|_| more)
        .map(|((started, id), _)| format!("{started}_{id}"));
    let executions: Vec<Listed> = all.into_iter().map(|(_, listed)| listed).collect();
    let machines = machines(&app, &executions).await?;
    let list = List {
        executions: &executions,
        machine: machine.as_deref(),
        machines: &machines,
        older: last,
        now: app.clock.now(),
    };
    Ok(page(StatusCode::OK, &list))
}

fn position(text: &str) -> Option<Position> {
    let (started, id) = text.split_once('_')?;
    Some((started.parse().ok()?, Uuid::parse_str(id).ok()?))
}

fn of_store(region: &str, summary: ExecutionSummary) -> (Position, Listed) {
    let listed = Listed {
        arn: arn::of_execution(region, &summary.machine, &summary.name),
        name: summary.name,
        machine: summary.machine,
        status: status(summary.status),
        started: summary.started,
        stopped: summary.stopped,
    };
    ((summary.started, summary.id), listed)
}

fn of_memory(ended: &Ended) -> (Position, Listed) {
    let listed = Listed {
        arn: ended.arn.clone(),
        name: ended.name.clone(),
        machine: ended.machine.name.clone(),
        status: outcome(&ended.outcome).0,
        started: ended.started,
        stopped: Some(ended.stopped),
    };
    ((ended.started, ended.id), listed)
}

/// The names of machines: of the flows, of clients, and of those that are gone but still have executions here.
async fn machines(app: &App, executions: &[Listed]) -> Result<Vec<String>, Error> {
    let flows = app.workflows.catalog.flows();
    let clients = app.store.list_machines(None, MACHINES).await?;
    let mut names: BTreeSet<String> = flows.iter().map(|machine| machine.name.clone()).collect();
    names.extend(clients.into_iter().map(|machine| machine.name));
    names.extend(executions.iter().map(|listed| listed.machine.clone()));
    Ok(names.into_iter().collect())
}
