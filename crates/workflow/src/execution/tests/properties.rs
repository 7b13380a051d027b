//! What holds for every execution of every definition, whatever happens to it. What holds at every step is asserted by the
//! driver: ids and links of the history, tasks that run, deadlines, and that nothing happens after the end.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::Event;
use super::driver::{Reply, Setup, World, machine};
use crate::Failure;

/// So many events may an execution have; more than that only by what one step does.
const MAX_EVENTS: u64 = 200;
/// More steps than any of these executions can take.
const MAX_STEPS: usize = 20_000;

/// Decisions, taken from random bytes; when they are used up, always the first possibility.
struct Decisions<'b>(std::slice::Iter<'b, u8>);

impl Decisions<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % count)
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn perhaps(&mut self) -> bool {
        self.below(3) == 1
    }
}

/// Writes definitions that are right, of all kinds of states, small.
struct Author<'b> {
    decisions: Decisions<'b>,
    states: usize,
}

impl Author<'_> {
    fn definition(&mut self) -> Value {
        let mut definition = self.graph(0);
        if self.decisions.perhaps() {
            definition["TimeoutSeconds"] = json!(1 + self.decisions.below(50));
        }
        definition
    }

    fn graph(&mut self, depth: usize) -> Value {
        let count = 1 + self.decisions.below(4);
        let names: Vec<String> = (0..count)
            .map(|index| format!("S{}", self.states + index))
            .collect();
        self.states += count;
        let mut states = Map::new();
        for (index, name) in names.iter().enumerate() {
            let is_last = index + 1 == count;
            states.insert(name.clone(), self.state(name, &names, depth, is_last));
        }
        json!({"StartAt": names[0], "States": states})
    }

    fn state(&mut self, name: &str, names: &[String], depth: usize, is_last: bool) -> Value {
        let kinds = if depth < 2 { 10 } else { 8 };
        let mut state = match self.decisions.below(kinds) {
            0 => self.pass(),
            1 => self.wait(),
            2 if !is_last => return self.choice(names),
            3 => return json!({"Type": "Succeed", "OutputPath": self.decisions.one_of(&["$", "$.items"])}),
            4 => return json!({"Type": "Fail", "Error": self.error(), "Cause": "so"}),
            8 => self.parallel(depth),
            9 => self.map(depth),
            _ => self.task(),
        };
        if matches!(state["Type"].as_str(), Some("Task" | "Parallel" | "Map")) {
            self.handlers(&mut state, names);
            if self.decisions.perhaps() {
                state["ResultSelector"] =
                    json!({"items.$": self.decisions.one_of(&["$", "$.items", "$[*]"])});
            }
        }
        if state["Type"] != "Wait" && self.decisions.perhaps() {
            state["ResultPath"] =
                self.decisions
                    .one_of(&[json!("$.items"), json!(null), json!("$.r"), json!("$.items[0]")]);
        }
        if self.decisions.perhaps() {
            state["Assign"] = json!({format!("v_{name}"): 1, format!("w_{name}.$"): "$"});
        }
        if is_last || self.decisions.perhaps() {
            state["End"] = json!(true);
        } else {
            state["Next"] = json!(self.decisions.one_of(names));
        }
        state
    }

    fn error(&mut self) -> &'static str {
        self.decisions.one_of(&[
            "E",
            "F",
            "States.TaskFailed",
            "States.Runtime",
            "States.Timeout",
            "States.DataLimitExceeded",
        ])
    }

    fn pass(&mut self) -> Value {
        match self.decisions.below(4) {
            0 => json!({"Type": "Pass"}),
            1 => json!({"Type": "Pass", "Result": {"items": [1, 2, {"items": []}], "n": 1}}),
            2 => {
                json!({"Type": "Pass", "Parameters": {"items.$": "States.Array($, $$.State.Name, $$.Execution.Input)", "n": 0}})
            }
            _ => {
                json!({"Type": "Pass", "InputPath": self.decisions.one_of(&["$.items", "$.none", "$$.Execution.Input"])})
            }
        }
    }

    fn wait(&mut self) -> Value {
        match self.decisions.below(3) {
            0 => json!({"Type": "Wait", "Seconds": self.decisions.below(20)}),
            1 => json!({"Type": "Wait", "SecondsPath": "$.n"}),
            _ => json!({"Type": "Wait", "Timestamp": "2026-01-31T12:00:10Z"}),
        }
    }

    fn choice(&mut self, names: &[String]) -> Value {
        let mut state = json!({"Type": "Choice", "Choices": [
            {"Variable": "$.items", "IsPresent": true, "Next": self.decisions.one_of(names)},
            {"Variable": "$.n", "NumericGreaterThan": 1, "Next": self.decisions.one_of(names)},
        ]});
        if self.decisions.perhaps() {
            state["Default"] = json!(self.decisions.one_of(names));
        }
        state
    }

    fn task(&mut self) -> Value {
        let resource = self
            .decisions
            .one_of(&["arn:a", "arn:a.sync", "arn:a.waitForTaskToken"]);
        let mut state = json!({"Type": "Task", "Resource": resource});
        if self.decisions.perhaps() {
            state["TimeoutSeconds"] = json!(30 + self.decisions.below(9));
        }
        if self.decisions.perhaps() {
            state["HeartbeatSeconds"] = json!(1 + self.decisions.below(9));
        }
        if self.decisions.perhaps() {
            state["Parameters"] = json!({"token.$": "$$.Task.Token", "x.$": self.decisions.one_of(&["$", "$.items", "$.none"])});
        }
        state
    }

    fn parallel(&mut self, depth: usize) -> Value {
        let count = 1 + self.decisions.below(3);
        let branches: Vec<Value> = (0..count).map(|_| self.graph(depth + 1)).collect();
        json!({"Type": "Parallel", "Branches": branches})
    }

    fn map(&mut self, depth: usize) -> Value {
        let mut state = json!({"Type": "Map", "ItemProcessor": self.graph(depth + 1), "MaxConcurrency": self.decisions.below(4)});
        if self.decisions.perhaps() {
            state["ItemsPath"] = json!("$.items");
        }
        if self.decisions.perhaps() {
            state["ItemSelector"] = json!({"items.$": "States.Array($$.Map.Item.Value, $$.Map.Item.Index)", "n.$": "$$.Map.Item.Value.n"});
        }
        if self.decisions.perhaps() {
            state["ToleratedFailureCount"] = json!(self.decisions.below(3));
        }
        state
    }

    fn handlers(&mut self, state: &mut Value, names: &[String]) {
        if self.decisions.perhaps() {
            state["Retry"] = json!([
                {"ErrorEquals": [self.error()], "MaxAttempts": self.decisions.below(3), "JitterStrategy": "FULL"},
                {"ErrorEquals": ["States.ALL"], "MaxAttempts": self.decisions.below(3), "IntervalSeconds": 3},
            ]);
        }
        if self.decisions.perhaps() {
            let result_path = self.decisions.one_of(&[json!("$"), json!("$.e"), json!(null)]);
            state["Catch"] = json!([
                {"ErrorEquals": [self.error()], "Next": self.decisions.one_of(names), "ResultPath": result_path},
                {"ErrorEquals": ["States.ALL"], "Next": self.decisions.one_of(names)},
            ]);
        }
    }
}

/// Something that may happen.
fn event(decisions: &mut Decisions<'_>, world: &World<'_, '_>) -> Event {
    let running: Vec<u64> = world.running.keys().copied().collect();
    let task = match running.as_slice() {
        [] => 7,
        running => decisions.one_of(running),
    };
    let failure = || Failure::new("E", "cause");
    match decisions.below(12) {
        0..3 => Event::Succeeded {
            task,
            output: decisions.one_of(&[
                json!({"items": [1, {"n": 1}], "n": 2}),
                json!([1, 2]),
                json!("x"),
                json!(null),
            ]),
        },
        3..5 => Event::Failed {
            task,
            failure: Failure::new(
                decisions.one_of(&["E", "F", "States.Runtime", "States.Timeout"]),
                "cause",
            ),
        },
        5 => Event::Heartbeat { task },
        6 => Event::Submitted {
            task,
            output: json!("taken"),
        },
        // Nobody waits for these.
        7 => decisions.one_of(&[
            Event::Succeeded {
                task: 9999,
                output: json!(1),
            },
            Event::Failed {
                task: 0,
                failure: failure(),
            },
            Event::Heartbeat { task: u64::MAX },
            Event::Submitted {
                task: 9999,
                output: json!(1),
            },
        ]),
        8 if decisions.below(8) == 1 => Event::Stop { failure: failure() },
        _ => Event::Tick,
    }
}

/// Runs through random events, then answers whatever is asked until it ends.
fn live(world: &mut World<'_, '_>, decisions: &mut Decisions<'_>) {
    world.happen(Event::Tick);
    while decisions.0.len() > 0 && world.execution.outcome().is_none() {
        let event = event(decisions, world);
        match decisions.below(4) {
            0 => {}
            1 => pass_time(world, decisions.below(7) as i64),
            _ => {
                if let Some(deadline) = world.execution.deadline() {
                    world.now = world.now.max(deadline);
                }
            }
        }
        world.happen(event);
    }
    for step in 0.. {
        assert!(step < MAX_STEPS, "it goes on for ever");
        if world.execution.outcome().is_some() {
            return;
        }
        let running = world.running.keys().next().copied();
        let event = match (running, world.execution.deadline()) {
            (Some(task), _) => Event::Succeeded {
                task,
                output: json!({"items": [1]}),
            },
            (None, Some(deadline)) => {
                world.now = world.now.max(deadline);
                Event::Tick
            }
            (None, None) => panic!("it waits for nothing: {:?}", world.execution),
        };
        world.happen(event);
    }
}

fn pass_time(world: &mut World<'_, '_>, seconds: i64) {
    world.now = world
        .now
        .saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_execution_ends(
        text in prop::collection::vec(any::<u8>(), 0..120),
        life in prop::collection::vec(any::<u8>(), 0..120),
        random in prop_oneof![Just(0), any::<u64>()],
        durable in any::<bool>(),
    ) {
        let mut author = Author { decisions: Decisions(text.iter()), states: 0 };
        let definition = author.definition();
        let input = json!({"n": 3, "items": [1, {"items": [2, 3], "n": 1}, []]});
        let mut setup = Setup::new(definition, input, &|_, _| Reply::Never);
        setup.limits.max_events = MAX_EVENTS;
        // Branches of branches multiply what they get.
        setup.limits.max_payload_bytes = 10_000;
        setup.random = random;
        let machine = machine(&setup.definition);
        let mut world = World::new(&setup, &machine, durable);
        live(&mut world, &mut Decisions(life.iter()));
        // The driver asserts that these change nothing.
        for event in [
            Event::Tick,
            Event::Succeeded { task: 1, output: json!(1) },
            Event::Failed { task: 1, failure: Failure::new("E", "") },
            Event::Stop { failure: Failure::new("E", "") },
        ] {
            pass_time(&mut world, 1000);
            world.happen(event);
        }
        let ran = world.finish();
        prop_assert!(ran.history.len() as u64 <= MAX_EVENTS + 64, "{} events", ran.history.len());
        // Every task was started in a state that exists, under a number of its own.
        let tasks: BTreeSet<u64> = ran.starts.iter().map(|(_, start)| start.task).collect();
        prop_assert_eq!(tasks.len(), ran.starts.len());
    }

    #[test]
    fn all_kinds_of_states_are_written(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut author = Author { decisions: Decisions(text.iter()), states: 0 };
        machine(&author.definition());
    }
}
