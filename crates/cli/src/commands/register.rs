//! `selfsame register`: sign a new user up with a photo.

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value};

use crate::arguments::Global;
use crate::exit::{CODES, Exit};
use crate::flow::{self, Extra, Submission};

/// Arguments of `register`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Register {
    #[command(flatten)]
    submission: Submission,
    /// What to store beside the face: a JSON object, or `@FILE` with one in it.
    #[arg(long, value_name = "JSON|@FILE", value_parser = flow::parse_properties)]
    properties: Option<Map<String, Value>>,
}

impl Register {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let extra = Extra {
            properties: self.properties.as_ref(),
            ..Extra::default()
        };
        flow::submit(global, &self.submission, "/register", extra)
    }
}
