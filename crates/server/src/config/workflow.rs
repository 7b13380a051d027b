//! State machines: where the flows are, what tasks may call, how long executions are kept.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use super::validate::{invalid, is_http};
use super::{Config, Error};
use crate::secret::Secret;

/// State machines: where the flows are, what tasks may call, how long executions are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkflowConfig {
    /// A directory with definitions of your own: `register.asl.json` takes the place of ours, other files are further
    /// machines (`NAME.asl.json` Standard, `NAME.express.asl.json` Express). Read at the start and on SIGHUP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// What definitions call as functions (`arn:aws:states:::lambda:invoke`): `NAME=ADDRESS` each.
    pub functions: Vec<String>,
    /// Addresses, or their beginnings, that `http:invoke` and `selfsame:notify` may call; none by default.
    pub http_allow: Vec<String>,
    /// Who is told of executions that fail after their caller was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// What that is signed with. From the environment only, so that it is in no file that gets committed.
    #[serde(skip)]
    pub webhook_secret: Option<Secret>,
    /// How many executions may run at one time, waiting ones too.
    pub max_running: usize,
    /// How long executions that are over can be looked at.
    pub keep_days: u32,
}

impl Default for WorkflowConfig {
    fn default() -> Self {
        Self {
            directory: None,
            functions: Vec::new(),
            http_allow: Vec::new(),
            webhook_url: None,
            webhook_secret: None,
            max_running: 10_000,
            keep_days: 90,
        }
    }
}

/// Ten years: longer is a mistyped unit.
const MAX_DAYS: u32 = 3660;

impl WorkflowConfig {
    /// The functions with their addresses.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.functions
            .iter()
            .filter_map(|function| function.split_once('='))
            .map(|(name, address)| (name.trim(), address.trim()))
    }

    /// The address of a function.
    pub(crate) fn function(&self, name: &str) -> Option<&str> {
        self.functions()
            .find(|(known, _)| *known == name)
            .map(|(_, address)| address)
    }
}

impl Config {
    pub(super) fn check_workflow(&self) -> Result<(), Error> {
        let workflow = &self.workflow;
        for function in &workflow.functions {
            let sound = function
                .split_once('=')
                .is_some_and(|(name, address)| !name.trim().is_empty() && is_http(address.trim()));
            if !sound {
                return invalid(
                    "workflow.functions",
                    format!("must be like fraud=http://127.0.0.1:9000/fraud, not {function:?}"),
                );
            }
        }
        for address in workflow.http_allow.iter().chain(&workflow.webhook_url) {
            if !is_http(address) || address.contains('@') {
                return invalid(
                    "workflow.http_allow, workflow.webhook_url",
                    format!("must be addresses like https://fraud.example.com/, not {address:?}"),
                );
            }
        }
        if workflow.max_running == 0 {
            return invalid("workflow.max_running", "must be at least 1".to_owned());
        }
        if !(1..=MAX_DAYS).contains(&workflow.keep_days) {
            return invalid(
                "workflow.keep_days",
                format!("must be 1 to {MAX_DAYS}, not {}", workflow.keep_days),
            );
        }
        Ok(())
    }
}
