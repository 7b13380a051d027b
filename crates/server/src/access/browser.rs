//! Keys from browsers, which cannot send a header of our own: as the password of HTTP Basic authentication. Only pages
//! take them. A browser sends what it was told once with every later request to the same place, also where another site
//! has it make that request; what changes something must not be open to that.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::guard::{Access, Caller};
use crate::error::Error;

impl Access {
    /// The caller behind the headers of a request for a page: as [`Access::caller`], but the key may also be a password.
    pub(crate) async fn visitor(&self, headers: &HeaderMap) -> Result<Caller, Error> {
        match as_bearer(headers) {
            Some(headers) => self.caller(&headers).await,
            None => self.caller(headers).await,
        }
    }
}

/// The same headers with the password where a program has its key. Any user name will do.
fn as_bearer(headers: &HeaderMap) -> Option<HeaderMap> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (_, password) = decoded.split_once(':')?;
    let mut bearer = HeaderValue::from_str(&format!("Bearer {password}")).ok()?;
    bearer.set_sensitive(true);
    let mut headers = headers.clone();
    headers.insert(header::AUTHORIZATION, bearer);
    Some(headers)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use selfsame_store::{Keys as _, Memory};
    use selfsame_types::{SystemClock, SystemIds};

    use super::super::key::mint;
    use super::super::scope::Scope;
    use super::*;

    fn basic(text: &[u8]) -> HeaderMap {
        let value = format!("Basic {}", STANDARD.encode(text));
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap())])
    }

    #[tokio::test]
    async fn a_key_is_a_password_for_pages_only() {
        let store = Arc::new(Memory::new());
        let (secret, row) = mint("somebody", &Scope::Admin.into(), &SystemClock, &SystemIds);
        store.create_key(&row).await.unwrap();
        let access = Access::new(store, false);
        let key = secret.expose();
        for name in ["", "admin", "Zoë"] {
            let headers = basic(format!("{name}:{key}").as_bytes());
            assert_eq!(access.visitor(&headers).await.unwrap().key, row.id);
            assert_eq!(
                access.caller(&headers).await.unwrap_err().status(),
                401,
                "not elsewhere"
            );
        }
        let mut program = HeaderMap::new();
        program.insert("x-api-key", HeaderValue::from_str(key).unwrap());
        assert_eq!(access.visitor(&program).await.unwrap().key, row.id);
    }

    #[tokio::test]
    async fn other_passwords_open_nothing() {
        let access = Access::new(Arc::new(Memory::new()), false);
        for text in [
            &b""[..],
            b":",
            b"admin",
            b"admin:",
            b"admin:wrong",
            b"admin:a\nb",
            b"\xff:\xff",
        ] {
            let refused = access.visitor(&basic(text)).await.unwrap_err();
            assert_eq!(refused.status(), 401, "{text:?}");
        }
        let mut other = HeaderMap::new();
        other.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic *"));
        assert_eq!(access.visitor(&other).await.unwrap_err().status(), 401);
        assert_eq!(access.visitor(&HeaderMap::new()).await.unwrap_err().status(), 401);
    }
}
