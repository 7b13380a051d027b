//! Receives request bodies, bounded three ways: bytes of one body, bytes of all bodies together, and time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Code, Error};

/// The unit in which memory is accounted: a semaphore counts to 2³² at least.
const UNIT_BYTES: usize = 1024;

/// Limits for all bodies of a server.
#[derive(Debug)]
pub(crate) struct Bodies {
    max_bytes: usize,
    timeout: Duration,
    memory: Arc<Semaphore>,
}

/// A received body. Its memory is accounted until it is dropped.
#[derive(Debug)]
pub(crate) struct Received {
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    _reservation: OwnedSemaphorePermit,
}

impl Bodies {
    /// `max_bytes` for one, `memory_bytes` for all at one time.
    pub(crate) fn new(max_bytes: usize, memory_bytes: usize, timeout: Duration) -> Self {
        Self {
            max_bytes,
            timeout,
            memory: Arc::new(Semaphore::new(memory_bytes.div_ceil(UNIT_BYTES))),
        }
    }

    /// Receives a whole body that is declared as JSON, or not declared at all.
    pub(crate) async fn receive_json(&self, headers: &HeaderMap, body: Body) -> Result<Received, Error> {
        if !is_json(headers) {
            return Err(Error::new(Code::UnsupportedMediaType));
        }
        self.receive_any(headers, body).await
    }

    /// Receives a whole body, whatever it is declared as.
    pub(crate) async fn receive_any(&self, headers: &HeaderMap, body: Body) -> Result<Received, Error> {
        let declared = declared_length(headers);
        if declared.is_some_and(|length| length > self.max_bytes) {
            return Err(self.too_large());
        }
        // A body of unknown length could become the largest allowed.
        let expected = declared.unwrap_or(self.max_bytes);
        let reservation = self.reserve(expected)?;
        let bytes = tokio::time::timeout(self.timeout, self.collect(body, declared.unwrap_or(0)))
            .await
            .map_err(|_| Error::new(Code::RequestTimeout))??;
        Ok(Received {
            bytes,
            _reservation: reservation,
        })
    }

    /// Accounts memory for a body that is received elsewhere, until the permit is dropped.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Error> {
        let units = u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX);
        Arc::clone(&self.memory)
            .try_acquire_many_owned(units)
            .map_err(|_| Error::new(Code::Throttling).retry_after(1))
    }

    async fn collect(&self, body: Body, declared: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(declared);
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            // A client that goes away in the middle gets no answer anyway; this one is for the log.
            let chunk =
                chunk.map_err(|_| Error::new(Code::Serialization).message("The body ended too early."))?;
            if bytes.len() + chunk.len() > self.max_bytes {
                return Err(self.too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn too_large(&self) -> Error {
        Error::new(Code::RequestTooLarge).message(format!(
            "Image size is too large. A request may have {} bytes; send a smaller photo.",
            self.max_bytes
        ))
    }
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json` or `application/…+json`; or nothing, which is what the public sample's own client sends.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let value = value.to_str().unwrap_or_default();
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|kind| kind == "json" || kind.ends_with("+json") || kind.starts_with("x-amz-json-"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use futures_util::stream;

    use super::*;

    fn json(length: Option<usize>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        headers
    }

    fn bodies() -> Bodies {
        Bodies::new(10, 2048, Duration::from_millis(50))
    }

    #[tokio::test]
    async fn what_fits_is_received() {
        let received = bodies()
            .receive_json(&json(Some(10)), Body::from("0123456789"))
            .await
            .unwrap();
        assert_eq!(received.bytes, b"0123456789");
    }

    #[tokio::test]
    async fn too_much_is_refused_declared_or_not() {
        for length in [Some(11), None] {
            let error = bodies()
                .receive_json(&json(length), Body::from("0123456789x"))
                .await
                .unwrap_err();
            assert_eq!(error.status(), 413);
        }
    }

    #[tokio::test]
    async fn a_slow_body_times_out() {
        let never = stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let error = bodies()
            .receive_json(&json(Some(5)), Body::from_stream(never))
            .await
            .unwrap_err();
        assert_eq!(error.status(), 408);
    }

    #[tokio::test]
    async fn memory_is_shared_and_given_back() {
        let bodies = bodies();
        let held = [
            bodies
                .receive_json(&json(Some(3)), Body::from("abc"))
                .await
                .unwrap(),
            bodies
                .receive_json(&json(Some(3)), Body::from("abc"))
                .await
                .unwrap(),
        ];
        let error = bodies
            .receive_json(&json(Some(3)), Body::from("abc"))
            .await
            .unwrap_err();
        assert_eq!(error.status(), 429);
        drop(held);
        bodies
            .receive_json(&json(Some(3)), Body::from("abc"))
            .await
            .unwrap();
    }

    #[test]
    fn only_json_is_json() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON", true),
            ("application/problem+json", true),
            ("application/x-amz-json-1.1", true),
            ("text/plain", false),
            ("", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(is_json(&headers), expected, "{value}");
        }
        assert!(is_json(&HeaderMap::new()));
    }
}
