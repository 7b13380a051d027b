//! The first key of a new data directory.

use selfsame_store::Keys;
use selfsame_types::{Clock, IdSource};

use super::key::{hash, mint, row};
use super::scope::Scope;
use crate::secret::Secret;

/// What happened to the keys at start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstKey {
    /// The directory had keys already.
    None,
    /// The directory had keys already, and the one in `SELFSAME_API_KEY` is not among the valid ones.
    NotAmongThem,
    /// The directory was new; the caller's key became the first administrator's.
    Adopted,
    /// The directory was new and no key was given: here is one. It is shown now or never.
    Created(Secret),
}

/// Makes sure that a directory has a key: `chosen`, or a new one.
pub(crate) async fn ensure_first_key(
    keys: &(impl Keys + ?Sized),
    chosen: Option<&Secret>,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> selfsame_store::Result<FirstKey> {
    const NAME: &str = "first";
    if !keys.list_keys().await?.is_empty() {
        return Ok(match chosen {
            Some(key) if keys.find_by_hash(&hash(key)).await?.is_none() => FirstKey::NotAmongThem,
            _ => FirstKey::None,
        });
    }
    if let Some(key) = chosen {
        keys.create_key(&row(hash(key), NAME, &Scope::Admin.into(), clock, ids))
            .await?;
        return Ok(FirstKey::Adopted);
    }
    let (secret, row) = mint(NAME, &Scope::Admin.into(), clock, ids);
    keys.create_key(&row).await?;
    Ok(FirstKey::Created(secret))
}

#[cfg(test)]
mod tests {
    use selfsame_store::Memory;
    use selfsame_types::{SystemClock, SystemIds};

    use super::*;

    async fn ensure(keys: &Memory, chosen: Option<&Secret>) -> FirstKey {
        ensure_first_key(keys, chosen, &SystemClock, &SystemIds)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn made_once() {
        let keys = Memory::new();
        let FirstKey::Created(secret) = ensure(&keys, None).await else {
            panic!("a new directory gets a key");
        };
        assert_eq!(ensure(&keys, None).await, FirstKey::None);
        assert_eq!(ensure(&keys, Some(&secret)).await, FirstKey::None);
        assert_eq!(
            ensure(&keys, Some(&Secret::new("another-key-entirely"))).await,
            FirstKey::NotAmongThem
        );
        let found = keys.find_by_hash(&hash(&secret)).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.scope.as_str()), ("first", "admin"));
    }

    #[tokio::test]
    async fn a_chosen_one_is_adopted() {
        let keys = Memory::new();
        let chosen = Secret::new("chosen-by-the-operator");
        assert_eq!(ensure(&keys, Some(&chosen)).await, FirstKey::Adopted);
        assert!(keys.find_by_hash(&hash(&chosen)).await.unwrap().is_some());
        // Revoking the last key must not let the next start hand out a new one by itself.
        let id = keys.list_keys().await.unwrap()[0].id;
        keys.revoke_key(id, SystemClock.now()).await.unwrap();
        assert_eq!(ensure(&keys, None).await, FirstKey::None);
    }
}
