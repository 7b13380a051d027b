//! Users: whose faces are whose, and who is searched.

use serde_json::json;

use crate::client::{Client, bytes, image, members};
use crate::support::{Server, nobody, png, two_people};

#[test]
fn a_user_gathers_faces_and_is_found_by_them() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let mut obama = client.index("c", "obama.jpg");
    obama.extend(client.index("c", "obama2.jpg"));
    let biden = client.index("c", "biden.jpg").remove(0);
    assert_eq!(
        client.ok("CreateUser", &json!({"CollectionId": "c", "UserId": "barack"})),
        json!({})
    );
    let listed = client.ok("ListUsers", &json!({"CollectionId": "c"}));
    assert_eq!(
        listed,
        json!({"Users": [{"UserId": "barack", "UserStatus": "CREATED"}]})
    );
    let unknown = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let associated = client.ok(
        "AssociateFaces",
        &json!({"CollectionId": "c", "UserId": "barack", "FaceIds": [obama[0], obama[1], biden, unknown]}),
    );
    assert_eq!(
        associated["AssociatedFaces"],
        json!([{"FaceId": obama[0]}, {"FaceId": obama[1]}])
    );
    assert_eq!(associated["UserStatus"], "ACTIVE");
    let unsuccessful = associated["UnsuccessfulFaceAssociations"].as_array().unwrap();
    let reason = |face: &str| unsuccessful.iter().find(|one| one["FaceId"] == face).unwrap();
    assert_eq!(reason(unknown)["Reasons"], json!(["FACE_NOT_FOUND"]));
    assert_eq!(reason(&biden)["Reasons"], json!(["LOW_MATCH_CONFIDENCE"]));
    assert!(reason(&biden)["Confidence"].as_f64().unwrap() < 75.0);

    let by_image = client.ok(
        "SearchUsersByImage",
        &json!({"CollectionId": "c", "Image": image("obama3.jpg")}),
    );
    assert_eq!(
        members(&by_image),
        [
            "FaceModelVersion",
            "SearchedFace",
            "UnsearchedFaces",
            "UserMatches"
        ]
    );
    let found = &by_image["UserMatches"][0];
    assert_eq!(found["User"], json!({"UserId": "barack", "UserStatus": "ACTIVE"}));
    assert!(found["Similarity"].as_f64().unwrap() > 95.0, "{found}");
    let both = client.ok(
        "SearchUsersByImage",
        &json!({"CollectionId": "c", "Image": bytes(&png(&two_people()))}),
    );
    assert_eq!(both["UnsearchedFaces"][0]["Reasons"], json!(["FACE_NOT_LARGEST"]));
    let empty = client.ok(
        "SearchUsersByImage",
        &json!({"CollectionId": "c", "Image": bytes(&png(&nobody()))}),
    );
    assert_eq!(
        (&empty["UserMatches"], empty.get("SearchedFace")),
        (&json!([]), None)
    );

    let by_face = client.ok("SearchUsers", &json!({"CollectionId": "c", "FaceId": obama[0]}));
    assert_eq!(by_face["UserMatches"][0]["User"]["UserId"], "barack");
    assert_eq!(by_face["SearchedFace"], json!({"FaceId": obama[0]}));
    let by_user = client.ok("SearchUsers", &json!({"CollectionId": "c", "UserId": "barack"}));
    assert_eq!(
        (&by_user["UserMatches"], &by_user["SearchedUser"]),
        (&json!([]), &json!({"UserId": "barack"}))
    );
    for wrong in [
        json!({"CollectionId": "c"}),
        json!({"CollectionId": "c", "UserId": "barack", "FaceId": obama[0]}),
    ] {
        assert_eq!(
            client.refusal("SearchUsers", &wrong).0,
            "InvalidParameterException"
        );
    }
}

#[test]
fn faces_of_users_stay_until_they_leave() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let face = client.index("c", "obama.jpg").remove(0);
    for user in ["barack", "joe"] {
        client.ok("CreateUser", &json!({"CollectionId": "c", "UserId": user}));
    }
    let of = |user: &str| json!({"CollectionId": "c", "UserId": user, "FaceIds": [face]});
    client.ok("AssociateFaces", &of("barack"));
    let listed = client.ok("ListFaces", &json!({"CollectionId": "c", "UserId": "barack"}));
    assert_eq!(listed["Faces"][0]["UserId"], "barack");
    let taken = client.ok("AssociateFaces", &of("joe"));
    assert_eq!(
        taken["UnsuccessfulFaceAssociations"],
        json!([{"FaceId": face, "UserId": "barack", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}])
    );
    let kept = client.ok("DeleteFaces", &json!({"CollectionId": "c", "FaceIds": [face]}));
    assert_eq!(
        kept["UnsuccessfulFaceDeletions"],
        json!([{"FaceId": face, "UserId": "barack", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}])
    );
    let wrong = client.ok("DisassociateFaces", &of("joe"));
    assert_eq!(
        wrong["UnsuccessfulFaceDisassociations"][0]["Reasons"],
        json!(["ASSOCIATED_TO_A_DIFFERENT_USER"])
    );
    let left = client.ok("DisassociateFaces", &of("barack"));
    assert_eq!(left["DisassociatedFaces"], json!([{"FaceId": face}]));
    assert_eq!(left["UserStatus"], "CREATED");
    let missing = client.refusal("AssociateFaces", &of("nobody"));
    assert_eq!(missing.0, "ResourceNotFoundException");
    client.ok("DeleteUser", &json!({"CollectionId": "c", "UserId": "joe"}));
    assert_eq!(
        client
            .refusal("DeleteUser", &json!({"CollectionId": "c", "UserId": "joe"}))
            .0,
        "ResourceNotFoundException"
    );
    // A user that goes leaves the faces.
    client.ok("AssociateFaces", &of("barack"));
    client.ok("DeleteUser", &json!({"CollectionId": "c", "UserId": "barack"}));
    let listed = client.ok("ListFaces", &json!({"CollectionId": "c"}));
    assert_eq!(listed["Faces"][0].get("UserId"), None);
    assert_eq!(listed["Faces"][0]["FaceId"], face.as_str());
}

#[test]
fn a_request_that_is_repeated_is_answered_as_before() {
    let server = Server::start();
    let client = Client::new(&server);
    client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let create =
        |user: &str, token: &str| json!({"CollectionId": "c", "UserId": user, "ClientRequestToken": token});
    assert_eq!(client.ok("CreateUser", &create("ada", "t1")), json!({}));
    assert_eq!(client.ok("CreateUser", &create("ada", "t1")), json!({}));
    assert_eq!(
        client.refusal("CreateUser", &create("ada", "t2")).0,
        "ConflictException"
    );
    assert_eq!(
        client.refusal("CreateUser", &create("bob", "t1")),
        (
            "IdempotentParameterMismatchException".to_owned(),
            "The ClientRequestToken: t1 you have supplied is already in use.".to_owned()
        )
    );
    for n in 0..4 {
        client.ok("CreateUser", &create(&format!("u{n}"), &format!("n{n}")));
    }
    let page = client.ok("ListUsers", &json!({"CollectionId": "c", "MaxResults": 3}));
    assert_eq!(page["Users"].as_array().unwrap().len(), 3);
    let rest = json!({"CollectionId": "c", "MaxResults": 3, "NextToken": page["NextToken"]});
    let rest = client.ok("ListUsers", &rest);
    assert_eq!(
        (rest["Users"].as_array().unwrap().len(), rest.get("NextToken")),
        (2, None)
    );
}
