//! Who may touch what.

use selfsame_server::access::{Grant, Limits, Scope};

use crate::client::{Client, shared};
use crate::support::Server;

fn grant(scope: Scope, buckets: &[&str]) -> Grant {
    Grant {
        scopes: scope.into(),
        limits: Limits {
            collections: Vec::new(),
            buckets: buckets.iter().map(|&name| name.to_owned()).collect(),
        },
    }
}

const DENIED: (u16, &str) = (403, "AccessDenied");

fn error(answer: &crate::client::Answer) -> (u16, String) {
    answer.error()
}

#[test]
fn readers_read_and_writers_write() {
    let admin = Client::new(shared());
    let path = format!("/{}/a", admin.bucket());
    admin.send("PUT", &path, &[], b"x");
    let denied = (DENIED.0, DENIED.1.to_owned());
    let reader = Client::with(shared(), &grant(Scope::GalleryRead, &[]));
    assert_eq!(reader.send("GET", &path, &[], b"").body, b"x");
    for (method, path) in [
        ("PUT", path.as_str()),
        ("DELETE", &path),
        ("PUT", "/another-bucket"),
    ] {
        assert_eq!(
            error(&reader.send(method, path, &[], b"")),
            denied,
            "{method} {path}"
        );
    }
    let writer = Client::with(shared(), &grant(Scope::GalleryWrite, &[]));
    assert_eq!(writer.send("PUT", &path, &[], b"y").status, 200);
    let portal = Client::with(shared(), &grant(Scope::Portal, &[]));
    for (method, path) in [("GET", path.as_str()), ("GET", "/"), ("PUT", &path)] {
        assert_eq!(
            error(&portal.send(method, path, &[], b"")),
            denied,
            "{method} {path}"
        );
    }
}

#[test]
fn limited_keys_see_their_buckets_only() {
    let admin = Client::new(shared());
    let (mine, other) = (admin.bucket(), admin.bucket());
    admin.send("PUT", &format!("/{other}/secret"), &[], b"x");
    let limited = Client::with(shared(), &grant(Scope::GalleryWrite, &[&mine, "mine-to-make"]));
    let denied = (DENIED.0, DENIED.1.to_owned());
    let list = limited.send("GET", "/", &[], b"").text();
    assert!(list.contains(&mine) && !list.contains(&other), "{list}");
    assert_eq!(limited.send("PUT", &format!("/{mine}/a"), &[], b"x").status, 200);
    assert_eq!(limited.send("PUT", "/mine-to-make", &[], b"").status, 200);
    for (method, path) in [
        ("GET", format!("/{other}/secret")),
        ("GET", format!("/{other}")),
        ("HEAD", format!("/{other}")),
        ("PUT", format!("/{other}/a")),
        ("DELETE", format!("/{other}/secret")),
        ("PUT", "/not-mine-to-make".to_owned()),
        ("GET", "/there-is-no-such-bucket/a".to_owned()),
    ] {
        let answer = limited.send(method, &path, &[], b"");
        assert_eq!(answer.status, 403, "{method} {path}");
    }
    // Nor may a copy lead out of it.
    let source = format!("/{other}/secret");
    let copied = limited.send(
        "PUT",
        &format!("/{mine}/b"),
        &[("x-amz-copy-source", &source)],
        b"",
    );
    assert_eq!(error(&copied), denied);
}

#[test]
fn wrong_signatures_have_their_names() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    let wrong = Client {
        secret: "x".repeat(40),
        access_key_id: client.access_key_id.clone(),
        ..client
    };
    let answer = wrong.send("PUT", &path, &[], b"x");
    assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()));
    let nobody = Client {
        access_key_id: "SSAKAAAAAAAAAAAAAAAA".to_owned(),
        ..wrong
    };
    let answer = nobody.send("PUT", &path, &[], b"x");
    assert_eq!(answer.error(), (403, "InvalidAccessKeyId".to_owned()));
}

#[test]
fn without_keys_neighbours_may_do_everything() {
    let server = Server::with(|config| config.access.insecure_no_auth = true);
    let nobody = Client {
        server: &server,
        access_key_id: "ANYTHING".to_owned(),
        secret: "anything".to_owned(),
    };
    let path = format!("/{}/a", nobody.bucket());
    assert_eq!(nobody.send("PUT", &path, &[], b"x").status, 200);
    assert_eq!(nobody.send("GET", &path, &[], b"").body, b"x");
    // Web pages are no neighbours.
    let refused = nobody.send("GET", &path, &[("origin", "https://evil.example")], b"");
    assert_eq!(refused.error(), (403, "AccessDenied".to_owned()));
}
