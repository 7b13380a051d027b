//! A deadline for work that knows none: at most one piece of it at a time, on a thread of its own. Whoever waits longer than
//! the deadline goes on without it; the piece is then abandoned, and nothing new is begun until it has ended. So no input,
//! whatever it costs, holds up more than one thread of a process.
//!
//! It cannot stop the work, and it bounds no memory.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// For pages that nest forms in forms: 50 of them (hayro's limit) need more than the 2 MiB that threads have elsewhere. The
/// memory is reserved, not used.
const STACK_BYTES: usize = 16 << 20;

/// Why there is no result.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The work has taken longer than the deadline.
    Slow,
    /// An abandoned piece of work still runs, or the one before took up all the time.
    Busy,
    /// The work has panicked.
    Panicked(#[expect(dead_code, reason = "for whoever debugs")] Box<dyn Any + Send>),
    /// There is no thread to be had.
    NoThread,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Working,
    Abandoned,
}

/// The gate in front of the one place of work.
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

impl Gate {
    pub(super) const fn new() -> Self {
        Self {
            state: Mutex::new(State::Free),
            changed: Condvar::new(),
        }
    }

    /// Runs `work` when its turn has come and waits for it, each for `deadline` at most.
    pub(super) fn run<T: Send + 'static>(
        &'static self,
        deadline: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.enter(deadline)?;
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("pdf".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(work));
                // The place is free before anybody can see the result, or see that there is none.
                self.set(State::Free);
                let _ = sender.send(outcome);
            });
        if thread.is_err() {
            self.set(State::Free);
            return Err(Refusal::NoThread);
        }
        if let Ok(outcome) = receiver.recv_timeout(deadline) {
            return outcome.map_err(Refusal::Panicked);
        }
        let mut state = self.lock();
        if *state == State::Working {
            *state = State::Abandoned;
            self.changed.notify_all();
        }
        Err(Refusal::Slow)
    }

    /// Waits for the place, unless what has it was abandoned.
    fn enter(&self, deadline: Duration) -> Result<(), Refusal> {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), deadline, |state| *state == State::Working);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *state != State::Free {
            return Err(Refusal::Busy);
        }
        *state = State::Working;
        Ok(())
    }

    fn set(&self, state: State) {
        *self.lock() = state;
        self.changed.notify_all();
    }

    /// Nothing can panic while it is held.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const NEVER: Duration = Duration::from_mins(10);

    #[test]
    fn work_is_done_and_panics_are_told() {
        static GATE: Gate = Gate::new();
        assert_eq!(GATE.run(NEVER, || 7).unwrap(), 7);
        assert!(matches!(
            GATE.run(NEVER, || panic!("on purpose")),
            Err::<(), _>(Refusal::Panicked(_))
        ));
        assert_eq!(GATE.run(NEVER, || 8).unwrap(), 8);
    }

    #[test]
    fn slow_work_is_abandoned_and_keeps_others_out_until_it_ends() {
        static GATE: Gate = Gate::new();
        let (release, wait) = mpsc::channel::<()>();
        let slow = GATE.run(SOON, move || wait.recv());
        assert!(matches!(slow, Err(Refusal::Slow)));
        assert!(matches!(GATE.run(NEVER, || 1), Err(Refusal::Busy)));
        release.send(()).unwrap();
        // It ends when it ends; nothing else makes the gate free again.
        drop(
            GATE.changed
                .wait_while(GATE.lock(), |state| *state != State::Free)
                .unwrap(),
        );
        assert_eq!(GATE.run(NEVER, || 2).unwrap(), 2);
    }

    #[test]
    fn others_wait_for_their_turn() {
        static GATE: Gate = Gate::new();
        let (release, wait) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let first = std::thread::spawn(move || {
            GATE.run(NEVER, move || {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                1
            })
        });
        has_begun.recv().unwrap();
        assert!(matches!(GATE.run(SOON, || 2), Err(Refusal::Busy)));
        let second = std::thread::spawn(|| GATE.run(NEVER, || 3));
        release.send(()).unwrap();
        assert_eq!(
            (first.join().unwrap().unwrap(), second.join().unwrap().unwrap()),
            (1, 3)
        );
    }
}
