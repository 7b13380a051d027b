//! Objects on their way into the store: what is announced of them is read from the headers, computed as they pass, and
//! compared at their end.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use s3s::S3ErrorCode as Code;
use s3s::crypto::{Checksum as _, Md5};
use selfsame_store::{Digests, ObjectBytes, Source, SourceError};

use super::body::Incoming;
use super::checksum::{Algorithm, Hasher, compare};
use super::error::Error;

/// What the headers announce of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Announced {
    md5: Option<[u8; 16]>,
    checksum: Option<(Algorithm, Place)>,
}

/// Where the value of a checksum is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Header(String),
    Trailer,
    /// Nowhere: it is computed because the upload wants it.
    Nowhere,
}

impl Announced {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Error> {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let md5 = text("content-md5")
            .map(|value| {
                let bytes = STANDARD.decode(value).ok();
                bytes
                    .and_then(|bytes| bytes.try_into().ok())
                    .ok_or(Error::new(Code::InvalidDigest))
            })
            .transpose()?;
        let trailers: Vec<String> = text("x-amz-trailer")
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let mut found = Vec::new();
        for algorithm in Algorithm::ALL {
            if let Some(value) = text(algorithm.header()) {
                algorithm.check(value)?;
                found.push((algorithm, Place::Header(value.to_owned())));
            }
            if trailers.iter().any(|name| name == algorithm.header()) {
                found.push((algorithm, Place::Trailer));
            }
        }
        if found.len() > 1 {
            return Err(Error::request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        let checksum = found.pop();
        if text("x-amz-sdk-checksum-algorithm").is_some() && checksum.is_none() && md5.is_none() {
            return Err(Error::request(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
            ));
        }
        Ok(Self { md5, checksum })
    }

    /// The algorithm of the checksum.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.checksum.as_ref().map(|(algorithm, _)| *algorithm)
    }

    /// Asks for a checksum of this kind where none is announced.
    pub(super) fn or_computed(mut self, algorithm: Option<Algorithm>) -> Self {
        if self.checksum.is_none() {
            self.checksum = algorithm.map(|algorithm| (algorithm, Place::Nowhere));
        }
        self
    }
}

/// Computes what is announced.
struct Computing {
    md5: Md5,
    hasher: Option<Hasher>,
    announced: Announced,
}

impl Computing {
    fn new(announced: Announced) -> Self {
        Self {
            md5: Md5::new(),
            hasher: announced.algorithm().map(Hasher::new),
            announced,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }

    /// Compares; `trailer` knows the headers that followed the body.
    fn finish<'a>(&mut self, trailer: impl FnOnce(&str) -> Option<&'a str>) -> Result<Digests, Error> {
        let md5 = std::mem::replace(&mut self.md5, Md5::new()).finalize();
        if self.announced.md5.is_some_and(|announced| announced != md5) {
            return Err(Error::with(
                Code::BadDigest,
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
        let mut checksum = None;
        if let (Some(hasher), Some((algorithm, place))) = (self.hasher.take(), &self.announced.checksum) {
            let computed = hasher.finish();
            match place {
                Place::Header(value) => compare(*algorithm, value, &computed)?,
                Place::Trailer => {
                    let value = trailer(algorithm.header()).ok_or_else(|| {
                        Error::with(
                            Code::Custom("MalformedTrailerError".into()),
                            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
                        )
                    })?;
                    algorithm.check(value)?;
                    compare(*algorithm, value, &computed)?;
                }
                Place::Nowhere => {}
            }
            checksum = Some(algorithm.checksum(computed));
        }
        Ok(Digests {
            etag: hex(&md5),
            checksum,
        })
    }
}

/// Sixteen bytes, in lower case.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

/// The body of a request that becomes an object or a part.
pub(super) struct FromClient {
    incoming: Incoming,
    computing: Computing,
}

impl FromClient {
    pub(super) fn new(incoming: Incoming, announced: Announced) -> Self {
        Self {
            incoming,
            computing: Computing::new(announced),
        }
    }

    /// Computes a checksum of this kind, too, where none is announced.
    pub(super) fn also_compute(&mut self, algorithm: Option<Algorithm>) {
        let announced = std::mem::take(&mut self.computing.announced);
        self.computing = Computing::new(announced.or_computed(algorithm));
    }

    /// Receives all of it into memory.
    pub(super) async fn collect(mut self) -> Result<Bytes, Error> {
        let mut collected = Vec::with_capacity(usize::try_from(self.incoming.length()).unwrap_or(0));
        while let Some(bytes) = self.incoming.next().await? {
            self.computing.update(&bytes);
            collected.extend_from_slice(&bytes);
        }
        let incoming = &self.incoming;
        self.computing.finish(|name| incoming.trailer(name))?;
        Ok(collected.into())
    }
}

#[async_trait]
impl Source for FromClient {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        let bytes = self.incoming.next().await?;
        if let Some(bytes) = &bytes {
            self.computing.update(bytes);
        }
        Ok(bytes)
    }

    fn finish(&mut self) -> Result<Digests, SourceError> {
        let incoming = &self.incoming;
        Ok(self.computing.finish(|name| incoming.trailer(name))?)
    }
}

/// An object that is copied.
pub(super) struct FromObject {
    bytes: ObjectBytes,
    computing: Computing,
}

impl FromObject {
    pub(super) fn new(bytes: ObjectBytes, algorithm: Option<Algorithm>) -> Self {
        Self {
            bytes,
            computing: Computing::new(Announced::default().or_computed(algorithm)),
        }
    }
}

#[async_trait]
impl Source for FromObject {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        let bytes = self.bytes.try_next().await.map_err(Error::from)?;
        if let Some(bytes) = &bytes {
            self.computing.update(bytes);
        }
        Ok(bytes)
    }

    fn finish(&mut self) -> Result<Digests, SourceError> {
        Ok(self.computing.finish(|_| None)?)
    }
}

/// The body of a request on its way past the adapter, which would read it in another way.
#[derive(Clone)]
pub(super) struct Slot(Arc<Mutex<Option<FromClient>>>);

impl Slot {
    pub(super) fn new(body: FromClient) -> Self {
        Self(Arc::new(Mutex::new(Some(body))))
    }

    /// Changes it, if it is still there.
    pub(super) fn change(&self, change: impl FnOnce(&mut FromClient)) {
        if let Some(body) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            change(body);
        }
    }

    /// Takes it out, once.
    pub(super) fn take(&self) -> Option<FromClient> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
