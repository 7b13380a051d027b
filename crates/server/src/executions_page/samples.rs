//! Executions for tests: real definitions, run by the real interpreter, with a clock of their own.

use jiff::{SignedDuration, Timestamp};
use selfsame_workflow::definition::{StateMachine, parse};
use selfsame_workflow::execution::{
    Command, Event, Execution, HistoryEvent, Identity, Limits, Moment, Outcome, TaskStart, step,
};
use selfsame_workflow::{Failure, Random};
use serde_json::{Value, json};

use super::chart::Chart;
use super::conditions::conditions;
use super::status::Status;
use super::trace::Trace;

/// A registration, with checks, a duplicate check, and a way to take everything back.
pub(super) const REGISTER: &str = include_str!("samples/register.asl.json");
/// A Parallel state with a Map state in it.
pub(super) const NESTED: &str = include_str!("samples/nested.asl.json");
/// A loop that waits for something.
pub(super) const POLLING: &str = include_str!("samples/polling.asl.json");
/// A person decides.
pub(super) const REVIEW: &str = include_str!("samples/review.asl.json");

/// Definitions that are shipped, as files and as examples.
pub(super) const SHIPPED: [(&str, &str); 6] = [
    (
        "register",
        include_str!("../../../../workflows/register.asl.json"),
    ),
    (
        "authenticate",
        include_str!("../../../../workflows/authenticate.asl.json"),
    ),
    ("update", include_str!("../../../../workflows/update.asl.json")),
    ("webhook", include_str!("../../../../workflows/webhook.asl.json")),
    (
        "veto",
        include_str!("../../../../workflows/examples/register-with-veto.asl.json"),
    ),
    (
        "decide",
        include_str!("../../../../workflows/examples/review.asl.json"),
    ),
];

/// How it should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Well,
    Failed,
    TakenBack,
}

/// An execution that was run as far as it goes.
pub(super) struct Run {
    pub(super) chart: Option<Chart>,
    pub(super) trace: Trace,
    pub(super) input: Value,
    pub(super) started: Timestamp,
    pub(super) now: Timestamp,
    pub(super) outcome: Option<Outcome>,
}

pub(super) fn machine(text: &str) -> StateMachine {
    let (machine, found) = parse(text, &());
    machine.unwrap_or_else(|| panic!("{:?}", found.iter().map(ToString::to_string).collect::<Vec<_>>()))
}

pub(super) fn chart(text: &str) -> Chart {
    let conditions = conditions(&serde_json::from_str(text).unwrap());
    Chart::new(&machine(text), &conditions).unwrap()
}

impl Run {
    /// Status, output, and error with cause.
    pub(super) fn told(&self) -> (Status, Option<Value>, Option<(String, String)>) {
        let why = |failure: &Failure| Some((failure.error.clone(), failure.cause.clone()));
        match &self.outcome {
            None => (Status::Running, None, None),
            Some(Outcome::Succeeded(output)) => (Status::Succeeded, Some(output.clone()), None),
            Some(Outcome::Failed(failure)) => (Status::Failed, None, why(failure)),
            Some(Outcome::TimedOut) => (Status::TimedOut, None, None),
            Some(Outcome::Aborted(failure)) => (Status::Aborted, None, why(failure)),
        }
    }
}

struct Zero;

impl Random for Zero {
    fn next_u64(&mut self) -> u64 {
        0
    }
}

/// What a task answers, by its state and how often that was asked; `None` leaves it open.
type Answers<'a> = dyn FnMut(&TaskStart, usize) -> Option<Result<Value, Failure>> + 'a;

pub(super) fn run(text: &str, input: Value, answers: &mut Answers<'_>) -> Run {
    let machine = machine(text);
    let started: Timestamp = "2026-11-23T10:15:00.042Z".parse().unwrap();
    let identity = Identity {
        id: "arn".to_owned(),
        name: "run".to_owned(),
        role_arn: "role".to_owned(),
        machine_id: "machine".to_owned(),
        machine_name: "machine".to_owned(),
    };
    let execution = Execution::new(&machine, identity, input.clone(), Limits::default(), started);
    let mut driver = Driver {
        execution,
        now: started,
        events: Vec::new(),
        tasks: Vec::new(),
        asked: std::collections::BTreeMap::new(),
    };
    driver.drive(&machine, answers);
    let chart = Chart::new(&machine, &conditions(&serde_json::from_str(text).unwrap()));
    let mut trace = Trace::default();
    for event in &driver.events {
        trace.add(event, chart.as_ref());
    }
    Run {
        chart,
        trace,
        input,
        started,
        now: driver.now,
        outcome: driver.execution.outcome().cloned(),
    }
}

struct Driver {
    execution: Execution,
    now: Timestamp,
    events: Vec<HistoryEvent>,
    tasks: Vec<TaskStart>,
    asked: std::collections::BTreeMap<String, usize>,
}

impl Driver {
    fn drive(&mut self, machine: &StateMachine, answers: &mut Answers<'_>) {
        self.step(machine, Event::Tick);
        while self.execution.outcome().is_none() {
            if self.tasks.is_empty() {
                let Some(deadline) = self.execution.deadline() else {
                    return;
                };
                self.now = deadline;
                self.step(machine, Event::Tick);
                continue;
            }
            let task = self.tasks.remove(0);
            let asked = self.asked.entry(task.state.clone()).or_default();
            *asked += 1;
            // Of different lengths, so that there is something to see.
            let ms = 7 + task.state.len() as i64 * 13 % 97 + i64::try_from(*asked).unwrap() * 31;
            self.now = self.now.checked_add(SignedDuration::from_millis(ms)).unwrap();
            let number = task.task;
            match answers(&task, *asked) {
                Some(Ok(output)) => self.step(machine, Event::Succeeded { task: number, output }),
                Some(Err(failure)) => self.step(
                    machine,
                    Event::Failed {
                        task: number,
                        failure,
                    },
                ),
                None => {
                    let output = json!({});
                    self.step(machine, Event::Submitted { task: number, output });
                    return;
                }
            }
        }
    }

    fn step(&mut self, machine: &StateMachine, event: Event) {
        let mut moment = Moment {
            now: self.now,
            random: &mut Zero,
            token: &|task| format!("token-{task}"),
            view: &Value::clone,
        };
        let (execution, commands) = step(machine, self.execution.clone(), event, &mut moment);
        self.execution = execution;
        for command in commands {
            match command {
                Command::Start(task) => self.tasks.push(task),
                Command::Cancel { task } => self.tasks.retain(|other| other.task != task),
                Command::Record(event) => self.events.push(event),
            }
        }
    }
}

pub(super) fn register(ending: Ending) -> Run {
    let input = json!({
        "UserId": "ada",
        "Properties": {"name": "Ada Lovelace", "since": 1843, "member": true, "notes": null},
        "Image": "[image/jpeg, 48213 bytes, not kept]",
    });
    run(REGISTER, input, &mut |task, _| {
        Some(match task.state.as_str() {
            "Assess the photo" => Ok(json!({
                "Faces": 1, "Sharpness": 61.25, "Brightness": 80.5,
                "Pose": {"Yaw": if ending == Ending::Failed { 41.5 } else { 2.25 }, "Pitch": -3.5, "Roll": 0.75},
            })),
            "Search for the same face" => Ok(json!({"FaceMatches": [], "FaceModelVersion": "7.0"})),
            "Notify" if ending == Ending::TakenBack => Err(Failure::new(
                "Http.Unreachable",
                r#"{"url": "https://hooks.example/registered", "status": 503, "body": "down for maintenance"}"#,
            )),
            _ => Ok(json!({"Status": "ok", "FaceId": "5f4ef2dc-61c2-4c5d-9a0f-b6ea1a77a5a0"})),
        })
    })
}

pub(super) fn nested(ending: Ending) -> Run {
    let input = json!({"UserId": "ada", "Photos": ["front", "left", "right"]});
    run(NESTED, input, &mut |task, asked| {
        Some(match task.state.as_str() {
            "Compare one" if ending == Ending::Failed && asked == 2 => {
                Err(Failure::new("InvalidImageError", "The photo is too dark."))
            }
            "Compare one" => Ok(json!({"Similarity": 99.1})),
            _ => Ok(json!({"Known": false})),
        })
    })
}

pub(super) fn polling(rounds: usize) -> Run {
    run(POLLING, json!({"Job": "nightly-import"}), &mut |task, asked| {
        Some(Ok(match task.state.as_str() {
            "Ask whether it is done" => json!({"Status": if asked < rounds { "RUNNING" } else { "DONE" }}),
            _ => json!({"JobId": "j-42"}),
        }))
    })
}

pub(super) fn review() -> Run {
    run(
        REVIEW,
        json!({"UserId": "ada"}),
        &mut |task, _| match task.state.as_str() {
            "Ask a person" => None,
            _ => Some(Ok(json!({"Similarity": 87.5}))),
        },
    )
}

/// One of the definitions that are shipped, on its best day.
pub(super) fn shipped(text: &str) -> Run {
    let input = json!({"UserId": "ada", "Image": "[image/jpeg, 48213 bytes, not kept]", "Properties": {"name": "Ada"}});
    run(text, input, &mut |task, _| {
        Some(Ok(match task.resource.base().rsplit(':').next() {
            Some("userExists") => json!({"Exists": false}),
            Some("searchFaces") => json!({"IsDuplicate": false, "FaceMatches": []}),
            Some("enrolUser" | "addFace") => json!({"ImageId": "5f4ef2dc-61c2-4c5d-9a0f-b6ea1a77a5a0"}),
            _ => {
                json!({"IsMatch": true, "Similarity": 99.2, "StatusCode": 200, "ResponseBody": {"Allowed": true}})
            }
        }))
    })
}

/// Thirty states in a row, each with a way out.
pub(super) fn long() -> Run {
    let state = |index: usize| {
        let mut state = json!({
            "Type": if index % 5 == 3 { "Pass" } else { "Task" },
            "Next": format!("Step {:02}", index + 1),
        });
        if index % 5 != 3 {
            state["Resource"] = json!("arn:aws:states:::lambda:invoke");
            state["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "Clean up"}]);
        }
        if index == 29 {
            state["End"] = json!(true);
            state.as_object_mut().unwrap().remove("Next");
        }
        state
    };
    let mut states: serde_json::Map<String, Value> = (1..30)
        .map(|index| (format!("Step {index:02}"), state(index)))
        .collect();
    states.insert(
        "Clean up".to_owned(),
        json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Given up"}),
    );
    states.insert(
        "Given up".to_owned(),
        json!({"Type": "Fail", "Error": "GivenUp", "Cause": "A step failed."}),
    );
    let text = json!({"StartAt": "Step 01", "States": states}).to_string();
    run(&text, json!({}), &mut |task, _| {
        Some(if task.state == "Step 17" {
            Err(Failure::new("Lambda.TooManyRequestsException", "Rate exceeded"))
        } else {
            Ok(json!({}))
        })
    })
}
