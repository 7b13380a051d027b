//! `selfsame register-idcard`: sign a new user up with a photo and an identity document.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value};

use crate::arguments::Global;
use crate::exit::{CODES, Exit};
use crate::flow::{self, Extra, Submission};

/// Arguments of `register-idcard`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct RegisterIdCard {
    #[command(flatten)]
    submission: Submission,
    /// A picture of the document's front: JPEG, PNG, WebP, TIFF or PDF.
    #[arg(short, long, value_name = "FILE")]
    card: PathBuf,
    /// What to store beside the face and under what the card says: a JSON object, or `@FILE` with one in it.
    #[arg(long, value_name = "JSON|@FILE", value_parser = flow::parse_properties)]
    properties: Option<Map<String, Value>>,
}

impl RegisterIdCard {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let extra = Extra {
            properties: self.properties.as_ref(),
            card: Some(&self.card),
        };
        flow::submit(global, &self.submission, "/register-idcard", extra)
    }
}
