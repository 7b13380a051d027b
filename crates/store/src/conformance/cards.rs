//! Encrypted pictures of identity documents.

use std::sync::Arc;

use selfsame_types::UserId;
use uuid::Uuid;

use super::Outcome;
use super::fixtures::{Problem, World};
use crate::model::{NewUser, RegisterOutcome};
use crate::{Error, MAX_CARD_BYTES, Repository};

const SEALED: &[u8] = &[1, 0, 255, 0, 7];

async fn register(world: &World, user: &str, person: usize, journal: Option<Uuid>) -> Result<(), Problem> {
    let new = NewUser {
        card: Some(SEALED.to_vec()),
        journal,
        ..world.new_user(user, person)?
    };
    match world.register(new).await? {
        RegisterOutcome::Registered { .. } => Ok(()),
        other => Err(format!("{user} was not registered: {other:?}").into()),
    }
}

pub(super) async fn a_card_is_kept_as_it_is(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    register(&world, "alice", 1, None).await?;
    world.enrol("bob", 2).await?;
    let card = async |user: &str| -> Result<Option<Vec<u8>>, Problem> {
        Ok(store.card(&world.collection, &UserId::new(user)?).await?)
    };
    assert_eq!(card("alice").await?.as_deref(), Some(SEALED));
    assert_eq!(card("bob").await?, None, "nothing was kept");
    assert_eq!(card("carol").await?, None, "nobody has this id");
    // A new photo changes nothing about the document.
    let update = world.update("alice", 1, 1)?;
    store.update(&world.collection, update, None).await?;
    assert_eq!(card("alice").await?.as_deref(), Some(SEALED));
    Ok(())
}

pub(super) async fn a_card_goes_with_its_user(store: Arc<dyn Repository>) -> Outcome {
    const EXECUTION: Uuid = Uuid::from_u128(1);
    let world = World::new(store.clone()).await?;
    register(&world, "alice", 1, None).await?;
    let alice = UserId::new("alice")?;
    store.delete_user(&world.collection, &alice).await?;
    world.enrol("alice", 1).await?;
    assert_eq!(
        store.card(&world.collection, &alice).await?,
        None,
        "a new user with the same id has none"
    );
    register(&world, "bob", 2, Some(EXECUTION)).await?;
    store.undo(EXECUTION).await?;
    world.enrol("bob", 2).await?;
    let bob = UserId::new("bob")?;
    assert_eq!(store.card(&world.collection, &bob).await?, None, "taken back");
    register(&world, "carol", 3, None).await?;
    store.reset(&world.collection).await?;
    world.enrol("carol", 3).await?;
    let carol = UserId::new("carol")?;
    assert_eq!(store.card(&world.collection, &carol).await?, None);
    Ok(())
}

pub(super) async fn too_large_a_card_is_refused(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let new = NewUser {
        card: Some(vec![0; MAX_CARD_BYTES + 1]),
        ..world.new_user("alice", 1)?
    };
    let refused = world.register(new).await;
    assert!(matches!(refused, Err(Error::CardTooLarge { .. })), "{refused:?}");
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    Ok(())
}
