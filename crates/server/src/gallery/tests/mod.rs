//! Galleries over the store's in-memory twin.

mod faces;
mod galleries;
mod models;
mod portal;
mod tangle;
mod users;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use selfsame_store::{Memory, NewFace, NewUser, Properties, Repository};
use selfsame_types::{
    Clock as _, CollectionId, FaceId, FaceModelVersion, IdSource as _, ImageId, SystemClock, SystemIds,
    Template, UserId,
};

use super::users::Joining;
use super::{Error, Galleries, Gallery};

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test-1")
}

fn template(values: [f32; 3]) -> Template {
    Template::new(&values, version()).unwrap()
}

fn face(values: [f32; 3]) -> NewFace {
    NewFace {
        id: FaceId::new(SystemIds.uuid()),
        image: ImageId::new(SystemIds.uuid()),
        template: template(values),
        picture: None,
        metadata: Properties::new(),
    }
}

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn collection(id: &str) -> CollectionId {
    CollectionId::new(id).unwrap()
}

fn new(id: &str, values: [f32; 3]) -> NewUser {
    NewUser {
        user: user(id),
        properties: Properties::new(),
        face: face(values),
        card: None,
        now: SystemClock.now(),
        journal: None,
    }
}

async fn open(
    store: &Arc<Memory>,
    directory: &Path,
    version: FaceModelVersion,
) -> Result<Arc<Galleries>, Error> {
    open_over(Arc::clone(store) as Arc<dyn Repository>, directory, version).await
}

async fn open_over(
    store: Arc<dyn Repository>,
    directory: &Path,
    version: FaceModelVersion,
) -> Result<Arc<Galleries>, Error> {
    let (directory, clock) = (directory.to_owned(), Arc::new(SystemClock));
    let galleries = Galleries::open(store, directory, version, clock, collection("people")).await?;
    Ok(Arc::new(galleries))
}

/// The portal's gallery of a server that has just started.
async fn portal(store: &Arc<Memory>, directory: &Path) -> Arc<Gallery> {
    let galleries = open(store, directory, version()).await.unwrap();
    galleries.portal().await.unwrap()
}

fn snapshots(directory: &Path) -> Vec<PathBuf> {
    fs_err::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}
