//! Making and recognising keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use selfsame_store::ApiKey;
use selfsame_types::{Clock, IdSource};
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// Tells a Selfsame key from other secrets, for people and for scanners that look for leaked ones.
const PREFIX: &str = "ss_";
/// 256 bits: out of reach of guessing for good.
const KEY_BYTES: usize = 32;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// The flows: register, authenticate, update, check a user id.
    App,
    /// Everything: also read and erase users, and see metrics.
    Admin,
}

impl Scope {
    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key's scope is app or admin, not {0:?}")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        match text {
            "app" => Ok(Self::App),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownScope(text.to_owned())),
        }
    }
}

/// SHA-256 of a key, under which the store knows it. A slow password hash (argon2) would protect texts that can be
/// guessed; a key of 256 random bits cannot, and it is checked with every request.
#[must_use]
pub fn hash(key: &Secret) -> [u8; 32] {
    Sha256::digest(key.expose().as_bytes()).into()
}

/// Makes a key: the secret, to be shown once, and the row to store.
#[must_use]
pub fn mint(name: &str, scope: Scope, clock: &dyn Clock, ids: &dyn IdSource) -> (Secret, ApiKey) {
    let mut bytes = [0; KEY_BYTES];
    ids.fill(&mut bytes);
    let secret = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)));
    let row = row(&secret, name, scope, clock, ids);
    (secret, row)
}

/// The row for a key that somebody chose.
pub(super) fn row(
    secret: &Secret,
    name: &str,
    scope: Scope,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> ApiKey {
    ApiKey {
        id: ids.uuid(),
        name: name.to_owned(),
        scope: scope.as_str().to_owned(),
        hash: hash(secret),
        created: clock.now(),
        revoked: None,
    }
}

#[cfg(test)]
mod tests {
    use selfsame_types::{SystemClock, SystemIds};

    use super::*;

    #[test]
    fn keys_are_long_random_and_safe_in_headers() {
        let (a, row) = mint("shop", Scope::App, &SystemClock, &SystemIds);
        let (b, _) = mint("shop", Scope::App, &SystemClock, &SystemIds);
        assert_ne!(a, b);
        assert_eq!(a.expose().len(), 46);
        assert!(a.expose().starts_with("ss_"));
        assert!(
            a.expose()
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c))
        );
        assert_eq!(row.hash, hash(&a));
        assert_eq!(row.scope.parse(), Ok(Scope::App));
        assert!(!format!("{row:?}").contains(a.expose()));
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let digest = hash(&Secret::new("abc"));
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
