//! Checksums over objects: those that clients announce are checked, kept and given back.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, checksum_combine};
use s3s::S3ErrorCode as Code;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::ChecksumType;
use selfsame_store::{Checksum, Part};

use super::error::Error;

/// How a checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// As it is called on the wire and stored.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header, before or after the body, with its value.
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// By [`Algorithm::name`], in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// How it can be computed from checksums of parts, if it can.
    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Whether an upload may have a checksum of this kind: those of hashes are made of the hashes of the parts, those of
    /// CRC-64 of all bytes, the others of either.
    pub(super) const fn allows(self, composite: bool) -> bool {
        match self {
            Self::Crc32 | Self::Crc32c => true,
            Self::Crc64Nvme => !composite,
            Self::Sha1 | Self::Sha256 => composite,
        }
    }

    const fn size_bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Refuses what is no checksum of this kind.
    pub(super) fn check(self, value: &str) -> Result<(), Error> {
        match STANDARD.decode(value) {
            Ok(bytes) if bytes.len() == self.size_bytes() => Ok(()),
            _ => Err(Error::request(format!(
                "Value for {} header is invalid.",
                self.header()
            ))),
        }
    }

    pub(super) fn checksum(self, value: String) -> Checksum {
        Checksum {
            algorithm: self.name().to_owned(),
            value,
        }
    }
}

/// A checksum in the making.
pub(super) enum Hasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(Crc32::new()),
            Algorithm::Crc32c => Self::Crc32c(Crc32c::new()),
            Algorithm::Crc64Nvme => Self::Crc64Nvme(Crc64Nvme::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(hasher) => hasher.update(bytes),
            Self::Crc64Nvme(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// In base 64, as it travels.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Crc32(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Crc32c(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Crc64Nvme(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Sha1(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Sha256(hasher) => STANDARD.encode(hasher.finalize()),
        }
    }
}

/// The checksum of an object from those of its parts: of their checksums, with their number behind it, or of all their
/// bytes. `None` where a part has none.
pub(super) fn of_parts(algorithm: Algorithm, composite: bool, parts: &[Part]) -> Option<String> {
    let values: Option<Vec<(Vec<u8>, u64)>> = parts
        .iter()
        .map(|part| {
            let checksum = part.checksum.as_ref()?;
            let value = STANDARD.decode(&checksum.value).ok()?;
            (checksum.algorithm == algorithm.name()).then_some((value, part.size_bytes))
        })
        .collect();
    let values = values?;
    if composite {
        let mut hasher = Hasher::new(algorithm);
        for (value, _) in &values {
            hasher.update(value);
        }
        return Some(format!("{}-{}", hasher.finish(), values.len()));
    }
    let crc = algorithm.crc()?;
    let number = |value: &[u8]| {
        value
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    // The checksum of nothing is zero in all three.
    let combined = values.iter().fold(0, |sum, (value, size_bytes)| {
        checksum_combine(crc, sum, number(value), *size_bytes)
    });
    let bytes = combined.to_be_bytes();
    Some(STANDARD.encode(&bytes[bytes.len() - algorithm.size_bytes()..]))
}

/// Whether a stored checksum is made of those of the parts.
pub(super) fn kind(checksum: &Checksum) -> ChecksumType {
    // A hyphen is no character of base 64.
    ChecksumType::from_static(if checksum.value.contains('-') {
        ChecksumType::COMPOSITE
    } else {
        ChecksumType::FULL_OBJECT
    })
}

/// The value, if it is of this algorithm.
pub(super) fn value(checksum: Option<&Checksum>, algorithm: Algorithm) -> Option<String> {
    let checksum = checksum.filter(|checksum| checksum.algorithm == algorithm.name())?;
    Some(checksum.value.clone())
}

/// Puts a checksum into the one of an answer's five fields that is for it.
macro_rules! checksum_fields {
    ($output:ident, $checksum:expr) => {{
        use $crate::s3::checksum::{Algorithm, value};
        let checksum = $checksum;
        $output.checksum_crc32 = value(checksum, Algorithm::Crc32);
        $output.checksum_crc32c = value(checksum, Algorithm::Crc32c);
        $output.checksum_crc64nvme = value(checksum, Algorithm::Crc64Nvme);
        $output.checksum_sha1 = value(checksum, Algorithm::Sha1);
        $output.checksum_sha256 = value(checksum, Algorithm::Sha256);
    }};
}
pub(super) use checksum_fields;

/// Fails where two checksums differ.
pub(super) fn compare(algorithm: Algorithm, announced: &str, computed: &str) -> Result<(), Error> {
    if announced == computed {
        return Ok(());
    }
    Err(Error::with(
        Code::BadDigest,
        format!(
            "The {} you specified did not match the calculated checksum.",
            algorithm.name()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    fn part(algorithm: Algorithm, bytes: &[u8]) -> Part {
        Part {
            number: 1,
            size_bytes: bytes.len() as u64,
            etag: String::new(),
            checksum: Some(algorithm.checksum(of(algorithm, bytes))),
            modified: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn checksums_are_the_known_ones() {
        // The check values of the CRC catalogue, and FIPS 180.
        for (algorithm, expected) in [
            (Algorithm::Crc32, vec![0xcb, 0xf4, 0x39, 0x26]),
            (Algorithm::Crc32c, vec![0xe3, 0x06, 0x92, 0x83]),
            (
                Algorithm::Crc64Nvme,
                vec![0xae, 0x8b, 0x14, 0x86, 0x0a, 0x79, 0x98, 0x88],
            ),
        ] {
            assert_eq!(of(algorithm, b"123456789"), STANDARD.encode(expected));
        }
        assert_eq!(of(Algorithm::Sha1, b"abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
        assert_eq!(
            of(Algorithm::Sha256, b"abc"),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
        for algorithm in Algorithm::ALL {
            let value = of(algorithm, b"");
            assert!(algorithm.check(&value).is_ok());
            assert!(algorithm.check(&value[1..]).is_err() && algorithm.check("").is_err());
            assert_eq!(
                Algorithm::named(&algorithm.name().to_lowercase()),
                Some(algorithm)
            );
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let whole: Vec<u8> = (0..100_000_u32).map(|index| (index * 7 % 251) as u8).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            for cuts in [[1, 2], [0, 0], [50_000, 50_001], [99_999, 100_000]] {
                let parts = [
                    part(algorithm, &whole[..cuts[0]]),
                    part(algorithm, &whole[cuts[0]..cuts[1]]),
                    part(algorithm, &whole[cuts[1]..]),
                ];
                assert_eq!(of_parts(algorithm, false, &parts), Some(of(algorithm, &whole)));
            }
        }
        assert_eq!(
            of_parts(Algorithm::Sha1, false, &[part(Algorithm::Sha1, b"a")]),
            None
        );
    }

    #[test]
    fn composites_are_checksums_of_checksums() {
        let parts = [part(Algorithm::Sha256, b"a"), part(Algorithm::Sha256, b"b")];
        let bytes: Vec<u8> = parts
            .iter()
            .flat_map(|part| STANDARD.decode(&part.checksum.as_ref().unwrap().value).unwrap())
            .collect();
        let value = of_parts(Algorithm::Sha256, true, &parts).unwrap();
        assert_eq!(value, format!("{}-2", of(Algorithm::Sha256, &bytes)));
        let composite = Algorithm::Sha256.checksum(value);
        assert_eq!(kind(&composite).as_str(), ChecksumType::COMPOSITE);
        assert_eq!(
            of_parts(Algorithm::Crc32, true, &parts),
            None,
            "of another algorithm"
        );
    }
}
