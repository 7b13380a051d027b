//! What the log holds, at its most talkative: ids and outcomes, and nothing that belongs to a person.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "s3/client.rs"]
#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod client;
#[path = "http/support.rs"]
#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use client::Client;
use support::{Server, photos};

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every route that sees something personal, with and without success.
fn use_everything(server: &Server, image: &str) {
    let body = json!({"UserId": "Barack", "Properties": {"nickname": "Renegade-4711"}, "Image": image});
    server.post("/register", &body).output();
    server
        .flow("/auth", "Barack", &photos().get("obama2.jpg"))
        .output();
    server.post("/update", &body).output();
    server
        .flow("/register", "Other", &photos().get("obama2.jpg"))
        .failure();
    assert_eq!(
        server
            .post("/auth", &json!({"UserId": "Barack", "Image": "Renegade-4711"}))
            .status,
        200
    );
    server.request(
        "POST",
        "/register",
        &[("x-api-key", "ss_wrong-key-0815")],
        body.to_string().as_bytes(),
    );
    assert_eq!(server.get("/users/Barack").status, 200);
    assert_eq!(server.delete("/users/Barack").status, 200);
}

/// Objects with telling names, with and without success; gives the secret that signed.
fn use_s3(server: &Server) -> String {
    let client = Client::new(server);
    let path = format!("/{}/Renegade/4711.txt", client.bucket());
    let headers = [
        ("x-amz-meta-nickname", "Renegade"),
        ("x-amz-tagging", "who=Renegade"),
    ];
    assert_eq!(
        client.send("PUT", &path, &headers, b"Renegade object").status,
        200
    );
    assert_eq!(client.send("GET", &path, &[], b"").body, b"Renegade object");
    assert_eq!(
        client
            .query(
                "PUT",
                &path,
                &[("uploadId", "Renegade"), ("partNumber", "1")],
                &[],
                b"x"
            )
            .status,
        404
    );
    assert_eq!(client.send("DELETE", &path, &[], b"").status, 204);
    assert_eq!(client.send("GET", &path, &[], b"").status, 404);
    let wrong = Client {
        secret: "Renegade secret".to_owned(),
        access_key_id: client.access_key_id.clone(),
        server,
    };
    assert_eq!(wrong.send("GET", &path, &[], b"").status, 403);
    client.secret
}

#[test]
fn the_log_holds_no_photo_no_property_no_template_and_no_key() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let mut server = Server::start();
    let key = server.key.clone();
    let image = STANDARD.encode(photos().get("obama.jpg"));
    use_everything(&server, &image);
    let secret = use_s3(&server);
    server.stop();

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    for present in [
        "Register of Barack: Registered",
        "Authenticate of Barack: Verified",
        "erased Barack",
        "PutObject: ok",
        "GetObject: NoSuchKey",
        "stopped",
    ] {
        assert!(log.contains(present), "{present}\n{log}");
    }
    // The head of a JPEG is the same for many; a piece from its middle is this photo's own.
    let piece = &image[image.len() / 2..image.len() / 2 + 24];
    for absent in [
        "Renegade",
        "nickname",
        piece,
        &key,
        "ss_wrong-key-0815",
        &secret,
        "Signature=",
    ] {
        let line = log.lines().find(|line| line.contains(absent));
        assert!(line.is_none(), "{absent}: {line:?}");
    }
}
