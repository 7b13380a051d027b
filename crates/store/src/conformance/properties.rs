//! Properties and metadata: anything that JSON can say, up to a size.

use std::sync::Arc;

use selfsame_types::UserId;
use serde_json::{Value, json};

use super::Outcome;
use super::fixtures::{World, properties};
use crate::model::{Properties, RegisterOutcome};
use crate::{Error, MAX_METADATA_BYTES, MAX_NESTING, MAX_PROPERTIES_BYTES, Repository};

async fn register(world: &World, user: &str, properties: Properties) -> crate::Result<bool> {
    let person = world.everybody().await?.len();
    let Ok(mut new) = world.new_user(user, person) else {
        return Ok(false);
    };
    new.properties = properties;
    Ok(matches!(
        world.register(new).await?,
        RegisterOutcome::Registered { .. }
    ))
}

pub(super) async fn any_text_comes_back(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let given = properties(json!({
        "": "an empty key",
        "o'Brien": "it's; DROP TABLE users; --",
        "\"quoted\"\\": "\"\\\r\n\t",
        "nul": "before\u{0}after",
        "\u{0}": null,
        "emoji": "👩🏽‍🚒 e\u{301} \u{202e}right to left \u{feff}",
        "japanese": "日本語",
        "numbers": [0, -0.0, i64::MIN, u64::MAX, 0.1, 1e-300, f64::MAX, 0.300_000_000_000_000_04],
        "nested": { "a": [{ "b": [[], {}, true, false, null] }] },
    }));
    assert!(register(&world, "alice", given.clone()).await?);
    assert!(register(&world, "empty", Properties::new()).await?);
    let alice = store
        .get_user(&world.collection, &UserId::new("alice")?)
        .await?
        .ok_or("missing")?;
    assert_eq!(alice.properties, given);
    let empty = store
        .get_user(&world.collection, &UserId::new("empty")?)
        .await?
        .ok_or("missing")?;
    assert_eq!(empty.properties, Properties::new());
    Ok(())
}

pub(super) async fn the_limit_is_400_kilobytes(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let of_size = |bytes: usize| properties(json!({ "k": "x".repeat(bytes - r#"{"k":""}"#.len()) }));
    assert!(register(&world, "alice", of_size(400 * 1024)).await?);
    let alice = store
        .get_user(&world.collection, &UserId::new("alice")?)
        .await?
        .ok_or("missing")?;
    assert_eq!(alice.properties, of_size(400 * 1024));
    let result = register(&world, "bob", of_size(400 * 1024 + 1)).await;
    assert!(
        matches!(
            result,
            Err(Error::PropertiesTooLarge {
                size_bytes: 409_601,
                max_bytes: MAX_PROPERTIES_BYTES
            })
        ),
        "{result:?}"
    );
    assert_eq!(world.everybody().await?, ["alice"]);
    Ok(())
}

pub(super) async fn nesting_is_limited(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let nested = |levels| {
        let value = (1..levels).fold(Value::from(1), |value, _| Value::Array(vec![value]));
        Properties::from_iter([("k".to_owned(), value)])
    };
    assert!(register(&world, "alice", nested(MAX_NESTING)).await?);
    let alice = store
        .get_user(&world.collection, &UserId::new("alice")?)
        .await?
        .ok_or("missing")?;
    assert_eq!(alice.properties, nested(MAX_NESTING));
    let result = register(&world, "bob", nested(MAX_NESTING + 1)).await;
    assert!(matches!(result, Err(Error::NestedTooDeeply { .. })), "{result:?}");
    Ok(())
}

pub(super) async fn metadata_is_limited(store: Arc<dyn Repository>) -> Outcome {
    let world = World::new(store.clone()).await?;
    let mut new = world.new_user("alice", 1)?;
    new.face.metadata = properties(json!({ "k": "x".repeat(MAX_METADATA_BYTES) }));
    let result = world.register(new).await;
    assert!(
        matches!(result, Err(Error::MetadataTooLarge { .. })),
        "{result:?}"
    );
    world.enrol("alice", 1).await?;
    let mut update = world.update("alice", 1, 1)?;
    update.face.metadata = properties(json!({ "k": "x".repeat(MAX_METADATA_BYTES) }));
    let result = store.update(&world.collection, update, None).await;
    assert!(
        matches!(result, Err(Error::MetadataTooLarge { .. })),
        "{result:?}"
    );
    world.assert_complete("alice").await
}
