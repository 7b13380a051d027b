//! One file per command. A command reads its arguments, calls the crates that do the work and writes the answer; it
//! contains no algorithm.

use anyhow::Result;
use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::logging;

mod analyze_id;
mod auth;
mod bench;
mod calibrate;
mod compare;
mod detect;
mod doctor;
mod encode;
mod eval;
mod eval_documents;
mod keys;
mod models;
mod register;
mod register_idcard;
mod reindex;
mod samples;
mod serve;
mod update;
mod users;
mod workflow;

/// What `selfsame` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Register a user with a photo (needs a server).
    Register(register::Register),
    /// Register a user with a photo and an identity document (needs a server).
    #[command(name = "register-idcard")]
    RegisterIdCard(register_idcard::RegisterIdCard),
    /// Log a user in with a photo (needs a server).
    Auth(auth::Auth),
    /// Update a user's photo and properties (needs a server).
    Update(update::Update),
    /// Show, check or erase users (needs a server).
    #[command(subcommand)]
    Users(users::Users),
    /// Compare the largest faces of two images.
    Compare(compare::Compare),
    /// Find the faces in an image.
    Detect(detect::Detect),
    /// Print the templates of the faces in images.
    Encode(encode::Encode),
    /// Read an identity document.
    #[command(name = "analyze-id")]
    AnalyzeId(analyze_id::AnalyzeId),
    /// Measure error rates on labelled images.
    Eval(eval::Eval),
    /// Fit the similarity scale to people, cameras and light of your own.
    Calibrate(calibrate::Calibrate),
    /// Measure how well identity documents are read.
    EvalDocuments(eval_documents::EvalDocuments),
    /// Measure speed: the face pipeline, the search, a running server.
    Bench(bench::Bench),
    /// Check the installation and say what is wrong.
    Doctor(doctor::Doctor),
    /// Fetch, list, check and show model packs.
    #[command(subcommand)]
    Models(models::Models),
    /// Change the model of collections: new templates from stored photos.
    Reindex(reindex::Reindex),
    /// Create, list and revoke the API keys of a server on this machine.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Export and check the state machines behind the flows.
    #[command(subcommand)]
    Workflow(workflow::Workflow),
    /// Fetch sample photos to try things with.
    Samples(samples::Samples),
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: Arguments) -> Result<Exit> {
    let Arguments { command, global } = arguments;
    if !matches!(command, Command::Serve(_)) {
        logging::for_command()?;
    }
    match command {
        Command::Serve(command) => command.run(&global),
        Command::Register(command) => command.run(&global),
        Command::RegisterIdCard(command) => command.run(&global),
        Command::AnalyzeId(command) => command.run(&global),
        Command::EvalDocuments(command) => command.run(&global),
        Command::Auth(command) => command.run(&global),
        Command::Update(command) => command.run(&global),
        Command::Users(command) => command.run(&global),
        Command::Compare(command) => command.run(&global),
        Command::Detect(command) => command.run(&global),
        Command::Encode(command) => command.run(&global),
        Command::Eval(command) => command.run(&global),
        Command::Calibrate(command) => command.run(&global),
        Command::Bench(command) => command.run(&global),
        Command::Doctor(command) => command.run(&global),
        Command::Models(command) => command.run(&global),
        Command::Reindex(command) => command.run(&global),
        Command::Keys(command) => command.run(&global),
        Command::Workflow(command) => command.run(&global),
        Command::Samples(command) => command.run(&global),
    }
}
