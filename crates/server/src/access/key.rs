//! Making and recognising keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use selfsame_store::ApiKey;
use selfsame_types::{Clock, IdSource};
use sha2::{Digest as _, Sha256};

use super::limits::Limits;
use super::scope::{Scope, Scopes};
use crate::secret::Secret;

/// Tells a Selfsame key from other secrets, for people and for scanners that look for leaked ones.
const PREFIX: &str = "ss_";
/// 256 bits: out of reach of guessing for good.
const KEY_BYTES: usize = 32;

/// What a key is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grant {
    /// What it may do.
    pub scopes: Scopes,
    /// What it may touch.
    pub limits: Limits,
}

impl From<Scope> for Grant {
    /// Without limits.
    fn from(scope: Scope) -> Self {
        Self {
            scopes: scope.into(),
            limits: Limits::NONE,
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
pub fn mint(name: &str, grant: &Grant, clock: &dyn Clock, ids: &dyn IdSource) -> (Secret, ApiKey) {
    let mut bytes = [0; KEY_BYTES];
    ids.fill(&mut bytes);
    let secret = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)));
    let row = row(hash(&secret), name, grant, clock, ids);
    (secret, row)
}

/// The row for the key with this hash.
pub(super) fn row(
    hash: [u8; 32],
    name: &str,
    grant: &Grant,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> ApiKey {
    ApiKey {
        id: ids.uuid(),
        name: name.to_owned(),
        scope: grant.scopes.to_string(),
        hash,
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
        let (a, row) = mint("shop", &Scope::Portal.into(), &SystemClock, &SystemIds);
        let (b, _) = mint("shop", &Scope::Portal.into(), &SystemClock, &SystemIds);
        assert_ne!(a, b);
        assert_eq!(a.expose().len(), 46);
        assert!(a.expose().starts_with("ss_"));
        assert!(
            a.expose()
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c))
        );
        assert_eq!(row.hash, hash(&a));
        assert_eq!(row.scope, "portal");
        assert!(!format!("{row:?}").contains(a.expose()));
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let digest = hash(&Secret::new("abc"));
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
