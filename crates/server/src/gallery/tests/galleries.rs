//! Collections come and go.

use selfsame_store::{Collections as _, Creation, DuplicatePolicy, RegisterOutcome, Users as _};
use selfsame_types::Seq;

use super::*;

async fn register(gallery: &Arc<Gallery>, id: &str, values: [f32; 3]) -> Result<RegisterOutcome, Error> {
    let policy = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 1.1,
    };
    gallery.register(new(id, values), policy).await
}

#[tokio::test]
async fn the_portals_collection_is_made_by_its_first_use() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    assert!(galleries.portal_if_made().await.unwrap().is_none());
    assert!(store.list_collections().await.unwrap().is_empty());
    let gallery = galleries.portal().await.unwrap();
    assert!(Arc::ptr_eq(&gallery, &galleries.portal().await.unwrap()));
    let found = galleries.get(galleries.portal_id()).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&gallery, &found));
    assert_eq!(store.list_collections().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_get_the_same_gallery() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    galleries.create(&collection("a")).await.unwrap();
    let askers: Vec<_> = (0..16)
        .map(|n| {
            let galleries = Arc::clone(&galleries);
            tokio::spawn(async move {
                if n % 2 == 0 {
                    galleries.get(&collection("a")).await.unwrap().unwrap()
                } else {
                    galleries.portal().await.unwrap()
                }
            })
        })
        .collect();
    let mut found = Vec::new();
    for asker in askers {
        found.push(asker.await.unwrap());
    }
    for (n, gallery) in found.iter().enumerate() {
        assert!(Arc::ptr_eq(gallery, &found[n % 2]), "{n}");
    }
}

#[tokio::test]
async fn names_are_kept_apart_and_unknown_ones_leave_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    let long = collection(&"x".repeat(255));
    for id in [collection("a"), collection("A"), collection(".."), long] {
        assert!(galleries.get(&id).await.unwrap().is_none());
        assert!(!galleries.delete(&id).await.unwrap());
        assert!(matches!(
            galleries.create(&id).await.unwrap(),
            Creation::Created(_)
        ));
        assert!(matches!(
            galleries.create(&id).await.unwrap(),
            Creation::AlreadyExists(_)
        ));
        let gallery = galleries.get(&id).await.unwrap().unwrap();
        register(&gallery, "ada", [1.0, 0.0, 0.0]).await.unwrap();
        assert_eq!(gallery.faces().await.unwrap(), 1);
    }
    galleries.save().await;
    assert_eq!(snapshots(directory.path()).len(), 4);
    assert_eq!(galleries.faces(), 4);
    assert!(galleries.get(&collection("never")).await.unwrap().is_none());
    assert_eq!(galleries.slots().len(), 4);
}

#[tokio::test]
async fn a_deleted_collection_leaves_memory_and_disk() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    let id = collection("a");
    galleries.create(&id).await.unwrap();
    let gallery = galleries.get(&id).await.unwrap().unwrap();
    register(&gallery, "ada", [1.0, 0.0, 0.0]).await.unwrap();
    assert_eq!(gallery.faces().await.unwrap(), 1);
    galleries.save().await;
    assert!(galleries.delete(&id).await.unwrap());
    assert!(snapshots(directory.path()).is_empty());
    assert!(galleries.get(&id).await.unwrap().is_none());
    assert!(!galleries.delete(&id).await.unwrap());
    assert_eq!(galleries.faces(), 0);

    // Who still holds the old one cannot reach a new one of the same name through it.
    galleries.create(&id).await.unwrap();
    let error = register(&gallery, "eve", [0.0, 1.0, 0.0]).await.unwrap_err();
    assert!(
        matches!(error, Error::Store(selfsame_store::Error::NoSuchCollection(_))),
        "{error}"
    );
    gallery.save().await.unwrap();
    assert!(snapshots(directory.path()).is_empty());
    let again = galleries.get(&id).await.unwrap().unwrap();
    assert_eq!(again.faces().await.unwrap(), 0);
    register(&again, "eve", [0.0, 1.0, 0.0]).await.unwrap();
    assert_eq!(again.faces().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deletion_among_registrations_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    let id = collection("a");
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let (galleries, id) = (Arc::clone(&galleries), id.clone());
            tokio::spawn(async move {
                for step in 0..50u16 {
                    galleries.create(&id).await.unwrap();
                    let values = [1.0, f32::from(step), worker as f32];
                    if let Some(gallery) = galleries.get(&id).await.unwrap() {
                        let _ = register(&gallery, &format!("{worker}-{step}"), values).await;
                        let _ = gallery.faces().await;
                        let _ = gallery.save().await;
                    }
                    if step % 5 == 4 {
                        let _ = galleries.delete(&id).await;
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    galleries.create(&id).await.unwrap();
    let gallery = galleries.get(&id).await.unwrap().unwrap();
    let users = store.list_users(&id, None, 1000).await.unwrap();
    assert_eq!(gallery.faces().await.unwrap(), users.len());
    galleries.delete(&id).await.unwrap();
    assert!(snapshots(directory.path()).is_empty());
}

#[tokio::test]
async fn a_start_removes_the_files_of_what_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    for id in ["stays", "goes"] {
        galleries.create(&collection(id)).await.unwrap();
        let gallery = galleries.get(&collection(id)).await.unwrap().unwrap();
        register(&gallery, "ada", [1.0, 0.0, 0.0]).await.unwrap();
        gallery.faces().await.unwrap();
    }
    galleries.save().await;
    let kept = directory.path().join("kept.txt");
    fs_err::write(&kept, "no snapshot").unwrap();
    fs_err::write(directory.path().join("users.snapshot"), "of an earlier version").unwrap();
    fs_err::write(directory.path().join("users.snapshot.unfinished"), "killed").unwrap();
    assert_eq!(snapshots(directory.path()).len(), 5);
    // Behind the server's back, as when it is killed between the two steps of a deletion.
    store.delete_collection(&collection("goes")).await.unwrap();
    open(&store, directory.path(), version()).await.unwrap();
    let left = snapshots(directory.path());
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&kept));
}

#[tokio::test]
async fn collections_of_another_model_can_be_seen_and_deleted_but_not_searched() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let id = collection("a");
    let older = open(&store, directory.path(), version()).await.unwrap();
    older.create(&id).await.unwrap();
    let gallery = older.get(&id).await.unwrap().unwrap();
    register(&gallery, "ada", [1.0, 0.0, 0.0]).await.unwrap();

    let newer = open(&store, directory.path(), FaceModelVersion::new("newer"))
        .await
        .unwrap();
    let gallery = newer.get(&id).await.unwrap().unwrap();
    assert!(gallery.exists(&user("ada")).await.unwrap());
    let error = gallery
        .search(&template([1.0, 0.0, 0.0]), 0.5, None, 0)
        .await
        .unwrap_err();
    let Error::OtherModel { stored, loaded, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((stored.as_str(), loaded.as_str()), ("test-1", "newer"));
    gallery.save().await.unwrap();
    assert!(gallery.erase(user("ada")).await.unwrap());
    assert!(newer.delete(&id).await.unwrap());
}
