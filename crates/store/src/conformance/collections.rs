//! Collections.

use std::collections::BTreeMap;
use std::sync::Arc;

use selfsame_types::{Change, CollectionId, FaceModelVersion, Seq, UserId};

use super::Outcome;
use super::fixtures::{COMPARE_ALL, World, now, version};
use crate::model::{
    Collection, Counts, Creation, FaceFilter, Idempotency, Once, RegisterOutcome, UserCreation,
};
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
    assert!(missing(
        store.enrol(&nowhere, world.image("a", None, &[1])?).await.err()
    ));
    assert!(missing(store.delete_faces(&nowhere, &[]).await.err()));
    assert!(missing(
        store
            .list_faces(&nowhere, &FaceFilter::default(), None, 10)
            .await
            .err()
    ));
    assert!(missing(store.face_records(&nowhere, &[]).await.err()));
    assert!(missing(store.templates(&nowhere, &[]).await.err()));
    assert!(missing(store.associations(&nowhere, None, 10).await.err()));
    assert!(missing(
        store.create_user(&nowhere, &user, None, now()).await.err()
    ));
    assert!(missing(
        store.remove_user(&nowhere, &user, None, now()).await.err()
    ));
    assert!(missing(
        store.associate(&nowhere, &user, &[], None, now()).await.err()
    ));
    assert!(missing(
        store.disassociate(&nowhere, &user, &[], None, now()).await.err()
    ));
    assert!(missing(store.tags(&nowhere).await.err()));
    assert!(missing(store.set_tags(&nowhere, &BTreeMap::new(), 1).await.err()));
    assert!(missing(store.remove_tags(&nowhere, &[]).await.err()));
    assert_eq!(store.counts(&nowhere).await?, None);
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
    let nobodys = world.enrol_nobodys(2).await?;
    store
        .set_tags(&world.collection, &tags([("team", "red")]), 10)
        .await?;
    let once = Idempotency {
        token: "once".to_owned(),
        digest: [1; 32],
    };
    let bob = UserId::new("bob")?;
    store
        .create_user(&world.collection, &bob, Some(&once), now())
        .await?;
    assert!(store.delete_collection(&world.collection).await?);
    assert_eq!(store.get_collection(&world.collection).await?, None);
    assert_eq!(store.list_collections().await?, []);
    assert!(!store.delete_collection(&world.collection).await?);

    store
        .create_collection(&world.collection, &version(), now())
        .await?;
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    assert_eq!(store.picture(&world.collection, &face.image).await?, None);
    assert_eq!(store.face_records(&world.collection, &[nobodys]).await?, []);
    assert_eq!(store.tags(&world.collection).await?, BTreeMap::new());
    let empty = Counts { faces: 0, users: 0 };
    assert_eq!(store.counts(&world.collection).await?, Some(empty));
    let made = store
        .create_user(&world.collection, &bob, Some(&once), now())
        .await?;
    assert_eq!(
        made,
        Once::Now(UserCreation::Created),
        "tokens go with the collection"
    );
    world.enrol("alice", 1).await?;
    world.assert_complete("alice").await
}

pub(super) async fn a_collection_is_counted(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    world.enrol("alice", 1).await?;
    store
        .update(&world.collection, world.update("alice", 1, 1)?, None)
        .await?;
    world.enrol_nobodys(2).await?;
    world.create("bob").await?;
    let counts = Counts { faces: 3, users: 2 };
    assert_eq!(store.counts(&world.collection).await?, Some(counts));
    let empty = Counts { faces: 0, users: 0 };
    assert_eq!(store.counts(&other).await?, Some(empty));
    Ok(())
}

fn tags<const N: usize>(tags: [(&str, &str); N]) -> BTreeMap<String, String> {
    tags.map(|(tag, value)| (tag.to_owned(), value.to_owned())).into()
}

pub(super) async fn tags_are_set_and_removed(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let id = &world.collection;
    assert_eq!(store.tags(id).await?, BTreeMap::new());
    assert!(
        store
            .set_tags(id, &tags([("a", "1"), ("A", ""), ("ключ", "'\"")]), 3)
            .await?
    );
    assert!(
        store.set_tags(id, &tags([("a", "2")]), 3).await?,
        "a set tag is no new one"
    );
    assert!(!store.set_tags(id, &tags([("a", "3"), ("b", "1")]), 3).await?);
    let expected = tags([("A", ""), ("a", "2"), ("ключ", "'\"")]);
    assert_eq!(store.tags(id).await?, expected, "one too many: nothing is set");

    store.remove_tags(id, &["a".to_owned(), "b".to_owned()]).await?;
    assert_eq!(store.tags(id).await?, tags([("A", ""), ("ключ", "'\"")]));
    store.reset(id).await?;
    assert_eq!(store.tags(id).await?.len(), 2, "a reset is of faces");
    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    assert_eq!(store.tags(&other).await?, BTreeMap::new());
    Ok(())
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
