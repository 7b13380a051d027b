//! Patterns of the service models. The generator rewrites them from Java's flavour for a matcher that takes linear time
//! whatever it is given; what that matcher cannot do, a leading negative look-ahead, is a list of prefixes here.

use std::sync::OnceLock;

use regex::Regex;

/// What a text must match, from its first to its last character.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As the service model has it, for messages.
    pub(crate) source: &'static str,
    pub(crate) expression: &'static str,
    /// What the text must not begin with.
    pub(crate) refused_prefix: Option<&'static str>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) const fn new(
        source: &'static str,
        expression: &'static str,
        refused_prefix: Option<&'static str>,
    ) -> Self {
        let compiled = OnceLock::new();
        Self {
            source,
            expression,
            refused_prefix,
            compiled,
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        if self.refused_prefix.is_some_and(|prefix| text.starts_with(prefix)) {
            return false;
        }
        // A test compiles every pattern; one that cannot be compiled would accept nothing.
        let regex = self
            .compiled
            .get_or_init(|| Regex::new(&format!(r"\A(?:{})\z", self.expression)).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}
