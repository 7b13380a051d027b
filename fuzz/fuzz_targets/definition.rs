//! A definition, a zero byte and what happens: text through `workflow::definition::parse`, and if it is right, an execution
//! through those events. Nothing panics, every finding says something, and whatever was started is answered or cancelled.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use selfsame_workflow::Failure;
use selfsame_workflow::definition::{StateMachine, parse};
use selfsame_workflow::execution::{Command, Event, Execution, Identity, Limits, Moment, step};
use serde_json::{Value, json};

/// Small, so that the fuzzer spends its time on many definitions.
const LIMITS: Limits = Limits {
    max_events: 300,
    max_payload_bytes: 1 << 16,
};
const MAX_STEPS: usize = 200;
const START_S: i64 = 1_769_860_800;

/// What happens next, by a byte. With time going on a little or to the next deadline.
fn event(byte: u8, running: &BTreeSet<u64>, execution: &Execution, now: &mut jiff::Timestamp) -> Event {
    let task = running
        .iter()
        .nth(usize::from(byte >> 5) % running.len().max(1))
        .copied()
        .unwrap_or(99);
    let failure = |error: &str| Failure::new(error, "cause");
    match byte % 11 {
        0 => Event::Succeeded {
            task,
            output: json!({"items": [1, {"a": "b"}], "n": 2}),
        },
        1 => Event::Succeeded {
            task,
            output: json!([[1], "2", null]),
        },
        2 => Event::Failed {
            task,
            failure: failure("States.TaskFailed"),
        },
        3 => Event::Failed {
            task,
            failure: failure("E"),
        },
        4 => Event::Heartbeat { task },
        5 => Event::Submitted {
            task,
            output: Value::Null,
        },
        6 => Event::Succeeded {
            task: u64::MAX,
            output: Value::Null,
        },
        7 if byte > 250 => Event::Stop {
            failure: failure("Stop"),
        },
        7 => {
            *now = now
                .saturating_add(jiff::SignedDuration::from_millis(700))
                .unwrap_or(*now);
            Event::Tick
        }
        _ => {
            *now = execution.deadline().map_or(*now, |deadline| deadline.max(*now));
            Event::Tick
        }
    }
}

fn run(machine: &StateMachine, happenings: &[u8]) {
    let Ok(mut now) = jiff::Timestamp::from_second(START_S) else {
        return;
    };
    let text = || String::from("x");
    let identity = Identity {
        id: text(),
        name: text(),
        role_arn: text(),
        machine_id: text(),
        machine_name: text(),
    };
    let input = json!({"items": [1, {"a": 2}, []], "a": {"b": "c"}, "n": 3, "text": "2026-01-31T12:00:00Z"});
    let mut execution = Execution::new(machine, identity, input, LIMITS, now);
    let mut running = BTreeSet::new();
    let mut next = Event::Tick;
    let mut events = 0;
    let stop = std::iter::once(None);
    for happening in happenings.iter().take(MAX_STEPS).map(Some).chain(stop) {
        let mut moment = Moment {
            now,
            random: &mut || u64::from(happening.copied().unwrap_or(0)) << 56,
            token: &|task| task.to_string(),
            view: &Value::clone,
        };
        let commands;
        (execution, commands) = step(machine, execution, next, &mut moment);
        for command in commands {
            match command {
                Command::Start(start) => assert!(running.insert(start.task)),
                Command::Cancel { .. } => {}
                Command::Record(event) => {
                    events += 1;
                    assert!(event.id == events && event.previous < event.id);
                }
            }
        }
        let asked: BTreeSet<u64> = execution.running().iter().map(|start| start.task).collect();
        assert!(asked.is_subset(&running), "waits for what was never started");
        running = asked;
        if happening.is_some_and(|byte| byte % 3 == 0) {
            let written = serde_json::to_string(&execution).expect("can be written");
            execution = serde_json::from_str(&written).expect("can be read");
        }
        if execution.outcome().is_some() {
            return;
        }
        assert!(
            !running.is_empty() || execution.deadline().is_some(),
            "waits for nothing"
        );
        next = match happening {
            Some(byte) => event(*byte, &running, &execution, &mut now),
            None => break,
        };
    }
    let mut moment = Moment {
        now,
        random: &mut || 0,
        token: &|task| task.to_string(),
        view: &Value::clone,
    };
    let failure = Failure::new("Stop", "");
    let (execution, _) = step(machine, execution, Event::Stop { failure }, &mut moment);
    assert!(execution.outcome().is_some() && execution.running().is_empty());
}

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let Ok(text) = std::str::from_utf8(parts.next().unwrap_or_default()) else {
        return;
    };
    let (machine, found) = parse(text, &());
    assert_eq!(machine.is_none(), found.has_errors());
    assert!(found.iter().all(|finding| !finding.message.is_empty()));
    if let Some(machine) = machine {
        let default = [0, 8, 3, 16, 33, 2, 8, 8, 0, 11];
        let happenings = parts.next().filter(|happenings| !happenings.is_empty());
        run(&machine, happenings.unwrap_or(&default));
    }
});
