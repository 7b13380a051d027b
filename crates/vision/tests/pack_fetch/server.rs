//! A small HTTP server on this machine that behaves as well or as badly as a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does with one request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// Sends what is asked for, also a part.
    Good,
    /// Sends the whole, whatever part is asked for.
    NoRanges,
    /// Announces everything and hangs up after this many bytes.
    CutAfter(usize),
    /// Answers with this status and no content.
    Status(u16),
    /// Sends zeros until the client has had enough.
    Endless,
    /// Sends another content of the same length.
    Wrong,
}

/// A running server; requests beyond the script get the last behaviour.
pub(crate) struct Server {
    pub(crate) address: String,
    ranges: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    pub(crate) fn start(content: &[u8], script: &[Behaviour]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/models", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let (content, script, seen) = (content.to_vec(), script.to_vec(), Arc::clone(&ranges));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let range = read_request(&connection);
                let count = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(range);
                    seen.len()
                };
                let behaviour = script[count.min(script.len()) - 1];
                // a client that hangs up first is part of the tests
                let _ = answer(&mut connection, &content, behaviour, range);
            }
        });
        Self { address, ranges }
    }

    /// For each request so far, where the asked-for part began.
    pub(crate) fn requests(&self) -> Vec<Option<usize>> {
        self.ranges.lock().unwrap().clone()
    }
}

fn read_request(connection: &TcpStream) -> Option<usize> {
    let mut range = None;
    for line in BufReader::new(connection).lines() {
        let line = line.unwrap().to_ascii_lowercase();
        if let Some(start) = line.strip_prefix("range: bytes=") {
            range = start.trim_end_matches('-').parse().ok();
        }
        if line.is_empty() {
            break;
        }
    }
    range
}

fn answer(
    connection: &mut TcpStream,
    content: &[u8],
    behaviour: Behaviour,
    range: Option<usize>,
) -> std::io::Result<()> {
    let length = content.len();
    let whole =
        |status: &str| format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    match behaviour {
        Behaviour::Good if range.is_some() => {
            let start = range.unwrap_or_default();
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Length: {}\r\n\
                 Content-Range: bytes {start}-{}/{length}\r\n\r\n",
                length - start,
                length - 1
            );
            connection.write_all(head.as_bytes())?;
            connection.write_all(&content[start..])
        }
        Behaviour::Good | Behaviour::NoRanges => {
            connection.write_all(whole("200 OK").as_bytes())?;
            connection.write_all(content)
        }
        Behaviour::CutAfter(count) => {
            connection.write_all(whole("200 OK").as_bytes())?;
            connection.write_all(&content[..count])
        }
        Behaviour::Status(status) => {
            let head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            connection.write_all(head.as_bytes())
        }
        Behaviour::Endless => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                connection.write_all(&[0; 4096])?;
            }
        }
        Behaviour::Wrong => {
            connection.write_all(whole("200 OK").as_bytes())?;
            connection.write_all(&vec![0; length])
        }
    }
}
