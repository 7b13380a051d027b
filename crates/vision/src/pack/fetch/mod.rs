//! Getting one file from one place, checked: mirror, address, package archive or disk.
//!
//! Each function here writes a *temporary* file and returns only when its digest is right; installing it is the
//! session's business. No function trusts a length or a name that came from outside.

mod archive;
mod client;
mod error;
mod http;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

pub(crate) use archive::extract;
pub(crate) use client::Clients;
pub use error::{Cause, Error};
pub(crate) use error::{io_error, io_hint};
pub(crate) use http::download;

use super::digest::Hasher;
use super::manifest::ArtifactFile;
use super::progress::Transfer;

/// Bytes moved at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A place that holds copies of the files under their base names, tried before any source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mirror {
    /// A directory.
    Directory(PathBuf),
    /// An `https` address that ends where the file name begins.
    Address(String),
}

impl Mirror {
    /// Reads the setting `SELFSAME_MODEL_MIRROR`: a directory, or an address.
    pub fn parse(text: &str) -> Result<Self, super::Error> {
        let invalid = || super::Error::InvalidMirror {
            text: text.to_owned(),
        };
        if text.is_empty() {
            return Err(invalid());
        }
        if !text.contains("://") {
            return Ok(Self::Directory(PathBuf::from(text)));
        }
        let address = text.trim_end_matches('/');
        match address.parse() {
            Ok(super::Source::Https(address)) => Ok(Self::Address(address)),
            _ => Err(invalid()),
        }
    }
}

/// Copies `reader` to a new file at `target` and checks size and digest. Reads no more than the file may have.
pub(crate) fn copy_checked(
    reader: impl Read,
    file: &ArtifactFile,
    target: &Path,
    transfer: Option<&Transfer<'_>>,
) -> Result<(), Error> {
    let mut output = fs_err::File::create(target).map_err(io_error("writing a temporary file"))?;
    let mut reader = reader.take(file.size_bytes + 1);
    let mut hasher = Hasher::default();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size_bytes = 0;
    loop {
        let count = match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(io_error("reading")(error)),
        };
        output
            .write_all(&chunk[..count])
            .map_err(io_error("writing a temporary file"))?;
        hasher.update(&chunk[..count]);
        size_bytes += count as u64;
        if let Some(transfer) = transfer {
            transfer.advance(count as u64);
        }
    }
    check(file, hasher.finish(), size_bytes)?;
    output.sync_all().map_err(io_error("writing a temporary file"))
}

/// Compares what arrived with what the manifest promises.
fn check(file: &ArtifactFile, actual: super::Digest, size_bytes: u64) -> Result<(), Error> {
    if size_bytes != file.size_bytes {
        return Err(Error::SizeDiffers {
            expected_bytes: file.size_bytes,
            at_least_bytes: size_bytes,
        });
    }
    if actual != file.sha256 {
        return Err(Error::HashDiffers {
            expected: file.sha256,
            actual,
        });
    }
    Ok(())
}

/// Copies a file of this machine.
pub(crate) fn copy(
    path: &Path,
    file: &ArtifactFile,
    target: &Path,
    transfer: &Transfer<'_>,
) -> Result<(), Error> {
    match fs_err::File::open(path) {
        Ok(input) => copy_checked(input, file, target, Some(transfer)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NotThere),
        Err(error) => Err(io_error("reading")(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_a_directory_or_a_safe_address() {
        assert_eq!(
            Mirror::parse("../models").unwrap(),
            Mirror::Directory("../models".into())
        );
        let address = Mirror::parse("https://example.org/models/").unwrap();
        assert_eq!(address, Mirror::Address("https://example.org/models".to_owned()));
        for text in ["", "http://example.org/models", "ftp://example.org", "https://"] {
            assert!(Mirror::parse(text).is_err(), "{text}");
        }
    }
}
