//! Executions.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Outcome;
use super::fixtures::now;
use crate::workflows::{
    Advance, Ending, ExecutionFilter, ExecutionRecord, ExecutionStart, ExecutionStatus, ExecutionSummary,
    NewExecution, Unfinished,
};
use crate::{Error, Repository};

pub(super) fn at(second: i64) -> Timestamp {
    now() + SignedDuration::from_secs(second)
}

/// An execution that started in the second of its number.
pub(super) fn new_execution(number: u32, machine: &str, name: &str) -> NewExecution {
    NewExecution {
        id: Uuid::from_u128(u128::from(number)),
        machine: machine.to_owned(),
        name: name.to_owned(),
        definition: format!("{{\"Comment\": \"{machine}\"}}"),
        revision: None,
        input: format!("{{\"number\": {number}}}"),
        subject: None,
        started: at(i64::from(number)),
        state: Some(vec![0, 1, 255]),
        events: vec![format!("{{\"id\": 1, \"number\": {number}}}")],
        ending: None,
        inherits: None,
    }
}

pub(super) fn ending(status: ExecutionStatus, second: i64) -> Ending {
    Ending {
        status,
        output: Some("\"done\"".to_owned()),
        error: None,
        cause: None,
        stopped: at(second),
    }
}

pub(super) fn step(number: u32, ending: Option<Ending>) -> Advance {
    Advance {
        id: Uuid::from_u128(u128::from(number)),
        state: ending.is_none().then(|| vec![2]),
        events: vec!["{\"next\": 1}".to_owned(), "{\"next\": 2}".to_owned()],
        ending,
    }
}

fn record(new: &NewExecution) -> ExecutionRecord {
    let new = new.clone();
    ExecutionRecord {
        id: new.id,
        machine: new.machine,
        name: new.name,
        definition: new.definition,
        revision: new.revision,
        input: new.input,
        subject: new.subject,
        started: new.started,
        ending: new.ending,
    }
}

/// The numbers of executions in a list.
fn numbers(found: &[ExecutionSummary]) -> Vec<u128> {
    found.iter().map(|one| one.id.as_u128()).collect()
}

pub(super) async fn an_execution_runs_from_start_to_end(store: Arc<dyn Repository>) -> Outcome {
    let new = NewExecution {
        revision: Some(Uuid::from_u128(7)),
        subject: Some("alice".to_owned()),
        started: now() + SignedDuration::from_nanos(1_999),
        ..new_execution(1, "one", "o'Brien №1")
    };
    assert_eq!(store.get_execution("one", "o'Brien №1").await?, None);
    assert_eq!(store.start_execution(new.clone()).await?, ExecutionStart::Started);
    let mut expected = ExecutionRecord {
        started: Timestamp::from_microsecond(1)?,
        ..record(&new)
    };
    assert_eq!(
        store.get_execution("one", "o'Brien №1").await?,
        Some(expected.clone())
    );
    let running = |state: &[u8], events| Unfinished {
        record: expected.clone(),
        state: state.to_vec(),
        events,
    };
    assert_eq!(
        store.unfinished_executions(None, 10).await?,
        [running(&[0, 1, 255], 1)]
    );
    store.advance_execution(step(1, None)).await?;
    assert_eq!(store.unfinished_executions(None, 10).await?, [running(&[2], 3)]);
    let ending = Ending {
        status: ExecutionStatus::Failed,
        output: None,
        error: Some("States.TaskFailed".to_owned()),
        cause: Some("somebody's \"cause\"".to_owned()),
        stopped: at(9),
    };
    store.advance_execution(step(1, Some(ending.clone()))).await?;
    expected.ending = Some(ending);
    assert_eq!(store.find_execution(expected.id).await?.as_ref(), Some(&expected));
    assert_eq!(store.find_execution(Uuid::from_u128(0xFFFF)).await?, None);
    assert_eq!(store.get_execution("one", "o'Brien №1").await?, Some(expected));
    assert_eq!(store.unfinished_executions(None, 10).await?, []);
    assert_eq!(store.execution_events(new.id, 1, 10, false).await?.len(), 5);
    Ok(())
}

pub(super) async fn an_execution_may_end_at_once(store: Arc<dyn Repository>) -> Outcome {
    for (number, status) in (1..).zip([
        ExecutionStatus::Succeeded,
        ExecutionStatus::Failed,
        ExecutionStatus::TimedOut,
        ExecutionStatus::Aborted,
    ]) {
        let new = NewExecution {
            state: None,
            ending: Some(ending(status, 5)),
            ..new_execution(number, "one", &number.to_string())
        };
        assert_eq!(store.start_execution(new.clone()).await?, ExecutionStart::Started);
        assert_eq!(
            store.get_execution("one", &new.name).await?,
            Some(record(&new)),
            "{status:?}"
        );
    }
    assert_eq!(store.unfinished_executions(None, 10).await?, []);
    let result = store.advance_execution(step(1, None)).await;
    assert!(matches!(result, Err(Error::NoSuchExecution)), "{result:?}");
    Ok(())
}

pub(super) async fn a_name_is_taken_once_for_each_machine(store: Arc<dyn Repository>) -> Outcome {
    let first = new_execution(1, "one", "name");
    store.start_execution(first.clone()).await?;
    let again = new_execution(2, "one", "name");
    for ended in [None, Some(ending(ExecutionStatus::Succeeded, 3))] {
        if ended.is_some() {
            store.advance_execution(step(1, ended.clone())).await?;
        }
        let expected = ExecutionRecord {
            ending: ended,
            ..record(&first)
        };
        assert_eq!(
            store.start_execution(again.clone()).await?,
            ExecutionStart::Exists(expected)
        );
    }
    assert_eq!(
        store.execution_events(again.id, 1, 10, false).await?,
        [] as [&str; 0]
    );
    for (number, machine, name) in [(3, "two", "name"), (4, "one", "Name")] {
        let other = new_execution(number, machine, name);
        assert_eq!(store.start_execution(other).await?, ExecutionStart::Started);
    }
    Ok(())
}

pub(super) async fn an_id_is_used_once(store: Arc<dyn Repository>) -> Outcome {
    store.start_execution(new_execution(1, "one", "first")).await?;
    let result = store.start_execution(new_execution(1, "one", "second")).await;
    assert!(matches!(result, Err(Error::IdTaken { .. })), "{result:?}");
    assert_eq!(store.get_execution("one", "second").await?, None);
    assert!(store.get_execution("one", "first").await?.is_some());
    Ok(())
}

pub(super) async fn only_running_executions_advance(store: Arc<dyn Repository>) -> Outcome {
    store.start_execution(new_execution(1, "one", "name")).await?;
    let result = store.advance_execution(step(2, None)).await;
    assert!(matches!(result, Err(Error::NoSuchExecution)), "{result:?}");
    let first = ending(ExecutionStatus::Aborted, 2);
    store.advance_execution(step(1, Some(first.clone()))).await?;
    for late in [None, Some(ending(ExecutionStatus::Succeeded, 3))] {
        let result = store.advance_execution(step(1, late)).await;
        assert!(matches!(result, Err(Error::NoSuchExecution)), "{result:?}");
    }
    let found = store.get_execution("one", "name").await?.ok_or("missing")?;
    assert_eq!(found.ending, Some(first), "whoever ended it first counts");
    assert_eq!(store.execution_events(found.id, 1, 10, false).await?.len(), 3);
    Ok(())
}

pub(super) async fn executions_are_listed_newest_first(store: Arc<dyn Repository>) -> Outcome {
    let all = ExecutionFilter::default();
    assert_eq!(store.list_executions(&all, None, 10).await?, []);
    // 3 and 4 start at the same moment.
    for (number, second) in [(2, 20), (4, 30), (1, 50), (3, 30), (5, 10)] {
        let new = NewExecution {
            started: at(second),
            ..new_execution(number, "one", &number.to_string())
        };
        store.start_execution(new).await?;
    }
    store
        .advance_execution(step(4, Some(ending(ExecutionStatus::TimedOut, 60))))
        .await?;
    let found = store.list_executions(&all, None, 10).await?;
    assert_eq!(numbers(&found), [1, 4, 3, 2, 5]);
    assert_eq!(
        found[1],
        ExecutionSummary {
            id: Uuid::from_u128(4),
            machine: "one".to_owned(),
            name: "4".to_owned(),
            started: at(30),
            stopped: Some(at(60)),
            status: ExecutionStatus::TimedOut,
        }
    );
    assert_eq!(
        (found[2].status, found[2].stopped),
        (ExecutionStatus::Running, None)
    );
    let (mut before, mut walked) = (None, Vec::new());
    loop {
        let page = store.list_executions(&all, before, 2).await?;
        let Some(last) = page.last() else { break };
        before = Some((last.started, last.id));
        walked.extend(page);
    }
    assert_eq!(walked, found);
    Ok(())
}

pub(super) async fn listed_executions_are_chosen(store: Arc<dyn Repository>) -> Outcome {
    for number in 1..=12 {
        let machine = if number % 2 == 0 { "even" } else { "odd" };
        store
            .start_execution(new_execution(number, machine, &number.to_string()))
            .await?;
        if number % 3 == 0 {
            let failed = ending(ExecutionStatus::Failed, 100);
            store.advance_execution(step(number, Some(failed))).await?;
        }
    }
    let running = Some(ExecutionStatus::Running);
    let failed = Some(ExecutionStatus::Failed);
    for (machine, status, expected) in [
        (Some("even"), None, &[12, 10, 8, 6, 4, 2][..]),
        (None, failed, &[12, 9, 6, 3]),
        (Some("odd"), failed, &[9, 3]),
        (Some("odd"), running, &[11, 7, 5, 1]),
        (None, Some(ExecutionStatus::Succeeded), &[]),
        (Some("other"), None, &[]),
    ] {
        let filter = ExecutionFilter {
            machine: machine.map(str::to_owned),
            status,
        };
        let found = store.list_executions(&filter, None, 10).await?;
        assert_eq!(numbers(&found), expected, "{filter:?}");
        let before = Some((at(9), Uuid::from_u128(9)));
        let found = store.list_executions(&filter, before, 1).await?;
        let next = expected.iter().copied().find(|number| *number < 9);
        assert_eq!(numbers(&found), Vec::from_iter(next), "{filter:?}");
    }
    Ok(())
}

pub(super) async fn unfinished_executions_are_walked(store: Arc<dyn Repository>) -> Outcome {
    for number in [5, 3, 1, 4, 2] {
        store
            .start_execution(new_execution(number, "one", &number.to_string()))
            .await?;
    }
    store
        .advance_execution(step(3, Some(ending(ExecutionStatus::Succeeded, 9))))
        .await?;
    let (mut after, mut walked) = (None, Vec::new());
    loop {
        let page = store.unfinished_executions(after, 3).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.record.id);
        walked.extend(page.iter().map(|one| one.record.id.as_u128()));
    }
    assert_eq!(walked, [1, 2, 4, 5]);
    Ok(())
}

pub(super) async fn ended_executions_are_forgotten(store: Arc<dyn Repository>) -> Outcome {
    for number in 1..=6 {
        let new = new_execution(number, "one", &number.to_string());
        store.start_execution(new).await?;
        if number != 2 {
            let ended = ending(ExecutionStatus::Succeeded, i64::from(10 - number));
            store.advance_execution(step(number, Some(ended))).await?;
        }
    }
    // They ended in the order 6, 5, 4, 3, 1, in the seconds 4 to 7 and 9.
    assert_eq!(store.forget_executions(at(4), 10).await?, 0);
    assert_eq!(store.forget_executions(at(9), 3).await?, 3);
    let all = ExecutionFilter::default();
    assert_eq!(
        numbers(&store.list_executions(&all, None, 10).await?),
        [3, 2, 1],
        "the first to end are the first to go"
    );
    assert_eq!(store.forget_executions(at(9), 3).await?, 1);
    assert_eq!(store.get_execution("one", "3").await?, None);
    assert_eq!(
        store.execution_events(Uuid::from_u128(3), 1, 9, false).await?,
        [] as [&str; 0]
    );
    let again = new_execution(6, "one", "6");
    assert_eq!(
        store.start_execution(again.clone()).await?,
        ExecutionStart::Started
    );
    assert_eq!(store.get_execution("one", "6").await?, Some(record(&again)));
    assert_eq!(store.execution_events(again.id, 1, 9, false).await?.len(), 1);
    Ok(())
}

pub(super) async fn executions_about_somebody_are_forgotten(store: Arc<dyn Repository>) -> Outcome {
    for (number, subject) in [
        (1, None),
        (2, Some("alice")),
        (3, Some("Alice")),
        (4, Some("alice")),
    ] {
        let new = NewExecution {
            subject: subject.map(str::to_owned),
            ..new_execution(number, "one", &number.to_string())
        };
        store.start_execution(new).await?;
    }
    store
        .advance_execution(step(4, Some(ending(ExecutionStatus::Failed, 9))))
        .await?;
    assert_eq!(store.forget_executions_about("alice").await?, 2);
    assert_eq!(store.forget_executions_about("alice").await?, 0);
    let all = ExecutionFilter::default();
    assert_eq!(numbers(&store.list_executions(&all, None, 10).await?), [3, 1]);
    let result = store.advance_execution(step(2, None)).await;
    assert!(matches!(result, Err(Error::NoSuchExecution)), "{result:?}");
    assert_eq!(store.unfinished_executions(None, 10).await?.len(), 2);
    Ok(())
}

pub(super) async fn one_name_many_times_at_once(store: Arc<dyn Repository>) -> Outcome {
    let mut callers = JoinSet::new();
    for number in 1..=32 {
        let store = store.clone();
        callers.spawn(async move { store.start_execution(new_execution(number, "one", "name")).await });
    }
    let (mut started, mut seen) = (0, Vec::new());
    while let Some(start) = callers.join_next().await {
        match start?? {
            ExecutionStart::Started => started += 1,
            ExecutionStart::Exists(found) => seen.push(found),
        }
    }
    assert_eq!((started, seen.len()), (1, 31));
    let kept = store.get_execution("one", "name").await?.ok_or("missing")?;
    assert!(seen.iter().all(|found| *found == kept), "everybody sees the same");
    let all = ExecutionFilter::default();
    assert_eq!(store.list_executions(&all, None, 100).await?.len(), 1);
    Ok(())
}

/// Each succeeds or fails alone, whoever comes at the same time.
pub(super) async fn many_executions_at_once(store: Arc<dyn Repository>) -> Outcome {
    let mut callers = JoinSet::new();
    for number in 1..=64 {
        let store = store.clone();
        callers.spawn(async move {
            let name = number.to_string();
            store.start_execution(new_execution(number, "one", &name)).await?;
            // A step of an execution that nobody knows, in between.
            let unknown = store.advance_execution(step(number + 1000, None)).await;
            assert!(matches!(unknown, Err(Error::NoSuchExecution)), "{unknown:?}");
            for _ in 0..5 {
                store.advance_execution(step(number, None)).await?;
            }
            let ended = ending(ExecutionStatus::Succeeded, 100);
            store.advance_execution(step(number, Some(ended))).await
        });
    }
    while let Some(done) = callers.join_next().await {
        done??;
    }
    for number in 1..=64 {
        let found = store.get_execution("one", &number.to_string()).await?;
        let found = found.ok_or("missing")?;
        assert_eq!(found.input, new_execution(number, "one", "").input);
        assert!(found.ending.is_some());
        let events = store.execution_events(found.id, 1, 100, false).await?;
        assert_eq!(events.len(), 13);
        assert_eq!(events[0], new_execution(number, "one", "").events[0]);
    }
    assert_eq!(store.unfinished_executions(None, 100).await?, []);
    Ok(())
}
