//! Faces enrolled by image.

use std::collections::BTreeSet;
use std::sync::Arc;

use selfsame_types::{Change, CollectionId, FaceId, FaceModelVersion, Seq, Template, UserId};
use tokio::task::JoinSet;

use super::Outcome;
use super::fixtures::{COMPARE_ALL, Problem, World, now, properties, template, version};
use crate::model::{Enrolled, FaceDeletion, FaceFilter, FaceRecord, Refusal, RegisterOutcome};
use crate::{Error, MAX_METADATA_BYTES, Repository};

pub(super) async fn an_image_is_enrolled(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol("alice", 1).await?;
    let new = world.image("group", Some("o'Brien:группа.jpg"), &[2, 3, 1])?;
    let enrolment = store.enrol(&world.collection, new.clone()).await?;
    for (position, (enrolled, given)) in (2..).zip(enrolment.faces.iter().zip(&new.faces)) {
        let record = FaceRecord {
            face: given.id,
            image: new.image,
            user: None,
            external_image_id: new.external_image_id.clone(),
            seq: Seq(position),
            version: version(),
            created: now(),
            picture: None,
            metadata: given.metadata.clone(),
        };
        assert_eq!(enrolled, &Enrolled { record, new: true });
    }
    let expected: Vec<Change> = (2..)
        .zip(&new.faces)
        .map(|(position, face)| Change::Enrolled {
            seq: Seq(position),
            face: face.id,
            template: face.template.clone(),
        })
        .collect();
    assert_eq!(enrolment.changes, expected);
    assert_eq!(
        store.changes(&world.collection, Seq(1), 10).await?,
        expected,
        "they are in the log"
    );
    assert_eq!(world.last_seq().await?, Seq(4));
    let ids: Vec<FaceId> = new.faces.iter().map(|face| face.id).collect();
    assert_eq!(
        store.owners(&world.collection, &ids).await?,
        [],
        "they are nobody's"
    );
    Ok(())
}

pub(super) async fn the_same_image_is_enrolled_once(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let first = world.image("group", Some("a"), &[1, 2])?;
    let one_face = crate::NewImage {
        faces: first.faces[..1].to_vec(),
        ..first.clone()
    };
    let before = store.enrol(&world.collection, one_face).await?;
    let again = store
        .enrol(&world.collection, world.image("group", Some("a"), &[1, 2])?)
        .await?;
    assert_eq!(
        again.faces[0],
        Enrolled {
            record: before.faces[0].record.clone(),
            new: false
        },
        "a known face comes back as it is"
    );
    assert!(again.faces[1].new);
    assert_eq!(
        again.faces[1].record.image, first.image,
        "a new face joins its image"
    );
    assert_eq!(again.changes.len(), 1);
    let last = world.last_seq().await?;
    let third = store
        .enrol(&world.collection, world.image("group", Some("a"), &[1, 2])?)
        .await?;
    assert!(third.changes.is_empty() && third.faces.iter().all(|face| !face.new));
    assert_eq!(world.last_seq().await?, last);

    for (name, external_image_id) in [
        ("group", None),
        ("group", Some("")),
        ("group", Some("A")),
        ("other", Some("a")),
    ] {
        let new = world.image(name, external_image_id, &[1, 2])?;
        let image = new.image;
        let enrolment = store.enrol(&world.collection, new).await?;
        let is_new = |face: &Enrolled| face.new && face.record.image == image;
        assert!(enrolment.faces.iter().all(is_new), "{name} {external_image_id:?}");
    }
    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    let enrolment = store
        .enrol(&other, world.image("group", Some("a"), &[1])?)
        .await?;
    assert!(enrolment.faces[0].new, "collections are apart");
    Ok(())
}

pub(super) async fn an_erased_image_can_come_again(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let face = world.enrol_nobodys(1).await?;
    store.delete_faces(&world.collection, &[face]).await?;
    let again = world.enrol_nobodys(1).await?;
    assert_ne!(again, face);
    Ok(())
}

pub(super) async fn one_image_many_times_at_once(store: Arc<dyn Repository>) -> Outcome {
    let world = Arc::new(World::new(store.clone()).await?);
    let mut writers = JoinSet::new();
    for _ in 0..8 {
        let world = world.clone();
        writers.spawn(async move {
            let new = world.image("group", Some("a"), &[1, 2, 3])?;
            Ok::<_, Problem>(world.store.enrol(&world.collection, new).await?)
        });
    }
    let (mut faces, mut images, mut new) = (BTreeSet::new(), BTreeSet::new(), 0);
    while let Some(enrolment) = writers.join_next().await {
        for enrolled in enrolment??.faces {
            faces.insert(enrolled.record.face);
            images.insert(enrolled.record.image);
            new += usize::from(enrolled.new);
        }
    }
    assert_eq!((faces.len(), images.len(), new), (3, 1, 3));
    let counts = store.counts(&world.collection).await?.ok_or("missing")?;
    assert_eq!(counts.faces, 3);
    Ok(())
}

pub(super) async fn an_image_is_enrolled_whole_or_not(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let taken = world.enrol_nobodys(1).await?;
    let last = world.last_seq().await?;

    let mut with_a_taken_id = world.image("group", None, &[2, 3])?;
    with_a_taken_id.faces[1].id = taken;
    let result = store.enrol(&world.collection, with_a_taken_id).await;
    assert!(matches!(result, Err(Error::IdTaken { .. })), "{result:?}");

    let mut of_another_model = world.image("group", None, &[2, 3])?;
    of_another_model.faces[1].template =
        Template::new(template(3, 0)?.values(), FaceModelVersion::new("another"))?;
    let result = store.enrol(&world.collection, of_another_model).await;
    assert!(matches!(result, Err(Error::VersionMismatch { .. })), "{result:?}");

    let mut of_another_length = world.image("group", None, &[2, 3])?;
    of_another_length.faces[1].template = Template::new(&[1.0], version())?;
    let result = store.enrol(&world.collection, of_another_length).await;
    assert!(matches!(result, Err(Error::TemplateLength { .. })), "{result:?}");

    let mut with_much_to_say = world.image("group", None, &[2, 3])?;
    with_much_to_say.faces[1].metadata =
        properties(serde_json::json!({ "k": "x".repeat(MAX_METADATA_BYTES) }));
    let result = store.enrol(&world.collection, with_much_to_say).await;
    assert!(
        matches!(result, Err(Error::MetadataTooLarge { .. })),
        "{result:?}"
    );
    assert_eq!(world.last_seq().await?, last, "nothing was stored");
    assert_eq!(store.changes(&world.collection, last, 10).await?, []);
    assert!(
        store
            .enrol(&world.collection, world.image("group", None, &[2, 3])?)
            .await?
            .faces[0]
            .new
    );
    Ok(())
}

/// Two faces that are the first of a collection must fit to each other.
pub(super) async fn the_first_image_fits_itself(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let mut new = world.image("group", None, &[1, 2])?;
    new.faces[1].template = Template::new(&[1.0], version())?;
    let result = store.enrol(&world.collection, new).await;
    assert!(matches!(result, Err(Error::TemplateLength { .. })), "{result:?}");
    let empty = world.image("empty", None, &[])?;
    let enrolment = store.enrol(&world.collection, empty).await?;
    assert!(enrolment.faces.is_empty() && enrolment.changes.is_empty());
    assert_eq!(world.last_seq().await?, Seq(0));
    Ok(())
}

pub(super) async fn nobodys_faces_are_no_duplicates(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    world.enrol_nobodys(1).await?;
    world.enrol("alice", 1).await?;
    let new = world.new_user("bob", 1)?;
    let outcome = store.register(&world.collection, new, COMPARE_ALL).await?;
    assert!(
        matches!(&outcome, RegisterOutcome::Duplicate { user, .. } if user.as_str() == "alice"),
        "{outcome:?}"
    );
    Ok(())
}

pub(super) async fn only_nobodys_faces_are_erased(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alices, _) = world.enrol("alice", 1).await?;
    let (first, second) = (world.enrol_nobodys(2).await?, world.enrol_nobodys(3).await?);
    let unknown = world.face(4, 0)?.id;
    let named = [second, unknown, alices.id, first, second];
    let deletion = store.delete_faces(&world.collection, &named).await?;
    let changes: Vec<Change> = (4..)
        .map(Seq)
        .zip([second, first])
        .map(|(seq, face)| Change::Erased { seq, face })
        .collect();
    assert_eq!(
        deletion,
        FaceDeletion {
            deleted: vec![second, first],
            refused: vec![
                (unknown, Refusal::NotFound),
                (alices.id, Refusal::AssociatedTo(UserId::new("alice")?))
            ],
            changes: changes.clone(),
        }
    );
    assert_eq!(
        store.changes(&world.collection, Seq(1), 10).await?,
        changes,
        "only the ids are left"
    );
    assert_eq!(store.templates(&world.collection, &named).await?.len(), 1);
    let again = store.delete_faces(&world.collection, &[first]).await?;
    assert_eq!(again.refused, [(first, Refusal::NotFound)]);
    assert_eq!(world.last_seq().await?, Seq(5));
    let other = CollectionId::new("others")?;
    store.create_collection(&other, &version(), now()).await?;
    let third = world.enrol_nobodys(5).await?;
    let elsewhere = store.delete_faces(&other, &[third]).await?;
    assert_eq!(elsewhere.refused, [(third, Refusal::NotFound)]);
    world.assert_complete("alice").await
}

pub(super) async fn a_face_taken_from_a_user_loses_its_picture_too(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (face, _) = world.enrol("alice", 1).await?;
    store
        .remove_user(&world.collection, &UserId::new("alice")?, None, now())
        .await?;
    assert_eq!(store.picture(&world.collection, &face.image).await?, face.picture);
    let deletion = store.delete_faces(&world.collection, &[face.id]).await?;
    assert_eq!(deletion.deleted, [face.id]);
    assert_eq!(store.picture(&world.collection, &face.image).await?, None);
    Ok(())
}

pub(super) async fn faces_are_listed_in_pages(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alices, _) = world.enrol("alice", 0).await?;
    let mut expected = vec![alices.id];
    for person in 1..7 {
        expected.push(world.enrol_nobodys(person).await?);
    }
    store
        .delete_faces(&world.collection, &[expected.remove(3)])
        .await?;
    let all = FaceFilter::default();
    let mut found: Vec<FaceRecord> = Vec::new();
    loop {
        let after = found.last().map(|face| face.seq);
        let page = store.list_faces(&world.collection, &all, after, 2).await?;
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    let ids: Vec<FaceId> = found.iter().map(|face| face.face).collect();
    assert_eq!(ids, expected);
    let mut by_id = store.face_records(&world.collection, &expected).await?;
    by_id.sort_by_key(|face| face.seq);
    assert_eq!(by_id, found, "lists and single records say the same");
    assert!(found[0].picture.is_some() && found[1].picture.is_none());
    assert_eq!(store.list_faces(&world.collection, &all, None, 0).await?, []);
    let end = Some(Seq(u64::MAX));
    assert_eq!(store.list_faces(&world.collection, &all, end, 9).await?, []);
    Ok(())
}

pub(super) async fn listed_faces_are_chosen(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alices, _) = world.enrol("alice", 0).await?;
    let mut faces = vec![alices.id];
    for person in 1..6 {
        faces.push(world.enrol_nobodys(person).await?);
    }
    let alice = UserId::new("alice")?;
    world.give(&alice, &[faces[4], faces[2]]).await?;
    let unknown = world.face(9, 0)?.id;
    let list = async |user: Option<&str>, chosen: Option<&[FaceId]>, after: Option<u64>, limit| {
        let filter = FaceFilter {
            user: user.map(UserId::new).transpose()?,
            faces: chosen.map(<[FaceId]>::to_vec),
        };
        let found = store
            .list_faces(&world.collection, &filter, after.map(Seq), limit)
            .await?;
        let places = found
            .iter()
            .map(|record| faces.iter().position(|face| *face == record.face));
        Ok::<_, Problem>(places.flatten().collect::<Vec<_>>())
    };
    assert_eq!(list(Some("alice"), None, None, 9).await?, [0, 2, 4]);
    assert_eq!(list(Some("alice"), None, Some(1), 1).await?, [2]);
    assert_eq!(list(Some("Alice"), None, None, 9).await?, [0; 0]);
    let chosen = [faces[5], unknown, faces[2], faces[1], faces[2]];
    assert_eq!(list(None, Some(&chosen), None, 9).await?, [1, 2, 5]);
    assert_eq!(list(None, Some(&chosen), Some(2), 1).await?, [2]);
    assert_eq!(list(None, Some(&[]), None, 9).await?, [0; 0]);
    assert_eq!(list(Some("alice"), Some(&chosen), None, 9).await?, [2]);
    Ok(())
}

pub(super) async fn thousands_are_read_at_once(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let people: Vec<usize> = (0..4096).map(|i| i % super::fixtures::PEOPLE).collect();
    let enrolment = store
        .enrol(&world.collection, world.image("crowd", None, &people)?)
        .await?;
    let ids: Vec<FaceId> = enrolment.faces.iter().map(|face| face.record.face).collect();
    assert_eq!(store.face_records(&world.collection, &ids).await?.len(), 4096);
    assert_eq!(store.templates(&world.collection, &ids).await?.len(), 4096);
    let deletion = store.delete_faces(&world.collection, &ids).await?;
    assert_eq!((deletion.deleted, deletion.changes.len()), (ids, 4096));
    assert_eq!(world.last_seq().await?, Seq(8192));
    Ok(())
}

pub(super) async fn templates_come_by_face(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let (alices, _) = world.enrol("alice", 1).await?;
    let nobodys = world.enrol_nobodys(2).await?;
    let unknown = world.face(4, 0)?.id;
    let mut found = store
        .templates(&world.collection, &[unknown, nobodys, alices.id, nobodys])
        .await?;
    found.sort_by_key(|(face, _)| *face != alices.id);
    assert_eq!(found, [(alices.id, alices.template), (nobodys, template(2, 0)?)]);
    Ok(())
}
