//! A model of the user's own: what is no embedder is refused in its own terms, what is one becomes a pack.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::fixture::{json, run, said, sample, selfsame_with_models};

/// The files of the default pack, as a user would have them.
pub(crate) fn file_of(role: &str) -> PathBuf {
    let shown = json(&run(
        selfsame_with_models().args(["models", "show", "standard", "--format", "json"]),
        0,
    ));
    PathBuf::from(shown["roles"][role]["path"].as_str().expect("a path"))
}

/// `models import` into a directory of packs.
pub(crate) fn import(packs: &Path, file: &Path, name: &str, arguments: &[&str]) -> Command {
    let mut command = selfsame_with_models();
    command
        .args(["models", "import", "--format", "json", "--name", name])
        .args(arguments)
        .arg(file)
        .env("SELFSAME_MODELS_PACKS", packs);
    command
}

/// As the default pack uses its embedder, so that faces are told apart.
pub(crate) const AS_STANDARD: [&str; 4] = ["--mean", "123.675,116.28,103.53", "--std", "58.395,57.12,57.375"];

/// What was measured of the default pack's embedder without mirror images, to three digits.
pub(crate) const CALIBRATION: &str =
    "single = [[0.137, -1.0], [0.246, -2.0], [0.324, -3.0], [0.391, -4.0], [0.472, -5.0]]";

#[test]
fn what_is_no_embedder_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let packs = directory.path().join("packs");
    fs_err::create_dir(&packs).expect("a directory");
    let file = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        fs_err::write(&path, bytes).expect("written");
        path
    };
    let embedder = file_of("embedder");
    let cases: [(PathBuf, &[&str], i32, &str); 9] = [
        (file("empty.onnx", b""), &[], 3, "it is empty"),
        (file("page.onnx", b"<!doctype html>"), &[], 3, "cannot be used"),
        (directory.path().join("missing.onnx"), &[], 3, "missing.onnx"),
        (
            file_of("detector"),
            &["--input-px", "640"],
            3,
            "Is it a detector?",
        ),
        (
            embedder.clone(),
            &["--dimensions", "512"],
            2,
            "gives 128 values, not 512",
        ),
        (
            embedder.clone(),
            &["--input-px", "160"],
            3,
            "112 pixels wide and high, not 160",
        ),
        (embedder.clone(), &["--alignment", "nose-first"], 3, "nose-first"),
        (embedder.clone(), &["--std", "0,1,1"], 2, "cannot be 0"),
        (
            embedder.clone(),
            &["--from", "nowhere"],
            3,
            "no model pack `nowhere`",
        ),
    ];
    for (path, arguments, code, expected) in cases {
        let output = run(&mut import(&packs, &path, "mine", arguments), code);
        assert!(said(&output).contains(expected), "{expected}\n{}", said(&output));
    }
    let nonsense = file("nonsense.toml", b"single = [[0.5, -1.0], [0.1, -2.0]]");
    let arguments = ["--calibration", nonsense.to_str().expect("a plain name")];
    let output = run(&mut import(&packs, &embedder, "mine", &arguments), 3);
    assert!(said(&output).contains("cosines must ascend"), "{}", said(&output));
    assert_eq!(
        fs_err::read_dir(&packs).expect("listed").count(),
        0,
        "no manifest was written"
    );
}

#[test]
fn a_users_embedder_becomes_a_pack() {
    let packs = tempfile::tempdir().expect("a directory");
    let packs = packs.path();
    let embedder = file_of("embedder");
    let with = |arguments: &[&str], code: i32| {
        let mut command = selfsame_with_models();
        run(command.args(arguments).env("SELFSAME_MODELS_PACKS", packs), code)
    };
    let imported = |arguments: &[&str]| -> Value {
        let arguments = [
            &AS_STANDARD[..],
            &["--licence", "Apache-2.0", "--replace"],
            arguments,
        ]
        .concat();
        json(&run(&mut import(packs, &embedder, "mine", &arguments), 0))
    };
    let first = imported(&[]);
    assert_eq!(
        (&first["calibrated"], &first["parameters"]["version"]),
        (&false.into(), &"mine-1".into())
    );
    assert_eq!(
        (
            &first["parameters"]["dimensions"],
            &first["parameters"]["input_px"]
        ),
        (&128.into(), &112.into())
    );
    let listed = json(&with(&["models", "list", "--format", "json"], 0));
    let mine = listed
        .as_array()
        .expect("a list")
        .iter()
        .find(|pack| pack["name"] == "mine");
    assert_eq!(mine.expect("it is listed")["installed"], true);

    // Nobody has measured it, so nothing is said of faces.
    let photo = sample("obama.jpg");
    let photo = photo.to_str().expect("a plain name");
    let output = with(&["compare", "--pack", "mine", photo, photo], 3);
    assert!(
        said(&output).contains("selfsame calibrate --pack mine"),
        "{}",
        said(&output)
    );

    // What was measured does not make its templates others; other parameters do.
    let calibration = packs.join("measured");
    fs_err::write(&calibration, CALIBRATION).expect("written");
    let calibration = calibration.to_str().expect("a plain name");
    let second = imported(&["--calibration", calibration]);
    assert_eq!(
        (&second["calibrated"], &second["parameters"]["version"]),
        (&true.into(), &"mine-1".into())
    );
    let compared = json(&with(
        &["compare", "--format", "json", "--pack", "mine", photo, photo],
        0,
    ));
    assert!(
        compared["similarity"].as_f64().expect("a number") > 99.0,
        "{compared}"
    );
    let third = imported(&["--colour", "bgr", "--calibration", calibration]);
    assert_eq!(third["parameters"]["version"], "mine-2");
    let output = run(&mut import(packs, &embedder, "mine", &[]), 2);
    assert!(said(&output).contains("--replace"), "{}", said(&output));
}
