//! A small client of S3 with a signer of its own.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use selfsame_server::access::{Grant, RootSecret, Scope, mint_aws};
use selfsame_store::{Keys as _, Secrets as _, Sqlite};
use selfsame_types::{Clock as _, SystemClock, SystemIds};
use sha2::{Digest as _, Sha256};
use ureq::http::HeaderMap;

use crate::support::Server;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');
const REGION: &str = "eu-central-1";

/// An access key of a running server.
pub(crate) struct Client<'a> {
    pub(crate) server: &'a Server,
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The content of the first element of this name.
    pub(crate) fn element(&self, name: &str) -> String {
        let text = self.text();
        let (_, rest) = text
            .split_once(&format!("<{name}>"))
            .unwrap_or_else(|| panic!("no {name}: {text}"));
        rest.split("</").next().unwrap().to_owned()
    }

    /// Status and code of an error, which has a text and an id.
    pub(crate) fn error(&self) -> (u16, String) {
        assert!(!self.element("Message").is_empty());
        assert_eq!(
            self.element("RequestId"),
            self.headers["x-amz-request-id"].to_str().unwrap()
        );
        (self.status, self.element("Code"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A request before it is signed.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Not encoded.
    pub(crate) path: &'a str,
    /// Not encoded.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) headers: &'a [(&'a str, &'a str)],
}

impl<'a> Client<'a> {
    /// With an administrator's key.
    pub(crate) fn new(server: &'a Server) -> Self {
        Self::with(server, &Scope::Admin.into())
    }

    pub(crate) fn with(server: &'a Server, grant: &Grant) -> Self {
        let (access_key_id, secret) = server.block_on(async {
            let store = Sqlite::attach(server.data.path()).await.unwrap();
            let root = RootSecret::new(store.root_secret([1; 32]).await.unwrap());
            let (id, secret, row) = mint_aws("test", grant, &root, &SystemClock, &SystemIds);
            store.create_key(&row).await.unwrap();
            store.close().await;
            (id, secret)
        });
        Self {
            server,
            access_key_id,
            secret: secret.expose().to_owned(),
        }
    }

    /// A bucket that nobody else has.
    pub(crate) fn bucket(&self) -> String {
        let name = format!("bucket-{}", selfsame_types::IdSource::uuid(&SystemIds));
        assert_eq!(self.send("PUT", &format!("/{name}"), &[], b"").status, 200);
        name
    }

    /// A signed request without parameters.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.query(method, path, &[], headers, body)
    }

    /// A signed request.
    pub(crate) fn query(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let request = Request {
            method,
            path,
            query,
            headers,
        };
        let signed = Signed::new(self, &request, &hex(&Sha256::digest(body)));
        self.transmit(method, &signed, body)
    }

    /// Sends what is signed already.
    pub(crate) fn transmit(&self, method: &str, signed: &Signed, body: &[u8]) -> Answer {
        let mut stream = self.begin(method, signed, body.len());
        // A server that refuses does not read on.
        let _ = stream.write_all(body);
        answer(stream)
    }

    /// Sends the head of a request only.
    pub(crate) fn begin(&self, method: &str, signed: &Signed, length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(self.server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut head = format!("{method} {} HTTP/1.1\r\n", signed.uri);
        for (name, value) in &signed.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        write!(head, "content-length: {length}\r\nconnection: close\r\n\r\n").unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Files that hold objects or parts.
    pub(crate) fn files(&self) -> usize {
        let directory = self.server.data.path().join("blobs/objects");
        let Ok(shards) = fs_err::read_dir(directory) else {
            return 0;
        };
        shards
            .map(|shard| fs_err::read_dir(shard.unwrap().path()).unwrap().count())
            .sum()
    }
}

/// Reads the answer.
pub(crate) fn answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    // A connection that is reset after the answer has said all there is to say.
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        bytes.extend_from_slice(&piece[..count]);
        if bytes.starts_with(b"HTTP/1.1 100") {
            bytes.clear();
        }
    }
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse().unwrap(), value.parse().unwrap())
        })
        .collect::<Vec<(ureq::http::HeaderName, _)>>()
        .into_iter()
        .collect();
    let mut body = bytes.split_off(end + 4);
    if headers
        .get("transfer-encoding")
        .is_some_and(|value| value == "chunked")
    {
        body = unchunked(&body);
    }
    Answer {
        status,
        headers,
        body,
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
}

/// A request with its signature in the header.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    key: Vec<u8>,
    scope: String,
    time: String,
    signature: String,
}

impl Signed {
    pub(crate) fn new(client: &Client<'_>, request: &Request<'_>, payload: &str) -> Self {
        let time = SystemClock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = &time[..8];
        let scope = format!("{day}/{REGION}/s3/aws4_request");
        let mut headers: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        headers.extend([
            ("host".to_owned(), client.server.address.to_string()),
            ("x-amz-date".to_owned(), time.clone()),
            ("x-amz-content-sha256".to_owned(), payload.to_owned()),
        ]);
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let path = utf8_percent_encode(request.path, PATH).to_string();
        let query = encoded(request.query);
        let lines: String = headers.iter().fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "{name}:{value}").unwrap();
            text
        });
        let canonical = format!("{}\n{path}\n{query}\n{lines}\n{names}\n{payload}", request.method);
        let text = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            hex(&Sha256::digest(canonical))
        );
        let mut key = format!("AWS4{}", client.secret).into_bytes();
        for part in [day, REGION, "s3", "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let signature = hex(&hmac(&key, text.as_bytes()));
        headers.push((
            "authorization".to_owned(),
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
                client.access_key_id
            ),
        ));
        let separator = if query.is_empty() { "" } else { "?" };
        Self {
            uri: format!("{path}{separator}{query}"),
            headers,
            key,
            scope,
            time,
            signature,
        }
    }

    /// The signature over the next chunk.
    pub(crate) fn chunk(&mut self, data: &[u8]) -> String {
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}",
            self.time,
            self.scope,
            self.signature,
            hex(&Sha256::digest(b"")),
            hex(&Sha256::digest(data))
        );
        self.next(&text)
    }

    /// The signature over the headers after the last chunk.
    pub(crate) fn trailer(&mut self, lines: &str) -> String {
        let text = format!(
            "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}",
            self.time,
            self.scope,
            self.signature,
            hex(&Sha256::digest(lines))
        );
        self.next(&text)
    }

    fn next(&mut self, text: &str) -> String {
        self.signature = hex(&hmac(&self.key, text.as_bytes()));
        self.signature.clone()
    }
}

fn encoded(query: &[(&str, &str)]) -> String {
    let mut pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| {
            let encode = |text| utf8_percent_encode(text, UNRESERVED).to_string();
            format!("{}={}", encode(name), encode(value))
        })
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub(crate) fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// Bytes that tell a shift by any number of them.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index % 251) as u8).collect()
}

/// A server shared by tests that do not disturb each other.
pub(crate) fn shared() -> &'static Arc<Server> {
    static SERVER: OnceLock<Arc<Server>> = OnceLock::new();
    SERVER.get_or_init(|| Arc::new(Server::start()))
}
