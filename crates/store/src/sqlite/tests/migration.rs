//! Databases of earlier versions.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, Seq};
use sqlx::SqlitePool;
use uuid::Uuid;

use super::super::Sqlite;
use super::super::directory::{Directory, MIGRATOR};
use super::{POLICY, new_user, template, user};
use crate::blobs::{Blobs, key_of};
use crate::model::{FaceRecord, NewUser, PictureRecord, User};
use crate::objects::Objects as _;
use crate::repository::{
    Collections as _, FaceStore as _, Keys as _, Pictures as _, Secrets as _, Users as _,
};
use crate::workflows::{Journal as _, Machines as _};
use crate::{Error, Result};

/// A data directory as the first version made it: people 0 to 4, two faces each, with pictures, of whom person 3 is
/// erased but for the files, in a collection with this name; a key; an empty and a deleted collection.
async fn of_the_first_version(directory: &Path, name: &str) {
    let prepared = Directory::prepare(directory).unwrap();
    let pool = prepared.writer(Duration::from_secs(5)).await.unwrap();
    MIGRATOR.run_to(1, &pool).await.unwrap();
    let blobs = Blobs::in_directory(&prepared.blobs()).unwrap();
    sqlx::query(
        "INSERT INTO collections (id, face_model_version, last_seq, created_us, live)
         VALUES (?, 'test', 12, 7, 1), ('empty', 'test', 0, 8, 1), ('deleted', 'old', 5, 9, 0)",
    )
    .bind(name)
    .execute(&pool)
    .await
    .unwrap();
    for person in 0..5 {
        insert_person(&pool, &blobs, person).await;
    }
    for statement in [
        "INSERT INTO blob_intents SELECT blob, 1 FROM pictures WHERE face IN (SELECT key FROM faces WHERE user = 4)",
        "DELETE FROM pictures WHERE face IN (SELECT key FROM faces WHERE user = 4)",
        "INSERT INTO erasures (collection, seq, face) SELECT 1, key + 4, face FROM faces WHERE user = 4",
        "DELETE FROM faces WHERE user = 4",
        "DELETE FROM users WHERE key = 4",
        "INSERT INTO erasures (collection, seq, face) VALUES (3, 5, zeroblob(16))",
        "INSERT INTO api_keys (id, name, scope, hash, created_us) VALUES (zeroblob(16), 'k', 'app', zeroblob(32), 3)",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

/// The id of a person's face (0 or 1) and of the image.
fn id(person: u32, face: u32) -> Uuid {
    Uuid::from_u128(u128::from(person * 2 + face) + 100)
}

async fn insert_person(pool: &SqlitePool, blobs: &Blobs, person: u32) {
    let new = new_user(person);
    sqlx::query("INSERT INTO users VALUES (?, 1, ?, ?, 11, 12)")
        .bind(person + 1)
        .bind(new.user.as_str())
        .bind(serde_json::json!(new.properties).to_string())
        .execute(pool)
        .await
        .unwrap();
    for face in 0..2 {
        let key = person * 2 + face + 1;
        sqlx::query("INSERT INTO faces VALUES (?, 1, ?, ?, ?, ?, ?, '{\"a\": 1}', 13)")
            .bind(key)
            .bind(key)
            .bind(person + 1)
            .bind(id(person, face).as_bytes().as_slice())
            .bind(id(person, face).as_bytes().as_slice())
            .bind(template(person).to_bytes())
            .execute(pool)
            .await
            .unwrap();
        let blob = key_of(selfsame_types::ImageId::new(id(person, face)));
        blobs.put(&blob, vec![person as u8; 100]).await.unwrap();
        sqlx::query("INSERT INTO pictures VALUES (?, ?, ?, 'image/png', 100)")
            .bind(id(person, face).as_bytes().as_slice())
            .bind(key)
            .bind(&blob)
            .execute(pool)
            .await
            .unwrap();
    }
}

fn expected(person: u32) -> User {
    let face = |face: u32| FaceRecord {
        face: FaceId::new(id(person, face)),
        image: selfsame_types::ImageId::new(id(person, face)),
        user: Some(user(person)),
        external_image_id: None,
        seq: Seq(u64::from(person * 2 + face) + 1),
        version: selfsame_types::FaceModelVersion::new("test"),
        created: Timestamp::from_microsecond(13).unwrap(),
        picture: Some(PictureRecord {
            content_type: "image/png".to_owned(),
            size_bytes: 100,
        }),
        metadata: serde_json::from_str("{\"a\": 1}").unwrap(),
    };
    User {
        id: user(person),
        properties: new_user(person).properties,
        created: Timestamp::from_microsecond(11).unwrap(),
        updated: Timestamp::from_microsecond(12).unwrap(),
        faces: vec![face(0), face(1)],
    }
}

async fn assert_intact(store: &Sqlite, collection: &str) {
    let collection = CollectionId::new(collection).unwrap();
    let found = store.get_collection(&collection).await.unwrap().unwrap();
    assert_eq!((found.last_seq, found.created.as_microsecond()), (Seq(12), 7));
    for person in [0, 1, 2, 4] {
        let found = store.get_user(&collection, &user(person)).await.unwrap();
        assert_eq!(found, Some(expected(person)));
        let templates = store.templates_of(&collection, &user(person)).await.unwrap();
        assert!(templates.iter().all(|(_, found)| *found == template(person)));
        for face in expected(person).faces {
            let picture = store.picture(&collection, &face.image).await.unwrap().unwrap();
            assert_eq!(picture.bytes, vec![person as u8; 100]);
        }
    }
    assert!(!store.user_exists(&collection, &user(3)).await.unwrap());
    let log = store.changes(&collection, Seq(0), 100).await.unwrap();
    let numbers: Vec<u64> = log.iter().map(|change| change.seq().0).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 9, 10, 11, 12]);
    assert!(matches!(log.last(), Some(Change::Erased { face, .. }) if face.uuid() == id(3, 1)));
    let keys = store.list_keys().await.unwrap();
    assert_eq!((keys.len(), &keys[0].access_key_id), (1, &None));
    assert!(keys[0].collections.is_empty() && keys[0].buckets.is_empty());
    assert_eq!(store.find_by_hash(&[0; 32]).await.unwrap(), keys.first().cloned());
    let broken: Vec<(String, i64, String, i64)> = sqlx::query_as("PRAGMA foreign_key_check")
        .fetch_all(&store.inner.writer)
        .await
        .unwrap();
    assert!(broken.is_empty(), "{broken:?}");
    let check: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap();
    assert_eq!(check, "ok");
}

async fn dump(store: &Sqlite) -> Vec<(String, String)> {
    sqlx::query_as("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")
        .fetch_all(&store.inner.writer)
        .await
        .unwrap()
}

#[tokio::test]
async fn everything_comes_along() {
    let directory = tempfile::tempdir().unwrap();
    of_the_first_version(directory.path(), "people").await;
    let store = Sqlite::open(directory.path()).await.unwrap();
    assert_intact(&store, "people").await;
    let schema = dump(&store).await;
    store.close().await;
    let store = Sqlite::open(directory.path()).await.unwrap();
    assert_intact(&store, "people").await;
    assert_eq!(dump(&store).await, schema, "a second start changes nothing");

    let fresh = tempfile::tempdir().unwrap();
    let fresh = Sqlite::open(fresh.path()).await.unwrap();
    assert_eq!(
        dump(&fresh).await,
        schema,
        "old and new databases have one schema"
    );
    // References lead to the new tables: what is erased goes as a whole.
    let people = CollectionId::new("people").unwrap();
    let erased = store.delete_user(&people, &user(0)).await.unwrap();
    assert_eq!(erased.map(|changes| changes.len()), Some(2));
    assert_eq!(super::files(&directory.path().join("blobs")).len(), 6);
}

#[tokio::test]
async fn an_attaching_process_migrates_too() {
    let directory = tempfile::tempdir().unwrap();
    of_the_first_version(directory.path(), "people").await;
    let attached = Sqlite::attach(directory.path()).await.unwrap();
    assert_intact(&attached, "people").await;
    assert_eq!(attached.root_secret([1; 32]).await.unwrap(), [1; 32]);
}

#[tokio::test]
async fn the_portals_collection_gets_its_own_name() {
    let directory = tempfile::tempdir().unwrap();
    of_the_first_version(directory.path(), "users").await;
    let store = Sqlite::open(directory.path()).await.unwrap();
    assert_intact(&store, "selfsame-users").await;
    let users = CollectionId::new("users").unwrap();
    assert_eq!(store.get_collection(&users).await.unwrap(), None);

    let directory = tempfile::tempdir().unwrap();
    of_the_first_version(directory.path(), "users").await;
    let prepared = Directory::prepare(directory.path()).unwrap();
    let pool = prepared.writer(Duration::from_secs(5)).await.unwrap();
    sqlx::query("UPDATE collections SET id = 'selfsame-users' WHERE id = 'empty'")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let store = Sqlite::open(directory.path()).await.unwrap();
    assert_intact(&store, "users").await;
}

/// A data directory as the version before workflows made it keeps everything, and can be used with a journal at once.
#[tokio::test]
async fn a_directory_without_workflows_gets_them() {
    let directory = tempfile::tempdir().unwrap();
    of_the_first_version(directory.path(), "people").await;
    let prepared = Directory::prepare(directory.path()).unwrap();
    let pool = prepared.writer(Duration::from_secs(5)).await.unwrap();
    MIGRATOR.run_to(3, &pool).await.unwrap();
    sqlx::query("INSERT INTO buckets (name, created_us) VALUES ('kept', 5)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;

    let store = Sqlite::open(directory.path()).await.unwrap();
    assert_intact(&store, "people").await;
    assert!(store.get_bucket("kept").await.unwrap().is_some());
    assert!(store.journals().await.unwrap().is_empty());
    assert!(store.list_machines(None, 10).await.unwrap().is_empty());
    let people = CollectionId::new("people").unwrap();
    let execution = Uuid::from_u128(1);
    let new = NewUser {
        journal: Some(execution),
        ..new_user(7)
    };
    store.register(&people, new, POLICY).await.unwrap();
    assert_eq!(store.journals().await.unwrap(), [execution]);
    assert_eq!(store.undo(execution).await.unwrap().len(), 1);
    assert!(!store.user_exists(&people, &user(7)).await.unwrap());
}

/// What a kill or a full disk interrupts is undone as a whole, and done at the next start.
#[tokio::test]
async fn an_interrupted_migration_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    of_the_first_version(directory.path(), "people").await;
    let prepared = Directory::prepare(directory.path()).unwrap();
    let mut interruptions = 0;
    for pages in 0.. {
        let pool = prepared.writer(Duration::from_secs(5)).await.unwrap();
        match migrate_with(&pool, pages).await {
            Ok(()) => break,
            Err(error) => assert!(matches!(error, Error::DiskFull(_)), "{error:?}"),
        }
        interruptions += 1;
        let faces: i64 =
            sqlx::query_scalar("SELECT count(user) FROM faces JOIN pictures p ON p.face = faces.key")
                .fetch_one(&pool)
                .await
                .unwrap();
        let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'new%'")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!((faces, tables), (8, 0));
        pool.close().await;
    }
    assert!(interruptions > 5, "{interruptions}");
    let store = Sqlite::open(directory.path()).await.unwrap();
    assert_intact(&store, "people").await;
}

/// Migrates with room for so many more pages.
async fn migrate_with(pool: &SqlitePool, pages: i64) -> Result<()> {
    let now: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(pool).await?;
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", now + pages));
    sqlx::query(limit).execute(pool).await?;
    super::super::directory::migrate(pool).await
}
