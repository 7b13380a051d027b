//! Randomness as a parameter, so that tests can fix it.

/// Where an execution's random numbers come from (jitter, `States.UUID`, `States.MathRandom`).
pub trait Random {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;
}

impl<F: FnMut() -> u64> Random for F {
    fn next_u64(&mut self) -> u64 {
        self()
    }
}
