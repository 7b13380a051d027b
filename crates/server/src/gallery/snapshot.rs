//! The index on disk: only to make the next start fast. Whatever is wrong with it costs time, never faces.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use selfsame_gallery::{ExactIndex, FaceIndex as _, snapshot};
use selfsame_types::{CollectionId, FaceModelVersion, Seq};

/// The file of one collection.
pub(super) struct Snapshot {
    path: PathBuf,
    /// How far the file reaches; `None` where there is no file. Held while the file is written or removed, so that
    /// a write begun before an erasure cannot bring the erased template back.
    written: Mutex<Option<Seq>>,
}

impl Snapshot {
    pub(super) fn new(directory: &Path, collection: &CollectionId) -> Self {
        Self {
            path: directory.join(format!("{collection}.snapshot")),
            written: Mutex::new(None),
        }
    }

    /// The index as the file has it, or an empty one. `last` is the end of the change log.
    pub(super) fn read(&self, version: &FaceModelVersion, last: Seq) -> ExactIndex {
        let empty = || ExactIndex::new(version.clone(), None);
        let mut written = self.lock();
        match snapshot::read(&self.path, version) {
            // A file from the future of this database: a backup was put back.
            Ok(Some(index)) if index.complete_through() <= last => {
                *written = Some(index.complete_through());
                index
            }
            Ok(_) => empty(),
            Err(error) => {
                tracing::warn!(%error, "the gallery is rebuilt from the change log");
                empty()
            }
        }
    }

    /// Writes the file if the index has moved on. A failure is logged: the next start will be slower.
    pub(super) fn write(&self, index: &ExactIndex) {
        let mut written = self.lock();
        let reached = index.complete_through();
        if *written == Some(reached) {
            return;
        }
        let made = self.path.parent().map_or(Ok(()), fs_err::create_dir_all);
        let result = made
            .map_err(snapshot::Error::from)
            .and_then(|()| snapshot::write(&self.path, index));
        match result {
            Ok(()) => *written = Some(reached),
            Err(error) => {
                tracing::warn!(%error, "the gallery snapshot was not written; the next start will be slower");
            }
        }
    }

    /// Removes the file, because it holds a template that was erased.
    pub(super) fn discard(&self) -> io::Result<()> {
        let mut written = self.lock();
        *written = None;
        let mut unfinished = self.path.clone().into_os_string();
        unfinished.push(".unfinished");
        for path in [self.path.clone(), PathBuf::from(unfinished)] {
            match fs_err::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seq>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
