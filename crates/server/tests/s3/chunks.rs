//! Bodies in chunks, as SDKs send them, and as nobody should.

use std::io::Write as _;
use std::net::Shutdown;

use crate::client::{Answer, Client, Request, Signed, answer, bytes, shared};

const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
/// CRC32 of `bytes(200_000)`, by Python's zlib.
const CRC32: &str = "x-amz-checksum-crc32:";

struct Upload<'a> {
    client: &'a Client<'a>,
    path: String,
    payload: &'a str,
    chunk_bytes: usize,
    trailer: Option<String>,
}

impl Upload<'_> {
    fn signed(&self, data: &[u8]) -> Signed {
        let length = data.len().to_string();
        let mut headers = vec![
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", length.as_str()),
        ];
        if self.trailer.is_some() {
            headers.push(("x-amz-trailer", "x-amz-checksum-crc32"));
        }
        let request = Request {
            method: "PUT",
            path: &self.path,
            query: &[],
            headers: &headers,
        };
        Signed::new(self.client, &request, self.payload)
    }

    /// The body, after `tamper` has changed the bytes that were signed.
    fn body(&self, signed: &mut Signed, data: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        let has_signatures = self.payload != UNSIGNED_TRAILER;
        for chunk in data.chunks(self.chunk_bytes).chain([&[][..]]) {
            let signature = if has_signatures {
                format!(";chunk-signature={}", signed.chunk(chunk))
            } else {
                String::new()
            };
            write!(body, "{:x}{signature}\r\n", chunk.len()).unwrap();
            body.extend_from_slice(chunk);
            if !chunk.is_empty() {
                body.extend_from_slice(b"\r\n");
            }
        }
        if let Some(line) = &self.trailer {
            write!(body, "{line}\r\n").unwrap();
            if has_signatures {
                let signature = signed.trailer(&format!("{line}\n"));
                write!(body, "x-amz-trailer-signature:{signature}\r\n").unwrap();
            }
        }
        body.extend_from_slice(b"\r\n");
        body
    }

    fn send(&self, data: &[u8], tamper: impl FnOnce(&mut Vec<u8>)) -> Answer {
        let mut signed = self.signed(data);
        let mut body = self.body(&mut signed, data);
        tamper(&mut body);
        self.client.transmit("PUT", &signed, &body)
    }

    fn stored(&self) -> Option<Vec<u8>> {
        let answer = self.client.send("GET", &self.path, &[], b"");
        (answer.status == 200).then_some(answer.body)
    }
}

fn crc32(data: &[u8]) -> String {
    use base64::Engine as _;
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, data) as u32;
    let value = base64::engine::general_purpose::STANDARD.encode(crc.to_be_bytes());
    format!("{CRC32}{value}")
}

fn upload<'a>(client: &'a Client<'a>, payload: &'a str, trailer: Option<String>) -> Upload<'a> {
    Upload {
        client,
        path: format!("/{}/a", client.bucket()),
        payload,
        chunk_bytes: 64 << 10,
        trailer,
    }
}

#[test]
fn every_form_of_chunks_is_understood() {
    let client = Client::new(shared());
    let data = bytes(200_000);
    for (payload, trailer) in [
        (SIGNED, None),
        (SIGNED_TRAILER, Some(crc32(&data))),
        (UNSIGNED_TRAILER, Some(crc32(&data))),
        (UNSIGNED_TRAILER, None),
    ] {
        for chunk_bytes in [64 << 10, 200_000, 1000] {
            let upload = Upload {
                chunk_bytes,
                ..upload(&client, payload, trailer.clone())
            };
            let answer = upload.send(&data, |_| {});
            assert_eq!(answer.status, 200, "{payload}: {}", answer.text());
            assert!(upload.stored().is_some_and(|stored| stored == data), "{payload}");
            let head = client.send("HEAD", &upload.path, &[("x-amz-checksum-mode", "ENABLED")], b"");
            assert_eq!(
                head.header("content-encoding"),
                "",
                "that was the way, not the object"
            );
            let expected = trailer.as_deref().map_or("", |line| &line[CRC32.len()..]);
            assert_eq!(head.header("x-amz-checksum-crc32"), expected);
        }
    }
    let empty = upload(&client, SIGNED, None);
    assert_eq!(empty.send(b"", |_| {}).status, 200);
    assert_eq!(empty.stored(), Some(Vec::new()));
}

#[test]
fn a_changed_body_is_refused_and_leaves_nothing() {
    let client = Client::new(shared());
    let data = bytes(200_000);
    for (payload, code) in [
        (SIGNED, "SignatureDoesNotMatch"),
        (SIGNED_TRAILER, "SignatureDoesNotMatch"),
        (UNSIGNED_TRAILER, "BadDigest"),
    ] {
        let trailer = (payload != SIGNED).then(|| crc32(&data));
        let upload = upload(&client, payload, trailer);
        for at in [1000, 150_000] {
            let answer = upload.send(&data, |body| body[at] ^= 1);
            assert_eq!(answer.error().1, code, "{payload}, {at}");
        }
        assert_eq!(upload.stored(), None);
    }
    // The trailer's own signature.
    let upload = upload(&client, SIGNED_TRAILER, Some(crc32(&data)));
    let answer = upload.send(&data, |body| {
        let at = body
            .windows(CRC32.len())
            .position(|window| window == CRC32.as_bytes())
            .unwrap();
        body[at + CRC32.len()] ^= 1;
    });
    assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()));
}

#[test]
fn a_body_that_is_cut_off_is_refused() {
    let client = Client::new(shared());
    let data = bytes(200_000);
    for payload in [SIGNED, UNSIGNED_TRAILER] {
        let trailer = (payload != SIGNED).then(|| crc32(&data));
        let upload = upload(&client, payload, trailer);
        // After a whole chunk, with a length that agrees: only the end of the chunks is missing.
        let answer = upload.send(&data, |body| {
            let first = body.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            body.truncate(first + (64 << 10) + 2);
        });
        assert_eq!(answer.error(), (400, "IncompleteBody".to_owned()), "{payload}");
        // A connection that ends.
        let mut signed = upload.signed(&data);
        let body = upload.body(&mut signed, &data);
        let mut stream = client.begin("PUT", &signed, body.len());
        stream.write_all(&body[..100_000]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let status = std::panic::catch_unwind(|| answer_of(stream)).unwrap_or(0);
        assert_ne!(status, 200);
        assert_eq!(upload.stored(), None);
    }
}

fn answer_of(stream: std::net::TcpStream) -> u16 {
    answer(stream).status
}

#[test]
fn announced_and_missing_trailers_are_refused() {
    let client = Client::new(shared());
    let data = bytes(1000);
    let upload = upload(&client, UNSIGNED_TRAILER, Some(crc32(&data)));
    let answer = upload.send(&data, |body| {
        let at = body
            .windows(CRC32.len())
            .position(|window| window == CRC32.as_bytes())
            .unwrap();
        body.truncate(at);
        body.extend_from_slice(b"\r\n");
    });
    assert_eq!(answer.error(), (400, "MalformedTrailerError".to_owned()));
    assert_eq!(upload.stored(), None);
}

#[test]
fn the_digest_in_the_signature_counts() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    let request = Request {
        method: "PUT",
        path: &path,
        query: &[],
        headers: &[],
    };
    let signed = Signed::new(&client, &request, &crate::client::hex(&[7; 32]));
    let refused = client.transmit("PUT", &signed, b"something else");
    assert_eq!(refused.error(), (400, "XAmzContentSHA256Mismatch".to_owned()));
    let unsigned = Signed::new(&client, &request, "UNSIGNED-PAYLOAD");
    assert_eq!(client.transmit("PUT", &unsigned, b"anything").status, 200);
}
