//! `selfsame update`: give a user who can prove who they are a new photo and new properties.

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value};

use crate::arguments::Global;
use crate::exit::{CODES, Exit};
use crate::flow::{self, Extra, Submission};

/// Arguments of `update`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Update {
    #[command(flatten)]
    submission: Submission,
    /// Properties to change: a JSON object, or `@FILE` with one in it.
    #[arg(long, value_name = "JSON|@FILE", value_parser = flow::parse_properties)]
    properties: Option<Map<String, Value>>,
}

impl Update {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let extra = Extra {
            properties: self.properties.as_ref(),
            ..Extra::default()
        };
        flow::submit(global, &self.submission, "/update", extra)
    }
}
