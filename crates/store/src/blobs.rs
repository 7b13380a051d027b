//! Pictures as files: written durably, removed durably, never half. Knows keys and bytes, not what they show.

mod stream;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use selfsame_types::ImageId;

use crate::error::is_disk_full;
use crate::{Error, Result};

pub(crate) use stream::segment_key;

/// Where pictures are. Clones are of the same place.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Set where blobs are files of this machine: then leftovers of interrupted writes are removed, and removals
    /// are flushed to the disk.
    local: Option<Arc<LocalFileSystem>>,
}

/// The key of an image's blob: sharded by its first byte, so that no directory gets very long.
pub(crate) fn key_of(image: ImageId) -> String {
    let name = image.to_string();
    format!("{}/{name}", &name[..2])
}

impl Blobs {
    /// Files below a directory that exists.
    pub(crate) fn in_directory(directory: &Path) -> Result<Self> {
        let local = LocalFileSystem::new_with_prefix(directory).map_err(|e| Error::Directory(e.into()))?;
        let local = Arc::new(local.with_fsync(true));
        Ok(Self {
            store: local.clone(),
            local: Some(local),
        })
    }

    /// Nothing on disk.
    pub(crate) fn in_memory() -> Self {
        Self {
            store: Arc::new(InMemory::new()),
            local: None,
        }
    }

    /// Writes a blob: visible whole or not at all; after this returns, a power cut does not lose it.
    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        self.store
            .put(&Key::from(key), bytes.into())
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// Reads a blob; `None` where there is none.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let found = match self.store.get(&Key::from(key)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        Ok(Some(found.bytes().await.map_err(failed)?.into()))
    }

    /// Removes blobs and what interrupted writes of them have left. Blobs that are not there count as removed.
    /// After this returns, a power cut does not bring them back. Tries all of them; reports the first failure.
    pub(crate) async fn remove(&self, keys: &[String]) -> Result<()> {
        let mut first_failure = None;
        for key in keys {
            match self.store.delete(&Key::from(key.as_str())).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => first_failure = first_failure.or(Some(failed(error))),
            }
        }
        if let Some(local) = &self.local {
            let paths = local_paths(local, keys)?;
            let result = tokio::task::spawn_blocking(move || remove_leftovers(&paths)).await;
            result
                .map_err(|e| Error::Interrupted(e.into()))?
                .map_err(|e| Error::Blob(e.into()))?;
        }
        first_failure.map_or(Ok(()), Err)
    }
}

fn failed(error: object_store::Error) -> Error {
    if is_disk_full(&error) {
        Error::DiskFull(error.into())
    } else {
        Error::Blob(error.into())
    }
}

fn local_paths(local: &LocalFileSystem, keys: &[String]) -> Result<Vec<PathBuf>> {
    keys.iter()
        .map(|key| local.path_to_filesystem(&Key::from(key.as_str())).map_err(failed))
        .collect()
}

/// Removes the staging files of these blobs and flushes their directories.
///
/// `object_store` writes `NAME#1` (`NAME#2` if that exists, and so on) and renames it; it hides such names from
/// listing and refuses to delete them, so they are removed here, counting up to the first that does not exist.
fn remove_leftovers(paths: &[PathBuf]) -> std::io::Result<()> {
    let mut directories = BTreeSet::new();
    for path in paths {
        let mut number = 1_u32;
        loop {
            let mut staging = path.as_os_str().to_owned();
            staging.push(format!("#{number}"));
            match fs_err::remove_file(PathBuf::from(staging)) {
                Ok(()) => number += 1,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            }
        }
        directories.extend(path.parent());
    }
    for directory in directories {
        sync_directory(directory)?;
    }
    Ok(())
}

/// Makes removals and renamings in a directory durable. Elsewhere than on Unix directories cannot be flushed; there
/// a power cut may undo them.
pub(crate) fn sync_directory(directory: &Path) -> std::io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match fs_err::File::open(directory) {
        Ok(file) => file.sync_all(),
        // No picture was ever written there.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn leftovers_of_interrupted_writes_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_directory(directory.path()).unwrap();
        let key = key_of(ImageId::new(Uuid::from_u128(7)));
        blobs.put(&key, vec![1, 2, 3]).await.unwrap();
        assert_eq!(blobs.get(&key).await.unwrap(), Some(vec![1, 2, 3]));

        let path = directory.path().join(&key);
        for number in 1..=3 {
            fs_err::write(format!("{}#{number}", path.display()), b"half").unwrap();
        }
        let never_written = key_of(ImageId::new(Uuid::from_u128(8 << 120)));
        blobs.remove(&[key.clone(), never_written]).await.unwrap();
        assert_eq!(blobs.get(&key).await.unwrap(), None);
        assert_eq!(fs_err::read_dir(path.parent().unwrap()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn the_staging_name_is_the_one_we_sweep() {
        // Fails when `object_store` changes how it names the files of unfinished writes.
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_directory(directory.path()).unwrap();
        let mut upload = blobs.store.put_multipart(&Key::from("ab/abc")).await.unwrap();
        assert!(directory.path().join("ab/abc#1").exists());
        upload.abort().await.unwrap();
    }
}
