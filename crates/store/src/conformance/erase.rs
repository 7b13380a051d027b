//! Erasure.

use std::sync::Arc;

use selfsame_types::{Change, Seq, UserId};

use super::Outcome;
use super::fixtures::World;
use crate::Repository;

pub(super) async fn an_erased_user_is_gone(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    world.enrol("bob", 2).await?;
    let update = world.update("alice", 1, 1)?;
    let second = update.face.clone();
    store.update(&world.collection, update, None).await?;

    let alice = UserId::new("alice")?;
    assert_eq!(
        store.delete_user(&world.collection, &alice).await?,
        Some(vec![
            Change::Erased {
                seq: Seq(4),
                face: first.id
            },
            Change::Erased {
                seq: Seq(5),
                face: second.id
            },
        ])
    );
    assert_eq!(store.get_user(&world.collection, &alice).await?, None);
    assert!(!store.user_exists(&world.collection, &alice).await?);
    assert_eq!(store.templates_of(&world.collection, &alice).await?, []);
    assert_eq!(store.owners(&world.collection, &[first.id, second.id]).await?, []);
    for image in [first.image, second.image] {
        assert_eq!(store.picture(&world.collection, &image).await?, None);
    }
    assert_eq!(world.everybody().await?, ["bob"]);
    world.assert_complete("bob").await
}

pub(super) async fn an_erased_user_can_register_again(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    store
        .delete_user(&world.collection, &UserId::new("alice")?)
        .await?;
    let (_, seq) = world.enrol("alice", 1).await?;
    assert_eq!(seq, Seq(3), "the log goes on");
    world.assert_complete("alice").await
}

pub(super) async fn an_unknown_user_is_not_erased(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("Alice", 1).await?;
    assert_eq!(
        store
            .delete_user(&world.collection, &UserId::new("alice")?)
            .await?,
        None
    );
    world.assert_complete("Alice").await
}

pub(super) async fn a_reset_keeps_the_collection(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let (second, seen) = world.enrol("bob", 2).await?;
    let end = store.reset(&world.collection).await?;
    assert_eq!(end, Seq(4));
    let collection = store.get_collection(&world.collection).await?.ok_or("missing")?;
    assert_eq!(collection.last_seq, end);
    assert_eq!(world.everybody().await?, Vec::<String>::new());
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
            }
        ]
    );
    for image in [first.image, second.image] {
        assert_eq!(store.picture(&world.collection, &image).await?, None);
    }
    assert_eq!(
        store.reset(&world.collection).await?,
        end,
        "a second reset erases nothing"
    );
    world.enrol("alice", 1).await?;
    world.assert_complete("alice").await
}
