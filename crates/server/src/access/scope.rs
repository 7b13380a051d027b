//! What a key may do.

use std::fmt;
use std::str::FromStr;

/// One kind of thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Everything: also read and erase users, and see metrics.
    Admin,
    /// Compare and search faces, list what galleries and buckets hold.
    GalleryRead,
    /// Also change galleries and buckets.
    GalleryWrite,
    /// Start, stop and watch executions of state machines, and answer their tasks. What the machines do, they do with the
    /// server's rights.
    Workflow,
    /// The portal's flows: register, authenticate, update, check a user id.
    Portal,
}

impl Scope {
    /// Every one, the mightiest first.
    pub const ALL: [Self; 5] = [
        Self::Admin,
        Self::GalleryRead,
        Self::GalleryWrite,
        Self::Workflow,
        Self::Portal,
    ];

    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::GalleryRead => "gallery-read",
            Self::GalleryWrite => "gallery-write",
            Self::Workflow => "workflow",
            Self::Portal => "portal",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key's scope is admin, gallery-read, gallery-write, workflow or portal, not {0:?}")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        match text {
            // The portal's scope was called so when there was nothing but the portal.
            "app" => Ok(Self::Portal),
            _ => Self::ALL
                .into_iter()
                .find(|scope| scope.as_str() == text)
                .ok_or_else(|| UnknownScope(text.to_owned())),
        }
    }
}

/// Everything that one key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// From the text in the store: words with spaces between them. A word of a newer version than this one allows
    /// nothing.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        text.split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    }

    /// Whether one of them allows this: an administrator may do everything, and who writes may read.
    #[must_use]
    pub const fn allow(self, scope: Scope) -> bool {
        let mut sufficient = Scope::Admin.bit() | scope.bit();
        if matches!(scope, Scope::GalleryRead) {
            sufficient |= Scope::GalleryWrite.bit();
        }
        self.0 & sufficient != 0
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(scope.bit())
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    /// As it is stored: in the order of [`Scope::ALL`], without what another one of them implies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let implied = |scope: Scope| Self(self.0 & !scope.bit()).allow(scope);
        let own = |scope: &Scope| self.0 & scope.bit() != 0 && !implied(*scope);
        let words: Vec<&str> = Scope::ALL
            .iter()
            .copied()
            .filter(own)
            .map(Scope::as_str)
            .collect();
        f.pad(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_allows_what_it_says() {
        let allowed = |text: &str| -> Vec<&str> {
            let scopes = Scopes::stored(text);
            let allowed = Scope::ALL.into_iter().filter(|scope| scopes.allow(*scope));
            allowed.map(Scope::as_str).collect()
        };
        assert_eq!(
            allowed("admin"),
            ["admin", "gallery-read", "gallery-write", "workflow", "portal"]
        );
        assert_eq!(allowed("gallery-read"), ["gallery-read"]);
        assert_eq!(allowed("gallery-write"), ["gallery-read", "gallery-write"]);
        assert_eq!(allowed("workflow"), ["workflow"]);
        assert_eq!(allowed("portal"), ["portal"]);
        assert_eq!(allowed("app"), ["portal"], "keys of the first version");
        assert_eq!(allowed("portal gallery-read"), ["gallery-read", "portal"]);
        assert_eq!(allowed(""), [""; 0]);
        assert_eq!(allowed("everything of-the-future"), [""; 0]);
        assert_eq!(allowed("of-the-future portal"), ["portal"]);
    }

    #[test]
    fn the_stored_text_says_nothing_twice() {
        for (scopes, text) in [
            (Scopes::default(), ""),
            (Scopes::from(Scope::Portal), "portal"),
            (Scope::ALL.into_iter().collect(), "admin"),
            (
                [Scope::Portal, Scope::GalleryWrite].into_iter().collect(),
                "gallery-write portal",
            ),
            (
                [Scope::GalleryRead, Scope::GalleryWrite].into_iter().collect(),
                "gallery-write",
            ),
        ] {
            assert_eq!(scopes.to_string(), text);
            for scope in Scope::ALL {
                assert_eq!(
                    Scopes::stored(text).allow(scope),
                    scopes.allow(scope),
                    "{text}: {scope}"
                );
            }
        }
    }

    #[test]
    fn other_words_are_errors_where_people_type_them() {
        for text in ["", "root", "Admin", "admin ", "gallery"] {
            let error = text.parse::<Scope>().unwrap_err();
            assert!(error.to_string().contains("workflow or portal"), "{error}");
        }
        assert_eq!("app".parse(), Ok(Scope::Portal));
    }
}
