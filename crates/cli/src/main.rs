//! The `selfsame` command: reads the arguments, runs one command, turns its end into an exit code. Nothing else.

use std::process::ExitCode;

use clap::Parser;

mod arguments;
mod attributes;
mod client;
mod commands;
mod dataset;
mod encoding;
mod exit;
mod faces;
mod flow;
mod inference;
mod logging;
mod output;
mod progress;
mod settings;
mod statistics;
mod telemetry;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    telemetry::forbid();
    let arguments = arguments::Arguments::parse();
    match commands::run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error).into(),
    }
}
