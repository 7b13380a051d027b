//! Objects on another S3 server, named in the configuration. Nothing but reading, and nowhere else: no request and no
//! answer decides which server is asked.
//!
//! `rusty-s3` makes the address and signs it, the HTTP client that fetches models fetches the object. (The client of
//! `object_store` would bring a second HTTP stack, a second TLS library and forty crates for this one request.)

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use rusty_s3::actions::GetObject;
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use tokio::sync::Semaphore;
use ureq::Agent;

use crate::config::S3Config;

/// Objects fetched at one time; further ones wait. Ours: each holds a thread.
const FETCHES: usize = 16;
/// For connecting, and for the whole of it: half a flow's time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(15);
/// How long the address that we make for ourselves is valid.
const VALIDITY: Duration = Duration::from_mins(1);

/// Why there are no bytes.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// There is no such object, or we may not read it.
    #[error("the other S3 server answered {0}")]
    Refused(u16),
    /// It is larger than it may be.
    #[error("the object is too large")]
    TooLarge,
    /// Nobody answers, or not in time.
    #[error("the other S3 server cannot be reached")]
    Unreachable(#[source] Box<ureq::Error>),
    /// It stopped in the middle.
    #[error("the other S3 server stopped in the middle of an object")]
    Cut(#[source] std::io::Error),
    /// The thread that fetches died.
    #[error("the object could not be fetched")]
    Interrupted(#[source] tokio::task::JoinError),
}

/// The other server.
pub(super) struct Remote {
    endpoint: String,
    region: String,
    credentials: Arc<Credentials>,
    agent: Agent,
    free: Semaphore,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({})", self.endpoint)
    }
}

impl Remote {
    /// `None` where no other server is configured.
    pub(super) fn new(config: &S3Config) -> Option<Self> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!config.allow_http)
            // A redirection would be another server's.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT))
            .build()
            .into();
        let secret = config.secret_access_key.as_ref()?;
        Some(Self {
            endpoint: config.endpoint.clone()?,
            region: config.region.clone(),
            credentials: Arc::new(Credentials::new(
                config.access_key_id.clone()?,
                secret.expose().to_owned(),
            )),
            agent,
            free: Semaphore::new(FETCHES),
        })
    }

    /// The bytes of an object; `None` where no object can have this name.
    pub(super) async fn read(
        &self,
        bucket: &str,
        key: &str,
        max_bytes: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(address) = self.address(bucket, key) else {
            return Ok(None);
        };
        // The semaphore is never closed.
        let _place = self.free.acquire().await;
        let agent = self.agent.clone();
        let fetched = tokio::task::spawn_blocking(move || fetch(&agent, &address, max_bytes));
        fetched.await.map_err(Error::Interrupted)?.map(Some)
    }

    /// The signed address of an object. Names that an address would make something else of have none: `..` in a key
    /// would lead to another bucket.
    fn address(&self, bucket: &str, key: &str) -> Option<String> {
        let leads_elsewhere = key.split('/').any(|part| part == "." || part == "..");
        if key.is_empty() || leads_elsewhere || !s3s::path::check_bucket_name(bucket) {
            return None;
        }
        let endpoint = self.endpoint.parse().ok()?;
        let bucket = Bucket::new(endpoint, UrlStyle::Path, bucket.to_owned(), self.region.clone()).ok()?;
        let action = GetObject::new(&bucket, Some(&self.credentials), key);
        Some(action.sign(VALIDITY).to_string())
    }
}

fn fetch(agent: &Agent, address: &str, max_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut response = agent
        .get(address)
        .call()
        .map_err(|error| Error::Unreachable(Box::new(error)))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(Error::Refused(status));
    }
    let declared = response.body().content_length();
    if declared.is_some_and(|length| length > max_bytes) {
        return Err(Error::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(declared.unwrap_or(0)).unwrap_or(0));
    let reader = response.body_mut().with_config().limit(max_bytes + 2).reader();
    reader
        .take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::Cut)?;
    if bytes.len() as u64 > max_bytes {
        return Err(Error::TooLarge);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn remote() -> Remote {
        Remote::new(&S3Config {
            endpoint: Some("https://s3.example.com:9000".to_owned()),
            region: "eu-central-1".to_owned(),
            access_key_id: Some("ID".to_owned()),
            secret_access_key: Some(Secret::new("open sesame")),
            ..S3Config::default()
        })
        .unwrap()
    }

    #[test]
    fn only_the_configured_server_is_asked() {
        let remote = remote();
        for (bucket, key, path) in [
            ("photos", "a.jpg", "/photos/a.jpg"),
            ("photos", "a b+c/ä.jpg", "/photos/a%20b%2Bc/%C3%A4.jpg"),
            ("photos", "//evil.example/a", "/photos///evil.example/a"),
            ("photos", "a?x=1#y", "/photos/a%3Fx%3D1%23y"),
            ("photos", "%2e%2e/a", "/photos/%252e%252e/a"),
            ("photos", "a\\..\\b", "/photos/a%5C..%5Cb"),
        ] {
            let address = remote.address(bucket, key).unwrap();
            let begins = format!("https://s3.example.com:9000{path}?X-Amz-");
            assert!(address.starts_with(&begins), "{address}");
        }
        for (bucket, key) in [
            ("photos", ""),
            ("photos", "../secrets/a"),
            ("photos", "a/./b"),
            ("photos", "a/.."),
            ("..", "a"),
            ("a/b", "c"),
            ("evil.example@", "c"),
        ] {
            assert_eq!(remote.address(bucket, key), None, "{bucket} {key}");
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        let remote = remote();
        let address = remote.address("photos", "a").unwrap();
        assert!(!format!("{remote:?}{address}").contains("sesame"));
    }

    #[test]
    fn without_an_endpoint_there_is_none() {
        assert!(Remote::new(&S3Config::default()).is_none());
    }
}
