//! `ClientRequestToken`: a request that is repeated with the same token gets the outcome of the first; another request
//! with that token is refused.

use selfsame_store::{Idempotency, Once};
use sha2::{Digest as _, Sha256};

use super::error::Error;

/// What the store remembers of a request: its token, and a digest of what was asked. Requests without a token are not
/// remembered.
pub(super) fn of(operation: &str, token: Option<String>, asked: &[&str]) -> Option<Idempotency> {
    let token = token?;
    let mut digest = Sha256::new();
    for part in [operation].iter().chain(asked) {
        // With its length, no part can pass for the end of another.
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    Some(Idempotency {
        token,
        digest: digest.finalize().into(),
    })
}

/// The outcome, whether it is new or remembered.
pub(super) fn outcome<T>(once: Once<T>, idempotency: Option<&Idempotency>) -> Result<T, Error> {
    match once {
        Once::Now(outcome) | Once::Before(outcome) => Ok(outcome),
        _ => Err(Error::token_in_use(
            idempotency.map_or_else(String::new, |i| i.token.clone()).as_str(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(operation: &str, asked: &[&str]) -> [u8; 32] {
        of(operation, Some("t".to_owned()), asked).unwrap().digest
    }

    #[test]
    fn other_requests_have_other_digests() {
        assert!(of("CreateUser", None, &["staff", "ada"]).is_none());
        let first = digest("CreateUser", &["staff", "ada"]);
        assert_eq!(first, digest("CreateUser", &["staff", "ada"]));
        assert_ne!(first, digest("DeleteUser", &["staff", "ada"]));
        assert_ne!(first, digest("CreateUser", &["staffa", "da"]));
        assert_ne!(first, digest("CreateUser", &["staff", "ada", ""]));
    }

    #[test]
    fn a_mismatch_names_the_token() {
        let idempotency = of("CreateUser", Some("t-1".to_owned()), &[]);
        let error = outcome(Once::<()>::Mismatch, idempotency.as_ref()).unwrap_err();
        assert_eq!(
            error.wire().message(),
            "The ClientRequestToken: t-1 you have supplied is already in use."
        );
    }
}
