//! Group commit: what waits shares one transaction, and so one flush of the disk.
//!
//! Whoever adds to the queue while nobody drains it starts a task that does, until nothing waits. A caller that gives up
//! leaves its work in the queue, where it is done all the same.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::super::{Inner, Sqlite};
use super::definitions::Known;
use super::steps;
use crate::workflows::{Advance, ExecutionRecord, NewExecution};
use crate::{Error, Result};

/// How many starts and steps share a transaction at most. Ours: a full one takes some 30 ms of statements, which is
/// how long a registration may have to wait for it.
const BATCH: usize = 256;

/// How many times others get the processor before a transaction begins without them. Ours: about 0.1 ms where nobody
/// comes, little beside the flush.
const PATIENCE: usize = 64;

/// One start or step.
pub(super) enum Work {
    Start(Box<NewExecution>),
    Advance(Advance),
}

/// The execution that has the name already, for a start that was refused.
type Answer = Result<Option<ExecutionRecord>>;

struct Job {
    work: Work,
    reply: oneshot::Sender<Answer>,
}

/// What waits for the next transaction.
#[derive(Default)]
pub(in crate::sqlite) struct Queue {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// A task takes jobs until there are none.
    drained: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Waiting { jobs, drained } = &*self.lock();
        write!(f, "Queue({} waiting, drained: {drained})", jobs.len())
    }
}

impl Queue {
    /// Nothing below can panic while the lock is held.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job; `true` where the caller has to start draining.
    fn push(&self, job: Job) -> bool {
        let mut waiting = self.lock();
        waiting.jobs.push_back(job);
        !std::mem::replace(&mut waiting.drained, true)
    }

    fn len(&self) -> usize {
        self.lock().jobs.len()
    }

    /// The jobs of the next transaction. None means that nobody drains any more.
    fn take(&self) -> Vec<Job> {
        let mut waiting = self.lock();
        let count = waiting.jobs.len().min(BATCH);
        waiting.drained = count > 0;
        waiting.jobs.drain(..count).collect()
    }
}

/// Drains the queue. Where the task dies (a panic, the end of the runtime), those who wait are told by their channels,
/// and the next caller starts anew.
struct Drain {
    inner: Arc<Inner>,
    /// Nobody drains any more, or somebody else does: nothing is to be done on the way out.
    finished: bool,
}

impl Drain {
    async fn run(mut self) {
        let mut answered = 0;
        loop {
            self.gather(answered).await;
            let batch = self.inner.waiting.take();
            if batch.is_empty() {
                self.finished = true;
                return;
            }
            answered = batch.len();
            self.inner.commit(batch).await;
        }
    }

    /// Gives those who have just been answered the chance to come with their next step. Otherwise callers fall apart into
    /// two groups that take turns, each with a flush of the disk of its own.
    async fn gather(&self, answered: usize) {
        let queue = &self.inner.waiting;
        let everybody = (queue.len() + answered).min(BATCH);
        for _ in 0..PATIENCE {
            tokio::task::yield_now().await;
            if queue.len() >= everybody {
                return;
            }
        }
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        if !self.finished {
            let mut waiting = self.inner.waiting.lock();
            waiting.drained = false;
            waiting.jobs.clear();
        }
    }
}

/// Why a transaction that several share came to nothing.
enum Failure {
    /// One of the statements failed: perhaps only one of the jobs is to blame.
    Statement(Error),
    /// It could not begin, or not commit.
    Transaction(Error),
}

impl Inner {
    /// Does all jobs in one transaction and answers them.
    async fn commit(&self, jobs: Vec<Job>) {
        match self.try_commit(&jobs).await {
            Ok(answers) => {
                for (job, answer) in jobs.into_iter().zip(answers) {
                    job.answer(answer);
                }
            }
            // Nothing is stored yet, so each may try it alone.
            Err(Failure::Statement(_)) if jobs.len() > 1 => {
                for job in jobs {
                    let answer = self.commit_alone(&job).await;
                    job.answer(answer);
                }
            }
            Err(Failure::Statement(error) | Failure::Transaction(error)) => {
                let error = Arc::new(error);
                for job in jobs {
                    job.answer(Err(Error::shared(&error)));
                }
            }
        }
        self.truncate_log_if_due().await;
    }

    async fn commit_alone(&self, job: &Job) -> Answer {
        match self.try_commit(std::slice::from_ref(job)).await {
            Ok(answers) => answers
                .into_iter()
                .collect::<Result<Vec<_>>>()
                .map(|mut all| all.pop().flatten()),
            Err(Failure::Statement(error) | Failure::Transaction(error)) => Err(error),
        }
    }

    async fn try_commit(&self, jobs: &[Job]) -> Result<Vec<Answer>, Failure> {
        let mut write = self.write().await.map_err(Failure::Transaction)?;
        let (mut known, mut answers) = (Known::new(), Vec::with_capacity(jobs.len()));
        for job in jobs {
            let answer = match &job.work {
                Work::Start(new) => steps::start(&mut write, &mut known, new).await,
                Work::Advance(step) => steps::advance(&mut write, step).await.map(|()| None),
            };
            match answer {
                Ok(_) | Err(Error::NoSuchExecution | Error::IdTaken { .. }) => answers.push(answer),
                Err(error) => return Err(Failure::Statement(error)),
            }
        }
        let committed = write.commit().await;
        committed.map_err(|error| Failure::Transaction(error.into()))?;
        Ok(answers)
    }
}

impl Job {
    /// Tells the caller, who may have given up.
    fn answer(self, answer: Answer) {
        let _ = self.reply.send(answer);
    }
}

impl Sqlite {
    /// Has work done together with that of others.
    pub(super) async fn share(&self, work: Work) -> Answer {
        if self.inner.lock.is_none() {
            return Err(Error::Attached);
        }
        let (reply, answer) = oneshot::channel();
        if self.inner.waiting.push(Job { work, reply }) {
            let drain = Drain {
                inner: Arc::clone(&self.inner),
                finished: false,
            };
            tokio::spawn(drain.run());
        }
        answer.await.map_err(|error| Error::Interrupted(error.into()))?
    }
}
