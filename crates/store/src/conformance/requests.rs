//! Requests that are repeated.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use selfsame_types::{CollectionId, UserId};
use tokio::task::JoinSet;

use super::Outcome;
use super::fixtures::{Problem, World, now, version};
use crate::Repository;
use crate::model::{Association, Idempotency, Once, Refusal, UserCreation};

fn once(token: &str, digest: u8) -> Idempotency {
    Idempotency {
        token: token.to_owned(),
        digest: [digest; 32],
    }
}

fn after_hours(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

pub(super) async fn a_repetition_gets_the_same_answer(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = UserId::new("alice")?;
    let id = &world.collection;
    let create = async |asked: &Idempotency| store.create_user(id, &alice, Some(asked), now()).await;
    let asked = once("t", 1);
    assert_eq!(create(&asked).await?, Once::Now(UserCreation::Created));
    assert_eq!(create(&asked).await?, Once::Before(UserCreation::Created));
    assert_eq!(create(&once("t", 2)).await?, Once::Mismatch);
    assert_eq!(
        create(&once("T", 2)).await?,
        Once::Now(UserCreation::AlreadyExists),
        "another token"
    );

    let remove = async || store.remove_user(id, &alice, Some(&asked), now()).await;
    assert_eq!(
        remove().await?,
        Once::Now(true),
        "other functions have tokens of their own"
    );
    assert_eq!(remove().await?, Once::Before(true));
    assert_eq!(
        create(&asked).await?,
        Once::Before(UserCreation::Created),
        "a repetition changes nothing"
    );
    assert!(!store.user_exists(id, &alice).await?);

    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    let elsewhere = store
        .create_user(&other, &alice, Some(&once("t", 3)), now())
        .await?;
    assert_eq!(
        elsewhere,
        Once::Now(UserCreation::Created),
        "collections have tokens of their own"
    );
    Ok(())
}

pub(super) async fn associations_are_repeated(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alice, bob) = (world.create("alice").await?, world.create("bob").await?);
    let (face, bobs) = (world.enrol_nobodys(1).await?, world.enrol_nobodys(2).await?);
    world.give(&bob, &[bobs]).await?;
    let id = &world.collection;
    let asked = once("t", 1);
    let expected = Association::Done {
        associated: vec![face],
        refused: vec![(bobs, Refusal::AssociatedTo(bob.clone()))],
    };
    let give = async || {
        store
            .associate(id, &alice, &[face, bobs], Some(&asked), now())
            .await
    };
    let take = async || {
        store
            .disassociate(id, &alice, &[face, bobs], Some(&asked), now())
            .await
    };
    assert_eq!(give().await?, Once::Now(expected.clone()));
    assert_eq!(take().await?, Once::Now(expected.clone()));
    assert_eq!(give().await?, Once::Before(expected.clone()));
    assert_eq!(take().await?, Once::Before(expected.clone()));
    assert_eq!(
        store.templates_of(id, &alice).await?,
        [],
        "repetitions change nothing"
    );

    // The kept answers name Bob.
    store.delete_user(id, &bob).await?;
    let refused = vec![(bobs, Refusal::NotFound)];
    let anew = give().await?;
    assert!(
        matches!(&anew, Once::Now(Association::Done { refused: found, .. }) if *found == refused),
        "what names an erased user is forgotten: {anew:?}"
    );
    Ok(())
}

pub(super) async fn what_was_refused_is_tried_again(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = UserId::new("alice")?;
    let id = &world.collection;
    let face = world.enrol_nobodys(1).await?;
    let asked = once("t", 1);
    let give = async || store.associate(id, &alice, &[face], Some(&asked), now()).await;
    let remove = async || store.remove_user(id, &alice, Some(&asked), now()).await;
    assert_eq!(give().await?, Once::Now(Association::NoSuchUser));
    assert_eq!(remove().await?, Once::Now(false));
    world.create("alice").await?;
    let given = give().await?;
    assert!(matches!(given, Once::Now(Association::Done { .. })), "{given:?}");
    assert_eq!(remove().await?, Once::Now(true));
    Ok(())
}

pub(super) async fn answers_are_kept_for_eight_hours(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = UserId::new("alice")?;
    let id = &world.collection;
    let create = async |digest, moment| {
        store
            .create_user(id, &alice, Some(&once("t", digest)), moment)
            .await
    };
    assert_eq!(create(1, now()).await?, Once::Now(UserCreation::Created));
    assert_eq!(
        create(1, after_hours(8)).await?,
        Once::Before(UserCreation::Created)
    );
    assert_eq!(create(2, after_hours(8)).await?, Once::Mismatch);
    let later = after_hours(8) + SignedDuration::from_secs(1);
    store.remove_user(id, &alice, None, later).await?;
    assert_eq!(create(2, later).await?, Once::Now(UserCreation::Created));
    assert_eq!(
        create(1, later).await?,
        Once::Mismatch,
        "the newer request counts"
    );
    Ok(())
}

pub(super) async fn one_request_many_times_at_once(store: Arc<dyn Repository>) -> Outcome {
    let world = Arc::new(World::new(store.clone()).await?);
    let mut writers = JoinSet::new();
    for _ in 0..8 {
        let world = world.clone();
        writers.spawn(async move {
            let alice = UserId::new("alice")?;
            let asked = once("t", 1);
            let made = world
                .store
                .create_user(&world.collection, &alice, Some(&asked), now());
            Ok::<_, Problem>(made.await?)
        });
    }
    let (mut now, mut before) = (0, 0);
    while let Some(answer) = writers.join_next().await {
        match answer?? {
            Once::Now(UserCreation::Created) => now += 1,
            Once::Before(UserCreation::Created) => before += 1,
            other => return Err(format!("{other:?}").into()),
        }
    }
    assert_eq!((now, before), (1, 7));
    Ok(())
}
