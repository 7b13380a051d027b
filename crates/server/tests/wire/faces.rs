//! Faces in collections: indexed, searched, listed, deleted.

use serde_json::{Value, json};

use crate::client::{Client, bytes, image, members};
use crate::support::{Server, nobody, png, two_people};

#[test]
fn indexing_the_same_image_twice_adds_nothing() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let input = json!({"CollectionId": "c", "Image": image("obama.jpg"), "ExternalImageId": "obama:1"});
    let first = client.ok("IndexFaces", &input);
    assert_eq!(
        members(&first),
        ["FaceModelVersion", "FaceRecords", "UnindexedFaces"]
    );
    let record = &first["FaceRecords"][0];
    assert_eq!(members(record), ["Face", "FaceDetail"]);
    let face = &record["Face"];
    assert_eq!(face["ExternalImageId"], "obama:1");
    assert_eq!(face["BoundingBox"], record["FaceDetail"]["BoundingBox"]);
    assert_eq!(face["Confidence"], record["FaceDetail"]["Confidence"]);
    assert_eq!(record["FaceDetail"]["Landmarks"].as_array().unwrap().len(), 30);
    assert_eq!(
        client.ok("IndexFaces", &input)["FaceRecords"],
        first["FaceRecords"]
    );
    // Another name is another face.
    let renamed = json!({"CollectionId": "c", "Image": image("obama.jpg"), "ExternalImageId": "obama:2"});
    assert_ne!(
        client.ok("IndexFaces", &renamed)["FaceRecords"][0]["Face"]["FaceId"],
        face["FaceId"]
    );
    let described = client.ok("DescribeCollection", &json!({"CollectionId": "c"}));
    assert_eq!(described["FaceCount"], 2);
    let listed = client.ok("ListFaces", &json!({"CollectionId": "c"}));
    // IndexFaces leaves the version to its own member, ListFaces tells it of every face.
    let mut expected = face.clone();
    expected["IndexFacesModelVersion"] = json!("2");
    assert_eq!(listed["Faces"][0], expected);
}

#[test]
fn what_is_not_indexed_has_a_reason() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let two = bytes(&png(&two_people()));
    let one = client.ok(
        "IndexFaces",
        &json!({"CollectionId": "c", "Image": two, "MaxFaces": 1}),
    );
    assert_eq!(one["FaceRecords"].as_array().unwrap().len(), 1);
    assert_eq!(one["UnindexedFaces"][0]["Reasons"], json!(["EXCEEDS_MAX_FACES"]));
    let none = client.ok(
        "IndexFaces",
        &json!({"CollectionId": "c", "Image": bytes(&png(&nobody()))}),
    );
    assert_eq!(
        (&none["FaceRecords"], &none["UnindexedFaces"]),
        (&json!([]), &json!([]))
    );
    // The same photo without room for more than its first face, then with: only the second is new.
    let both = client.ok("IndexFaces", &json!({"CollectionId": "c", "Image": two}));
    assert_eq!(
        both["FaceRecords"][0]["Face"]["FaceId"],
        one["FaceRecords"][0]["Face"]["FaceId"]
    );
    assert_eq!(both["FaceRecords"].as_array().unwrap().len(), 2);
}

#[test]
fn searches_find_the_same_person() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let obama = client.index("c", "obama.jpg");
    let second = client.index("c", "obama2.jpg");
    let biden = client.index("c", "biden.jpg");
    let by_image = client.ok(
        "SearchFacesByImage",
        &json!({"CollectionId": "c", "Image": image("obama3.jpg")}),
    );
    assert_eq!(
        members(&by_image),
        [
            "FaceMatches",
            "FaceModelVersion",
            "SearchedFaceBoundingBox",
            "SearchedFaceConfidence"
        ]
    );
    let found = ids(&by_image["FaceMatches"]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&obama[0]) && found.contains(&second[0]) && !found.contains(&biden[0]));
    let by_face = client.ok("SearchFaces", &json!({"CollectionId": "c", "FaceId": obama[0]}));
    assert_eq!(ids(&by_face["FaceMatches"]), second, "not the face itself");
    assert_eq!(by_face["SearchedFaceId"], obama[0].as_str());
    let all = json!({"CollectionId": "c", "FaceId": obama[0], "FaceMatchThreshold": 0, "MaxFaces": 10});
    let all = client.ok("SearchFaces", &all);
    let similarities: Vec<f64> = all["FaceMatches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["Similarity"].as_f64().unwrap())
        .collect();
    assert!(
        similarities.len() == 2 && similarities[0] >= similarities[1],
        "{similarities:?}"
    );
    let one = json!({"CollectionId": "c", "FaceId": obama[0], "FaceMatchThreshold": 0, "MaxFaces": 1});
    assert_eq!(
        client.ok("SearchFaces", &one)["FaceMatches"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let unknown = json!({"CollectionId": "c", "FaceId": "0f8fad5b-d9cb-469f-a165-70867728950e"});
    assert_eq!(
        client.refusal("SearchFaces", &unknown),
        (
            "InvalidParameterException".to_owned(),
            "faceId was not found in the collection.".to_owned()
        )
    );
    let empty = json!({"CollectionId": "c", "Image": bytes(&png(&nobody()))});
    assert_eq!(
        client.refusal("SearchFacesByImage", &empty),
        (
            "InvalidParameterException".to_owned(),
            "There are no faces in the image. Should be at least 1.".to_owned()
        )
    );
}

#[test]
fn deleted_faces_are_gone() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let face = client.index("c", "obama.jpg").remove(0);
    let unknown = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let deleted = client.ok(
        "DeleteFaces",
        &json!({"CollectionId": "c", "FaceIds": [face, unknown, face]}),
    );
    assert_eq!(
        deleted,
        json!({
            "DeletedFaces": [face],
            "UnsuccessfulFaceDeletions": [{"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}]
        })
    );
    let search = client.ok(
        "SearchFacesByImage",
        &json!({"CollectionId": "c", "Image": image("obama.jpg")}),
    );
    assert_eq!(search["FaceMatches"], json!([]));
    assert_eq!(
        client.ok("ListFaces", &json!({"CollectionId": "c"}))["Faces"],
        json!([])
    );
}

#[test]
fn lists_have_pages_and_filters() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let mut faces = client.index("c", "obama.jpg");
    faces.extend(client.index("c", "obama2.jpg"));
    faces.extend(client.index("c", "biden.jpg"));
    let first = client.ok("ListFaces", &json!({"CollectionId": "c", "MaxResults": 2}));
    let token = &first["NextToken"];
    let second = client.ok(
        "ListFaces",
        &json!({"CollectionId": "c", "MaxResults": 2, "NextToken": token}),
    );
    let listed: Vec<String> = [&first, &second]
        .iter()
        .flat_map(|page| page["Faces"].as_array().unwrap())
        .map(|face| face["FaceId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(listed, faces);
    assert!(second.get("NextToken").is_none());
    // A token is bound to its filter.
    let other = json!({"CollectionId": "c", "NextToken": token, "FaceIds": faces});
    assert_eq!(
        client.refusal("ListFaces", &other).0,
        "InvalidPaginationTokenException"
    );
    let some = client.ok("ListFaces", &json!({"CollectionId": "c", "FaceIds": [faces[2]]}));
    assert_eq!(some["Faces"].as_array().unwrap().len(), 1);
}

fn ids(matches: &Value) -> Vec<String> {
    let matches = matches.as_array().unwrap();
    matches
        .iter()
        .map(|one| one["Face"]["FaceId"].as_str().unwrap().to_owned())
        .collect()
}
