//! Collections that have changed their model.

use selfsame_store::{FaceFilter, FaceStore as _, ModelChange, Models as _, Once};

use super::faces::enrol;
use super::*;

fn newer() -> FaceModelVersion {
    FaceModelVersion::new("newer")
}

/// Another model, in which everybody looks otherwise.
fn by_newer(values: [f32; 3]) -> Template {
    let [x, y, z] = values;
    Template::new(&[y, z, -x], newer()).unwrap()
}

#[tokio::test]
async fn searches_know_the_faces_that_came_along_and_operators_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let (people, east, north) = (collection("people"), [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let galleries = open(&store, directory.path(), version()).await.unwrap();
    let gallery = galleries.portal().await.unwrap();
    let comes = enrol(&gallery, 1, east).await;
    let stays = enrol(&gallery, 2, north).await;
    assert_eq!(galleries.of_other_models().await.unwrap(), Vec::<String>::new());
    gallery.save().await.unwrap();
    drop((gallery, galleries));

    // A server with the newer model would have to ignore all of them: it says so instead.
    let galleries = open(&store, directory.path(), newer()).await;
    assert!(matches!(galleries.err(), Some(Error::OtherModel { .. })));
    store.prepare(&people, &[(comes, by_newer(east))]).await.unwrap();
    let change = store.change_model(&people, &newer(), true).await.unwrap();
    assert_eq!(
        change,
        ModelChange::Done {
            changed: 1,
            left_behind: 1
        }
    );

    // The snapshot is of the older model and is not used.
    let galleries = open(&store, directory.path(), newer()).await.unwrap();
    let told = galleries.of_other_models().await.unwrap();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("1 face(s) in the collection people are of model test-1"),
        "{told:?}"
    );
    let gallery = galleries.portal().await.unwrap();
    let found = gallery.search_faces(&by_newer(east), 10, -1.0).await.unwrap();
    let found: Vec<FaceId> = found.iter().map(|(record, _)| record.face).collect();
    assert_eq!(found, [comes]);
    assert_eq!(gallery.template_of(stays).await.unwrap(), None);

    // What cannot be compared joins nobody.
    let now = SystemClock.now();
    gallery.create_user(user("ada"), None, now).await.unwrap();
    let joining = gallery
        .associate(user("ada"), vec![comes, stays], 0.8, None, now)
        .await
        .unwrap();
    assert_eq!(joining.unlike, [stays]);
    assert!(matches!(joining.outcome, Once::Now(_)));
    let listed = store
        .list_faces(&people, &FaceFilter::default(), None, 10)
        .await
        .unwrap();
    let listed: Vec<(FaceId, Option<UserId>, FaceModelVersion)> = listed
        .into_iter()
        .map(|record| (record.face, record.user, record.version))
        .collect();
    assert_eq!(
        listed,
        [(comes, Some(user("ada")), newer()), (stays, None, version())]
    );
}
