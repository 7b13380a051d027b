//! One execution: step, write down, have tasks done, wait, step again. Decides nothing: what follows from what is the
//! interpreter's business.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use selfsame_store::{Advance, Ending, ExecutionStatus, NewExecution};
use selfsame_workflow::definition::StateMachine;
use selfsame_workflow::execution::{
    Command, Event, Execution, HistoryEvent, Moment, Outcome, TaskStart, step,
};
use selfsame_workflow::{Failure, Random};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::job::Job;
use super::recent::Ended;
use super::undo::{Verdict, conclude};
use super::{view, workers};

/// How long a store that is busy is left alone before it is asked again.
const STORE_PAUSE: Duration = Duration::from_millis(500);
/// The longest sleep; after it the deadline is looked at again.
const LONGEST_SLEEP: Duration = Duration::from_hours(24);

/// What reaches an execution from outside.
pub(super) struct Message {
    event: Event,
    /// Told whether anybody waited for it, once that is written down.
    taken: Option<oneshot::Sender<bool>>,
}

impl Message {
    /// Something that happens, whoever waits for it.
    pub(super) const fn event(event: Event) -> Self {
        Self { event, taken: None }
    }

    /// An answer to a task, and who wants to know whether it was taken.
    pub(super) const fn answer(event: Event, taken: oneshot::Sender<bool>) -> Self {
        Self {
            event,
            taken: Some(taken),
        }
    }
}

/// An execution that runs.
pub(super) struct Runner {
    job: Arc<Job>,
    definition: Arc<StateMachine>,
    /// `None` only while it is being moved on.
    execution: Option<Execution>,
    inbox: mpsc::UnboundedReceiver<Message>,
    tasks: JoinSet<(u64, Result<Value, Failure>)>,
    handles: HashMap<u64, AbortHandle>,
    starts: Vec<TaskStart>,
    queue: VecDeque<Event>,
    /// Without pictures.
    input: Value,
    /// Whether it is in the store.
    durable: bool,
    /// The history, where it is not in the store.
    events: Vec<HistoryEvent>,
    /// Who waits for the answer.
    caller: Option<oneshot::Sender<Arc<Ended>>>,
    /// Whether its caller has been answered before its end.
    late: bool,
    /// Whether an earlier process has begun it.
    resumed: bool,
}

/// Random numbers from where ids come from.
struct Ids<'a>(&'a dyn selfsame_types::IdSource);

impl Random for Ids<'_> {
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

impl Runner {
    pub(super) fn new(
        job: Arc<Job>,
        execution: Execution,
        input: Value,
        inbox: mpsc::UnboundedReceiver<Message>,
        caller: Option<oneshot::Sender<Arc<Ended>>>,
    ) -> Self {
        Self {
            definition: Arc::clone(&job.machine.definition),
            job,
            execution: Some(execution),
            inbox,
            tasks: JoinSet::new(),
            handles: HashMap::new(),
            starts: Vec::new(),
            queue: VecDeque::new(),
            input,
            durable: false,
            events: Vec::new(),
            caller,
            late: false,
            resumed: false,
        }
    }

    /// It is in the store from now on.
    pub(super) const fn set_durable(&mut self) {
        self.durable = true;
    }

    /// It was begun by an earlier process, which may have answered its caller.
    pub(super) const fn set_resumed(&mut self, late: bool) {
        (self.durable, self.resumed, self.late) = (true, true, late);
    }

    /// Tasks to be started before anything else: those that a restart interrupted.
    pub(super) fn take_up(&mut self, starts: Vec<TaskStart>, events: impl IntoIterator<Item = Event>) {
        self.starts.extend(starts);
        self.queue.extend(events);
    }

    /// Moves the execution on in memory and notes what is to be done.
    pub(super) fn advance(&mut self, event: Event) -> Vec<HistoryEvent> {
        let Some(execution) = self.execution.take() else {
            return Vec::new();
        };
        let app = &self.job.app;
        let (tokens, id) = (app.workflows.tokens(), self.job.id);
        let mut moment = Moment {
            now: app.clock.now(),
            random: &mut Ids(app.ids.as_ref()),
            token: &|task| tokens.issue(id, task),
            view: &view,
        };
        let (execution, commands) = step(&self.definition, execution, event, &mut moment);
        self.execution = Some(execution);
        let mut events = Vec::new();
        for command in commands {
            match command {
                Command::Record(event) => events.push(event),
                Command::Start(start) => self.starts.push(start),
                Command::Cancel { task } => {
                    self.starts.retain(|start| start.task != task);
                    if let Some(handle) = self.handles.remove(&task) {
                        handle.abort();
                    }
                }
            }
        }
        events
    }

    /// The execution as it is first stored.
    pub(super) fn new_execution(&self, events: &[HistoryEvent]) -> NewExecution {
        let execution = self.execution.as_ref();
        NewExecution {
            id: self.job.id,
            machine: self.job.machine.name.clone(),
            name: self.job.name.clone(),
            definition: self.job.machine.text.to_string(),
            revision: self.job.machine.revision,
            input: self.input.to_string(),
            subject: self.job.subject.clone(),
            started: execution.map_or_else(|| self.job.app.clock.now(), Execution::started),
            state: self.snapshot(),
            events: lines(events),
            ending: self.ending(),
            inherits: None,
        }
    }

    /// What is needed to go on; nothing once it is over.
    fn snapshot(&self) -> Option<Vec<u8>> {
        let execution = self.execution.as_ref()?;
        if execution.outcome().is_some() {
            return None;
        }
        // A value of maps and texts is always JSON.
        let snapshot = json!({ "Region": self.job.region, "Late": self.late, "Execution": execution });
        serde_json::to_vec(&snapshot).ok()
    }

    fn ending(&self) -> Option<Ending> {
        let outcome = self.execution.as_ref()?.outcome()?;
        let stopped = self.job.app.clock.now();
        let failed = |status, failure: &Failure| Ending {
            status,
            output: None,
            error: Some(failure.error.clone()),
            cause: Some(failure.cause.clone()),
            stopped,
        };
        Some(match outcome {
            Outcome::Succeeded(output) => Ending {
                status: ExecutionStatus::Succeeded,
                output: Some(view(output).to_string()),
                error: None,
                cause: None,
                stopped,
            },
            Outcome::Failed(failure) => failed(ExecutionStatus::Failed, failure),
            Outcome::Aborted(failure) => failed(ExecutionStatus::Aborted, failure),
            Outcome::TimedOut => Ending {
                status: ExecutionStatus::TimedOut,
                output: None,
                error: None,
                cause: None,
                stopped,
            },
        })
    }

    /// Goes on until the end.
    pub(super) async fn run(mut self) {
        while !self.is_over() {
            self.dispatch().await;
            let Message { event, taken } = self.next().await;
            let wanted = self.is_wanted(&event);
            let events = self.advance(event);
            if !self.record(events).await {
                // It was erased, with the person it is about.
                return self.vanish().await;
            }
            if let Some(taken) = taken {
                // Who asked may be gone.
                let _ = taken.send(wanted);
            }
        }
        self.finish().await;
    }

    fn is_over(&self) -> bool {
        self.execution
            .as_ref()
            .is_none_or(|execution| execution.outcome().is_some())
    }

    /// Whether a task waits for this answer from outside.
    fn is_wanted(&self, event: &Event) -> bool {
        let (Event::Succeeded { task, .. } | Event::Failed { task, .. } | Event::Heartbeat { task }) = event
        else {
            return true;
        };
        self.execution
            .as_ref()
            .is_some_and(|execution| execution.awaits_token(*task))
    }

    /// Writes down what has happened; `false` where the execution is no longer in the store.
    pub(super) async fn record(&mut self, events: Vec<HistoryEvent>) -> bool {
        if !self.durable {
            self.events.extend(events);
            return true;
        }
        if events.is_empty() && !self.is_over() {
            return true;
        }
        let advance = Advance {
            id: self.job.id,
            state: self.snapshot(),
            events: lines(&events),
            ending: self.ending(),
        };
        loop {
            match self.job.app.store.advance_execution(advance.clone()).await {
                Ok(()) => return true,
                Err(selfsame_store::Error::NoSuchExecution) => return false,
                Err(error) => {
                    let id = self.job.id;
                    tracing::error!(%id, %error, "an execution could not be written down; trying again");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Has the tasks done that are to be.
    async fn dispatch(&mut self) {
        for start in std::mem::take(&mut self.starts) {
            if start.submitted {
                continue;
            }
            if workers::answers_caller(&start.resource) {
                let event = self.answer_caller(&start).await;
                self.queue.push_back(event);
                continue;
            }
            let (job, task) = (Arc::clone(&self.job), start.task);
            let handle = self
                .tasks
                .spawn(async move { (task, workers::call(&job, start).await) });
            self.handles.insert(task, handle);
        }
    }

    /// The next thing that happens.
    async fn next(&mut self) -> Message {
        if let Some(event) = self.queue.pop_front() {
            return Message::event(event);
        }
        loop {
            let sleep = self.sleep();
            tokio::select! {
                Some(message) = self.inbox.recv() => return message,
                Some(joined) = self.tasks.join_next(), if !self.tasks.is_empty() => {
                    if let Some(event) = self.joined(joined) {
                        return Message::event(event);
                    }
                }
                () = tokio::time::sleep(sleep) => return Message::event(Event::Tick),
            }
        }
    }

    fn sleep(&self) -> Duration {
        let deadline = self.execution.as_ref().and_then(Execution::deadline);
        let Some(deadline) = deadline else {
            return LONGEST_SLEEP;
        };
        let left = deadline.duration_since(self.job.app.clock.now());
        // A moment more: woken too early, nothing would be due.
        let left = Duration::try_from(left).unwrap_or_default() + Duration::from_millis(1);
        left.min(LONGEST_SLEEP)
    }

    /// What the end of a task means.
    fn joined(&mut self, joined: Result<(u64, Result<Value, Failure>), JoinError>) -> Option<Event> {
        let (task, result) = match joined {
            Ok(done) => done,
            Err(error) if error.is_cancelled() => return None,
            Err(error) => {
                let found = self.handles.iter().find(|(_, handle)| handle.id() == error.id());
                let task = *found?.0;
                tracing::error!(execution = %self.job.id, %error, "a task ended badly");
                (task, Err(workers::internal()))
            }
        };
        self.handles.remove(&task)?;
        Some(match result {
            Ok(output) if self.awaits_token(task) => Event::Submitted { task, output },
            Ok(output) => Event::Succeeded { task, output },
            Err(failure) => Event::Failed { task, failure },
        })
    }

    fn awaits_token(&self, task: u64) -> bool {
        let execution = self.execution.as_ref();
        execution.is_some_and(|execution| execution.awaits_token(task))
    }

    /// Gives the caller their answer although the execution goes on: from now on it is written down, so that what follows
    /// is done whatever happens to this process.
    async fn answer_caller(&mut self, start: &TaskStart) -> Event {
        let task = start.task;
        if self.caller.is_none() {
            return Event::Succeeded {
                task,
                output: json!({}),
            };
        }
        self.late = true;
        if !self.durable {
            let new = self.new_execution(&self.events);
            if let Err(error) = self.job.app.store.start_execution(new).await {
                tracing::error!(execution = %self.job.id, %error, "an execution could not be written down");
                self.late = false;
                return Event::Failed {
                    task,
                    failure: workers::internal(),
                };
            }
            self.durable = true;
        }
        let ended = self.ended(Outcome::Succeeded(start.parameters.clone()));
        self.tell(ended);
        Event::Succeeded {
            task,
            output: json!({}),
        }
    }

    fn tell(&mut self, ended: Arc<Ended>) {
        if let Some(caller) = self.caller.take() {
            // The caller may be gone.
            let _ = caller.send(ended);
        }
    }

    fn ended(&mut self, outcome: Outcome) -> Arc<Ended> {
        let job = &self.job;
        let now = job.app.clock.now();
        Arc::new(Ended {
            id: job.id,
            arn: job.arn.clone(),
            name: job.name.clone(),
            machine: Arc::clone(&job.machine),
            subject: job.subject.clone(),
            started: self.execution.as_ref().map_or(now, Execution::started),
            stopped: now,
            input: self.input.clone(),
            outcome,
            events: if self.durable {
                Vec::new()
            } else {
                std::mem::take(&mut self.events)
            },
        })
    }

    /// The execution is over: what it wrote stays or is taken back, and whoever waits is told.
    async fn finish(mut self) {
        self.tasks.shutdown().await;
        let outcome = self.execution.as_ref().and_then(Execution::outcome).cloned();
        let outcome = outcome.unwrap_or(Outcome::TimedOut);
        let verdict = match outcome {
            Outcome::Succeeded(_) => Verdict::Keep,
            _ => Verdict::TakeBack,
        };
        self.conclude(verdict).await;
        let ended = self.ended(outcome);
        let app = Arc::clone(&self.job.app);
        app.workflows.over(&app, &ended, self.durable, self.late);
        self.tell(ended);
    }

    async fn conclude(&self, verdict: Verdict) {
        // An execution from before a restart may have written something of which this process knows nothing.
        if self.resumed || !self.job.written.all().is_empty() {
            conclude(&self.job.app, self.job.id, verdict, &self.job.written).await;
        }
    }

    /// The execution was erased: nothing of it stays.
    async fn vanish(mut self) {
        self.tasks.shutdown().await;
        self.conclude(Verdict::TakeBack).await;
        self.job.app.workflows.gone(self.job.id);
    }
}

/// Events as they are stored.
fn lines(events: &[HistoryEvent]) -> Vec<String> {
    // Maps and texts are always JSON.
    events
        .iter()
        .filter_map(|event| serde_json::to_string(event).ok())
        .collect()
}
