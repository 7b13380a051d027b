//! What was made of photos, kept in a folder: an evaluation that was interrupted, or is repeated, goes on where it was.
//!
//! **Templates are biometric data.** The folder is made for its owner alone (0700), the file in it too (0600).
//!
//! One file per set of models and choice of face; one line per photo, appended as it is done: the CRC-32 of the rest, a
//! space, a JSON document. A photo is known by the SHA-256 of its bytes, wherever it lies. A line that was cut off by a kill,
//! or damaged, does not fit its CRC: it is counted, told and ignored, and its photo is encoded again.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use selfsame_face::Measures;
use selfsame_types::{BoundingBox, FaceModelVersion, Template};
use selfsame_vision::pack::Digest;
use serde::{Deserialize, Serialize};

use super::{Outcome, Seen};
use crate::output::talk;

/// Changes with the form of a line, and with what a measure in it means.
const FORM: &str = "1";

/// The results of one set of models.
pub(crate) struct Cache {
    version: FaceModelVersion,
    known: HashMap<Digest, Outcome>,
    /// Lines that were ignored.
    damaged: usize,
    file: Mutex<fs_err::File>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    photo: Digest,
    /// `None` where there is no face.
    face: Option<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    faces: usize,
    bounding_box: BoundingBox,
    measures: Measures,
    template: String,
}

impl Cache {
    /// Opens or makes the cache for what `key` names: everything that decides what is made of a photo.
    pub(crate) fn open(directory: &Path, key: &str, version: &FaceModelVersion) -> Result<Self> {
        make_private(directory)?;
        let digest = Digest::of(format!("{FORM} {}\n{version}\n{key}", env!("CARGO_PKG_VERSION")).as_bytes())
            .to_string();
        let path = directory.join(format!("{}-{}.jsonl", file_name(version.as_str()), &digest[..16]));
        let text = match fs_err::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut file = private_file(&path)?;
        // What a kill left without an end would swallow the next line.
        if text.last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n")?;
        }
        let mut cache = Self {
            version: version.clone(),
            known: HashMap::new(),
            damaged: 0,
            file: Mutex::new(file),
        };
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match cache.read(line) {
                Some((photo, outcome)) => {
                    cache.known.insert(photo, outcome);
                }
                None => cache.damaged += 1,
            }
        }
        if cache.damaged > 0 {
            talk(format_args!(
                "warning: {}: {} damaged entries are ignored; their photos are encoded again",
                path.display(),
                cache.damaged
            ));
        }
        Ok(cache)
    }

    /// What was made of a photo before.
    pub(super) fn get(&self, photo: &Digest) -> Option<&Outcome> {
        self.known.get(photo)
    }

    /// Keeps what was made of a photo; nothing is kept of what could not be read.
    pub(super) fn put(&self, photo: Digest, outcome: &Outcome) -> Result<()> {
        let face = match outcome {
            Outcome::Unreadable(_) => return Ok(()),
            Outcome::NoFace => None,
            Outcome::Encoded {
                template,
                faces,
                seen,
            } => Some(Kept {
                faces: *faces,
                bounding_box: seen.bounding_box,
                measures: seen.measures,
                template: BASE64.encode(template.to_bytes()),
            }),
        };
        let json = serde_json::to_string(&Line { photo, face })?;
        let line = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        // One write: whatever kills the process, the line is whole or does not fit its CRC.
        self.file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(line.as_bytes())
            .context("the cache cannot be written")
    }

    fn read(&self, line: &[u8]) -> Option<(Digest, Outcome)> {
        let (crc, json) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        if u32::from_str_radix(crc, 16).ok()? != crc32fast::hash(json.as_bytes()) {
            return None;
        }
        let line: Line = serde_json::from_str(json).ok()?;
        let outcome = match line.face {
            None => Outcome::NoFace,
            Some(kept) => {
                let bytes = BASE64.decode(kept.template).ok()?;
                Outcome::Encoded {
                    template: Template::from_bytes(&bytes, self.version.clone()).ok()?,
                    faces: kept.faces,
                    seen: Seen {
                        bounding_box: kept.bounding_box,
                        measures: kept.measures,
                    },
                }
            }
        };
        Some((line.photo, outcome))
    }
}

fn file_name(version: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-._+".contains(c) {
            c
        } else {
            '_'
        }
    };
    version.chars().map(plain).collect()
}

/// Makes the folder for its owner alone; says so where one that is there already is open to others.
fn make_private(directory: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .with_context(|| format!("{} cannot be made", directory.display()))?;
        if fs_err::metadata(directory)?.permissions().mode() & 0o077 != 0 {
            talk(format_args!(
                "warning: others may read {}, and templates are biometric data: chmod 700",
                directory.display()
            ));
        }
    }
    #[cfg(not(unix))]
    fs_err::create_dir_all(directory)?;
    Ok(())
}

fn private_file(path: &PathBuf) -> Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    Ok(options.open(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: f32) -> Outcome {
        let mut values = vec![0.0; 128];
        (values[0], values[1]) = (value, 1.0);
        Outcome::Encoded {
            template: Template::new(&values, FaceModelVersion::new("fake")).unwrap(),
            faces: 2,
            seen: Seen {
                bounding_box: BoundingBox {
                    left: 1.0,
                    top: 2.0,
                    width: 30.0,
                    height: 40.0,
                },
                measures: Measures {
                    yaw: 1.0,
                    brightness: 50.0,
                    sharpness: 70.0,
                    side_px: 30.0,
                },
            },
        }
    }

    fn open(directory: &Path, key: &str) -> Cache {
        Cache::open(directory, key, &FaceModelVersion::new("fake")).unwrap()
    }

    fn the_file(directory: &Path) -> PathBuf {
        fs_err::read_dir(directory)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
    }

    #[test]
    fn what_was_kept_is_found_again_by_the_same_models_only() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("cache");
        let (a, b, c) = (Digest::of(b"a"), Digest::of(b"b"), Digest::of(b"c"));
        let cache = open(&directory, "largest");
        cache.put(a, &encoded(0.5)).unwrap();
        cache.put(b, &Outcome::NoFace).unwrap();
        cache.put(c, &Outcome::Unreadable("no".into())).unwrap();
        let again = open(&directory, "largest");
        assert_eq!(again.damaged, 0);
        assert!(matches!(again.get(&b), Some(Outcome::NoFace)) && again.get(&c).is_none());
        let Some(Outcome::Encoded {
            template,
            faces,
            seen,
        }) = again.get(&a)
        else {
            panic!("not found");
        };
        let Outcome::Encoded {
            template: kept,
            seen: was,
            ..
        } = encoded(0.5)
        else {
            unreachable!()
        };
        assert_eq!(
            (template.values(), *faces, seen.measures),
            (kept.values(), 2, was.measures)
        );
        assert!(open(&directory, "central").get(&a).is_none());
    }

    #[test]
    fn a_line_that_was_cut_off_or_damaged_is_ignored_and_the_rest_stays() {
        let root = tempfile::tempdir().unwrap();
        let photos: Vec<Digest> = (0u8..4).map(|n| Digest::of(&[n])).collect();
        let cache = open(root.path(), "");
        for photo in &photos[..3] {
            cache.put(*photo, &encoded(0.1)).unwrap();
        }
        drop(cache);
        let file = the_file(root.path());
        let mut bytes = fs_err::read(&file).unwrap();
        let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 40;
        bytes[second] ^= 1;
        bytes.truncate(bytes.len() - 7);
        fs_err::write(&file, bytes).unwrap();

        let cache = open(root.path(), "");
        assert_eq!(cache.damaged, 2);
        assert!(
            cache.get(&photos[0]).is_some()
                && cache.get(&photos[1]).is_none()
                && cache.get(&photos[2]).is_none()
        );
        cache.put(photos[3], &encoded(0.2)).unwrap();
        let cache = open(root.path(), "");
        assert!(cache.get(&photos[0]).is_some() && cache.get(&photos[3]).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("deep/cache");
        drop(open(&directory, ""));
        let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&the_file(&directory))), (0o700, 0o600));
    }
}
