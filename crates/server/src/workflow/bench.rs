//! For `selfsame bench workflow`: executions as fast as they go, on a data directory of their own, without models. Measures;
//! decides nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use selfsame_store::{Executions as _, MachineKind, Repository, Sqlite};
use selfsame_types::{SystemClock, SystemIds};
use serde_json::json;
use tokio::task::JoinSet;

use super::testbed::machine;
use super::workers::Workbench;
use super::{Start, StartError};
use crate::access::RootSecret;
use crate::app::App;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::start::Error;

/// One task that does nothing.
const NO_OP: &str = r#"{"StartAt": "Nothing", "States": {
    "Nothing": {"Type": "Task", "Resource": "arn:aws:states:::selfsame:noOp", "End": true}}}"#;

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Throughput {
    /// Executions that were started and have ended.
    pub executions: u32,
    /// In this time.
    pub elapsed: Duration,
}

/// Starts `executions` with a task that does nothing, `at_once` callers at a time, and waits for their ends. `durable`: as
/// Standard executions, each acknowledged when its start is on the disk, counted when its end is.
pub async fn throughput(
    data: &Path,
    executions: u32,
    at_once: u32,
    durable: bool,
) -> Result<Throughput, Error> {
    let store = Sqlite::open(data).await?;
    let repository: Arc<dyn Repository> = Arc::new(store.clone());
    let root = RootSecret::new([7; 32]);
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(SystemIds));
    let app = Arc::new(App::new(
        &Config::default(),
        repository,
        root,
        Metrics::new()?,
        clock,
        ids,
    )?);
    app.workflows.open();
    let kind = if durable {
        MachineKind::Standard
    } else {
        MachineKind::Express
    };
    let machine = machine("Bench", kind, NO_OP);
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..at_once {
        let share = executions / at_once + u32::from(caller < executions % at_once);
        let (app, machine) = (Arc::clone(&app), Arc::clone(&machine));
        callers.spawn(async move {
            for _ in 0..share {
                let start = Start {
                    machine: Arc::clone(&machine),
                    name: None,
                    input: json!({}),
                    region: "local".to_owned(),
                    workbench: Workbench::default(),
                    limit: None,
                };
                if durable {
                    app.workflows.start(&app, start).await?;
                } else {
                    app.workflows.run(&app, start).await?;
                }
            }
            Ok::<(), StartError>(())
        });
    }
    while let Some(joined) = callers.join_next().await {
        joined.map_err(|_| Error::Bench)?.map_err(|_| Error::Bench)?;
    }
    while app.workflows.count() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let elapsed = begun.elapsed();
    let left = store.unfinished_executions(None, 1).await?.len();
    drop(app);
    store.close().await;
    if left > 0 {
        return Err(Error::Bench);
    }
    Ok(Throughput { executions, elapsed })
}
