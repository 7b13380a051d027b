//! The journal: what executions wrote stays or is taken back.

use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use selfsame_types::{Change, CollectionId, FaceId, Seq, UserId};
use serde_json::json;
use uuid::Uuid;

use super::Outcome;
use super::executions::new_execution;
use super::fixtures::{COMPARE_ALL, Problem, World, now, properties, version};
use crate::model::{NewFace, NewUser, Once, RegisterOutcome, UpdateOutcome, UpdateUser, User};
use crate::workflows::{ExecutionStart, NewExecution};
use crate::{Error, Repository};

const A: Uuid = Uuid::from_u128(0xa);
const B: Uuid = Uuid::from_u128(0xb);
const NOBODY: [Uuid; 0] = [];

fn at(second: i64) -> Timestamp {
    now() + SignedDuration::from_secs(second)
}

/// Registers a person for an execution.
async fn register(world: &World, execution: Uuid, user: &str, person: usize) -> Result<NewFace, Problem> {
    let new = NewUser {
        journal: Some(execution),
        ..world.new_user(user, person)?
    };
    let face = new.face.clone();
    match world.register(new).await? {
        RegisterOutcome::Registered { .. } => Ok(face),
        other => Err(format!("{user} was not registered: {other:?}").into()),
    }
}

/// Adds a look of alice, who is person 1, and sets properties, at a moment.
fn look(
    world: &World,
    execution: Option<Uuid>,
    look: usize,
    set: serde_json::Value,
) -> Result<UpdateUser, Problem> {
    Ok(UpdateUser {
        properties: Some(properties(set)),
        now: at(look as i64),
        journal: execution,
        ..world.update("alice", 1, look)?
    })
}

async fn update(world: &World, update: UpdateUser) -> Result<(NewFace, Vec<Change>), Problem> {
    let face = update.face.clone();
    match world.store.update(&world.collection, update, None).await? {
        UpdateOutcome::Updated { changes } => Ok((face, changes)),
        other => Err(format!("not updated: {other:?}").into()),
    }
}

async fn alice(world: &World) -> Result<User, Problem> {
    let id = UserId::new("alice")?;
    let found = world.store.get_user(&world.collection, &id).await?;
    found.ok_or_else(|| "alice is missing".into())
}

async fn faces(world: &World) -> Result<Vec<FaceId>, Problem> {
    Ok(alice(world).await?.faces.iter().map(|face| face.face).collect())
}

fn erased(changes: &[Change]) -> Vec<FaceId> {
    let erased = changes.iter().filter_map(|change| match change {
        Change::Erased { face, .. } => Some(*face),
        _ => None,
    });
    erased.collect()
}

/// The faces that settling or undoing erased in the only collection, all of them at the end of its log.
async fn ended(world: &World, result: &[(CollectionId, Vec<Change>)]) -> Result<Vec<FaceId>, Problem> {
    let Some((collection, changes)) = result.first() else {
        return Ok(Vec::new());
    };
    assert_eq!((result.len(), collection), (1, &world.collection));
    let end = world.last_seq().await?;
    assert_eq!(changes.last().map(Change::seq), Some(end));
    assert!(changes.is_sorted_by_key(Change::seq));
    Ok(erased(changes))
}

pub(super) async fn an_undone_registration_is_gone(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    assert_eq!(store.undo(A).await?, []);
    let face = register(&world, A, "alice", 1).await?;
    register(&world, B, "bob", 2).await?;
    world.assert_complete("alice").await?;
    assert_eq!(store.journals().await?, [A, B]);

    let undone = store.undo(A).await?;
    assert_eq!(ended(&world, &undone).await?, [face.id]);
    assert_eq!(world.everybody().await?, ["bob"]);
    assert_eq!(store.picture(&world.collection, &face.image).await?, None);
    assert_eq!(store.owners(&world.collection, &[face.id]).await?, []);
    assert_eq!(store.journals().await?, [B]);
    assert_eq!(store.undo(A).await?, [], "a second time, nothing is left to do");
    assert_eq!(store.settle(A).await?, []);
    world.assert_complete("bob").await?;
    // The face is free again.
    register(&world, A, "alice", 1).await?;
    world.assert_complete("alice").await
}

pub(super) async fn an_undone_update_is_taken_back(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let before = alice(&world).await?;
    let one = UpdateUser {
        max_faces: NonZeroU32::MIN,
        ..look(&world, Some(A), 1, json!({ "name": null, "city": "Łódź" }))?
    };
    let (second, changes) = update(&world, one).await?;
    assert_eq!(erased(&changes), [], "nothing makes room yet");
    assert_eq!(faces(&world).await?, [first.id, second.id]);
    assert_eq!(alice(&world).await?.properties["city"], "Łódź");

    let undone = store.undo(A).await?;
    assert_eq!(ended(&world, &undone).await?, [second.id]);
    assert_eq!(alice(&world).await?, before);
    assert_eq!(store.picture(&world.collection, &second.image).await?, None);
    assert_eq!(store.journals().await?, NOBODY);
    assert_eq!(store.undo(A).await?, []);
    world.assert_complete("alice").await
}

pub(super) async fn a_settled_registration_stays(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    assert_eq!(store.settle(A).await?, []);
    register(&world, A, "alice", 1).await?;
    assert_eq!(store.settle(A).await?, []);
    assert_eq!(store.journals().await?, NOBODY);
    assert_eq!(store.undo(A).await?, []);
    assert_eq!(store.settle(A).await?, []);
    world.assert_complete("alice").await
}

pub(super) async fn a_settled_update_makes_room(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let mut added = Vec::new();
    for number in 1..=3 {
        let one = UpdateUser {
            max_faces: NonZeroU32::MIN.saturating_add(1),
            ..look(&world, Some(A), number, json!({ "number": number }))?
        };
        added.push(update(&world, one).await?.0);
    }
    assert_eq!(faces(&world).await?.len(), 4);
    let settled = store.settle(A).await?;
    assert_eq!(ended(&world, &settled).await?, [first.id, added[0].id]);
    assert_eq!(faces(&world).await?, [added[1].id, added[2].id]);
    for image in [first.image, added[0].image] {
        assert_eq!(store.picture(&world.collection, &image).await?, None);
    }
    let settled = alice(&world).await?;
    assert_eq!(
        settled.properties,
        properties(json!({ "name": "alice", "number": 3 }))
    );
    assert_eq!(settled.updated, at(3));
    assert_eq!(store.settle(A).await?, []);
    assert_eq!(store.undo(A).await?, []);
    assert_eq!(alice(&world).await?, settled);
    world.assert_complete("alice").await
}

pub(super) async fn a_refusal_leaves_no_entry(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    for (user, person) in [("alice", 2), ("bob", 1)] {
        let new = NewUser {
            journal: Some(A),
            ..world.new_user(user, person)?
        };
        let outcome = world.register(new).await?;
        assert!(
            !matches!(outcome, RegisterOutcome::Registered { .. }),
            "{outcome:?}"
        );
    }
    let mut refused = look(&world, Some(A), 1, json!({}))?;
    refused.face.template = world.face(2, 0)?.template;
    world.enrol("bob", 2).await?;
    let outcome = store
        .update(&world.collection, refused, Some(COMPARE_ALL))
        .await?;
    assert!(matches!(outcome, UpdateOutcome::Duplicate { .. }), "{outcome:?}");
    assert_eq!(store.journals().await?, NOBODY);
    Ok(())
}

pub(super) async fn several_writes_are_undone_in_reverse(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    let before = alice(&world).await?;
    let mut added = Vec::new();
    for number in 1..=3 {
        let one = look(
            &world,
            Some(A),
            number,
            json!({ "number": number, "name": number }),
        )?;
        added.push(update(&world, one).await?.0.id);
    }
    let bob = register(&world, A, "bob", 2).await?;
    let undone = store.undo(A).await?;
    assert_eq!(
        ended(&world, &undone).await?,
        [bob.id, added[2], added[1], added[0]]
    );
    assert_eq!(alice(&world).await?, before);
    assert_eq!(world.everybody().await?, ["alice"]);

    // A user registered and then updated goes as a whole.
    world.store.reset(&world.collection).await?;
    let first = register(&world, A, "alice", 1).await?;
    let (second, _) = update(&world, look(&world, Some(A), 1, json!({ "a": 1 }))?).await?;
    let undone = store.undo(A).await?;
    assert_eq!(ended(&world, &undone).await?, [second.id, first.id]);
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    Ok(())
}

pub(super) async fn only_what_still_holds_is_undone(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let first = register(&world, A, "alice", 1).await?;
    let (second, _) = update(&world, look(&world, Some(B), 1, json!({ "a": 1 }))?).await?;
    let user = UserId::new("alice")?;
    // Both faces are taken from the user: they belong to nobody's registration any more.
    store
        .disassociate(&world.collection, &user, &[first.id, second.id], None, at(5))
        .await?;
    assert_eq!(store.undo(A).await?, [], "the user has lost the face");
    assert_eq!(store.undo(B).await?, []);
    let found = alice(&world).await?;
    assert_eq!(found.properties, properties(json!({ "name": "alice" })));
    assert_eq!(found.updated, at(5), "somebody else's change");
    let left = store
        .face_records(&world.collection, &[first.id, second.id])
        .await?;
    assert_eq!(left.len(), 2, "faces that are nobody's stay");
    assert_eq!(store.journals().await?, NOBODY);
    Ok(())
}

pub(super) async fn what_others_have_written_stays(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let set = json!({ "name": "from A", "mine": 1 });
    let (second, _) = update(&world, look(&world, Some(A), 1, set)?).await?;
    let set = json!({ "name": "from B", "yours": 2 });
    let (third, _) = update(&world, look(&world, Some(B), 2, set)?).await?;
    let undone = store.undo(A).await?;
    assert_eq!(ended(&world, &undone).await?, [second.id]);
    let found = alice(&world).await?;
    assert_eq!(
        found.properties,
        properties(json!({ "name": "from B", "yours": 2 }))
    );
    assert_eq!(found.updated, at(2));
    assert_eq!(faces(&world).await?, [first.id, third.id]);
    assert_eq!(store.settle(B).await?, []);
    assert_eq!(alice(&world).await?, found);
    world.assert_complete("alice").await
}

pub(super) async fn a_face_that_may_be_taken_back_makes_no_room(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (first, _) = world.enrol("alice", 1).await?;
    let mut added = Vec::new();
    for (number, execution) in [(1, A), (2, B)] {
        let one = UpdateUser {
            max_faces: NonZeroU32::MIN.saturating_add(1),
            ..look(&world, Some(execution), number, json!({}))?
        };
        added.push(update(&world, one).await?.0.id);
    }
    assert_eq!(
        store.settle(A).await?,
        [],
        "two faces are certain, and two are allowed"
    );
    assert_eq!(faces(&world).await?, [first.id, added[0], added[1]]);
    let settled = store.settle(B).await?;
    assert_eq!(ended(&world, &settled).await?, [first.id]);
    assert_eq!(faces(&world).await?, added);
    Ok(())
}

pub(super) async fn entries_go_with_the_user(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let user = UserId::new("alice")?;
    let collection = &world.collection;
    for erasure in 0..4 {
        store.create_collection(collection, &version(), now()).await?;
        register(&world, A, "alice", 1).await?;
        update(&world, look(&world, Some(B), 1, json!({ "a": 1 }))?).await?;
        assert_eq!(store.journals().await?, [A, B]);
        match erasure {
            0 => assert!(store.delete_user(collection, &user).await?.is_some()),
            1 => {
                let removed = store.remove_user(collection, &user, None, now()).await?;
                assert_eq!(removed, Once::Now(true));
            }
            2 => assert!(store.reset(collection).await? > Seq(0)),
            _ => assert!(store.delete_collection(collection).await?),
        }
        assert_eq!(store.journals().await?, NOBODY, "{erasure}");
        // Somebody who comes after them under the same id is somebody else.
        store.create_collection(collection, &version(), now()).await?;
        store.reset(collection).await?;
        let (face, _) = world.enrol("alice", 1).await?;
        for execution in [A, B] {
            assert_eq!(store.undo(execution).await?, []);
            assert_eq!(store.settle(execution).await?, []);
        }
        assert_eq!(faces(&world).await?, [face.id]);
        world.assert_complete("alice").await?;
        store.reset(collection).await?;
    }
    Ok(())
}

pub(super) async fn entries_are_inherited(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    register(&world, A, "alice", 1).await?;
    let heir = NewExecution {
        inherits: Some(A),
        ..new_execution(1, "one", "name")
    };
    // Where the start is refused, nothing is inherited.
    store.start_execution(new_execution(2, "one", "taken")).await?;
    let refused = NewExecution {
        name: "taken".to_owned(),
        ..heir.clone()
    };
    let start = store.start_execution(refused).await?;
    assert!(matches!(start, ExecutionStart::Exists(_)), "{start:?}");
    let refused = NewExecution {
        id: Uuid::from_u128(2),
        ..heir.clone()
    };
    let result = store.start_execution(refused).await;
    assert!(matches!(result, Err(Error::IdTaken { .. })), "{result:?}");
    assert_eq!(store.journals().await?, [A]);

    store.start_execution(heir.clone()).await?;
    assert_eq!(store.journals().await?, [heir.id]);
    assert_eq!(store.undo(A).await?, []);
    world.assert_complete("alice").await?;
    assert_eq!(store.undo(heir.id).await?.len(), 1);
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    Ok(())
}

pub(super) async fn writes_to_several_collections_are_undone(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    let first = register(&world, A, "alice", 1).await?;
    let new = NewUser {
        journal: Some(A),
        ..world.new_user("alice", 1)?
    };
    let second = new.face.clone();
    store.register(&other, new, COMPARE_ALL).await?;
    let undone = store.undo(A).await?;
    let undone: Vec<(&str, Vec<FaceId>)> = undone
        .iter()
        .map(|(collection, changes)| (collection.as_str(), erased(changes)))
        .collect();
    assert_eq!(undone, [("others", vec![second.id]), ("people", vec![first.id])]);
    assert_eq!(store.list_users(&other, None, 10).await?, []);
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    Ok(())
}
