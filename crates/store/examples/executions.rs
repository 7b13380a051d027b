//! How many executions per second can be started and ended on this disk: `cargo run --release --example executions -p
//! selfsame-store -- DIRECTORY`. The directory is made for the run; give a place on the disk in question.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use jiff::Timestamp;
use selfsame_store::{
    Advance, Ending, ExecutionStart, ExecutionStatus, Executions as _, NewExecution, Sqlite,
};
use selfsame_types::{Clock as _, IdSource as _, SystemClock, SystemIds};
use tokio::task::JoinSet;

/// What a small flow has: a definition of 2 KB, an input of 300 bytes, a snapshot of 600, eleven events of 200.
const DEFINITION_BYTES: usize = 2000;
const INPUT_BYTES: usize = 300;
const SNAPSHOT_BYTES: usize = 600;
const EVENT_BYTES: usize = 200;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn text(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes))
}

fn start(machine: &str, now: Timestamp) -> NewExecution {
    let id = SystemIds.uuid();
    NewExecution {
        id,
        machine: machine.to_owned(),
        name: id.to_string(),
        definition: text(DEFINITION_BYTES),
        revision: Some(id),
        input: text(INPUT_BYTES),
        subject: Some(id.to_string()),
        started: now,
        state: Some(vec![7; SNAPSHOT_BYTES]),
        events: vec![text(EVENT_BYTES); 2],
        ending: None,
        inherits: None,
    }
}

/// Starts and ends executions with some tasks at once; gives executions per second.
async fn measure(store: &Sqlite, machine: &str, executions: usize, tasks: usize) -> Outcome<f64> {
    let left = Arc::new(AtomicUsize::new(executions));
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (store, machine, left) = (store.clone(), machine.to_owned(), left.clone());
        running.spawn(async move {
            let one_less = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                .is_ok()
            {
                let new = start(&machine, SystemClock.now());
                let id = new.id;
                if store.start_execution(new).await? != ExecutionStart::Started {
                    return Err("an id came twice".into());
                }
                let ending = Ending {
                    status: ExecutionStatus::Succeeded,
                    output: Some(text(INPUT_BYTES)),
                    error: None,
                    cause: None,
                    stopped: SystemClock.now(),
                };
                let last = Advance {
                    id,
                    state: None,
                    events: vec![text(EVENT_BYTES); 9],
                    ending: Some(ending),
                };
                store.advance_execution(last).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(result) = running.join_next().await {
        result??;
    }
    Ok(executions as f64 / begun.elapsed().as_secs_f64())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("name a directory to be made")?);
    let store = Sqlite::open(&directory).await?;
    for (tasks, executions) in [(1, 500), (8, 2000), (64, 20_000), (64, 20_000), (256, 20_000)] {
        let per_second = measure(&store, "machine", executions, tasks).await?;
        println!("{tasks} at once: {per_second:.0} executions/s started and ended");
    }
    let begun = Instant::now();
    let mut forgotten = 0;
    loop {
        let count = store.forget_executions(Timestamp::MAX, 1000).await?;
        if count == 0 {
            break;
        }
        forgotten += count;
    }
    let per_second = forgotten as f64 / begun.elapsed().as_secs_f64();
    println!("forgotten: {per_second:.0} executions/s");
    store.close().await;
    fs_err::remove_dir_all(&directory)?;
    Ok(())
}
