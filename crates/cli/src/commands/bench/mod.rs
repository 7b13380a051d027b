//! `selfsame bench`: how fast is it here? Measures; decides nothing.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::arguments::Global;
use crate::exit::Exit;

mod document;
mod http;
mod load;
mod peer;
mod photo;
mod pipeline;
mod search;
mod wire;
mod workflow;

/// Arguments of `bench`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    pipeline: pipeline::Pipeline,
    #[command(flatten)]
    search: search::Search,
}

/// Without one of these, `pipeline` and `search`.
#[derive(Debug, Subcommand)]
enum Part {
    /// Decode, detect, align and encode on a 640×480 photo, by stage and number of threads.
    Pipeline(pipeline::Pipeline),
    /// Search of galleries, with recall against brute force.
    Search(search::Search),
    /// Read an identity document of 1500 pixels, by stage, on one thread.
    Document(document::Document),
    /// Many clients that log in at a running server.
    Http(http::Http),
    /// What the wire protocol costs: signed searches against logins, in turns.
    Wire(wire::Wire),
    /// What the interpreter costs, and how many executions are started and finished per second.
    Workflow(workflow::Workflow),
}

impl Bench {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        match &self.part {
            Some(Part::Pipeline(pipeline)) => pipeline.run(global),
            Some(Part::Search(search)) => search.run(global),
            Some(Part::Document(document)) => document.run(global),
            Some(Part::Http(http)) => http.run(global),
            Some(Part::Wire(wire)) => wire.run(global),
            Some(Part::Workflow(workflow)) => workflow.run(global),
            None => self.run_all(global),
        }
    }

    fn run_all(&self, global: &Global) -> Result<Exit> {
        let pipeline = self.pipeline.measure(global)?;
        let search = self.search.measure()?;
        let answer = json!({ "pipeline": pipeline, "search": search });
        global.format.emit(&answer, |out| {
            pipeline::tell(out, &pipeline)?;
            writeln!(out)?;
            search::tell(out, &search)
        })?;
        Ok(Exit::Success)
    }
}
