//! After a start: takes executions up where they were, and concludes what executions wrote that are no more.

use std::collections::HashSet;
use std::sync::Arc;

use selfsame_store::{ExecutionStatus, MachineKind, Repository, Unfinished};
use selfsame_workflow::definition::parse;
use selfsame_workflow::execution::{Event, Execution, TaskStart};
use selfsame_workflow::{Failure, failure};
use serde_json::Value;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::arn;
use super::catalog::{Machine, ROLE_ARN};
use super::driver::Driver;
use super::job::{Job, Written};
use super::runner::Runner;
use super::undo::{Verdict, conclude};
use super::workers::{self, Workbench};
use crate::app::App;

/// Executions that are read at one time.
const PAGE: u32 = 256;

/// What earlier processes left.
pub(crate) struct Earlier {
    unfinished: Vec<Unfinished>,
    /// Executions of which the journal has entries.
    journals: Vec<Uuid>,
}

impl Earlier {
    /// To be called before anything runs: what runs has entries in the journal, too.
    pub(crate) async fn find(store: &dyn Repository) -> selfsame_store::Result<Self> {
        let journals = store.journals().await?;
        let mut unfinished: Vec<Unfinished> = Vec::new();
        loop {
            let after = unfinished.last().map(|last| last.record.id);
            let page = store.unfinished_executions(after, PAGE).await?;
            if page.is_empty() {
                return Ok(Self { unfinished, journals });
            }
            unfinished.extend(page);
        }
    }
}

impl Driver {
    /// Takes up and concludes, once galleries and models are there; from then on executions can be started. Says how many go
    /// on.
    pub(crate) async fn resume(&self, app: &Arc<App>, earlier: Earlier) -> selfsame_store::Result<usize> {
        let Earlier { unfinished, journals } = earlier;
        let going_on: HashSet<Uuid> = unfinished.iter().map(|execution| execution.record.id).collect();
        for id in journals {
            if !going_on.contains(&id) {
                conclude_lost(app, id).await?;
            }
        }
        for execution in unfinished {
            self.take_up(app, execution);
        }
        self.open();
        Ok(going_on.len())
    }

    fn take_up(&self, app: &Arc<App>, unfinished: Unfinished) {
        let id = unfinished.record.id;
        let Some((job, execution, late)) = restored(app, unfinished) else {
            tracing::error!(execution = %id, "an execution of an earlier process cannot be read; it stays as it is");
            return;
        };
        let job = Arc::new(job);
        let interrupted = execution.running();
        let (sender, inbox) = mpsc::unbounded_channel();
        let input = Value::Null;
        let mut runner = Runner::new(Arc::clone(&job), execution, input, inbox, None);
        runner.set_resumed(late);
        let (again, failed): (Vec<_>, Vec<_>) = interrupted
            .into_iter()
            .partition(|start| start.submitted || workers::is_repeatable(&start.resource));
        let failed = failed.iter().map(interruption);
        // The tick comes last: what was to happen meanwhile happens now.
        runner.take_up(again, failed.chain([Event::Tick]));
        self.launch(&job, runner, sender);
    }
}

/// What an execution wrote that does not run is taken back, unless it is known to have ended well: it was in memory when its
/// process ended.
async fn conclude_lost(app: &Arc<App>, id: Uuid) -> selfsame_store::Result<()> {
    let record = app.store.find_execution(id).await?;
    let succeeded = record
        .and_then(|record| record.ending)
        .is_some_and(|ending| ending.status == ExecutionStatus::Succeeded);
    let verdict = if succeeded {
        Verdict::Keep
    } else {
        Verdict::TakeBack
    };
    conclude(app, id, verdict, &Written::default()).await;
    tracing::info!(execution = %id, ?verdict, "concluded what an execution of an earlier process wrote");
    Ok(())
}

/// A task of which nobody knows whether it was done. Doing it again is for `Retry` to decide.
fn interruption(start: &TaskStart) -> Event {
    Event::Failed {
        task: start.task,
        failure: Failure::new(
            failure::TASK_FAILED,
            "The server stopped while the task was running. Whether it was done is not known.",
        ),
    }
}

/// An execution as it was written down, and whether its caller had been answered.
fn restored(app: &Arc<App>, unfinished: Unfinished) -> Option<(Job, Execution, bool)> {
    let Unfinished { record, state, .. } = unfinished;
    let mut snapshot: Value = serde_json::from_slice(&state).ok()?;
    let execution: Execution = serde_json::from_value(snapshot.get_mut("Execution")?.take()).ok()?;
    let region = snapshot.get("Region")?.as_str()?.to_owned();
    let late = snapshot.get("Late").and_then(Value::as_bool).unwrap_or(false);
    // The definition is the one that it began with; resources that are no longer known fail when they are called.
    let definition = parse(&record.definition, &()).0?;
    let arn = execution.identity().id.clone();
    let express = arn::execution(&arn).is_some_and(|arn| arn.express);
    let machine = Machine {
        name: record.machine,
        kind: if express {
            MachineKind::Express
        } else {
            MachineKind::Standard
        },
        definition: Arc::new(definition),
        text: record.definition.into(),
        role_arn: ROLE_ARN.to_owned(),
        revision: record.revision,
        created: record.started,
    };
    let job = Job {
        app: Arc::clone(app),
        id: record.id,
        name: record.name,
        arn,
        region,
        machine: Arc::new(machine),
        subject: record.subject,
        depth: workers::depth(execution.input()),
        workbench: Workbench::default(),
        written: Written::default(),
    };
    Some((job, execution, late))
}
