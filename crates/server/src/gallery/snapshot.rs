//! The index on disk: only to make the next start fast. Whatever is wrong with it costs time, never faces.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use selfsame_gallery::{ExactIndex, FaceIndex as _, snapshot};
use selfsame_types::{CollectionId, FaceModelVersion, Seq};
use sha2::{Digest as _, Sha256};

/// How the names of snapshots end.
const EXTENSION: &str = ".snapshot";
/// What the name of a snapshot that is just being written ends with in addition.
const UNFINISHED: &str = ".unfinished";

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
            path: directory.join(file_name(collection)),
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
        unfinished.push(UNFINISHED);
        remove(&self.path)?;
        remove(Path::new(&unfinished))
    }

    /// Where the file is, or would be.
    pub(super) fn into_path(self) -> PathBuf {
        self.path
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seq>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes every snapshot in `directory` but those in `keep`, and all that were never finished.
pub(super) fn sweep(directory: &Path, keep: &HashSet<PathBuf>) -> io::Result<()> {
    let entries = match fs_err::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let finished = name.ends_with(EXTENSION);
        let unfinished = name
            .strip_suffix(UNFINISHED)
            .is_some_and(|name| name.ends_with(EXTENSION));
        if unfinished || (finished && !keep.contains(&path)) {
            tracing::info!(file = %name, "removing {name}: the collection is gone, or the file was never finished");
            remove(&path)?;
        }
    }
    Ok(())
}

/// A digest of the collection's name: the name itself may be longer than a file's may be, and differ from another only
/// in case, which not every file system keeps apart.
fn file_name(collection: &CollectionId) -> String {
    let digest = Sha256::digest(collection.as_str().as_bytes());
    let mut name = String::new();
    for byte in digest.iter().take(16) {
        // Writing to a text cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + EXTENSION
}

fn remove(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
