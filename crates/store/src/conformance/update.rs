//! Updates.

use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use selfsame_types::{Change, FaceModelVersion, Seq, Template, UserId};
use serde_json::json;

use super::Outcome;
use super::fixtures::{COMPARE_ALL, World, now, properties};
use crate::model::{NewFace, UpdateOutcome, User};
use crate::{Error, MAX_PROPERTIES_BYTES, Repository};

fn later() -> Timestamp {
    now() + SignedDuration::from_secs(60)
}

async fn alice(world: &World) -> Result<User, super::fixtures::Problem> {
    let found = world
        .store
        .get_user(&world.collection, &UserId::new("alice")?)
        .await?;
    found.ok_or_else(|| "alice is missing".into())
}

fn faces(user: &User) -> Vec<selfsame_types::FaceId> {
    user.faces.iter().map(|face| face.face).collect()
}

pub(super) async fn an_update_adds_and_merges(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let mut update = world.update("alice", 1, 1)?;
    update.properties = Some(properties(json!({ "city": "Łódź", "name": null })));
    update.now = later();
    let second = update.face.clone();
    assert_eq!(
        store.update(&world.collection, update, Some(COMPARE_ALL)).await?,
        UpdateOutcome::Updated {
            changes: vec![Change::Enrolled {
                seq: Seq(2),
                face: second.id,
                template: second.template.clone()
            }]
        },
        "one's own face is no duplicate"
    );
    let user = alice(&world).await?;
    assert_eq!(
        user.properties,
        properties(json!({ "city": "Łódź", "name": null }))
    );
    assert_eq!((user.created, user.updated), (now(), later()));
    assert_eq!(faces(&user), [first.id, second.id]);
    assert_eq!(user.faces[1].created, later());
    store
        .update(&world.collection, world.update("alice", 1, 2)?, None)
        .await?;
    assert_eq!(
        alice(&world).await?.properties,
        user.properties,
        "without properties they stay"
    );
    world.assert_complete("alice").await
}

pub(super) async fn the_oldest_faces_make_room(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let mut all: Vec<NewFace> = vec![world.enrol("alice", 1).await?.0];
    let mut last = Vec::new();
    for look in 1..=4 {
        let mut update = world.update("alice", 1, look)?;
        update.max_faces = NonZeroU32::MIN.saturating_add(u32::from(look < 4));
        all.push(update.face.clone());
        match store.update(&world.collection, update, None).await? {
            UpdateOutcome::Updated { changes } => last = changes,
            other => return Err(format!("{other:?}").into()),
        }
    }
    // Two faces are kept, then one: looks 2 and 3 go at once.
    assert!(matches!(last[0], Change::Enrolled { face, .. } if face == all[4].id));
    assert!(matches!(last[1], Change::Erased { face, .. } if face == all[2].id));
    assert!(matches!(last[2], Change::Erased { face, .. } if face == all[3].id));
    assert!(last.is_sorted_by_key(Change::seq));
    assert_eq!(faces(&alice(&world).await?), [all[4].id]);
    for face in &all[..4] {
        assert_eq!(store.picture(&world.collection, &face.image).await?, None);
    }
    assert_eq!(
        store.owners(&world.collection, &[all[0].id, all[3].id]).await?,
        []
    );
    world.assert_complete("alice").await
}

pub(super) async fn an_unknown_user_is_not_updated(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("Alice", 1).await?;
    let update = world.update("alice", 1, 1)?;
    let image = update.face.image;
    assert_eq!(
        store.update(&world.collection, update, None).await?,
        UpdateOutcome::NoSuchUser
    );
    assert_eq!(store.picture(&world.collection, &image).await?, None);
    assert_eq!(store.changes(&world.collection, Seq(1), 10).await?, []);
    Ok(())
}

pub(super) async fn another_users_face_is_refused(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let (other, _) = world.enrol("bob", 2).await?;
    let mut update = world.update("alice", 2, 1)?;
    update.properties = Some(properties(json!({ "city": "Oslo" })));
    let image = update.face.image;
    match store.update(&world.collection, update, Some(COMPARE_ALL)).await? {
        UpdateOutcome::Duplicate { face, user, .. } => {
            assert_eq!((face, user.as_str()), (other.id, "bob"));
        }
        outcome => return Err(format!("{outcome:?}").into()),
    }
    let user = alice(&world).await?;
    assert_eq!(faces(&user), [first.id]);
    assert_eq!(user.properties, properties(json!({ "name": "alice" })));
    assert_eq!(store.picture(&world.collection, &image).await?, None);
    Ok(())
}

pub(super) async fn without_a_policy_nothing_is_compared(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    world.enrol("bob", 2).await?;
    let outcome = store
        .update(&world.collection, world.update("alice", 2, 1)?, None)
        .await?;
    assert!(matches!(outcome, UpdateOutcome::Updated { .. }), "{outcome:?}");
    Ok(())
}

pub(super) async fn too_large_a_merge_changes_nothing(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let mut update = world.update("alice", 1, 1)?;
    // Small enough alone, too large together with what is there.
    let text = "x".repeat(MAX_PROPERTIES_BYTES - 12);
    update.properties = Some(properties(json!({ "more": text })));
    let image = update.face.image;
    let result = store.update(&world.collection, update, None).await;
    assert!(
        matches!(result, Err(Error::PropertiesTooLarge { size_bytes, max_bytes: MAX_PROPERTIES_BYTES })
            if size_bytes > MAX_PROPERTIES_BYTES),
        "{result:?}"
    );
    assert_eq!(faces(&alice(&world).await?), [first.id]);
    assert_eq!(store.picture(&world.collection, &image).await?, None);
    assert_eq!(store.changes(&world.collection, Seq(1), 10).await?, []);
    Ok(())
}

pub(super) async fn an_update_checks_the_model(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    let mut update = world.update("alice", 1, 1)?;
    update.face.template = Template::new(update.face.template.values(), FaceModelVersion::new("another"))?;
    let result = store.update(&world.collection, update, None).await;
    assert!(matches!(result, Err(Error::VersionMismatch { .. })), "{result:?}");
    world.assert_complete("alice").await
}
