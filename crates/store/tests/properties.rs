//! Any JSON object comes back as it was given.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::Timestamp;
use proptest::prelude::*;
use selfsame_store::{DuplicatePolicy, Memory, NewFace, NewUser, Properties, Repository, Sqlite};
use selfsame_types::{CollectionId, FaceId, FaceModelVersion, ImageId, Seq, Template, UserId};
use serde_json::Value;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |number| {
            serde_json::Number::from_f64(number).map(Value::Number)
        }),
        any::<String>().prop_map(Value::from),
        "['\"\\\\\u{0}-\u{1f}%_;-]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_properties() -> impl Strategy<Value = Properties> {
    prop::collection::btree_map(any::<String>(), any_value(), 0..8).prop_map(|map| map.into_iter().collect())
}

async fn round_trip(store: &dyn Repository, number: u128, properties: &Properties) -> Properties {
    let collection = CollectionId::new("people").unwrap();
    let user = UserId::new(number.to_string()).unwrap();
    let new = NewUser {
        user: user.clone(),
        properties: properties.clone(),
        face: NewFace {
            id: FaceId::new(uuid::Uuid::from_u128(number)),
            image: ImageId::new(uuid::Uuid::from_u128(number)),
            template: Template::new(&[1.0], FaceModelVersion::new("test")).unwrap(),
            picture: None,
            metadata: properties.clone(),
        },
        card: None,
        now: Timestamp::UNIX_EPOCH,
        journal: None,
    };
    let everybody_is_searched = DuplicatePolicy {
        checked_through: Seq(u64::MAX),
        min_cosine: 1.0,
    };
    store
        .register(&collection, new, everybody_is_searched)
        .await
        .unwrap();
    let found = store.get_user(&collection, &user).await.unwrap().unwrap();
    assert_eq!(found.faces[0].metadata, *properties);
    found.properties
}

#[test]
fn any_object_round_trips() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (sqlite, memory) = (
        runtime.block_on(Sqlite::open(directory.path())).unwrap(),
        Memory::new(),
    );
    let collection = CollectionId::new("people").unwrap();
    let version = FaceModelVersion::new("test");
    for store in [&sqlite as &dyn Repository, &memory] {
        runtime
            .block_on(store.create_collection(&collection, &version, Timestamp::UNIX_EPOCH))
            .unwrap();
    }
    let number = std::cell::Cell::new(0);
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(properties in any_properties())| {
        number.set(number.get() + 1);
        for store in [&sqlite as &dyn Repository, &memory] {
            let found = runtime.block_on(round_trip(store, number.get(), &properties));
            prop_assert_eq!(&found, &properties);
        }
    });
}
