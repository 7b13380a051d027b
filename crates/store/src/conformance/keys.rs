//! API keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Outcome;
use super::fixtures::now;
use crate::model::ApiKey;
use crate::{Error, Repository};

fn key(number: u8) -> ApiKey {
    ApiKey {
        id: Uuid::from_u128(u128::from(number)),
        name: format!("Key №{number} of o'Brien"),
        scope: "admin".to_owned(),
        hash: [number; 32],
        access_key_id: number.is_multiple_of(2).then(|| format!("SSAK{number}")),
        collections: (0..number % 3).map(|i| format!("people-{i}")).collect(),
        buckets: (0..number % 3).map(|i| format!("o'Brien's \"{i}\"")).collect(),
        created: now() + SignedDuration::from_secs(i64::from(100 - number)),
        revoked: None,
    }
}

pub(super) async fn a_key_is_found_by_its_hash(store: Arc<dyn Repository>) -> Outcome {
    assert_eq!(store.list_keys().await?, []);
    for number in 1..=3 {
        store.create_key(&key(number)).await?;
    }
    assert_eq!(store.find_by_hash(&[2; 32]).await?, Some(key(2)));
    assert_eq!(store.find_by_hash(&[4; 32]).await?, None);
    assert_eq!(store.find_by_access_key_id("SSAK2").await?, Some(key(2)));
    for unknown in ["SSAK1", "SSAK4", "ssak2", ""] {
        assert_eq!(store.find_by_access_key_id(unknown).await?, None, "{unknown}");
    }
    assert_eq!(store.list_keys().await?, [key(3), key(2), key(1)], "oldest first");
    Ok(())
}

pub(super) async fn a_revoked_key_is_not_found(store: Arc<dyn Repository>) -> Outcome {
    store.create_key(&key(1)).await?;
    store.create_key(&key(2)).await?;
    let moment: Timestamp = now() + SignedDuration::from_secs(1000);
    assert!(store.revoke_key(key(2).id, moment).await?);
    assert_eq!(store.find_by_hash(&[2; 32]).await?, None);
    assert_eq!(store.find_by_access_key_id("SSAK2").await?, None);
    assert_eq!(store.find_by_hash(&[1; 32]).await?, Some(key(1)));
    assert!(
        !store.revoke_key(key(2).id, moment).await?,
        "a key is revoked once"
    );
    assert!(!store.revoke_key(key(9).id, moment).await?);
    assert_eq!(
        store.list_keys().await?,
        [
            ApiKey {
                revoked: Some(moment),
                ..key(2)
            },
            key(1),
        ]
    );
    Ok(())
}

pub(super) async fn a_key_is_made_once(store: Arc<dyn Repository>) -> Outcome {
    store.create_key(&key(2)).await?;
    for again in [
        ApiKey {
            id: key(2).id,
            ..key(1)
        },
        ApiKey {
            hash: key(2).hash,
            ..key(1)
        },
        ApiKey {
            access_key_id: key(2).access_key_id,
            ..key(1)
        },
    ] {
        let result = store.create_key(&again).await;
        assert!(matches!(result, Err(Error::IdTaken { .. })), "{result:?}");
    }
    assert_eq!(store.list_keys().await?, [key(2)]);
    store.create_key(&key(1)).await?;
    store.create_key(&key(3)).await?;
    assert_eq!(
        store.list_keys().await?.len(),
        3,
        "many keys have no access key id"
    );
    Ok(())
}

pub(super) async fn one_root_secret_is_kept(store: Arc<dyn Repository>) -> Outcome {
    let mut callers = JoinSet::new();
    for number in 0..8 {
        let store = store.clone();
        callers.spawn(async move { store.root_secret([number; 32]).await });
    }
    let mut secrets = BTreeSet::new();
    while let Some(secret) = callers.join_next().await {
        secrets.insert(secret??);
    }
    assert_eq!(secrets.len(), 1, "every caller gets the same");
    assert!(secrets.contains(&store.root_secret([99; 32]).await?));
    Ok(())
}
