//! `selfsame workflow`: state machines as files. Needs no server.

use anyhow::Result;
use clap::Subcommand;

use crate::arguments::Global;
use crate::exit::Exit;

mod export;
mod validate;

/// What can be done with definitions.
#[derive(Debug, Subcommand)]
pub(crate) enum Workflow {
    /// Write the flows that are shipped into a directory, to be changed there.
    Export(export::Export),
    /// Check definitions: what is wrong, where, and what to do.
    Validate(validate::Validate),
}

impl Workflow {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        match self {
            Self::Export(command) => command.run(global),
            Self::Validate(command) => command.run(global),
        }
    }
}
