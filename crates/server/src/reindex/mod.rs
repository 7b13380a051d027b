//! Another model for collections that hold faces: from stored photos, the templates of the new model are prepared beside
//! those that are searched; when that is through, one transaction puts them in their places. Works on the data directory,
//! never through a server: preparing goes on beside a running one, the change itself needs it stopped, because a server
//! has one model and follows change logs in which nothing is ever replaced.
//!
//! Every batch is committed, and what has a template is not made again: a run that was killed goes on where it was.

mod encode;
mod files;

use std::path::PathBuf;
use std::sync::Arc;

use selfsame_face::Analyzer;
use selfsame_store::{
    Collection, Collections as _, ModelChange, Models as _, Pictures as _, Sqlite, Unprepared, Versions,
};
use selfsame_types::{CollectionId, FaceId, FaceModelVersion, Seq, UserId};
use selfsame_vision::decode::Limits;

use crate::gallery::forget_snapshot;

pub use encode::Problem;
pub use files::ImageFiles;

/// How many faces of each thread are committed at one time: what a kill makes us do again, about a second of work.
const BATCH_PER_THREAD: u32 = 8;

/// Why collections were not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] selfsame_store::Error),
    /// There is no collection of this name.
    #[error("there is no collection {0} in this data directory")]
    NoCollection(CollectionId),
    /// The models failed; no photo is to blame.
    #[error("the models failed")]
    Models(#[from] selfsame_face::Error),
    /// The index of the old model could not be removed.
    #[error("the gallery snapshot of the collection could not be removed: delete it by hand")]
    Snapshot(#[source] std::io::Error),
    /// The images of the user's could not be read.
    #[error("the image files cannot be read")]
    Images(#[source] std::io::Error),
    /// A thread died.
    #[error("the task that makes templates did not finish")]
    Task(#[from] tokio::task::JoinError),
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Say what there is to do.
    Look,
    /// Prepare templates; change nothing that a running server sees.
    Prepare,
    /// Prepare, then change the model.
    Change {
        /// Also where faces stay behind that are searched today.
        leave_behind: bool,
    },
}

/// Who is told how far it is.
pub trait Watcher: Send + Sync {
    /// A collection is begun; so many faces need a template.
    fn begin(&self, collection: &CollectionId, faces: u64);
    /// So many of them are done.
    fn advance(&self, faces: u64);
    /// The collection is through.
    fn end(&self);
}

/// What became of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Reindexed {
    /// Which one.
    pub collection: CollectionId,
    /// Its model before, and how many faces there were of which.
    pub before: Versions,
    /// The model that was asked for.
    pub version: FaceModelVersion,
    /// How many templates were prepared by this run; with [`Extent::Look`], for how many there is a photo.
    pub prepared: u64,
    /// The faces without a template of the model.
    pub problems: Vec<FaceProblem>,
    /// How many of them are searched today, and would be left behind.
    pub missing: u64,
    /// Where the collection stands now.
    pub outcome: Outcome,
}

/// Where a collection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has had this model, and no face of another.
    UpToDate,
    /// It has its old model: nothing was to be changed, or nothing could be in another collection.
    NotChanged,
    /// It has this model now.
    Changed {
        /// So many faces have a new template.
        changed: u64,
        /// So many are of another model, and found by no search.
        left_behind: u64,
    },
    /// So many faces that are searched would have been left behind: it has its old model, with all faces.
    Refused {
        /// How many.
        faces: u64,
    },
}

/// A face without a template of the model, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceProblem {
    /// Which face.
    pub face: FaceId,
    /// Whose, if anybody's.
    pub user: Option<UserId>,
    /// Why.
    pub problem: Problem,
}

/// A data directory, and the model that its collections are to have.
pub struct Reindex {
    /// The data directory: opened for [`Extent::Change`], attached to otherwise.
    pub store: Sqlite,
    /// Where the store is.
    pub data: PathBuf,
    /// The models of the new pack.
    pub analyzer: Arc<Analyzer>,
    /// What is decoded of a photo.
    pub limits: Limits,
    /// How many templates are made at the same time.
    pub threads: usize,
    /// Photos that the store has not kept.
    pub images: ImageFiles,
    /// How far to go.
    pub extent: Extent,
}

impl Reindex {
    /// Works on these collections, or on all where none is named, one after the other.
    pub async fn run(
        &self,
        collections: &[CollectionId],
        watcher: &dyn Watcher,
    ) -> Result<Vec<Reindexed>, Error> {
        let all = self.store.list_collections().await?;
        let missing = |id: &&CollectionId| !all.iter().any(|found| found.id == **id);
        if let Some(missing) = collections.iter().find(missing) {
            return Err(Error::NoCollection(missing.clone()));
        }
        let mut done = Vec::new();
        for Collection { id, .. } in all {
            if collections.is_empty() || collections.contains(&id) {
                done.push(self.prepared(id, watcher).await?);
            }
        }
        if let Extent::Change { leave_behind } = self.extent {
            self.change_all(&mut done, leave_behind).await?;
        }
        Ok(done)
    }

    /// Prepares a collection.
    async fn prepared(&self, collection: CollectionId, watcher: &dyn Watcher) -> Result<Reindexed, Error> {
        let version = self.analyzer.version().clone();
        let before = self.store.versions(&collection).await?;
        let mut reindexed = Reindexed {
            outcome: Outcome::UpToDate,
            prepared: 0,
            problems: Vec::new(),
            missing: 0,
            collection,
            before,
            version,
        };
        if !reindexed.is_up_to_date() {
            watcher.begin(&reindexed.collection, reindexed.to_do());
            self.prepare(&mut reindexed, watcher).await?;
            watcher.end();
            reindexed.outcome = Outcome::NotChanged;
        }
        Ok(reindexed)
    }

    /// Changes the collections one after the other; none of them where one would lose faces. A server has one model, and
    /// nobody should find out half way that it cannot have this one.
    async fn change_all(&self, done: &mut [Reindexed], leave_behind: bool) -> Result<(), Error> {
        if !leave_behind && done.iter().any(|one| one.missing > 0) {
            for one in done.iter_mut().filter(|one| one.missing > 0) {
                one.outcome = Outcome::Refused { faces: one.missing };
            }
            return Ok(());
        }
        for one in done.iter_mut().filter(|one| one.outcome != Outcome::UpToDate) {
            one.outcome = self.change(one, leave_behind).await?;
        }
        Ok(())
    }

    async fn prepare(&self, reindexed: &mut Reindexed, watcher: &dyn Watcher) -> Result<(), Error> {
        let size = u32::try_from(self.threads)
            .unwrap_or(u32::MAX)
            .saturating_mul(BATCH_PER_THREAD);
        let mut after: Option<Seq> = None;
        loop {
            let collection = &reindexed.collection;
            let batch = self
                .store
                .unprepared(collection, &reindexed.version, after, size)
                .await?;
            let Some(last) = batch.last() else {
                return Ok(());
            };
            after = Some(last.record.seq);
            let count = batch.len() as u64;
            self.prepare_batch(reindexed, batch).await?;
            watcher.advance(count);
        }
    }

    async fn prepare_batch(&self, reindexed: &mut Reindexed, batch: Vec<Unprepared>) -> Result<(), Error> {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for face in batch {
            match self.photo(&reindexed.collection, &face).await? {
                Some(photo) => found.push((face.record, photo)),
                None => problems.push((face.record, Problem::NoPhoto)),
            }
        }
        if self.extent == Extent::Look {
            reindexed.prepared += found.len() as u64;
        } else {
            let (analyzer, limits, threads) = (Arc::clone(&self.analyzer), self.limits, self.threads);
            let make = move || encode::templates(&analyzer, &limits, threads, &found);
            let (templates, failed) = tokio::task::spawn_blocking(make).await??;
            reindexed.prepared += self.store.prepare(&reindexed.collection, &templates).await?;
            problems.extend(failed);
        }
        problems.sort_by_key(|(record, _)| record.seq);
        let current = &reindexed.before.current;
        let searched = problems.iter().filter(|(record, _)| record.version == *current);
        let missing = searched.count() as u64;
        reindexed.missing += missing;
        reindexed
            .problems
            .extend(problems.into_iter().map(|(record, problem)| FaceProblem {
                face: record.face,
                user: record.user,
                problem,
            }));
        Ok(())
    }

    /// The photo that a face was enrolled with. Only looking, its bytes are not read.
    async fn photo(&self, collection: &CollectionId, face: &Unprepared) -> Result<Option<Vec<u8>>, Error> {
        let digest = face.place.map(|place| place.digest);
        if self.extent == Extent::Look {
            let is_there =
                face.record.picture.is_some() || digest.is_some_and(|digest| self.images.has(&digest));
            return Ok(is_there.then(Vec::new));
        }
        if face.record.picture.is_some()
            && let Some(picture) = self.store.picture(collection, &face.record.image).await?
        {
            return Ok(Some(picture.bytes));
        }
        match digest {
            Some(digest) => self.images.read(&digest).map_err(Error::Images),
            None => Ok(None),
        }
    }

    async fn change(&self, reindexed: &Reindexed, leave_behind: bool) -> Result<Outcome, Error> {
        let (store, collection) = (&self.store, &reindexed.collection);
        // The file first: if the process ends in between, the next start is slower.
        forget_snapshot(&self.data, collection).map_err(Error::Snapshot)?;
        Ok(
            match store
                .change_model(collection, &reindexed.version, leave_behind)
                .await?
            {
                ModelChange::Done { changed, left_behind } => Outcome::Changed { changed, left_behind },
                ModelChange::Unprepared { faces } => Outcome::Refused { faces },
                _ => Outcome::NotChanged,
            },
        )
    }
}

impl Reindexed {
    fn is_up_to_date(&self) -> bool {
        self.before.current == self.version && self.before.left_behind.is_empty()
    }

    /// How many faces need a template.
    fn to_do(&self) -> u64 {
        let of = |counts: &[(FaceModelVersion, u64)]| {
            let found = counts.iter().find(|(version, _)| *version == self.version);
            found.map_or(0, |(_, faces)| *faces)
        };
        let searched = if self.before.current == self.version {
            0
        } else {
            self.before.faces
        };
        let all = searched + self.before.unsearched();
        all.saturating_sub(of(&self.before.prepared) + of(&self.before.left_behind))
    }

    /// How many faces had a prepared template when this run began.
    #[must_use]
    pub fn prepared_before(&self) -> u64 {
        let mut prepared = self.before.prepared.iter();
        prepared
            .find(|(version, _)| *version == self.version)
            .map_or(0, |(_, faces)| *faces)
    }
}
