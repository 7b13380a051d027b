//! A process that is killed while it runs executions and writes with a journal leaves every step whole or not there, and
//! can be taken back to where it was before.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says what it saw"
)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use selfsame_store::{
    Advance, Collections as _, DuplicatePolicy, Ending, ExecutionStart, ExecutionStatus, Executions as _,
    FaceStore as _, Journal as _, NewExecution, NewFace, NewUser, Picture, Properties, RegisterOutcome,
    Sqlite, UpdateOutcome, UpdateUser, Users as _,
};
use selfsame_types::{
    CollectionId, FaceId, FaceModelVersion, IdSource, ImageId, Seq, SystemIds, Template, UserId,
};
use uuid::Uuid;

const DIRECTORY: &str = "SELFSAME_STORE_CRASH_DIRECTORY";
const KILLS: usize = 20;
const PICTURE_BYTES: usize = 20 * 1024;
const EVENTS_PER_STEP: u64 = 2;
const POLICY: DuplicatePolicy = DuplicatePolicy {
    checked_through: Seq(0),
    min_cosine: 0.9,
};

/// In the one, journals are never settled; in the other, they are.
const PENDING: &str = "pending";
const SETTLED: &str = "settled";

fn collection(name: &str) -> CollectionId {
    CollectionId::new(name).unwrap()
}

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test")
}

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

fn face() -> NewFace {
    let values: Vec<f32> = (0..128).map(|_| random(2000) as f32 - 999.5).collect();
    NewFace {
        id: FaceId::new(SystemIds.uuid()),
        image: ImageId::new(SystemIds.uuid()),
        template: Template::new(&values, version()).unwrap(),
        picture: Some(Picture {
            bytes: vec![7; PICTURE_BYTES],
            content_type: "image/jpeg".to_owned(),
        }),
        metadata: Properties::new(),
    }
}

/// Says that something is done: from here on it must survive.
fn acknowledge(what: &str, name: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{what} {name}").unwrap();
    out.flush().unwrap();
}

fn event() -> String {
    format!("{{\"detail\": \"{}\"}}", "x".repeat(300))
}

/// Runs one execution of some steps. Its snapshot says how many there were.
async fn run_execution(store: &Sqlite) {
    let id = SystemIds.uuid();
    let steps = random(4);
    let new = NewExecution {
        id,
        machine: "machine".to_owned(),
        name: id.to_string(),
        definition: "{}".to_owned(),
        revision: None,
        input: event(),
        subject: None,
        started: Timestamp::UNIX_EPOCH,
        state: Some(0_u64.to_le_bytes().into()),
        events: Vec::new(),
        ending: None,
        inherits: None,
    };
    assert_eq!(store.start_execution(new).await.unwrap(), ExecutionStart::Started);
    acknowledge("started", id);
    for step in 1..=steps {
        let ending = (step == steps).then(|| Ending {
            status: ExecutionStatus::Succeeded,
            output: Some(event()),
            error: None,
            cause: None,
            stopped: Timestamp::UNIX_EPOCH,
        });
        let ended = ending.is_some();
        let advance = Advance {
            id,
            state: (!ended).then(|| step.to_le_bytes().into()),
            events: vec![event(); EVENTS_PER_STEP as usize],
            ending,
        };
        store.advance_execution(advance).await.unwrap();
        if ended {
            acknowledge("ended", id);
        }
    }
}

async fn run_executions(store: &Sqlite) {
    loop {
        run_execution(store).await;
    }
}

/// Registers and updates a person whose id is the execution's.
async fn write_with_journal(store: &Sqlite, collection: &CollectionId) -> Uuid {
    let execution = SystemIds.uuid();
    let user = UserId::new(execution.to_string()).unwrap();
    let new = NewUser {
        user: user.clone(),
        properties: Properties::new(),
        face: face(),
        card: None,
        now: Timestamp::UNIX_EPOCH,
        journal: Some(execution),
    };
    let outcome = store.register(collection, new, POLICY).await.unwrap();
    assert!(
        matches!(outcome, RegisterOutcome::Registered { .. }),
        "{outcome:?}"
    );
    acknowledge("registered", execution);
    let update = UpdateUser {
        user,
        properties: None,
        face: face(),
        max_faces: NonZeroU32::MIN,
        now: Timestamp::UNIX_EPOCH,
        journal: Some(execution),
    };
    let outcome = store.update(collection, update, Some(POLICY)).await.unwrap();
    assert!(matches!(outcome, UpdateOutcome::Updated { .. }), "{outcome:?}");
    execution
}

async fn write_with_journals(store: &Sqlite) {
    loop {
        write_with_journal(store, &collection(PENDING)).await;
        let undone = write_with_journal(store, &collection(PENDING)).await;
        store.undo(undone).await.unwrap();
        acknowledge("undone", undone);
        let settled = write_with_journal(store, &collection(SETTLED)).await;
        store.settle(settled).await.unwrap();
        acknowledge("settled", settled);
    }
}

async fn open(directory: &Path) -> Sqlite {
    let store = Sqlite::open(directory).await.unwrap();
    for name in [PENDING, SETTLED] {
        store
            .create_collection(&collection(name), &version(), Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
    }
    store
}

/// The process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started, and killed, by the test below"]
async fn victim() {
    let directory = std::env::var_os(DIRECTORY).expect("set by the test below");
    let store = open(Path::new(&directory)).await;
    tokio::join!(
        run_executions(&store),
        run_executions(&store),
        run_executions(&store),
        run_executions(&store),
        write_with_journals(&store),
    );
}

/// What a victim had acknowledged.
#[derive(Default)]
struct Acknowledged {
    started: BTreeSet<String>,
    ended: BTreeSet<String>,
    registered: BTreeSet<String>,
    undone: BTreeSet<String>,
    settled: BTreeSet<String>,
}

impl Acknowledged {
    fn add(&mut self, line: &str) {
        if let Some((what, name)) = line.split_once(' ') {
            let name = name.to_owned();
            match what {
                "started" => self.started.insert(name),
                "ended" => self.ended.insert(name),
                "registered" => self.registered.insert(name),
                "undone" => self.undone.insert(name),
                "settled" => self.settled.insert(name),
                _ => false,
            };
        }
    }
}

/// Starts a victim, kills it a random time after it has said this, and notes what it had acknowledged.
fn run_and_kill(directory: &Path, word: &str, acknowledged: &mut Acknowledged) {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(victim.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains(word) {
        assert!(
            out.read_line(&mut said).unwrap() > 0,
            "the victim ended by itself: {said}"
        );
    }
    std::thread::sleep(Duration::from_millis(random(150)));
    // SIGKILL on Unix: the process has no chance to tidy up.
    victim.kill().unwrap();
    let status = victim.wait().unwrap();
    assert_eq!(status.code(), None, "the victim ended by itself: {status}");
    out.read_to_string(&mut said).unwrap();
    // A line that was cut by the kill is no acknowledgement.
    let complete = said.rsplit_once('\n').map_or("", |(complete, _)| complete);
    complete.lines().for_each(|line| acknowledged.add(line));
}

/// Checks that snapshots and histories belong together, and that what was acknowledged is there.
async fn verify_executions(store: &Sqlite, acknowledged: &Acknowledged) {
    for unfinished in store.unfinished_executions(None, u32::MAX).await.unwrap() {
        let steps = u64::from_le_bytes(unfinished.state.try_into().unwrap());
        assert_eq!(unfinished.events, steps * EVENTS_PER_STEP);
        let id = unfinished.record.id;
        let events = store.execution_events(id, 1, u32::MAX, false).await.unwrap();
        assert_eq!(events.len() as u64, unfinished.events);
        assert!(events.iter().all(|found| *found == event()));
    }
    for name in &acknowledged.started {
        let found = store.get_execution("machine", name).await.unwrap();
        let found = found.expect("an acknowledged start is missing");
        if acknowledged.ended.contains(name) {
            assert!(found.ending.is_some(), "an acknowledged end is missing");
        }
    }
}

async fn users(store: &Sqlite, name: &str) -> BTreeSet<String> {
    let users = store.list_users(&collection(name), None, u32::MAX).await.unwrap();
    users.into_iter().map(|user| user.id.to_string()).collect()
}

/// Checks that there is a journal exactly for whoever may be taken back, then takes them back. Gives how many.
async fn verify_journals(store: &Sqlite, acknowledged: &Acknowledged) -> usize {
    let journals = store.journals().await.unwrap();
    let names: BTreeSet<String> = journals.iter().map(Uuid::to_string).collect();
    let (pending, settled) = (users(store, PENDING).await, users(store, SETTLED).await);
    let of_pending: BTreeSet<String> = names.difference(&settled).cloned().collect();
    assert_eq!(
        of_pending, pending,
        "users without journal, or the other way round"
    );
    assert!(acknowledged.undone.is_disjoint(&pending));
    assert!(acknowledged.settled.is_subset(&settled));
    assert!(acknowledged.settled.is_disjoint(&names));
    for name in acknowledged.registered.difference(&acknowledged.undone) {
        let there = pending.contains(name) || settled.contains(name);
        // It may have been undone, and killed before that was said.
        assert!(there || !names.contains(name));
    }
    for execution in &journals {
        store.undo(*execution).await.unwrap();
    }
    assert_eq!(users(store, PENDING).await, BTreeSet::new());
    assert!(acknowledged.settled.is_subset(&users(store, SETTLED).await));
    assert!(store.journals().await.unwrap().is_empty());
    journals.len()
}

/// Checks that there are as many files as faces: the settled keep one each.
async fn verify_files(store: &Sqlite, directory: &Path) {
    let mut faces = 0;
    for name in [PENDING, SETTLED] {
        let counts = store.counts(&collection(name)).await.unwrap().unwrap();
        assert_eq!(counts.faces, counts.users, "one face each");
        faces += counts.faces;
    }
    let shards = fs_err::read_dir(directory.join("blobs")).unwrap();
    let files = shards.flat_map(|shard| fs_err::read_dir(shard.unwrap().path()).unwrap());
    assert_eq!(
        files.count() as u64,
        faces,
        "files that nobody owns, or missing ones"
    );
}

#[tokio::test]
async fn a_kill_leaves_steps_whole_and_writes_that_can_be_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let (mut taken_back, mut unfinished) = (0, 0);
    let mut acknowledged = Acknowledged::default();
    for kill in 0..KILLS {
        let word = ["started", "registered", "undone", "settled"][kill % 4];
        run_and_kill(directory.path(), word, &mut acknowledged);
        let store = open(directory.path()).await;
        verify_executions(&store, &acknowledged).await;
        taken_back += verify_journals(&store, &acknowledged).await;
        verify_files(&store, directory.path()).await;
        // Those are undone now.
        acknowledged.registered.clear();
        unfinished = store.unfinished_executions(None, u32::MAX).await.unwrap().len();
        store.close().await;
    }
    let (started, settled) = (acknowledged.started.len(), acknowledged.settled.len());
    println!(
        "{KILLS} kills, {started} executions, {unfinished} unfinished, {settled} settled, {taken_back} taken back"
    );
    assert!(started > KILLS && settled > 0 && taken_back > 0 && unfinished > 0);
}
