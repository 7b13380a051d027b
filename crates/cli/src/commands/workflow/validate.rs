//! `selfsame workflow validate`: everything that is wrong with definitions.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use selfsame_server::config::Config;
use selfsame_server::workflow::{Finding, Known, validate};
use serde::Serialize;

use crate::arguments::Global;
use crate::exit::Exit;

/// Arguments of `workflow validate`.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Definitions in the Amazon States Language.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The server's settings: they name the functions that definitions may call.
    #[arg(long, value_name = "FILE", env = "SELFSAME_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
}

/// What was found in one file.
#[derive(Serialize)]
struct Checked {
    file: String,
    valid: bool,
    findings: Vec<Finding>,
}

impl Validate {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let config = Config::load(self.config.as_deref(), |name| std::env::var(name).ok())?;
        let known = Known::new(&config.workflow);
        let checked = self
            .files
            .iter()
            .map(|file| check(file, &known))
            .collect::<Result<Vec<_>>>()?;
        global.format.emit(&checked, |out| {
            for Checked {
                file,
                valid,
                findings,
            } in &checked
            {
                for finding in findings {
                    let place = if finding.location.is_empty() {
                        "/"
                    } else {
                        &finding.location
                    };
                    let severity = finding.severity.to_lowercase();
                    writeln!(out, "{file}: {severity}: {place}: {}", finding.message)?;
                }
                if *valid {
                    writeln!(out, "{file}: valid")?;
                }
            }
            Ok(())
        })?;
        Ok(Exit::from_match(checked.iter().all(|file| file.valid)))
    }
}

fn check(file: &Path, known: &Known) -> Result<Checked> {
    let text = fs_err::read_to_string(file)?;
    let express = file.to_string_lossy().ends_with(".express.asl.json");
    let findings = validate(&text, express, known);
    Ok(Checked {
        file: file.display().to_string(),
        valid: findings.iter().all(|finding| finding.severity != "ERROR"),
        findings,
    })
}
