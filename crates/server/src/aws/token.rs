//! Pagination tokens: where the next page begins, opaque and signed, so that nobody can make one up, and bound to the
//! list it was made for, so that one of another list is no good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::access::RootSecret;

/// Names the key that tokens are signed with; other texts give other keys.
const LABEL: &str = "selfsame pagination tokens v1";
/// Half of HMAC-SHA-256: out of reach of guessing, and tokens may have no more than 255 characters (the service model).
const TAG_BYTES: usize = 16;
/// What fits beside the tag into 255 characters of base64.
const MAX_POSITION_BYTES: usize = 175;
/// How much of a long name a token holds, beside a digest of the whole.
const PREFIX_BYTES: usize = 150;
/// Of SHA-256, to find a long name again.
const DIGEST_BYTES: usize = 16;

/// Makes and reads tokens.
#[derive(Clone)]
pub(crate) struct Tokens {
    key: [u8; 32],
}

/// A list: the operation, and whatever decides what is in it and in which order.
pub(super) type List<'a> = &'a [&'a str];

impl Tokens {
    /// With a key that follows from the data directory's secret, so that tokens outlive the process.
    pub(crate) fn new(root: &RootSecret) -> Self {
        Self {
            key: root.derive(LABEL),
        }
    }

    /// A token for the page of `list` after `position`, which has at most 175 bytes.
    pub(super) fn issue(&self, list: List<'_>, position: &[u8]) -> String {
        debug_assert!(position.len() <= MAX_POSITION_BYTES, "{}", position.len());
        self.issue_long(list, position)
    }

    /// The same for lists whose tokens may be longer than 255 characters: those of Step Functions.
    pub(super) fn issue_long(&self, list: List<'_>, position: &[u8]) -> String {
        let mut bytes = position.to_vec();
        bytes.extend_from_slice(&self.mac(list, position).finalize().into_bytes()[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in a token that was made here for this list; `None` for any other text.
    pub(super) fn read(&self, list: List<'_>, token: &str) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let tag = bytes.split_off(bytes.len().checked_sub(TAG_BYTES)?);
        self.mac(list, &bytes).verify_truncated_left(&tag).ok()?;
        Some(bytes)
    }

    fn mac(&self, list: List<'_>, position: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        for part in list.iter().map(|part| part.as_bytes()).chain([position]) {
            // With its length, no part can pass for the end of another.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }
}

/// A name as a position. A name too long for a token is its beginning and a digest.
pub(super) fn name_position(name: &str) -> Vec<u8> {
    let bytes = name.as_bytes();
    if bytes.len() < MAX_POSITION_BYTES {
        return [&[0], bytes].concat();
    }
    [&[1], digest(bytes).as_slice(), &bytes[..PREFIX_BYTES]].concat()
}

/// The index in `names`, which ascend, from which the page after a position of [`name_position`] begins. If a long
/// name is gone meanwhile, names with the same beginning may come once more; none is left out.
pub(super) fn after_name(names: &[&str], position: &[u8]) -> Option<usize> {
    match position.split_first()? {
        (0, name) => Some(names.partition_point(|other| other.as_bytes() <= name)),
        (1, rest) => {
            let (sought, prefix) = rest.split_at_checked(DIGEST_BYTES)?;
            let first = names.partition_point(|other| other.as_bytes() < prefix);
            let alike = names[first..]
                .iter()
                .take_while(|other| other.as_bytes().starts_with(prefix))
                .position(|other| digest(other.as_bytes()) == *sought);
            Some(alike.map_or(first, |offset| first + offset + 1))
        }
        _ => None,
    }
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes)[..DIGEST_BYTES].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(&RootSecret::new([7; 32]))
    }

    #[test]
    fn a_token_is_good_for_its_list_only() {
        let list: List<'_> = &["ListFaces", "staff", ""];
        let token = tokens().issue(list, b"position");
        assert_eq!(tokens().read(list, &token).as_deref(), Some(&b"position"[..]));
        for other in [
            &["ListFaces", "staff"] as List<'_>,
            &["ListFaces", "staff", "ada"],
            &["ListFaces", "staf", "f"],
            &["ListUsers", "staff", ""],
        ] {
            assert_eq!(tokens().read(other, &token), None);
        }
        let elsewhere = Tokens::new(&RootSecret::new([8; 32]));
        assert_eq!(elsewhere.read(list, &token), None);
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let token = tokens().issue(&["x"], b"12");
        for changed in ["", "AAAA", "*", &token[1..], &token[..token.len() - 1]] {
            assert_eq!(tokens().read(&["x"], changed), None, "{changed}");
        }
        for index in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(tokens().read(&["x"], &changed), None, "{index}");
        }
    }

    #[test]
    fn names_of_every_length_find_their_place() {
        let long = |last: char| format!("{}{last}", "m".repeat(254));
        let owned = [
            "a".to_owned(),
            "b".repeat(173),
            "c".repeat(174),
            "d".repeat(175),
            long('a'),
            long('b'),
            long('c'),
            "z".to_owned(),
        ];
        let names: Vec<&str> = owned.iter().map(String::as_str).collect();
        for (index, name) in names.iter().enumerate() {
            let position = name_position(name);
            assert!(position.len() <= MAX_POSITION_BYTES);
            assert!(tokens().issue(&["x"], &position).len() <= 255);
            assert_eq!(after_name(&names, &position), Some(index + 1), "{index}");
        }
        // Gone meanwhile: nothing is left out.
        let position = name_position(&long('b'));
        let rest: Vec<&str> = names.iter().copied().filter(|name| *name != long('b')).collect();
        assert_eq!(after_name(&rest, &position), Some(4));
        assert_eq!(after_name(&rest, b""), None);
        assert_eq!(after_name(&rest, &[2, 3]), None);
        assert_eq!(after_name(&rest, &[1, 3]), None);
    }
}
