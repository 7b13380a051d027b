//! Checks the key of a request, from its headers alone: before a byte of the body is read.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use selfsame_store::{ApiKey, Repository};
use uuid::Uuid;

use super::key::hash;
use super::limits::Limits;
use super::root::RootSecret;
use super::scope::{Scope, Scopes};
use crate::app::App;
use crate::error::{Code, Error};
use crate::secret::Secret;

/// Longer texts are no keys; they are not even hashed.
const MAX_KEY_BYTES: usize = 1024;

/// Decides who may call.
pub(crate) struct Access {
    store: Arc<dyn Repository>,
    open: bool,
}

/// Somebody with a valid key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The id of the key, for the log; nil where keys are switched off.
    pub(crate) key: Uuid,
    /// What it may do.
    pub(crate) scopes: Scopes,
    /// What it may touch.
    pub(crate) limits: Limits,
}

/// A caller who may use the portal's flows. As a handler's argument it makes the handler refuse everybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Portal(pub(crate) Caller);

/// A caller with an administrator's key. As a handler's argument it makes the handler refuse everybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Administrator(pub(crate) Caller);

impl Caller {
    /// Who calls where keys are switched off.
    fn anybody() -> Self {
        Self {
            key: Uuid::nil(),
            scopes: Scope::Admin.into(),
            limits: Limits::NONE,
        }
    }

    /// The server itself, in the tasks of state machines: only administrators may define those.
    pub(crate) fn server() -> Self {
        Self::anybody()
    }

    /// Whether the key may do this. What it may touch is another question.
    pub(crate) const fn may(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }

    /// Whether the key opens what belongs to no collection or bucket, as the metrics. One with limits does not.
    pub(crate) const fn is_administrator(&self) -> bool {
        self.may(Scope::Admin) && self.limits.is_none()
    }

    /// Whether the key may touch this collection.
    pub(crate) fn may_collection(&self, name: &str) -> bool {
        self.limits.allow_collection(name)
    }

    /// Whether the key may touch this bucket.
    pub(crate) fn may_bucket(&self, name: &str) -> bool {
        self.limits.allow_bucket(name)
    }
}

impl From<ApiKey> for Caller {
    fn from(row: ApiKey) -> Self {
        Self {
            key: row.id,
            scopes: Scopes::stored(&row.scope),
            limits: Limits {
                collections: row.collections,
                buckets: row.buckets,
            },
        }
    }
}

impl Access {
    /// Looks keys up in `store`; `open` lets everybody in, as administrator.
    pub(crate) const fn new(store: Arc<dyn Repository>, open: bool) -> Self {
        Self { store, open }
    }

    /// Whether everybody may do everything.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }

    /// The caller behind these headers. The key is looked up each time, so that one revoked by another process is
    /// refused at once.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Error> {
        if self.open {
            return Self::neighbour(headers);
        }
        let key = presented(headers).ok_or_else(|| Error::new(Code::Unauthorized))?;
        let found = self.store.find_by_hash(&hash(&key)).await?;
        let row = found.filter(|row| row.revoked.is_none());
        row.map(Caller::from)
            .ok_or_else(|| Error::new(Code::Unauthorized))
    }

    /// The caller behind an access key id and the secret with which their requests must be signed; `None` where nobody
    /// has this key (any more). Who knows the id knows nothing: it is sent with every request.
    pub(crate) async fn aws_caller(
        &self,
        root: &RootSecret,
        access_key_id: &str,
    ) -> Result<Option<(Caller, Secret)>, Error> {
        // Made first: an id that nobody has costs the same.
        let secret = root.aws_secret(access_key_id);
        let found = self.store.find_by_access_key_id(access_key_id).await?;
        let found = found.filter(|row| row.revoked.is_none());
        Ok(found.map(|row| (row.into(), secret)))
    }

    /// Without keys, only programs on this machine may call. Web pages are told from them by what their visitor's
    /// browser sends: the `Host`, where a page points a name of its own at 127.0.0.1 (DNS rebinding), and the
    /// `Origin`, where it calls 127.0.0.1 directly.
    fn neighbour(headers: &HeaderMap) -> Result<Caller, Error> {
        let allowed = |name, prefix: &str| {
            headers.get(name).is_none_or(|value| {
                let text = value.to_str().unwrap_or_default();
                text.strip_prefix(prefix).is_some_and(is_loopback)
            })
        };
        if !allowed(header::HOST, "") || !allowed(header::ORIGIN, "http://") {
            return Err(Error::new(Code::AccessDenied)
                .message("Without keys, the server answers only to localhost, 127.0.0.1 and [::1]."));
        }
        Ok(Caller::anybody())
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The key in `Authorization: Bearer …` or `X-Api-Key`.
fn presented(headers: &HeaderMap) -> Option<Secret> {
    let text = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(key)?
        }
        None => headers.get("x-api-key")?.to_str().ok()?,
    };
    let text = text.trim();
    (!text.is_empty() && text.len() <= MAX_KEY_BYTES).then(|| Secret::new(text))
}

impl FromRequestParts<Arc<App>> for Portal {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let caller = app.access.caller(&parts.headers).await?;
        if !caller.may(Scope::Portal) || !caller.may_collection(&app.settings.portal_collection) {
            return Err(Error::new(Code::AccessDenied).message("This API key may not use the portal."));
        }
        Ok(Self(caller))
    }
}

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let caller = app.access.caller(&parts.headers).await?;
        if !caller.is_administrator() {
            return Err(Error::new(Code::AccessDenied));
        }
        Ok(Self(caller))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use selfsame_store::{Keys as _, Memory};
    use selfsame_types::{Clock as _, SystemClock, SystemIds};

    use super::super::key::{Grant, mint, mint_aws};
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[tokio::test]
    async fn a_key_opens_until_it_is_revoked() {
        let store = Arc::new(Memory::new());
        let (secret, row) = mint("shop", &Scope::Portal.into(), &SystemClock, &SystemIds);
        store.create_key(&row).await.unwrap();
        let access = Access::new(store.clone(), false);
        for (name, value) in [
            ("authorization", format!("Bearer {}", secret.expose())),
            ("authorization", format!("bearer  {}", secret.expose())),
            ("x-api-key", secret.expose().to_owned()),
        ] {
            let caller = access.caller(&headers(name, &value)).await.unwrap();
            assert_eq!((caller.key, caller.scopes), (row.id, Scope::Portal.into()));
        }
        assert!(store.revoke_key(row.id, SystemClock.now()).await.unwrap());
        let error = access
            .caller(&headers("x-api-key", secret.expose()))
            .await
            .unwrap_err();
        assert_eq!(error.status(), 401);
    }

    #[tokio::test]
    async fn an_aws_key_is_known_by_its_id_until_it_is_revoked() {
        let store = Arc::new(Memory::new());
        let root = RootSecret::new([7; 32]);
        let grant = Grant {
            scopes: Scope::GalleryWrite.into(),
            limits: Limits {
                collections: vec!["staff".to_owned()],
                buckets: Vec::new(),
            },
        };
        let (id, secret, row) = mint_aws("boto", &grant, &root, &SystemClock, &SystemIds);
        store.create_key(&row).await.unwrap();
        let access = Access::new(store.clone(), false);
        let (caller, found) = access.aws_caller(&root, &id).await.unwrap().unwrap();
        assert_eq!((caller.key, found), (row.id, secret.clone()));
        assert!(caller.may(Scope::GalleryRead) && !caller.may(Scope::Portal) && !caller.is_administrator());
        assert!(caller.may_collection("staff") && !caller.may_collection("guests"));
        assert!(!caller.may_bucket("photos"));
        for text in [id.as_str(), secret.expose()] {
            let error = access.caller(&headers("x-api-key", text)).await.unwrap_err();
            assert_eq!(error.status(), 401, "an AWS key is no bearer's key");
        }
        for other in ["", "SSAKAAAAAAAAAAAAAAAA", &id.to_lowercase()] {
            assert_eq!(access.aws_caller(&root, other).await.unwrap(), None, "{other}");
        }
        assert!(store.revoke_key(row.id, SystemClock.now()).await.unwrap());
        assert_eq!(access.aws_caller(&root, &id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn everything_else_stays_outside() {
        let access = Access::new(Arc::new(Memory::new()), false);
        for headers in [
            HeaderMap::new(),
            headers("x-api-key", ""),
            headers("x-api-key", "ss_guess"),
            headers("authorization", "Basic YTpi"),
            headers("authorization", "Bearer"),
            headers("x-api-key", &"x".repeat(2000)),
        ] {
            assert_eq!(access.caller(&headers).await.unwrap_err().status(), 401);
        }
    }

    #[tokio::test]
    async fn without_keys_only_neighbours_call() {
        let access = Access::new(Arc::new(Memory::new()), true);
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:80",
            "[::1]:8080",
            "127.8.8.8",
        ] {
            assert!(access.caller(&headers("host", host)).await.is_ok(), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:8080",
            "10.0.0.1",
            "[fe80::1]",
        ] {
            let error = access.caller(&headers("host", host)).await.unwrap_err();
            assert_eq!(error.status(), 403, "{host}");
        }
        assert!(
            access
                .caller(&headers("origin", "http://localhost:8080"))
                .await
                .is_ok()
        );
        for origin in [
            "https://evil.example",
            "http://evil.example",
            "null",
            "http://localhost.evil.example",
        ] {
            let error = access.caller(&headers("origin", origin)).await.unwrap_err();
            assert_eq!(error.status(), 403, "{origin}");
        }
    }
}
