//! The change log and who owns a face.

use std::sync::Arc;

use selfsame_types::{Change, Seq, UserId};

use super::Outcome;
use super::fixtures::World;
use crate::Repository;

pub(super) async fn changes_come_in_order_and_pages(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let mut expected = Vec::new();
    for person in 0..7 {
        let (face, seq) = world.enrol(&format!("user-{person}"), person).await?;
        expected.push(Change::Enrolled {
            seq,
            face: face.id,
            template: face.template,
        });
    }
    for person in [2, 5] {
        let user = UserId::new(format!("user-{person}"))?;
        expected.extend(
            store
                .delete_user(&world.collection, &user)
                .await?
                .ok_or("not erased")?,
        );
    }
    expected.retain(|change| !matches!(change, Change::Enrolled { seq: Seq(3 | 6), .. }));

    assert_eq!(store.changes(&world.collection, Seq(0), 100).await?, expected);
    let mut paged = Vec::new();
    loop {
        let after = paged.last().map_or(Seq(0), Change::seq);
        let page = store.changes(&world.collection, after, 2).await?;
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, expected);
    let end = store
        .get_collection(&world.collection)
        .await?
        .ok_or("missing")?
        .last_seq;
    assert_eq!(
        paged.last().map(Change::seq),
        Some(end),
        "the log ends where the collection says"
    );
    assert_eq!(store.changes(&world.collection, end, 2).await?, []);
    assert_eq!(store.changes(&world.collection, Seq(u64::MAX), 2).await?, []);
    Ok(())
}

pub(super) async fn an_erased_face_leaves_only_its_id(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    store
        .delete_user(&world.collection, &UserId::new("alice")?)
        .await?;
    assert_eq!(
        store.changes(&world.collection, Seq(0), 10).await?,
        [Change::Erased {
            seq: Seq(2),
            face: face.id
        }],
        "the enrolment has left the log"
    );
    Ok(())
}

pub(super) async fn owners_are_those_of_today(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alice, _) = world.enrol("alice", 1).await?;
    let (bob, _) = world.enrol("bob", 2).await?;
    let (carol, _) = world.enrol("carol", 3).await?;
    store.delete_user(&world.collection, &UserId::new("bob")?).await?;
    let unknown = world.face(4, 0)?;
    let mut owners = store
        .owners(
            &world.collection,
            &[carol.id, bob.id, unknown.id, alice.id, alice.id],
        )
        .await?;
    owners.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(
        owners,
        [
            (alice.id, UserId::new("alice")?),
            (carol.id, UserId::new("carol")?)
        ]
    );
    assert_eq!(store.owners(&world.collection, &[]).await?, []);
    Ok(())
}
