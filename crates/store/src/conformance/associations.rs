//! Users without faces, and faces that change hands.

use std::sync::Arc;

use jiff::SignedDuration;
use selfsame_types::{FaceId, Seq, UserId};

use super::Outcome;
use super::fixtures::{COMPARE_ALL, MIN_COSINE, World, now, properties, template};
use crate::model::{
    Association, DuplicatePolicy, Once, Properties, Refusal, RegisterOutcome, UpdateOutcome, User,
    UserCreation,
};
use crate::{MAX_FACES_PER_USER, Repository};

fn done(associated: &[FaceId], refused: Vec<(FaceId, Refusal)>) -> Once<Association> {
    Once::Now(Association::Done {
        associated: associated.to_vec(),
        refused,
    })
}

pub(super) async fn a_user_without_faces_is_made_once(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.create("alice").await?;
    let expected = User {
        id: alice.clone(),
        properties: Properties::new(),
        created: now(),
        updated: now(),
        faces: Vec::new(),
    };
    assert_eq!(store.get_user(&world.collection, &alice).await?, Some(expected));
    let later = now() + SignedDuration::from_secs(1);
    let again = store.create_user(&world.collection, &alice, None, later).await?;
    assert_eq!(again, Once::Now(UserCreation::AlreadyExists));
    world.create("Alice").await?;
    assert_eq!(world.everybody().await?, ["Alice", "alice"]);
    assert_eq!(
        world.register(world.new_user("alice", 1)?).await?,
        RegisterOutcome::UserExists,
        "both ways of making users share their ids"
    );
    let updated = store
        .update(&world.collection, world.update("alice", 1, 0)?, Some(COMPARE_ALL))
        .await?;
    assert!(matches!(updated, UpdateOutcome::Updated { .. }), "{updated:?}");
    assert_eq!(world.last_seq().await?, Seq(1), "users are not in the log");
    world.assert_complete("alice").await
}

pub(super) async fn a_removed_user_leaves_their_faces(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    let last = world.last_seq().await?;
    let alice = UserId::new("alice")?;
    let removed = store.remove_user(&world.collection, &alice, None, now()).await?;
    assert_eq!(removed, Once::Now(true));
    let again = store.remove_user(&world.collection, &alice, None, now()).await?;
    assert_eq!(again, Once::Now(false));
    assert_eq!(store.get_user(&world.collection, &alice).await?, None);
    let records = store.face_records(&world.collection, &[face.id]).await?;
    assert_eq!((records[0].user.as_ref(), records[0].image), (None, face.image));
    assert_eq!(
        store.templates(&world.collection, &[face.id]).await?,
        [(face.id, face.template)]
    );
    assert_eq!(world.last_seq().await?, last, "nothing was erased");

    let alice = world.create("alice").await?;
    let found = store
        .get_user(&world.collection, &alice)
        .await?
        .ok_or("missing")?;
    assert_eq!(found.properties, properties(serde_json::json!({})), "a new user");
    assert!(found.faces.is_empty());
    Ok(())
}

pub(super) async fn faces_change_hands(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alice, bob) = (world.create("alice").await?, world.create("bob").await?);
    let mut faces = Vec::new();
    for person in 0..4 {
        faces.push(world.enrol_nobodys(person).await?);
    }
    let unknown = world.face(9, 0)?.id;
    let id = &world.collection;
    let later = now() + SignedDuration::from_secs(1);
    world.give(&bob, &[faces[3]]).await?;
    let given = store
        .associate(
            id,
            &alice,
            &[faces[1], unknown, faces[3], faces[0], faces[1]],
            None,
            later,
        )
        .await?;
    let bobs = (faces[3], Refusal::AssociatedTo(bob.clone()));
    assert_eq!(
        given,
        done(
            &[faces[1], faces[0]],
            vec![(unknown, Refusal::NotFound), bobs.clone()]
        )
    );
    let again = store
        .associate(id, &alice, &[faces[0], faces[2]], None, later)
        .await?;
    assert_eq!(
        again,
        done(&[faces[0], faces[2]], Vec::new()),
        "what they have, they may be given"
    );
    let found = store.get_user(id, &alice).await?.ok_or("missing")?;
    let ids: Vec<FaceId> = found.faces.iter().map(|face| face.face).collect();
    assert_eq!(ids, faces[..3]);
    assert!(found.faces.iter().all(|face| face.user.as_ref() == Some(&alice)));
    assert_eq!((found.created, found.updated), (now(), later));

    let taken = store
        .disassociate(id, &alice, &[faces[2], faces[3], unknown], None, later)
        .await?;
    assert_eq!(taken, done(&[faces[2]], vec![bobs, (unknown, Refusal::NotFound)]));
    let again = store.disassociate(id, &alice, &[faces[2]], None, later).await?;
    assert_eq!(again, done(&[], vec![(faces[2], Refusal::NotFound)]));
    assert_eq!(world.last_seq().await?, Seq(4), "templates do not change");
    world
        .give(&bob, &[faces[2]])
        .await
        .map_err(|error| format!("a face that was taken can be given: {error}"))?;
    let nobody = UserId::new("nobody")?;
    for result in [
        store.associate(id, &nobody, &faces, None, later).await?,
        store.disassociate(id, &nobody, &faces, None, later).await?,
    ] {
        assert_eq!(result, Once::Now(Association::NoSuchUser));
    }
    Ok(())
}

pub(super) async fn a_user_has_a_hundred_faces_at_most(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alice, bob) = (world.create("alice").await?, world.create("bob").await?);
    let people: Vec<usize> = (0..=MAX_FACES_PER_USER)
        .map(|i| i % super::fixtures::PEOPLE)
        .collect();
    let enrolment = store
        .enrol(&world.collection, world.image("crowd", None, &people)?)
        .await?;
    let faces: Vec<FaceId> = enrolment.faces.iter().map(|face| face.record.face).collect();
    let give =
        async |user, faces: &[FaceId]| store.associate(&world.collection, user, faces, None, now()).await;
    let too_many = Once::Now(Association::TooMany);
    assert_eq!(give(&alice, &faces).await?, too_many);
    assert_eq!(store.templates_of(&world.collection, &alice).await?, []);
    world.give(&bob, &faces[..1]).await?;
    let given = give(&alice, &faces).await?;
    assert!(
        matches!(given, Once::Now(Association::Done { associated, .. }) if associated.len() == 100),
        "what is refused does not count"
    );
    store
        .disassociate(&world.collection, &bob, &faces[..1], None, now())
        .await?;
    assert_eq!(give(&alice, &faces[..1]).await?, too_many);
    world.give(&alice, &faces[1..]).await?;
    Ok(())
}

/// A registration whose search found the face while it was nobody's must not overlook that it was given to somebody
/// since.
pub(super) async fn a_face_counts_once_it_is_given(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.create("alice").await?;
    let face = world.enrol_nobodys(1).await?;
    let policy = DuplicatePolicy {
        checked_through: world.last_seq().await?,
        min_cosine: MIN_COSINE,
    };
    world.give(&alice, &[face]).await?;
    let register = async |user: &str, policy| {
        let new = world.new_user(user, 1)?;
        Ok::<_, super::fixtures::Problem>(store.register(&world.collection, new, policy).await?)
    };
    for policy in [policy, COMPARE_ALL] {
        let outcome = register("bob", policy).await?;
        assert!(
            matches!(&outcome, RegisterOutcome::Duplicate { user, face: found, .. }
                if *user == alice && *found == face),
            "{outcome:?}"
        );
    }
    let own = store
        .update(&world.collection, world.update("alice", 1, 1)?, Some(policy))
        .await?;
    assert!(matches!(own, UpdateOutcome::Updated { .. }), "{own:?}");
    store
        .disassociate(&world.collection, &alice, &[face], None, now())
        .await?;
    store.delete_user(&world.collection, &alice).await?;
    let outcome = register("bob", COMPARE_ALL).await?;
    assert!(
        matches!(outcome, RegisterOutcome::Registered { .. }),
        "{outcome:?}"
    );
    Ok(())
}

pub(super) async fn an_erased_user_takes_given_faces_along(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.create("alice").await?;
    let face = world.enrol_nobodys(1).await?;
    world.give(&alice, &[face]).await?;
    let erased = store.delete_user(&world.collection, &alice).await?;
    assert_eq!(erased.map(|changes| changes.len()), Some(1));
    assert_eq!(store.face_records(&world.collection, &[face]).await?, []);
    Ok(())
}

pub(super) async fn associations_come_by_user(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("carol", 3).await?;
    let (alice, bob) = (world.create("alice").await?, world.create("bob").await?);
    world.create("nobody").await?;
    let mut faces = Vec::new();
    for person in [10, 11, 12] {
        faces.push(world.enrol_nobodys(person).await?);
    }
    world.give(&alice, &[faces[2], faces[0]]).await?;
    world.give(&bob, &[faces[1]]).await?;
    let expected = [
        (alice, vec![template(10, 0)?, template(12, 0)?]),
        (bob, vec![template(11, 0)?]),
        (UserId::new("carol")?, vec![template(3, 0)?]),
    ];
    assert_eq!(store.associations(&world.collection, None, 9).await?, expected);
    let mut found = Vec::new();
    loop {
        let after: Option<UserId> = found.last().map(|(user, _): &(UserId, _)| user.clone());
        let page = store.associations(&world.collection, after.as_ref(), 2).await?;
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, expected);
    Ok(())
}
