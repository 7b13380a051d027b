//! How many people per second can be registered on this disk: `cargo run --release --example registrations -p
//! selfsame-store -- DIRECTORY`. The directory is made for the run; give a place on the disk in question.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use selfsame_store::{
    Collections as _, DuplicatePolicy, FaceStore as _, NewFace, NewUser, Picture, Properties, Sqlite,
};
use selfsame_types::{
    CollectionId, FaceId, FaceModelVersion, IdSource as _, ImageId, Seq, SystemIds, Template, UserId,
};
use tokio::task::JoinSet;

const PEOPLE: usize = 1000;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn new_user(picture_bytes: usize, version: &FaceModelVersion) -> Outcome<NewUser> {
    let mut values = [0; 512];
    SystemIds.fill(&mut values);
    let values: Vec<f32> = values
        .as_chunks::<4>()
        .0
        .iter()
        .map(|c| i32::from_le_bytes(*c) as f32)
        .collect();
    Ok(NewUser {
        user: UserId::new(SystemIds.uuid().to_string())?,
        properties: Properties::from_iter([("name".to_owned(), "Somebody".into())]),
        face: NewFace {
            id: FaceId::new(SystemIds.uuid()),
            image: ImageId::new(SystemIds.uuid()),
            template: Template::new(&values, version.clone())?,
            picture: (picture_bytes > 0).then(|| Picture {
                bytes: vec![7; picture_bytes],
                content_type: "image/jpeg".to_owned(),
            }),
            metadata: Properties::new(),
        },
        card: None,
        now: Timestamp::UNIX_EPOCH,
        journal: None,
    })
}

/// Registers everybody with some tasks at once; gives registrations per second.
async fn measure(store: &Sqlite, name: &str, picture_bytes: usize, tasks: usize) -> Outcome<f64> {
    let collection = CollectionId::new(name)?;
    let version = FaceModelVersion::new("example-1");
    store
        .create_collection(&collection, &version, Timestamp::UNIX_EPOCH)
        .await?;
    let users = Arc::new(std::sync::Mutex::new(
        (0..PEOPLE)
            .map(|_| new_user(picture_bytes, &version))
            .collect::<Outcome<Vec<_>>>()?,
    ));
    // As behind an index that is up to date.
    let policy = DuplicatePolicy {
        checked_through: Seq(u64::MAX),
        min_cosine: 1.0,
    };
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (store, collection, users) = (store.clone(), collection.clone(), users.clone());
        running.spawn(async move {
            loop {
                let next = users.lock().map_err(|_| "another task panicked")?.pop();
                let Some(new) = next else { return Outcome::Ok(()) };
                store.register(&collection, new, policy).await?;
            }
        });
    }
    while let Some(result) = running.join_next().await {
        result??;
    }
    Ok(PEOPLE as f64 / start.elapsed().as_secs_f64())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("name a directory to be made")?);
    let store = Sqlite::open(&directory).await?;
    for (name, picture_bytes) in [("templates-only", 0), ("pictures", 200 * 1024)] {
        for tasks in [1, 4, 16] {
            let per_second = measure(&store, &format!("{name}-{tasks}"), picture_bytes, tasks).await?;
            println!("{name}, {tasks} at once: {per_second:.0} registrations/s");
        }
    }
    let collections = store.list_collections().await?;
    let start = Instant::now();
    for collection in &collections {
        store.delete_collection(&collection.id).await?;
    }
    let per_second = (PEOPLE * collections.len()) as f64 / start.elapsed().as_secs_f64();
    println!("collections erased: {per_second:.0} people/s");
    store.close().await;
    fs_err::remove_dir_all(&directory)?;
    Ok(())
}
