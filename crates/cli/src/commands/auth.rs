//! `selfsame auth`: log a user in with a photo. Ends with 0 where it is that user, with 1 where it is not.

use anyhow::Result;
use clap::Args;

use crate::arguments::Global;
use crate::exit::{CODES, Exit};
use crate::flow::{self, Extra, Submission};

/// Arguments of `auth`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Auth {
    #[command(flatten)]
    submission: Submission,
}

impl Auth {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        flow::submit(global, &self.submission, "/auth", Extra::default())
    }
}
