//! Making and recognising keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use selfsame_store::ApiKey;
use selfsame_types::{Clock, IdSource};
use sha2::{Digest as _, Sha256};

use super::limits::Limits;
use super::root::RootSecret;
use super::scope::{Scope, Scopes};
use crate::secret::Secret;

/// Tells a Selfsame key from other secrets, for people and for scanners that look for leaked ones.
const PREFIX: &str = "ss_";
/// 256 bits: out of reach of guessing for good.
const KEY_BYTES: usize = 32;

/// Begins every access key id, as AWS's begin with AKIA.
const ACCESS_KEY_PREFIX: &str = "SSAK";
/// The rest of an access key id: 80 random bits.
const ACCESS_KEY_CHARACTERS: usize = 16;
/// As in AWS's: the letters and digits of [base 32](https://www.rfc-editor.org/rfc/rfc4648#section-6).
const ACCESS_KEY_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

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

/// Makes a key that signs requests as AWS's do: its id, its secret and the row to store. The secret follows from the
/// root secret and is not stored. Nothing is known that has the row's hash, so that the key opens nothing as a bearer's.
#[must_use]
pub fn mint_aws(
    name: &str,
    grant: &Grant,
    root: &RootSecret,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> (String, Secret, ApiKey) {
    let mut random = [0; ACCESS_KEY_CHARACTERS];
    ids.fill(&mut random);
    // 256 is a multiple of 32: every character is equally likely.
    let characters = random.map(|byte| char::from(ACCESS_KEY_ALPHABET[usize::from(byte % 32)]));
    let access_key_id: String = ACCESS_KEY_PREFIX.chars().chain(characters).collect();
    let mut hash = [0; 32];
    ids.fill(&mut hash);
    let row = ApiKey {
        access_key_id: Some(access_key_id.clone()),
        ..row(hash, name, grant, clock, ids)
    };
    let secret = root.aws_secret(&access_key_id);
    (access_key_id, secret, row)
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
        access_key_id: None,
        collections: grant.limits.collections.clone(),
        buckets: grant.limits.buckets.clone(),
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
    fn aws_keys_look_like_aws_keys_and_open_nothing_by_themselves() {
        let grant = Grant {
            scopes: Scope::GalleryRead.into(),
            limits: Limits {
                collections: vec!["staff".to_owned()],
                buckets: vec!["photos".to_owned()],
            },
        };
        let root = RootSecret::new([7; 32]);
        let (id, secret, row) = mint_aws("boto", &grant, &root, &SystemClock, &SystemIds);
        let (other, ..) = mint_aws("boto", &grant, &root, &SystemClock, &SystemIds);
        assert_ne!(id, other);
        assert_eq!((id.len(), secret.expose().len()), (20, 40));
        let rest = id.strip_prefix("SSAK").unwrap();
        assert!(
            rest.bytes()
                .all(|c| c.is_ascii_uppercase() || (b'2'..=b'7').contains(&c)),
            "{id}"
        );
        assert_eq!(secret, root.aws_secret(&id));
        assert_eq!(row.access_key_id.as_ref(), Some(&id));
        assert_eq!((row.scope.as_str(), row.name.as_str()), ("gallery-read", "boto"));
        assert_eq!(row.collections, ["staff"]);
        assert_eq!(row.buckets, ["photos"]);
        for guess in [secret.expose(), &id, ""] {
            assert_ne!(row.hash, hash(&Secret::new(guess)));
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let digest = hash(&Secret::new("abc"));
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
