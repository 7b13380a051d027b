//! What only this backend promises of objects: erased means erased, and no file stays that nobody owns.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use uuid::Uuid;

use super::super::Sqlite;
use crate::objects::{
    Attributes, Digests, NewObject, NewPart, NewUpload, Objects as _, PutOutcome, Source, SourceError,
};
use crate::{Error, Result};

const BUCKET: &str = "bucket";

/// Pieces with a pause before each.
struct Slow(Vec<Bytes>, Duration);

#[async_trait]
impl Source for Slow {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        tokio::time::sleep(self.1).await;
        Ok(self.0.pop())
    }

    fn finish(&mut self) -> Result<Digests, SourceError> {
        Ok(Digests {
            etag: "e".to_owned(),
            checksum: None,
        })
    }
}

fn new(key: &str, blob: u128) -> NewObject {
    NewObject {
        key: key.to_owned(),
        blob: Uuid::from_u128(blob),
        attributes: Attributes {
            metadata: [("secret".to_owned(), format!("said of {key}"))].into(),
            ..Attributes::default()
        },
        condition: None,
        now: Timestamp::UNIX_EPOCH,
    }
}

fn bytes(seed: u8) -> Vec<u8> {
    vec![seed; 300_000]
}

async fn put(store: &Sqlite, key: &str, blob: u128, seed: u8) -> Result<PutOutcome> {
    let source = Slow(vec![bytes(seed).into()], Duration::ZERO);
    store.put_object(BUCKET, new(key, blob), Box::new(source)).await
}

async fn open(directory: &Path) -> Sqlite {
    let store = Sqlite::open(directory).await.unwrap();
    store
        .create_bucket(BUCKET, None, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    store
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

fn is_on_disk(directory: &Path, bytes: &[u8]) -> bool {
    files(directory).iter().any(|file| {
        let content = fs_err::read(file).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

async fn intents(store: &Sqlite) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM blob_intents")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap()
}

/// Waits for what goes on in the background.
async fn until(mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing happens");
}

#[tokio::test]
async fn erased_and_replaced_objects_leave_no_copy() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    put(&store, "erased", 1, 1).await.unwrap();
    put(&store, "stays", 2, 2).await.unwrap();
    put(&store, "replaced", 3, 3).await.unwrap();
    assert!(
        is_on_disk(directory.path(), b"said of erased"),
        "the test must be able to fail"
    );
    store
        .delete_objects(BUCKET, &["erased".to_owned()])
        .await
        .unwrap();
    let other = NewObject {
        attributes: Attributes::default(),
        ..new("replaced", 4)
    };
    let source = Slow(vec![bytes(4).into()], Duration::ZERO);
    store.put_object(BUCKET, other, Box::new(source)).await.unwrap();
    for gone in ["said of erased", "said of replaced"] {
        assert!(!is_on_disk(directory.path(), gone.as_bytes()), "{gone}");
    }
    assert!(is_on_disk(directory.path(), b"said of stays"));
    assert_eq!(files(&directory.path().join("blobs/objects")).len(), 2);
    assert_eq!(intents(&store).await, 0);
}

#[tokio::test]
async fn the_last_reader_takes_an_erased_object_along() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    put(&store, "a", 1, 1).await.unwrap();
    let first = store.open_object(BUCKET, "a").await.unwrap().unwrap();
    let second = store.open_object(BUCKET, "a").await.unwrap().unwrap();
    store.delete_objects(BUCKET, &["a".to_owned()]).await.unwrap();
    let blobs = directory.path().join("blobs/objects");
    drop(first);
    // An erasure of others must not take it from its reader.
    put(&store, "b", 2, 2).await.unwrap();
    store.delete_objects(BUCKET, &["b".to_owned()]).await.unwrap();
    assert_eq!((files(&blobs).len(), intents(&store).await), (1, 1));
    let pieces: Vec<Bytes> = second.read(0..300_000).try_collect().await.unwrap();
    assert!(pieces.concat() == bytes(1));
    until(async || intents(&store).await == 0).await;
    assert_eq!(files(&blobs), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_reader_that_a_crash_ended_keeps_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    put(&store, "a", 1, 1).await.unwrap();
    let reader = store.open_object(BUCKET, "a").await.unwrap().unwrap();
    store.delete_objects(BUCKET, &["a".to_owned()]).await.unwrap();
    // As if the process had ended: what the intents know is all that the next one has.
    let intents: Vec<String> = sqlx::query_scalar("SELECT blob FROM blob_intents WHERE erasing = 1")
        .fetch_all(&store.inner.writer)
        .await
        .unwrap();
    assert_eq!(intents, [crate::blobs::segment_key(Uuid::from_u128(1))]);
    drop(reader);
    drop(store);
    // The reader's last duty is a task with the directory's lock in its hand.
    until(async || Sqlite::open(directory.path()).await.is_ok()).await;
    assert_eq!(
        files(&directory.path().join("blobs/objects")),
        Vec::<PathBuf>::new()
    );
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_the_object_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let source = Slow(vec![bytes(1).into(); 3], Duration::from_millis(20));
    let put = store.put_object(BUCKET, new("a", 1), Box::new(source));
    assert!(
        tokio::time::timeout(Duration::from_millis(30), put)
            .await
            .is_err()
    );
    assert_eq!(store.get_object(BUCKET, "a").await.unwrap(), None);
    until(async || store.get_object(BUCKET, "a").await.unwrap().is_some()).await;
    assert_eq!(intents(&store).await, 0);
}

#[tokio::test]
async fn an_upload_that_ends_under_its_part_takes_the_part_along() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let id = Uuid::from_u128(9);
    let upload = NewUpload {
        id,
        key: "a".to_owned(),
        attributes: Attributes::default(),
        checksum: None,
        now: Timestamp::UNIX_EPOCH,
    };
    store.create_upload(BUCKET, upload).await.unwrap();
    let part = NewPart {
        number: 1,
        blob: Uuid::from_u128(1),
        now: Timestamp::UNIX_EPOCH,
    };
    let source = Slow(vec![bytes(1).into(); 3], Duration::from_millis(20));
    let (part, aborted) = tokio::join!(store.put_part(BUCKET, "a", id, part, Box::new(source)), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        store.abort_upload(BUCKET, "a", id).await
    });
    assert!(aborted.unwrap());
    assert_eq!(part.unwrap(), None);
    assert_eq!(intents(&store).await, 0);
    assert_eq!(
        files(&directory.path().join("blobs/objects")),
        Vec::<PathBuf>::new()
    );
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap();
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(limit).execute(&store.inner.writer).await.unwrap();
    let mut large = new("a", 1);
    large
        .attributes
        .metadata
        .insert("large".to_owned(), "x".repeat(100_000));
    let source = Slow(vec![bytes(1).into()], Duration::ZERO);
    let result = store.put_object(BUCKET, large, Box::new(source)).await;
    assert!(matches!(result, Err(Error::DiskFull(_))), "{result:?}");
    assert_eq!(intents(&store).await, 0);
    assert_eq!(
        files(&directory.path().join("blobs/objects")),
        Vec::<PathBuf>::new()
    );
}

#[tokio::test]
async fn damage_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    put(&store, "a", 1, 1).await.unwrap();
    let file = &files(&directory.path().join("blobs/objects"))[0];
    let read = async || -> Result<Vec<Bytes>> {
        let found = store.open_object(BUCKET, "a").await?.unwrap();
        found.read(0..300_000).try_collect().await
    };
    fs_err::write(file, b"short").unwrap();
    let result = read().await;
    assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
    fs_err::remove_file(file).unwrap();
    let result = read().await;
    assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
}

#[tokio::test]
async fn an_attached_process_only_reads() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    put(&store, "a", 1, 1).await.unwrap();
    let attached = Sqlite::attach(directory.path()).await.unwrap();
    assert!(attached.get_object(BUCKET, "a").await.unwrap().is_some());
    let result = put(&attached, "b", 2, 2).await;
    assert!(matches!(result, Err(Error::Attached)), "{result:?}");
}
