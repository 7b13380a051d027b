//! Checks on the workspace itself; never shipped.
//!
//! `cargo run -p xtask -- walls` compares the dependencies between our crates, and on the libraries that only some of
//! them may know, with the walls that `docs/ARCHITECTURE.md` draws.

mod walls;

use std::process::ExitCode;

use anyhow::{Context, Result};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]
fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("walls") {
        eprintln!("usage: cargo run -p xtask -- walls");
        return ExitCode::from(2);
    }
    match run() {
        Ok(violations) if violations.is_empty() => {
            println!("the walls hold");
            ExitCode::SUCCESS
        }
        Ok(violations) => {
            eprintln!("{}", violations.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Vec<String>> {
    let output = std::process::Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .output()
        .context("cannot run cargo metadata")?;
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
    Ok(walls::violations(&metadata))
}
