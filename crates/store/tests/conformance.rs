//! Every backend runs the same suite.

use std::sync::Arc;

use selfsame_store::{Memory, Repository, Sqlite, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn memory() {
    conformance::run(|| async { Arc::new(Memory::new()) as Arc<dyn Repository> }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn sqlite() {
    let root = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicUsize::new(0);
    conformance::run(|| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let directory = root.path().join(number.to_string());
        async move { Arc::new(Sqlite::open(&directory).await.unwrap()) as Arc<dyn Repository> }
    })
    .await;
}

/// A suite that passes everything would be worth nothing: on one repository for all cases it must complain.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
#[should_panic(expected = "enrol::a_registration_is_complete")]
async fn a_failing_case_is_named() {
    let used = Arc::new(Memory::new());
    conformance::run(|| {
        let used: Arc<dyn Repository> = used.clone();
        async move { used }
    })
    .await;
}
