//! What is wrong with a definition: where, what, and what to do.

use std::fmt;

use serde::Serialize;

/// Whether a definition can be run all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// It cannot be run.
    Error,
    /// It can, but does not do what it seems to.
    Warning,
}

/// One finding. The form is that of `ValidateStateMachineDefinition`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of mistake (`SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`, …).
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// Where: a JSON pointer (RFC 6901) into the definition.
    pub location: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = if self.location.is_empty() {
            "/"
        } else {
            &self.location
        };
        write!(f, "{location}: {}", self.message)
    }
}

/// The longest JSON pointer.
const MAX_LOCATION_BYTES: usize = 4096;
/// The most findings that are kept. Nobody reads more, and a hostile definition can have a mistake in every other byte.
const MAX_FINDINGS: usize = 1000;

/// A place in a definition, as a JSON pointer. Cheap to extend on the way down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Location(String);

impl Location {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// A member, or an element (as its decimal index), of this place.
    #[must_use]
    pub fn child(&self, key: impl fmt::Display) -> Self {
        let key = key.to_string().replace('~', "~0").replace('/', "~1");
        // Names may be as long as the document: what is inside of a long one is said to be in the place around it.
        if self.0.len() + key.len() >= MAX_LOCATION_BYTES {
            return self.clone();
        }
        Self(format!("{}/{key}", self.0))
    }

    /// The JSON pointer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything that was found in a definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    has_errors: bool,
}

impl Diagnostics {
    /// The definition breaks the language.
    pub fn error(&mut self, code: &'static str, at: &Location, message: impl Into<String>) {
        self.push(Severity::Error, code, at, message.into());
    }

    /// The definition is suspicious.
    pub fn warn(&mut self, code: &'static str, at: &Location, message: impl Into<String>) {
        self.push(Severity::Warning, code, at, message.into());
    }

    fn push(&mut self, severity: Severity, code: &'static str, at: &Location, message: String) {
        self.has_errors |= severity == Severity::Error;
        if self.found.len() == MAX_FINDINGS {
            return;
        }
        self.found.push(Diagnostic {
            severity,
            code,
            message,
            location: at.as_str().to_owned(),
        });
    }

    /// Whether anything stands in the way of running the definition.
    #[must_use]
    pub const fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// The findings, in the order of the document.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.found
    }
}

impl std::ops::Deref for Diagnostics {
    type Target = [Diagnostic];
    fn deref(&self) -> &[Diagnostic] {
        &self.found
    }
}

/// Does not conform to the structure of the language.
pub(crate) const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";
/// A path or an intrinsic function is malformed.
pub(crate) const EXPRESSION: &str = "INVALID_EXPRESSION";
