//! Executions: shared transactions, definitions kept once, and that what is forgotten leaves no copy.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::super::Sqlite;
use super::erasure::is_on_disk;
use super::{SECRET, new_user, open, people, template};
use crate::model::{NewUser, Properties, UpdateUser};
use crate::repository::FaceStore as _;
use crate::workflows::{
    Advance, Ending, ExecutionStart, ExecutionStatus, Executions as _, Journal as _, Machine, MachineKind,
    MachineUpdate, Machines as _, NewExecution,
};
use crate::{Error, Result};

fn new_execution(number: u32, definition: &str) -> NewExecution {
    NewExecution {
        id: Uuid::from_u128(u128::from(number)),
        machine: "machine".to_owned(),
        name: number.to_string(),
        definition: definition.to_owned(),
        revision: None,
        input: format!("\"{SECRET}input-{number}\""),
        subject: Some(format!("subject-{number}")),
        started: Timestamp::UNIX_EPOCH,
        state: Some(format!("{SECRET}state-{number}\"").into_bytes()),
        events: vec![format!("\"{SECRET}event-{number}\"")],
        ending: None,
        inherits: None,
    }
}

fn step(number: u32, ending: Option<Ending>) -> Advance {
    Advance {
        id: Uuid::from_u128(u128::from(number)),
        state: Some(vec![1]),
        events: vec!["2".to_owned()],
        ending,
    }
}

fn succeeded(number: u32) -> Ending {
    Ending {
        status: ExecutionStatus::Succeeded,
        output: Some(format!("\"{SECRET}output-{number}\"")),
        error: None,
        cause: None,
        stopped: Timestamp::UNIX_EPOCH,
    }
}

async fn count(store: &Sqlite, table: &'static str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
        .fetch_one(&store.inner.writer)
        .await
        .unwrap()
}

async fn run(store: &Sqlite, sql: &'static str) {
    sqlx::query(sql).execute(&store.inner.writer).await.unwrap();
}

/// Waits until the queue is in a state.
async fn queue_is(store: &Sqlite, state: &str) {
    while format!("{:?}", store.inner.waiting) != state {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A database that refuses one input, so that a statement fails among others.
async fn refusing(directory: &Path) -> Sqlite {
    let store = open(directory).await;
    run(
        &store,
        "CREATE TRIGGER refuse BEFORE INSERT ON executions WHEN new.input = 'refused' BEGIN
             SELECT raise(ABORT, 'refused'); END",
    )
    .await;
    store
}

#[tokio::test]
async fn a_failing_start_fails_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = refusing(directory.path()).await;
    let starts = (1..=50).map(|number| {
        let store = store.clone();
        let mut new = new_execution(number, "{}");
        if number % 10 == 0 {
            "refused".clone_into(&mut new.input);
        }
        async move { store.start_execution(new).await }
    });
    let results: Vec<Result<ExecutionStart>> = futures_util::future::join_all(starts).await;
    for (number, result) in (1..).zip(results) {
        if number % 10 == 0 {
            assert!(matches!(result, Err(Error::Database(_))), "{number}: {result:?}");
        } else {
            assert!(
                matches!(result, Ok(ExecutionStart::Started)),
                "{number}: {result:?}"
            );
        }
    }
    assert_eq!(count(&store, "executions").await, 45);
    assert_eq!(count(&store, "history").await, 45);
}

/// What waits while somebody else writes is stored by one commit: a reader sees all of it or nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_come_together_share_a_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let write = store.inner.write().await.unwrap();
    let start = |number| {
        let store = store.clone();
        tokio::spawn(async move { store.start_execution(new_execution(number, "{}")).await })
    };
    let mut starts = vec![start(1)];
    queue_is(&store, "Queue(0 waiting, drained: true)").await;
    starts.extend((2..=200).map(start));
    queue_is(&store, "Queue(199 waiting, drained: true)").await;
    drop(write);
    let (mut seen, mut now) = (std::collections::BTreeSet::new(), 0);
    while now < 200 {
        now = sqlx::query_scalar("SELECT count(*) FROM executions")
            .fetch_one(&store.inner.readers)
            .await
            .unwrap();
        seen.insert(now);
    }
    assert!(seen.iter().all(|seen| [0, 1, 200].contains(seen)), "{seen:?}");
    for start in starts {
        assert!(matches!(start.await.unwrap(), Ok(ExecutionStart::Started)));
    }
}

/// Nobody whose commit failed is told that it succeeded, and nothing is stored; those who come later are not concerned.
#[tokio::test]
async fn a_failing_commit_is_told_to_all() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for statement in [
        "CREATE TABLE doomed (nobody INTEGER REFERENCES executions (key) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER doom AFTER INSERT ON executions WHEN new.input = 'doomed' BEGIN
             INSERT INTO doomed VALUES (-1); END",
    ] {
        run(&store, statement).await;
    }
    let write = store.inner.write().await.unwrap();
    let mut starts = Vec::new();
    for number in 1..=10 {
        let mut new = new_execution(number, "{}");
        if number == 5 {
            "doomed".clone_into(&mut new.input);
        }
        let store_for_task = store.clone();
        starts.push(tokio::spawn(
            async move { store_for_task.start_execution(new).await },
        ));
        if number == 1 {
            queue_is(&store, "Queue(0 waiting, drained: true)").await;
        }
    }
    queue_is(&store, "Queue(9 waiting, drained: true)").await;
    drop(write);
    for (number, start) in (1..).zip(starts) {
        match start.await.unwrap() {
            Ok(ExecutionStart::Started) if number == 1 => {}
            Err(error @ Error::Database(_)) if number != 1 => {
                assert!(std::error::Error::source(&error).is_some());
            }
            other => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(count(&store, "executions").await, 1);
    store.start_execution(new_execution(2, "{}")).await.unwrap();
    assert_eq!(count(&store, "executions").await, 2);
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap();
    // For this connection, which is replaced after the failure.
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(limit).execute(&store.inner.writer).await.unwrap();
    let mut new = new_execution(1, "{}");
    new.input = "x".repeat(400_000);
    let result = store.start_execution(new.clone()).await;
    assert!(matches!(result, Err(Error::DiskFull(_))), "{result:?}");
    assert_eq!(count(&store, "executions").await, 0);
    assert_eq!(count(&store, "definitions").await, 0);
    assert!(matches!(
        store.start_execution(new).await,
        Ok(ExecutionStart::Started)
    ));
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for number in 1..=20 {
        let patience = Duration::from_micros(u64::from(number) * 50);
        let start = store.start_execution(new_execution(number, "{}"));
        let _ = tokio::time::timeout(patience, start).await;
    }
    // What comes later is done later.
    store.start_execution(new_execution(21, "{}")).await.unwrap();
    assert_eq!(count(&store, "executions").await, 21);
}

#[tokio::test]
async fn an_attached_process_starts_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).await;
    server.start_execution(new_execution(1, "{}")).await.unwrap();
    let attached = Sqlite::attach(directory.path()).await.unwrap();
    assert!(attached.get_execution("machine", "1").await.unwrap().is_some());
    assert_eq!(attached.unfinished_executions(None, 10).await.unwrap().len(), 1);
    let result = attached.start_execution(new_execution(2, "{}")).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.advance_execution(step(1, None)).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.forget_executions_about("subject-1").await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.delete_machine("machine").await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.undo(Uuid::nil()).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.settle(Uuid::nil()).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
}

#[tokio::test]
async fn a_definition_is_kept_once_and_as_long_as_needed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let machine = Machine {
        name: "machine".to_owned(),
        kind: MachineKind::Standard,
        definition: "one".to_owned(),
        role_arn: String::new(),
        revision: Uuid::nil(),
        created: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
    };
    store.create_machine(&machine).await.unwrap();
    for (number, definition) in [(1, "one"), (2, "two"), (3, "two"), (4, "one")] {
        store
            .start_execution(new_execution(number, definition))
            .await
            .unwrap();
    }
    assert_eq!(count(&store, "definitions").await, 2);
    // A start that is refused leaves none.
    let mut refused = new_execution(5, "three");
    "1".clone_into(&mut refused.name);
    store.start_execution(refused).await.unwrap();
    assert_eq!(count(&store, "definitions").await, 2);
    for (subject, left) in [
        ("subject-2", 2),
        ("subject-3", 1),
        ("subject-1", 1),
        ("subject-4", 1),
    ] {
        assert_eq!(store.forget_executions_about(subject).await.unwrap(), 1);
        assert_eq!(count(&store, "definitions").await, left, "{subject}");
    }
    let change = MachineUpdate {
        definition: Some("four".to_owned()),
        role_arn: None,
        revision: Uuid::nil(),
        now: Timestamp::UNIX_EPOCH,
    };
    store.update_machine("machine", change).await.unwrap();
    assert_eq!(count(&store, "definitions").await, 1);
    assert!(store.delete_machine("machine").await.unwrap());
    assert_eq!(count(&store, "definitions").await, 0);
}

#[tokio::test]
async fn forgotten_executions_leave_no_copy() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for number in 1..=9 {
        store.start_execution(new_execution(number, "{}")).await.unwrap();
    }
    let secret = |kind: &str, number: u32| format!("{SECRET}{kind}-{number}\"").into_bytes();
    let on_disk = |kind: &str, number| is_on_disk(directory.path(), &secret(kind, number));
    for kind in ["input", "state", "event"] {
        assert!(on_disk(kind, 3), "the test must be able to fail: {kind}");
    }
    // Number 3 runs, number 4 has ended.
    store
        .advance_execution(step(4, Some(succeeded(4))))
        .await
        .unwrap();
    assert!(on_disk("output", 4));
    store.forget_executions_about("subject-3").await.unwrap();
    store
        .forget_executions(Timestamp::UNIX_EPOCH + Duration::from_secs(1), 10)
        .await
        .unwrap();
    for kind in ["input", "state", "event", "output"] {
        assert!(!on_disk(kind, 3), "{kind}");
        assert!(!on_disk(kind, 4), "{kind}");
    }
    assert!(on_disk("input", 5) && on_disk("state", 5), "others stay");
    assert_eq!(count(&store, "history").await, 7);
    assert_eq!(count(&store, "snapshots").await, 7);
}

/// A user with a journaled update that replaced a secret.
async fn updated(store: &Sqlite, execution: Uuid) {
    store
        .register(&people(), new_user(7), super::POLICY)
        .await
        .unwrap();
    let NewUser { mut face, .. } = new_user(8);
    face.template = template(7);
    let update = UpdateUser {
        user: new_user(7).user,
        properties: Some(Properties::from_iter([("k".to_owned(), "nothing".into())])),
        face,
        max_faces: std::num::NonZeroU32::MIN,
        now: Timestamp::UNIX_EPOCH,
        journal: Some(execution),
    };
    store.update(&people(), update, None).await.unwrap();
}

#[tokio::test]
async fn settled_updates_leave_no_copy_of_what_they_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let execution = Uuid::from_u128(1);
    updated(&store, execution).await;
    let secret = format!("{SECRET}7\"").into_bytes();
    assert!(is_on_disk(directory.path(), &secret), "kept to be taken back");
    assert!(is_on_disk(directory.path(), &[7; 5000]));
    store.settle(execution).await.unwrap();
    assert!(!is_on_disk(directory.path(), &secret));
    assert!(
        !is_on_disk(directory.path(), &[7; 5000]),
        "the older face made room"
    );
    assert!(is_on_disk(directory.path(), &[8; 5000]));
}

#[tokio::test]
async fn undone_updates_leave_no_copy_of_what_they_brought() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let execution = Uuid::from_u128(1);
    updated(&store, execution).await;
    assert!(is_on_disk(directory.path(), &[8; 5000]));
    assert!(is_on_disk(directory.path(), b"nothing"));
    store.undo(execution).await.unwrap();
    assert!(!is_on_disk(directory.path(), &[8; 5000]));
    assert!(!is_on_disk(directory.path(), b"nothing"));
    assert!(is_on_disk(directory.path(), &[7; 5000]));
}

#[tokio::test]
async fn opening_leaves_the_journal_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let execution = Uuid::from_u128(1);
    updated(&store, execution).await;
    store.close().await;
    let store = open(directory.path()).await;
    assert_eq!(store.journals().await.unwrap(), [execution]);
    assert_eq!(store.undo(execution).await.unwrap().len(), 1);
}

#[tokio::test]
async fn damage_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    store.start_execution(new_execution(1, "{}")).await.unwrap();
    run(&store, "UPDATE history SET count = 2").await;
    let id = Uuid::from_u128(1);
    for newest_first in [false, true] {
        let result = store.execution_events(id, 1, 10, newest_first).await;
        assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
    }
}
