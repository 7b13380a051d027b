//! The manifests that are known: those embedded in the program, then a user's directory of further ones.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Error, Manifest, Models};

/// Name (for errors) and text of the manifests that come with the program.
const EMBEDDED: &[(&str, &str)] = &[
    (
        "standard.toml",
        include_str!("../../../../models/packs/standard.toml"),
    ),
    (
        "classic.toml",
        include_str!("../../../../models/packs/classic.toml"),
    ),
    (
        "documents.toml",
        include_str!("../../../../models/packs/documents.toml"),
    ),
    (
        "samples.toml",
        include_str!("../../../../models/packs/samples.toml"),
    ),
    ("yunet.toml", include_str!("../../../../models/packs/yunet.toml")),
];

/// Largest manifest that is read from a directory: the embedded ones have 5 kB.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// All known packs by name.
#[derive(Clone, Debug)]
pub struct Packs(BTreeMap<String, Manifest>);

impl Packs {
    /// The embedded packs, then every `*.toml` of `directory`; a file there replaces the embedded pack of its name.
    pub fn load(directory: Option<&Path>) -> Result<Self, Error> {
        let mut packs = BTreeMap::new();
        for (origin, text) in EMBEDDED {
            let manifest = Manifest::parse(text, origin)?;
            packs.insert(manifest.name.clone(), manifest);
        }
        if let Some(directory) = directory {
            for manifest in read_directory(directory)? {
                packs.insert(manifest.name.clone(), manifest);
            }
        }
        let packs = Self(packs);
        packs.check_fallbacks()?;
        Ok(packs)
    }

    /// The same, where `directory` is what somebody has named: if nobody has, the packs that were imported into the
    /// model directory ([`Models::packs_directory`]) count.
    pub fn load_beside(models: &Models, directory: Option<&Path>) -> Result<Self, Error> {
        let imported = models.packs_directory();
        Self::load(directory.or_else(|| imported.is_dir().then_some(imported.as_path())))
    }

    /// These and one more, which replaces that of its name.
    pub fn with(mut self, manifest: Manifest) -> Result<Self, Error> {
        self.0.insert(manifest.name.clone(), manifest);
        self.check_fallbacks()?;
        Ok(self)
    }

    /// The pack called `name`.
    pub fn get(&self, name: &str) -> Result<&Manifest, Error> {
        self.0.get(name).ok_or_else(|| Error::UnknownPack {
            name: name.to_owned(),
            known: self.0.keys().cloned().collect(),
        })
    }

    /// All packs by name.
    pub fn iter(&self) -> impl Iterator<Item = &Manifest> {
        self.0.values()
    }

    /// Every fallback exists and has none itself: one step, so no circle and no surprise.
    fn check_fallbacks(&self) -> Result<(), Error> {
        for manifest in self.iter() {
            let Some(fallback) = &manifest.fallback else {
                continue;
            };
            let reason = match self.0.get(&fallback.pack) {
                None => format!("its fallback `{}` does not exist", fallback.pack),
                Some(other) if other.fallback.is_some() => {
                    format!("its fallback `{}` falls back itself", fallback.pack)
                }
                Some(_) => continue,
            };
            return Err(Error::InvalidManifest {
                origin: manifest.name.clone(),
                reason,
            });
        }
        Ok(())
    }
}

fn read_directory(directory: &Path) -> Result<Vec<Manifest>, Error> {
    let reading = || Error::directory("reading the directory of model packs");
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(directory).map_err(reading())? {
        let path = entry.map_err(reading())?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read_manifest(path, directory)).collect()
}

fn read_manifest(path: &Path, directory: &Path) -> Result<Manifest, Error> {
    let origin = path.display().to_string();
    let reading = || Error::directory("reading a model pack");
    if fs_err::metadata(path).map_err(reading())?.len() > MAX_MANIFEST_BYTES {
        let reason = format!("it is larger than {MAX_MANIFEST_BYTES} bytes");
        return Err(Error::InvalidManifest { origin, reason });
    }
    let text = fs_err::read_to_string(path).map_err(reading())?;
    let mut manifest = Manifest::parse(&text, &origin)?;
    if path.file_stem().and_then(|stem| stem.to_str()) != Some(&manifest.name) {
        let reason = format!("it must be called `{}.toml`, after its name", manifest.name);
        return Err(Error::InvalidManifest { origin, reason });
    }
    manifest.directory = Some(directory.to_owned());
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"
        format = 1
        name = "classic"
        summary = "mine"
        [roles.embedder]
        summary = "s"
        licence = "MIT"
        files = [{ name = "a", sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", size_bytes = 3, sources = ["file:a"] }]
    "#;

    #[test]
    fn the_embedded_packs_are_valid() {
        let packs = Packs::load(None).unwrap();
        let names: Vec<&str> = packs.iter().map(|pack| pack.name.as_str()).collect();
        assert_eq!(names, ["classic", "documents", "samples", "standard", "yunet"]);
        let roles = |name: &str| -> Vec<&String> { packs.get(name).unwrap().roles.keys().collect() };
        let faces = [
            "age-gender",
            "attributes",
            "attributes-age-gender",
            "detector",
            "embedder",
            "expression",
            "iris",
            "landmarks",
            "runtime",
        ];
        assert_eq!(roles("classic"), faces);
        for name in ["standard", "yunet"] {
            assert_eq!(
                roles(name),
                [faces.as_slice(), &["second-embedder"]].concat(),
                "{name}"
            );
        }
        assert_eq!(
            roles("documents"),
            ["text-detector", "text-orientation", "text-recognizer"]
        );
        let error = packs.get("nonsense").unwrap_err().to_string();
        assert!(
            error.contains("classic, documents, samples, standard, yunet"),
            "{error}"
        );
    }

    #[test]
    fn a_directory_replaces_and_adds() {
        let directory = tempfile::tempdir().unwrap();
        fs_err::write(directory.path().join("classic.toml"), OWN).unwrap();
        fs_err::write(directory.path().join("own.toml"), OWN.replace("classic", "own")).unwrap();
        fs_err::write(directory.path().join("notes.txt"), "no manifest").unwrap();
        let packs = Packs::load(Some(directory.path())).unwrap();
        assert_eq!(packs.get("classic").unwrap().summary, "mine");
        assert_eq!(
            packs.get("own").unwrap().directory.as_deref(),
            Some(directory.path())
        );
        assert_eq!(packs.iter().count(), 6);
    }

    #[test]
    fn a_directory_with_a_wrong_file_is_an_error_that_names_it() {
        let fallback = "\n[fallback]\npack = \"nowhere\"\nroles = []\nreason = \"r\"\ndifference = \"d\"\n";
        let with_fallback = format!("{}{fallback}", OWN.replace("classic", "own"));
        let cases = [
            ("other.toml", OWN.to_owned(), "must be called `classic.toml`"),
            ("own.toml", with_fallback, "its fallback `nowhere` does not exist"),
            ("own.toml", "nonsense".to_owned(), "cannot be read"),
        ];
        for (name, text, expected) in cases {
            let directory = tempfile::tempdir().unwrap();
            fs_err::write(directory.path().join(name), text).unwrap();
            let error = Packs::load(Some(directory.path())).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(Packs::load(Some(Path::new("/nonexistent/packs"))).is_err());
    }
}
