//! Registration.

use std::sync::Arc;

use selfsame_types::{FaceModelVersion, Seq, Template, UserId};
use serde_json::json;

use super::Outcome;
use super::fixtures::{COMPARE_ALL, MIN_COSINE, World, now, properties, template, version};
use crate::model::{DuplicatePolicy, FaceRecord, PictureRecord, RegisterOutcome, User};
use crate::{Error, Repository};

pub(super) async fn a_registration_is_complete(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, seq) = world.enrol("alice", 1).await?;
    let id = UserId::new("alice")?;
    let expected = User {
        id: id.clone(),
        properties: properties(json!({ "name": "alice" })),
        created: now(),
        updated: now(),
        faces: vec![FaceRecord {
            user: Some(UserId::new("alice")?),
            external_image_id: None,
            face: face.id,
            image: face.image,
            seq,
            version: version(),
            created: now(),
            picture: Some(PictureRecord {
                content_type: "image/jpeg".to_owned(),
                size_bytes: 500,
            }),
            metadata: face.metadata.clone(),
        }],
    };
    assert_eq!(seq, Seq(1));
    assert_eq!(store.get_user(&world.collection, &id).await?, Some(expected));
    assert!(store.user_exists(&world.collection, &id).await?);
    assert_eq!(
        store.templates_of(&world.collection, &id).await?,
        [(face.id, face.template.clone())]
    );
    assert_eq!(store.picture(&world.collection, &face.image).await?, face.picture);
    let collection = store
        .get_collection(&world.collection)
        .await?
        .ok_or("the collection is missing")?;
    assert_eq!(collection.last_seq, seq);
    Ok(())
}

pub(super) async fn a_user_id_is_taken_once(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    assert_eq!(
        world.register(world.new_user("alice", 2)?).await?,
        RegisterOutcome::UserExists
    );
    assert_eq!(
        world.register(world.new_user("alice", 1)?).await?,
        RegisterOutcome::UserExists,
        "a taken id is reported before a known face"
    );
    world.assert_complete("alice").await
}

pub(super) async fn user_ids_keep_their_case(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("Alice", 1).await?;
    let lower = UserId::new("alice")?;
    assert!(!store.user_exists(&world.collection, &lower).await?);
    assert_eq!(store.get_user(&world.collection, &lower).await?, None);
    world.enrol("alice", 2).await?;
    assert_eq!(world.everybody().await?, ["Alice", "alice"]);
    assert!(store.delete_user(&world.collection, &lower).await?.is_some());
    assert_eq!(world.everybody().await?, ["Alice"]);
    Ok(())
}

pub(super) async fn pictures_are_optional(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let mut new = world.new_user("alice", 1)?;
    new.face.picture = None;
    let image = new.face.image;
    assert!(matches!(
        world.register(new).await?,
        RegisterOutcome::Registered { .. }
    ));
    let user = store
        .get_user(&world.collection, &UserId::new("alice")?)
        .await?
        .ok_or("missing")?;
    assert_eq!((user.faces[0].image, &user.faces[0].picture), (image, &None));
    assert_eq!(store.picture(&world.collection, &image).await?, None);
    Ok(())
}

pub(super) async fn a_known_face_is_refused(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    let mut again = world.new_user("mallory", 1)?;
    again.face.template = template(1, 5)?;
    match world.register(again).await? {
        RegisterOutcome::Duplicate {
            face: found,
            user,
            cosine,
        } => {
            assert_eq!((found, user.as_str()), (face.id, "alice"));
            assert!((0.98..1.0).contains(&cosine), "{cosine}");
        }
        other => return Err(format!("{other:?}").into()),
    }
    assert_eq!(world.everybody().await?, ["alice"]);
    Ok(())
}

pub(super) async fn faces_that_were_searched_are_not_compared_again(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (_, seen) = world.enrol("alice", 1).await?;
    let (_, newer) = world.enrol("bob", 2).await?;
    let policy = |checked_through| DuplicatePolicy {
        checked_through,
        min_cosine: MIN_COSINE,
    };
    let refused = store
        .register(&world.collection, world.new_user("mallory", 2)?, policy(seen))
        .await?;
    assert!(
        matches!(refused, RegisterOutcome::Duplicate { .. }),
        "bob is newer than the search"
    );
    let trusted = store
        .register(&world.collection, world.new_user("eve", 2)?, policy(newer))
        .await?;
    assert!(
        matches!(trusted, RegisterOutcome::Registered { .. }),
        "bob was searched by the caller"
    );
    let far = policy(Seq(u64::MAX));
    let beyond = store
        .register(&world.collection, world.new_user("trent", 1)?, far)
        .await?;
    assert!(
        matches!(beyond, RegisterOutcome::Registered { .. }),
        "nothing is newer than the end of time"
    );
    Ok(())
}

pub(super) async fn the_threshold_itself_is_a_match(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    let other_look = template(1, 5)?;
    let cosine = face
        .template
        .cosine(&other_look)
        .ok_or("templates are comparable")?;
    let register = async |user: &str, min_cosine: f32| {
        let mut new = world.new_user(user, 1)?;
        new.face.template = other_look.clone();
        let policy = DuplicatePolicy {
            checked_through: Seq(0),
            min_cosine,
        };
        Ok::<_, super::fixtures::Problem>(store.register(&world.collection, new, policy).await?)
    };
    assert!(matches!(
        register("mallory", cosine).await?,
        RegisterOutcome::Duplicate { .. }
    ));
    assert!(matches!(
        register("twin", cosine.next_up()).await?,
        RegisterOutcome::Registered { .. }
    ));
    Ok(())
}

pub(super) async fn the_most_alike_face_is_named(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let nothing = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 2.0,
    };
    for (user, look) in [("a", 1), ("exact", 7), ("z", 2)] {
        let mut new = world.new_user(user, 1)?;
        new.face.template = template(1, look)?;
        store.register(&world.collection, new, nothing).await?;
    }
    let mut new = world.new_user("mallory", 1)?;
    new.face.template = template(1, 7)?;
    match world.register(new).await? {
        RegisterOutcome::Duplicate { user, .. } => assert_eq!(user.as_str(), "exact"),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

pub(super) async fn templates_of_another_model_are_refused(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store).await?;
    let mut new = world.new_user("alice", 1)?;
    let other = FaceModelVersion::new("another");
    new.face.template = Template::new(new.face.template.values(), other.clone())?;
    match world.register(new).await {
        Err(Error::VersionMismatch { collection, template }) => {
            assert_eq!((collection, template), (version(), other));
        }
        result => return Err(format!("{result:?}").into()),
    }
    assert_eq!(world.everybody().await?, Vec::<String>::new());
    Ok(())
}

pub(super) async fn templates_of_another_length_are_refused(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    let mut new = world.new_user("bob", 2)?;
    new.face.template = Template::new(&[1.0, 2.0], version())?;
    // Also where the search claims to have seen everything.
    let policy = DuplicatePolicy {
        checked_through: Seq(u64::MAX),
        ..COMPARE_ALL
    };
    let result = store.register(&world.collection, new, policy).await;
    assert!(
        matches!(
            result,
            Err(Error::TemplateLength {
                template_values: 2,
                ..
            })
        ),
        "{result:?}"
    );
    assert_eq!(world.everybody().await?, ["alice"]);
    Ok(())
}

pub(super) async fn a_face_id_is_used_once(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    let mut new = world.new_user("bob", 2)?;
    let image = new.face.image;
    new.face.id = face.id;
    let result = world.register(new).await;
    assert!(
        matches!(result, Err(Error::IdTaken { kind: "FaceId" })),
        "{result:?}"
    );
    assert_eq!(world.everybody().await?, ["alice"]);
    assert_eq!(store.picture(&world.collection, &image).await?, None);
    world.enrol("bob", 2).await?;
    world.assert_complete("bob").await
}

/// A second picture under a known image id must neither overwrite the first nor take it along when it is refused.
pub(super) async fn an_image_id_is_used_once(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    let mut new = world.new_user("bob", 2)?;
    new.face.image = face.image;
    let result = world.register(new).await;
    assert!(
        matches!(result, Err(Error::IdTaken { kind: "ImageId" })),
        "{result:?}"
    );
    assert_eq!(world.everybody().await?, ["alice"]);
    world.assert_complete("alice").await
}

pub(super) async fn a_refusal_leaves_nothing(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (_, end) = world.enrol("alice", 1).await?;
    let refused = [world.new_user("mallory", 1)?, world.new_user("alice", 2)?];
    for new in refused {
        let (face, image) = (new.face.id, new.face.image);
        let outcome = world.register(new.clone()).await?;
        assert!(!matches!(outcome, RegisterOutcome::Registered { .. }));
        assert_eq!(store.owners(&world.collection, &[face]).await?, []);
        assert_eq!(store.picture(&world.collection, &image).await?, None);
        // Both ids are free again.
        let mut other = world.new_user("carol", 3)?;
        (other.face.id, other.face.image) = (face, image);
        assert!(matches!(
            world.register(other).await?,
            RegisterOutcome::Registered { .. }
        ));
        store
            .delete_user(&world.collection, &UserId::new("carol")?)
            .await?;
    }
    let collection = store.get_collection(&world.collection).await?.ok_or("missing")?;
    assert_eq!(
        collection.last_seq,
        Seq(end.0 + 4),
        "only carol has moved the log: twice in, twice out"
    );
    Ok(())
}
