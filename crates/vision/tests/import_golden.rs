//! Every model of the packs on both engines against values that other programs computed: dlib, TensorFlow.js and
//! `OpenCV` (see `scripts/reference`). The input is a cartoon face drawn by formula.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;

use common::cartoon;
use selfsame_vision::pack::testing::{default_models_for_tests, resolver_for_tests};
use selfsame_vision::pack::{Resolved, ResolvedModel};
use selfsame_vision::{Engine, EngineKind, LoadOptions, Tensor};
use serde::Deserialize;

/// Largest difference to the reference, relative to its largest value. Measured: 2.9e-7 to 1.3e-6 with onnxruntime;
/// the built-in engine is held to 4.4e-4, the largest of its differences on nine models.
fn tolerance(engine: EngineKind) -> f32 {
    if engine == EngineKind::Ort { 1e-5 } else { 4.4e-4 }
}

#[derive(Deserialize)]
struct Reference {
    side_px: usize,
    output: Vec<f32>,
}

#[derive(Deserialize)]
struct CenterFaceReference {
    width_px: usize,
    height_px: usize,
    step: usize,
    shapes: Vec<Vec<usize>>,
    outputs: Vec<Vec<f32>>,
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap()
}

/// The built-in engine, and onnxruntime where its library is available.
fn engines(resolved: &Resolved) -> Vec<Engine> {
    let fast = resolved
        .runtime
        .as_ref()
        .map(|library| Engine::ort(library).unwrap());
    std::iter::once(Engine::rten()).chain(fast).collect()
}

fn run(engine: &Engine, model: &ResolvedModel, input: &Tensor) -> Vec<Tensor> {
    let model = engine.load(&model.path, LoadOptions::default()).unwrap();
    model.run(input).unwrap()
}

fn parameter(model: &ResolvedModel, name: &str) -> [f64; 3] {
    let values = model.artifact.parameters[name].as_array().unwrap();
    std::array::from_fn(|index| values[index].as_float().unwrap())
}

/// The cartoon, normalised as the manifest says.
fn input(model: &ResolvedModel, width: usize, height: usize) -> Tensor {
    cartoon(width, height, parameter(model, "mean"), parameter(model, "std"))
}

fn assert_near(found: impl ExactSizeIterator<Item = f32>, expected: &[f32], engine: &Engine) {
    assert_eq!(found.len(), expected.len());
    let largest = expected
        .iter()
        .fold(0.0f32, |largest, value| largest.max(value.abs()));
    let difference = found.zip(expected).fold(0.0f32, |worst, (found, expected)| {
        worst.max((found - expected).abs())
    });
    let allowed = tolerance(engine.kind()) * largest;
    assert!(
        difference <= allowed,
        "{}: {difference} > {allowed}",
        engine.describe()
    );
}

fn assert_model_matches(resolved: &Resolved, role: &str, name: &str) {
    let reference: Reference = read(name);
    let model = &resolved.roles[role];
    let side = reference.side_px;
    assert_eq!(
        model.artifact.parameters["input_px"].as_integer(),
        Some(side as i64)
    );
    for engine in engines(resolved) {
        let outputs = run(&engine, model, &input(model, side, side));
        assert_eq!(outputs[0].shape, [1, reference.output.len()]);
        assert_near(outputs[0].data.iter().copied(), &reference.output, &engine);
    }
}

fn classic() -> Resolved {
    resolver_for_tests().resolve("classic").unwrap()
}

#[test]
fn centerface_matches_opencv() {
    let reference: CenterFaceReference = read("centerface.json");
    let resolved = default_models_for_tests();
    let model = &resolved.roles["detector"];
    for engine in engines(resolved) {
        let outputs = run(
            &engine,
            model,
            &input(model, reference.width_px, reference.height_px),
        );
        let shapes: Vec<Vec<usize>> = outputs.iter().map(|output| output.shape.clone()).collect();
        assert_eq!(shapes, reference.shapes);
        for (output, expected) in outputs.iter().zip(&reference.outputs) {
            assert_near(
                output.data.iter().copied().step_by(reference.step),
                expected,
                &engine,
            );
        }
    }
}

#[test]
fn landmarks_match_tensorflow_js() {
    assert_model_matches(default_models_for_tests(), "landmarks", "landmarks.json");
}

#[test]
fn mobilefacenet_matches_opencv() {
    let resolved = default_models_for_tests();
    // without the embedder's one address and without a mirror there is nothing to compare
    if resolved.name == "standard" {
        assert_model_matches(resolved, "embedder", "mobilefacenet.json");
    }
}

#[test]
fn the_dlib_network_matches_tensorflow_js_which_divides_by_255() {
    let reference: Reference = read("dlib_resnet_faceapi.json");
    let resolved = classic();
    let model = &resolved.roles["embedder"];
    let input = cartoon(150, 150, parameter(model, "mean"), [255.0; 3]);
    for engine in engines(&resolved) {
        let output = run(&engine, model, &input).remove(0);
        assert_near(output.data.into_iter(), &reference.output, &engine);
    }
}

#[test]
fn the_dlib_network_is_as_close_to_dlib_as_its_quantised_weights_allow() {
    let reference: Reference = read("dlib_resnet_dlib.json");
    let resolved = classic();
    let model = &resolved.roles["embedder"];
    for engine in engines(&resolved) {
        let output = run(&engine, model, &input(model, 150, 150)).remove(0).data;
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let norms = (dot(&output, &output) * dot(&reference.output, &reference.output)).sqrt();
        let cosine = dot(&output, &reference.output) / norms;
        // 0.9996 was the smallest on 62 photographed faces
        assert!(cosine >= 0.9995, "{}: {cosine}", engine.describe());
    }
}

#[test]
fn converted_models_take_batches_and_other_sides() {
    let resolved = classic();
    let two = |tensor: &Tensor| {
        let mut shape = tensor.shape.clone();
        shape[0] = 2;
        Tensor::new(shape, [tensor.data.clone(), tensor.data.clone()].concat()).unwrap()
    };
    for engine in engines(&resolved) {
        for (role, width, height) in [
            ("detector", 64, 96),
            ("landmarks", 112, 112),
            ("embedder", 150, 150),
            ("attributes", 224, 224),
            ("age-gender", 112, 112),
            ("expression", 112, 112),
            ("iris", 64, 64),
        ] {
            let model = &resolved.roles[role];
            let one = input(model, width, height);
            let (single, double) = (run(&engine, model, &one), run(&engine, model, &two(&one)));
            for (single, double) in single.iter().zip(&double) {
                assert_eq!(double.shape[0], 2);
                let (first, second) = double.data.split_at(single.data.len());
                assert_near(first.iter().copied(), &single.data, &engine);
                assert_near(second.iter().copied(), &single.data, &engine);
            }
        }
    }
}

/// All outputs of a network, every `step`-th number of long ones.
#[derive(Deserialize)]
struct OutputsReference {
    side_px: usize,
    step: usize,
    outputs: Vec<Vec<f32>>,
}

impl OutputsReference {
    /// Compares some outputs of a network with those of the reference from `first` on.
    fn assert(&self, outputs: &[Tensor], first: usize, engine: &Engine) {
        for (output, expected) in outputs.iter().zip(&self.outputs[first..]) {
            let step = if output.data.len() == expected.len() {
                1
            } else {
                self.step
            };
            assert_near(output.data.iter().copied().step_by(step), expected, engine);
        }
    }
}

#[test]
fn expressions_match_tensorflow_js() {
    assert_model_matches(default_models_for_tests(), "expression", "expression.json");
}

#[test]
fn age_and_gender_match_tensorflow_js() {
    assert_model_matches(default_models_for_tests(), "age-gender", "age_gender.json");
}

#[test]
fn the_iris_network_matches_tensorflow_js() {
    let reference: OutputsReference = read("iris.json");
    let resolved = default_models_for_tests();
    let model = &resolved.roles["iris"];
    for engine in engines(resolved) {
        let outputs = run(
            &engine,
            model,
            &input(model, reference.side_px, reference.side_px),
        );
        assert_eq!(outputs[0].shape, [1, 228]);
        reference.assert(&outputs, 0, &engine);
    }
}

#[test]
fn both_parts_of_faceres_match_tensorflow_js() {
    let reference: OutputsReference = read("faceres.json");
    let resolved = default_models_for_tests();
    let (trunk, rest) = (
        &resolved.roles["attributes"],
        &resolved.roles["attributes-age-gender"],
    );
    let side = reference.side_px;
    let mut pixels = cartoon(side, side, [0.0; 3], [1.0; 3]);
    // blue, green, red, each minus its mean
    let planes: Vec<&[f32]> = pixels.data.chunks_exact(side * side).rev().collect();
    let means = parameter(trunk, "mean");
    let centred = planes
        .iter()
        .zip(means)
        .flat_map(|(plane, mean)| plane.iter().map(move |v| v - mean as f32));
    pixels.data = centred.collect();
    for engine in engines(resolved) {
        let maps = run(&engine, trunk, &pixels);
        let shapes: Vec<&[usize]> = maps.iter().map(|map| map.shape.as_slice()).collect();
        assert_eq!(shapes, [[1, 256, 28, 28], [1, 512, 14, 14]]);
        reference.assert(&maps, 0, &engine);
        let outputs = run(&engine, rest, &maps[1]);
        assert_eq!(
            (outputs[0].shape.as_slice(), outputs[1].shape.as_slice()),
            ([1, 100].as_slice(), [1, 1].as_slice())
        );
        reference.assert(&outputs, 2, &engine);
    }
}
