//! Attributes of faces on real photos: the samples that `selfsame samples` fetches, and the labelled photos in
//! `shared/data/faces` beside the checkout, without which those tests say so and pass. The heads were fitted on the
//! latter, so they show here that the pipeline works, not how well: that is in `docs/ATTRIBUTES.md`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use selfsame_face::attributes::{Attribute, AttributeSet, Attributes, Emotion, Gender};
use selfsame_face::{AnalyzeOptions, Analyzer, AnalyzerOptions, EngineChoice, Error};
use selfsame_vision::pack::{RoleError, testing};

fn load(engine: EngineChoice) -> Analyzer {
    let options = AnalyzerOptions {
        engine,
        ..AnalyzerOptions::default()
    };
    Analyzer::load(testing::default_models_for_tests(), options).unwrap()
}

fn analyzer() -> &'static Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    ANALYZER.get_or_init(|| load(EngineChoice::Auto))
}

fn read(analyzer: &Analyzer, photo: &[u8], attributes: AttributeSet) -> Attributes {
    let options = AnalyzeOptions {
        encode_largest: 0,
        attributes,
        ..AnalyzeOptions::default()
    };
    let analysis = analyzer.analyze(photo, &options).unwrap();
    analysis.faces[0].attributes.clone()
}

fn sample(name: &str) -> Vec<u8> {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    fs_err::read(DIRECTORY.get_or_init(testing::samples_for_tests).join(name)).unwrap()
}

#[test]
fn only_the_largest_faces_are_described_where_that_is_asked_for() {
    let options = AnalyzeOptions {
        encode_largest: 0,
        attributes: AttributeSet::NONE.with(Attribute::Smile),
        describe_largest: 1,
        ..AnalyzeOptions::default()
    };
    let faces = analyzer()
        .analyze(&sample("sample1.jpg"), &options)
        .unwrap()
        .faces;
    let described: Vec<bool> = faces.iter().map(|face| face.attributes.smile.is_some()).collect();
    assert_eq!(described, [true, false, false]);
}

/// `shared/data/faces`, if it is there.
fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/faces");
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "a test that tests nothing must be seen")]
    {
        eprintln!(
            "\n*** SKIPPED: shared/data/faces is not beside the checkout, so no attribute was read ***\n"
        );
    }
    None
}

/// Photos of `identities` where a column of the labels has this value.
fn people(folder: &Path, column: &str, value: &str) -> Vec<PathBuf> {
    let labels = fs_err::read_to_string(folder.join("identities/labels.csv")).unwrap();
    let mut rows = labels.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let place = rows
        .next()
        .unwrap()
        .iter()
        .position(|name| *name == column)
        .unwrap();
    rows.filter(|row| row[place] == value)
        .map(|row| folder.join("identities").join(row[0]))
        .collect()
}

/// The share of photos of which `is_right` holds, at most 30 of them.
fn share(photos: &[PathBuf], attribute: Attribute, is_right: fn(&Attributes) -> bool) -> f64 {
    let photos: Vec<&PathBuf> = photos.iter().step_by(photos.len().div_ceil(30)).collect();
    let set = AttributeSet::NONE.with(attribute);
    let right = photos
        .iter()
        .filter(|photo| is_right(&read(analyzer(), &fs_err::read(photo).unwrap(), set)));
    right.count() as f64 / photos.len() as f64
}

#[test]
fn a_portrait_is_described() {
    let seen = read(analyzer(), &sample("obama.jpg"), AttributeSet::ALL);
    assert_eq!(seen.gender.unwrap().value, Gender::Male);
    let range = seen.age_range.unwrap();
    assert!(
        range.low >= 30 && range.high <= 75 && range.low < range.high,
        "{range:?}"
    );
    assert!(
        seen.eyes_open.unwrap().value && seen.smile.unwrap().value,
        "{seen:?}"
    );
    for no in [
        seen.sunglasses,
        seen.eyeglasses,
        seen.beard,
        seen.mustache,
        seen.face_occluded,
    ] {
        assert!(!no.unwrap().value, "{seen:?}");
    }
    assert_eq!(seen.emotions[0].emotion, Emotion::Happy);
    let sum: f32 = seen.emotions.iter().map(|score| score.confidence).sum();
    assert!((sum - 100.0).abs() < 0.01, "{sum}");
    let direction = seen.eye_direction.unwrap();
    assert!(
        direction.yaw.abs() < 20.0 && direction.pitch.abs() < 20.0,
        "{direction:?}"
    );
}

#[test]
fn nothing_is_told_that_was_not_asked_for() {
    assert_eq!(
        read(analyzer(), &sample("biden.jpg"), AttributeSet::NONE),
        Attributes::default()
    );
    let set = AttributeSet::ALL
        .without(Attribute::AgeRange)
        .without(Attribute::Gender);
    let seen = read(analyzer(), &sample("biden.jpg"), set);
    assert_eq!((seen.age_range, seen.gender), (None, None));
    assert!(seen.smile.is_some() && seen.eye_direction.is_some() && !seen.emotions.is_empty());
}

#[test]
fn both_engines_tell_the_same() {
    let rten = load(EngineChoice::Rten);
    for name in ["obama.jpg", "biden.jpg"] {
        let (a, b) = (
            read(analyzer(), &sample(name), AttributeSet::ALL),
            read(&rten, &sample(name), AttributeSet::ALL),
        );
        assert_eq!(a.age_range, b.age_range);
        assert_eq!(a.gender.unwrap().value, b.gender.unwrap().value);
        for (a, b) in [
            (a.smile, b.smile),
            (a.eyes_open, b.eyes_open),
            (a.mouth_open, b.mouth_open),
            (a.eyeglasses, b.eyeglasses),
            (a.sunglasses, b.sunglasses),
            (a.beard, b.beard),
            (a.mustache, b.mustache),
            (a.face_occluded, b.face_occluded),
        ] {
            let (a, b) = (a.unwrap(), b.unwrap());
            assert!(
                a.value == b.value && (a.confidence - b.confidence).abs() < 0.5,
                "{name}: {a:?} {b:?}"
            );
        }
    }
}

#[test]
fn a_pack_without_the_networks_says_so() {
    let mut resolved = testing::default_models_for_tests().clone();
    resolved.roles.remove("attributes");
    let analyzer = Analyzer::load(&resolved, AnalyzerOptions::default()).unwrap();
    let wanted = AttributeSet::NONE.with(Attribute::Smile);
    for error in [
        analyzer.warm_up(wanted).unwrap_err(),
        analyzer
            .analyze(
                &sample("obama.jpg"),
                &AnalyzeOptions {
                    attributes: wanted,
                    ..AnalyzeOptions::default()
                },
            )
            .unwrap_err(),
    ] {
        assert!(
            matches!(
                error,
                Error::Role(RoleError::Missing {
                    role: "attributes",
                    ..
                })
            ),
            "{error}"
        );
    }
    // what it has, it can do
    analyzer
        .warm_up(AttributeSet::NONE.with(Attribute::Emotions))
        .unwrap();
}

#[test]
fn sunglasses_and_eyeglasses_are_seen() {
    let Some(folder) = shared() else { return };
    let sunglasses = people(&folder, "eyewear", "sunglasses");
    let eyeglasses = people(&folder, "eyewear", "eyeglasses");
    let none = people(&folder, "eyewear", "none");
    let dark = |seen: &Attributes| seen.sunglasses.unwrap().value;
    assert!(share(&sunglasses, Attribute::Sunglasses, dark) >= 0.95);
    assert!(share(&none, Attribute::Sunglasses, dark) <= 0.03);
    let clear = |seen: &Attributes| seen.eyeglasses.unwrap().value;
    assert!(share(&eyeglasses, Attribute::Eyeglasses, clear) >= 0.9);
    assert!(share(&none, Attribute::Eyeglasses, clear) <= 0.1);
    let hidden = |seen: &Attributes| seen.eyes_open.unwrap().confidence < 70.0;
    assert!(share(&sunglasses, Attribute::EyesOpen, hidden) >= 0.9);
}

#[test]
fn a_mask_covers_a_face_unless_it_is_under_the_chin() {
    let Some(folder) = shared() else { return };
    let mut photos: Vec<PathBuf> = fs_err::read_dir(folder.join("masks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    photos.sort();
    let state = |end: &str| -> Vec<PathBuf> {
        let has = |photo: &&PathBuf| photo.to_str().unwrap().ends_with(end);
        photos.iter().filter(has).cloned().collect()
    };
    let covered = |seen: &Attributes| seen.face_occluded.unwrap().value;
    for (end, expected) in [("_1.jpg", 1.0), ("_2.jpg", 1.0), ("_3.jpg", 0.0), ("_4.jpg", 0.0)] {
        let found = share(&state(end), Attribute::FaceOccluded, covered);
        assert!((found - expected).abs() < 0.06, "{end}: {found}");
    }
}

/// A photo, what is asked of it, where the answer is, and the right one.
type Case = (&'static str, Attribute, fn(&Attributes) -> bool, bool);

#[test]
fn smiles_mouths_and_beards_are_seen() {
    let Some(folder) = shared() else { return };
    let cases: [Case; 4] = [
        (
            "Smiling",
            Attribute::Smile,
            |seen| seen.smile.unwrap().value,
            true,
        ),
        (
            "Mouth_Slightly_Open",
            Attribute::MouthOpen,
            |seen| seen.mouth_open.unwrap().value,
            true,
        ),
        (
            "No_Beard",
            Attribute::Beard,
            |seen| seen.beard.unwrap().value,
            false,
        ),
        (
            "Mustache",
            Attribute::Mustache,
            |seen| seen.mustache.unwrap().value,
            true,
        ),
    ];
    for (column, attribute, is_so, with) in cases {
        let yes = share(
            &people(&folder, column, if with { "1" } else { "0" }),
            attribute,
            is_so,
        );
        let no = share(
            &people(&folder, column, if with { "0" } else { "1" }),
            attribute,
            is_so,
        );
        assert!(f64::midpoint(yes, 1.0 - no) >= 0.85, "{column}: {yes} {no}");
    }
}

#[test]
fn closed_eyes_are_seen() {
    let Some(folder) = shared() else { return };
    // labelled by eye: models/attributes/eyes.csv
    let closed = ["7394/110527.jpg", "7463/011588.jpg", "7238/120908.jpg"];
    for name in closed {
        let photo = fs_err::read(folder.join("identities").join(name)).unwrap();
        let seen = read(analyzer(), &photo, AttributeSet::NONE.with(Attribute::EyesOpen));
        assert!(!seen.eyes_open.unwrap().value, "{name}: {seen:?}");
    }
}
