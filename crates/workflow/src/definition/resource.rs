//! What a task names as its worker. The interpreter does not know what workers do; it knows how they answer.

use std::fmt;

/// `Resource` of a Task state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    text: String,
    pattern: Pattern,
}

/// When a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// When the worker has answered.
    RequestResponse,
    /// When the job that was started has ended (`.sync`, `.sync:2`).
    Sync,
    /// When somebody has sent the task's token back (`.waitForTaskToken`).
    WaitForTaskToken,
}

impl Pattern {
    const SUFFIXES: [(&'static str, Self); 3] = [
        (".waitForTaskToken", Self::WaitForTaskToken),
        (".sync:2", Self::Sync),
        (".sync", Self::Sync),
    ];
}

impl Resource {
    /// Takes a resource apart.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let found = Pattern::SUFFIXES
            .iter()
            .find(|(suffix, _)| text.ends_with(suffix));
        Self {
            text: text.to_owned(),
            pattern: found.map_or(Pattern::RequestResponse, |(_, pattern)| *pattern),
        }
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text without the suffix for the pattern.
    #[must_use]
    pub fn base(&self) -> &str {
        Pattern::SUFFIXES
            .iter()
            .find_map(|(suffix, _)| self.text.strip_suffix(suffix))
            .unwrap_or(&self.text)
    }

    /// When the task is done.
    #[must_use]
    pub const fn pattern(&self) -> Pattern {
        self.pattern
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Who knows which resources can be run. The validator asks for each.
pub trait Resources {
    /// Refuses a resource, with a text that says what to do.
    fn check(&self, resource: &Resource) -> Result<(), String>;
}

/// Any resource will do.
impl Resources for () {
    fn check(&self, _: &Resource) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_patterns() {
        for (text, base, pattern) in [
            (
                "arn:aws:states:::http:invoke",
                "arn:aws:states:::http:invoke",
                Pattern::RequestResponse,
            ),
            (
                "arn:aws:states:::states:startExecution.sync:2",
                "arn:aws:states:::states:startExecution",
                Pattern::Sync,
            ),
            (
                "arn:aws:states:::states:startExecution.sync",
                "arn:aws:states:::states:startExecution",
                Pattern::Sync,
            ),
            (
                "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "arn:aws:states:::lambda:invoke",
                Pattern::WaitForTaskToken,
            ),
        ] {
            let resource = Resource::new(text);
            assert_eq!((resource.base(), resource.pattern()), (base, pattern));
            assert_eq!(resource.as_str(), text);
        }
    }
}
