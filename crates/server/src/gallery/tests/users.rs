//! Users and their vectors.

use selfsame_store::{Association, DuplicatePolicy, Idempotency, Once, Refusal, UpdateUser, UserCreation};
use selfsame_types::Seq;

use super::faces::enrol;
use super::*;

/// Faces less alike do not become one user's.
const ALIKE: f32 = 0.8;

async fn associate(gallery: &Arc<Gallery>, id: &str, faces: &[FaceId]) -> Joining {
    gallery
        .associate(user(id), faces.to_vec(), ALIKE, None, SystemClock.now())
        .await
        .unwrap()
}

async fn create(gallery: &Arc<Gallery>, id: &str) {
    let created = gallery
        .create_user(user(id), None, SystemClock.now())
        .await
        .unwrap();
    assert_eq!(created, Once::Now(UserCreation::Created));
}

async fn found(gallery: &Arc<Gallery>, values: [f32; 3]) -> Vec<(String, f32)> {
    let found = gallery.search_users(&template(values), 10, ALIKE).await.unwrap();
    found
        .into_iter()
        .map(|(user, cosine)| (user.to_string(), cosine))
        .collect()
}

#[tokio::test]
async fn a_user_is_found_by_the_mean_of_their_faces() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    create(&gallery, "ada").await;
    assert_eq!(found(&gallery, [1.0, 0.0, 0.0]).await, []);
    let left = enrol(&gallery, 1, [1.0, 0.3, 0.0]).await;
    let right = enrol(&gallery, 2, [1.0, -0.3, 0.0]).await;
    let joining = associate(&gallery, "ada", &[left, right]).await;
    let associated = vec![left, right];
    let done = Association::Done {
        associated,
        refused: vec![],
    };
    assert_eq!((joining.outcome, joining.unlike), (Once::Now(done), vec![]));
    let ada = found(&gallery, [1.0, 0.0, 0.0]).await;
    assert_eq!(ada.len(), 1);
    assert!(ada[0].1 > 0.9999, "{ada:?}");

    let vector = gallery.vector_of(&user("ada")).await.unwrap();
    assert_eq!(vector, Some(template([1.0, 0.0, 0.0])));

    let now = SystemClock.now();
    gallery
        .disassociate(user("ada"), vec![right], None, now)
        .await
        .unwrap();
    assert!(found(&gallery, [1.0, 0.3, 0.0]).await[0].1 > 0.9999);
    assert_eq!(
        gallery.remove_user(user("ada"), None, now).await.unwrap(),
        Once::Now(true)
    );
    assert_eq!(found(&gallery, [1.0, 0.3, 0.0]).await, []);
    assert_eq!(gallery.faces().await.unwrap(), 2, "the faces stay");
}

#[tokio::test]
async fn strangers_do_not_join() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    create(&gallery, "ada").await;
    create(&gallery, "bob").await;
    let own = enrol(&gallery, 1, [1.0, 0.0, 0.0]).await;
    let alike = enrol(&gallery, 2, [1.0, 0.2, 0.0]).await;
    let stranger = enrol(&gallery, 3, [0.0, 0.0, 1.0]).await;
    let bobs = enrol(&gallery, 4, [0.0, 1.0, 0.0]).await;
    associate(&gallery, "bob", &[bobs]).await;
    associate(&gallery, "ada", &[own]).await;

    let unknown = FaceId::new(SystemIds.uuid());
    let asked = [stranger, own, bobs, alike, unknown, alike, stranger];
    let joining = associate(&gallery, "ada", &asked).await;
    assert_eq!(joining.unlike, [stranger]);
    let Once::Now(Association::Done {
        mut associated,
        mut refused,
    }) = joining.outcome
    else {
        panic!("{joining:?}");
    };
    let sort = |faces: &mut Vec<FaceId>| faces.sort_unstable();
    let mut expected = vec![own, alike];
    sort(&mut expected);
    sort(&mut associated);
    assert_eq!(associated, expected);
    refused.sort_by_key(|(face, _)| *face != bobs);
    assert_eq!(
        refused,
        [
            (bobs, Refusal::AssociatedTo(user("bob"))),
            (unknown, Refusal::NotFound)
        ]
    );

    let joining = associate(&gallery, "nobody", &[stranger]).await;
    assert_eq!(
        (joining.outcome, joining.unlike),
        (Once::Now(Association::NoSuchUser), vec![])
    );
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    create(&gallery, "ada").await;
    let first = enrol(&gallery, 1, [1.0, 0.0, 0.0]).await;
    let stranger = enrol(&gallery, 2, [0.0, 0.0, 1.0]).await;
    let ask = |digest| {
        let idempotency = Some(Idempotency {
            token: "once".to_owned(),
            digest: [digest; 32],
        });
        gallery.associate(
            user("ada"),
            vec![first, stranger],
            ALIKE,
            idempotency,
            SystemClock.now(),
        )
    };
    let joining = ask(1).await.unwrap();
    assert_eq!(joining.unlike, [stranger]);
    let Once::Now(done) = joining.outcome else {
        panic!("{joining:?}");
    };
    // Meanwhile the other would be the one that matches.
    gallery
        .disassociate(user("ada"), vec![first], None, SystemClock.now())
        .await
        .unwrap();
    associate(&gallery, "ada", &[stranger]).await;
    let again = ask(1).await.unwrap();
    assert_eq!(
        (again.outcome, again.unlike),
        (Once::Before(done), vec![stranger])
    );
    let other = ask(2).await.unwrap();
    assert_eq!((other.outcome, other.unlike), (Once::Mismatch, vec![]));
}

#[tokio::test]
async fn the_flows_keep_vectors_right_too() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::new());
    let gallery = portal(&store, directory.path()).await;
    let policy = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 0.999,
    };
    gallery
        .register(new("early", [0.0, 1.0, 0.0]), policy)
        .await
        .unwrap();
    assert_eq!(found(&gallery, [0.0, 1.0, 0.0]).await.len(), 1);
    gallery
        .register(new("ada", [1.0, 0.3, 0.0]), policy)
        .await
        .unwrap();
    assert!(found(&gallery, [1.0, 0.3, 0.0]).await[0].1 > 0.9999);
    let update = UpdateUser {
        user: user("ada"),
        properties: None,
        face: face([1.0, -0.3, 0.0]),
        max_faces: 5.try_into().unwrap(),
        now: SystemClock.now(),
        journal: None,
    };
    gallery.update(update, Some(policy)).await.unwrap();
    assert!(found(&gallery, [1.0, 0.0, 0.0]).await[0].1 > 0.9999);
    assert!(gallery.erase(user("ada")).await.unwrap());
    assert_eq!(found(&gallery, [1.0, 0.0, 0.0]).await, []);
}
