//! A process that is killed while it stores, replaces and erases objects leaves each as it was or as it should become,
//! and no file that nobody owns.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use selfsame_store::{
    Attributes, Complete, Completion, Digests, Listing, NewObject, NewPart, NewUpload, Objects as _,
    PutOutcome, Source, SourceError, Sqlite,
};
use selfsame_types::{IdSource, SystemIds};
use uuid::Uuid;

const DIRECTORY: &str = "SELFSAME_STORE_CRASH_OBJECTS_DIRECTORY";
const KILLS: usize = 40;
const PIECE_BYTES: usize = 64 << 10;
const PART_BYTES: usize = 300_000;
const BUCKET: &str = "bucket";

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

/// The bytes that belong to a seed.
fn content(seed: Uuid, size_bytes: usize) -> Vec<u8> {
    let seed = seed.as_bytes();
    (0..size_bytes)
        .map(|index| seed[index % 16] ^ (index / 16) as u8)
        .collect()
}

struct Content {
    bytes: Bytes,
    etag: String,
}

impl Content {
    /// The entity tag says which bytes belong to it.
    fn boxed(seed: Uuid, size_bytes: usize) -> Box<dyn Source> {
        Box::new(Self {
            bytes: content(seed, size_bytes).into(),
            etag: format!("{seed} {size_bytes}"),
        })
    }
}

#[async_trait]
impl Source for Content {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        tokio::task::yield_now().await;
        let piece = self.bytes.split_to(self.bytes.len().min(PIECE_BYTES));
        Ok((!piece.is_empty()).then_some(piece))
    }

    fn finish(&mut self) -> Result<Digests, SourceError> {
        Ok(Digests {
            etag: self.etag.clone(),
            checksum: None,
        })
    }
}

/// Says that something is done: from here on it must survive.
fn acknowledge(what: &str, key: &str, etag: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{what} {key} {etag}").unwrap();
    out.flush().unwrap();
}

async fn put(store: &Sqlite, key: &str) {
    let seed = SystemIds.uuid();
    let new = NewObject {
        key: key.to_owned(),
        blob: SystemIds.uuid(),
        attributes: Attributes::default(),
        condition: None,
        now: Timestamp::UNIX_EPOCH,
    };
    let source = Content::boxed(seed, random(2_000_000) as usize);
    let outcome = store.put_object(BUCKET, new, source).await.unwrap();
    let PutOutcome::Stored(object) = outcome else {
        panic!("{outcome:?}");
    };
    acknowledge("stored", key, &object.etag);
}

/// An upload of two parts of one seed, of which the second was sent twice; now and then it is given up.
async fn upload(store: &Sqlite, key: &str) {
    let (id, seed) = (SystemIds.uuid(), SystemIds.uuid());
    let new = NewUpload {
        id,
        key: key.to_owned(),
        attributes: Attributes::default(),
        checksum: None,
        now: Timestamp::UNIX_EPOCH,
    };
    store.create_upload(BUCKET, new).await.unwrap();
    let mut parts = Vec::new();
    for number in [1, 2, 2] {
        let new = NewPart {
            number,
            blob: SystemIds.uuid(),
            now: Timestamp::UNIX_EPOCH,
        };
        let source = Content::boxed(seed, PART_BYTES);
        let part = store
            .put_part(BUCKET, key, id, new, source)
            .await
            .unwrap()
            .unwrap();
        parts.push((number, part.etag));
    }
    if random(3) == 0 {
        assert!(store.abort_upload(BUCKET, key, id).await.unwrap());
        return;
    }
    parts.pop();
    let complete = Complete {
        parts,
        digests: Digests {
            etag: format!("{seed} twice"),
            checksum: None,
        },
        condition: None,
        now: Timestamp::UNIX_EPOCH,
    };
    let outcome = store.complete_upload(BUCKET, key, id, complete).await.unwrap();
    let Completion::Stored(object) = outcome else {
        panic!("{outcome:?}");
    };
    acknowledge("stored", key, &object.etag);
}

/// Keys are used again and again, each by one writer.
async fn work(store: &Sqlite, writer: u64) {
    for number in 0_u64.. {
        let key = format!("{writer}/{}", number % 3);
        match random(4) {
            0 => upload(store, &key).await,
            1 => {
                acknowledge("erasing", &key, "");
                store
                    .delete_objects(BUCKET, std::slice::from_ref(&key))
                    .await
                    .unwrap();
                acknowledge("erased", &key, "");
            }
            _ => put(store, &key).await,
        }
    }
}

/// The process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started, and killed, by the test below"]
async fn victim() {
    let directory = std::env::var_os(DIRECTORY).expect("set by the test below");
    let store = Sqlite::open(Path::new(&directory)).await.unwrap();
    store
        .create_bucket(BUCKET, None, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    tokio::join!(work(&store, 1), work(&store, 2));
}

/// Starts a victim, kills it after a random time, and gives what it said.
fn run_and_kill(directory: &Path, at_work: bool) -> Vec<[String; 3]> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(victim.stdout.take().unwrap());
    let mut said = String::new();
    while at_work && !said.contains("stored") {
        assert!(
            out.read_line(&mut said).unwrap() > 0,
            "the victim ended by itself: {said}"
        );
    }
    std::thread::sleep(Duration::from_millis(random(200)));
    // SIGKILL on Unix: the process has no chance to tidy up.
    victim.kill().unwrap();
    let status = victim.wait().unwrap();
    assert_eq!(status.code(), None, "the victim ended by itself: {status}");
    out.read_to_string(&mut said).unwrap();
    // A line that was cut by the kill is no acknowledgement.
    let complete = said.rsplit_once('\n').map_or("", |(complete, _)| complete);
    complete
        .lines()
        .filter_map(|line| {
            let mut words = line.splitn(3, ' ').map(str::to_owned);
            Some([words.next()?, words.next()?, words.next()?])
        })
        .filter(|[what, ..]| ["stored", "erasing", "erased"].contains(&what.as_str()))
        .collect()
}

fn files(directory: &Path) -> BTreeSet<String> {
    let Ok(shards) = fs_err::read_dir(directory.join("blobs/objects")) else {
        return BTreeSet::new();
    };
    shards
        .flat_map(|shard| fs_err::read_dir(shard.unwrap().path()).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Checks that every object has the bytes that its entity tag promises, and that no other file is there; gives the
/// entity tags.
async fn verify(store: &Sqlite, directory: &Path) -> BTreeMap<String, String> {
    let all = Listing {
        limit: 1000,
        ..Listing::default()
    };
    let page = store.list_objects(BUCKET, &all).await.unwrap();
    let (mut objects, mut segments) = (BTreeMap::new(), 0);
    for entry in page.entries {
        let found = store.open_object(BUCKET, entry.text()).await.unwrap().unwrap();
        let (seed, size) = found.object.etag.split_once(' ').unwrap();
        let seed: Uuid = seed.parse().unwrap();
        let expected = match size {
            "twice" => content(seed, PART_BYTES).repeat(2),
            size => content(seed, size.parse().unwrap()),
        };
        segments += found.object.segments.len();
        objects.insert(found.object.key.clone(), found.object.etag.clone());
        let all = 0..found.object.size_bytes;
        let pieces: Vec<Bytes> = found.read(all).try_collect().await.unwrap();
        assert!(pieces.concat() == expected, "{} is damaged", entry.text());
    }
    for upload in store.list_uploads(BUCKET, "", None, 1000).await.unwrap() {
        let parts = store.list_parts(BUCKET, &upload.key, upload.id, 0, 10).await;
        segments += parts.unwrap().unwrap().len();
    }
    assert_eq!(
        files(directory).len(),
        segments,
        "files that nobody owns, or missing ones"
    );
    objects
}

#[tokio::test]
async fn a_kill_leaves_the_old_object_or_the_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut with_leftovers) = (0, 0);
    for kill in 1..=KILLS {
        let said = run_and_kill(directory.path(), kill % 2 == 0);
        let before = files(directory.path());
        let store = Sqlite::open(directory.path()).await.unwrap();
        store
            .create_bucket(BUCKET, None, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let objects = verify(&store, directory.path()).await;
        with_leftovers += usize::from(before != files(directory.path()));
        acknowledged += said.len();
        // The last word on each key: afterwards, its writer had begun one more thing at most.
        let last: BTreeMap<&String, &[String; 3]> = said.iter().map(|line| (&line[1], line)).collect();
        for (key, [what, _, _]) in last {
            // What was stored last may have been replaced by what the kill met, but it cannot be missing; what was
            // erased may be there again.
            assert!(what != "stored" || objects.contains_key(key), "{key} is missing");
        }
        store.close().await;
    }
    println!("{KILLS} kills, {acknowledged} acknowledgements, {with_leftovers} times something to tidy up");
    assert!(
        acknowledged >= KILLS / 2,
        "the victims hardly got to work: {acknowledged} acknowledgements"
    );
    assert!(with_leftovers > 0, "the kills interrupted nothing");
}
