//! Who may do what, and how refusals look.

use jiff::SignedDuration;
use selfsame_server::access::{Grant, Limits, Scope};
use serde_json::json;
use ureq::http::{HeaderMap, HeaderValue};

use crate::client::{Client, Odd, image, refusal, shared};
use crate::support::Server;

const LIST: &str = "RekognitionService.ListCollections";

fn odd<'a>(client: &'a Client<'_>, tamper: &'a dyn Fn(&mut HeaderMap)) -> Odd<'a> {
    Odd {
        secret: &client.secret,
        service: "rekognition",
        late: SignedDuration::ZERO,
        tamper,
    }
}

#[test]
fn signatures_are_checked() {
    let client = Client::new(shared());
    let nothing = |_: &mut HeaderMap| {};
    let replay = |headers: &mut HeaderMap| {
        headers.insert(
            "x-amz-target",
            HeaderValue::from_static("RekognitionService.DeleteCollection"),
        );
    };
    let unsigned = |headers: &mut HeaderMap| {
        headers.remove("authorization");
    };
    let malformed = |headers: &mut HeaderMap| {
        headers.insert(
            "authorization",
            HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=x"),
        );
    };
    let usual = || odd(&client, &nothing);
    for (request, expected) in [
        (
            Odd {
                secret: "guessed",
                ..usual()
            },
            "InvalidSignatureException",
        ),
        (odd(&client, &replay), "InvalidSignatureException"),
        (
            Odd {
                late: SignedDuration::from_mins(16),
                ..usual()
            },
            "InvalidSignatureException",
        ),
        (
            Odd {
                late: SignedDuration::from_mins(-16),
                ..usual()
            },
            "InvalidSignatureException",
        ),
        (
            Odd {
                service: "textract",
                ..usual()
            },
            "InvalidSignatureException",
        ),
        (odd(&client, &unsigned), "MissingAuthenticationTokenException"),
        (odd(&client, &malformed), "IncompleteSignatureException"),
    ] {
        assert_eq!(refusal(&client.odd(LIST, b"{}", &request)).0, expected);
    }
    let stranger = Client {
        access_key_id: "SSAKAAAAAAAAAAAAAAAA".to_owned(),
        secret: client.secret.clone(),
        ..client
    };
    let refused = refusal(&stranger.raw(LIST, b"{}"));
    assert_eq!(
        refused,
        (
            "UnrecognizedClientException".to_owned(),
            "The security token included in the request is invalid.".to_owned()
        )
    );
}

#[test]
fn requests_that_are_not_understood_say_why() {
    let client = Client::new(shared());
    for (target, body, code, text) in [
        (LIST, "{", "SerializationException", ""),
        (LIST, "[]", "SerializationException", ""),
        (LIST, "{\"MaxResults\":\"x\"}", "SerializationException", ""),
        (LIST, "{\"MaxResults\":5000}", "ValidationException", "maxResults"),
        (
            "RekognitionService.CreateCollection",
            "{}",
            "ValidationException",
            "collectionId",
        ),
        (
            "RekognitionService.DetectLabels",
            "{}",
            "UnknownOperationException",
            "knows DetectLabels but does not implement it",
        ),
        (
            "RekognitionService.Nonsense",
            "{}",
            "UnknownOperationException",
            "",
        ),
        ("Nonsense", "{}", "UnknownOperationException", ""),
    ] {
        let refused = refusal(&client.raw(target, body.as_bytes()));
        assert_eq!(refused.0, code, "{target} {body}");
        assert!(refused.1.contains(text), "{}", refused.1);
    }
    let answer = client.call("ListCollections", &json!({}));
    assert_eq!(answer.status, 200);
    let page = shared().get("/metrics").text;
    assert!(
        page.contains("route=\"rekognition:ListCollections\",status=\"200\""),
        "{page}"
    );
    assert!(page.contains("route=\"aws:unknown\",status=\"400\""), "{page}");
}

#[test]
fn keys_do_what_their_scopes_say() {
    let server = Server::start();
    let admin = Client::new(&server);
    admin.ok("CreateCollection", &json!({"CollectionId": "c"}));
    let reader = Client::with(&server, &Scope::GalleryRead.into());
    let writer = Client::with(&server, &Scope::GalleryWrite.into());
    let portal = Client::with(&server, &Scope::Portal.into());
    reader.ok("ListFaces", &json!({"CollectionId": "c"}));
    writer.ok("ListFaces", &json!({"CollectionId": "c"}));
    let create = json!({"CollectionId": "d"});
    assert_eq!(
        reader.refusal("CreateCollection", &create).0,
        "AccessDeniedException"
    );
    writer.ok("CreateCollection", &create);
    for operation in ["ListCollections", "CreateCollection", "DeleteCollection"] {
        assert_eq!(portal.refusal(operation, &create).0, "AccessDeniedException");
    }
    let detect = json!({"Image": image("obama.jpg")});
    assert_eq!(portal.refusal("DetectFaces", &detect).0, "AccessDeniedException");
    // The portal's collection can be seen, but only an administrator changes it here.
    server
        .flow("/register", "Barack", &crate::support::photos().get("obama.jpg"))
        .output();
    let users = json!({"CollectionId": "selfsame-users"});
    assert_eq!(reader.ok("ListFaces", &users)["Faces"][0]["UserId"], "Barack");
    assert_eq!(
        writer.refusal("DeleteCollection", &users).0,
        "AccessDeniedException"
    );
    admin.ok("DeleteCollection", &users);
}

#[test]
fn limited_keys_touch_only_what_is_listed() {
    let server = Server::start();
    let admin = Client::new(&server);
    for name in ["mine", "other"] {
        admin.ok("CreateCollection", &json!({"CollectionId": name}));
    }
    let limits = Limits {
        collections: vec!["mine".to_owned(), "later".to_owned()],
        buckets: Vec::new(),
    };
    let grant = Grant {
        scopes: Scope::Admin.into(),
        limits,
    };
    let limited = Client::with(&server, &grant);
    assert_eq!(
        limited.ok("ListCollections", &json!({}))["CollectionIds"],
        json!(["mine"])
    );
    limited.ok("CreateCollection", &json!({"CollectionId": "later"}));
    for name in ["other", "third"] {
        let input = json!({"CollectionId": name});
        for operation in [
            "CreateCollection",
            "DescribeCollection",
            "DeleteCollection",
            "ListUsers",
        ] {
            assert_eq!(
                limited.refusal(operation, &input).0,
                "AccessDeniedException",
                "{operation}"
            );
        }
        let arn = format!("arn:aws:rekognition:us-east-1:1:collection/{name}");
        assert_eq!(
            limited
                .refusal("ListTagsForResource", &json!({"ResourceArn": arn}))
                .0,
            "AccessDeniedException"
        );
    }
}

#[test]
fn without_keys_anything_or_nothing_is_a_signature() {
    let server = Server::with(|config| config.access.insecure_no_auth = true);
    let headers = [
        ("x-amz-target", LIST),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let answer = server.request("POST", "/", &headers, b"{}");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let client = Client {
        server: &server,
        access_key_id: "AKIAEXAMPLE".to_owned(),
        secret: "whatever".to_owned(),
    };
    let created = client.ok("CreateCollection", &json!({"CollectionId": "c"}));
    assert_eq!(
        created["CollectionArn"],
        "aws:rekognition:eu-central-1:000000000000:collection/c"
    );
    let foreign = [
        ("x-amz-target", LIST),
        ("content-type", "application/x-amz-json-1.1"),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(
        refusal(&server.request("POST", "/", &foreign, b"{}")).0,
        "AccessDeniedException"
    );
}

#[test]
fn web_pages_may_call_where_the_configuration_says() {
    let origin = ("origin", "https://app.example.com");
    let preflight = [
        origin,
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,x-amz-target"),
    ];
    let closed = shared().request("OPTIONS", "/", &preflight, &[]);
    assert!(!closed.headers.contains_key("access-control-allow-origin"));
    let server = Server::with(|config| config.server.cors_origins = vec![origin.1.to_owned()]);
    let answer = server.request("OPTIONS", "/", &preflight, &[]);
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], origin.1);
    assert_eq!(
        answer.headers["access-control-allow-headers"],
        "authorization,x-amz-target"
    );
    let refused = server.request("POST", "/", &[origin, ("x-amz-target", LIST)], b"{}");
    assert_eq!(refused.headers["access-control-allow-origin"], origin.1);
}
