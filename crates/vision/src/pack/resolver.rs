//! From the name of a pack to paths of checked files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fetch::{Clients, Mirror};
use super::manifest::{Artifact, Fallback, Manifest};
use super::models::{FileStatus, Models};
use super::packs::Packs;
use super::progress::{Progress, Silent};
use super::session::Session;
use super::{Error, RUNTIME_ROLE};

/// Fetches what packs need into a model directory.
pub struct Resolver {
    packs: Packs,
    models: Models,
    mirror: Option<Mirror>,
    progress: Arc<dyn Progress>,
    clients: Clients,
}

/// A pack of which everything needed lies, checked, on this machine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resolved {
    /// The pack that is used, which is the fallback where the one asked for could not be had.
    pub name: String,
    /// The models by role, without the runtime.
    pub roles: BTreeMap<String, ResolvedModel>,
    /// The inference library for this platform; none where there is none, which the built-in engine makes up for.
    pub runtime: Option<PathBuf>,
    /// What a person should know: each is shown once.
    pub warnings: Vec<String>,
}

/// One model on this machine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResolvedModel {
    /// The file to load.
    pub path: PathBuf,
    /// What the manifest says of it, parameters included.
    pub artifact: Artifact,
}

/// Files that were copied out for a person.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Fetched {
    /// Where they are.
    pub files: Vec<PathBuf>,
    /// Which could not be had, and why.
    pub warnings: Vec<String>,
}

impl Resolver {
    /// A resolver without mirror that reports no progress.
    #[must_use]
    pub fn new(packs: Packs, models: Models) -> Self {
        Self {
            packs,
            models,
            mirror: None,
            progress: Arc::new(Silent),
            clients: Clients::default(),
        }
    }

    /// Looks in `mirror` first.
    #[must_use]
    pub fn with_mirror(mut self, mirror: Option<Mirror>) -> Self {
        self.mirror = mirror;
        self
    }

    /// Reports progress to `progress`.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Looks for `pip` and `npm` in `path` instead of the environment's `PATH`.
    #[doc(hidden)]
    #[must_use]
    pub fn with_client_path(mut self, path: impl Into<std::ffi::OsString>) -> Self {
        self.clients.search_path = Some(path.into());
        self
    }

    /// The known packs.
    #[must_use]
    pub fn packs(&self) -> &Packs {
        &self.packs
    }

    /// The model directory.
    #[must_use]
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Makes sure that everything of pack `name` is installed, fetching and converting what is missing, or everything
    /// of its fallback. All files are read and their digests compared, also those installed before.
    pub fn resolve(&self, name: &str) -> Result<Resolved, Error> {
        let manifest = self.packs.get(name)?;
        let mut session = self.session();
        let mut warnings = Vec::new();
        let (used, obtained) = match models_of(manifest, &mut session) {
            Ok(roles) => (manifest, roles),
            Err((role, error)) => {
                let fallback = manifest.fallback.as_ref();
                let Some(fallback) = fallback.filter(|fallback| makes_up_for(fallback, &role, &error)) else {
                    return Err(error);
                };
                warnings.push(fallback_warning(name, fallback, &error));
                let other = self.packs.get(&fallback.pack)?;
                let obtained = models_of(other, &mut session).map_err(|(_, error)| error)?;
                (other, obtained)
            }
        };
        warnings.extend(obtained.warning());
        let runtime = runtime_of(used, &mut session).unwrap_or_else(|warning| {
            warnings.push(warning);
            None
        });
        Ok(Resolved {
            name: used.name.clone(),
            roles: obtained.roles,
            runtime,
            warnings,
        })
    }

    /// Copies the files of pack `name` into `directory`. An error only where not one of them can be had.
    pub fn fetch_files(&self, name: &str, directory: &Path) -> Result<Fetched, Error> {
        let manifest = self.packs.get(name)?;
        let mut session = self.session();
        let mut fetched = Fetched::default();
        let mut first_error = None;
        fs_err::create_dir_all(directory).map_err(Error::directory("making the directory for the files"))?;
        for (role, artifact) in &manifest.roles {
            for file in &artifact.files {
                match session.obtain_file(role, artifact, file, manifest.directory.as_deref()) {
                    Ok(installed) => {
                        let path = directory.join(&file.name);
                        copy_whole(&installed, directory, &path)
                            .map_err(Error::directory("copying a file"))?;
                        fetched.files.push(path);
                    }
                    Err(error) if error.is_unobtainable() => {
                        fetched.warnings.push(error.to_string());
                        first_error.get_or_insert(error);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        match first_error {
            Some(error) if fetched.files.is_empty() => Err(error),
            _ => Ok(fetched),
        }
    }

    /// The state of every installed file of pack `name`. Changes nothing.
    pub fn verify(&self, name: &str) -> Result<Vec<FileStatus>, Error> {
        self.models.verify(self.packs.get(name)?)
    }

    fn session(&self) -> Session<'_> {
        Session::new(
            &self.models,
            self.mirror.as_ref(),
            &self.clients,
            self.progress.as_ref(),
        )
    }
}

/// The roles of a pack that could be had, and the optional ones that could not, with the first reason.
#[derive(Default)]
struct Obtained {
    roles: BTreeMap<String, ResolvedModel>,
    missing: Vec<String>,
    reason: Option<Error>,
}

impl Obtained {
    /// One warning for all that is missing.
    fn warning(&self) -> Option<String> {
        let reason = self.reason.as_ref()?;
        let missing = self.missing.join(", ");
        Some(format!("what needs {missing} is not available: {reason}"))
    }
}

/// All roles but the runtime; with the error comes the role that failed.
fn models_of(manifest: &Manifest, session: &mut Session<'_>) -> Result<Obtained, (String, Error)> {
    let mut obtained = Obtained::default();
    for (role, artifact) in manifest.roles.iter().filter(|(role, _)| *role != RUNTIME_ROLE) {
        match session.obtain(role, artifact, manifest.directory.as_deref()) {
            Ok(path) => {
                let artifact = artifact.clone();
                obtained
                    .roles
                    .insert(role.clone(), ResolvedModel { path, artifact });
            }
            Err(error) if artifact.optional && error.is_unobtainable() => {
                obtained.missing.push(role.clone());
                obtained.reason.get_or_insert(error);
            }
            Err(error) => return Err((role.clone(), error)),
        }
    }
    Ok(obtained)
}

fn makes_up_for(fallback: &Fallback, role: &str, error: &Error) -> bool {
    error.is_unobtainable() && fallback.roles.iter().any(|covered| covered == role)
}

fn fallback_warning(name: &str, fallback: &Fallback, error: &Error) -> String {
    let Fallback {
        pack,
        reason,
        difference,
        ..
    } = fallback;
    format!(
        "model pack `{pack}` is used instead of `{name}` and makes more mistakes: {difference}. {reason}\n{error}\n  \
         hint: templates of one pack cannot be compared with the other's; choose `{pack}` to stay with it"
    )
}

/// The library's path, or the warning to show in its place.
fn runtime_of(manifest: &Manifest, session: &mut Session<'_>) -> Result<Option<PathBuf>, String> {
    let Some(artifact) = manifest.roles.get(RUNTIME_ROLE) else {
        return Ok(None);
    };
    match session.obtain(RUNTIME_ROLE, artifact, manifest.directory.as_deref()) {
        Ok(path) => Ok(Some(path)),
        Err(error) => Err(format!(
            "the fast inference library is not available, so the built-in engine runs (about three times slower): {error}"
        )),
    }
}

/// Copies so that `path` is never seen half written.
fn copy_whole(from: &Path, directory: &Path, path: &Path) -> std::io::Result<()> {
    let temporary = tempfile::Builder::new()
        .prefix(".selfsame-")
        .tempfile_in(directory)?;
    fs_err::copy(from, temporary.path())?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}
