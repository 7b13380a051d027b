//! API keys.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
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
    assert_eq!(store.list_keys().await?, [key(3), key(2), key(1)], "oldest first");
    Ok(())
}

pub(super) async fn a_revoked_key_is_not_found(store: Arc<dyn Repository>) -> Outcome {
    store.create_key(&key(1)).await?;
    store.create_key(&key(2)).await?;
    let moment: Timestamp = now() + SignedDuration::from_secs(1000);
    assert!(store.revoke_key(key(1).id, moment).await?);
    assert_eq!(store.find_by_hash(&[1; 32]).await?, None);
    assert_eq!(store.find_by_hash(&[2; 32]).await?, Some(key(2)));
    assert!(
        !store.revoke_key(key(1).id, moment).await?,
        "a key is revoked once"
    );
    assert!(!store.revoke_key(key(9).id, moment).await?);
    assert_eq!(
        store.list_keys().await?,
        [
            key(2),
            ApiKey {
                revoked: Some(moment),
                ..key(1)
            }
        ]
    );
    Ok(())
}

pub(super) async fn a_key_is_made_once(store: Arc<dyn Repository>) -> Outcome {
    store.create_key(&key(1)).await?;
    for again in [
        ApiKey {
            id: key(2).id,
            ..key(1)
        },
        ApiKey {
            hash: key(2).hash,
            ..key(1)
        },
    ] {
        let result = store.create_key(&again).await;
        assert!(matches!(result, Err(Error::IdTaken { .. })), "{result:?}");
    }
    assert_eq!(store.list_keys().await?, [key(1)]);
    Ok(())
}
