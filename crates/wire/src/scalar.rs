//! Values that JSON has no form of its own for.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Clients differ in padding and in the bits beyond the last byte; the bytes are the same.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of a base64 text, or nothing if it is none.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Bytes; base64 on the wire. Its debug form tells only how many, because they may be a picture of somebody.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Blob;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes, or a base64 text")
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Blob, E> {
                Ok(Blob(bytes))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Blob, E> {
                decode_base64(text)
                    .map(Blob)
                    .ok_or_else(|| E::custom("no base64 text"))
            }
        }

        // A text from JSON, bytes from a request that was checked already: both tell themselves.
        deserializer.deserialize_any(Bytes)
    }
}

/// A time in seconds since 1970; a JSON number with a fraction on the wire.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpochSeconds(pub f64);

impl EpochSeconds {
    /// A time in whole milliseconds, the finest that AWS tells.
    #[must_use]
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(json: &str) -> Option<Vec<u8>> {
        serde_json::from_str::<Blob>(json).ok().map(|blob| blob.0)
    }

    #[test]
    fn blobs_are_base64_with_or_without_padding() {
        assert_eq!(
            serde_json::to_string(&Blob(vec![0, 255, 7, 9])).unwrap(),
            "\"AP8HCQ==\""
        );
        for accepted in ["\"AP8HCQ==\"", "\"AP8HCQ\"", "\"AP8HCR==\"", "\"\\u0041P8HCQ==\""] {
            assert_eq!(blob(accepted), Some(vec![0, 255, 7, 9]), "{accepted}");
        }
        for refused in [
            "\"AP8HC\"",
            "\"AP8H CQ==\"",
            "\"_-8HCQ==\"",
            "\"AP8HCQ=x\"",
            "7",
            "null",
        ] {
            assert_eq!(blob(refused), None, "{refused}");
        }
    }

    #[test]
    fn nothing_of_a_blob_is_in_its_debug_form() {
        assert_eq!(format!("{:?}", Blob(b"secret".to_vec())), "Blob(6 bytes)");
    }

    #[test]
    fn times_have_a_fraction() {
        let text = |time| serde_json::to_string(&time).unwrap();
        assert_eq!(
            text(EpochSeconds::from_milliseconds(1_571_780_219_893)),
            "1571780219.893"
        );
        assert_eq!(text(EpochSeconds(1_700_000_000.0)), "1700000000.0");
    }
}
