//! What SQLite does with the statements whose speed matters.

use super::super::workflows::{TAKEN, UNFINISHED, listed};
use super::super::{Sqlite, enrol, faces, journal, records};
use super::open;

/// The steps of a statement, without its parameters' values.
async fn plan(store: &Sqlite, statement: &str) -> Vec<String> {
    let statement = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let mut query = sqlx::query_as(statement);
    for _ in 0..5 {
        query = query.bind(1);
    }
    let steps: Vec<(i64, i64, i64, String)> = query.fetch_all(&store.inner.writer).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}

async fn assert_searches(store: &Sqlite, statement: &str, by: &[&str]) {
    let plan = plan(store, statement).await;
    let walks = |step: &&String| step.contains("SCAN") && !step.contains("json_");
    assert!(!plan.iter().any(|step| walks(&step)), "{plan:?}");
    for index in by {
        assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:?}");
    }
}

#[tokio::test]
async fn the_log_is_read_along_its_index() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let plan = plan(&store, faces::LOG).await;
    let slow = |step: &String| step.contains("SCAN") || step.contains("TEMP B-TREE");
    assert!(!plan.iter().any(slow), "{plan:?}");
}

#[tokio::test]
async fn faces_are_found_by_their_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for (by_user, by_id, index) in [
        (false, false, "(collection=? AND seq>?)"),
        (true, false, "(user=? AND seq>?)"),
        (false, true, "(face=?)"),
        (true, true, "(face=?)"),
    ] {
        let condition = records::listed(by_user, by_id);
        let statement = records::select(condition).0;
        assert_searches(&store, &statement, &[index]).await;
        let sorts = plan(&store, &statement)
            .await
            .iter()
            .any(|step| step.contains("B-TREE"));
        assert_eq!(sorts, by_id, "only faces that were named are sorted: {condition}");
    }
    let of_image = records::select(records::OF_IMAGE).0;
    assert_searches(
        &store,
        &of_image,
        &["faces_of_image (collection=? AND image_digest=? AND <expr>=?)"],
    )
    .await;
    assert_searches(
        &store,
        enrol::UNSEEN,
        &["(collection=? AND seq>?)", "(collection=? AND owned_since>?)"],
    )
    .await;
    let unprepared = records::select(records::UNPREPARED).0;
    assert_searches(&store, &unprepared, &["(collection=? AND seq>?)"]).await;
}

#[tokio::test]
async fn executions_are_listed_along_their_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for (by_machine, by_status, index) in [
        (false, false, "executions_by_start ((started_us,id)<(?,?))"),
        (
            true,
            false,
            "executions_of_machine (machine=? AND (started_us,id)<(?,?))",
        ),
        (
            false,
            true,
            "executions_by_status (status=? AND (started_us,id)<(?,?))",
        ),
        (
            true,
            true,
            "executions_of_machine_by_status (machine=? AND status=? AND (started_us,id)<(?,?))",
        ),
    ] {
        let statement = listed(by_machine, by_status).0;
        assert_searches(&store, &statement, &[index]).await;
        let plan = plan(&store, &statement).await;
        assert!(!plan.iter().any(|step| step.contains("B-TREE")), "{plan:?}");
    }
    assert_searches(&store, TAKEN, &["(machine=? AND name=?)"]).await;
    let walked = plan(&store, UNFINISHED).await;
    assert!(
        walked[0].contains("SEARCH s USING INDEX") && walked[0].contains("(id>?)"),
        "{walked:?}"
    );
    assert!(!walked.iter().any(|step| step.contains("B-TREE")), "{walked:?}");
}

#[tokio::test]
async fn journals_are_found_by_their_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    assert_searches(&store, journal::NEWEST, &["journal_of_execution (execution=?)"]).await;
    assert_searches(&store, journal::SETTLED, &["journal_of_user (user=? AND face=?)"]).await;
}
