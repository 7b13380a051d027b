//! `eval` and `calibrate` beyond the rates: reports, groups, the cache. On real photos, too few to say anything.

use std::path::{Path, PathBuf};

use crate::fixture::{json, run, sample, selfsame_with_models};

/// Two people: one with three photos, one with one.
fn people() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    for (person, name) in [
        ("o", "obama.jpg"),
        ("o", "obama2.jpg"),
        ("o", "obama3.jpg"),
        ("b", "biden.jpg"),
    ] {
        fs_err::create_dir_all(root.path().join(person)).unwrap();
        fs_err::copy(sample(name), root.path().join(person).join(name)).unwrap();
    }
    root
}

fn eval(directory: &Path, arguments: &[&str], code: i32) -> std::process::Output {
    let mut command = selfsame_with_models();
    command
        .args(["eval", "--format", "json", "--identities"])
        .arg(directory)
        .args(arguments);
    run(&mut command, code)
}

fn text(path: &Path) -> String {
    fs_err::read_to_string(path).unwrap()
}

#[test]
fn a_report_is_one_file_with_or_without_faces() {
    let people = people();
    let report = people.path().join("report.html");
    let name = report.to_str().unwrap();
    eval(people.path(), &["--report", name], 0);
    let html = text(&report);
    for section in [
        "What was measured",
        "Verification",
        "Curves",
        "Identification",
        "False alarms",
        "judged wrong first",
    ] {
        assert!(html.contains(section), "{section}");
    }
    // Three pairs of each kind, two faces each.
    assert_eq!(html.matches("data:image/jpeg;base64,").count(), 12);
    assert!(html.contains("This report holds photos"));
    assert!(html.matches("<svg").count() >= 3 && !html.contains("NaN"));
    // An SVG names its own format; nothing else has an address.
    let outside = html.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http:") && !outside.contains("https:") && !html.contains("<script"));
    let folder = people.path().to_str().unwrap();
    assert!(!html.contains(folder), "it does not say where photos lie");

    eval(people.path(), &["--report", name, "--no-photos"], 0);
    let html = text(&report);
    assert!(!html.contains("data:image") && !html.contains("holds photos"));
    assert!(html.contains("o/obama2.jpg"));
}

#[test]
fn groups_and_identification_are_told() {
    let people = people();
    let labels = people.path().join("labels.csv");
    fs_err::write(&labels, "identity,hair,age\no,black,old\nb,white,old\n").unwrap();
    let measured = json(&eval(
        people.path(),
        &["--groups", labels.to_str().unwrap(), "--by", "age"],
        0,
    ));
    let groups = measured["groups"].as_array().unwrap();
    assert!(
        groups.iter().all(|by| by["attribute"] == "age") && !groups.is_empty(),
        "{measured}"
    );
    assert_eq!(groups[0]["groups"][0]["name"], "old");
    assert_eq!(groups[0]["groups"][0]["fmr"]["trials"], 3, "{measured}");
    let identification = &measured["identification"];
    assert_eq!(
        (
            identification["enrolled"].as_u64(),
            identification["mated"].as_u64()
        ),
        (Some(2), Some(2))
    );
    assert!(
        (identification["rank_1"].as_f64().unwrap() - 1.0).abs() < 1e-9,
        "{identification}"
    );
    assert_eq!(measured["intervals"]["drawn"], "people");

    let gallery = people.path().join("gallery.txt");
    fs_err::write(&gallery, "b/biden.jpg\no/nobody.jpg\n").unwrap();
    let output = eval(people.path(), &["--gallery", gallery.to_str().unwrap()], 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody.jpg is not among the photos"));
    let output = eval(
        people.path(),
        &["--groups", labels.to_str().unwrap(), "--by", "height"],
        3,
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no column `height`"));
}

#[test]
fn a_second_run_takes_what_the_first_has_made() {
    let people = people();
    let cache = people.path().join("cache.d/deep");
    let run_with = |expected: u64| {
        let measured = json(&eval(people.path(), &["--cache", cache.to_str().unwrap()], 0));
        assert_eq!(measured["photos_from_cache"], expected, "{measured}");
        measured["eer"].clone()
    };
    let first = run_with(0);
    assert_eq!(run_with(4), first);
    // What a kill leaves: a line without its end. That photo is made again, the others are not.
    let file: PathBuf = fs_err::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let bytes = fs_err::read(&file).unwrap();
    fs_err::write(&file, &bytes[..bytes.len() - 50]).unwrap();
    let output = eval(people.path(), &["--cache", cache.to_str().unwrap()], 0);
    assert_eq!(json(&output)["photos_from_cache"], 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 damaged entries are ignored"));
    assert_eq!(json(&output)["eer"], first);
    // The file renamed is the same photo.
    fs_err::rename(people.path().join("b/biden.jpg"), people.path().join("b/joe.jpg")).unwrap();
    run_with(4);
}

#[test]
fn a_list_that_contradicts_itself_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let list = root.path().join("pairs.csv");
    fs_err::write(&list, "a,b,same,id_a,id_b\nobama.jpg,biden.jpg,1,o,b\n").unwrap();
    let mut command = selfsame_with_models();
    command.args(["eval", "--pairs"]).arg(&list).arg("--images");
    command.arg(sample("obama.jpg").parent().unwrap());
    let output = run(&mut command, 3);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("contradicts itself about who is on obama.jpg and biden.jpg"),
        "{told}"
    );
}

#[test]
fn too_few_pairs_are_no_calibration() {
    let people = people();
    let mut command = selfsame_with_models();
    command.args(["calibrate", "--identities"]).arg(people.path());
    let output = run(&mut command, 3);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("3 impostor pairs are too few for a calibration"),
        "{told}"
    );
}

#[test]
fn lfws_list_is_read_with_its_folds_and_any_kind_of_image() {
    let root = tempfile::tempdir().unwrap();
    for (name, photo) in [
        ("O/O_0001", "obama"),
        ("O/O_0002", "obama2"),
        ("O/O_0003", "obama3"),
        ("B/B_0001", "biden"),
    ] {
        let path = root.path().join(name).with_extension("png");
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        image::open(sample(&format!("{photo}.jpg")))
            .unwrap()
            .save(path)
            .unwrap();
    }
    let list = root.path().join("pairs.txt");
    fs_err::write(&list, "2\t1\nO\t1\t2\nO\t1\tB\t1\nO\t2\t3\nB\t1\tO\t2\n").unwrap();
    let mut command = selfsame_with_models();
    command.args(["eval", "--format", "json", "--pairs"]).arg(&list);
    let measured = json(&run(command.arg("--images").arg(root.path()), 0));
    assert_eq!(measured["accuracy"]["folds_from"], "list", "{measured}");
    assert!((measured["accuracy"]["mean"].as_f64().unwrap() - 1.0).abs() < 1e-9);
    assert_eq!(
        (
            measured["people"].as_u64(),
            measured["intervals"]["drawn"].as_str()
        ),
        (Some(2), Some("people"))
    );
}
