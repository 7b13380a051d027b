//! Starts executions and keeps track of those that run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use selfsame_store::{ExecutionRecord, ExecutionStart, MachineKind};
use selfsame_workflow::Failure;
use selfsame_workflow::execution::{Event, Execution, Identity, Limits, Outcome};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tracing::Instrument as _;
use uuid::Uuid;

use super::catalog::{Catalog, Machine};
use super::job::{Job, Written, subject};
use super::recent::{Ended, Recent};
use super::runner::{Message, Runner};
use super::token::TaskTokens;
use super::workers::{Workbench, depth};
use super::{arn, view};
use crate::access::RootSecret;
use crate::app::App;

/// The longest an Express execution may take, as at AWS.
const EXPRESS_LIMIT: Duration = Duration::from_mins(5);

/// How many old executions are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 500;

/// What to start.
pub(crate) struct Start {
    pub(crate) machine: Arc<Machine>,
    /// Chosen by the caller; a random one if absent.
    pub(crate) name: Option<String>,
    pub(crate) input: Value,
    pub(crate) region: String,
    /// The right to an inference thread and photos that were analysed, where that was done before.
    pub(crate) workbench: Workbench,
    /// The longest it may take, where that is less than the definition says.
    pub(crate) limit: Option<Duration>,
}

/// What was started.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) arn: String,
    pub(crate) at: Timestamp,
}

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The name is taken by an execution with another input, or by one that is over.
    #[error("the execution exists already")]
    Exists(Box<ExecutionRecord>),
    /// The server has not taken up what earlier processes left.
    #[error("the server is not ready")]
    NotReady,
    /// As many executions run as may.
    #[error("too many executions run")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] selfsame_store::Error),
    /// The execution's task ended badly.
    #[error("the execution did not finish")]
    Interrupted,
}

/// Why an answer to a task is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The token was not made here.
    #[error("invalid token")]
    InvalidToken,
    /// Nobody waits for the task (any more).
    #[error("the task is over")]
    TaskOver,
}

/// An execution that runs.
struct Running {
    machine: String,
    name: String,
    subject: Option<String>,
    inbox: mpsc::UnboundedSender<Message>,
    task: AbortHandle,
}

/// Runs state machines.
pub(crate) struct Driver {
    pub(crate) catalog: Catalog,
    pub(crate) recent: Recent,
    tokens: TaskTokens,
    running: Mutex<HashMap<Uuid, Running>>,
    max_running: usize,
    /// Whether those of earlier processes have been taken up.
    open: AtomicBool,
}

/// Stops an execution whose caller goes away.
struct StopOnDrop(Option<mpsc::UnboundedSender<Message>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(inbox) = self.0.take() {
            let failure = Failure::new(
                "Selfsame.CallerGone",
                "The caller went away before the execution had answered.",
            );
            // It may be over.
            let _ = inbox.send(Message::event(Event::Stop { failure }));
        }
    }
}

impl Driver {
    pub(crate) fn new(catalog: Catalog, root: &RootSecret, max_running: usize) -> Self {
        Self {
            catalog,
            recent: Recent::default(),
            tokens: TaskTokens::new(root),
            running: Mutex::default(),
            max_running,
            open: AtomicBool::new(false),
        }
    }

    /// From now on executions can be started.
    pub(super) fn open(&self) {
        self.open.store(true, Ordering::Release);
    }

    /// Whether executions can be started.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Makes and reads task tokens.
    pub(super) const fn tokens(&self) -> &TaskTokens {
        &self.tokens
    }

    /// Runs an execution in memory and gives its answer. If the caller goes away, it is stopped, and what it wrote is
    /// taken back.
    pub(crate) async fn run(&self, app: &Arc<App>, start: Start) -> Result<Arc<Ended>, StartError> {
        let prepared = self.prepare(app, start)?;
        let (answer, answered) = oneshot::channel();
        let (mut runner, inbox) = prepared.runner(Some(answer));
        let events = runner.advance(Event::Tick);
        runner.record(events).await;
        let mut guard = StopOnDrop(Some(inbox.clone()));
        self.launch(&prepared.job, runner, inbox);
        let ended = answered.await.map_err(|_| StartError::Interrupted)?;
        guard.0 = None;
        Ok(ended)
    }

    /// Starts an execution that nobody waits for: a Standard one is written down before this returns. Carried through even
    /// if the caller goes away: what is written down must run.
    pub(crate) async fn start(&self, app: &Arc<App>, start: Start) -> Result<Started, StartError> {
        let app = Arc::clone(app);
        let started = async move { app.workflows.start_now(&app, start).await };
        let started = tokio::spawn(started.in_current_span()).await;
        started.unwrap_or(Err(StartError::Interrupted))
    }

    async fn start_now(&self, app: &Arc<App>, start: Start) -> Result<Started, StartError> {
        let kind = start.machine.kind;
        let prepared = self.prepare(app, start)?;
        let (mut runner, inbox) = prepared.runner(None);
        let events = runner.advance(Event::Tick);
        let job = &prepared.job;
        let started = Started {
            arn: job.arn.clone(),
            at: prepared.execution.started(),
        };
        match kind {
            MachineKind::Express => {
                runner.record(events).await;
            }
            MachineKind::Standard => {
                let new = runner.new_execution(&events);
                match app.store.start_execution(new).await? {
                    ExecutionStart::Started => runner.set_durable(),
                    ExecutionStart::Exists(record) => return same(job, &prepared.input, record),
                    _ => return Err(StartError::Interrupted),
                }
            }
        }
        self.launch(job, runner, inbox);
        Ok(started)
    }

    fn prepare(&self, app: &Arc<App>, start: Start) -> Result<Prepared, StartError> {
        if !self.is_open() {
            return Err(StartError::NotReady);
        }
        if self.running().len() >= self.max_running {
            return Err(StartError::Full);
        }
        let id = app.ids.uuid();
        let name = start.name.unwrap_or_else(|| id.to_string());
        let machine = start.machine;
        let arn = match machine.kind {
            MachineKind::Express => arn::of_express(&start.region, &machine.name, &name, id),
            MachineKind::Standard => arn::of_execution(&start.region, &machine.name, &name),
        };
        let identity = Identity {
            id: arn.clone(),
            name: name.clone(),
            role_arn: machine.role_arn.clone(),
            machine_id: arn::of_machine(&start.region, &machine.name),
            machine_name: machine.name.clone(),
        };
        let now = app.clock.now();
        let (input, subject, depth) = (view(&start.input), subject(&start.input), depth(&start.input));
        let mut execution =
            Execution::new(&machine.definition, identity, start.input, Limits::default(), now);
        let express = (machine.kind == MachineKind::Express).then_some(EXPRESS_LIMIT);
        for limit in [express, start.limit].into_iter().flatten() {
            execution.expire_at(now.saturating_add(limit).unwrap_or(Timestamp::MAX));
        }
        let job = Arc::new(Job {
            app: Arc::clone(app),
            id,
            name,
            arn,
            region: start.region,
            machine,
            subject,
            depth,
            workbench: start.workbench,
            written: Written::default(),
        });
        Ok(Prepared {
            job,
            execution,
            input,
        })
    }

    /// Lets an execution run as a task of its own.
    pub(super) fn launch(&self, job: &Arc<Job>, runner: Runner, inbox: mpsc::UnboundedSender<Message>) {
        let mut running = self.running();
        let task = tokio::spawn(runner.run().in_current_span()).abort_handle();
        running.insert(
            job.id,
            Running {
                machine: job.machine.name.clone(),
                name: job.name.clone(),
                subject: job.subject.clone(),
                inbox,
                task,
            },
        );
    }

    /// Passes on an answer to a task. Returns when it is written down.
    pub(crate) async fn answer(
        &self,
        token: &str,
        event: impl FnOnce(u64) -> Event,
    ) -> Result<(), AnswerError> {
        let (id, task) = self.tokens.read(token).ok_or(AnswerError::InvalidToken)?;
        let inbox = self.running().get(&id).map(|running| running.inbox.clone());
        let inbox = inbox.ok_or(AnswerError::TaskOver)?;
        let (taken, answer) = oneshot::channel();
        inbox
            .send(Message::answer(event(task), taken))
            .map_err(|_| AnswerError::TaskOver)?;
        match answer.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(AnswerError::TaskOver),
        }
    }

    /// Stops an execution; `false` where none of this name runs. Returns when that is written down.
    pub(crate) async fn stop(&self, machine: &str, name: &str, failure: Failure) -> bool {
        let inbox = self
            .running()
            .values()
            .find(|running| running.machine == machine && running.name == name)
            .map(|running| running.inbox.clone());
        let Some(inbox) = inbox else {
            return false;
        };
        let (taken, answer) = oneshot::channel();
        let sent = inbox.send(Message::answer(Event::Stop { failure }, taken));
        sent.is_ok() && answer.await.unwrap_or(false)
    }

    /// Forgets every execution about a person, also those that run. Called when the person is erased.
    pub(crate) async fn forget(&self, app: &App, subject: &str) -> selfsame_store::Result<()> {
        self.recent.forget(subject);
        app.store.forget_executions_about(subject).await?;
        let inboxes: Vec<_> = self
            .running()
            .values()
            .filter(|running| running.subject.as_deref() == Some(subject))
            .map(|running| running.inbox.clone())
            .collect();
        for inbox in inboxes {
            let failure = Failure::new("Selfsame.Erased", "The person whom it was about was erased.");
            // It may be over.
            let _ = inbox.send(Message::event(Event::Stop { failure }));
        }
        Ok(())
    }

    /// Forgets what has been over for long enough.
    pub(crate) async fn forget_old(&self, app: &App) {
        let days = app.clients.config().keep_days;
        let kept = jiff::SignedDuration::from_hours(i64::from(days) * 24);
        let Ok(before) = app.clock.now().checked_sub(kept) else {
            return;
        };
        loop {
            match app.store.forget_executions(before, FORGOTTEN_AT_ONCE).await {
                Ok(forgotten) if forgotten >= u64::from(FORGOTTEN_AT_ONCE) => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "old executions were not forgotten; tried again in an hour");
                    return;
                }
            }
        }
    }

    /// An execution is over.
    pub(super) fn over(&self, app: &Arc<App>, ended: &Arc<Ended>, durable: bool, late: bool) {
        self.gone(ended.id);
        let outcome = ended.label();
        let (id, machine) = (ended.id, &ended.machine.name);
        if let Some(user) = &ended.subject {
            tracing::info!(%id, %machine, %user, outcome, "{machine} of {user}: {outcome}");
        } else {
            tracing::info!(%id, %machine, outcome, "{machine}: {outcome}");
        }
        if ended.machine.revision.is_none() {
            app.metrics.decision(&ended.machine.name, outcome);
        }
        if !durable {
            self.recent.add(Arc::clone(ended));
        }
        if late && !matches!(ended.outcome, Outcome::Succeeded(_)) {
            super::webhook::announce(app, ended);
        }
    }

    /// How many executions run.
    pub(super) fn count(&self) -> usize {
        self.running().len()
    }

    /// An execution no longer runs.
    pub(super) fn gone(&self, id: Uuid) {
        self.running().remove(&id);
    }

    /// Ends everything that runs, as it is. What is in the store goes on with the next start.
    pub(crate) fn shut_down(&self) {
        for (_, running) in self.running().drain() {
            running.task.abort();
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<Uuid, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An execution before its first step.
struct Prepared {
    job: Arc<Job>,
    execution: Execution,
    /// Without pictures.
    input: Value,
}

impl Prepared {
    fn runner(
        &self,
        caller: Option<oneshot::Sender<Arc<Ended>>>,
    ) -> (Runner, mpsc::UnboundedSender<Message>) {
        let (sender, inbox) = mpsc::unbounded_channel();
        let (job, input) = (Arc::clone(&self.job), self.input.clone());
        (
            Runner::new(job, self.execution.clone(), input, inbox, caller),
            sender,
        )
    }
}

/// A name that is taken is no error where the same was asked before and still runs.
fn same(job: &Job, input: &Value, record: ExecutionRecord) -> Result<Started, StartError> {
    let asked = input.to_string();
    if record.ending.is_none() && record.input == asked {
        return Ok(Started {
            arn: job.arn.clone(),
            at: record.started,
        });
    }
    Err(StartError::Exists(Box::new(record)))
}
