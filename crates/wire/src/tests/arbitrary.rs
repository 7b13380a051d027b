//! Whatever is sent, the answer is a modelled refusal or a request; never a panic, never our fault.

use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::shape::Shape;
use crate::{Error, ErrorCode, Target, decode_value, rekognition};

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[A-Za-z0-9+/]{0,24}={0,2}".prop_map(Value::from),
        Just(Value::from("0f8fad5b-d9cb-469f-a165-70867728950e")),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Names that operations know, mostly.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "CollectionId",
        "FaceIds",
        "Image",
        "Bytes",
        "S3Object",
        "Bucket",
        "Name",
        "Tags",
        "MaxResults",
        "QualityFilter",
        "Attributes",
        "FaceMatchThreshold",
        "UserId",
        "WithDecryption",
    ];
    prop_oneof![4 => proptest::sample::select(known.map(str::to_owned).to_vec()), 1 => ".{0,12}"]
}

/// Of the right form nearly everywhere, so that the constraints are reached.
fn along(shape: &'static Shape) -> BoxedStrategy<Value> {
    let right = match shape {
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Integer(_) => (-2..5000_i64).prop_map(Value::from).boxed(),
        Shape::Long(_) => any::<i64>().prop_map(Value::from).boxed(),
        Shape::Float(_) | Shape::Timestamp => (-10.0..110.0_f64).prop_map(Value::from).boxed(),
        Shape::Text(_) => prop_oneof!["[a-z0-9-]{0,40}", ".{0,300}"]
            .prop_map(Value::from)
            .boxed(),
        Shape::Choice(choices) => proptest::sample::select(*choices).prop_map(Value::from).boxed(),
        Shape::Blob(_) => "[A-Za-z0-9+/]{0,24}={0,2}".prop_map(Value::from).boxed(),
        Shape::List(member, _) => proptest::collection::vec(along(member), 0..4)
            .prop_map(Value::from)
            .boxed(),
        Shape::Map { .. } => proptest::collection::btree_map(".{0,8}", ".{0,8}".prop_map(Value::from), 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
            .boxed(),
        Shape::Structure(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|member| {
                    (
                        Just(member.name.to_owned()),
                        proptest::option::weighted(0.9, along(member.shape)),
                    )
                })
                .collect();
            members
                .prop_map(|members| {
                    let present = members
                        .into_iter()
                        .filter_map(|(name, value)| Some((name, value?)));
                    Value::Object(present.collect::<Map<_, _>>())
                })
                .boxed()
        }
    };
    prop_oneof![30 => right, 1 => json()].boxed()
}

fn assert_modelled(outcome: Result<(), Error>) -> Result<(), TestCaseError> {
    if let Err(error) = outcome {
        let modelled = [ErrorCode::SerializationException, ErrorCode::ValidationException];
        prop_assert!(modelled.contains(&error.code()), "{error}");
        prop_assert!(error.message().len() < 8000, "{} bytes", error.message().len());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_accepted_or_refused(value in json()) {
        let body = serde_json::to_vec(&value).unwrap();
        for target in Target::all() {
            assert_modelled(target.check(&body))?;
        }
    }

    #[test]
    fn any_bytes_are_accepted_or_refused(body in proptest::collection::vec(any::<u8>(), 0..64)) {
        for target in Target::all() {
            assert_modelled(target.check(&body))?;
        }
    }

    #[test]
    fn requests_of_nearly_the_right_form_are_accepted_or_refused(
        (target, body) in proptest::sample::select(Target::all().collect::<Vec<_>>())
            .prop_flat_map(|target| (Just(target), along(super::shape_of(target))))
    ) {
        assert_modelled(target.check(&serde_json::to_vec(&body).unwrap()))?;
    }

    #[test]
    fn it_is_the_same_from_text_and_from_values(body in along(super::shape_of(Target::Rekognition(rekognition::OperationName::IndexFaces)))) {
        // Numbers beyond single precision are written with fewer digits than they have.
        let text = serde_json::to_vec(&body).unwrap();
        let body: Value = serde_json::from_slice(&text).unwrap();
        let from_text = crate::decode::<rekognition::IndexFaces>(&text);
        let from_value = decode_value::<rekognition::IndexFaces>(&body);
        prop_assert_eq!(from_text, from_value);
    }
}
