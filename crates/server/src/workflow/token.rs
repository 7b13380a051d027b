//! Task tokens: by which somebody outside answers a task. A token names execution and task and is signed, so that none
//! can be made up and none needs to be stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use crate::access::RootSecret;

/// Names the key that tokens are signed with.
const LABEL: &str = "selfsame task tokens v1";
/// Stands first, so that a token never begins with the `-` of base64's address-safe alphabet: command lines take such a
/// value for an option. Another layout would get another number.
const LAYOUT: u8 = 1;
/// Half of HMAC-SHA-256: out of reach of guessing.
const TAG_BYTES: usize = 16;
const ID_BYTES: usize = 16;
const TASK_BYTES: usize = 8;
const CONTENT_BYTES: usize = size_of::<u8>() + ID_BYTES + TASK_BYTES;

/// Makes and reads tokens.
#[derive(Clone)]
pub(crate) struct TaskTokens {
    key: [u8; 32],
}

impl TaskTokens {
    /// With a key that follows from the data directory's secret, so that tokens outlive the process.
    pub(crate) fn new(root: &RootSecret) -> Self {
        Self {
            key: root.derive(LABEL),
        }
    }

    /// The token of a task of an execution.
    pub(crate) fn issue(&self, execution: Uuid, task: u64) -> String {
        let mut bytes = Vec::with_capacity(CONTENT_BYTES + TAG_BYTES);
        bytes.push(LAYOUT);
        bytes.extend_from_slice(execution.as_bytes());
        bytes.extend_from_slice(&task.to_be_bytes());
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The execution and the task of a token that was made here; `None` for any other text.
    pub(crate) fn read(&self, token: &str) -> Option<(Uuid, u64)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (content, tag) = bytes.split_at_checked(CONTENT_BYTES)?;
        if tag.len() != TAG_BYTES {
            return None;
        }
        self.mac(content).verify_truncated_left(tag).ok()?;
        let (id, task) = content.strip_prefix(&[LAYOUT])?.split_at_checked(ID_BYTES)?;
        Some((
            Uuid::from_slice(id).ok()?,
            u64::from_be_bytes(task.try_into().ok()?),
        ))
    }

    fn mac(&self, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(content);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_looks_like_an_option_of_a_command_line() {
        let tokens = TaskTokens::new(&RootSecret::new([7; 32]));
        for first in 0..=u8::MAX {
            let mut id = [0; ID_BYTES];
            id[0] = first;
            let token = tokens.issue(Uuid::from_bytes(id), 1);
            assert!(!token.starts_with('-'), "{first}: {token}");
        }
    }

    #[test]
    fn only_tokens_made_here_are_read() {
        let tokens = TaskTokens::new(&RootSecret::new([7; 32]));
        let token = tokens.issue(Uuid::from_u128(5), 3);
        assert_eq!(tokens.read(&token), Some((Uuid::from_u128(5), 3)));
        let elsewhere = TaskTokens::new(&RootSecret::new([8; 32]));
        assert_eq!(elsewhere.read(&token), None);
        for changed in ["", "AAAA", &token[1..], &format!("{token}AAAA"), "*"] {
            assert_eq!(tokens.read(changed), None, "{changed}");
        }
        for index in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(tokens.read(&changed), None, "{index}");
        }
    }
}
