//! The TOML manifest of a pack: per role the files, where they come from, what they are and how they are read.
//!
//! Nothing here touches the disk or the network. `parameters` of a role are free-form: this crate does not know
//! what a face is, so it hands them on to whoever uses the model.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::source::Source;
use super::{Error, RUNTIME_ROLE};
use crate::import::Conversion;

/// The only manifest format there is.
const FORMAT: u32 = 1;

/// Largest file a manifest may name: 4 GiB, an order above any model in sight, so that a slip of the pen (or a
/// hostile manifest) cannot fill a disk.
pub(super) const MAX_FILE_BYTES: u64 = 4 << 30;

/// A model pack: a set of artifacts that work together.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    /// Version of this format: 1.
    pub format: u32,
    /// Name by which the pack is chosen; equals the file's stem.
    pub name: String,
    /// One line for a list of packs.
    pub summary: String,
    /// What the pack is for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub purpose: Purpose,
    /// What to use when an artifact cannot be obtained.
    #[serde(default)]
    pub fallback: Option<Fallback>,
    /// Artifacts by role: `detector`, `embedder`, `landmarks`, `runtime` and whatever else a user defines.
    pub roles: BTreeMap<String, Artifact>,
    /// Directory of the manifest, against which relative `file:` sources are resolved; none when embedded.
    #[serde(skip)]
    pub directory: Option<PathBuf>,
}

/// What a pack's files are used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Purpose {
    /// Models that are loaded.
    #[default]
    Models,
    /// Sample files that are only copied somewhere.
    Samples,
}

/// The pack to use instead, when the artifact of one of `roles` cannot be obtained.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fallback {
    /// Name of the other pack.
    pub pack: String,
    /// Roles whose absence the other pack makes up for. Any other absence is an error.
    pub roles: Vec<String>,
    /// Why the roles may be unobtainable.
    pub reason: String,
    /// What the exchange costs, in error rates: shown to people.
    pub difference: String,
}

/// One model (or library, or set of samples): its files and everything known about them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Artifact {
    /// One line: what it is.
    pub summary: String,
    /// SPDX expression or a plain statement where there is none.
    pub licence: String,
    /// What it was trained on and by whom, as far as published.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub training_data: String,
    /// The importer that makes an ONNX file of the files; none when the single file is used as it is.
    #[serde(default)]
    pub conversion: Option<Conversion>,
    /// Digest of the importer's output. Conversion is deterministic, so a manifest can pin it.
    #[serde(default)]
    pub converted_sha256: Option<Digest>,
    /// Whether the pack can be used without it: what cannot be had is then a warning.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// How to ask the package client for the archives of these files.
    #[serde(default, skip_serializing_if = "is_default")]
    pub archive: ArchiveOptions,
    /// The files, in the order the importer expects them.
    pub files: Vec<ArtifactFile>,
    /// For the code that uses the model: input size, normalisation, alignment, version, …
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub parameters: toml::Table,
}

/// One file of an artifact.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ArtifactFile {
    /// Base name under which it is installed and looked for in a mirror.
    pub name: String,
    /// Digest of the file itself (not of the archive it comes in).
    pub sha256: Digest,
    /// Exact size; nothing larger is ever written.
    pub size_bytes: u64,
    /// Where it may be had, in the order to try.
    pub sources: Vec<Source>,
    /// The only platform it is for (see [`platform`]); none for all.
    #[serde(default)]
    pub platform: Option<String>,
    /// Overrides the artifact's `archive`.
    #[serde(default)]
    pub archive: Option<ArchiveOptions>,
}

/// How a package's archive is asked for. All of it is about `pip`: npm has one archive per version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ArchiveOptions {
    /// Wheel or source archive.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: ArchiveKind,
    /// Digest of the archive. Required for source archives: `pip` runs code of theirs to read the metadata, and
    /// must not before it has checked them.
    #[serde(default)]
    pub sha256: Option<Digest>,
    /// `--python-version`, so that the wheel does not depend on the Python that happens to be installed.
    #[serde(default)]
    pub python_version: Option<String>,
    /// `--implementation`.
    #[serde(default)]
    pub implementation: Option<String>,
    /// `--abi`.
    #[serde(default)]
    pub abi: Option<String>,
    /// `--platform`.
    #[serde(default)]
    pub platform: Option<String>,
}

/// The two kinds of archive that PyPI holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ArchiveKind {
    /// Built distribution.
    #[default]
    Wheel,
    /// Source distribution.
    Sdist,
}

/// The platform that this program runs on, as manifests write it: `linux-x86_64`, `macos-aarch64`, …; musl has a
/// suffix of its own, because shared libraries built for glibc do not load there.
#[must_use]
pub fn platform() -> String {
    let libc = if cfg!(target_env = "musl") { "-musl" } else { "" };
    format!("{}-{}{libc}", std::env::consts::OS, std::env::consts::ARCH)
}

impl Manifest {
    /// Reads and checks a manifest. `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Error> {
        let manifest: Self = toml::from_str(text).map_err(|source| Error::ManifestSyntax {
            origin: origin.to_owned(),
            source: Box::new(source),
        })?;
        match manifest.fault() {
            None => Ok(manifest),
            Some(reason) => Err(Error::InvalidManifest {
                origin: origin.to_owned(),
                reason,
            }),
        }
    }

    /// The first thing that makes the manifest unusable.
    fn fault(&self) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!(
                "format {} is not known; this version reads format {FORMAT}",
                self.format
            ));
        }
        if !is_plain_name(&self.name) {
            return Some(format!("`{}` is not a valid pack name", self.name));
        }
        if self.roles.is_empty() {
            return Some("it defines no role".to_owned());
        }
        if self
            .fallback
            .as_ref()
            .is_some_and(|fallback| fallback.pack == self.name)
        {
            return Some("it falls back to itself".to_owned());
        }
        self.roles.iter().find_map(|(role, artifact)| {
            let fault = artifact.fault(self.purpose == Purpose::Samples || role == RUNTIME_ROLE)?;
            Some(format!("role `{role}`: {fault}"))
        })
    }
}

impl Artifact {
    /// The files that this platform needs: those bound to it and those bound to none.
    pub fn files_for<'a>(&'a self, platform: &'a str) -> impl Iterator<Item = &'a ArtifactFile> {
        self.files
            .iter()
            .filter(move |file| file.platform.as_deref().is_none_or(|only| only == platform))
    }

    /// The archive options that hold for `file`.
    #[must_use]
    pub fn archive_of<'a>(&'a self, file: &'a ArtifactFile) -> &'a ArchiveOptions {
        file.archive.as_ref().unwrap_or(&self.archive)
    }

    fn fault(&self, several_files: bool) -> Option<String> {
        if self.files.is_empty() {
            return Some("it lists no file".to_owned());
        }
        if let Some(conversion) = self.conversion
            && self.files.len() != conversion.input_count()
        {
            let (expected, found) = (conversion.input_count(), self.files.len());
            return Some(format!(
                "conversion `{conversion}` takes {expected} file(s), not {found}"
            ));
        }
        if self.conversion.is_none() && self.files.len() != 1 && !several_files {
            return Some("several files need a conversion".to_owned());
        }
        if self.conversion.is_none() && self.converted_sha256.is_some() {
            return Some("`converted_sha256` without `conversion`".to_owned());
        }
        self.files
            .iter()
            .find_map(|file| file.fault(self.archive_of(file)))
    }
}

impl ArtifactFile {
    fn fault(&self, archive: &ArchiveOptions) -> Option<String> {
        let name = &self.name;
        if !is_plain_name(name) {
            return Some(format!("`{name}` is not a plain file name"));
        }
        if self.size_bytes == 0 || self.size_bytes > MAX_FILE_BYTES {
            return Some(format!(
                "`{name}` must have a size between 1 and {MAX_FILE_BYTES} bytes"
            ));
        }
        if self.sources.is_empty() {
            return Some(format!("`{name}` has no source"));
        }
        if archive.kind == ArchiveKind::Sdist && archive.sha256.is_none() {
            return Some(format!(
                "`{name}` comes from a source archive, which needs `archive.sha256`"
            ));
        }
        let options = [
            &archive.python_version,
            &archive.implementation,
            &archive.abi,
            &archive.platform,
        ];
        options
            .into_iter()
            .flatten()
            .find(|value| !is_plain_name(value))
            .map(|value| format!("`{name}`: `{value}` is not a valid archive option"))
    }
}

/// What need not be written down.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Letters, digits, `.`, `_`, `-`; starts with a letter, digit or `_`: safe as file name and as argument everywhere.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHA: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn with(change: impl Fn(String) -> String) -> Result<Manifest, Error> {
        let text = format!(
            r#"
            format = 1
            name = "own"
            summary = "s"
            [roles.embedder]
            summary = "s"
            licence = "MIT"
            files = [{{ name = "a.onnx", sha256 = "{SHA}", size_bytes = 3, sources = ["file:a.onnx"] }}]
            [roles.embedder.parameters]
            input_px = 112
            "#
        );
        Manifest::parse(&change(text), "own.toml")
    }

    #[test]
    fn reads_a_users_own_manifest() {
        let manifest = with(|text| text).unwrap();
        let embedder = &manifest.roles["embedder"];
        assert_eq!(embedder.files[0].sha256, Digest::of(b"abc"));
        assert_eq!(embedder.parameters["input_px"].as_integer(), Some(112));
        assert_eq!(embedder.files_for("any").count(), 1);
    }

    #[test]
    fn says_what_is_wrong() {
        let cases: [(&str, &str, &str); 11] = [
            ("format = 1", "format = 2", "format 2 is not known"),
            ("name = \"own\"", "name = \"../own\"", "not a valid pack name"),
            (
                "name = \"a.onnx\"",
                "name = \"../a.onnx\"",
                "not a plain file name",
            ),
            ("size_bytes = 3", "size_bytes = 0", "must have a size"),
            ("size_bytes = 3", "size_bytes = 99999999999", "must have a size"),
            ("[\"file:a.onnx\"]", "[]", "has no source"),
            ("file:a.onnx", "ftp://x", "is not a source"),
            (SHA, "abc", "not a SHA-256 digest"),
            (
                "licence = \"MIT\"",
                "licence = \"MIT\"\nconversion = \"nonsense\"",
                "unknown conversion",
            ),
            (
                "licence = \"MIT\"",
                "licence = \"MIT\"\nconversion = \"faceapi-landmarks-68\"",
                "takes 2 file(s)",
            ),
            (
                "licence = \"MIT\"",
                "licence = \"MIT\"\narchive = { kind = \"sdist\" }",
                "archive.sha256",
            ),
        ];
        for (from, to, expected) in cases {
            let error = with(|text| text.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(expected), "{to}: {error}");
            assert!(error.contains("own.toml"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn damaged_manifests_never_panic(position in 0usize..600, replacement in "\\PC{0,6}") {
            let _ = with(|text| {
                let at = (0..=position.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
                format!("{}{replacement}{}", &text[..at], text[at..].chars().skip(1).collect::<String>())
            });
        }
    }
}
