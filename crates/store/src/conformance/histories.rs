//! Histories of executions.

use std::sync::Arc;

use uuid::Uuid;

use super::Outcome;
use super::executions::{ending, new_execution, step};
use crate::Repository;
use crate::workflows::{Advance, ExecutionStatus, NewExecution};

pub(super) async fn a_history_is_read_in_both_directions(store: Arc<dyn Repository>) -> Outcome {
    // Pages of 1, 3, 0, 2 and 4 events.
    let mut numbers = 1..;
    let mut events = |count| -> Vec<String> { numbers.by_ref().take(count).map(|n| n.to_string()).collect() };
    let new = NewExecution {
        events: events(1),
        ..new_execution(1, "one", "name")
    };
    store.start_execution(new.clone()).await?;
    for count in [3, 0, 2] {
        let step = Advance {
            events: events(count),
            ..step(1, None)
        };
        store.advance_execution(step).await?;
    }
    let last = Advance {
        events: events(4),
        ..step(1, Some(ending(ExecutionStatus::Succeeded, 9)))
    };
    store.advance_execution(last).await?;
    // Somebody else's.
    store.start_execution(new_execution(2, "one", "other")).await?;

    let all: Vec<String> = (1..=10).map(|number| number.to_string()).collect();
    for from in 0..=12 {
        for limit in 0..=11 {
            let found = store.execution_events(new.id, from, limit, false).await?;
            let first = usize::try_from(from.saturating_sub(1))?;
            let expected: Vec<&String> = all.iter().skip(first).take(limit as usize).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "from {from}, {limit}");

            let found = store.execution_events(new.id, from, limit, true).await?;
            let upto = all.iter().take(usize::try_from(from)?);
            let expected: Vec<&String> = upto.rev().take(limit as usize).collect();
            assert_eq!(
                found.iter().collect::<Vec<_>>(),
                expected,
                "down from {from}, {limit}"
            );
        }
    }
    let newest = store.execution_events(new.id, u64::MAX, 2, true).await?;
    assert_eq!(newest, ["10", "9"]);
    let beyond = store.execution_events(new.id, u64::MAX, 2, false).await?;
    assert_eq!(beyond, [] as [&str; 0]);
    Ok(())
}

pub(super) async fn any_text_is_an_event(store: Arc<dyn Repository>) -> Outcome {
    let events: Vec<String> = [
        "{\n  \"a\": [\"\\u001e\", \"\\n\"]\n}",
        "[]",
        "\"Łódź\\u0000\"",
        "1\r\n",
    ]
    .map(str::to_owned)
    .into();
    let new = NewExecution {
        events: events.clone(),
        ..new_execution(1, "one", "name")
    };
    store.start_execution(new.clone()).await?;
    assert_eq!(store.execution_events(new.id, 1, 10, false).await?, events);
    Ok(())
}

pub(super) async fn a_history_may_be_empty(store: Arc<dyn Repository>) -> Outcome {
    let new = NewExecution {
        events: Vec::new(),
        state: None,
        ..new_execution(1, "one", "name")
    };
    store.start_execution(new.clone()).await?;
    for id in [new.id, Uuid::from_u128(2)] {
        for newest_first in [false, true] {
            let found = store.execution_events(id, 1, 10, newest_first).await?;
            assert_eq!(found, [] as [&str; 0]);
        }
    }
    let running = store.unfinished_executions(None, 10).await?;
    assert_eq!((running.len(), running[0].events), (1, 0));
    assert_eq!(running[0].state, [] as [u8; 0]);
    store.advance_execution(step(1, None)).await?;
    assert_eq!(store.execution_events(new.id, 1, 10, false).await?.len(), 2);
    Ok(())
}
