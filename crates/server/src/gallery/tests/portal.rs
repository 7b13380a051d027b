//! The flows' side of a gallery.

use std::num::NonZeroU32;

use selfsame_store::{Collections as _, DuplicatePolicy, FaceStore as _, RegisterOutcome, UpdateUser};
use selfsame_types::Seq;

use super::*;

async fn enrol(gallery: &Arc<Gallery>, id: &str, values: [f32; 3]) {
    let searched = gallery.search(&template(values), 0.9, None, 0).await.unwrap();
    let outcome = gallery.register(new(id, values), searched.policy).await.unwrap();
    assert!(
        matches!(outcome, RegisterOutcome::Registered { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn somebody_elses_face_is_found_and_ones_own_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    enrol(&gallery, "bob", [0.0, 1.0, 0.0]).await;
    let probe = template([0.99, 0.05, 0.0]);
    let searched = gallery.search(&probe, 0.9, None, 0).await.unwrap();
    assert_eq!(searched.other, Some(user("ada")));
    let searched = gallery.search(&probe, 0.9, Some(&user("ada")), 1).await.unwrap();
    assert_eq!(searched.other, None);
    assert_eq!(gallery.faces().await.unwrap(), 2);
}

#[tokio::test]
async fn what_was_enrolled_after_the_search_is_still_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    let early = gallery
        .search(&template([1.0, 0.0, 0.0]), 0.9, None, 0)
        .await
        .unwrap();
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    let outcome = gallery
        .register(new("eve", [1.0, 0.0, 0.0]), early.policy)
        .await
        .unwrap();
    assert!(
        matches!(outcome, RegisterOutcome::Duplicate { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_change_that_missed_the_index_is_fetched_by_the_next_search() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    let policy = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 0.9,
    };
    let behind = new("ada", [1.0, 0.0, 0.0]);
    store
        .register(&collection("people"), behind, policy)
        .await
        .unwrap();
    enrol(&gallery, "bob", [0.0, 1.0, 0.0]).await;
    let searched = gallery
        .search(&template([1.0, 0.0, 0.0]), 0.9, None, 0)
        .await
        .unwrap();
    assert_eq!(searched.other, Some(user("ada")));
}

#[tokio::test]
async fn updates_add_and_the_oldest_leave() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    let searched = gallery
        .search(&template([0.0, 0.0, 1.0]), 0.9, Some(&user("ada")), 1)
        .await
        .unwrap();
    let update = UpdateUser {
        user: user("ada"),
        properties: None,
        face: face([0.0, 0.0, 1.0]),
        max_faces: NonZeroU32::MIN,
        now: SystemClock.now(),
        journal: None,
    };
    gallery.update(update, Some(searched.policy)).await.unwrap();
    assert_eq!(gallery.faces().await.unwrap(), 1);
    assert!(
        gallery
            .search(&template([1.0, 0.0, 0.0]), 0.9, None, 0)
            .await
            .unwrap()
            .other
            .is_none()
    );
    assert!(
        gallery
            .search(&template([0.0, 0.0, 1.0]), 0.9, None, 0)
            .await
            .unwrap()
            .other
            .is_some()
    );
}

#[tokio::test]
async fn the_erased_leave_memory_and_disk_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    assert_eq!(gallery.faces().await.unwrap(), 1);
    gallery.save().await.unwrap();
    assert_eq!(snapshots(directory.path()).len(), 1);
    assert!(gallery.erase(user("ada")).await.unwrap());
    assert!(snapshots(directory.path()).is_empty());
    assert_eq!(gallery.faces().await.unwrap(), 0);
    assert!(!gallery.erase(user("ada")).await.unwrap());
    gallery.save().await.unwrap();
    assert_eq!(snapshots(directory.path()).len(), 1);
}

#[tokio::test]
async fn what_is_erased_before_the_first_search_leaves_the_disk_too() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    gallery.save().await.unwrap();
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    let gallery = galleries.portal().await.unwrap();
    assert!(gallery.erase(user("ada")).await.unwrap());
    assert!(snapshots(directory.path()).is_empty());
    gallery.save().await.unwrap();
    assert_eq!(gallery.faces().await.unwrap(), 0);
}

#[tokio::test]
async fn a_start_takes_the_snapshot_and_the_rest_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    gallery.save().await.unwrap();
    enrol(&gallery, "bob", [0.0, 1.0, 0.0]).await;
    let again = portal(&store, directory.path()).await;
    assert_eq!(again.faces().await.unwrap(), 2);
    // A database put back from a backup is older than the file.
    let restored = Arc::new(Memory::new());
    let (people, now) = (collection("people"), SystemClock.now());
    restored
        .create_collection(&people, &version(), now)
        .await
        .unwrap();
    let gallery = portal(&restored, directory.path()).await;
    assert_eq!(gallery.faces().await.unwrap(), 0);
    // And damage is only slower.
    fs_err::write(&snapshots(directory.path())[0], b"SELFSAME nonsense").unwrap();
    let gallery = portal(&store, directory.path()).await;
    assert_eq!(gallery.faces().await.unwrap(), 2);
}

#[tokio::test]
async fn another_model_is_refused_unless_there_is_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let older = FaceModelVersion::new("older");
    let galleries = open(&store, directory.path(), older).await.unwrap();
    galleries.portal().await.unwrap();
    let gallery = portal(&store, directory.path()).await;
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    let newer = FaceModelVersion::new("newer");
    let error = open(&store, directory.path(), newer).await.err().unwrap();
    assert!(
        error.to_string().contains("enrolled with model test-1"),
        "{error}"
    );
}
