//! The whole pipeline on real photos with the real models. The photos are the samples that `selfsame samples` fetches.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::sync::OnceLock;

use selfsame_face::attributes::AttributeSet;
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer, AnalyzerOptions, EngineChoice};
use selfsame_vision::pack::testing;

fn analyzer() -> &'static Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    ANALYZER.get_or_init(|| {
        Analyzer::load(testing::default_models_for_tests(), AnalyzerOptions::default()).unwrap()
    })
}

fn photo(name: &str) -> Vec<u8> {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(testing::samples_for_tests);
    fs_err::read(directory.join(name)).unwrap()
}

fn analyze(name: &str) -> Analysis {
    let options = AnalyzeOptions {
        dense_landmarks: true,
        ..AnalyzeOptions::default()
    };
    analyzer().analyze(&photo(name), &options).unwrap()
}

fn similarity(a: &str, b: &str) -> f32 {
    let template = |name: &str| analyze(name).faces[0].template.clone().unwrap();
    analyzer().similarity(&template(a), &template(b)).unwrap().value()
}

#[test]
fn every_model_can_be_warmed_up() {
    analyzer().warm_up(AttributeSet::ALL).unwrap();
}

#[test]
fn photos_of_one_person_match() {
    for (a, b) in [
        ("obama.jpg", "obama2.jpg"),
        ("obama.jpg", "obama3.jpg"),
        ("obama2.jpg", "obama3.jpg"),
    ] {
        let similarity = similarity(a, b);
        assert!(similarity > 95.0, "{a} and {b}: {similarity}");
    }
}

#[test]
fn photos_of_two_people_do_not() {
    let similarity = similarity("obama.jpg", "biden.jpg");
    assert!(similarity < 80.0, "{similarity}");
}

#[test]
fn every_face_of_a_group_is_found_the_largest_first() {
    for (name, people) in [
        ("sample1.jpg", 3..=5),
        ("sample4.jpg", 3..=5),
        ("sample6.jpg", 3..=5),
    ] {
        let analysis = analyze(name);
        assert!(
            people.contains(&analysis.faces.len()),
            "{name}: {} faces",
            analysis.faces.len()
        );
        let areas: Vec<f32> = analysis
            .faces
            .iter()
            .map(|f| f.detection.bounding_box.area())
            .collect();
        assert!(areas.is_sorted_by(|a, b| a >= b), "{name}: {areas:?}");
    }
}

#[test]
fn dense_landmarks_agree_with_the_detector() {
    for name in ["obama.jpg", "obama2.jpg", "biden.jpg", "sample1.jpg"] {
        for face in analyze(name).faces {
            let dense = face.dense_landmarks.unwrap();
            let five = face.detection.landmarks;
            // iBUG: 30 is the tip of the nose, 48 and 54 are the corners of the mouth.
            for (index, point) in [(30, five.nose), (48, five.left_mouth), (54, five.right_mouth)] {
                let distance = dense[index].distance(point) / five.inter_eye_distance();
                assert!(
                    distance < 0.3,
                    "{name}: point {index} is {distance} eye distances away"
                );
            }
        }
    }
}

#[test]
fn portraits_look_into_the_camera_and_are_sharp_and_bright() {
    for name in ["obama.jpg", "biden.jpg"] {
        let face = &analyze(name).faces[0];
        let pose = face.pose;
        assert!(
            pose.pitch.abs() < 20.0 && pose.roll.abs() < 15.0 && pose.yaw.abs() < 25.0,
            "{name}: {pose:?}"
        );
        let quality = face.quality;
        assert!(
            quality.sharpness > 40.0 && (20.0..80.0).contains(&quality.brightness),
            "{name}: {quality:?}"
        );
        assert!(face.detection.confidence > 90.0, "{name}");
    }
}

#[test]
fn both_engines_give_the_same_template() {
    let options = AnalyzerOptions {
        engine: EngineChoice::Rten,
        ..AnalyzerOptions::default()
    };
    let rten = Analyzer::load(testing::default_models_for_tests(), options).unwrap();
    let analysis = rten
        .analyze(&photo("obama.jpg"), &AnalyzeOptions::default())
        .unwrap();
    let (a, b) = (
        analyze("obama.jpg").faces[0].template.clone(),
        analysis.faces[0].template.clone(),
    );
    let cosine = a.unwrap().cosine(&b.unwrap()).unwrap();
    assert!(cosine > 0.999, "{cosine}");
}

#[test]
fn averaged_and_single_templates_are_never_compared() {
    let flip = |flip_average| {
        let options = AnalyzerOptions {
            flip_average: Some(flip_average),
            ..AnalyzerOptions::default()
        };
        Analyzer::load(testing::default_models_for_tests(), options)
    };
    let single = flip(false).unwrap();
    // The classic pack is calibrated for single templates only, and says so.
    let Ok(averaged) = flip(true) else { return };
    assert_ne!(single.version(), averaged.version());
    let template = |analyzer: &Analyzer| {
        let analysis = analyzer
            .analyze(&photo("obama.jpg"), &AnalyzeOptions::default())
            .unwrap();
        analysis.faces[0].template.clone().unwrap()
    };
    assert_eq!(single.similarity(&template(&single), &template(&averaged)), None);
}

#[test]
fn the_classic_pack_works_too() {
    let classic = testing::resolver_for_tests().resolve("classic").unwrap();
    let classic = Analyzer::load(&classic, AnalyzerOptions::default()).unwrap();
    let template = |name: &str| {
        let analysis = classic.analyze(&photo(name), &AnalyzeOptions::default()).unwrap();
        analysis.faces[0].template.clone().unwrap()
    };
    let (one, same, other) = (
        template("obama.jpg"),
        template("obama2.jpg"),
        template("biden.jpg"),
    );
    let genuine = classic.similarity(&one, &same).unwrap().value();
    let impostor = classic.similarity(&one, &other).unwrap().value();
    assert!(genuine > 90.0 && impostor < 80.0, "{genuine} {impostor}");
}
