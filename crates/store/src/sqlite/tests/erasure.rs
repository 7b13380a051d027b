//! Erased means erased: no file of the directory holds a copy.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use selfsame_types::{FaceId, ImageId};
use uuid::Uuid;

use super::super::directory::Directory;
use super::super::{Inner, Sqlite};
use super::{SECRET, files, new_user, open, people, register, template, user};
use crate::model::{Association, Idempotency, NewImage, NewImageFace, Once, Properties};
use crate::repository::{FaceStore as _, Users as _};

/// Whether any file of the directory holds these bytes.
pub(super) fn is_on_disk(directory: &Path, bytes: &[u8]) -> bool {
    files(directory).iter().any(|file| {
        fs_err::read(file)
            .unwrap()
            .windows(bytes.len())
            .any(|window| window == bytes)
    })
}

#[tokio::test]
async fn erased_data_leaves_no_copy() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for person in 0..20 {
        register(&store, person).await.unwrap();
    }
    let secrets = |person: u32| {
        let template = template(person).to_bytes();
        [
            format!("{SECRET}{person}\"").into_bytes(),
            template,
            vec![person as u8; 5000],
        ]
    };
    for secret in secrets(7) {
        assert!(
            is_on_disk(directory.path(), &secret),
            "the test must be able to fail"
        );
    }
    store.delete_user(&people(), &user(7)).await.unwrap();
    for secret in secrets(7) {
        assert!(
            !is_on_disk(directory.path(), &secret),
            "a copy of erased data is on the disk"
        );
    }
    for secret in secrets(8) {
        assert!(is_on_disk(directory.path(), &secret), "others stay");
    }
}

#[tokio::test]
async fn a_reader_only_delays_the_removal_of_copies() {
    let directory = tempfile::tempdir().unwrap();
    let prepared = Directory::prepare(directory.path()).unwrap();
    open(directory.path()).await.close().await;
    let lock = prepared.lock_for_server().await.unwrap();
    let inner = Inner::connect(&prepared, Some(lock), Duration::from_millis(50))
        .await
        .unwrap();
    let store = Sqlite { inner: inner.into() };
    register(&store, 1).await.unwrap();
    let mut reader = store.inner.read().await.unwrap();
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&mut *reader)
        .await
        .unwrap();

    store.delete_user(&people(), &user(1)).await.unwrap();
    assert!(
        is_on_disk(directory.path(), &template(1).to_bytes()),
        "the reader still sees the old page"
    );
    reader.rollback().await.unwrap();
    register(&store, 2).await.unwrap();
    assert!(!is_on_disk(directory.path(), &template(1).to_bytes()));
}

/// An image with the faces of two people, each with a secret in the metadata.
fn new_image(people: [u32; 2]) -> NewImage {
    let id = |person: u32| Uuid::from_u128(u128::from(person) + 1000);
    let face = |person: u32| NewImageFace {
        ordinal: person,
        id: FaceId::new(id(person)),
        template: template(person),
        metadata: Properties::from_iter([("k".to_owned(), format!("{SECRET}{person}").into())]),
    };
    NewImage {
        image: ImageId::new(id(people[0])),
        digest: [0xab; 32],
        external_image_id: Some(format!("{SECRET}image")),
        faces: people.map(face).into(),
        now: Timestamp::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn erased_faces_of_nobody_leave_no_copy() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let new = new_image([30, 31]);
    store.enrol(&people(), new.clone()).await.unwrap();
    let secrets = |person: u32| {
        [
            format!("{SECRET}{person}\"").into_bytes(),
            template(person).to_bytes(),
        ]
    };
    let of_image = [format!("{SECRET}image").into_bytes(), vec![0xab; 32]];
    let on_disk = |secret: &Vec<u8>| is_on_disk(directory.path(), secret);
    assert!(
        secrets(30).iter().chain(&of_image).all(on_disk),
        "the test must be able to fail"
    );

    store.delete_faces(&people(), &[new.faces[0].id]).await.unwrap();
    assert!(
        !secrets(30).iter().any(on_disk),
        "a copy of an erased face is on the disk"
    );
    assert!(
        secrets(31).iter().chain(&of_image).all(on_disk),
        "the others stay"
    );
    store.delete_faces(&people(), &[new.faces[1].id]).await.unwrap();
    assert!(!secrets(31).iter().chain(&of_image).any(on_disk));
}

#[tokio::test]
async fn a_removed_user_leaves_no_copy_but_faces() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    register(&store, 7).await.unwrap();
    let user_id = user(7).to_string().into_bytes();
    let secret = format!("{SECRET}7\"").into_bytes();
    assert!(is_on_disk(directory.path(), &user_id) && is_on_disk(directory.path(), &secret));

    // Answers kept for repetitions may name them.
    let other = user(8);
    store
        .create_user(&people(), &other, None, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let once = Idempotency {
        token: "once".to_owned(),
        digest: [1; 32],
    };
    let face = new_user(7).face;
    let refused = store
        .associate(&people(), &other, &[face.id], Some(&once), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert!(
        matches!(&refused, Once::Now(Association::Done { refused, .. }) if refused.len() == 1),
        "{refused:?}"
    );
    store
        .remove_user(&people(), &user(7), None, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert!(!is_on_disk(directory.path(), &user_id) && !is_on_disk(directory.path(), &secret));
    assert!(is_on_disk(directory.path(), &template(7).to_bytes()));
    assert!(
        is_on_disk(directory.path(), &[7; 5000]),
        "the picture is the face's"
    );
}
