//! Collections that change their model.

use std::sync::Arc;

use selfsame_types::{Change, FaceId, FaceModelVersion, Seq, Template, UserId};

use super::Outcome;
use super::fixtures::{Problem, World, version};
use crate::model::{FaceFilter, FaceRecord, ModelChange, RegisterOutcome, Versions};
use crate::{Error, Repository};

fn next() -> FaceModelVersion {
    FaceModelVersion::new("conformance-2")
}

/// A person's template by another model, which has fewer values and a mind of its own.
fn template(person: usize, version: FaceModelVersion) -> Result<Template, Problem> {
    let mut values = vec![0.0; 32];
    values[31 - person] = 1.0;
    Ok(Template::new(&values, version)?)
}

impl World {
    async fn prepare(&self, faces: &[(FaceId, usize)]) -> Result<u64, Problem> {
        let templates = faces
            .iter()
            .map(|(face, person)| Ok((*face, template(*person, next())?)));
        let templates = templates.collect::<Result<Vec<_>, Problem>>()?;
        Ok(self.store.prepare(&self.collection, &templates).await?)
    }

    async fn change(&self, to: &FaceModelVersion, leave_behind: bool) -> crate::Result<ModelChange> {
        self.store.change_model(&self.collection, to, leave_behind).await
    }

    async fn versions(&self) -> crate::Result<Versions> {
        self.store.versions(&self.collection).await
    }

    async fn unprepared(&self, after: Option<Seq>, limit: u32) -> crate::Result<Vec<FaceId>> {
        let found = self
            .store
            .unprepared(&self.collection, &next(), after, limit)
            .await?;
        Ok(found.into_iter().map(|face| face.record.face).collect())
    }

    async fn records(&self) -> crate::Result<Vec<FaceRecord>> {
        let all = FaceFilter::default();
        self.store
            .list_faces(&self.collection, &all, None, u32::MAX)
            .await
    }

    /// The faces of the change log with their templates.
    async fn log(&self) -> crate::Result<Vec<(FaceId, Template)>> {
        let changes = self.store.changes(&self.collection, Seq(0), u32::MAX).await?;
        let enrolled = changes.into_iter().filter_map(|change| match change {
            Change::Enrolled { face, template, .. } => Some((face, template)),
            _ => None,
        });
        Ok(enrolled.collect())
    }
}

pub(super) async fn templates_are_prepared_unseen(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    let nobodys = world.enrol_nobodys(2).await?;
    let before = (world.records().await?, world.log().await?);
    assert_eq!(world.unprepared(None, 10).await?, [alice, nobodys]);
    assert_eq!(world.unprepared(None, 1).await?, [alice]);
    assert_eq!(world.unprepared(Some(Seq(1)), 10).await?, [nobodys]);
    let found = store.unprepared(&world.collection, &next(), None, 10).await?;
    assert_eq!(found[0].record, before.0[0]);
    let ordinals = found.iter().map(|face| face.place.map(|place| place.ordinal));
    assert_eq!(ordinals.collect::<Vec<_>>(), [None, Some(0)]);

    assert_eq!(world.prepare(&[(alice, 1)]).await?, 1);
    let both = world.prepare(&[(alice, 1), (nobodys, 2)]).await?;
    assert_eq!(both, 2, "a second time in place of the first");
    assert_eq!(world.unprepared(None, 10).await?, []);
    let versions = Versions {
        current: version(),
        faces: 2,
        left_behind: vec![],
        prepared: vec![(next(), 2)],
    };
    assert_eq!(world.versions().await?, versions);
    world.assert_complete("alice").await?;
    assert_eq!((world.records().await?, world.log().await?), before);
    Ok(())
}

pub(super) async fn a_collection_changes_its_model_in_one_step(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    let nobodys = world.enrol_nobodys(2).await?;
    let before = world.records().await?;
    world.prepare(&[(alice, 1), (nobodys, 2)]).await?;
    let change = world.change(&next(), false).await?;
    let (changed, left_behind) = (2, 0);
    assert_eq!(change, ModelChange::Done { changed, left_behind });
    let versions = Versions {
        current: next(),
        faces: 2,
        left_behind: vec![],
        prepared: vec![],
    };
    assert_eq!(world.versions().await?, versions);
    let expected = [(alice, template(1, next())?), (nobodys, template(2, next())?)];
    assert_eq!(world.log().await?, expected);
    let user = UserId::new("alice")?;
    assert_eq!(store.templates_of(&world.collection, &user).await?, expected[..1]);
    let associations = store.associations(&world.collection, None, 9).await?;
    assert_eq!(associations, [(user, vec![expected[0].1.clone()])]);
    world.assert_complete("alice").await?;
    let version = next();
    let as_before = before.into_iter().map(|record| FaceRecord {
        version: version.clone(),
        ..record
    });
    let as_before: Vec<FaceRecord> = as_before.collect();
    assert_eq!(world.records().await?, as_before, "nothing else has changed");
    Ok(())
}

pub(super) async fn newcomers_are_compared_by_the_new_model(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    world.prepare(&[(alice, 1)]).await?;
    world.change(&next(), false).await?;
    let mut bob = world.new_user("bob", 5)?;
    let refused = world.register(bob.clone()).await;
    assert!(
        matches!(refused, Err(Error::VersionMismatch { .. })),
        "{refused:?}"
    );
    bob.face.template = template(1, next())?;
    let again = world.register(bob.clone()).await?;
    assert!(matches!(again, RegisterOutcome::Duplicate { face, .. } if face == alice));
    bob.face.template = template(5, next())?;
    let registered = world.register(bob).await?;
    assert_eq!(registered, RegisterOutcome::Registered { seq: Seq(2) });
    Ok(())
}

pub(super) async fn faces_that_would_be_lost_to_searches_keep_a_collection_as_it_is(
    store: Arc<dyn Repository>,
) -> Outcome {
    let world = World::new(store).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    world.enrol("bob", 2).await?;
    world.prepare(&[(alice, 1)]).await?;
    let (versions, records) = (world.versions().await?, world.records().await?);
    assert_eq!(
        world.change(&next(), false).await?,
        ModelChange::Unprepared { faces: 1 }
    );
    assert_eq!(world.versions().await?, versions, "what was prepared stays, too");
    assert_eq!(world.records().await?, records);
    Ok(())
}

pub(super) async fn what_was_left_behind_is_not_compared(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    let bob = world.enrol("bob", 2).await?.0.id;
    world.prepare(&[(bob, 2)]).await?;
    assert_eq!(
        world.change(&next(), true).await?,
        ModelChange::Done {
            changed: 1,
            left_behind: 1
        }
    );
    let versions = world.versions().await?;
    assert_eq!((versions.faces, versions.left_behind), (1, vec![(version(), 1)]));

    let user = UserId::new("alice")?;
    assert_eq!(world.log().await?, [(bob, template(2, next())?)]);
    assert_eq!(store.templates(&world.collection, &[alice]).await?, []);
    assert_eq!(store.templates_of(&world.collection, &user).await?, []);
    let associations = store.associations(&world.collection, None, 9).await?;
    assert_eq!(associations.len(), 1, "{associations:?}");
    let records = world.records().await?;
    assert_eq!(records[0].version, version(), "it is listed all the same");
    assert_eq!(
        store.owners(&world.collection, &[alice]).await?,
        [(alice, user.clone())]
    );
    assert_eq!(
        store.counts(&world.collection).await?.map(|counts| counts.faces),
        Some(2)
    );

    let mut carol = world.new_user("carol", 1)?;
    carol.face.template = template(1, next())?;
    assert!(matches!(
        world.register(carol).await?,
        RegisterOutcome::Registered { .. }
    ));
    assert!(
        store.delete_user(&world.collection, &user).await?.is_some(),
        "it can be erased"
    );
    assert_eq!(world.versions().await?.left_behind, []);
    Ok(())
}

pub(super) async fn what_was_left_behind_comes_back(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    let bob = world.enrol("bob", 2).await?.0.id;
    let carol = world.enrol("carol", 3).await?.0.id;
    let before = world.log().await?;
    world.change(&next(), true).await?;
    assert_eq!(world.log().await?, []);
    // With a template of this model …
    world.prepare(&[(alice, 1)]).await?;
    assert_eq!(world.unprepared(None, 9).await?, [bob, carol]);
    assert_eq!(
        world.change(&next(), false).await?,
        ModelChange::Done {
            changed: 1,
            left_behind: 2
        }
    );
    assert_eq!(world.log().await?, [(alice, template(1, next())?)]);
    // … or when the collection goes back to the model of the one that they have.
    assert_eq!(
        world.change(&version(), false).await?,
        ModelChange::Unprepared { faces: 1 }
    );
    assert_eq!(
        world.change(&version(), true).await?,
        ModelChange::Done {
            changed: 2,
            left_behind: 1
        }
    );
    assert_eq!(world.log().await?, before[1..]);
    let versions = world.versions().await?;
    assert_eq!(
        (versions.current, versions.left_behind),
        (version(), vec![(next(), 1)])
    );
    Ok(())
}

pub(super) async fn an_image_that_was_left_behind_is_enrolled_again(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let old = world.enrol_nobodys(1).await?;
    world.change(&next(), true).await?;
    let mut image = world.image("photo of 1", None, &[1])?;
    image.faces[0].template = template(1, next())?;
    let again = store.enrol(&world.collection, image.clone()).await?;
    assert!(again.faces[0].new, "it could not be found otherwise");
    image.faces[0].id = FaceId::new(uuid::Uuid::from_u128(u128::MAX));
    assert!(!store.enrol(&world.collection, image).await?.faces[0].new);

    // Both come from one place of one image: the one that is searched stays, whichever is older.
    world.prepare(&[(old, 1)]).await?;
    assert_eq!(
        world.change(&next(), false).await?,
        ModelChange::Done {
            changed: 0,
            left_behind: 1
        }
    );
    let found: Vec<FaceId> = world.log().await?.into_iter().map(|(face, _)| face).collect();
    assert_eq!(found, [again.faces[0].record.face]);
    Ok(())
}

pub(super) async fn prepared_templates_go_with_their_faces(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    let bob = world.enrol("bob", 2).await?.0.id;
    world.prepare(&[(alice, 1), (bob, 2)]).await?;
    store
        .delete_user(&world.collection, &UserId::new("alice")?)
        .await?;
    assert_eq!(world.versions().await?.prepared, [(next(), 1)]);
    assert_eq!(
        world.prepare(&[(alice, 1)]).await?,
        0,
        "who is erased does not come back"
    );
    store.reset(&world.collection).await?;
    assert_eq!(world.versions().await?.prepared, []);
    assert_eq!(
        world.change(&next(), false).await?,
        ModelChange::Done {
            changed: 0,
            left_behind: 0
        }
    );
    Ok(())
}

pub(super) async fn prepared_templates_have_one_length(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let alice = world.enrol("alice", 1).await?.0.id;
    let bob = world.enrol("bob", 2).await?.0.id;
    let short = Template::new(&[1.0, 0.0], next())?;
    let mixed = [(alice, template(1, next())?), (bob, short.clone())];
    let refused = store.prepare(&world.collection, &mixed).await;
    assert!(
        matches!(refused, Err(Error::TemplateLength { .. })),
        "{refused:?}"
    );
    assert_eq!(world.versions().await?.prepared, [], "all or none");
    world.prepare(&[(alice, 1)]).await?;
    let refused = store.prepare(&world.collection, &[(bob, short)]).await;
    assert!(
        matches!(refused, Err(Error::TemplateLength { .. })),
        "{refused:?}"
    );
    let own_model = Template::new(&[1.0, 0.0], version())?;
    let refused = store.prepare(&world.collection, &[(bob, own_model)]).await;
    assert!(
        matches!(refused, Err(Error::TemplateLength { .. })),
        "{refused:?}"
    );
    Ok(())
}

/// Registrations go on while the model changes: each has the model of its moment, or is refused.
pub(super) async fn a_model_is_changed_for_good_or_not_at_all(store: Arc<dyn Repository>) -> Outcome {
    let world = Arc::new(World::new(store.clone()).await?);
    let mut newcomers = tokio::task::JoinSet::new();
    for person in 0..30 {
        let new = world.new_user(&format!("user-{person}"), person)?;
        let world = Arc::clone(&world);
        newcomers.spawn(async move { world.register(new).await });
    }
    let change = world.change(&next(), false).await?;
    let mut registered = 0;
    while let Some(outcome) = newcomers.join_next().await {
        match outcome? {
            Ok(RegisterOutcome::Registered { .. }) => registered += 1,
            Err(Error::VersionMismatch { .. }) => {}
            other => return Err(format!("{other:?}").into()),
        }
    }
    let versions = world.versions().await?;
    match change {
        ModelChange::Done { .. } => assert_eq!((registered, versions.current), (0, next())),
        ModelChange::Unprepared { .. } => assert_eq!((registered, versions.current), (30, version())),
    }
    assert_eq!((versions.faces, versions.left_behind), (registered, vec![]));
    Ok(())
}
