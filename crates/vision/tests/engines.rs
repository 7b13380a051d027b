//! Golden outputs: both engines run real models and must give what Python's onnxruntime gives
//! (`scripts/reference/golden_outputs.py`).
//!
//! Models and library are looked for where `selfsame models pull` puts them and in the mirror. A test without its files says so
//! loudly and passes; with `SELFSAME_REQUIRE_MODELS` set it fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use selfsame_vision::engine::Error;
use selfsame_vision::{Engine, EngineKind, LoadOptions, Model, Tensor};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    model: String,
    input_shape: Vec<usize>,
    every: usize,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

fn mobilefacenet() -> Golden {
    serde_json::from_str(include_str!("data/mobilefacenet_foamliu.json")).expect("written by the script")
}

fn yunet() -> Golden {
    serde_json::from_str(include_str!("data/yunet_n_dynamic.json")).expect("written by the script")
}

/// As the script's `pattern`.
fn pattern(shape: &[usize]) -> Tensor {
    let &[_, channels, height, width] = shape else {
        panic!("an image's shape")
    };
    let mut tensor = Tensor::zeros(shape);
    let mut values = tensor.data.iter_mut();
    for c in 0..channels {
        for y in 0..height {
            for x in 0..width {
                *values.next().expect("as many as the shape has") =
                    ((x * (3 + c) + y * 5 + (x * y) / 16 + c * 40) % 256) as f32;
            }
        }
    }
    tensor
}

fn mobilefacenet_input() -> Tensor {
    let mut tensor = pattern(&mobilefacenet().input_shape);
    tensor
        .data
        .iter_mut()
        .for_each(|value| *value = *value / 127.5 - 1.0);
    tensor
}

/// Where models and libraries may lie, best first.
fn places() -> Vec<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let home = variable("HOME").unwrap_or_default();
    [
        variable("SELFSAME_MODELS"),
        variable("SELFSAME_MODEL_MIRROR"),
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models")),
        variable("XDG_CACHE_HOME").map(|cache| cache.join("selfsame/models")),
        Some(home.join(".cache/selfsame/models")),
        Some(home.join("Library/Caches/selfsame/models")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A file whose name begins so, in one of the places or at most three levels below.
fn find(prefix: &str) -> Option<PathBuf> {
    fn search(directory: &Path, prefix: &str, levels: u32) -> Option<PathBuf> {
        let mut entries: Vec<_> = fs_err::read_dir(directory)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        entries.sort();
        entries.into_iter().find_map(|path| {
            if path.is_dir() {
                (levels > 0).then(|| search(&path, prefix, levels - 1))?
            } else {
                path.file_name()?.to_str()?.starts_with(prefix).then_some(path)
            }
        })
    }
    let found = places().iter().find_map(|place| search(place, prefix, 3));
    if found.is_none() {
        let message = format!("{prefix}* not found in {:?}", places());
        assert!(std::env::var_os("SELFSAME_REQUIRE_MODELS").is_none(), "{message}");
        #[expect(clippy::print_stderr, reason = "a test that tests nothing must be seen")]
        {
            eprintln!("\n*** SKIPPED: {message}: run `selfsame models pull` first ***\n");
        }
    }
    found
}

fn ort() -> Option<Engine> {
    let library = find(if cfg!(windows) {
        "onnxruntime.dll"
    } else {
        "libonnxruntime.so"
    })?;
    Some(Engine::ort(&library).expect("the library of the pack"))
}

/// The engines that can run here.
fn engines() -> Vec<Engine> {
    [Some(Engine::rten()), ort()].into_iter().flatten().collect()
}

fn load(engine: &Engine, golden: &Golden, concurrency: usize) -> Option<Arc<dyn Model>> {
    let path = find(&golden.model)?;
    Some(
        engine
            .load(&path, LoadOptions { concurrency })
            .expect("a good model"),
    )
}

fn assert_golden(golden: &Golden, outputs: &[Tensor], tolerance: f32, engine: &Engine) {
    assert_eq!(outputs.len(), golden.outputs.len());
    for (found, expected) in outputs.iter().zip(&golden.outputs) {
        let of = format!("{} with {}", expected.name, engine.describe());
        assert_eq!(found.shape, expected.shape, "{of}");
        let furthest = found
            .data
            .iter()
            .step_by(golden.every)
            .zip(&expected.values)
            .map(|(found, expected)| (found - expected).abs())
            .fold(0.0, f32::max);
        assert!(furthest < tolerance, "{of}: off by {furthest}");
    }
}

#[test]
fn mobilefacenet_gives_the_golden_output() {
    for engine in engines() {
        let Some(model) = load(&engine, &mobilefacenet(), 1) else {
            return;
        };
        assert_eq!(model.engine(), engine.kind());
        assert_eq!(model.input_shape(), [Some(1), Some(3), Some(112), Some(112)]);
        let outputs = model.run(&mobilefacenet_input()).unwrap();
        // Values are of the order of 1; the engines add in different orders.
        assert_golden(&mobilefacenet(), &outputs, 1e-3, &engine);
    }
}

#[test]
fn symbolic_sizes_and_twelve_outputs_in_order() {
    for engine in engines() {
        let Some(model) = load(&engine, &yunet(), 1) else {
            return;
        };
        assert_eq!(model.input_shape()[1], Some(3));
        assert_eq!(model.input_shape()[2..], [None, None]);
        let outputs = model.run(&pattern(&yunet().input_shape)).unwrap();
        assert_golden(&yunet(), &outputs, 1e-3, &engine);
        // Another size with the same model, and back.
        let wider = model.run(&pattern(&[1, 3, 96, 128])).unwrap();
        assert_eq!(wider[0].shape, [1, 192, 1]);
        let outputs = model.run(&pattern(&yunet().input_shape)).unwrap();
        assert_golden(&yunet(), &outputs, 1e-3, &engine);
    }
}

#[test]
fn a_wrong_shape_is_an_error() {
    for engine in engines() {
        let Some(model) = load(&engine, &mobilefacenet(), 1) else {
            return;
        };
        for shape in [
            vec![1, 3, 112, 96],
            vec![2, 3, 112, 112],
            vec![3, 112, 112],
            vec![],
        ] {
            let error = model.run(&Tensor::zeros(shape)).unwrap_err();
            assert!(matches!(error, Error::Shape { .. }), "{error}");
        }
        // Sizes that pass the declaration but break the network's own arithmetic: an error as well.
        let Some(model) = load(&engine, &yunet(), 1) else {
            return;
        };
        let error = model.run(&Tensor::zeros([1, 3, 50, 33])).unwrap_err();
        assert!(matches!(error, Error::Run { .. }), "{error}");
    }
}

#[test]
fn many_threads_share_a_model() {
    for engine in engines() {
        let Some(model) = load(&engine, &mobilefacenet(), 2) else {
            return;
        };
        let input = mobilefacenet_input();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..3 {
                        let outputs = model.run(&input).unwrap();
                        assert_golden(&mobilefacenet(), &outputs, 1e-3, &engine);
                    }
                });
            }
        });
    }
}

#[test]
fn onnxruntime_is_loaded_once() {
    let Some(engine) = ort() else { return };
    assert_eq!(engine.kind(), EngineKind::Ort);
    assert!(
        engine.describe().starts_with("onnxruntime "),
        "{}",
        engine.describe()
    );
    let again = ort().unwrap();
    assert_eq!(again.describe(), engine.describe());
    let directory = tempfile::tempdir().unwrap();
    let other = directory.path().join("libonnxruntime.so");
    fs_err::write(&other, b"another file").unwrap();
    let error = Engine::ort(&other).unwrap_err();
    assert!(matches!(error, Error::AlreadyLoaded { .. }), "{error}");
}

#[test]
fn onnxruntime_refuses_garbage_too() {
    let Some(engine) = ort() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("garbage.onnx");
    fs_err::write(&path, b"<html>not found</html>").unwrap();
    let error = engine.load(&path, LoadOptions::default()).err().unwrap();
    assert!(matches!(error, Error::Signature { .. }), "{error}");
    fs_err::write(&path, b"").unwrap();
    let error = engine.load(&path, LoadOptions::default()).err().unwrap();
    assert!(matches!(error, Error::Empty(_)), "{error}");
}
