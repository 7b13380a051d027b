//! Photos that the store has not kept, but that somebody still has: found again by the SHA-256 of their bytes, which is
//! stored with faces enrolled by `IndexFaces`. Names mean nothing.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

type Digest = [u8; 32];

/// Files by the digest of their bytes.
#[derive(Debug, Clone, Default)]
pub struct ImageFiles(HashMap<Digest, PathBuf>);

impl ImageFiles {
    /// Reads all files below a directory that have `max_bytes` at most. Links to directories are not followed.
    pub fn below(directory: &Path, max_bytes: usize) -> io::Result<Self> {
        let mut found = HashMap::new();
        let mut directories = vec![directory.to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs_err::read_dir(directory)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    directories.push(entry.path());
                } else if fs_err::metadata(entry.path())
                    .is_ok_and(|file| file.is_file() && file.len() <= max_bytes as u64)
                {
                    found.insert(Sha256::digest(fs_err::read(entry.path())?).into(), entry.path());
                }
            }
        }
        Ok(Self(found))
    }

    /// How many different files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, digest: &Digest) -> bool {
        self.0.contains_key(digest)
    }

    /// The bytes with this digest; `None` where no file has them (any more).
    pub(super) fn read(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
        let Some(path) = self.0.get(digest) else {
            return Ok(None);
        };
        let bytes = fs_err::read(path)?;
        Ok((Digest::from(Sha256::digest(&bytes)) == *digest).then_some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_bytes() {
        let root = tempfile::tempdir().unwrap();
        fs_err::create_dir(root.path().join("deeper")).unwrap();
        let path = root.path().join("deeper").join("a.jpg");
        fs_err::write(&path, b"one").unwrap();
        fs_err::write(root.path().join("large"), [0; 100]).unwrap();
        let files = ImageFiles::below(root.path(), 50).unwrap();
        assert_eq!(files.len(), 1, "the large one is left out");
        let digest = Sha256::digest(b"one").into();
        assert_eq!(files.read(&digest).unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(files.read(&[0; 32]).unwrap(), None);
        fs_err::write(&path, b"two").unwrap();
        assert_eq!(files.read(&digest).unwrap(), None, "it is another photo now");
        assert!(ImageFiles::below(&root.path().join("nowhere"), 50).is_err());
    }
}
