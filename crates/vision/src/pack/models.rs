//! The model directory: where checked files lie, under names that contain their digest.
//!
//! ```text
//! files/<digest>/<name>                          as published
//! converted/<conversion>-<version>-<digest>.onnx what an importer made of them, with its digest beside it
//! partial/<digest>                               downloads under way
//! ```
//!
//! Files only ever appear by rename, complete and flushed, so a reader needs no lock. Who writes holds the lock.

use std::fmt;
use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use super::digest::{Digest, Hasher};
use super::manifest::{Artifact, ArtifactFile, Manifest};
use super::progress::Progress;
use super::{Error, platform};
use crate::import::Conversion;

/// A directory of models. Opening it does nothing yet; it is made when the first file is installed.
#[derive(Clone, Debug)]
pub struct Models {
    directory: PathBuf,
}

/// Whether an installed file is the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileState {
    /// Present with the right digest.
    Verified,
    /// Not installed.
    Missing,
    /// Present with other content.
    Damaged,
}

/// One file of a pack and its state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileStatus {
    /// The role that uses it.
    pub role: String,
    /// Where it lies, or would.
    pub path: PathBuf,
    /// True for an importer's output.
    pub converted: bool,
    /// What was found.
    pub state: FileState,
}

impl fmt::Display for FileState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Verified => "verified",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
        })
    }
}

impl Models {
    /// The model directory at `directory`.
    #[must_use]
    pub fn open(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// The directory for models in the platform's cache: `$XDG_CACHE_HOME/selfsame/models` or
    /// `~/.cache/selfsame/models` on Linux, `~/Library/Caches/…` on macOS, `%LOCALAPPDATA%\…` on Windows.
    pub fn default_dir() -> Result<PathBuf, Error> {
        let variable = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let home = || variable("HOME");
        let cache = if cfg!(windows) {
            variable("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Caches"))
        } else {
            // the XDG specification says to ignore relative paths
            variable("XDG_CACHE_HOME")
                .filter(|path| path.is_absolute())
                .or_else(|| home().map(|home| home.join(".cache")))
        };
        Ok(cache.ok_or(Error::NoDirectory)?.join("selfsame").join("models"))
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the manifests of imported models are.
    #[must_use]
    pub fn packs_directory(&self) -> PathBuf {
        self.directory.join("packs")
    }

    /// Where `file` is, or will be, installed.
    #[must_use]
    pub fn path_of(&self, file: &ArtifactFile) -> PathBuf {
        self.directory
            .join("files")
            .join(file.sha256.short())
            .join(&file.name)
    }

    /// Where what `conversion` makes of `artifact` is, or will be.
    #[must_use]
    pub fn converted_path(&self, artifact: &Artifact, conversion: Conversion) -> PathBuf {
        let mut hasher = Hasher::default();
        for file in &artifact.files {
            hasher.update(file.sha256.to_string().as_bytes());
        }
        let (version, inputs) = (conversion.version(), hasher.finish().short());
        let name = format!("{conversion}-{version}-{inputs}.onnx");
        self.directory.join("converted").join(name)
    }

    pub(crate) fn partial_path(&self, file: &ArtifactFile) -> PathBuf {
        self.directory.join("partial").join(file.sha256.to_string())
    }

    /// Reads `file` as it is installed and compares its digest.
    pub fn state_of(&self, file: &ArtifactFile) -> Result<FileState, Error> {
        state(&self.path_of(file), Some(file.sha256))
    }

    /// Reads the converted file and compares its digest with the manifest's, else with the one recorded beside it.
    pub fn converted_state(&self, artifact: &Artifact, conversion: Conversion) -> Result<FileState, Error> {
        let path = self.converted_path(artifact, conversion);
        let expected = match artifact.converted_sha256 {
            Some(pinned) => Some(pinned),
            None => recorded(&path)?,
        };
        state(&path, expected)
    }

    /// The state of every file of `manifest` that this platform needs.
    ///
    /// Published files behind a verified converted one are not needed any more: they are left out where missing.
    pub fn verify(&self, manifest: &Manifest) -> Result<Vec<FileStatus>, Error> {
        let platform = platform();
        let mut statuses = Vec::new();
        for (role, artifact) in &manifest.roles {
            let status = |path, converted, state| FileStatus {
                role: role.clone(),
                path,
                converted,
                state,
            };
            let converted = match artifact.conversion {
                Some(conversion) => {
                    let state = self.converted_state(artifact, conversion)?;
                    Some(status(self.converted_path(artifact, conversion), true, state))
                }
                None => None,
            };
            let is_converted = converted
                .as_ref()
                .is_some_and(|converted| converted.state == FileState::Verified);
            for file in artifact.files_for(&platform) {
                let state = self.state_of(file)?;
                if state != FileState::Missing || !is_converted {
                    statuses.push(status(self.path_of(file), false, state));
                }
            }
            statuses.extend(converted);
        }
        Ok(statuses)
    }

    /// Takes the lock that allows writing, and waits where another process or thread has it.
    pub(crate) fn lock(&self, progress: &dyn Progress) -> Result<fs_err::File, Error> {
        let failed = || Error::directory("locking the model directory");
        self.make_directory(&self.directory)?;
        let file = fs_err::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.directory.join("lock"))
            .map_err(failed())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress.message("another process is fetching models; waiting for it");
                file.lock().map_err(failed())?;
            }
            Err(TryLockError::Error(error)) => return Err(failed()(error)),
        }
        Ok(file)
    }

    /// Moves the complete, flushed file `temporary` (on the same file system) to `path`.
    pub(crate) fn install(&self, temporary: &Path, path: &Path) -> Result<(), Error> {
        let failed = || Error::directory("installing a model");
        let parent = path.parent().unwrap_or(&self.directory);
        self.make_directory(parent)?;
        fs_err::rename(temporary, path).map_err(failed())?;
        flush_directory(parent).map_err(failed())
    }

    pub(crate) fn make_directory(&self, path: &Path) -> Result<(), Error> {
        let failed = || Error::directory("making the model directory");
        if path.is_dir() {
            return Ok(());
        }
        fs_err::create_dir_all(path).map_err(failed())?;
        match path.parent() {
            Some(parent) if path.starts_with(&self.directory) => flush_directory(parent).map_err(failed()),
            _ => Ok(()),
        }
    }
}

/// Where the digest of a converted file is recorded.
pub(crate) fn record_path(converted: &Path) -> PathBuf {
    converted.with_extension("onnx.sha256")
}

/// The recorded digest; none where there is no record, or none that makes sense.
fn recorded(converted: &Path) -> Result<Option<Digest>, Error> {
    match fs_err::read_to_string(record_path(converted)) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
            Ok(None)
        }
        Err(error) => Err(Error::directory("reading a model's record")(error)),
    }
}

fn state(path: &Path, expected: Option<Digest>) -> Result<FileState, Error> {
    match Digest::of_file(path) {
        Ok(actual) if Some(actual) == expected => Ok(FileState::Verified),
        Ok(_) => Ok(FileState::Damaged),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(FileState::Missing),
        Err(error) => Err(Error::directory("reading an installed model")(error)),
    }
}

/// Makes a rename survive a power cut. Windows has no such call and needs none.
fn flush_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs_err::File::open(path)?.sync_all()?;
    }
    Ok(())
}
