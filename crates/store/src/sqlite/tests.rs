//! What only this backend promises: durability, locks, permissions, and that erased means erased.

mod erasure;
mod migration;
mod plans;
mod workflows;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceId, FaceModelVersion, ImageId, Seq, Template, UserId};
use uuid::Uuid;

use super::Sqlite;
use super::directory::Directory;
use crate::blobs::key_of;
use crate::model::{ApiKey, DuplicatePolicy, NewFace, NewUser, Picture, Properties, RegisterOutcome};
use crate::repository::{
    CollectionTags as _, Collections as _, FaceStore as _, Keys as _, Pictures as _, Secrets as _, Users as _,
};
use crate::{Error, Result};

const POLICY: DuplicatePolicy = DuplicatePolicy {
    checked_through: Seq(0),
    min_cosine: 0.9,
};
const SECRET: &str = "the-secret-of-person-";

fn people() -> CollectionId {
    CollectionId::new("people").unwrap()
}

fn user(person: u32) -> UserId {
    UserId::new(format!("user-{person}")).unwrap()
}

fn template(person: u32) -> Template {
    let values: Vec<f32> = (0..128)
        .map(|i| f64::from((i + 1) * (person + 1)).sin() as f32)
        .collect();
    Template::new(&values, FaceModelVersion::new("test")).unwrap()
}

fn new_user(person: u32) -> NewUser {
    NewUser {
        user: user(person),
        properties: Properties::from_iter([("k".to_owned(), format!("{SECRET}{person}").into())]),
        face: NewFace {
            id: FaceId::new(Uuid::from_u128(u128::from(person) + 1)),
            image: ImageId::new(Uuid::from_u128(u128::from(person) + 1)),
            template: template(person),
            picture: Some(Picture {
                bytes: vec![person as u8; 5000],
                content_type: "image/png".to_owned(),
            }),
            metadata: Properties::new(),
        },
        card: None,
        now: Timestamp::UNIX_EPOCH,
        journal: None,
    }
}

async fn open(directory: &Path) -> Sqlite {
    let store = Sqlite::open(directory).await.unwrap();
    let version = FaceModelVersion::new("test");
    store
        .create_collection(&people(), &version, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    store
}

async fn register(store: &Sqlite, person: u32) -> Result<RegisterOutcome> {
    store.register(&people(), new_user(person), POLICY).await
}

async fn intents(store: &Sqlite) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM blob_intents")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap();
    let limit = |pages: i64| sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(limit(pages))
        .execute(&store.inner.writer)
        .await
        .unwrap();
    let mut new = new_user(1);
    new.properties
        .insert("large".to_owned(), "x".repeat(100_000).into());
    let result = store.register(&people(), new, POLICY).await;
    assert!(matches!(result, Err(Error::DiskFull(_))), "{result:?}");
    assert_eq!(intents(&store).await, 0);
    assert!(!store.user_exists(&people(), &user(1)).await.unwrap());
    assert_eq!(files(&directory.path().join("blobs")), Vec::<PathBuf>::new());

    sqlx::query(limit(1_000_000))
        .execute(&store.inner.writer)
        .await
        .unwrap();
    let outcome = register(&store, 1).await.unwrap();
    assert_eq!(outcome, RegisterOutcome::Registered { seq: Seq(1) });
}

#[tokio::test]
async fn a_busy_database_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let prepared = Directory::prepare(directory.path()).unwrap();
    let other = prepared.writer(Duration::from_millis(20)).await.unwrap();
    let write = store.inner.write().await.unwrap();
    let error = Error::from(other.begin_with("BEGIN IMMEDIATE").await.err().unwrap());
    assert!(matches!(error, Error::Busy(_)), "{error:?}");
    drop(write);
}

#[tokio::test]
async fn damage_is_told() {
    let directory = tempfile::tempdir().unwrap();
    fs_err::write(directory.path().join("selfsame.db"), [7; 8192]).unwrap();
    let result = Sqlite::open(directory.path()).await;
    assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");

    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    register(&store, 1).await.unwrap();
    sqlx::query("UPDATE users SET properties = '\"a secret\"'")
        .execute(&store.inner.writer)
        .await
        .unwrap();
    let error = store.get_user(&people(), &user(1)).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"));

    fs_err::write(
        directory
            .path()
            .join("blobs")
            .join(key_of(new_user(1).face.image)),
        b"short",
    )
    .unwrap();
    let result = store.picture(&people(), &new_user(1).face.image).await;
    assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
}

#[tokio::test]
async fn a_place_that_cannot_be_used_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs_err::write(&file, b"").unwrap();
    let result = Sqlite::open(&file.join("below")).await;
    assert!(matches!(result, Err(Error::Directory(_))), "{result:?}");
}

#[tokio::test]
async fn one_server_per_directory_and_keys_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).await;
    register(&server, 1).await.unwrap();
    let result = Sqlite::open(directory.path()).await;
    assert!(matches!(result, Err(Error::InUse(_))), "{result:?}");

    let attached = Sqlite::attach(directory.path()).await.unwrap();
    let key = ApiKey {
        id: Uuid::from_u128(1),
        name: "beside".to_owned(),
        scope: "admin".to_owned(),
        hash: [1; 32],
        access_key_id: None,
        collections: Vec::new(),
        buckets: Vec::new(),
        created: Timestamp::UNIX_EPOCH,
        revoked: None,
    };
    attached.create_key(&key).await.unwrap();
    assert_eq!(server.find_by_hash(&[1; 32]).await.unwrap(), Some(key));
    assert!(attached.user_exists(&people(), &user(1)).await.unwrap());
    assert_eq!(attached.root_secret([1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(server.root_secret([2; 32]).await.unwrap(), [1; 32]);
    let result = register(&attached, 2).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.delete_user(&people(), &user(1)).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.delete_faces(&people(), &[]).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached
        .create_user(&people(), &user(2), None, Timestamp::UNIX_EPOCH)
        .await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    let result = attached.remove_tags(&people(), &[]).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
    attached.close().await;
    server.close().await;
    Sqlite::open(directory.path()).await.unwrap();
}

/// Two processes write at the same time: each waits for the other, no write is lost. (A transaction that began with
/// reading and took the lock later would be refused.)
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_can_be_made_beside_a_server_at_work() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).await;
    let attached = Sqlite::attach(directory.path()).await.unwrap();
    let registrations = tokio::spawn({
        let server = server.clone();
        async move {
            for person in 0..100 {
                register(&server, person).await.unwrap();
            }
        }
    });
    for number in 0..100 {
        let key = ApiKey {
            id: Uuid::from_u128(u128::from(number)),
            name: "beside".to_owned(),
            scope: "admin".to_owned(),
            hash: [number; 32],
            access_key_id: None,
            collections: Vec::new(),
            buckets: Vec::new(),
            created: Timestamp::UNIX_EPOCH,
            revoked: None,
        };
        attached.create_key(&key).await.unwrap();
    }
    registrations.await.unwrap();
    assert_eq!(server.list_keys().await.unwrap().len(), 100);
    assert_eq!(server.list_users(&people(), None, 1000).await.unwrap().len(), 100);
}

#[tokio::test]
async fn keys_can_be_made_before_the_first_start() {
    let directory = tempfile::tempdir().unwrap();
    let new = directory.path().join("a/b");
    let (first, second) = tokio::join!(Sqlite::attach(&new), Sqlite::attach(&new));
    assert_eq!(first.unwrap().list_keys().await.unwrap(), []);
    assert_eq!(second.unwrap().list_keys().await.unwrap(), []);
    Sqlite::open(&new).await.unwrap();
}

#[tokio::test]
async fn other_schemas_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).await;
    let change = |sql: &'static str| sqlx::query(sql).execute(&server.inner.writer);
    change("UPDATE _sqlx_migrations SET version = version + 1000")
        .await
        .unwrap();
    let result = Sqlite::attach(directory.path()).await;
    assert!(matches!(result, Err(Error::NewerSchema)), "{result:?}");
    change("UPDATE _sqlx_migrations SET version = version - 2000")
        .await
        .unwrap();
    let result = Sqlite::attach(directory.path()).await;
    assert!(matches!(result, Err(Error::OlderSchema)), "{result:?}");
    change("UPDATE _sqlx_migrations SET version = version + 2000")
        .await
        .unwrap();
    server.close().await;
    let result = Sqlite::open(directory.path()).await;
    assert!(matches!(result, Err(Error::NewerSchema)), "{result:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("data");
    let store = open(&directory).await;
    register(&store, 1).await.unwrap();
    let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join("blobs")), 0o700);
    store.root_secret([1; 32]).await.unwrap();
    for name in [
        "selfsame.db",
        "selfsame.db-wal",
        "selfsame.db-shm",
        "lock",
        "secret",
    ] {
        assert_eq!(mode(&directory.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_was_left_half_done_is_removed_on_open() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    register(&store, 1).await.unwrap();
    let half = key_of(ImageId::new(Uuid::from_u128(99)));
    let staged = key_of(ImageId::new(Uuid::from_u128(98)));
    for key in [&half, &staged] {
        sqlx::query("INSERT INTO blob_intents (blob) VALUES (?)")
            .bind(key)
            .execute(&store.inner.writer)
            .await
            .unwrap();
    }
    let blobs = directory.path().join("blobs");
    fs_err::write(blobs.join(&half), b"whole, but its user is missing").unwrap();
    fs_err::write(blobs.join(format!("{staged}#1")), b"half").unwrap();
    store.close().await;

    let store = open(directory.path()).await;
    assert_eq!(intents(&store).await, 0);
    assert_eq!(files(&blobs), [blobs.join(key_of(new_user(1).face.image))]);
    let picture = store.picture(&people(), &new_user(1).face.image).await.unwrap();
    assert_eq!(picture, new_user(1).face.picture);
}

#[tokio::test]
async fn a_picture_that_cannot_be_removed_is_removed_later() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    register(&store, 1).await.unwrap();
    // A directory with a file in it cannot be removed as a file.
    let blob = directory
        .path()
        .join("blobs")
        .join(key_of(new_user(1).face.image));
    fs_err::remove_file(&blob).unwrap();
    fs_err::create_dir(&blob).unwrap();
    assert!(store.delete_user(&people(), &user(1)).await.unwrap().is_some());
    assert!(!store.user_exists(&people(), &user(1)).await.unwrap());
    assert_eq!(intents(&store).await, 1, "the duty stays");

    fs_err::remove_dir(&blob).unwrap();
    fs_err::write(&blob, b"picture").unwrap();
    register(&store, 2).await.unwrap();
    store.delete_user(&people(), &user(2)).await.unwrap();
    assert_eq!(intents(&store).await, 0);
    assert!(!blob.exists());
}

#[tokio::test]
async fn a_commit_that_happened_keeps_its_picture() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let mut new = new_user(1);
    let written = store.inner.write_picture(&mut new.face).await.unwrap().unwrap();
    let mut write = store.inner.write().await.unwrap();
    let mut row = super::collections::find(&mut write, &people()).await.unwrap();
    let key = super::users::insert(&mut write, row.key, &new.user, "{}", new.now)
        .await
        .unwrap();
    super::enrol::insert_face(
        &mut write,
        &mut row,
        key,
        &new.face,
        "{}",
        new.now,
        Some(&written),
    )
    .await
    .unwrap();
    write.commit().await.unwrap();
    // As if the commit had been reported as failed.
    store.inner.abandon(&written).await;
    assert!(store.picture(&people(), &new.face.image).await.unwrap().is_some());
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_a_write() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for person in 0..10 {
        let patience = Duration::from_micros(u64::from(person) * 200);
        let _ = tokio::time::timeout(patience, register(&store, person)).await;
    }
    // A write queued after the others ends after them.
    while intents(&store).await > 0 || !store.user_exists(&people(), &user(9)).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for person in 0..10 {
        assert!(
            store.user_exists(&people(), &user(person)).await.unwrap(),
            "user {person} was lost"
        );
        let image = new_user(person).face.image;
        assert!(store.picture(&people(), &image).await.unwrap().is_some());
    }
}

#[test]
fn debug_and_errors_show_no_secret() {
    let mut new = new_user(3);
    new.properties
        .insert("large".to_owned(), "x".repeat(500_000).into());
    let error = crate::rules::properties_text(&new.properties).unwrap_err();
    let shown = format!("{new:?} {error:?} {error}");
    assert!(
        !shown.contains(SECRET) && !shown.contains("xxx") && !shown.contains("3, 3"),
        "{shown}"
    );
    assert!(shown.contains("user-3"));
}
