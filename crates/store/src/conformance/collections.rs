//! Collections.

use std::sync::Arc;

use selfsame_types::{Change, CollectionId, FaceModelVersion, Seq, UserId};

use super::Outcome;
use super::fixtures::{COMPARE_ALL, World, now, version};
use crate::model::{Collection, Creation, RegisterOutcome};
use crate::{Error, Repository};

pub(super) async fn a_collection_is_made_once(store: Arc<dyn Repository>) -> Outcome {
    let id = CollectionId::new("a.b-C")?;
    let expected = Collection {
        id: id.clone(),
        version: version(),
        last_seq: Seq(0),
        created: now(),
    };
    assert_eq!(store.get_collection(&id).await?, None);
    assert_eq!(
        store.create_collection(&id, &version(), now()).await?,
        Creation::Created(expected.clone())
    );
    let other = FaceModelVersion::new("another");
    assert_eq!(
        store.create_collection(&id, &other, now()).await?,
        Creation::AlreadyExists(expected.clone()),
        "an existing collection keeps its version"
    );
    assert_eq!(store.get_collection(&id).await?, Some(expected));
    let lower = CollectionId::new("a.b-c")?;
    assert_eq!(
        store.get_collection(&lower).await?,
        None,
        "ids are compared exactly"
    );
    store.create_collection(&lower, &version(), now()).await?;
    let ids: Vec<_> = store
        .list_collections()
        .await?
        .into_iter()
        .map(|found| found.id)
        .collect();
    assert_eq!(ids, [id, lower]);
    Ok(())
}

pub(super) async fn an_unknown_collection_is_an_error(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let nowhere = CollectionId::new("nowhere")?;
    let user = UserId::new("alice")?;
    let missing =
        |result: Option<Error>| matches!(result, Some(Error::NoSuchCollection(id)) if id == nowhere);
    assert!(missing(store.get_user(&nowhere, &user).await.err()));
    assert!(missing(store.user_exists(&nowhere, &user).await.err()));
    assert!(missing(store.list_users(&nowhere, None, 10).await.err()));
    assert!(missing(store.templates_of(&nowhere, &user).await.err()));
    assert!(missing(store.owners(&nowhere, &[]).await.err()));
    assert!(missing(store.changes(&nowhere, Seq(0), 10).await.err()));
    assert!(missing(store.delete_user(&nowhere, &user).await.err()));
    assert!(missing(store.reset(&nowhere).await.err()));
    let new = world.new_user("alice", 1)?;
    let image = new.face.image;
    assert!(missing(store.register(&nowhere, new, COMPARE_ALL).await.err()));
    assert!(missing(store.picture(&nowhere, &image).await.err()));
    assert!(missing(
        store
            .update(&nowhere, world.update("alice", 1, 1)?, None)
            .await
            .err()
    ));
    assert!(!store.delete_collection(&nowhere).await?);
    Ok(())
}

pub(super) async fn collections_are_apart(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    let same = world.new_user("alice", 1)?;
    assert_eq!(
        store.register(&other, same, COMPARE_ALL).await?,
        RegisterOutcome::Registered { seq: Seq(1) },
        "the same person may be in two collections"
    );
    assert_eq!(store.picture(&other, &face.image).await?, None);
    assert_eq!(store.owners(&other, &[face.id]).await?, []);
    assert!(store.delete_collection(&other).await?);
    world.assert_complete("alice").await
}

pub(super) async fn deleting_takes_everything_along(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    assert!(store.delete_collection(&world.collection).await?);
    assert_eq!(store.get_collection(&world.collection).await?, None);
    assert_eq!(store.list_collections().await?, []);
    assert!(!store.delete_collection(&world.collection).await?);

    store
        .create_collection(&world.collection, &version(), now())
        .await?;
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    assert_eq!(store.picture(&world.collection, &face.image).await?, None);
    world.enrol("alice", 1).await?;
    world.assert_complete("alice").await
}

/// An index that has followed the log of the deleted collection follows that of its successor to the right state.
pub(super) async fn the_log_of_a_reused_name_goes_on(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let (second, seen) = world.enrol("bob", 2).await?;
    store.delete_collection(&world.collection).await?;
    let version = FaceModelVersion::new("another");
    let made = store
        .create_collection(&world.collection, &version, now())
        .await?;
    assert!(
        matches!(&made, Creation::Created(found) if found.last_seq == Seq(4) && found.version == version),
        "{made:?}"
    );
    assert_eq!(
        store.changes(&world.collection, seen, 10).await?,
        [
            Change::Erased {
                seq: Seq(3),
                face: first.id
            },
            Change::Erased {
                seq: Seq(4),
                face: second.id
            },
        ]
    );
    Ok(())
}
