//! The detectors on real photos, on both engines: `YuNet` against `OpenCV`'s own reader of its outputs
//! (`scripts/reference/yunet.py`), and both against each other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use image::RgbImage;
use selfsame_face::{Analyzer, AnalyzerOptions, Detection, EngineChoice};
use selfsame_types::Point;
use selfsame_vision::decode::{Limits, decode};
use selfsame_vision::pack::{Resolved, testing};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    photos: BTreeMap<String, Vec<Expected>>,
}

#[derive(Deserialize)]
struct Expected {
    r#box: [f32; 4],
    points: [f32; 10],
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/yunet.json")).unwrap()
}

/// The pack `yunet`; nothing where its detector, which is published at one address only, cannot be had.
fn yunet() -> Option<Resolved> {
    match testing::resolver_for_tests().resolve("yunet") {
        Ok(resolved) => Some(resolved),
        Err(error) => {
            let message = format!("the pack yunet cannot be had: {error}");
            assert!(std::env::var_os("SELFSAME_REQUIRE_MODELS").is_none(), "{message}");
            #[expect(clippy::print_stderr, reason = "a test that tests nothing must be seen")]
            {
                eprintln!("\n*** SKIPPED: {message} ***\n");
            }
            None
        }
    }
}

fn analyzers(resolved: &Resolved) -> Vec<Analyzer> {
    [EngineChoice::Rten, EngineChoice::Auto]
        .into_iter()
        .map(|engine| {
            let options = AnalyzerOptions {
                engine,
                ..AnalyzerOptions::default()
            };
            Analyzer::load(resolved, options).unwrap()
        })
        .collect()
}

fn photo(name: &str) -> RgbImage {
    let bytes = fs_err::read(testing::samples_for_tests().join(name)).unwrap();
    decode(&bytes, &Limits::default()).unwrap().image
}

/// The detection whose box is around the point.
fn around(detections: &[Detection], point: Point) -> Option<&Detection> {
    detections.iter().find(|detection| {
        let b = detection.bounding_box;
        (b.left..b.right()).contains(&point.x) && (b.top..b.top + b.height).contains(&point.y)
    })
}

#[test]
fn yunet_is_read_as_opencv_reads_it() {
    let Some(resolved) = yunet() else { return };
    for analyzer in analyzers(&resolved) {
        for (name, expected) in reference().photos {
            let found = analyzer.detect(&photo(&name)).unwrap();
            assert_eq!(found.len(), expected.len(), "{name}");
            for expected in &expected {
                let [left, top, width, height] = expected.r#box;
                let face = around(&found, Point::new(left + width / 2.0, top + height / 2.0)).unwrap();
                // The photos are reduced by different filters.
                let allowed = 0.03 * width;
                let near = |a: f32, b: f32| (a - b).abs() < allowed;
                let b = face.bounding_box;
                assert!(near(b.left, left) && near(b.top, top), "{name}: {b:?}");
                assert!(near(b.width, width) && near(b.height, height), "{name}: {b:?}");
                let (points, _) = expected.points.as_chunks::<2>();
                for ([x, y], point) in points.iter().zip(face.landmarks.points()) {
                    assert!(near(*x, point.x) && near(*y, point.y), "{name}: {point:?}");
                }
                assert!(face.confidence > 90.0, "{name}: {}", face.confidence);
            }
        }
    }
}

#[test]
fn both_detectors_find_the_same_faces() {
    let Some(resolved) = yunet() else { return };
    let yunet = Analyzer::load(&resolved, AnalyzerOptions::default()).unwrap();
    let centerface = Analyzer::load(testing::default_models_for_tests(), AnalyzerOptions::default()).unwrap();
    for name in ["obama2.jpg", "sample1.jpg", "sample4.jpg"] {
        let image = photo(name);
        let (a, b) = (centerface.detect(&image).unwrap(), yunet.detect(&image).unwrap());
        assert_eq!(a.len(), b.len(), "{name}");
        for face in &a {
            let other = around(&b, face.bounding_box.center()).unwrap();
            assert!(
                face.bounding_box.intersection_over_union(&other.bounding_box) > 0.5,
                "{name}"
            );
        }
    }
}

/// Of the default packs' detector; `YuNet` takes some faces upside down for upright ones.
#[test]
fn a_face_upside_down_has_its_landmarks_in_place() {
    let image = photo("obama.jpg");
    let (width, height) = (image.width() as f32, image.height() as f32);
    let analyzer = Analyzer::load(testing::default_models_for_tests(), AnalyzerOptions::default()).unwrap();
    let upright = analyzer.detect(&image).unwrap()[0];
    let found = analyzer.detect(&image::imageops::rotate180(&image)).unwrap();
    assert_eq!(found.len(), 1);
    let allowed = 0.1 * upright.landmarks.inter_eye_distance();
    let pairs = found[0]
        .landmarks
        .points()
        .into_iter()
        .zip(upright.landmarks.points());
    for (point, expected) in pairs {
        let back = Point::new(width - point.x, height - point.y);
        assert!(back.distance(expected) < allowed, "{back:?} {expected:?}");
    }
}

#[test]
fn a_photo_without_people_has_no_face() {
    let Some(resolved) = yunet() else { return };
    let analyzer = Analyzer::load(&resolved, AnalyzerOptions::default()).unwrap();
    let stripes = RgbImage::from_fn(640, 480, |x, y| {
        image::Rgb([(x % 256) as u8, (y % 256) as u8, ((x * y / 64) % 256) as u8])
    });
    assert!(analyzer.detect(&stripes).unwrap().is_empty());
}
