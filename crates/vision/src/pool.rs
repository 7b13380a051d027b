//! The one place where heavy work runs: a fixed number of named OS threads behind a bounded number of permits.
//!
//! A caller takes a [`Permit`] first; there are as many as threads plus places in the queue, and when none is free
//! [`Pool::try_acquire`] says so at once, so that a server can answer "try again later" instead of letting work pile up.
//! The reply can be awaited or waited for. Nothing here knows what the work is, and no async runtime is needed.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

/// The size of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions {
    /// Threads, ≥ 1. One per physical core gives the most inferences per second.
    pub threads: usize,
    /// Tasks that may wait for a thread beyond those that run.
    pub queue: usize,
}

impl Default for PoolOptions {
    /// One thread per physical core, and eight tasks waiting for each: at the 100 ms that a photo takes, the last one waits
    /// less than a second.
    fn default() -> Self {
        let threads = physical_cores();
        Self {
            threads,
            queue: 8 * threads,
        }
    }
}

/// What a pool is doing, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Threads.
    pub threads: usize,
    /// Permits there are: threads and places in the queue.
    pub permits: usize,
    /// Permits taken, by tasks and by callers that have not submitted yet.
    pub permits_in_use: usize,
    /// Tasks waiting for a thread.
    pub queued: usize,
    /// Tasks that a thread is working on.
    pub running: usize,
    /// Tasks finished since the start, panicked ones included.
    pub completed: u64,
    /// Tasks that panicked.
    pub panicked: u64,
    /// Tasks never run because nobody waited for their reply any more.
    pub skipped: u64,
}

/// Every permit is taken: the caller should try again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all {permits} places of the inference pool are taken: try again later")]
pub struct Busy {
    /// How many there are.
    pub permits: usize,
}

/// Why a task has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The task panicked; the pool goes on.
    #[error("the task panicked: {0}")]
    Panicked(String),
    /// The pool was stopped before the task ran.
    #[error("the inference pool has stopped")]
    Stopped,
}

type Task = Box<dyn FnOnce(&Counters) + Send>;

#[derive(Debug, Default)]
struct Counters {
    permits_in_use: AtomicUsize,
    running: AtomicUsize,
    completed: AtomicU64,
    panicked: AtomicU64,
    skipped: AtomicU64,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    stopping: bool,
}

struct Shared {
    options: PoolOptions,
    counters: Counters,
    queue: Mutex<Queue>,
    work_arrived: Condvar,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Tasks never run while the lock is held, so no panic can leave the queue half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    const fn permits(&self) -> usize {
        self.options.threads + self.options.queue
    }

    /// The next task, or `None` when the pool stops. What was queued before is still done.
    fn next_task(&self) -> Option<Task> {
        let mut queue = self.queue();
        loop {
            if let Some(task) = queue.tasks.pop_front() {
                return Some(task);
            }
            if queue.stopping {
                return None;
            }
            queue = self
                .work_arrived
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        while let Some(task) = self.next_task() {
            task(&self.counters);
        }
    }
}

/// The threads. Dropping the pool finishes what was submitted and joins the threads.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Pool").field(&self.stats()).finish()
    }
}

impl Pool {
    /// Starts the threads, named `inference-0`, `inference-1`, …; fails if the system refuses a thread.
    pub fn new(options: PoolOptions) -> std::io::Result<Self> {
        let options = PoolOptions {
            threads: options.threads.max(1),
            ..options
        };
        let mut pool = Self {
            shared: Arc::new(Shared {
                options,
                counters: Counters::default(),
                queue: Mutex::default(),
                work_arrived: Condvar::new(),
            }),
            threads: Vec::with_capacity(options.threads),
        };
        for index in 0..options.threads {
            let shared = Arc::clone(&pool.shared);
            let thread = std::thread::Builder::new()
                .name(format!("inference-{index}"))
                .spawn(move || shared.work())?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// Takes the right to submit one task, or says at once that the pool is busy.
    pub fn try_acquire(&self) -> Result<Permit, Busy> {
        let permits = self.shared.permits();
        self.shared
            .counters
            .permits_in_use
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |in_use| {
                (in_use < permits).then_some(in_use + 1)
            })
            .map(|_| Permit(Arc::clone(&self.shared)))
            .map_err(|_| Busy { permits })
    }

    /// What the pool is doing now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counters = &self.shared.counters;
        Stats {
            threads: self.shared.options.threads,
            permits: self.shared.permits(),
            permits_in_use: counters.permits_in_use.load(Ordering::Relaxed),
            queued: self.shared.queue().tasks.len(),
            running: counters.running.load(Ordering::Relaxed),
            completed: counters.completed.load(Ordering::Relaxed),
            panicked: counters.panicked.load(Ordering::Relaxed),
            skipped: counters.skipped.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue().stopping = true;
        self.shared.work_arrived.notify_all();
        let current = std::thread::current().id();
        // A task may hold the last reference to its own pool; its thread cannot wait for itself.
        for thread in self
            .threads
            .drain(..)
            .filter(|thread| thread.thread().id() != current)
        {
            // The threads catch the panics of their tasks; there is nothing to report here.
            let _ = thread.join();
        }
    }
}

/// The right to submit one task. Dropping it unused gives it back.
#[must_use = "a permit that is dropped is given back"]
pub struct Permit(Arc<Shared>);

impl fmt::Debug for Permit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Permit")
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.counters.permits_in_use.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Permit {
    /// Queues a task. It runs inside the caller's tracing span; the permit is free again when it has run. Dropping the reply
    /// before a thread takes the task cancels it.
    pub fn submit<T: Send + 'static>(self, task: impl FnOnce() -> T + Send + 'static) -> Reply<T> {
        let (sender, receiver) = oneshot::channel();
        let span = tracing::Span::current();
        let shared = Arc::clone(&self.0);
        let task: Task = Box::new(move |counters| {
            let permit = self;
            if sender.is_closed() {
                counters.skipped.fetch_add(1, Ordering::Relaxed);
                return;
            }
            counters.running.fetch_add(1, Ordering::Relaxed);
            // Whatever the task had borrowed is dropped with it: nobody sees a half-changed state.
            let result = catch_unwind(AssertUnwindSafe(|| span.in_scope(task)));
            counters.running.fetch_sub(1, Ordering::Relaxed);
            counters.completed.fetch_add(1, Ordering::Relaxed);
            let result = result.map_err(|payload| {
                counters.panicked.fetch_add(1, Ordering::Relaxed);
                Error::Panicked(panic_message(&*payload))
            });
            // Free before the reply arrives, so that who has the reply can submit the next task.
            drop(permit);
            // The caller may have gone away meanwhile.
            let _ = sender.send(result);
        });
        let mut queue = shared.queue();
        // After the stop no thread may be left to take it: the reply then says `Stopped`.
        if !queue.stopping {
            queue.tasks.push_back(task);
            drop(queue);
            shared.work_arrived.notify_one();
        }
        Reply(Receiver::Blocking(receiver))
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// The result of a task, to be awaited or waited for. Dropping it cancels a task that has not started.
#[must_use = "a reply that is dropped cancels its task"]
pub struct Reply<T>(Receiver<T>);

/// The channel's two faces: it becomes a future when it is first polled.
enum Receiver<T> {
    Blocking(oneshot::Receiver<Result<T, Error>>),
    Async(oneshot::AsyncReceiver<Result<T, Error>>),
    Done,
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Reply")
    }
}

impl<T> Reply<T> {
    /// Blocks the thread until the task has run. Not for async code, which awaits the reply instead; a reply that was
    /// polled before answers [`Error::Stopped`].
    pub fn wait(self) -> Result<T, Error> {
        match self.0 {
            Receiver::Blocking(receiver) => receiver.recv().unwrap_or(Err(Error::Stopped)),
            Receiver::Async(_) | Receiver::Done => Err(Error::Stopped),
        }
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut receiver = match std::mem::replace(&mut self.0, Receiver::Done) {
            Receiver::Blocking(receiver) => receiver.into_future(),
            Receiver::Async(receiver) => receiver,
            Receiver::Done => return Poll::Ready(Err(Error::Stopped)),
        };
        match Pin::new(&mut receiver).poll(context) {
            Poll::Ready(result) => Poll::Ready(result.unwrap_or(Err(Error::Stopped))),
            Poll::Pending => {
                self.0 = Receiver::Async(receiver);
                Poll::Pending
            }
        }
    }
}

/// The number of physical cores that this process may use, ≥ 1: two threads of one core share its arithmetic units, so
/// a second inference on it gains little. Container limits (cgroups) and CPU affinity are respected.
#[must_use]
pub fn physical_cores() -> usize {
    let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cores = if cfg!(target_os = "linux") {
        fs_err::read_to_string("/proc/cpuinfo")
            .ok()
            .and_then(|text| count_cores(&text))
    } else {
        None
    };
    cores.map_or(available, |cores| cores.min(available)).max(1)
}

/// Distinct pairs of socket and core in the text of `/proc/cpuinfo`; `None` where it does not tell them (ARM).
fn count_cores(cpuinfo: &str) -> Option<usize> {
    let value_of = |block: &str, key: &str| {
        block.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == key).then(|| value.trim().to_owned())
        })
    };
    let cores: std::collections::BTreeSet<_> = cpuinfo
        .split("\n\n")
        .filter_map(|block| Some((value_of(block, "physical id")?, value_of(block, "core id")?)))
        .collect();
    (!cores.is_empty()).then_some(cores.len())
}

#[cfg(test)]
mod tests;
