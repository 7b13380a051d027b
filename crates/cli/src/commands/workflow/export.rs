//! `selfsame workflow export`: the flows as files.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use selfsame_server::workflow::load_flows;
use serde::Serialize;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output::talk;

/// Arguments of `workflow export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The directory; it is made if it does not exist.
    #[arg(default_value = "flows")]
    directory: PathBuf,
    /// Overwrite files that are there.
    #[arg(long)]
    force: bool,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    files: Vec<String>,
}

impl Export {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let flows = load_flows(None)?;
        fs_err::create_dir_all(&self.directory)?;
        let taken = flows
            .iter()
            .map(|flow| self.directory.join(&flow.file))
            .find(|path| path.exists());
        if let (Some(path), false) = (taken, self.force) {
            return Err(
                Failure::new(format!("{} exists already; nothing was written", path.display()))
                    .hint("give another directory, or --force to overwrite what is there")
                    .into(),
            );
        }
        let mut written = Written { files: Vec::new() };
        for flow in flows {
            let path = self.directory.join(&flow.file);
            fs_err::write(&path, &flow.text)?;
            written.files.push(path.display().to_string());
        }
        global.format.emit(&written, |out| {
            for file in &written.files {
                writeln!(out, "{file}")?;
            }
            Ok(())
        })?;
        talk(format_args!(
            "hint: `selfsame serve --workflow-directory {}` runs what is there; `kill -HUP` reads it again",
            self.directory.display()
        ));
        Ok(Exit::Success)
    }
}
