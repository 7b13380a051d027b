use std::num::NonZeroU32;

use selfsame_store::{Memory, NewFace, Properties};
use selfsame_types::{IdSource as _, ImageId, SystemClock, SystemIds};

use super::*;

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test-1")
}

fn template(values: [f32; 3]) -> Template {
    Template::new(&values, version()).unwrap()
}

fn face(values: [f32; 3]) -> NewFace {
    NewFace {
        id: FaceId::new(SystemIds.uuid()),
        image: ImageId::new(SystemIds.uuid()),
        template: template(values),
        picture: None,
        metadata: Properties::new(),
    }
}

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn new(id: &str, values: [f32; 3]) -> NewUser {
    NewUser {
        user: user(id),
        properties: Properties::new(),
        face: face(values),
        now: SystemClock.now(),
    }
}

async fn open(
    store: &Arc<Memory>,
    directory: &Path,
    version: &FaceModelVersion,
) -> Result<Arc<Gallery>, Error> {
    let store: Arc<dyn Repository> = store.clone();
    let collection = CollectionId::new("users").unwrap();
    Ok(Arc::new(
        Gallery::open(store, collection, version, directory, &SystemClock).await?,
    ))
}

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
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    enrol(&gallery, "bob", [0.0, 1.0, 0.0]).await;
    let probe = template([0.99, 0.05, 0.0]);
    let searched = gallery.search(&probe, 0.9, None, 0).await.unwrap();
    assert_eq!(searched.other, Some(user("ada")));
    let searched = gallery.search(&probe, 0.9, Some(&user("ada")), 1).await.unwrap();
    assert_eq!(searched.other, None);
    assert_eq!(gallery.faces(), 2);
}

#[tokio::test]
async fn what_was_enrolled_after_the_search_is_still_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
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
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
    let policy = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 0.9,
    };
    let behind = new("ada", [1.0, 0.0, 0.0]);
    let users = CollectionId::new("users").unwrap();
    selfsame_store::FaceStore::register(store.as_ref(), &users, behind, policy)
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
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
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
    };
    gallery.update(update, searched.policy).await.unwrap();
    assert_eq!(gallery.faces(), 1);
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
    let file = directory.path().join("users.snapshot");
    let store = Arc::new(Memory::new());
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    gallery.save().await.unwrap();
    assert!(file.exists());
    assert!(gallery.erase(user("ada")).await.unwrap());
    assert!(!file.exists());
    assert_eq!(gallery.faces(), 0);
    assert!(!gallery.erase(user("ada")).await.unwrap());
    gallery.save().await.unwrap();
    assert!(file.exists());
}

#[tokio::test]
async fn a_start_takes_the_snapshot_and_the_rest_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    gallery.save().await.unwrap();
    enrol(&gallery, "bob", [0.0, 1.0, 0.0]).await;
    let again = open(&store, directory.path(), &version()).await.unwrap();
    assert_eq!(again.faces(), 2);
    // A database put back from a backup is older than the file.
    let restored = Arc::new(Memory::new());
    assert_eq!(
        open(&restored, directory.path(), &version())
            .await
            .unwrap()
            .faces(),
        0
    );
    // And damage is only slower.
    fs_err::write(directory.path().join("users.snapshot"), b"SELFSAME nonsense").unwrap();
    assert_eq!(
        open(&store, directory.path(), &version()).await.unwrap().faces(),
        2
    );
}

#[tokio::test]
async fn another_model_is_refused_unless_there_is_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = open(&store, directory.path(), &FaceModelVersion::new("older"))
        .await
        .unwrap();
    drop(gallery);
    let gallery = open(&store, directory.path(), &version()).await.unwrap();
    enrol(&gallery, "ada", [1.0, 0.0, 0.0]).await;
    let error = open(&store, directory.path(), &FaceModelVersion::new("newer"))
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("enrolled with model test-1"),
        "{error}"
    );
}
