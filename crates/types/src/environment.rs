//! Time, ids and randomness as parameters, so that tests can fix them. Lints ban the direct calls elsewhere.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// What time it is.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Always the same moment, for tests.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Where ids and secrets come from.
pub trait IdSource: Send + Sync {
    /// Fills `bytes` with numbers that nobody can predict.
    fn fill(&self, bytes: &mut [u8]);

    /// A random (version 4) UUID.
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The operating system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    /// # Panics
    /// Where the operating system has no random numbers: nothing secure can be done on such a machine.
    #[expect(clippy::disallowed_methods, reason = "the one place where randomness is read")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system provides random numbers");
    }
}

/// 1, 2, 3, …, for tests. Never for secrets.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdSource for SequentialIds {
    fn fill(&self, bytes: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        bytes.fill(0);
        for (target, source) in bytes.iter_mut().rev().zip(next.to_le_bytes()) {
            *target = source;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_version_4() {
        let id = SystemIds.uuid();
        assert_eq!(id.get_version_num(), 4);
        assert_ne!(id, SystemIds.uuid());
        assert_ne!(SequentialIds::default().uuid(), Uuid::nil());
    }
}
