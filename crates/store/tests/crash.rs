//! A process that is killed while it registers, enrols, updates and erases leaves complete users and images or nothing.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use selfsame_store::{
    Collections as _, DuplicatePolicy, FaceFilter, FaceStore as _, NewFace, NewImage, NewImageFace, NewUser,
    Picture, Pictures as _, Properties, RegisterOutcome, Sqlite, UpdateOutcome, UpdateUser, Users as _,
};
use selfsame_types::{
    CollectionId, FaceId, FaceModelVersion, IdSource, ImageId, Seq, SystemIds, Template, UserId,
};

const DIRECTORY: &str = "SELFSAME_STORE_CRASH_DIRECTORY";
const KILLS: usize = 50;
const FACES_PER_IMAGE: u32 = 5;
const PICTURE_BYTES: usize = 200 * 1024;
const MAX_FACES: NonZeroU32 = NonZeroU32::new(2).unwrap();

fn collection() -> CollectionId {
    CollectionId::new("people").unwrap()
}

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test")
}

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

/// Bytes that only this image has.
fn picture(image: ImageId) -> Vec<u8> {
    let seed = image.uuid().as_bytes().to_owned();
    (0..PICTURE_BYTES)
        .map(|i| seed[i % 16] ^ (i / 16) as u8)
        .collect()
}

fn face() -> NewFace {
    let image = ImageId::new(SystemIds.uuid());
    let values: Vec<f32> = (0..128).map(|_| random(2000) as f32 - 999.5).collect();
    NewFace {
        id: FaceId::new(SystemIds.uuid()),
        image,
        template: Template::new(&values, version()).unwrap(),
        picture: Some(Picture {
            bytes: picture(image),
            content_type: "image/jpeg".to_owned(),
        }),
        metadata: Properties::new(),
    }
}

/// An image of several faces that are nobody's, with a name of its own.
fn image(name: &str) -> NewImage {
    let face = |ordinal| NewImageFace {
        ordinal,
        id: FaceId::new(SystemIds.uuid()),
        template: face().template,
        metadata: Properties::new(),
    };
    let mut digest = [0; 32];
    SystemIds.fill(&mut digest);
    NewImage {
        image: ImageId::new(SystemIds.uuid()),
        digest,
        external_image_id: Some(name.to_owned()),
        faces: (0..FACES_PER_IMAGE).map(face).collect(),
        now: Timestamp::UNIX_EPOCH,
    }
}

/// Says that something is done: from here on it must survive.
fn acknowledge(what: &str, name: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{what} {name}").unwrap();
    out.flush().unwrap();
}

/// Enrols an image that stays and one that goes.
async fn enrol_images(store: &Sqlite, prefix: &str) {
    let [stays, goes] = ["stays", "goes"].map(|what| format!("image-{prefix}-{what}"));
    store.enrol(&collection(), image(&stays)).await.unwrap();
    acknowledge("enrolled", &stays);
    let enrolment = store.enrol(&collection(), image(&goes)).await.unwrap();
    let faces: Vec<FaceId> = enrolment.faces.iter().map(|face| face.record.face).collect();
    let deletion = store.delete_faces(&collection(), &faces).await.unwrap();
    assert_eq!(deletion.deleted, faces);
    acknowledge("withdrawn", &goes);
}

/// Enrols two images, registers two people, updates one of them twice, erases the other, and so on until it is killed.
async fn work(store: &Sqlite, writer: u64) {
    let policy = DuplicatePolicy {
        checked_through: Seq(0),
        min_cosine: 0.9,
    };
    for number in 0.. {
        enrol_images(store, &format!("{writer}-{number}")).await;
        let [stays, goes] =
            ["stays", "goes"].map(|what| UserId::new(format!("{writer}-{number}-{what}")).unwrap());
        for user in [&stays, &goes] {
            let (user, face) = (user.clone(), face());
            let new = NewUser {
                user,
                properties: Properties::new(),
                face,
                card: None,
                now: Timestamp::UNIX_EPOCH,
                journal: None,
            };
            let outcome = store.register(&collection(), new, policy).await.unwrap();
            assert!(
                matches!(outcome, RegisterOutcome::Registered { .. }),
                "{outcome:?}"
            );
        }
        acknowledge("registered", &stays);
        for _ in 0..2 {
            let update = UpdateUser {
                user: stays.clone(),
                properties: None,
                face: face(),
                max_faces: MAX_FACES,
                now: Timestamp::UNIX_EPOCH,
                journal: None,
            };
            let outcome = store.update(&collection(), update, Some(policy)).await.unwrap();
            assert!(matches!(outcome, UpdateOutcome::Updated { .. }), "{outcome:?}");
        }
        store.delete_user(&collection(), &goes).await.unwrap();
        acknowledge("erased", &goes);
    }
}

/// The process that is killed. Two writers, so that kills meet transactions of one while the other writes a picture.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started, and killed, by the test below"]
async fn victim() {
    let directory = std::env::var_os(DIRECTORY).expect("set by the test below");
    let store = Sqlite::open(Path::new(&directory)).await.unwrap();
    store
        .create_collection(&collection(), &version(), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let run = random(u64::MAX) / 2;
    tokio::join!(work(&store, run), work(&store, run + 1));
}

/// Starts a victim, kills it after a random time, and gives what it had acknowledged. Every other victim is killed while
/// it starts or soon after, the others once they are certainly at work, however slow the machine is.
fn run_and_kill(directory: &Path, at_work: bool) -> Vec<(String, String)> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(victim.stdout.take().unwrap());
    let mut said = String::new();
    while at_work && !said.contains("registered") {
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
    complete
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(what, _)| ["registered", "erased", "enrolled", "withdrawn"].contains(what))
        .map(|(what, name)| (what.to_owned(), name.to_owned()))
        .collect()
}

fn blob_files(directory: &Path) -> BTreeSet<String> {
    let blobs = directory.join("blobs");
    let Ok(shards) = fs_err::read_dir(&blobs) else {
        return BTreeSet::new();
    };
    shards
        .flat_map(|shard| fs_err::read_dir(shard.unwrap().path()).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Checks that everybody has faces, records and the right bytes, and that no other file is there; that images are
/// whole. Gives the names of the people and of the images.
async fn verify(store: &Sqlite, directory: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut users, mut pictures) = (BTreeSet::new(), BTreeSet::new());
    for summary in store.list_users(&collection(), None, u32::MAX).await.unwrap() {
        let user = store.get_user(&collection(), &summary.id).await.unwrap().unwrap();
        let templates = store.templates_of(&collection(), &user.id).await.unwrap();
        assert!(
            (1..=MAX_FACES.get() as usize).contains(&user.faces.len()),
            "{user:?}"
        );
        assert_eq!(templates.len(), user.faces.len());
        for face in &user.faces {
            assert_eq!(face.picture.as_ref().unwrap().size_bytes, PICTURE_BYTES as u64);
            let stored = store.picture(&collection(), &face.image).await.unwrap().unwrap();
            assert!(
                stored.bytes == picture(face.image),
                "the picture {} is damaged",
                face.image
            );
            pictures.insert(face.image.to_string());
        }
        users.insert(user.id.to_string());
    }
    assert_eq!(
        blob_files(directory),
        pictures,
        "files that nobody owns, or missing ones"
    );
    let all = FaceFilter::default();
    let mut images: BTreeMap<String, u32> = BTreeMap::new();
    for face in store
        .list_faces(&collection(), &all, None, u32::MAX)
        .await
        .unwrap()
    {
        if let Some(image) = face.external_image_id {
            *images.entry(image).or_default() += 1;
        }
    }
    assert!(
        images.values().all(|faces| *faces == FACES_PER_IMAGE),
        "an image is not whole: {images:?}"
    );
    (users, images.into_keys().collect())
}

#[tokio::test]
async fn a_kill_leaves_complete_users_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut with_leftovers) = (0, 0);
    let (mut users_expected, mut images_expected) = (BTreeSet::new(), BTreeSet::new());
    for kill in 1..=KILLS {
        let mut erased = BTreeSet::new();
        for (what, name) in run_and_kill(directory.path(), kill % 2 == 0) {
            acknowledged += 1;
            match what.as_str() {
                "registered" => users_expected.insert(name),
                "enrolled" => images_expected.insert(name),
                _ => erased.insert(name),
            };
        }
        let before = blob_files(directory.path());
        let store = Sqlite::open(directory.path()).await.unwrap();
        store
            .create_collection(&collection(), &version(), Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let (users, images) = verify(&store, directory.path()).await;
        with_leftovers += usize::from(before != blob_files(directory.path()));
        assert!(
            users_expected.is_subset(&users),
            "an acknowledged user is missing"
        );
        assert!(
            images_expected.is_subset(&images),
            "an acknowledged image is missing"
        );
        assert!(
            erased.is_disjoint(&users) && erased.is_disjoint(&images),
            "an erased user or image is back"
        );
        if kill % 10 == 0 {
            store.reset(&collection()).await.unwrap();
            let (users, images) = verify(&store, directory.path()).await;
            assert!(users.is_empty() && images.is_empty());
            users_expected.clear();
            images_expected.clear();
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
