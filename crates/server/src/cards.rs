//! Pictures of identity documents at rest: encrypted with a key from outside the data directory, or not kept at all. There
//! is no third way: without a key nothing gets here.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use selfsame_types::{CollectionId, IdSource, UserId};
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// The first byte of everything sealed, so that another way of sealing can be told apart.
const FORMAT: u8 = 1;
/// Bytes of the key's SHA-256 that stand with what it sealed, to say which key is needed.
const KEY_ID_BYTES: usize = 4;
const KEY_BYTES: usize = 32;
/// Begins what is authenticated beside the picture.
const CONTEXT: &str = "selfsame card v1";
/// The longer side of a kept card. Print of 1.5 mm on an ID-1 card (85.6 mm) has 28 pixels then.
const LONG_SIDE_PX: u32 = 1600;
/// Small print stays readable, and a card takes 0.1 to 0.4 MB.
const JPEG_QUALITY: u8 = 88;

/// Why a card cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CardError {
    /// The key is none.
    #[error("must be 32 random bytes in base64, as `openssl rand -base64 32` prints them")]
    Key,
    /// It was sealed with another key.
    #[error("the card was encrypted with another key: start the server with that one")]
    OtherKey,
    /// It is damaged, or belongs to somebody else.
    #[error("the encrypted card is damaged")]
    Damaged,
    /// The picture could not be written as JPEG.
    #[error("the card cannot be written as a JPEG file")]
    Encode(#[from] image::ImageError),
    /// The key refuses to work.
    #[error("the card cannot be encrypted")]
    Seal,
}

/// The key that cards are sealed with.
#[derive(Clone)]
pub(crate) struct CardKey {
    key: LessSafeKey,
    id: [u8; KEY_ID_BYTES],
}

impl CardKey {
    /// Reads a key of 32 bytes in base64.
    pub(crate) fn new(secret: &Secret) -> Result<Self, CardError> {
        let bytes = STANDARD.decode(secret.expose()).map_err(|_| CardError::Key)?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| CardError::Key)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| CardError::Key)?;
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        Ok(Self {
            key: LessSafeKey::new(key),
            id,
        })
    }

    /// Encrypts a card for its user (AES-256-GCM, NIST SP 800-38D). The nonce is random: after 2³² cards two could share
    /// one with a probability of 2⁻³³.
    pub(crate) fn seal(
        &self,
        card: &RgbImage,
        owner: (&CollectionId, &UserId),
        ids: &dyn IdSource,
    ) -> Result<Vec<u8>, CardError> {
        let mut nonce = [0; NONCE_LEN];
        ids.fill(&mut nonce);
        let mut jpeg = jpeg(card)?;
        let aad = Aad::from(context(owner));
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut jpeg)
            .map_err(|_| CardError::Seal)?;
        Ok([&[FORMAT], self.id.as_slice(), &nonce, &jpeg].concat())
    }

    /// The JPEG file of a user's card.
    pub(crate) fn open(&self, sealed: &[u8], owner: (&CollectionId, &UserId)) -> Result<Vec<u8>, CardError> {
        let (&format, rest) = sealed.split_first().ok_or(CardError::Damaged)?;
        let (id, rest) = rest.split_at_checked(KEY_ID_BYTES).ok_or(CardError::Damaged)?;
        let (nonce, text) = rest.split_first_chunk().ok_or(CardError::Damaged)?;
        if format != FORMAT {
            return Err(CardError::Damaged);
        }
        if id != self.id {
            return Err(CardError::OtherKey);
        }
        let (nonce, aad) = (Nonce::assume_unique_for_key(*nonce), Aad::from(context(owner)));
        let mut text = text.to_vec();
        let opened = self.key.open_in_place(nonce, aad, &mut text);
        let length = opened.map_err(|_| CardError::Damaged)?.len();
        text.truncate(length);
        Ok(text)
    }
}

impl std::fmt::Debug for CardKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardKey(…)")
    }
}

/// What a sealed card is bound to: exchanged with another user's, it does not open. Neither id holds a NUL.
fn context((collection, user): (&CollectionId, &UserId)) -> Vec<u8> {
    [CONTEXT, collection.as_str(), user.as_str()]
        .join("\0")
        .into_bytes()
}

/// The card as a file without anything but the picture: no place, no camera, no time.
fn jpeg(card: &RgbImage) -> Result<Vec<u8>, CardError> {
    let mut file = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
    let long_side = card.width().max(card.height());
    if long_side > LONG_SIDE_PX {
        let scaled =
            |side: u32| (u64::from(side) * u64::from(LONG_SIDE_PX) / u64::from(long_side)).max(1) as u32;
        let (width, height) = (scaled(card.width()), scaled(card.height()));
        image::imageops::resize(card, width, height, FilterType::Triangle).write_with_encoder(encoder)?;
    } else {
        card.write_with_encoder(encoder)?;
    }
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use selfsame_types::SystemIds;

    use super::*;

    fn key(byte: u8) -> CardKey {
        CardKey::new(&Secret::new(STANDARD.encode([byte; KEY_BYTES]))).unwrap()
    }

    fn sealed(card: &RgbImage) -> Vec<u8> {
        let (people, ada) = owner("ada");
        key(1).seal(card, (&people, &ada), &SystemIds).unwrap()
    }

    fn owner(user: &str) -> (CollectionId, UserId) {
        (CollectionId::new("people").unwrap(), UserId::new(user).unwrap())
    }

    #[test]
    fn a_card_comes_back_and_nothing_of_it_shows() {
        let card = RgbImage::from_fn(300, 200, |x, y| Rgb([x as u8, y as u8, 90]));
        let sealed = sealed(&card);
        let (people, ada) = owner("ada");
        let file = key(1).open(&sealed, (&people, &ada)).unwrap();
        let back = image::load_from_memory(&file).unwrap().into_rgb8();
        assert_eq!(back.dimensions(), (300, 200));
        assert!(back.get_pixel(100, 100).0[0].abs_diff(100) < 12);
        assert!(!sealed.windows(4).any(|window| window == b"JFIF"));
        assert_ne!(sealed, super::tests::sealed(&card), "a nonce is used once");
    }

    #[test]
    fn a_large_card_is_reduced_and_one_pixel_stays_one() {
        for (size, expected) in [((3200, 2000), (1600, 1000)), ((9000, 1), (1600, 1))] {
            let (people, ada) = owner("ada");
            let file = key(1).open(&sealed(&RgbImage::new(size.0, size.1)), (&people, &ada));
            let back = image::load_from_memory(&file.unwrap()).unwrap();
            assert_eq!((back.width(), back.height()), expected);
        }
    }

    #[test]
    fn what_is_not_theirs_does_not_open() {
        let sealed = sealed(&RgbImage::new(20, 10));
        let (people, ada) = owner("ada");
        let (_, bob) = owner("bob");
        let others = CollectionId::new("others").unwrap();
        for owner in [(&people, &bob), (&others, &ada)] {
            assert!(matches!(key(1).open(&sealed, owner), Err(CardError::Damaged)));
        }
        assert!(matches!(
            key(2).open(&sealed, (&people, &ada)),
            Err(CardError::OtherKey)
        ));
        for place in [0, 5, 17, 40, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key(1).open(&changed, (&people, &ada)).is_err(), "{place}");
        }
        for length in 0..sealed.len() {
            assert!(key(1).open(&sealed[..length], (&people, &ada)).is_err());
        }
    }

    /// Computed apart from this code, with Python's `cryptography` (AESGCM): cards that are kept must stay readable.
    #[test]
    fn what_was_sealed_before_opens() {
        let (people, ada) = owner("ada");
        let sealed = STANDARD.decode(SEALED_ELSEWHERE).unwrap();
        assert_eq!(key(7).open(&sealed, (&people, &ada)).unwrap(), b"a card");
    }

    const SEALED_ELSEWHERE: &str = "AUuwb44AAQIDBAUGBwgJCgt5oYoRb21aqR8+i7TKlty9Jjs31QK6";

    #[test]
    fn keys_are_32_bytes() {
        for text in [
            "",
            "short",
            "not base64!",
            &STANDARD.encode([0; 31]),
            &STANDARD.encode([0; 33]),
        ] {
            assert!(
                matches!(CardKey::new(&Secret::new(text)), Err(CardError::Key)),
                "{text}"
            );
        }
        assert_eq!(format!("{:?}", key(1)), "CardKey(…)");
    }
}
