//! A pack around a model of the user's own: another pack, with this model in one role.
//!
//! The manifest says nothing that was not said here or there, and the file is installed like any other, under its digest.

use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::manifest::{ArchiveOptions, Artifact, ArtifactFile, MAX_FILE_BYTES, Manifest, is_plain_name};
use super::models::{FileState, Models};
use super::source::Source;
use super::{Error, Silent};
use crate::import::Conversion;

/// A user's model and what they say of it.
#[derive(Clone, Debug)]
pub struct OwnModel {
    /// The ONNX file.
    pub path: PathBuf,
    /// The role that it plays.
    pub role: String,
    /// One line: what it is.
    pub summary: String,
    /// Its licence.
    pub licence: String,
    /// What it was trained on, as far as known.
    pub training_data: String,
    /// The importer that it has to pass, if any.
    pub conversion: Option<Conversion>,
    /// For the code that uses it.
    pub parameters: toml::Table,
}

impl OwnModel {
    /// The pack `base` under another name, with this model in its role. A second model that `base` has beside the one in
    /// this role (`second-…`) belongs to that one and goes with it, and so does a fallback that stands in for it.
    pub fn manifest(&self, base: &Manifest, name: &str, summary: &str) -> Result<Manifest, Error> {
        let mut manifest = base.clone();
        name.clone_into(&mut manifest.name);
        summary.clone_into(&mut manifest.summary);
        let replaced = |roles: &[String]| roles.contains(&self.role);
        if manifest
            .fallback
            .as_ref()
            .is_some_and(|fallback| replaced(&fallback.roles))
        {
            manifest.fallback = None;
        }
        manifest.roles.remove(&format!("second-{}", self.role));
        for file in manifest
            .roles
            .values_mut()
            .flat_map(|artifact| &mut artifact.files)
        {
            file.sources
                .iter_mut()
                .for_each(|source| make_absolute(source, base.directory.as_deref()));
        }
        manifest.roles.insert(self.role.clone(), self.artifact()?);
        manifest.directory = None;
        // What comes out is read as if somebody had written it.
        Manifest::parse(&manifest.to_toml()?, name)
    }

    fn artifact(&self) -> Result<Artifact, Error> {
        Ok(Artifact {
            summary: self.summary.clone(),
            licence: self.licence.clone(),
            training_data: self.training_data.clone(),
            conversion: self.conversion,
            converted_sha256: None,
            archive: ArchiveOptions::default(),
            optional: false,
            files: vec![self.file()?],
            parameters: self.parameters.clone(),
        })
    }

    fn file(&self) -> Result<ArtifactFile, Error> {
        let reading = || Error::directory(format!("reading {}", self.path.display()));
        let path = fs_err::canonicalize(&self.path).map_err(reading())?;
        let fault = |reason| Error::NotImportable {
            path: path.clone(),
            reason,
        };
        if !path.is_file() {
            return Err(fault("it is not a file"));
        }
        let file = fs_err::File::open(&path).map_err(reading())?;
        let (sha256, size_bytes) = Digest::of_reader(file).map_err(reading())?;
        if size_bytes == 0 {
            return Err(fault("it is empty"));
        }
        if size_bytes > MAX_FILE_BYTES {
            return Err(fault("it is larger than any model"));
        }
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| is_plain_name(name));
        let name = name.map_or_else(|| format!("{}.onnx", sha256.short()), str::to_owned);
        let source = Source::File(path);
        Ok(ArtifactFile {
            name,
            sha256,
            size_bytes,
            sources: vec![source],
            platform: None,
            archive: None,
        })
    }
}

impl Manifest {
    /// As it is written.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string_pretty(self).map_err(|error| Error::InvalidManifest {
            origin: self.name.clone(),
            reason: error.to_string(),
        })
    }

    /// Writes it where [`super::Packs::load_beside`] finds it, or into another directory; gives the path. Complete or not
    /// at all, in place of one of the same name.
    pub fn save(&self, models: &Models, directory: Option<&Path>) -> Result<PathBuf, Error> {
        let failed = || Error::directory("writing the manifest");
        let directory = directory.map_or_else(|| models.packs_directory(), Path::to_owned);
        fs_err::create_dir_all(&directory).map_err(failed())?;
        let path = directory.join(format!("{}.toml", self.name));
        let temporary = tempfile::Builder::new()
            .prefix(".selfsame-")
            .tempfile_in(&directory)
            .map_err(failed())?;
        fs_err::write(temporary.path(), self.to_toml()?).map_err(failed())?;
        temporary.as_file().sync_all().map_err(failed())?;
        temporary.persist(&path).map_err(|error| failed()(error.error))?;
        Ok(path)
    }
}

impl Models {
    /// Whether a model file that a manifest names is installed here.
    pub fn has(&self, file: &ArtifactFile) -> Result<bool, Error> {
        Ok(self.state_of(file)? == FileState::Verified)
    }

    /// Removes an installed file, because it turned out to be of no use.
    pub fn discard(&self, file: &ArtifactFile) -> Result<(), Error> {
        let _lock = self.lock(&Silent)?;
        match fs_err::remove_file(self.path_of(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::directory("removing a model")(error))
            }
            _ => Ok(()),
        }
    }
}

/// The new manifest lies elsewhere.
fn make_absolute(source: &mut Source, base: Option<&Path>) {
    if let (Source::File(path), Some(base)) = (source, base) {
        *path = std::path::absolute(base.join(&path)).unwrap_or_else(|_| base.join(&path));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Packs;
    use super::*;

    fn own(path: PathBuf) -> OwnModel {
        OwnModel {
            path,
            role: "embedder".to_owned(),
            summary: "mine".to_owned(),
            licence: "MIT".to_owned(),
            training_data: String::new(),
            conversion: None,
            parameters: toml::Table::from_iter([("version".to_owned(), "mine-1".into())]),
        }
    }

    #[test]
    fn a_pack_is_made_of_another_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let models = Models::open(directory.path().join("models"));
        let path = directory.path().join("a model.onnx");
        fs_err::write(&path, b"abc").unwrap();
        let known = Packs::load_beside(&models, None).unwrap();
        let base = known.get("standard").unwrap();
        let manifest = own(path.clone())
            .manifest(base, "mine", "a pack of mine")
            .unwrap();
        assert_eq!(manifest.fallback, None, "nothing stands in for a user's model");
        let mut expected = base.roles.clone();
        let embedder = manifest.roles["embedder"].clone();
        expected.insert("embedder".to_owned(), embedder.clone());
        expected.remove("second-embedder");
        assert_eq!(manifest.roles, expected, "the other roles are the base's");
        let [file] = embedder.files.as_slice() else {
            panic!("one file")
        };
        assert_eq!((file.sha256, file.size_bytes), (Digest::of(b"abc"), 3));
        assert!(
            Path::new(&file.name)
                .extension()
                .is_some_and(|ending| ending == "onnx")
                && !file.name.contains(' '),
            "{}",
            file.name
        );
        assert_eq!(file.sources, [Source::File(fs_err::canonicalize(&path).unwrap())]);

        let written = manifest.save(&models, None).unwrap();
        assert_eq!(written, models.packs_directory().join("mine.toml"));
        let found = Packs::load_beside(&models, None).unwrap();
        assert_eq!(found.get("mine").unwrap().roles, manifest.roles);
        let elsewhere = tempfile::tempdir().unwrap();
        let named = Packs::load_beside(&models, Some(elsewhere.path())).unwrap();
        assert!(
            named.get("mine").is_err(),
            "a directory that was named counts alone"
        );
    }

    #[test]
    fn what_is_no_model_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let known = Packs::load(None).unwrap();
        let base = known.get("standard").unwrap();
        let empty = directory.path().join("empty.onnx");
        fs_err::write(&empty, b"").unwrap();
        let cases = [
            (empty, "it is empty"),
            (directory.path().to_owned(), "it is not a file"),
            (directory.path().join("missing.onnx"), "reading"),
        ];
        for (path, expected) in cases {
            let error = own(path).manifest(base, "mine", "s").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let path = directory.path().join("a.onnx");
        fs_err::write(&path, b"abc").unwrap();
        let error = own(path).manifest(base, "../mine", "s").unwrap_err().to_string();
        assert!(error.contains("not a valid pack name"), "{error}");
    }

    #[test]
    fn every_embedded_manifest_is_written_as_it_is_read() {
        for manifest in Packs::load(None).unwrap().iter() {
            assert_eq!(
                &Manifest::parse(&manifest.to_toml().unwrap(), "again").unwrap(),
                manifest
            );
        }
    }
}
