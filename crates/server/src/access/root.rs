//! The one secret of a data directory, from which all others follow.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use selfsame_store::{Keys, Secrets};
use selfsame_types::IdSource;
use sha2::Sha256;

use crate::secret::Secret;

/// Separates AWS secrets from everything else that follows from the root.
const AWS_SECRET: &str = "selfsame aws secret v1";
/// 40 characters, as AWS's secrets have. They are of the same alphabet, too: none begins with a hyphen, which commands
/// would take for an option.
const AWS_SECRET_BYTES: usize = 30;

/// 32 random bytes that never leave the data directory. Whatever follows from them need not be stored: the database
/// holds no AWS secret, and whoever reads it cannot sign.
#[derive(Clone)]
pub struct RootSecret([u8; 32]);

impl RootSecret {
    /// Wraps the bytes in the data directory.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret of a data directory, made at its first use; and how many access keys it does not fit: those that followed
    /// from another one, which is lost.
    pub async fn open(
        store: &(impl Keys + Secrets + ?Sized),
        ids: &dyn IdSource,
    ) -> selfsame_store::Result<(Self, usize)> {
        let mut candidate = [0; 32];
        ids.fill(&mut candidate);
        let secret = store.root_secret(candidate).await?;
        let orphans = if secret == candidate {
            let keys = store.list_keys().await?;
            keys.iter()
                .filter(|key| key.access_key_id.is_some() && key.revoked.is_none())
                .count()
        } else {
            0
        };
        Ok((Self(secret), orphans))
    }

    /// The secret of an AWS access key.
    #[must_use]
    pub fn aws_secret(&self, access_key_id: &str) -> Secret {
        let bytes = self.keyed(AWS_SECRET, access_key_id.as_bytes());
        Secret::new(STANDARD.encode(&bytes[..AWS_SECRET_BYTES]))
    }

    /// The key for one purpose. `label` names it and its version ("selfsame tokens v1"); other labels give other keys,
    /// and none of them tells anything about another.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        self.keyed(label, &[])
    }

    /// HMAC-SHA-256 over label and data. No label holds a NUL, so no pair of them reads like another.
    fn keyed(&self, label: &str, data: &[u8]) -> [u8; 32] {
        debug_assert!(!label.contains('\0'), "labels are text");
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in [label.as_bytes(), b"\0", data] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use selfsame_store::Memory;
    use selfsame_types::{Clock as _, SystemClock, SystemIds};

    use super::*;
    use crate::access::{Scope, mint, mint_aws};

    #[tokio::test]
    async fn keys_that_lost_their_secret_are_counted() {
        // A store without a secret, as after its file was lost, with one valid key, a revoked one and a bearer's.
        let store = Memory::new();
        let lost = RootSecret::new([7; 32]);
        let (_, _, valid) = mint_aws("a", &Scope::Admin.into(), &lost, &SystemClock, &SystemIds);
        let (_, _, revoked) = mint_aws("b", &Scope::Admin.into(), &lost, &SystemClock, &SystemIds);
        let (_, bearers) = mint("c", &Scope::Admin.into(), &SystemClock, &SystemIds);
        for row in [&valid, &revoked, &bearers] {
            store.create_key(row).await.unwrap();
        }
        store.revoke_key(revoked.id, SystemClock.now()).await.unwrap();
        let (made, orphans) = RootSecret::open(&store, &SystemIds).await.unwrap();
        assert_eq!(orphans, 1);
        let (again, orphans) = RootSecret::open(&store, &SystemIds).await.unwrap();
        assert_eq!(orphans, 0);
        assert_eq!(made.derive("x"), again.derive("x"));
    }

    #[tokio::test]
    async fn a_new_directory_has_lost_nothing() {
        let (_, orphans) = RootSecret::open(&Memory::new(), &SystemIds).await.unwrap();
        assert_eq!(orphans, 0);
    }

    #[test]
    fn purposes_do_not_mix() {
        let root = RootSecret::new([7; 32]);
        let secret = root.aws_secret("SSAKAAAAAAAAAAAAAAAA");
        assert_eq!(
            secret,
            RootSecret::new([7; 32]).aws_secret("SSAKAAAAAAAAAAAAAAAA")
        );
        assert_ne!(secret, root.aws_secret("SSAKAAAAAAAAAAAAAAAB"));
        assert_ne!(
            secret,
            RootSecret::new([8; 32]).aws_secret("SSAKAAAAAAAAAAAAAAAA")
        );
        assert_ne!(root.derive("tokens v1"), root.derive("tokens v2"));
        assert_ne!(root.keyed("a", b"b"), root.keyed("ab", b""));
        assert_eq!(format!("{root:?}"), "RootSecret(…)");
    }

    #[test]
    fn secrets_stay_the_same_in_every_version() {
        // Computed apart from this code, with Python's `hmac`: keys that were handed out must stay valid.
        let root = RootSecret::new(std::array::from_fn(|index| index as u8));
        let secret = root.aws_secret("SSAKCDEFGHIJKLMNOPAB");
        assert_eq!(secret.expose(), "ICe+RyRR7BO/w64wYaEUKKoHRFFFNfu44DUNJOx4");
        assert_eq!(root.derive("selfsame tokens v1")[..4], [0x5d, 0x21, 0x46, 0x81]);
    }
}
