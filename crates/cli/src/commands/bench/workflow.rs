//! `selfsame bench workflow`: what the interpreter costs per transition, and how many executions are started and finished
//! per second.

use std::io::{self, Write};
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use selfsame_server::workflow::{Throughput, throughput};
use selfsame_workflow::definition::{StateMachine, parse};
use selfsame_workflow::execution::{Event, Execution, Identity, Limits, Moment, step};
use serde::Serialize;
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::exit::Exit;

/// Ten states of every kind that does not wait, in a circle that is left after 100 rounds.
const CIRCLE: &str = r#"{"StartAt": "Count", "States": {
    "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)", "user.$": "$.user"}, "Next": "Note"},
    "Note": {"Type": "Pass", "Result": {"seen": true}, "ResultPath": "$.note", "Next": "Text"},
    "Text": {"Type": "Pass", "Parameters": {"text.$": "States.Format('{} is {}', $.user, $.n)"}, "ResultPath": "$.text", "Next": "Enough"},
    "Enough": {"Type": "Choice", "Choices": [
        {"And": [{"Variable": "$.n", "NumericGreaterThanEquals": 100}, {"Variable": "$.user", "IsPresent": true}], "Next": "Done"}],
        "Default": "Count"},
    "Done": {"Type": "Succeed"}}}"#;
/// States that an execution of it passes.
const TRANSITIONS: f64 = 401.0;

/// Arguments of `bench workflow`.
#[derive(Debug, Args)]
pub(crate) struct Workflow {
    /// Executions of each kind.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    executions: u32,
    /// Callers at one time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    at_once: u32,
    /// Bytes of a photo that the circle carries along in its input.
    #[arg(long, default_value_t = 0)]
    photo_bytes: usize,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    microseconds_per_transition: f64,
    express_per_second: f64,
    standard_per_second: f64,
}

impl Workflow {
    pub(super) fn run(&self, global: &Global) -> Result<Exit> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let measured = Measured {
            microseconds_per_transition: self.interpreter()?,
            express_per_second: self.executions(&runtime, false)?,
            standard_per_second: self.executions(&runtime, true)?,
        };
        global.format.emit(&measured, |out| tell(out, &measured))?;
        Ok(Exit::Success)
    }

    fn executions(&self, runtime: &tokio::runtime::Runtime, durable: bool) -> Result<f64> {
        let data = tempfile::tempdir()?;
        let run = throughput(data.path(), self.executions, self.at_once, durable);
        let Throughput { executions, elapsed } = runtime.block_on(run)?;
        Ok(f64::from(executions) / elapsed.as_secs_f64())
    }

    /// The median over runs of the circle.
    fn interpreter(&self) -> Result<f64> {
        let (machine, _) = parse(CIRCLE, &());
        let machine = machine.context("the definition in this program is not valid")?;
        let input = json!({ "n": 0, "user": "ada", "Image": "A".repeat(self.photo_bytes) });
        let mut runs: Vec<f64> = (0..101).map(|_| circle(&machine, input.clone())).collect();
        runs.sort_by(f64::total_cmp);
        Ok(runs[runs.len() / 2])
    }
}

/// Microseconds per transition of one execution.
fn circle(machine: &StateMachine, input: Value) -> f64 {
    let identity = Identity {
        id: "arn".to_owned(),
        name: "name".to_owned(),
        role_arn: String::new(),
        machine_id: String::new(),
        machine_name: String::new(),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let begun = Instant::now();
    let execution = Execution::new(machine, identity, input, Limits::default(), now);
    let mut moment = Moment {
        now,
        random: &mut || 7,
        token: &|task| task.to_string(),
        view: &Value::clone,
    };
    let (execution, commands) = step(machine, execution, Event::Tick, &mut moment);
    let elapsed = begun.elapsed();
    debug_assert!(
        execution.outcome().is_some() && commands.len() > 800,
        "{execution:?}"
    );
    elapsed.as_secs_f64() * 1e6 / TRANSITIONS
}

fn tell(out: &mut dyn Write, measured: &Measured) -> io::Result<()> {
    writeln!(
        out,
        "interpreter          {:>10.2} µs per transition",
        measured.microseconds_per_transition
    )?;
    writeln!(
        out,
        "Express executions   {:>10.0} per second, started and finished",
        measured.express_per_second
    )?;
    writeln!(
        out,
        "Standard executions  {:>10.0} per second, started and finished",
        measured.standard_per_second
    )
}
