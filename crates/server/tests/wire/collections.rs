//! Collections and their tags.

use serde_json::{Value, json};

use crate::client::{Client, members};
use crate::support::Server;

#[test]
fn a_collection_from_birth_to_death() {
    let server = Server::start();
    let client = Client::new(&server);
    assert_eq!(
        client.ok("ListCollections", &json!({})),
        json!({"CollectionIds": [], "FaceModelVersions": []}),
        "a fresh server has none"
    );
    let created = client.ok("CreateCollection", &json!({"CollectionId": "my-faces_1.0"}));
    assert_eq!(
        members(&created),
        ["CollectionArn", "FaceModelVersion", "StatusCode"]
    );
    assert_eq!(
        created["CollectionArn"],
        "aws:rekognition:eu-central-1:000000000000:collection/my-faces_1.0"
    );
    let described = client.ok("DescribeCollection", &json!({"CollectionId": "my-faces_1.0"}));
    assert_eq!(
        (&described["FaceCount"], &described["UserCount"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        described["CollectionARN"],
        "arn:aws:rekognition:eu-central-1:000000000000:collection/my-faces_1.0"
    );
    assert!(
        described["CreationTimestamp"].as_f64().unwrap() > 1.7e9,
        "{described}"
    );
    assert_eq!(
        client.refusal("CreateCollection", &json!({"CollectionId": "my-faces_1.0"})),
        (
            "ResourceAlreadyExistsException".to_owned(),
            "The collection id: my-faces_1.0 already exists.".to_owned()
        )
    );
    assert_eq!(
        client.ok("DeleteCollection", &json!({"CollectionId": "my-faces_1.0"})),
        json!({"StatusCode": 200})
    );
    for operation in ["DeleteCollection", "DescribeCollection", "ListFaces", "ListUsers"] {
        assert_eq!(
            client.refusal(operation, &json!({"CollectionId": "my-faces_1.0"})),
            (
                "ResourceNotFoundException".to_owned(),
                "The collection id: my-faces_1.0 does not exist".to_owned()
            )
        );
    }
}

#[test]
fn pages_have_an_end_and_tokens_are_not_made_up() {
    let server = Server::start();
    let client = Client::new(&server);
    let long = "x".repeat(255);
    let names = ["a", "b", "c", "d", long.as_str()];
    for name in names {
        client.ok("CreateCollection", &json!({"CollectionId": name}));
    }
    let mut found = Vec::new();
    let mut input = json!({"MaxResults": 2});
    let mut token = String::new();
    loop {
        let page = client.ok("ListCollections", &input);
        let ids = page["CollectionIds"].as_array().unwrap();
        assert!(ids.len() <= 2 && ids.len() == page["FaceModelVersions"].as_array().unwrap().len());
        found.extend(ids.iter().map(|id| id.as_str().unwrap().to_owned()));
        match page.get("NextToken") {
            Some(Value::String(next)) => {
                assert!(next.len() <= 255);
                token.clone_from(next);
                input["NextToken"] = json!(next);
            }
            _ => break,
        }
    }
    assert_eq!(found, names);
    assert_eq!(
        client.ok("ListCollections", &json!({"MaxResults": 0}))["CollectionIds"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    for wrong in ["made-up", &token[1..]] {
        let refused = client.refusal("ListCollections", &json!({"NextToken": wrong}));
        assert_eq!(refused.0, "InvalidPaginationTokenException");
        assert_eq!(refused.1, "Invalid Pagination Token");
    }
    let elsewhere = json!({"CollectionId": "a", "NextToken": token});
    assert_eq!(
        client.refusal("ListFaces", &elsewhere).0,
        "InvalidPaginationTokenException"
    );
}

#[test]
fn tags_are_kept_changed_and_removed() {
    let server = Server::start();
    let client = Client::new(&server);
    let tags = json!({"team": "identity", "größe": "klein"});
    client.ok("CreateCollection", &json!({"CollectionId": "c", "Tags": tags}));
    let arn = "arn:aws:rekognition:us-east-1:123456789012:collection/c";
    assert_eq!(
        client.ok("ListTagsForResource", &json!({"ResourceArn": arn})),
        json!({"Tags": tags})
    );
    let change = json!({"ResourceArn": arn, "Tags": {"team": "fraud", "x": ""}});
    assert_eq!(client.ok("TagResource", &change), json!({}));
    let untag = json!({"ResourceArn": arn, "TagKeys": ["größe", "not-there"]});
    assert_eq!(client.ok("UntagResource", &untag), json!({}));
    assert_eq!(
        client.ok("ListTagsForResource", &json!({"ResourceArn": arn})),
        json!({"Tags": {"team": "fraud", "x": ""}})
    );
    let many: serde_json::Map<String, Value> = (0..199).map(|n| (format!("t{n}"), json!("v"))).collect();
    let refused = client.refusal("TagResource", &json!({"ResourceArn": arn, "Tags": many}));
    assert_eq!(refused.0, "ServiceQuotaExceededException");
    let missing = json!({"ResourceArn": "arn:aws:rekognition:us-east-1:123456789012:collection/d"});
    assert_eq!(
        client.refusal("ListTagsForResource", &missing).0,
        "ResourceNotFoundException"
    );
    let other = json!({"ResourceArn": "arn:aws:rekognition:us-east-1:123456789012:project/d"});
    assert_eq!(
        client.refusal("ListTagsForResource", &other).0,
        "InvalidParameterException"
    );
}
