//! The work between a state's input and its result.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use selfsame_store::MachineKind;
use selfsame_wire::ErrorCode;
use selfsame_workflow::definition::{
    ContextNeed, Duration as Span, Graph, Kind, Resource, State, StateMachine, Task, Transition,
};
use selfsame_workflow::execution::{Outcome, Work};
use selfsame_workflow::{Failure, Path, ReferencePath, failure};
use serde_json::{Value, json};

use super::super::refusal;
use crate::aws::{Context, Error};
use crate::workflow::workers::Workbench;
use crate::workflow::{Machine, ROLE_ARN, Start};

/// What stands for a machine where there is none.
pub(super) const MACHINE: &str = "TestState";

/// The longest that a state may take, as at AWS.
const LONGEST: Duration = Duration::from_mins(5);

/// Lets time pass or has the task done.
pub(super) async fn done(context: &Context, name: &str, work: Work) -> Result<Result<Value, Failure>, Error> {
    match work {
        Work::Nothing(result) => Ok(Ok(result)),
        Work::Seconds(seconds) => Ok(wait(Duration::from_secs(seconds)).await),
        Work::Until(moment) => {
            let left = moment.duration_since(context.app.clock.now());
            Ok(wait(Duration::try_from(left).unwrap_or_default()).await)
        }
        Work::Task {
            resource,
            parameters,
            timeout_seconds,
            heartbeat_seconds,
        } => {
            let task = Task {
                resource,
                timeout: timeout_seconds.map(Span::Seconds),
                heartbeat: heartbeat_seconds.map(Span::Seconds),
            };
            call(context, name, task, parameters).await
        }
        // These are only tested with a made-up result.
        Work::States => Ok(Ok(Value::Null)),
    }
}

async fn wait(time: Duration) -> Result<Value, Failure> {
    tokio::time::sleep(time.min(LONGEST)).await;
    if time > LONGEST {
        return Err(timeout());
    }
    Ok(Value::Null)
}

fn timeout() -> Failure {
    Failure::new(
        failure::TIMEOUT,
        "The state took longer than a test may: five minutes.",
    )
}

/// Has a task done by whoever does it in earnest: in an execution of a machine that has nothing else.
async fn call(
    context: &Context,
    name: &str,
    task: Task,
    parameters: Value,
) -> Result<Result<Value, Failure>, Error> {
    let app = &context.app;
    let start = Start {
        machine: Arc::new(Machine {
            name: MACHINE.to_owned(),
            kind: MachineKind::Express,
            text: text(name, &task.resource).into(),
            definition: Arc::new(machine(name, task)),
            role_arn: ROLE_ARN.to_owned(),
            // As a client's machine has one: it is none of the flows.
            revision: Some(app.ids.uuid()),
            created: app.clock.now(),
        }),
        name: None,
        input: parameters,
        region: context.region.clone(),
        workbench: Workbench::default(),
        limit: Some(LONGEST),
    };
    let ended = app.workflows.run(app, start).await.map_err(|error| {
        refusal::not_started(error, MACHINE, ErrorCode::ProvisionedThroughputExceededException)
    })?;
    Ok(match &ended.outcome {
        Outcome::Succeeded(result) => Ok(result.clone()),
        Outcome::Failed(failure) | Outcome::Aborted(failure) => Err(failure.clone()),
        Outcome::TimedOut => Err(timeout()),
    })
}

/// A task that takes its input as it is and gives its result as it is.
fn machine(name: &str, task: Task) -> StateMachine {
    let whole = Path::parse("$").ok();
    let state = State {
        comment: None,
        kind: Kind::Task(task),
        input_path: whole.clone(),
        parameters: None,
        result_selector: None,
        result_path: Some(ReferencePath::root()),
        output_path: whole,
        assign: None,
        retry: Vec::new(),
        catch: Vec::new(),
        transition: Transition::End,
        context: ContextNeed::Nothing,
    };
    StateMachine {
        comment: None,
        graph: Graph {
            start_at: name.to_owned(),
            states: BTreeMap::from([(name.to_owned(), state)]),
        },
        timeout_seconds: None,
    }
}

/// The same as a text.
fn text(name: &str, resource: &Resource) -> String {
    let state = json!({ "Type": "Task", "Resource": resource.as_str(), "End": true });
    json!({ "StartAt": name, "States": { name: state } }).to_string()
}
