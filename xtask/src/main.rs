//! Checks on the workspace itself, and what generates parts of it; never shipped.
//!
//! `cargo run -p xtask -- walls` compares the dependencies between our crates, and on the libraries that only some of
//! them may know, with the walls that `docs/ARCHITECTURE.md` draws.
//!
//! `cargo run -p xtask -- codegen --models DIR [--check]` writes the shapes of `crates/wire` from the service models in
//! `DIR`, which is the directory `data` of the Python package botocore (`tests/compat/requirements.txt` pins it), or
//! fails if they would change.
//!
//! `cargo run -p xtask --features models -- fit-attributes --data DIR [--check]` fits the heads that judge attributes of
//! faces on the photos in `DIR` (`faces` of the development data), prints how good they are and writes
//! `models/attributes/heads.json`, or fails if it would change. Set `ORT_DISABLE_TELEMETRY=1`.
//!
//! `cargo run -p xtask --features models -- specimens DIR [--count N] [--seed S] [--degradation clean|moderate|strong]`
//! writes pictures of documents of people who do not exist, and what they say.

#[cfg(feature = "models")]
mod attributes;
#[expect(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "generated text is put together from small pieces; speed is no concern"
)]
mod codegen;
#[cfg(feature = "models")]
mod specimens;
mod walls;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

const USAGE: &str = "\
usage: cargo run -p xtask -- walls
       cargo run -p xtask -- codegen --models DIR [--check]
       cargo run -p xtask --features models -- fit-attributes --data DIR [--check]
       cargo run -p xtask --features models -- specimens DIR [--count N] [--seed S]
                                               [--degradation clean|moderate|strong]";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (outcome, good) = match arguments[..] {
        ["walls"] => (walls(), "the walls hold"),
        ["codegen", "--models", models] => (codegen(models, false), "the shapes are generated"),
        ["codegen", "--models", models, "--check"] => (codegen(models, true), "the shapes are up to date"),
        #[cfg(feature = "models")]
        ["fit-attributes", "--data", data] => {
            (attributes::run(Path::new(data), false), "the heads are fitted")
        }
        #[cfg(feature = "models")]
        ["fit-attributes", "--data", data, "--check"] => (
            attributes::run(Path::new(data), true),
            "the heads are those that are committed",
        ),
        ["specimens", directory, ref rest @ ..] => (specimens(directory, rest), "the specimens are written"),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(problems) if problems.is_empty() => {
            println!("{good}");
            ExitCode::SUCCESS
        }
        Ok(problems) => {
            eprintln!("{}", problems.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is wrong with the generated shapes.
fn codegen(models: &str, check: bool) -> Result<Vec<String>> {
    let mut changes = codegen::run(Path::new(models), check)?;
    if !check {
        return Ok(Vec::new());
    }
    if !changes.is_empty() {
        changes
            .push("run `cargo run -p xtask -- codegen --models DIR` and commit what it changes".to_owned());
    }
    Ok(changes)
}

/// The walls that are broken.
fn walls() -> Result<Vec<String>> {
    let output = std::process::Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .output()
        .context("cannot run cargo metadata")?;
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
    Ok(walls::violations(&metadata))
}

/// Writes specimens; nothing is ever wrong with them.
#[cfg(feature = "models")]
fn specimens(directory: &str, arguments: &[&str]) -> Result<Vec<String>> {
    specimens::write(Path::new(directory), arguments)?;
    Ok(Vec::new())
}

/// Without the crate that prints them there are none.
#[cfg(not(feature = "models"))]
fn specimens(_directory: &str, _arguments: &[&str]) -> Result<Vec<String>> {
    anyhow::bail!("this needs a feature: cargo run -p xtask --features models -- specimens DIR")
}
