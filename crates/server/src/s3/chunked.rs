//! Bodies in chunks (`aws-chunked`): `SIZE;chunk-signature=…`, the bytes, and so on to a chunk of no bytes, after which
//! headers may follow. Takes bytes as they come and holds none back, however large a chunk is: what a wrong signature
//! has let through belongs to nobody yet.
//!
//! [The format](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html)

use bytes::Bytes;
use s3s::S3ErrorCode as Code;
use s3s::crypto::{Checksum as _, Sha256};
use selfsame_wire::sigv4::s3::Chunks;

use super::error::Error;

/// The head of a chunk takes about a hundred.
const MAX_LINE_BYTES: usize = 1024;
/// A checksum and its signature are two.
const MAX_TRAILERS: usize = 16;

/// Takes chunks apart.
pub(super) struct Decoder {
    state: State,
    /// What has come of the present line.
    line: Vec<u8>,
    /// Where chunks are signed: the chain, and the digest of the present chunk.
    signed: Option<(Chunks, Sha256)>,
    /// Whether chunks must have signatures, even where nobody checks them.
    signatures: bool,
    trailer: bool,
    trailers: Vec<(String, String)>,
}

enum State {
    /// The line before a chunk's bytes.
    Head,
    /// The bytes.
    Data { left: u64, signature: String },
    /// The end of the line after the bytes.
    Tail,
    /// The headers after the last chunk, or the empty line.
    Trailer,
    /// Nothing may follow.
    Done,
}

impl Decoder {
    /// `chain` checks signatures; without it, they are skipped.
    pub(super) fn new(chain: Option<Chunks>, signatures: bool, trailer: bool) -> Self {
        Self {
            state: State::Head,
            line: Vec::new(),
            signed: chain.filter(|_| signatures).map(|chain| (chain, Sha256::new())),
            signatures,
            trailer,
            trailers: Vec::new(),
        }
    }

    /// The headers that followed the last chunk, by lower-case name.
    pub(super) fn trailers(&self) -> &[(String, String)] {
        &self.trailers
    }

    /// Takes from the front of `input`; gives the next bytes of the body, or `None` where all is taken.
    pub(super) fn take(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, Error> {
        while !input.is_empty() {
            if let State::Data { left, .. } = &mut self.state {
                let count = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                let data = input.split_to(count);
                *left -= count as u64;
                let ended = *left == 0;
                if let Some((_, digest)) = &mut self.signed {
                    digest.update(&data);
                }
                if ended {
                    self.end_chunk()?;
                }
                return Ok(Some(data));
            }
            self.take_line(input)?;
        }
        Ok(None)
    }

    fn take_line(&mut self, input: &mut Bytes) -> Result<(), Error> {
        if matches!(self.state, State::Done) {
            return Err(malformed("The chunked body goes on where it should not."));
        }
        let end = input.iter().position(|byte| *byte == b'\n');
        let taken = input.split_to(end.map_or(input.len(), |end| end + 1));
        if self.line.len() + taken.len() > MAX_LINE_BYTES {
            return Err(malformed("A line of the chunked body is too long."));
        }
        self.line.extend_from_slice(&taken);
        if end.is_some() {
            self.end_line()?;
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), Error> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| malformed("The chunked body is no text."))?;
        let line = line.trim_end_matches(['\r', '\n']);
        match &self.state {
            State::Head => self.begin_chunk(line),
            State::Tail if line.is_empty() => {
                self.state = State::Head;
                Ok(())
            }
            State::Trailer if line.is_empty() => self.end_trailers(),
            State::Trailer => self.add_trailer(line),
            _ => Err(malformed("The chunked body goes on where it should not.")),
        }
    }

    fn begin_chunk(&mut self, line: &str) -> Result<(), Error> {
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let left = u64::from_str_radix(size, 16)
            .ok()
            .filter(|_| size.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let left = left.ok_or_else(|| malformed("The size of a chunk is no hexadecimal number."))?;
        let signature = extension.strip_prefix("chunk-signature=");
        if self.signatures && signature.is_none() {
            return Err(malformed("A chunk has no signature."));
        }
        self.state = State::Data {
            left,
            signature: signature.unwrap_or_default().to_owned(),
        };
        if left == 0 {
            self.end_chunk()?;
            self.state = State::Trailer;
        }
        Ok(())
    }

    /// All bytes of the chunk are there.
    fn end_chunk(&mut self) -> Result<(), Error> {
        let State::Data { signature, .. } = std::mem::replace(&mut self.state, State::Tail) else {
            return Ok(());
        };
        let Some((chain, digest)) = &mut self.signed else {
            return Ok(());
        };
        let digest = std::mem::replace(digest, Sha256::new()).finalize();
        if chain.chunk(&digest, &signature) {
            Ok(())
        } else {
            Err(Error::new(Code::SignatureDoesNotMatch))
        }
    }

    fn add_trailer(&mut self, line: &str) -> Result<(), Error> {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| malformed("A trailing header has no value."))?;
        if !self.trailer || self.trailers.len() == MAX_TRAILERS {
            return Err(malformed(
                "There are headers after the body that were not announced.",
            ));
        }
        let name = name.trim().to_ascii_lowercase();
        self.trailers.push((name, value.trim().to_owned()));
        Ok(())
    }

    fn end_trailers(&mut self) -> Result<(), Error> {
        const SIGNATURE: &str = "x-amz-trailer-signature";
        self.state = State::Done;
        let signatures: Vec<String> = self
            .trailers
            .extract_if(.., |(name, _)| name == SIGNATURE)
            .map(|(_, value)| value)
            .collect();
        let Some((chain, _)) = &mut self.signed else {
            return Ok(());
        };
        if !self.trailer {
            return Ok(());
        }
        let mut lines: Vec<String> = self
            .trailers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        lines.sort_unstable();
        match signatures.as_slice() {
            [signature] if chain.trailer(lines.concat().as_bytes(), signature) => Ok(()),
            [_] => Err(Error::new(Code::SignatureDoesNotMatch)),
            _ => Err(malformed("The trailing headers have no signature.")),
        }
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        // Some clients leave out the last end of line, or the empty line.
        if matches!(self.state, State::Trailer) {
            if !self.line.is_empty() {
                self.end_line()?;
            }
            if matches!(self.state, State::Trailer) {
                self.end_trailers()?;
            }
        }
        match self.state {
            State::Done => Ok(()),
            _ => Err(Error::new(Code::IncompleteBody)),
        }
    }
}

fn malformed(message: &'static str) -> Error {
    Error::request(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a body that arrives in pieces of this many bytes.
    fn decode(decoder: &mut Decoder, body: &[u8], piece_bytes: usize) -> Result<Vec<u8>, Error> {
        let mut decoded = Vec::new();
        for piece in body.chunks(piece_bytes) {
            let mut piece = Bytes::copy_from_slice(piece);
            while let Some(data) = decoder.take(&mut piece)? {
                decoded.extend_from_slice(&data);
            }
        }
        decoder.finish()?;
        Ok(decoded)
    }

    type Decoded = (Vec<u8>, Vec<(String, String)>);

    fn unsigned(body: &[u8], piece_bytes: usize) -> Result<Decoded, Error> {
        let mut decoder = Decoder::new(None, false, true);
        let decoded = decode(&mut decoder, body, piece_bytes)?;
        Ok((decoded, decoder.trailers().to_vec()))
    }

    #[test]
    fn chunks_are_joined_however_they_arrive() {
        let body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-Amz-Checksum-CRC32: DUoRhQ==\r\n\r\n";
        for piece_bytes in 1..=body.len() {
            let (decoded, trailers) = unsigned(body, piece_bytes).unwrap();
            assert_eq!(decoded, b"hello world");
            assert_eq!(
                trailers,
                [("x-amz-checksum-crc32".to_owned(), "DUoRhQ==".to_owned())]
            );
        }
    }

    #[test]
    fn ends_are_taken_as_clients_write_them() {
        for end in [
            "0\r\n\r\n",
            "0\r\n",
            "0\r\na:b\r\n\r\n",
            "0\r\na:b\r\n",
            "0\r\na:b",
            "0\r\na:b\n\n",
        ] {
            let body = format!("1\r\nx\r\n{end}");
            let (decoded, trailers) = unsigned(body.as_bytes(), 3).unwrap();
            assert_eq!(decoded, b"x", "{end:?}");
            assert_eq!(trailers.len(), usize::from(end.contains('a')), "{end:?}");
        }
    }

    #[test]
    fn what_is_cut_off_is_incomplete() {
        let body = b"5\r\nhello\r\n0\r\n";
        for length in 0..body.len() - 2 {
            let error = unsigned(&body[..length], 100).unwrap_err();
            assert_eq!(error.code, Code::IncompleteBody, "{length}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for body in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\n",
            " 1\r\nx\r\n",
            "1 \r\nx\r\n",
            "10000000000000000\r\nx",
            "1\r\nxx\r\n0\r\n\r\n",
            "0\r\n\r\n0\r\n\r\n",
            "0\r\nno value\r\n\r\n",
            "0\r\n\r\nx",
        ] {
            let error = unsigned(body.as_bytes(), 100).unwrap_err();
            assert_eq!(error.code, Code::InvalidRequest, "{body:?}");
        }
        let long = format!("1;{}\r\nx\r\n0\r\n\r\n", "x".repeat(MAX_LINE_BYTES));
        assert!(unsigned(long.as_bytes(), 100).is_err());
        let many = format!("0\r\n{}\r\n", "a:b\r\n".repeat(MAX_TRAILERS + 1));
        assert!(unsigned(many.as_bytes(), 100).is_err());
    }

    #[test]
    fn what_was_not_announced_is_refused() {
        let mut decoder = Decoder::new(None, false, false);
        assert!(decode(&mut decoder, b"0\r\na:b\r\n\r\n", 100).is_err());
        let mut decoder = Decoder::new(None, true, false);
        assert!(
            decode(&mut decoder, b"1\r\nx\r\n0\r\n\r\n", 100).is_err(),
            "signatures are missing"
        );
    }
}
