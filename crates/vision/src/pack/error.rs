//! What can go wrong with packs, in words that say what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::digest::Digest;
use super::fetch;
use crate::import;

/// Why a pack could not be read, obtained, converted or verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no pack of that name.
    #[error("there is no model pack `{name}`\n  hint: the packs are {}", known.join(", "))]
    UnknownPack {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A manifest is not valid TOML, or has wrong keys or types.
    #[error("the manifest {origin} cannot be read: {source}")]
    ManifestSyntax {
        /// Where the manifest comes from.
        origin: String,
        /// The parser's message, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A manifest says something impossible.
    #[error("the manifest {origin} is not usable: {reason}")]
    InvalidManifest {
        /// Where the manifest comes from.
        origin: String,
        /// What is wrong.
        reason: String,
    },
    /// The setting for the mirror is neither a directory name nor an `https` address.
    #[error("`{text}` is not a mirror\n  hint: give a directory, or an address that starts with https://")]
    InvalidMirror {
        /// The setting.
        text: String,
    },
    /// A file could be had from none of its sources.
    #[error("`{file}` (role `{role}`) could not be obtained\n{attempts}")]
    Unobtainable {
        /// The role that needs it.
        role: String,
        /// The file's name.
        file: String,
        /// What was tried.
        attempts: Attempts,
    },
    /// The manifest lists no file for this platform.
    #[error("role `{role}` has no file for {platform}")]
    UnsupportedPlatform {
        /// The role.
        role: String,
        /// The platform, as manifests write it.
        platform: String,
    },
    /// An importer rejected its input.
    #[error("the files of role `{role}` could not be converted to ONNX: {source}")]
    Conversion {
        /// The role.
        role: String,
        /// The importer's message.
        source: import::Error,
    },
    /// The importer's output is not what the manifest pins.
    #[error(
        "converting role `{role}` gave {actual}, but its manifest says {expected}\n  hint: the manifest belongs to \
         another version of the program; remove `converted_sha256` from it or update it"
    )]
    ConvertedHashDiffers {
        /// The role.
        role: String,
        /// What the manifest says.
        expected: Digest,
        /// What came out.
        actual: Digest,
    },
    /// The model directory cannot be used.
    #[error("{action} failed: {source}{}", hint_for(source))]
    Directory {
        /// What was attempted.
        action: String,
        /// The system's message.
        source: io::Error,
    },
    /// A user's own file is nothing that a pack can hold.
    #[error("{path} cannot be imported: {reason}")]
    NotImportable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No place for models is known on this system.
    #[error("no directory for models is known\n  hint: set SELFSAME_MODELS")]
    NoDirectory,
}

impl Error {
    /// True where another place, another time or another pack may help: the file could not be had.
    #[must_use]
    pub fn is_unobtainable(&self) -> bool {
        matches!(self, Self::Unobtainable { .. } | Self::UnsupportedPlatform { .. })
    }

    pub(crate) fn directory(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Directory { action, source }
    }
}

/// Every place that was tried for one file, with the reason each failed.
#[derive(Debug, Default)]
pub struct Attempts(pub(crate) Vec<(Place, fetch::Error)>);

/// A place a file was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Mirror(PathBuf),
    MirrorAddress(String),
    Source(String),
}

impl Attempts {
    /// The reasons, in the order of the attempts.
    #[must_use]
    pub fn errors(&self) -> impl DoubleEndedIterator<Item = &fetch::Error> {
        self.0.iter().map(|(_, error)| error)
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_errors(self) -> impl DoubleEndedIterator<Item = fetch::Error> {
        self.0.into_iter().map(|(_, error)| error)
    }

    /// The hint of the attempt that came furthest: a mirror that does not have the file says little.
    fn hint(&self) -> Option<String> {
        self.0.iter().filter_map(|(_, error)| error.hint()).next_back()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mirror(path) => write!(formatter, "mirror {}", path.display()),
            Self::MirrorAddress(address) => write!(formatter, "mirror {address}"),
            Self::Source(source) => formatter.write_str(source),
        }
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (place, error)) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "  tried {place}: {error}")?;
        }
        match self.hint() {
            Some(hint) => write!(formatter, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// What a person can do about a failed file operation, as a line to append; empty where nothing is known.
fn hint_for(error: &io::Error) -> String {
    fetch::io_hint(error)
        .map(|hint| format!("\n  hint: {hint}"))
        .unwrap_or_default()
}
