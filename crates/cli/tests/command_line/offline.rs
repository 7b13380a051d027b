//! Commands that need models and no server, on real photos.

use std::path::Path;

use serde_json::Value;

use crate::fixture::{json, run, sample, selfsame_with_models};

fn compare(a: &str, b: &str, code: i32) -> Value {
    let mut command = selfsame_with_models();
    command
        .args(["compare", "--format", "json"])
        .args([sample(a), sample(b)]);
    json(&run(&mut command, code))
}

#[test]
fn one_person_matches_and_two_do_not() {
    for other in ["obama2.jpg", "obama3.jpg"] {
        let compared = compare("obama.jpg", other, 0);
        assert_eq!(compared["is_match"], true, "{compared}");
        assert!(compared["similarity"].as_f64().unwrap() > 95.0, "{compared}");
    }
    let compared = compare("obama.jpg", "biden.jpg", 1);
    assert_eq!(compared["is_match"], false, "{compared}");
    assert!(compared["similarity"].as_f64().unwrap() < 80.0, "{compared}");
    assert!(
        compared["false_match_rate"].as_f64().unwrap() > 0.01,
        "{compared}"
    );
}

#[test]
fn nothing_is_left_behind_and_no_device_gets_an_id() {
    let home = tempfile::tempdir().unwrap();
    let mut command = selfsame_with_models();
    // Whatever ONNX Runtime takes for a reason to keep quiet.
    for variable in [
        "ORT_DISABLE_TELEMETRY",
        "ORT_RUNNING_UNIT_TESTS",
        "CI",
        "XDG_CACHE_HOME",
    ] {
        command.env_remove(variable);
    }
    command
        .env("HOME", home.path())
        .args(["compare", "--engine", "ort"])
        .args([sample("obama.jpg"), sample("obama2.jpg")]);
    run(&mut command, 0);
    let left: Vec<_> = fs_err::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_threshold_decides() {
    let mut command = selfsame_with_models();
    command
        .arg("compare")
        .args([sample("obama.jpg"), sample("biden.jpg")])
        .args(["--threshold", "0"]);
    let output = run(&mut command, 0);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("match: similarity "));
}

#[test]
fn without_a_face_there_is_no_answer() {
    let root = tempfile::tempdir().unwrap();
    let blank = root.path().join("blank.png");
    image::RgbImage::from_pixel(200, 200, image::Rgb([200, 210, 220]))
        .save(&blank)
        .unwrap();
    let output = run(
        selfsame_with_models()
            .arg("compare")
            .arg(sample("obama.jpg"))
            .arg(&blank),
        3,
    );
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("blank.png: there is no face in this photo"),
        "{text}"
    );
    assert!(output.stdout.is_empty());
    run(selfsame_with_models().arg("detect").arg(&blank), 1);
}

#[test]
fn a_file_that_is_no_photo_is_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("notes.jpg");
    fs_err::write(&file, "dear diary").unwrap();
    let output = run(selfsame_with_models().arg("detect").arg(&file), 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("notes.jpg"));
}

#[test]
fn detection_finds_the_face_and_draws_it() {
    let root = tempfile::tempdir().unwrap();
    let picture = root.path().join("annotated.png");
    let mut command = selfsame_with_models();
    command
        .args(["detect", "--format", "json"])
        .arg(sample("obama.jpg"))
        .arg("--annotate")
        .arg(&picture);
    let detected = json(&run(&mut command, 0));
    assert_eq!(detected["faces"].as_array().unwrap().len(), 1, "{detected}");
    let face = &detected["faces"][0];
    assert!(face["confidence"].as_f64().unwrap() > 90.0);
    for angle in ["pitch", "roll", "yaw"] {
        assert!(
            face["pose"][angle].as_f64().unwrap().abs() < 30.0,
            "{angle}: {face}"
        );
    }
    let (left, width) = (
        face["bounding_box"]["left"].as_f64().unwrap(),
        face["bounding_box"]["width"].as_f64().unwrap(),
    );
    let eye = face["landmarks"]["left_eye"]["x"].as_f64().unwrap();
    assert!(left < eye && eye < left + width, "{face}");

    let original = image::open(sample("obama.jpg")).unwrap().into_rgb8();
    let annotated = image::open(&picture).unwrap().into_rgb8();
    assert_eq!(annotated.dimensions(), original.dimensions());
    assert_ne!(annotated, original, "something is drawn");
}

#[test]
fn a_group_has_several_faces() {
    let mut command = selfsame_with_models();
    command
        .args(["detect", "--landmarks", "--format", "json"])
        .arg(sample("sample1.jpg"));
    let detected = json(&run(&mut command, 0));
    let faces = detected["faces"].as_array().unwrap();
    assert!((3..=5).contains(&faces.len()), "{detected}");
    assert!(
        faces
            .iter()
            .all(|face| face["dense_landmarks"].as_array().unwrap().len() == 68)
    );
}

#[test]
fn templates_are_unit_vectors_and_come_with_a_warning() {
    let mut command = selfsame_with_models();
    command
        .arg("encode")
        .args([sample("obama.jpg"), sample("biden.jpg")]);
    let output = run(&mut command, 0);
    assert!(String::from_utf8_lossy(&output.stderr).contains("biometric data"));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "one document per face");
    for line in lines {
        let squares: f64 = line["template"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap().powi(2))
            .sum();
        assert!((squares - 1.0).abs() < 1e-4);
        assert!(!line["face_model_version"].as_str().unwrap().is_empty());
    }
}

/// Three photos of one person, one of another: the smallest set with genuine and impostor pairs.
const PAIRS: &str = "a,b,same\nobama.jpg,obama2.jpg,1\nobama2.jpg,obama3.jpg,1\nobama.jpg,obama3.jpg,1\n\
                     obama.jpg,biden.jpg,0\nobama2.jpg,biden.jpg,0\nobama3.jpg,biden.jpg,0\n";

fn samples() -> std::path::PathBuf {
    sample("obama.jpg")
        .parent()
        .expect("it lies in a directory")
        .to_owned()
}

fn write(directory: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = directory.join(name);
    fs_err::write(&path, text).expect("the directory can be written to");
    path
}

#[test]
fn a_tiny_list_is_told_apart_without_error() {
    let root = tempfile::tempdir().unwrap();
    let pairs = write(root.path(), "pairs.csv", PAIRS);
    let (roc, det, report) = (
        root.path().join("roc.svg"),
        root.path().join("det.svg"),
        root.path().join("eval.json"),
    );
    let mut command = selfsame_with_models();
    command
        .args(["eval", "--format", "json", "--pairs"])
        .arg(&pairs)
        .arg("--images")
        .arg(samples());
    command
        .arg("--roc")
        .arg(&roc)
        .arg("--det")
        .arg(&det)
        .arg("--json")
        .arg(&report);
    let measured = json(&run(&mut command, 0));
    assert_eq!(
        (
            measured["pairs"]["genuine"].as_u64(),
            measured["pairs"]["impostor"].as_u64()
        ),
        (Some(3), Some(3)),
        "{measured}"
    );
    assert!(
        (measured["accuracy"]["mean"].as_f64().unwrap() - 1.0).abs() < 1e-9,
        "{measured}"
    );
    assert!(measured["accuracy"]["std"].is_number(), "{measured}");
    assert!(measured["eer"]["rate"].as_f64().unwrap() < 1e-9, "{measured}");
    for plot in [roc, det] {
        assert!(
            fs_err::read_to_string(&plot).unwrap().contains("<svg"),
            "{}",
            plot.display()
        );
    }
    let written: Value = serde_json::from_str(&fs_err::read_to_string(report).unwrap()).unwrap();
    assert_eq!(written, measured);
}

#[test]
fn photos_without_a_face_count_against_the_system() {
    let root = tempfile::tempdir().unwrap();
    for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
        fs_err::copy(sample(name), root.path().join(name)).unwrap();
    }
    image::RgbImage::from_pixel(200, 200, image::Rgb([200, 210, 220]))
        .save(root.path().join("blank.png"))
        .unwrap();
    let pairs = write(
        root.path(),
        "pairs.csv",
        &format!("{PAIRS}obama.jpg,blank.png,1\n"),
    );
    let mut command = selfsame_with_models();
    command
        .args(["eval", "--format", "json", "--pairs"])
        .arg(&pairs)
        .arg("--images")
        .arg(root.path());
    let measured = json(&run(&mut command, 0));
    assert_eq!(
        measured["photos_without_face"].as_array().unwrap().len(),
        1,
        "{measured}"
    );
    assert!(measured["accuracy"]["mean"].as_f64().unwrap() < 1.0, "{measured}");
}

#[test]
fn identities_are_compared_with_each_other() {
    let root = tempfile::tempdir().unwrap();
    for (person, name) in [
        ("o", "obama.jpg"),
        ("o", "obama2.jpg"),
        ("o", "obama3.jpg"),
        ("b", "biden.jpg"),
    ] {
        fs_err::create_dir_all(root.path().join(person)).unwrap();
        fs_err::copy(sample(name), root.path().join(person).join(name)).unwrap();
    }
    let mut command = selfsame_with_models();
    let measured = json(&run(
        command
            .args(["eval", "--format", "json", "--identities"])
            .arg(root.path()),
        0,
    ));
    assert_eq!(
        (
            measured["pairs"]["genuine"].as_u64(),
            measured["pairs"]["impostor"].as_u64()
        ),
        (Some(3), Some(3)),
        "{measured}"
    );
    assert!(
        measured["calibration"].is_null(),
        "three pairs are no calibration: {measured}"
    );
}

#[test]
fn users_and_quality_are_measured_by_person() {
    let root = tempfile::tempdir().unwrap();
    for (person, name) in [
        ("o", "obama.jpg"),
        ("o", "obama2.jpg"),
        ("o", "obama3.jpg"),
        ("b", "biden.jpg"),
    ] {
        fs_err::create_dir_all(root.path().join(person)).unwrap();
        fs_err::copy(sample(name), root.path().join(person).join(name)).unwrap();
    }
    let measure = |what: &str, except: &[&str], status| {
        let mut command = selfsame_with_models();
        command.args(["eval", "--format", "json", what]).arg(root.path());
        run(command.args(except), status)
    };
    let users = json(&measure("--users", &[], 0));
    let enrolled = users["enrolled"].as_array().unwrap();
    // One or two of three photos, each photo left out once: 3 × 2 and 3 × 1 genuine comparisons.
    assert_eq!(
        enrolled
            .iter()
            .map(|one| one["genuine"].as_u64())
            .collect::<Vec<_>>(),
        [Some(6), Some(3)],
        "{users}"
    );
    assert_eq!(enrolled[1]["methods"][2]["method"], "user_vector", "{users}");

    let quality = json(&measure("--quality", &["--except", "o/obama3.jpg"], 0));
    assert_eq!(quality["photos"].as_u64(), Some(3), "{quality}");
    assert_eq!(quality["spoilt"].as_array().unwrap().len(), 26, "{quality}");
    let bins = quality["bins"].as_array().unwrap();
    let darkest = bins.iter().find(|bin| bin["measure"] == "brightness").unwrap();
    assert_eq!(
        darkest["errors"]["lost_at_80"]["rate"].as_f64(),
        Some(1.0),
        "{darkest}"
    );
    for filter in quality["filters"].as_array().unwrap() {
        assert_eq!(filter["refused"]["events"].as_u64(), Some(0), "{filter}");
    }

    let output = measure("--users", &["--except", "o/nobody.jpg"], 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody.jpg is not among the photos"));
}

#[test]
fn the_share_of_photos_with_a_face() {
    let root = tempfile::tempdir().unwrap();
    fs_err::copy(sample("obama.jpg"), root.path().join("a.jpg")).unwrap();
    image::RgbImage::from_pixel(200, 200, image::Rgb([200, 210, 220]))
        .save(root.path().join("b.png"))
        .unwrap();
    let mut command = selfsame_with_models();
    let measured = json(&run(
        command
            .args(["eval", "--format", "json", "--detect"])
            .arg(root.path()),
        0,
    ));
    assert_eq!(
        (measured["photos"].as_u64(), measured["with_face"].as_u64()),
        (Some(2), Some(1)),
        "{measured}"
    );
    assert!((measured["share"].as_f64().unwrap() - 0.5).abs() < 1e-9);
}

#[test]
fn a_list_that_names_missing_photos_says_which() {
    let root = tempfile::tempdir().unwrap();
    let pairs = write(root.path(), "pairs.csv", "a,b,same\nno-such.jpg,obama.jpg,0\n");
    let mut command = selfsame_with_models();
    let output = run(
        command
            .args(["eval", "--pairs"])
            .arg(&pairs)
            .arg("--images")
            .arg(samples()),
        3,
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such.jpg"));
}

#[test]
fn both_engines_are_measured() {
    let mut command = selfsame_with_models();
    command.args([
        "bench",
        "pipeline",
        "--format",
        "json",
        "--iterations",
        "2",
        "--threads",
        "1,2",
        "--image",
    ]);
    let measured = json(&run(command.arg(sample("obama.jpg")), 0));
    let rows = measured["engines"].as_array().unwrap();
    assert!(
        rows.len() == 4 || rows.len() == 2,
        "each engine with one and two threads: {measured}"
    );
    for row in rows {
        for stage in ["decode", "detect", "align", "encode", "total"] {
            let latency = &row["stages"][stage];
            assert!(latency["median_ms"].as_f64().unwrap() > 0.0, "{stage}: {row}");
            assert!(
                latency["p99_ms"].as_f64() >= latency["median_ms"].as_f64(),
                "{stage}: {row}"
            );
        }
        assert!(row["photos_per_second"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_models_of_the_tests_are_verified_and_doctor_is_content() {
    let root = tempfile::tempdir().unwrap();
    let pack = selfsame_vision::pack::testing::default_models_for_tests()
        .name
        .clone();
    let verified = json(&run(
        selfsame_with_models().args(["models", "verify", "--format", "json", &pack]),
        0,
    ));
    assert_eq!(verified["complete"], true);
    let mut doctor = selfsame_with_models();
    doctor
        .args(["doctor", "--pack", &pack, "--server", "http://127.0.0.1:9"])
        .current_dir(&root);
    let output = run(&mut doctor, 0);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("runs the models"), "{text}");
    assert!(text.contains("ms on one core"), "{text}");
}

#[test]
fn samples_are_fetched_and_other_files_stay() {
    let root = tempfile::tempdir().unwrap();
    let samples = |code| {
        let mut command = selfsame_with_models();
        run(command.args(["samples", "photos"]).current_dir(&root), code)
    };
    samples(0);
    assert!(root.path().join("photos/obama.jpg").exists());
    samples(0);
    let changed = root.path().join("photos/biden.jpg");
    fs_err::write(&changed, b"mine").unwrap();
    let output = samples(3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("biden.jpg is there already"));
    assert_eq!(fs_err::read(&changed).unwrap(), b"mine");
}
