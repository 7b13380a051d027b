//! Who may do what.

use selfsame_server::Secret;
use selfsame_server::access::{FirstKey, Grant, Limits, RootSecret, Scope, hash, mint, mint_aws};
use selfsame_server::{Environment, start};
use selfsame_store::{Keys as _, Secrets as _, Sqlite};
use selfsame_types::{Clock as _, SystemClock, SystemIds};
use serde_json::json;

use crate::support::{Server, config, photos};

const PROTECTED: [(&str, &str); 7] = [
    ("POST", "/register"),
    ("POST", "/auth"),
    ("POST", "/update"),
    ("POST", "/check-userid"),
    ("GET", "/users/Barack"),
    ("DELETE", "/users/Barack"),
    ("GET", "/metrics"),
];

#[test]
fn without_a_valid_key_nothing_is_done() {
    let server = Server::start();
    let body = json!({"UserId": "Barack"}).to_string();
    for (method, path) in PROTECTED {
        for (name, value) in [
            ("x-nothing", "x"),
            ("x-api-key", "ss_wrong"),
            ("authorization", "Bearer ss_wrong"),
            ("authorization", "Basic YWRtaW46YWRtaW4="),
        ] {
            let body: &[u8] = if method == "POST" { body.as_bytes() } else { &[] };
            let headers = [(name, value), ("content-type", "application/json")];
            let answer = server.request(method, path, &headers, body);
            assert_eq!(answer.refusal().0, 401, "{method} {path}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"selfsame\"");
            assert!(!answer.text.contains("ss_wrong"));
        }
    }
    let bearer = format!("Bearer {}", server.key);
    assert_eq!(
        server
            .request("GET", "/metrics", &[("authorization", &bearer)], &[])
            .status,
        200
    );
}

#[test]
fn an_application_uses_flows_only_and_a_revoked_key_nothing() {
    let server = Server::start();
    let (secret, row) = mint("shop", &Scope::Portal.into(), &SystemClock, &SystemIds);
    // As `selfsame keys` does it, beside the running server.
    let beside = server.block_on(Sqlite::attach(server.data.path())).unwrap();
    server.block_on(beside.create_key(&row)).unwrap();
    let headers = [
        ("x-api-key", secret.expose()),
        ("content-type", "application/json"),
    ];
    let ask = || server.request("POST", "/check-userid", &headers, br#"{"UserId":"Barack"}"#);
    assert_eq!(ask().status, 200);
    for (method, path) in [
        ("GET", "/users/Barack"),
        ("DELETE", "/users/Barack"),
        ("GET", "/metrics"),
    ] {
        assert_eq!(
            server.request(method, path, &headers[..1], &[]).refusal().0,
            403,
            "{method} {path}"
        );
    }
    assert!(
        server
            .block_on(beside.revoke_key(row.id, SystemClock.now()))
            .unwrap()
    );
    assert_eq!(ask().refusal().0, 401);
}

#[test]
fn limits_hold_at_the_portal_too() {
    let server = Server::start();
    let beside = server.block_on(Sqlite::attach(server.data.path())).unwrap();
    let statuses = |scope: Scope, collections: &[&str], buckets: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let grant = Grant {
            scopes: scope.into(),
            limits: Limits {
                collections: owned(collections),
                buckets: owned(buckets),
            },
        };
        let (secret, row) = mint("limited", &grant, &SystemClock, &SystemIds);
        server.block_on(beside.create_key(&row)).unwrap();
        let headers = [
            ("x-api-key", secret.expose()),
            ("content-type", "application/json"),
        ];
        let check = server.request("POST", "/check-userid", &headers, br#"{"UserId":"Barack"}"#);
        let metrics = server.request("GET", "/metrics", &headers[..1], &[]);
        (check.status, metrics.status)
    };
    assert_eq!(statuses(Scope::Portal, &["selfsame-users"], &[]), (200, 403));
    assert_eq!(statuses(Scope::Portal, &["staff"], &[]), (403, 403));
    assert_eq!(statuses(Scope::Portal, &[], &["photos"]), (403, 403));
    assert_eq!(statuses(Scope::GalleryWrite, &[], &[]), (403, 403));
    assert_eq!(statuses(Scope::Admin, &[], &[]), (200, 200));
    assert_eq!(statuses(Scope::Admin, &["selfsame-users"], &[]), (200, 403));
}

#[test]
fn an_aws_key_is_no_bearers_key() {
    let server = Server::start();
    let beside = server.block_on(Sqlite::attach(server.data.path())).unwrap();
    // The server has made the secret; whoever comes later gets the same one.
    let root = RootSecret::new(server.block_on(beside.root_secret([7; 32])).unwrap());
    assert_ne!(root.derive("x"), RootSecret::new([7; 32]).derive("x"));
    let (id, secret, row) = mint_aws("boto", &Scope::Admin.into(), &root, &SystemClock, &SystemIds);
    server.block_on(beside.create_key(&row)).unwrap();
    for text in [id.as_str(), secret.expose()] {
        let answer = server.request("GET", "/metrics", &[("x-api-key", text)], &[]);
        assert_eq!(answer.refusal().0, 401);
    }
    for file in ["selfsame.db", "selfsame.db-wal"] {
        let bytes = fs_err::read(server.data.path().join(file)).unwrap_or_default();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(secret.expose()), "{file}");
    }
}

#[test]
fn the_first_key_is_the_operators_where_they_chose_one() {
    let chosen = Secret::new("chosen-by-the-operator-1");
    let server = Server::with(|config| config.access.api_key = Some(chosen.clone()));
    let answer = server.request("GET", "/users/Barack", &[("x-api-key", chosen.expose())], &[]);
    assert_eq!(answer.status, 404);
    // What is on the disk does not open anything.
    let beside = server.block_on(Sqlite::attach(server.data.path())).unwrap();
    assert!(
        server
            .block_on(beside.find_by_hash(&hash(&chosen)))
            .unwrap()
            .is_some()
    );
    for file in ["selfsame.db", "selfsame.db-wal"] {
        let bytes = fs_err::read(server.data.path().join(file)).unwrap_or_default();
        let secret = chosen.expose().as_bytes();
        assert!(
            !bytes.windows(secret.len()).any(|window| window == secret),
            "{file}"
        );
    }
}

#[test]
fn a_key_that_does_not_fit_is_pointed_out() {
    let mut server = Server::start();
    server.stop();
    let mut config = config(server.data.path());
    config.access.api_key = Some(Secret::new("of-another-data-directory"));
    let running = server.block_on(start(config, Environment::default())).unwrap();
    assert_eq!(*running.first_key(), FirstKey::NotAmongThem);
}

#[test]
fn insecure_means_this_machine_only() {
    let server = Server::with(|config| config.access.insecure_no_auth = true);
    assert_eq!(server.request("GET", "/users/Barack", &[], &[]).refusal().0, 404);
    // A web page that points its own name at 127.0.0.1 sends its own name.
    let answer = server.request("GET", "/users/Barack", &[("host", "evil.example")], &[]);
    assert_eq!(answer.refusal().0, 403);
    // And one that calls 127.0.0.1 says where it comes from.
    let body = br#"{"UserId":"a"}"#;
    let answer = server.request(
        "POST",
        "/check-userid",
        &[("origin", "https://evil.example")],
        body,
    );
    assert_eq!(answer.refusal().0, 403);
    assert_eq!(server.request("POST", "/check-userid", &[], body).status, 200);

    let mut open = config(server.data.path());
    open.access.insecure_no_auth = true;
    open.server.listen = "0.0.0.0:0".parse().unwrap();
    let error = server
        .block_on(start(open, Environment::default()))
        .err()
        .unwrap();
    assert!(error.to_string().contains("127.0.0.1 or use keys"), "{error}");
}

#[test]
fn a_key_is_asked_for_before_the_photo_is_read() {
    use std::io::{Read as _, Write as _};
    let server = Server::start();
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, b"HTTP/1.1 401", "not 100 Continue");
    // Clients that send all the same still get to read the answer.
    let photo = photos().get("obama.jpg").repeat(20);
    let answer = server.request(
        "POST",
        "/register",
        &[("content-type", "application/json")],
        &photo,
    );
    assert_eq!(answer.refusal().0, 401);
}
