//! Load: several clients that each send their next request when they have the answer to the last. A client that is told
//! to wait waits: what is measured is a server under load, not a flood.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::client::{Answer, Client};

/// A server that refuses without saying for how long is asked again after this.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);

/// What clients saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How long it took.
    pub(super) elapsed: Duration,
    /// Of the requests answered with 200.
    pub(super) latencies: Vec<Duration>,
    /// Answers by HTTP status.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// What the answers with 200 said.
    pub(super) outcomes: BTreeMap<String, u64>,
    /// Requests that got no answer, by reason.
    pub(super) transport_errors: BTreeMap<String, u64>,
}

impl Seen {
    /// Requests answered with 200 per second.
    pub(super) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        merge(&mut self.statuses, other.statuses);
        merge(&mut self.outcomes, other.outcomes);
        merge(&mut self.transport_errors, other.transport_errors);
    }
}

/// Lets every client send `request` again and again for a while; `outcome` reads the body of a 200.
pub(super) fn run(
    clients: &[Client],
    duration: Duration,
    request: impl Fn(&Client) -> Result<Answer> + Sync,
    outcome: fn(&Value) -> String,
) -> Seen {
    let start = Instant::now();
    let deadline = start + duration;
    let request = &request;
    let mut all = Seen::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = clients
            .iter()
            .map(|client| scope.spawn(move || act(client, deadline, request, outcome)))
            .collect();
        for seen in threads.into_iter().filter_map(|thread| thread.join().ok()) {
            all.add(seen);
        }
    });
    all.elapsed = start.elapsed();
    all
}

/// One client, until the time is over.
fn act(
    client: &Client,
    deadline: Instant,
    request: impl Fn(&Client) -> Result<Answer>,
    outcome: fn(&Value) -> String,
) -> Seen {
    let mut seen = Seen::default();
    while Instant::now() < deadline {
        let start = Instant::now();
        match request(client) {
            Ok(answer) => {
                *seen.statuses.entry(answer.status).or_default() += 1;
                if answer.status == 200 {
                    seen.latencies.push(start.elapsed());
                    *seen.outcomes.entry(outcome(&answer.body)).or_default() += 1;
                }
                pause(&answer, deadline);
            }
            Err(error) => {
                let reason = error
                    .chain()
                    .last()
                    .map_or_else(|| error.to_string(), ToString::to_string);
                *seen.transport_errors.entry(reason).or_default() += 1;
            }
        }
    }
    seen
}

/// Waits as the server asks, but not beyond the end.
fn pause(answer: &Answer, deadline: Instant) {
    if answer.status == 429 {
        let pause = answer.retry_after.unwrap_or(DEFAULT_PAUSE);
        std::thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
    }
}

fn merge<K: Ord>(all: &mut BTreeMap<K, u64>, one: BTreeMap<K, u64>) {
    for (key, count) in one {
        *all.entry(key).or_default() += count;
    }
}
