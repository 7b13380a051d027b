//! What the tests with real models share: the reader, loaded once per process, and what it is told.

use std::sync::OnceLock;

use jiff::civil::date;
use selfsame_document::{ReadOptions, Reader};
use selfsame_vision::Engine;
use selfsame_vision::decode::Limits;
use selfsame_vision::pack::testing;

pub(crate) fn load(engine: &Engine) -> Reader {
    let pack = testing::resolver_for_tests().resolve("documents").unwrap();
    Reader::load(&pack, engine, 1).unwrap()
}

/// With ONNX Runtime where there is one.
pub(crate) fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| {
        let runtime = testing::default_models_for_tests().runtime.as_ref();
        let engine = runtime.and_then(|path| Engine::ort(path).ok());
        load(&engine.unwrap_or_else(Engine::rten))
    })
}

pub(crate) fn options() -> ReadOptions {
    ReadOptions {
        limits: Limits::default(),
        today: date(2026, 11, 26),
        least_age_years: None,
        max_pdf_bytes: usize::MAX,
    }
}
