//! Checking a definition as a whole: the language, what its tasks name, and what an Express machine must not have.

use selfsame_workflow::Severity;
use selfsame_workflow::definition::{Resources, parse};
use serde::Serialize;

use super::workers::refused_in_express;

/// Something that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `ERROR` or `WARNING`.
    pub severity: &'static str,
    /// What kind of mistake.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// Where: a JSON pointer (RFC 6901).
    pub location: String,
}

/// Everything that is wrong with a definition. It can be run if nothing of that is an error.
#[must_use]
pub fn validate(text: &str, express: bool, known: &dyn Resources) -> Vec<Finding> {
    let (definition, found) = parse(text, known);
    let mut findings: Vec<Finding> = found
        .into_vec()
        .into_iter()
        .map(|found| Finding {
            severity: match found.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
            },
            code: found.code,
            message: found.message,
            location: found.location,
        })
        .collect();
    let refused = definition
        .filter(|_| express)
        .and_then(|definition| refused_in_express(&definition));
    findings.extend(refused.map(|message| Finding {
        severity: "ERROR",
        code: "NOT_IN_EXPRESS",
        message,
        location: "/States".to_owned(),
    }));
    findings
}
