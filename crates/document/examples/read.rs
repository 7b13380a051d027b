//! Reads documents and prints what they say: `cargo run --example read -- FILE…`. Prints all lines of text with `LINES=1`.

#![expect(clippy::print_stdout, reason = "an example")]

use std::error::Error;

use selfsame_document::{ReadOptions, Reader};
use selfsame_vision::decode::Limits;
use selfsame_vision::pack::{Mirror, Models, Packs, Resolver};

fn main() -> Result<(), Box<dyn Error>> {
    let models =
        std::env::var_os("SELFSAME_MODELS").map_or_else(Models::default_dir, |path| Ok(path.into()))?;
    let mirror = std::env::var("SELFSAME_MODEL_MIRROR").ok();
    let resolver = Resolver::new(Packs::load(None)?, Models::open(models))
        .with_mirror(mirror.as_deref().map(Mirror::parse).transpose()?);
    let engine = selfsame_vision::Engine::ort(&resolver.resolve("standard")?.runtime.ok_or("no runtime")?)?;
    let reader = Reader::load(&resolver.resolve("documents")?, &engine, 1)?;
    let options = ReadOptions {
        limits: Limits::default(),
        today: jiff::civil::Date::constant(2026, 11, 26),
        least_age_years: None,
        max_pdf_bytes: usize::MAX,
    };
    for path in std::env::args().skip(1) {
        let document = match reader.read(&fs_err::read(&path)?, &options) {
            Ok(document) => document,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        println!("{path}: {:?} {:?}", document.kind, document.timings);
        if std::env::var_os("LINES").is_some() {
            for line in &document.lines {
                println!("    {:.2} {}", line.confidence, line.text);
            }
        }
        for (field, value) in &document.fields {
            println!("  {field:?}: {} ({:?})", value.reading.text, value.source);
        }
        if let Some(mrz) = &document.mrz {
            println!("  {}", mrz.lines.join("\n  "));
        }
        for finding in &document.findings {
            println!("  ! {finding:?}");
        }
    }
    Ok(())
}
