//! Faces that are nobody's.

use selfsame_store::{NewImage, NewImageFace, Refusal};

use super::*;

pub(super) fn image(digest: u8, faces: &[[f32; 3]]) -> NewImage {
    let faces = (0..).zip(faces).map(|(ordinal, values)| NewImageFace {
        ordinal,
        id: FaceId::new(SystemIds.uuid()),
        template: template(*values),
        metadata: Properties::new(),
    });
    NewImage {
        image: ImageId::new(SystemIds.uuid()),
        digest: [digest; 32],
        external_image_id: None,
        faces: faces.collect(),
        now: SystemClock.now(),
    }
}

/// Enrols one face.
pub(super) async fn enrol(gallery: &Arc<Gallery>, digest: u8, values: [f32; 3]) -> FaceId {
    let enrolled = gallery.enrol(image(digest, &[values])).await.unwrap();
    enrolled[0].record.face
}

#[tokio::test]
async fn enrolled_faces_are_found_listed_and_deleted() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    let gallery = galleries.portal().await.unwrap();
    let two = image(1, &[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
    let enrolled = gallery.enrol(two).await.unwrap();
    assert!(enrolled.iter().all(|face| face.new && face.record.user.is_none()));
    let faces: Vec<FaceId> = enrolled.iter().map(|face| face.record.face).collect();

    let found = gallery
        .search_faces(&template([0.9, 0.1, 0.0]), 5, -1.0)
        .await
        .unwrap();
    let ids: Vec<FaceId> = found.iter().map(|(record, _)| record.face).collect();
    assert_eq!(ids, faces);
    assert!(found[0].1 > 0.99 && found[1].1 < 0.2);
    let found = gallery
        .search_faces(&template([0.9, 0.1, 0.0]), 5, 0.9)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    let second = gallery.template_of(faces[1]).await.unwrap();
    assert_eq!(second, Some(template([0.0, 1.0, 0.0])));

    // The same image again changes nothing.
    let again = image(1, &[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
    let again = gallery.enrol(again).await.unwrap();
    assert!(again.iter().all(|face| !face.new));
    assert_eq!(again[0].record.face, faces[0]);
    assert_eq!((gallery.faces().await.unwrap(), galleries.faces()), (2, 2));

    gallery.save().await.unwrap();
    let unknown = FaceId::new(SystemIds.uuid());
    let deletion = gallery.delete_faces(vec![faces[0], unknown]).await.unwrap();
    assert_eq!(deletion.deleted, [faces[0]]);
    assert_eq!(deletion.refused, [(unknown, Refusal::NotFound)]);
    assert!(snapshots(directory.path()).is_empty());
    assert_eq!((gallery.faces().await.unwrap(), galleries.faces()), (1, 1));
    assert_eq!(gallery.template_of(faces[0]).await.unwrap(), None);
    let found = gallery
        .search_faces(&template([0.9, 0.1, 0.0]), 5, -1.0)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn faces_deleted_behind_the_index_are_left_out() {
    use selfsame_store::FaceStore as _;
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    let first = enrol(&gallery, 1, [1.0, 0.0, 0.0]).await;
    let second = enrol(&gallery, 2, [1.0, 0.1, 0.0]).await;
    assert_eq!(gallery.faces().await.unwrap(), 2);
    store.delete_faces(&collection("people"), &[first]).await.unwrap();
    let found = gallery
        .search_faces(&template([1.0, 0.0, 0.0]), 5, -1.0)
        .await
        .unwrap();
    let ids: Vec<FaceId> = found.iter().map(|(record, _)| record.face).collect();
    assert_eq!(ids, [second]);
}

#[tokio::test]
async fn nobodys_faces_do_not_hide_somebodys_from_the_flows() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    for digest in 0..40 {
        enrol(&gallery, digest, [1.0, 0.0, 0.0]).await;
    }
    let probe = template([1.0, 0.0, 0.0]);
    let searched = gallery.search(&probe, 0.9, None, 0).await.unwrap();
    assert_eq!(searched.other, None, "only faces that have an owner count");
    gallery
        .register(new("ada", [1.0, 0.1, 0.0]), searched.policy)
        .await
        .unwrap();
    // Forty more alike ones stand before hers.
    let searched = gallery.search(&probe, 0.9, None, 0).await.unwrap();
    assert_eq!(searched.other, Some(user("ada")));
    assert_eq!(
        gallery
            .search(&probe, 0.9, Some(&user("ada")), 1)
            .await
            .unwrap()
            .other,
        None
    );
}

#[tokio::test]
async fn faces_are_counted_across_collections_and_starts() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    for (number, id) in (1u8..).zip(["a", "b", "c"]) {
        galleries.create(&collection(id)).await.unwrap();
        let gallery = galleries.get(&collection(id)).await.unwrap().unwrap();
        for digest in 0..number {
            enrol(&gallery, digest, [1.0, 0.0, 0.0]).await;
        }
    }
    assert_eq!(galleries.faces(), 6);
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    assert_eq!(galleries.faces(), 6, "although nothing is loaded yet");
    galleries.delete(&collection("c")).await.unwrap();
    assert_eq!(galleries.faces(), 3);
}

#[tokio::test]
async fn the_portals_collection_keeps_its_model_while_there_are_faces() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    let face = enrol(&gallery, 1, [1.0, 0.0, 0.0]).await;
    let newer = FaceModelVersion::new("newer");
    assert!(open(&store, directory.path(), newer.clone()).await.is_err());
    gallery.delete_faces(vec![face]).await.unwrap();
    open(&store, directory.path(), newer).await.unwrap();
}
