//! Many writers at once. Measured elsewhere on this race: naive search-then-insert left 155 rows instead of 40.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use selfsame_types::{Change, Seq, UserId};
use tokio::task::JoinSet;

use super::Outcome;
use super::fixtures::{COMPARE_ALL, MIN_COSINE, Problem, World};
use crate::Repository;
use crate::model::{DuplicatePolicy, RegisterOutcome, UpdateOutcome};

/// Writers at the same time, and people that each of them registers.
const WRITERS: usize = 8;
const PEOPLE: usize = 40;

/// An index as a server has it, as simple as possible: it follows the log when told to, and so lags behind.
#[derive(Default)]
struct LaggingIndex {
    applied: std::sync::Mutex<Vec<Change>>,
    turn: AtomicU64,
}

impl LaggingIndex {
    /// Sometimes catches up, then searches what it has. Gives whether the face is known, and how far it has looked.
    async fn search(&self, world: &World, person: usize) -> Result<(bool, Seq), Problem> {
        if self.turn.fetch_add(1, Ordering::Relaxed).is_multiple_of(5) {
            let all = world.store.changes(&world.collection, Seq(0), u32::MAX).await?;
            let mut applied = self.applied.lock().map_err(|_| "another writer panicked")?;
            if all.len() > applied.len() {
                *applied = all;
            }
        }
        let probe = super::fixtures::template(person, 0)?;
        let applied = self.applied.lock().map_err(|_| "another writer panicked")?;
        let through = applied.last().map_or(Seq(0), Change::seq);
        let known = applied.iter().any(|change| {
            matches!(change, Change::Enrolled { template, .. }
                if template.cosine(&probe).is_some_and(|cosine| cosine >= MIN_COSINE))
        });
        Ok((known, through))
    }
}

/// All writers register all people, each under an id of its own or under a shared one; checks who is left.
async fn race(store: Arc<dyn Repository>, index: Option<LaggingIndex>) -> Outcome {
    let world = Arc::new(World::new(store.clone()).await?);
    let index = Arc::new(index);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (world, index) = (world.clone(), index.clone());
        writers.spawn(async move {
            let mut won = 0;
            for turn in 0..PEOPLE {
                // Half of the writers go the other way round.
                let person = if writer % 2 == 0 { turn } else { PEOPLE - 1 - turn };
                let (known, checked_through) = match &*index {
                    Some(index) => index.search(&world, person).await?,
                    None => (false, Seq(0)),
                };
                if known {
                    continue;
                }
                // Two writers share an id, so some lose by the id and some by the face.
                let new = world.new_user(&format!("person-{person}-{}", writer / 2), person)?;
                let policy = DuplicatePolicy {
                    checked_through,
                    min_cosine: MIN_COSINE,
                };
                match world.store.register(&world.collection, new, policy).await? {
                    RegisterOutcome::Registered { .. } => won += 1,
                    RegisterOutcome::UserExists => {}
                    RegisterOutcome::Duplicate { user, .. } => {
                        assert!(user.as_str().starts_with(&format!("person-{person}-")), "{user}");
                    }
                }
            }
            Ok::<usize, Problem>(won)
        });
    }
    let mut won = 0;
    while let Some(result) = writers.join_next().await {
        won += result??;
    }
    assert_eq!(won, PEOPLE, "each person is registered once");
    let everybody = world.everybody().await?;
    assert_eq!(everybody.len(), PEOPLE);
    for user in &everybody {
        world.assert_complete(user).await?;
    }
    let changes = store.changes(&world.collection, Seq(0), u32::MAX).await?;
    let numbers: Vec<u64> = changes.iter().map(|change| change.seq().0).collect();
    assert_eq!(
        numbers,
        (1..=PEOPLE as u64).collect::<Vec<_>>(),
        "no number is missing or used twice"
    );
    Ok(())
}

pub(super) async fn forty_people_are_forty_rows_without_an_index(store: Arc<dyn Repository>) -> Outcome {
    race(store, None).await
}

pub(super) async fn forty_people_are_forty_rows_with_an_index(store: Arc<dyn Repository>) -> Outcome {
    race(store, Some(LaggingIndex::default())).await
}

pub(super) async fn one_id_is_registered_once(store: Arc<dyn Repository>) -> Outcome {
    let world = Arc::new(World::new(store).await?);
    let mut writers = JoinSet::new();
    for person in 0..WRITERS {
        let world = world.clone();
        writers.spawn(async move {
            let new = world.new_user("alice", person)?;
            Ok::<_, Problem>(world.register(new).await?)
        });
    }
    let mut outcomes = BTreeMap::new();
    while let Some(result) = writers.join_next().await {
        *outcomes.entry(format!("{:?}", result??)).or_insert(0) += 1;
    }
    let expected = [
        ("Registered { seq: Seq(1) }".to_owned(), 1),
        ("UserExists".to_owned(), WRITERS - 1),
    ];
    assert_eq!(outcomes, BTreeMap::from(expected));
    world.assert_complete("alice").await
}

/// One person's photo goes to a new user and to existing users at the same time.
pub(super) async fn updates_and_registrations_share_no_face(store: Arc<dyn Repository>) -> Outcome {
    let world = Arc::new(World::new(store).await?);
    world.enrol("alice", 0).await?;
    world.enrol("bob", 1).await?;
    for person in 2..22 {
        let mut writers = JoinSet::new();
        for user in ["alice", "bob", "carol"] {
            let world = world.clone();
            writers.spawn(async move {
                let done = if user == "carol" {
                    let new = world.new_user(&format!("carol-{person}"), person)?;
                    matches!(world.register(new).await?, RegisterOutcome::Registered { .. })
                } else {
                    let update = world.update(user, person, 1)?;
                    let outcome = world
                        .store
                        .update(&world.collection, update, Some(COMPARE_ALL))
                        .await?;
                    matches!(outcome, UpdateOutcome::Updated { .. })
                };
                Ok::<bool, Problem>(done)
            });
        }
        let mut won = 0;
        while let Some(result) = writers.join_next().await {
            won += usize::from(result??);
        }
        assert_eq!(won, 1, "person {person} belongs to one user");
    }
    Ok(())
}

/// Whoever reads while others write sees a user with everything, or no user.
pub(super) async fn readers_see_complete_users(store: Arc<dyn Repository>) -> Outcome {
    let world = Arc::new(World::new(store.clone()).await?);
    let alice = UserId::new("alice")?;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (store, collection, alice, done) = (
            store.clone(),
            world.collection.clone(),
            alice.clone(),
            done.clone(),
        );
        async move {
            let mut seen = 0;
            while !done.load(Ordering::Relaxed) {
                if let Some(user) = store.get_user(&collection, &alice).await? {
                    assert_eq!(user.faces.len(), 1, "a user has their one face at every moment");
                    seen += 1;
                }
                tokio::task::yield_now().await;
            }
            Ok::<usize, Problem>(seen)
        }
    });
    for _ in 0..15 {
        world.enrol("alice", 1).await?;
        let mut update = world.update("alice", 1, 1)?;
        update.max_faces = NonZeroU32::MIN;
        store.update(&world.collection, update, None).await?;
        tokio::task::yield_now().await;
        store.delete_user(&world.collection, &alice).await?;
    }
    done.store(true, Ordering::Relaxed);
    let seen = reader.await??;
    tracing::debug!(seen, "complete users seen while writing");
    Ok(())
}
