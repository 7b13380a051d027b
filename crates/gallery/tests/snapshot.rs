//! A snapshot is read back whole or not at all, whatever happened to the file.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use proptest::prelude::*;
use selfsame_gallery::snapshot::{self, Error};
use selfsame_gallery::testing::{Random, face, template};
use selfsame_gallery::{ExactIndex, FaceIndex};
use selfsame_types::{Change, FaceModelVersion, Seq};
use tempfile::TempDir;

fn version() -> FaceModelVersion {
    FaceModelVersion::new("test-1")
}

fn filled(count: u64) -> ExactIndex {
    let mut random = Random::new(count);
    let index = ExactIndex::new(version(), None);
    for seq in 1..=count {
        let template = template(&mut random, 5, &version());
        index
            .apply(&[Change::Enrolled {
                seq: Seq(seq),
                face: face(seq),
                template,
            }])
            .unwrap();
    }
    index
}

fn written(index: &ExactIndex) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("faces.index");
    snapshot::write(&path, index).unwrap();
    (directory, path)
}

#[test]
fn no_file_and_another_model_are_no_snapshot() {
    let (directory, path) = written(&filled(3));
    assert!(
        snapshot::read(&directory.path().join("none"), &version())
            .unwrap()
            .is_none()
    );
    assert!(
        snapshot::read(&path, &FaceModelVersion::new("test-2"))
            .unwrap()
            .is_none()
    );
    assert!(matches!(
        snapshot::read(directory.path(), &version()),
        Err(Error::Io(_))
    ));
    let nowhere = directory.path().join("missing").join("faces.index");
    assert!(matches!(snapshot::write(&nowhere, &filled(1)), Err(Error::Io(_))));
}

#[test]
fn an_empty_index_is_read_back() {
    let (_directory, path) = written(&ExactIndex::new(version(), None));
    let index = snapshot::read(&path, &version()).unwrap().unwrap();
    assert_eq!(
        (index.len(), index.complete_through(), index.dimensions()),
        (0, Seq(0), None)
    );

    let (_directory, path) = written(&ExactIndex::new(version(), Some(7)));
    assert_eq!(
        snapshot::read(&path, &version()).unwrap().unwrap().dimensions(),
        Some(7)
    );
}

#[test]
fn a_snapshot_replaces_the_one_before_and_leaves_nothing_else() {
    let (directory, path) = written(&filled(9));
    snapshot::write(&path, &filled(2)).unwrap();
    assert_eq!(snapshot::read(&path, &version()).unwrap().unwrap().len(), 2);
    let names: Vec<_> = fs_err::read_dir(directory.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names, ["faces.index"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, path) = written(&filled(1));
    assert_eq!(
        fs_err::metadata(path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn every_cut_is_noticed() {
    let (_directory, path) = written(&filled(4));
    let bytes = fs_err::read(&path).unwrap();
    for length in 0..bytes.len() {
        fs_err::write(&path, &bytes[..length]).unwrap();
        assert!(
            matches!(snapshot::read(&path, &version()), Err(Error::Damaged(_))),
            "cut at {length}"
        );
    }
    fs_err::write(&path, [&bytes[..], b"x"].concat()).unwrap();
    assert!(matches!(
        snapshot::read(&path, &version()),
        Err(Error::Damaged(_))
    ));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (_directory, path) = written(&filled(4));
    let bytes = fs_err::read(&path).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs_err::write(&path, &damaged).unwrap();
        // A flipped bit in the format number makes it a snapshot of another format, which is no error.
        let refused = matches!(
            snapshot::read(&path, &version()),
            Err(Error::Damaged(_)) | Ok(None)
        );
        assert!(refused, "bit {bit}");
    }
}

/// A file with right checksums around what the test wants to say.
fn forged(dimensions: u32, count: u64, version: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"SELFSAME".to_vec();
    bytes.extend(1u32.to_le_bytes());
    bytes.extend((version.len() as u32).to_le_bytes());
    bytes.extend(dimensions.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(9u64.to_le_bytes());
    bytes.extend(version);
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend(body);
    bytes.extend(crc32fast::hash(body).to_le_bytes());
    bytes
}

#[test]
fn right_checksums_around_nonsense_do_not_help() {
    let face = [7u8; 16];
    let one = 1.0f32.to_le_bytes();
    let nan = f32::NAN.to_le_bytes();
    let good = [&face[..], &one].concat();
    let cases = [
        (
            "not a number",
            forged(1, 1, b"test-1", &[&face[..], &nan].concat()),
        ),
        (
            "a face twice",
            forged(1, 2, b"test-1", &[&face[..], &face, &one, &one].concat()),
        ),
        ("more faces than bytes", forged(1, u64::MAX, b"test-1", &good)),
        (
            "as many faces as overflow to its length",
            forged(1, (1 << 62) + 1, b"test-1", &good),
        ),
        ("faces without values", forged(0, 1, b"test-1", &face)),
        ("too many values", forged(u32::MAX, 1, b"test-1", &good)),
        ("no text", forged(1, 1, &[0xff; 6], &good)),
        ("a long name", forged(1, 1, &[b'x'; 5000], &good)),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("forged");
    for (case, bytes) in cases {
        fs_err::write(&path, bytes).unwrap();
        assert!(
            matches!(snapshot::read(&path, &version()), Err(Error::Damaged(_))),
            "{case}"
        );
    }
    fs_err::write(&path, forged(1, 1, b"test-1", &good)).unwrap();
    assert_eq!(
        snapshot::read(&path, &version())
            .unwrap()
            .unwrap()
            .complete_through(),
        Seq(9)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        body in prop::collection::vec(any::<u8>(), 0..80),
        dimensions in 0u32..9,
        count in 0u64..4,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("any");
        fs_err::write(&path, &bytes).unwrap();
        prop_assert!(!matches!(snapshot::read(&path, &version()), Ok(Some(_))));
        // Behind a right header and right checksums: read or refused, no panic.
        fs_err::write(&path, forged(dimensions, count, b"test-1", &body)).unwrap();
        let _ = snapshot::read(&path, &version());
    }
}
