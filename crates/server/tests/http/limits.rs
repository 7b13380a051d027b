//! What is too much, too slow or not understood.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Server, photos};

/// Path, content type, body; status and name, and a part of the message.
const MISTAKES: [[&str; 5]; 9] = [
    [
        "/register",
        "application/json",
        "{\"UserId\":",
        "400 SerializationException",
        "line 1",
    ],
    [
        "/register",
        "application/json",
        "[]",
        "400 ValidationException",
        "JSON object",
    ],
    [
        "/auth",
        "application/json",
        "{}",
        "400 ValidationException",
        "UserId is missing",
    ],
    [
        "/auth",
        "application/json",
        "{\"UserId\":1}",
        "400 ValidationException",
        "UserId must be a string",
    ],
    [
        "/update",
        "application/json",
        "{\"UserId\":\"a\"}",
        "400 ValidationException",
        "Image is missing",
    ],
    [
        "/auth",
        "application/x-amz-json-1.1",
        "{}",
        "400 ValidationException",
        "UserId is missing",
    ],
    [
        "/auth",
        "text/plain",
        "{}",
        "415 UnsupportedMediaTypeException",
        "Content-Type: application/json",
    ],
    [
        "/nowhere",
        "application/json",
        "{}",
        "404 UnknownOperationException",
        "/docs",
    ],
    [
        "/users/x",
        "application/json",
        "{}",
        "405 MethodNotAllowedException",
        "/docs",
    ],
];

#[test]
fn requests_that_are_not_understood_say_why() {
    let server = Server::start();
    for [path, content_type, body, expected, text] in MISTAKES {
        let headers = [("x-api-key", server.key.as_str()), ("content-type", content_type)];
        let (status, code, message) = server.request("POST", path, &headers, body.as_bytes()).refusal();
        assert_eq!(format!("{status} {code}"), expected, "{path}: {message}");
        assert!(message.contains(text), "{path}: {message}");
    }
    // The sample's own client declares nothing.
    let answer = server.request("POST", "/auth", &[("x-api-key", &server.key)], b"{}");
    assert!(answer.refusal().2.contains("UserId is missing"));
}

#[test]
fn a_body_that_is_too_large_is_refused_while_it_is_sent() {
    let server = Server::with(|config| config.limits.body_bytes = 100_000);
    let headers = [
        ("x-api-key", server.key.as_str()),
        ("content-type", "application/json"),
    ];
    let (status, code, message) = server
        .request("POST", "/auth", &headers, &vec![b' '; 3 << 20])
        .refusal();
    assert_eq!((status, code.as_str()), (413, "RequestEntityTooLargeException"));
    assert!(message.contains("100000 bytes"), "{message}");
    // Also where the length was not declared.
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "POST /auth HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        server.key
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 60_000, " ".repeat(60_000));
    stream.write_all(chunk.as_bytes()).unwrap();
    stream.write_all(chunk.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[test]
fn a_body_that_never_ends_is_given_up() {
    let server = Server::with(|config| config.server.body_timeout_ms = 200);
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "POST /auth HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 1000\r\n\r\n{{",
        server.key
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[test]
fn a_full_server_says_so_at_once() {
    let server = Server::with(|config| {
        config.inference.threads = 1;
        config.inference.queue = 1;
        config.inference.retry_after_seconds = 3;
    });
    let photo = photos().get("obama.jpg");
    let answers: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..12)
            .map(|_| {
                scope.spawn(|| {
                    let begun = Instant::now();
                    (server.flow("/auth", "Barack", &photo), begun.elapsed())
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let served = answers.iter().filter(|(answer, _)| answer.status == 200).count();
    let refused: Vec<_> = answers
        .iter()
        .filter(|(answer, _)| answer.status == 429)
        .collect();
    assert_eq!(served + refused.len(), 12);
    assert!(served >= 2, "one runs, one waits: {served} served");
    assert!(!refused.is_empty(), "twelve at once are too many for two places");
    for (answer, _) in refused {
        assert_eq!(answer.headers["retry-after"], "3");
        assert_eq!(answer.refusal().1, "ThrottlingException");
    }
    // And it is as fit as before.
    assert_eq!(server.flow("/auth", "Barack", &photo).status, 200);
}

#[test]
fn clients_that_go_away_cost_nothing_and_leave_no_permit_behind() {
    let server = Server::with(|config| {
        config.inference.threads = 1;
        config.inference.queue = 1;
    });
    let photo = photos().get("obama.jpg");
    let body = json!({"UserId": "Barack", "Image": base64(&photo)}).to_string();
    let head = format!(
        "POST /auth HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        server.key,
        body.len()
    );
    for _ in 0..10 {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        drop(stream);
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while !server
        .get("/metrics")
        .text
        .contains("selfsame_inference_permits_in_use 0")
    {
        assert!(Instant::now() < deadline, "permits are given back");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.flow("/auth", "Barack", &photo).status, 200);
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
