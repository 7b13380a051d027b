//! The root secret: 32 bytes in a file of their own, readable by this user only, made by whoever needs it first. Works
//! in an attached process too.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use async_trait::async_trait;

use super::Sqlite;
use super::directory::open_private;
use crate::blobs::sync_directory;
use crate::repository::Secrets;
use crate::{Error, Result};

const NAME: &str = "secret";

/// The file that becomes [`NAME`] once it is whole. Its lock is held by the one that writes it.
const UNFINISHED: &str = "secret.new";

#[async_trait]
impl Secrets for Sqlite {
    async fn root_secret(&self, candidate: [u8; 32]) -> Result<[u8; 32]> {
        let root = self.inner.root.clone();
        tokio::task::spawn_blocking(move || read_or_make(&root, candidate))
            .await
            .map_err(|e| Error::Interrupted(e.into()))?
    }
}

fn read_or_make(directory: &Path, candidate: [u8; 32]) -> Result<[u8; 32]> {
    match read(directory)? {
        Some(secret) => Ok(secret),
        None => make(directory, candidate),
    }
}

fn read(directory: &Path) -> Result<Option<[u8; 32]>> {
    match fs_err::read(directory.join(NAME)) {
        Ok(bytes) => {
            let secret = bytes.try_into();
            secret.map(Some).map_err(|_| Error::corrupt("the root secret"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Directory(error.into())),
    }
}

/// Adopts the candidate unless another process was faster. The file gets its name only when its bytes are on the
/// disk, so it is never read half, also after a power cut.
fn make(directory: &Path, candidate: [u8; 32]) -> Result<[u8; 32]> {
    let failed = |error: std::io::Error| Error::Directory(error.into());
    let (unfinished, finished) = (directory.join(UNFINISHED), directory.join(NAME));
    let mut file = open_private(&unfinished).map_err(failed)?;
    // All who found no secret meet at this lock: until there is one, nobody removes or renames the file.
    file.file().lock().map_err(failed)?;
    if let Some(secret) = read(directory)? {
        // What was opened above became the secret while we waited, or was made after it and is of no use.
        let _ = fs_err::remove_file(&unfinished);
        return Ok(secret);
    }
    // What a killed process has left here was never used.
    file.set_len(0)
        .and_then(|()| file.write_all(&candidate))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs_err::rename(&unfinished, &finished))
        .and_then(|()| sync_directory(directory))
        .map_err(failed)?;
    Ok(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_makers_agree() {
        for _ in 0..20 {
            let directory = tempfile::tempdir().unwrap();
            let found: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let directory = directory.path();
                let makers: Vec<_> = (0..8)
                    .map(|number| scope.spawn(move || read_or_make(directory, [number; 32])))
                    .collect();
                makers
                    .into_iter()
                    .map(|maker| maker.join().unwrap().unwrap())
                    .collect()
            });
            assert!(found.iter().all(|secret| secret == &found[0]), "{found:?}");
            let files: Vec<_> = fs_err::read_dir(directory.path()).unwrap().collect();
            assert_eq!(files.len(), 1, "{files:?}");
        }
    }

    #[test]
    fn an_unfinished_secret_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        fs_err::write(directory.path().join(UNFINISHED), [7; 40]).unwrap();
        assert_eq!(read_or_make(directory.path(), [1; 32]).unwrap(), [1; 32]);
        assert_eq!(read_or_make(directory.path(), [2; 32]).unwrap(), [1; 32]);
    }

    #[test]
    fn a_damaged_secret_is_told_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        fs_err::write(directory.path().join(NAME), [7; 31]).unwrap();
        let result = read_or_make(directory.path(), [1; 32]);
        assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
        assert_eq!(fs_err::read(directory.path().join(NAME)).unwrap(), [7; 31]);
    }
}
