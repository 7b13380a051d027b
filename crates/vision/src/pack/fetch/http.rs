//! Downloads over HTTPS that survive interruption.
//!
//! What has arrived stays in a `.partial` file. The next attempt asks for the rest; where the server does not honour
//! that, or the whole turns out wrong after resuming, it starts again from nothing, once. Only the digest decides.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::error::{Error, io_error};
use super::{CHUNK_BYTES, check};
use crate::pack::digest::Digest;
use crate::pack::manifest::ArtifactFile;
use crate::pack::progress::Transfer;

/// Time to find and reach the server, so that a machine without network knows soon.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time to the first byte of the answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest silence in the middle of a body.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts in one call; each continues where the last one stopped.
const ATTEMPTS: u32 = 3;

/// Downloads `address` to `partial` (continuing what is there) and checks it against `file`.
pub(crate) fn download(
    address: &str,
    file: &ArtifactFile,
    partial: &Path,
    transfer: &Transfer<'_>,
) -> Result<(), Error> {
    let agent = agent(address);
    transfer.advance(usable_part(partial, file)?);
    let mut attempt = 1;
    loop {
        let kept_bytes = usable_part(partial, file)?;
        let outcome = if kept_bytes == file.size_bytes {
            Ok(())
        } else {
            receive(&agent, address, file, partial, kept_bytes, transfer)
        };
        let last = attempt == ATTEMPTS;
        attempt += 1;
        match outcome {
            Ok(()) => {}
            Err(Failure::Interrupted(_)) if !last => continue,
            Err(Failure::Interrupted(error) | Failure::Final(error)) => return Err(error),
        }
        let (actual, size_bytes) = fs_err::File::open(partial)
            .and_then(Digest::of_reader)
            .map_err(io_error("reading the partial download"))?;
        match check(file, actual, size_bytes) {
            Ok(()) => return Ok(()),
            Err(error) => {
                fs_err::remove_file(partial).map_err(io_error("removing a wrong download"))?;
                // an old part of another content explains it; a whole download does not
                if kept_bytes == 0 || last {
                    return Err(error);
                }
            }
        }
    }
}

/// Whether another attempt makes sense.
enum Failure {
    Interrupted(Error),
    Final(Error),
}

fn agent(address: &str) -> Agent {
    let is_remote = address.starts_with("https://");
    let mut config = Agent::config_builder();
    if !is_remote {
        // plain http is for this machine only, which no proxy reaches
        config = config.proxy(None);
    }
    if let Some(roots) = own_roots() {
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    config
        .timeout_resolve(Some(CONNECT_TIMEOUT))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(RESPONSE_TIMEOUT))
        .timeout_per_read(Some(STALL_TIMEOUT))
        // a redirect must not leave TLS
        .https_only(is_remote)
        .http_status_as_error(false)
        .user_agent(concat!("selfsame/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// The certificates of `SSL_CERT_FILE`, which replace the built-in ones: networks that inspect TLS sign with their own.
/// Where the file is unreadable or holds none, the built-in ones stay, and the connection says what is wrong.
fn own_roots() -> Option<RootCerts> {
    let path = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty())?;
    let text = fs_err::read(path).ok()?;
    let certificates: Vec<_> = ureq::tls::parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    (!certificates.is_empty()).then(|| RootCerts::Specific(Arc::new(certificates)))
}

/// How many bytes of an earlier attempt can be built upon. More than the file can have is thrown away.
fn usable_part(partial: &Path, file: &ArtifactFile) -> Result<u64, Error> {
    match fs_err::metadata(partial) {
        Ok(metadata) if metadata.len() <= file.size_bytes => Ok(metadata.len()),
        Ok(_) => {
            fs_err::remove_file(partial).map_err(io_error("removing a wrong download"))?;
            Ok(0)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(io_error("reading the partial download")(error)),
    }
}

/// Sends one request and appends what comes to `partial`.
fn receive(
    agent: &Agent,
    address: &str,
    file: &ArtifactFile,
    partial: &Path,
    kept_bytes: u64,
    transfer: &Transfer<'_>,
) -> Result<(), Failure> {
    let mut request = agent.get(address);
    if kept_bytes > 0 {
        request = request.header(header::RANGE, format!("bytes={kept_bytes}-"));
    }
    let mut response = request.call().map_err(|error| match error {
        // a stalled or broken connection may come back; a name that does not resolve will not
        ureq::Error::Io(_) | ureq::Error::Protocol(_) if kept_bytes > 0 => {
            Failure::Interrupted(network(error))
        }
        error => Failure::Final(network(error)),
    })?;
    let start_bytes = match response.status() {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT if continues_at(&response, kept_bytes) => kept_bytes,
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if kept_bytes > 0 => {
            remove(partial)?;
            return Err(Failure::Interrupted(status(response.status())));
        }
        StatusCode::NOT_FOUND => return Err(Failure::Final(Error::NotThere)),
        other if other.is_server_error() => return Err(Failure::Interrupted(status(other))),
        other => return Err(Failure::Final(status(other))),
    };
    append(
        &mut response.body_mut().as_reader(),
        file,
        partial,
        start_bytes,
        transfer,
    )
}

fn append(
    body: &mut impl Read,
    file: &ArtifactFile,
    partial: &Path,
    start_bytes: u64,
    transfer: &Transfer<'_>,
) -> Result<(), Failure> {
    let writing = |error| Failure::Final(io_error("writing the download")(error));
    let mut output = fs_err::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(partial)
        .map_err(writing)?;
    output.set_len(start_bytes).map_err(writing)?;
    output.seek(SeekFrom::End(0)).map_err(writing)?;
    let mut left_bytes = file.size_bytes - start_bytes;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = match body.read(&mut chunk) {
            Ok(count) => count as u64,
            Err(error) => return Err(Failure::Interrupted(network(ureq::Error::Io(error)))),
        };
        if count > left_bytes {
            drop(output);
            remove(partial)?;
            return Err(Failure::Final(Error::SizeDiffers {
                expected_bytes: file.size_bytes,
                at_least_bytes: file.size_bytes - left_bytes + count,
            }));
        }
        if count == 0 && left_bytes > 0 {
            let cut_short = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(Failure::Interrupted(network(ureq::Error::Io(cut_short))));
        }
        if count == 0 {
            return output.sync_all().map_err(writing);
        }
        output.write_all(&chunk[..count as usize]).map_err(writing)?;
        left_bytes -= count;
        transfer.advance(count);
    }
}

/// A server may answer with another part than asked for.
fn continues_at<B>(response: &Response<B>, start_bytes: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE);
    range
        .and_then(|range| range.to_str().ok())
        .is_some_and(|range| range.starts_with(&format!("bytes {start_bytes}-")))
}

fn remove(partial: &Path) -> Result<(), Failure> {
    fs_err::remove_file(partial).map_err(|error| Failure::Final(io_error("removing a wrong download")(error)))
}

fn network(error: ureq::Error) -> Error {
    Error::Network {
        source: Box::new(error),
    }
}

fn status(status: StatusCode) -> Error {
    Error::Status {
        status: status.as_u16(),
    }
}
