//! The body of a request on its way in: unwrapped from its chunks, bounded in bytes and in the time between two of
//! its pieces, and checked against what the signature says of it.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::StreamExt as _;
use s3s::S3ErrorCode as Code;
use s3s::crypto::{Checksum as _, Sha256};
use selfsame_wire::sigv4::s3::{Chunks, Payload};

use super::chunked::Decoder;
use super::error::Error;

/// A body that has not been received yet.
pub(super) struct Incoming {
    pieces: BodyDataStream,
    /// The longest pause between two pieces.
    patience: Duration,
    decoder: Option<Decoder>,
    /// What is left of a piece that the decoder is at work on.
    input: Bytes,
    digest: Option<([u8; 32], Sha256)>,
    length: u64,
    received: u64,
}

impl Incoming {
    /// `length` bytes will come, without what chunks need.
    pub(super) fn new(
        body: Body,
        length: u64,
        payload: Payload,
        chunks: Option<Chunks>,
        patience: Duration,
    ) -> Self {
        let (decoder, digest) = match payload {
            Payload::Unsigned => (None, None),
            Payload::Digest(digest) => (None, Some((digest, Sha256::new()))),
            Payload::Chunks { signed, trailer } => (Some(Decoder::new(chunks, signed, trailer)), None),
        };
        Self {
            pieces: body.into_data_stream(),
            patience,
            decoder,
            input: Bytes::new(),
            digest,
            length,
            received: 0,
        }
    }

    /// How many bytes it has.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// The next bytes; `None` at the end, once everything that was said of the body has proved true.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if let Some(bytes) = self.decoded()? {
                self.received += bytes.len() as u64;
                if self.received > self.length {
                    return Err(Error::new(Code::IncompleteBody));
                }
                if let Some((_, digest)) = &mut self.digest {
                    digest.update(&bytes);
                }
                return Ok(Some(bytes));
            }
            match self.piece().await? {
                Some(piece) => self.input = piece,
                None => return self.end().map(|()| None),
            }
        }
    }

    /// Of what has come, the next bytes of the body.
    fn decoded(&mut self) -> Result<Option<Bytes>, Error> {
        match &mut self.decoder {
            Some(decoder) => decoder.take(&mut self.input),
            None if self.input.is_empty() => Ok(None),
            None => Ok(Some(std::mem::take(&mut self.input))),
        }
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = tokio::time::timeout(self.patience, self.pieces.next())
            .await
            .map_err(|_| Error::new(Code::RequestTimeout))?;
        // A client that goes away in the middle gets no answer anyway; this one is for the log.
        piece.transpose().map_err(|_| Error::new(Code::IncompleteBody))
    }

    fn end(&mut self) -> Result<(), Error> {
        if let Some(decoder) = &mut self.decoder {
            decoder.finish()?;
        }
        if self.received != self.length {
            return Err(Error::new(Code::IncompleteBody));
        }
        let Some((expected, digest)) = self.digest.take() else {
            return Ok(());
        };
        if digest.finalize() == expected {
            return Ok(());
        }
        Err(Error::with(
            Code::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ))
    }

    /// A header that followed the body.
    pub(super) fn trailer(&self, name: &str) -> Option<&str> {
        let trailers = self.decoder.as_ref()?.trailers();
        let found = trailers.iter().find(|(found, _)| found == name)?;
        Some(&found.1)
    }
}
