//! A world for executions: scripted workers, a clock that jumps to the next moment at which something happens, and fixed
//! random numbers. Every execution runs twice, once written down and read again between every two steps, and must do
//! the same; what must hold at every step of every execution is asserted here.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::Failure;
use crate::definition::{StateMachine, parse};
use crate::execution::{
    Command, Detail, Event, Execution, HistoryEvent, Identity, Limits, Moment, Outcome, TaskStart, step,
};

/// More steps than any execution of a test takes.
const MAX_STEPS: usize = 100_000;

/// What a worker does with a task.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Succeed(Value),
    Fail(&'static str),
    /// Answers after so many seconds.
    After(u64, Box<Reply>),
    /// Never answers.
    Never,
}

/// How an execution is run.
pub(super) struct Setup<'w> {
    pub(super) definition: Value,
    pub(super) input: Value,
    pub(super) limits: Limits,
    /// Every random number.
    pub(super) random: u64,
    /// What happens besides: after so many seconds.
    pub(super) script: Vec<(u64, Event)>,
    /// Gets the task, and how often its state has been started before.
    pub(super) workers: &'w dyn Fn(&TaskStart, usize) -> Reply,
}

/// What an execution did.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ran {
    /// Nothing where it waits for ever.
    pub(super) outcome: Option<Outcome>,
    pub(super) history: Vec<HistoryEvent>,
    /// When tasks started, in milliseconds from the beginning.
    pub(super) starts: Vec<(i64, TaskStart)>,
    pub(super) cancelled: Vec<u64>,
    /// The most tasks at one time.
    pub(super) most_running: usize,
    /// How long it took.
    pub(super) took_ms: i64,
}

/// The moment at which every execution begins.
pub(super) fn beginning() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().expect("a moment")
}

pub(super) fn machine(definition: &Value) -> StateMachine {
    let (machine, found) = parse(&definition.to_string(), &());
    machine.unwrap_or_else(|| panic!("{found:#?}"))
}

/// Runs a definition whose tasks give their input back.
pub(super) fn run(definition: Value, input: Value) -> Ran {
    run_with(definition, input, &|start, _| {
        Reply::Succeed(start.parameters.clone())
    })
}

/// Runs a definition with workers.
pub(super) fn run_with(definition: Value, input: Value, workers: &dyn Fn(&TaskStart, usize) -> Reply) -> Ran {
    Setup::new(definition, input, workers).run()
}

/// Runs a definition, and gives its output.
pub(super) fn output(definition: Value, input: Value) -> Value {
    run(definition, input).output()
}

impl<'w> Setup<'w> {
    pub(super) fn new(
        definition: Value,
        input: Value,
        workers: &'w dyn Fn(&TaskStart, usize) -> Reply,
    ) -> Self {
        Self {
            definition,
            input,
            limits: Limits::default(),
            random: 1 << 63,
            script: Vec::new(),
            workers,
        }
    }

    pub(super) fn run(&self) -> Ran {
        let machine = machine(&self.definition);
        let ran = World::new(self, &machine, false).run();
        let durable = World::new(self, &machine, true).run();
        assert_eq!(
            ran, durable,
            "an execution that was written down and read again did something else"
        );
        ran
    }
}

/// An execution and what is around it.
pub(super) struct World<'s, 'w> {
    setup: &'s Setup<'w>,
    machine: &'s StateMachine,
    /// Whether it is written down between every two steps.
    durable: bool,
    pub(super) execution: Execution,
    pub(super) now: Timestamp,
    /// What is to happen at the same moment, in order.
    due: BTreeMap<Timestamp, VecDeque<Event>>,
    pub(super) running: BTreeMap<u64, TaskStart>,
    ran: Ran,
}

impl<'s, 'w> World<'s, 'w> {
    pub(super) fn new(setup: &'s Setup<'w>, machine: &'s StateMachine, durable: bool) -> Self {
        let now = beginning();
        let identity = Identity {
            id: "arn:aws:states:us-east-1:000000000000:execution:test:run".to_owned(),
            name: "run".to_owned(),
            role_arn: "arn:aws:iam::000000000000:role/test".to_owned(),
            machine_id: "arn:aws:states:us-east-1:000000000000:stateMachine:test".to_owned(),
            machine_name: "test".to_owned(),
        };
        let mut due = BTreeMap::<Timestamp, VecDeque<Event>>::new();
        for (seconds, event) in &setup.script {
            due.entry(after(now, *seconds))
                .or_default()
                .push_back(event.clone());
        }
        Self {
            setup,
            machine,
            durable,
            execution: Execution::new(machine, identity, setup.input.clone(), setup.limits, now),
            now,
            due,
            running: BTreeMap::new(),
            ran: Ran {
                outcome: None,
                history: Vec::new(),
                starts: Vec::new(),
                cancelled: Vec::new(),
                most_running: 0,
                took_ms: 0,
            },
        }
    }

    /// Runs to the end, or until nothing will ever happen.
    pub(super) fn run(mut self) -> Ran {
        self.happen(Event::Tick);
        for _ in 0..MAX_STEPS {
            if self.execution.outcome().is_some() {
                return self.finish();
            }
            let due = self.due.keys().next().copied();
            let Some(next) = due.into_iter().chain(self.execution.deadline()).min() else {
                return self.finish();
            };
            self.now = self.now.max(next);
            let event = due.filter(|due| *due <= self.now).and_then(|due| {
                let queue = self.due.get_mut(&due)?;
                let event = queue.pop_front();
                if queue.is_empty() {
                    self.due.remove(&due);
                }
                event
            });
            self.happen(event.unwrap_or(Event::Tick));
        }
        panic!("it goes on for ever");
    }

    /// What must hold at the end, and what was done.
    pub(super) fn finish(mut self) -> Ran {
        self.ran.outcome = self.execution.outcome().cloned();
        self.ran.took_ms = self.now.duration_since(beginning()).as_millis() as i64;
        if self.ran.outcome.is_some() {
            assert!(self.running.is_empty(), "nobody cancelled {:?}", self.running);
            assert_eq!(self.execution.deadline(), None);
            let last = self.ran.history.last().map(|event| &event.detail);
            assert!(
                matches!(
                    last,
                    Some(
                        Detail::ExecutionSucceeded { .. }
                            | Detail::ExecutionFailed { .. }
                            | Detail::ExecutionAborted { .. }
                            | Detail::ExecutionTimedOut
                    )
                ),
                "{last:?}"
            );
        }
        self.ran
    }

    /// One step, and what must hold at every step.
    pub(super) fn happen(&mut self, event: Event) {
        let answered = match &event {
            Event::Succeeded { task, .. } | Event::Failed { task, .. } => Some(*task),
            _ => None,
        };
        let is_tick = event == Event::Tick;
        let before = self.execution.clone();
        let mut random = || self.setup.random;
        let mut moment = Moment {
            now: self.now,
            random: &mut random,
            token: &|task| format!("token-{task}"),
            view: &Value::clone,
        };
        let (after, commands) = step(self.machine, before.clone(), event, &mut moment);
        self.execution = after;
        if before.outcome().is_some() {
            assert!(
                commands.is_empty() && self.execution == before,
                "something happened after the end"
            );
        }
        let too_late = self.execution.outcome() == Some(&Outcome::TimedOut);
        if let Some(task) = answered.filter(|_| !too_late) {
            self.running.remove(&task);
        }
        for command in commands {
            self.obey(command);
        }
        self.check(is_tick, &before);
        if self.durable {
            let written = serde_json::to_string(&self.execution).expect("can be written");
            self.execution = serde_json::from_str(&written).expect("can be read");
        }
    }

    fn check(&mut self, is_tick: bool, before: &Execution) {
        let running: Vec<u64> = self.execution.running().iter().map(|start| start.task).collect();
        let known: Vec<u64> = self.running.keys().copied().collect();
        let mut sorted = running;
        sorted.sort_unstable();
        assert_eq!(sorted, known, "it does not wait for the tasks that run");
        self.ran.most_running = self.ran.most_running.max(known.len());
        // A pause of nothing is over at once; otherwise whatever was due has happened.
        let deadline = self.execution.deadline();
        if is_tick && deadline.is_some_and(|deadline| deadline <= self.now) {
            assert_ne!(
                &self.execution, before,
                "its moment has passed, and nothing happens"
            );
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Start(start) => {
                let earlier = |(_, other): &&(i64, TaskStart)| other.state == start.state;
                let before = self.ran.starts.iter().filter(earlier).count();
                assert!(
                    self.ran.starts.iter().all(|(_, other)| other.task != start.task),
                    "task {} was started twice",
                    start.task
                );
                self.answer(start.task, (self.setup.workers)(&start, before), 0);
                self.running.insert(start.task, start.clone());
                let at = self.now.duration_since(beginning()).as_millis() as i64;
                self.ran.starts.push((at, start));
            }
            Command::Cancel { task } => {
                assert!(self.running.remove(&task).is_some(), "task {task} does not run");
                self.ran.cancelled.push(task);
            }
            Command::Record(event) => {
                assert_eq!(event.id, self.ran.history.len() as u64 + 1, "ids are contiguous");
                assert!(event.previous < event.id, "{event:?} follows what comes after it");
                assert_eq!(event.at, self.now);
                self.ran.history.push(event);
            }
        }
    }

    fn answer(&mut self, task: u64, reply: Reply, seconds: u64) {
        let event = match reply {
            Reply::Never => return,
            Reply::After(later, reply) => return self.answer(task, *reply, seconds + later),
            Reply::Succeed(output) => Event::Succeeded { task, output },
            Reply::Fail(error) => Event::Failed {
                task,
                failure: Failure::new(error, "the worker's cause"),
            },
        };
        self.due
            .entry(after(self.now, seconds))
            .or_default()
            .push_back(event);
    }
}

fn after(moment: Timestamp, seconds: u64) -> Timestamp {
    moment
        .checked_add(SignedDuration::from_secs(seconds as i64))
        .expect("not so late")
}

impl Ran {
    pub(super) fn output(&self) -> Value {
        match &self.outcome {
            Some(Outcome::Succeeded(output)) => output.clone(),
            other => panic!("{other:?}\n{:#?}", self.history),
        }
    }

    pub(super) fn failure(&self) -> &Failure {
        match &self.outcome {
            Some(Outcome::Failed(failure)) => failure,
            other => panic!("{other:?}\n{:#?}", self.history),
        }
    }

    /// The error name and the cause.
    pub(super) fn error(&self) -> (&str, &str) {
        let failure = self.failure();
        (&failure.error, &failure.cause)
    }

    /// The states that were entered, in order.
    pub(super) fn entered(&self) -> Vec<&str> {
        self.history
            .iter()
            .filter_map(|event| match &event.detail {
                Detail::StateEntered { name, .. } => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// `previous` and type of each event, in AWS's words.
    pub(super) fn told(&self) -> Vec<(u64, String)> {
        self.history
            .iter()
            .map(|event| (event.previous, type_of(&event.detail)))
            .collect()
    }

    /// When tasks started, in seconds from the beginning.
    pub(super) fn starts_seconds(&self) -> Vec<i64> {
        self.starts.iter().map(|(at, _)| at / 1000).collect()
    }
}

fn type_of(detail: &Detail) -> String {
    let tagged = serde_json::to_value(detail).expect("JSON");
    let name = tagged["type"].as_str().unwrap_or_default();
    match detail {
        Detail::StateEntered { state, .. } | Detail::StateExited { state, .. } => format!("{state}{name}"),
        _ => name.to_owned(),
    }
}
