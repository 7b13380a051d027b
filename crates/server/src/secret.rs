//! Texts that must not be seen by chance. Never prints itself: neither `Debug` nor `Display` shows the value.

use std::fmt;

use serde::Deserialize;

/// A password-like text. [`Secret::expose`] is the only way to it, so that a search finds every use.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text() {
        assert_eq!(format!("{:?}", Secret::new("open sesame")), "Secret(…)");
        assert_eq!(Secret::new("open sesame").expose(), "open sesame");
    }
}
